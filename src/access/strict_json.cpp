#include "access/strict_json.h"

#include <utility>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>

namespace iot::access {
namespace {

namespace json = boost::json;

/// Builds the value while the parser walks over the text, and stops it at a member that is there already.
class Builder {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  json::value take() { return std::move(root_); }
  bool found_duplicate() const noexcept { return duplicate_; }
  const std::string& duplicate_path() const noexcept { return duplicate_path_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return open(json::object()); }
  bool on_object_end(std::size_t, json::error_code& code) { return close(code); }
  bool on_array_begin(json::error_code&) { return open(json::array()); }
  bool on_array_end(std::size_t, json::error_code& code) { return close(code); }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return gather(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code& code) {
    gather(part);
    Frame& frame = frames_.back();
    frame.key = std::exchange(text_, {});
    if (!frame.container.get_object().contains(frame.key)) return true;
    duplicate_ = true;
    for (const Frame& each : frames_) {
      if (!each.container.is_object()) continue;
      duplicate_path_ += duplicate_path_.empty() ? each.key : "." + each.key;
    }
    code = json::error::not_found;
    return false;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return gather(part); }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    gather(part);
    return add(json::string(std::exchange(text_, {})));
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code&) { return add(number); }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code&) { return add(number); }
  bool on_double(double number, json::string_view, json::error_code&) { return add(number); }
  bool on_bool(bool flag, json::error_code&) { return add(flag); }
  bool on_null(json::error_code&) { return add(nullptr); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  struct Frame {
    json::value container;
    std::string key;  ///< of the member that is being read
  };

  bool gather(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }

  bool open(json::value container) {
    frames_.push_back({std::move(container), {}});
    return true;
  }

  bool close(json::error_code&) {
    json::value done = std::move(frames_.back().container);
    frames_.pop_back();
    return add(std::move(done));
  }

  bool add(json::value value) {
    if (frames_.empty()) {
      root_ = std::move(value);
    } else if (Frame& frame = frames_.back(); frame.container.is_object()) {
      frame.container.get_object().emplace(frame.key, std::move(value));
    } else {
      frame.container.get_array().push_back(std::move(value));
    }
    return true;
  }

  json::value root_;
  std::vector<Frame> frames_;
  std::string text_;
  bool duplicate_ = false;
  std::string duplicate_path_;
};

std::string in_words(const json::error_code& code, std::size_t depth_max) {
  if (code == json::error::incomplete) return "unexpected end of the text";
  if (code == json::error::extra_data) return "something follows the JSON value";
  if (code == json::error::too_deep) return "nested deeper than " + std::to_string(depth_max);
  return code.message();
}

}  // namespace

std::variant<json::value, JsonFault> parse_strict_json(std::string_view text, std::size_t depth_max) {
  json::parse_options options;
  options.max_depth = depth_max;
  json::basic_parser<Builder> parser(options);
  json::error_code code;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
  if (parser.handler().found_duplicate()) {
    const std::string& path = parser.handler().duplicate_path();
    return JsonFault{"the member \"" + path + "\" is given twice", path};
  }
  if (!code && read < text.size()) code = json::error::extra_data;
  if (code) return JsonFault{in_words(code, depth_max) + " at byte " + std::to_string(read), {}};
  return parser.handler().take();
}

}  // namespace iot::access
