// Elasticsearch's date formats: text to moment and back. "strict_date_optional_time||epoch_millis", "yyyy-MM-dd", ...
//
// A value, parsed once per request; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/calendar.h"
#include "query/es_error.h"
#include "query/time_zone.h"

namespace iot::query {

/// What stands in for parts that the text leaves out: their first value or their last.
enum class FillUp { first, last };

/// A moment as read, and the zone if the text named one.
struct ParsedDate {
  Moment moment;
  std::optional<TimeZone> zone;
};

class DateFormat {
 public:
  /// Alternatives with "||" between them: the named formats of docs/queries.md and patterns of java.time's letters
  /// (y u M d E H k h a m s S n X x Z z, quotes, and optional parts in brackets). Refused: any other letter.
  static EsResult<DateFormat> parse(std::string_view formats);

  /// The format of `timestamp`, and that of `date`.
  static const DateFormat& date_nanos();
  static const DateFormat& date_millis();
  /// epoch_millis alone.
  static const DateFormat& milliseconds();

  /// Reads `text`; a text without a zone is in `zone`. Nothing if no alternative fits.
  std::optional<ParsedDate> read(std::string_view text, FillUp fill, const TimeZone& zone) const;

  /// Writes with the first alternative.
  std::string write(Moment moment, const TimeZone& zone) const;

  /// As the request gave it, for error messages.
  const std::string& text() const noexcept { return text_; }
  /// True if write() gives a number: shown as one in some places.
  bool is_epoch() const noexcept;

  struct Item;
  /// `date_time_nanos` reads as its pattern and writes up to nine digits of the fraction.
  enum class Kind { optional_time, optional_time_nanos, date_time_nanos, epoch_millis, epoch_second, pattern };
  struct Alternative {
    Kind kind = Kind::pattern;
    std::shared_ptr<const std::vector<Item>> items;
  };

 private:
  std::string text_;
  std::vector<Alternative> alternatives_;
};

}  // namespace iot::query
