#include "registry/stored_rollups.h"

#include <charconv>
#include <string_view>

#include <soci/soci.h>

namespace iot::registry {
namespace {

using std::chrono::seconds;

constexpr std::string_view forever_text = "forever";

std::string text_of(seconds age) {
  return age == model::forever ? std::string(forever_text) : std::to_string(age.count());
}

/// Takes an age and the space behind it off the front of `text`; nothing where there is none.
std::optional<seconds> take_age(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (word == forever_text) return model::forever;
  std::int64_t age_s = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), age_s);
  if (error != std::errc{} || stop != word.data() + word.size() || age_s < 0) return {};
  return seconds(age_s);
}

}  // namespace

std::string stored_rollups(const std::optional<model::Rollups>& rollups) {
  if (!rollups) return {};
  return text_of(rollups->minutes) + " " + text_of(rollups->hours) + " " + text_of(rollups->days);
}

std::optional<model::Rollups> rollups_from(const std::string& stored) {
  if (stored.empty()) return {};
  std::string_view rest(stored);
  const auto minutes = take_age(rest);
  const auto hours = take_age(rest);
  const auto days = take_age(rest);
  const model::Rollups read{minutes.value_or(seconds(0)), hours.value_or(seconds(0)), days.value_or(seconds(0))};
  const bool is_whole = minutes && hours && days && stored_rollups(read) == stored;
  if (!is_whole) throw soci::soci_error("stored ages of rollups are of no known form: " + stored);
  return read;
}

}  // namespace iot::registry
