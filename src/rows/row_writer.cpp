#include "rows/row_writer.h"

#include <utility>

namespace iot::rows {

std::string_view content_type(Form form) noexcept {
  switch (form) {
    case Form::csv:
      return "text/csv; charset=utf-8; header=present";
    case Form::json_lines:
      return "application/x-ndjson";
    case Form::arrow:
      return "application/vnd.apache.arrow.stream";
  }
  return {};
}

std::unique_ptr<RowWriter> make_row_writer(Form form, Table table) {
  return form == Form::arrow ? make_arrow_writer(std::move(table)) : make_text_writer(form, std::move(table));
}

}  // namespace iot::rows
