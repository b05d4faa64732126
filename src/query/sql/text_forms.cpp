#include "query/sql/text_forms.h"

#include <algorithm>

#include "base/json_writer.h"

namespace iot::query::sql {
namespace {

std::string csv_cell(const std::string& text, char delimiter) {
  const bool plain = text.find_first_of("\"\r\n") == std::string::npos && text.find(delimiter) == std::string::npos;
  if (plain) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string tsv_cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\t') {
      escaped += "\\t";
    } else if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// UTF-8 characters.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string separated(const Rows& rows, bool with_columns, bool is_csv, char delimiter) {
  std::string out;
  const std::string end = is_csv ? "\r\n" : "\n";
  const auto cell = [&](std::size_t i, const std::string& text) {
    if (i > 0) out += delimiter;
    out += is_csv ? csv_cell(text, delimiter) : tsv_cell(text);
  };
  if (with_columns) {
    for (std::size_t i = 0; i < rows.columns.size(); ++i) cell(i, rows.columns[i].name);
    out += end;
  }
  for (const auto& row : rows.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) cell(i, to_text(row[i], rows.zone));
    out += end;
  }
  return out;
}

/// Names in the middle of their columns, as Elasticsearch's table has them.
std::string table(const Rows& rows, bool with_columns) {
  constexpr std::size_t width_min = 15;
  std::vector<std::size_t> widths;
  for (const Column& column : rows.columns) widths.push_back(std::max(width_min, width_of(column.name)));
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : rows.rows) {
    std::vector<std::string>& line = cells.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      line.push_back(row[i].is_null() ? "null" : to_text(row[i], rows.zone));
      widths[i] = std::max(widths[i], width_of(line.back()));
    }
  }
  std::string out;
  if (with_columns) {
    std::string rule;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::size_t blanks = widths[i] - width_of(rows.columns[i].name);
      out += (i > 0 ? "|" : "") + std::string(blanks / 2, ' ') + rows.columns[i].name +
             std::string(blanks - blanks / 2, ' ');
      rule += (i > 0 ? "+" : "") + std::string(widths[i], '-');
    }
    out += "\n" + rule + "\n";
  }
  for (const auto& line : cells) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      out += (i > 0 ? "|" : "") + line[i] + std::string(widths[i] - width_of(line[i]), ' ');
    }
    out += "\n";
  }
  return out;
}

}  // namespace

std::string json_form(const Rows& rows, bool with_columns, bool columnar, const std::string& cursor) {
  std::string out = "{";
  if (with_columns) {
    out += "\"columns\":[";
    for (std::size_t i = 0; i < rows.columns.size(); ++i) {
      out += i > 0 ? ",{\"name\":" : "{\"name\":";
      append_json_string(out, rows.columns[i].name);
      out += ",\"type\":\"" + rows.columns[i].type + "\"}";
    }
    out += "],";
  }
  const std::size_t outer = columnar ? rows.columns.size() : rows.rows.size();
  const std::size_t inner = columnar ? rows.rows.size() : rows.columns.size();
  out += columnar ? "\"values\":[" : "\"rows\":[";
  for (std::size_t i = 0; i < outer; ++i) {
    out += i > 0 ? ",[" : "[";
    for (std::size_t j = 0; j < inner; ++j) {
      if (j > 0) out += ',';
      append_json(out, columnar ? rows.rows[j][i] : rows.rows[i][j], rows.zone);
    }
    out += ']';
  }
  out += ']';
  if (!cursor.empty()) out += ",\"cursor\":\"" + cursor + "\"";
  return out + "}";
}

std::string text_form(Form form, const Rows& rows, bool with_columns, char delimiter) {
  if (form == Form::txt) return table(rows, with_columns);
  return separated(rows, with_columns, form == Form::csv, form == Form::csv ? delimiter : '\t');
}

std::string_view content_type(Form form) noexcept {
  switch (form) {
    case Form::csv:
      return "text/csv; charset=utf-8; header=present";
    case Form::tsv:
      return "text/tab-separated-values; charset=utf-8";
    case Form::txt:
      return "text/plain; charset=UTF-8";
    case Form::json:
      break;
  }
  return "application/json";
}

}  // namespace iot::query::sql
