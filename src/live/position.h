// Where in the stream of all readings somebody is: behind which reading of which record of the event log.
//
// As text "17.2": the second reading of record 17 is the last one seen; "17.0": everything before record 17.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "log/event_log.h"

namespace iot::live {

struct Position {
  log::Position record;
  std::uint32_t readings = 0;  ///< of this record that were seen

  constexpr auto operator<=>(const Position&) const = default;
  std::string to_string() const;
};

/// Behind everything up to this record, included.
constexpr Position after(log::Position record) noexcept {
  return {{record.value + 1}, 0};
}

/// Nothing if it is of another form.
std::optional<Position> parse_position(std::string_view text) noexcept;

}  // namespace iot::live
