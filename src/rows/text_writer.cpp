// CSV and JSON lines.
#include <charconv>
#include <utility>

#include "base/json_writer.h"
#include "model/value.h"
#include "rows/csv.h"
#include "rows/row_writer.h"
#include "rows/time_column.h"

namespace iot::rows {
namespace {

/// Written before a row's bytes are known, so that they seldom have to be moved.
constexpr std::size_t row_bytes_usual = 64;

class TextWriter : public RowWriter {
 public:
  explicit TextWriter(Table table) : table_(std::move(table)) {}

  Result<std::size_t> add(std::size_t source, const store::Block& block, Places places, std::size_t bytes_max,
                          std::string& out) override {
    begin_source(source);
    const std::size_t begin = out.size();
    out.reserve(begin + std::min(bytes_max, places.size() * row_bytes_usual) + row_bytes_usual);
    std::size_t rows = 0;
    do {
      add_row(block, places[rows++], out);
    } while (rows < places.size() && out.size() - begin < bytes_max);
    return rows;
  }

  void end(std::string&) override {}

 protected:
  const Source& source() const noexcept { return table_.sources[source_]; }

  /// Called where rows of another source follow.
  virtual void source_changed() = 0;
  virtual void add_row(const store::Block& block, std::size_t place, std::string& out) = 0;

  void append_number(std::string& out, std::int64_t number) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  }

  /// Numbers, booleans, and dates, all of which look the same in both forms but for the quotes of a date.
  void append_plain_value(const store::Block& block, std::size_t place, std::string& out) {
    if (block.kind == model::ColumnKind::real) {
      model::append_value_json(out, source().mapping, block.reals[place]);
    } else {
      model::append_value_json(out, source().mapping, block.integers[place]);
    }
  }

  const Table table_;
  TimeColumn times_;

 private:
  void begin_source(std::size_t source) {
    if (begun_ && source == source_) return;
    begun_ = true;
    source_ = source;
    source_changed();
  }

  bool begun_ = false;
  std::size_t source_ = 0;
};

class CsvWriter final : public TextWriter {
 public:
  using TextWriter::TextWriter;

  void begin(std::string& out) override {
    const Columns& columns = table_.columns;
    const char* separator = "";
    for (const auto& [shown, name] : {std::pair{columns.timestamp, "timestamp"},
                                      {columns.device_id, "device_id"},
                                      {columns.sensor_id, "sensor_id"},
                                      {columns.value, "value"}}) {
      if (!shown) continue;
      out.append(separator).append(name);
      separator = ",";
    }
    out += line_end;
  }

 private:
  static constexpr std::string_view line_end = "\r\n";

  void source_changed() override {
    const Columns& columns = table_.columns;
    ids_.clear();
    if (columns.device_id) ids_ += source().device.to_string();
    if (columns.device_id && columns.sensor_id) ids_ += ',';
    if (columns.sensor_id) ids_ += source().sensor.to_string();
    const bool has_ids = columns.device_id || columns.sensor_id;
    if (has_ids && columns.timestamp) ids_.insert(0, ",");
    if (columns.value && (has_ids || columns.timestamp)) ids_ += ',';
  }

  void add_row(const store::Block& block, std::size_t place, std::string& out) override {
    if (table_.columns.timestamp) {
      if (table_.times == TimeText::rfc3339) {
        times_.append(out, {block.times_ns[place]});
      } else {
        append_number(out, block.times_ns[place]);
      }
    }
    out += ids_;
    if (table_.columns.value) {
      if (block.kind == model::ColumnKind::text) {
        append_csv_text(out, block.texts[place]);
      } else if (source().mapping == model::MappingType::date) {
        dates_.append(out, {block.integers[place]});
      } else {
        append_plain_value(block, place, out);
      }
    }
    out += line_end;
  }

  std::string ids_;  ///< what stands between time and value
  TimeColumn dates_;
};

class JsonLinesWriter final : public TextWriter {
 public:
  using TextWriter::TextWriter;

  void begin(std::string&) override {}

 private:
  void source_changed() override {
    const Columns& columns = table_.columns;
    before_value_.clear();
    if (columns.device_id) before_value_ += ",\"device_id\":\"" + source().device.to_string() + '"';
    if (columns.sensor_id) before_value_ += ",\"sensor_id\":\"" + source().sensor.to_string() + '"';
    if (columns.value) before_value_ += ",\"value\":";
    if (!columns.timestamp && !before_value_.empty()) before_value_.erase(0, 1);
  }

  void add_row(const store::Block& block, std::size_t place, std::string& out) override {
    out += '{';
    if (table_.columns.timestamp) {
      out += "\"timestamp\":";
      if (table_.times == TimeText::rfc3339) {
        out += '"';
        times_.append(out, {block.times_ns[place]});
        out += '"';
      } else {
        append_number(out, block.times_ns[place]);
      }
    }
    out += before_value_;
    if (table_.columns.value) {
      if (block.kind == model::ColumnKind::text) {
        model::append_value_json(out, source().mapping, block.texts[place]);
      } else {
        append_plain_value(block, place, out);
      }
    }
    out += "}\n";
  }

  std::string before_value_;
};

}  // namespace

std::unique_ptr<RowWriter> make_text_writer(Form form, Table table) {
  if (form == Form::csv) return std::make_unique<CsvWriter>(std::move(table));
  return std::make_unique<JsonLinesWriter>(std::move(table));
}

}  // namespace iot::rows
