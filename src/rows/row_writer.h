// Readings as a table, a row each: CSV (RFC 4180), JSON lines, or Apache Arrow's IPC streaming format. Blocks of the
// store in, bytes out; where they go is not known here. docs/export.md says what each form looks like.
//
// For answers in Elasticsearch's form: query/hits.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/failure.h"
#include "base/ids.h"
#include "model/mapping.h"
#include "store/reading_store.h"

namespace iot::rows {

enum class Form { csv, json_lines, arrow };

/// "text/csv; charset=utf-8; header=present": what an answer says of itself.
std::string_view content_type(Form form) noexcept;

/// How the column `timestamp` is written as text.
enum class TimeText { rfc3339, epoch_ns };

/// Which columns a table has; they stand in this order.
struct Columns {
  bool timestamp = true;
  bool device_id = true;
  bool sensor_id = true;
  bool value = true;

  bool any() const noexcept { return timestamp || device_id || sensor_id || value; }
};

/// One sensor whose readings are rows.
struct Source {
  DeviceId device;
  SensorId sensor;
  model::MappingType mapping = model::MappingType::double_precision;
};

struct Table {
  Columns columns = {};
  TimeText times = TimeText::rfc3339;
  /// For Arrow all of one mapping, unless the column `value` is left out.
  std::vector<Source> sources;
  /// What a value of the only source is measured in, for Arrow's metadata.
  std::optional<std::string> unit = {};
};

/// Which readings of a block become rows, and in which order. A view: the list must outlive it.
struct Places {
  const std::uint32_t* list = nullptr;  ///< places in the block, ascending; null: all of them
  std::size_t begin = 0;                ///< of the list, or of the block; included
  std::size_t end = 0;                  ///< not included
  bool reversed = false;                ///< the last one first

  std::size_t size() const noexcept { return end - begin; }
  std::size_t operator[](std::size_t i) const noexcept {
    const std::size_t at = reversed ? end - 1 - i : begin + i;
    return list ? list[at] : at;
  }
  /// Without the first `count` in their order.
  Places after(std::size_t count) const noexcept {
    return reversed ? Places{list, begin, end - count, true} : Places{list, begin + count, end, false};
  }
  /// The first `count` in their order.
  Places first(std::size_t count) const noexcept {
    return reversed ? Places{list, end - count, end, true} : Places{list, begin, begin + count, false};
  }
};

/// One table, written from its beginning to its end. One thread at a time.
class RowWriter {
 public:
  virtual ~RowWriter() = default;

  /// Appends what stands before the first row.
  virtual void begin(std::string& out) = 0;
  /// Appends rows of `block`, readings of the table's source `source`, until about `bytes_max` are written: at least
  /// one row of `places`, which are not empty. How many were written, or an error where a value is not in the form in
  /// which the store keeps it (model::Errc::value_does_not_fit: a fault of the store's).
  virtual Result<std::size_t> add(std::size_t source, const store::Block& block, Places places, std::size_t bytes_max,
                                  std::string& out) = 0;
  /// Appends what stands after the last row.
  virtual void end(std::string& out) = 0;
};

std::unique_ptr<RowWriter> make_row_writer(Form form, Table table);

// One form each; use make_row_writer().
std::unique_ptr<RowWriter> make_text_writer(Form form, Table table);
std::unique_ptr<RowWriter> make_arrow_writer(Table table);

}  // namespace iot::rows
