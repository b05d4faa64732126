// Times of a column as text: the same as base/time_text.h, but in readings that follow each other the day is the same,
// so it is written once.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace iot::rows {

class TimeColumn {
 public:
  /// Appends "2018-05-19T08:19:27.000000000Z".
  void append(std::string& out, Timestamp time);

 private:
  std::int64_t day_ = -1;
  /// "2018-05-19T00:00:00.000000000Z" of that day; the digits of the time of day are written over.
  std::string text_;
};

}  // namespace iot::rows
