// Readings as lines of text, as import takes them: CSV (RFC 4180) with the columns device_id, sensor_id, timestamp and
// value, or JSON lines with members of the same names. Values in, values out. What export writes: rows/row_writer.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/failure.h"
#include "base/ids.h"
#include "rows/row_writer.h"

namespace iot::server {

/// Of rows' forms, CSV and JSON lines are taken.
using ReadingsFormat = rows::Form;

/// By the explicit name ("csv", "jsonl"), else by the file's ending (.jsonl, .ndjson, .json), else CSV.
ReadingsFormat readings_format(std::string_view explicit_name, std::string_view file_name);

/// The fields of one CSV record, unquoted; nothing if a quote is open at the end or stands inside a bare field. A
/// record may span lines where a field is quoted: `is_open` tells that more of it follows.
std::optional<std::vector<std::string>> split_csv(std::string_view record);
bool is_open_csv(std::string_view record) noexcept;

/// Turns records into the JSON form that gateways take, one object a record, and tells its device.
class ReadingsReader {
 public:
  explicit ReadingsReader(ReadingsFormat format) : format_(format) {}

  struct Line {
    DeviceId device;
    std::string reading;  ///< {"sensor_id":...,"timestamp":...,"value":...}
  };
  /// Nothing for CSV's head line and for empty lines. Errc::usage names what is wrong (the caller knows the line).
  Result<std::optional<Line>> read(std::string_view record);

  /// Whether the record goes on in the next line.
  bool needs_more(std::string_view record) const noexcept {
    return format_ == ReadingsFormat::csv && is_open_csv(record);
  }

 private:
  Result<std::optional<Line>> read_csv(std::string_view record);
  static Result<std::optional<Line>> read_json(std::string_view record);

  ReadingsFormat format_;
  /// Where in a record the four columns stand; known after the head line.
  std::optional<std::array<std::size_t, 4>> columns_;
};

}  // namespace iot::server
