// Reads the members of a request's JSON object and gathers all that is wrong with them, so that one answer names every
// fault. A member that nobody asked for is a fault too: a misspelt one would otherwise be passed over in silence.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "api/refusal.h"
#include "model/mapping.h"
#include "model/retention.h"

namespace iot::api {

class Fields {
 public:
  /// Of `value`, which must be an object, else that is a fault. `prefix` goes before names in faults ("[3].").
  Fields(const boost::json::value& value, std::string prefix);
  explicit Fields(const boost::json::value& value) : Fields(value, {}) {}

  /// A string. Nothing if the member is absent, and also, with a fault, if it is of another type.
  std::optional<std::string> text(std::string_view name);
  /// The same; its absence is a fault. Then, or where it is of another type, the empty string.
  std::string required_text(std::string_view name);
  /// An id: a canonical decimal string or an integer.
  std::optional<std::int64_t> required_id(std::string_view name);
  /// Seconds as an integer, or a number with a unit as "90s", "15m", "12h", "30d", "2w"; from a second to 100 years.
  /// Null is nothing inside; absent is nothing.
  std::optional<std::optional<std::chrono::seconds>> duration(std::string_view name);
  /// `{"minutes": "365d", "hours": "forever"}`: durations as above or for ever; absent or null: not kept. Null instead
  /// of the object is nothing inside; absent is nothing.
  std::optional<std::optional<model::Rollups>> rollups(std::string_view name);
  /// `{"type": "double"}`, or the same as a string of JSON.
  std::optional<model::MappingType> mapping(std::string_view name);

  /// Any JSON; null if it is absent. Valid as long as what the object was made of.
  const boost::json::value* value(std::string_view name) { return take(name); }

  bool has(std::string_view name) const noexcept { return object_ && object_->contains(name); }
  void fault(std::string message, std::string_view name);

  /// All faults, with those of members that were not asked for.
  std::vector<Fault> finish();

 private:
  const boost::json::value* take(std::string_view name);
  std::chrono::seconds rollup_age(std::string_view name);

  const boost::json::object* object_ = nullptr;
  std::string prefix_;
  std::set<std::string, std::less<>> known_;
  std::vector<Fault> faults_;
};

/// What Fields::duration reads of a string; nothing where it is of another form or range.
std::optional<std::chrono::seconds> parse_duration(std::string_view text) noexcept;

/// Passwords are argon2id's input: longer ones only cost time, shorter ones are guessed.
inline constexpr std::size_t password_bytes_min = 8;
inline constexpr std::size_t password_bytes_max = 1'024;

}  // namespace iot::api
