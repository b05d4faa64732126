// Dates, date math, formats and zones of any bytes. The first line is a format, the second a zone, the rest the date.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "query/date_math.h"
#include "query/rounding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iot::query;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto take_line = [&] {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return line;
  };
  const std::string_view format_text = take_line();
  const TimeZone zone = TimeZone::parse(take_line()).value_or(TimeZone());
  const auto format = DateFormat::parse(format_text);
  const DateFormat& used = format ? *format : DateFormat::date_nanos();
  for (const FillUp fill : {FillUp::first, FillUp::last}) {
    const auto moment = evaluate_date(text, used, {{1'526'717'967'123'456'789}, fill, zone});
    if (!moment) continue;
    if (moment->nanos < 0 || moment->nanos > 999'999'999) std::abort();
    static_cast<void>(used.write(*moment, zone));
    if (const auto unit = parse_calendar_interval(text.substr(0, 2))) {
      const Rounding rounding(*unit, zone, 0);
      if (rounding.piece_at(moment->to_ms()).end_ms <= moment->to_ms()) std::abort();
    }
  }
  static_cast<void>(parse_fixed_interval_ms(text));
  return 0;
}
