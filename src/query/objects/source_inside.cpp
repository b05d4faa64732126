#include "query/objects/source_inside.h"

#include <algorithm>
#include <vector>

#include <simdjson.h>

#include "base/json_writer.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

namespace ondemand = simdjson::ondemand;

bool any_fits(const std::vector<std::string>& patterns, std::string_view path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return fits_wildcard(pattern, path); });
}

class Copy {
 public:
  explicit Copy(const SourceFilter& filter) : filter_(filter) {}

  /// Appends the object at path_. `named`: all of it is shown but for what is excluded. False if nothing is left.
  bool object(ondemand::object object, bool named, std::string& out) {
    JsonWriter json(out);
    json.begin_object();
    bool has_any = false;
    for (auto field : object) {
      std::string_view key;
      ondemand::value value;
      if (field.unescaped_key().get(key) || std::move(field).value().get(value)) break;
      const std::string name(key);
      const std::size_t length = path_.size();
      path_ += '.';
      path_ += name;
      std::string text;
      if (!any_fits(filter_.excludes, path_) && this->value(value, named || any_fits(filter_.includes, path_), text)) {
        json.key(name).raw(text);
        has_any = true;
      }
      path_.resize(length);
    }
    json.end_object();
    return has_any;
  }

 private:
  bool value(ondemand::value value, bool named, std::string& out) {
    ondemand::json_type type;
    if (value.type().get(type)) return false;
    if (type == ondemand::json_type::object) {
      ondemand::object inner;
      if (value.get_object().get(inner)) return false;
      return object(inner, named, out) || named;
    }
    if (type == ondemand::json_type::array) return array(value, named, out) || named;
    if (!named) return false;
    if (type == ondemand::json_type::string) {
      std::string_view text;
      if (value.get_string().get(text)) return false;
      JsonWriter(out).string(text);
      return true;
    }
    const std::string_view token = value.raw_json_token();
    out += token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    return true;
  }

  bool array(ondemand::value value, bool named, std::string& out) {
    ondemand::array items;
    if (value.get_array().get(items)) return false;
    JsonWriter json(out);
    json.begin_array();
    bool has_any = false;
    for (auto item : items) {
      ondemand::value element;
      ondemand::json_type type;
      if (std::move(item).get(element) || element.type().get(type)) break;
      std::string text;
      // Objects keep their place in the array.
      const bool shown = this->value(element, named, text) || type == ondemand::json_type::object;
      if (!shown) continue;
      json.raw(text);
      has_any = true;
    }
    json.end_array();
    return has_any;
  }

  const SourceFilter& filter_;
  std::string path_ = "value";
};

}  // namespace

std::optional<std::string> shown_source(const SourceFilter& filter, std::string_view object) {
  if (any_fits(filter.excludes, "value")) return {};
  const bool named = filter.includes.empty() || any_fits(filter.includes, "value");
  const auto is_inside = [](const std::string& pattern) { return pattern.find_first_of(".*") != std::string::npos; };
  if (named && std::none_of(filter.excludes.begin(), filter.excludes.end(), is_inside)) return std::string(object);
  simdjson::padded_string padded(object);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root;
  // What cannot be read was never taken in.
  if (parser.iterate(padded).get(document) || document.get_object().get(root)) return {};
  std::string text;
  const bool has_any = Copy(filter).object(root, named, text);
  if (!has_any && !named) return {};
  return text;
}

}  // namespace iot::query
