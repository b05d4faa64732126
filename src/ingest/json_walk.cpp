#include "ingest/json_walk.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/json_writer.h"
#include "ingest/json_number.h"

namespace iot::ingest {

namespace ondemand = simdjson::ondemand;

namespace {

bool is_infinite(std::string_view number) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  // Out of range is also what is too small for a double, which is as good as zero: only the large are refused.
  if (error != std::errc::result_out_of_range) return false;
  const std::size_t exponent = number.find_first_of("eE");
  return exponent == std::string_view::npos || number.find('-', exponent) == std::string_view::npos;
}

/// Goes on after what it does not like, as far as it is JSON, so that the rest of the message can be judged too.
class Walker {
 public:
  /// `out` may be null.
  Walker(std::string* out, std::size_t depth_max) : out_(out), depth_max_(depth_max) {}

  WalkResult run(ondemand::value whole) { return value(whole, 0) ? dislike_ : WalkResult::malformed; }

 private:
  /// False if the value is not JSON.
  bool value(ondemand::value value, std::size_t depth) {
    ondemand::json_type type;
    if (value.type().get(type)) return false;
    switch (type) {
      case ondemand::json_type::object:
        return object(value, depth + 1);
      case ondemand::json_type::array:
        return array(value, depth + 1);
      case ondemand::json_type::number:
        return number(value);
      case ondemand::json_type::string:
        return string(value);
      case ondemand::json_type::boolean:
        return literal(value, "true", "false");
      case ondemand::json_type::null:
        return literal(value, "null", "null");
    }
    return false;
  }

  bool object(ondemand::value value, std::size_t depth) {
    if (depth > depth_max_) return too_deep();
    ondemand::object object;
    if (value.get_object().get(object)) return false;
    put("{");
    const std::size_t first_key = keys_.size();
    for (auto field_result : object) {
      ondemand::field field;
      if (std::move(field_result).get(field)) return false;
      std::string_view key;
      if (field.unescaped_key().get(key)) return false;
      if (keys_.size() > first_key) put(",");
      keys_.push_back(key);
      put_key(key);
      if (!this->value(field.value(), depth)) return false;
    }
    put("}");
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(first_key);
    std::sort(begin, keys_.end());
    if (std::adjacent_find(begin, keys_.end()) != keys_.end()) dislike_ = WalkResult::duplicate_key;
    keys_.resize(first_key);
    return true;
  }

  bool array(ondemand::value value, std::size_t depth) {
    if (depth > depth_max_) return too_deep();
    ondemand::array array;
    if (value.get_array().get(array)) return false;
    put("[");
    bool first = true;
    for (auto element_result : array) {
      ondemand::value element;
      if (std::move(element_result).get(element)) return false;
      if (!first) put(",");
      first = false;
      if (!this->value(element, depth)) return false;
    }
    put("]");
    return true;
  }

  bool number(ondemand::value value) {
    const std::string_view token = without_trailing_space(value.raw_json_token());
    if (!is_json_number(token)) return false;
    if (is_infinite(token)) dislike_ = WalkResult::out_of_range;
    put(token);
    return true;
  }

  bool string(ondemand::value value) {
    const std::string_view token = without_trailing_space(value.raw_json_token());
    std::string_view unescaped;
    if (value.get_string().get(unescaped)) return false;
    put(token);
    return true;
  }

  bool literal(ondemand::value value, std::string_view one, std::string_view other) {
    const std::string_view token = without_trailing_space(value.raw_json_token());
    put(token);
    return token == one || token == other;
  }

  /// The parser itself passes over what is deeper, without recursion and without a close look.
  bool too_deep() noexcept {
    dislike_ = WalkResult::too_deep;
    return true;
  }

  void put(std::string_view text) {
    if (out_) *out_ += text;
  }

  void put_key(std::string_view key) {
    if (!out_) return;
    append_json_string(*out_, key);
    *out_ += ':';
  }

  std::string* out_;
  std::size_t depth_max_;
  WalkResult dislike_ = WalkResult::whole;
  /// Keys of the objects that are open, the outermost first; they point into the parser's own memory.
  std::vector<std::string_view> keys_;
};

}  // namespace

std::string_view without_trailing_space(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

WalkResult append_compact(std::string& out, ondemand::value value, std::size_t depth_max) {
  return Walker(&out, depth_max).run(value);
}

WalkResult walk(ondemand::value value, std::size_t depth_max) {
  return Walker(nullptr, depth_max).run(value);
}

}  // namespace iot::ingest
