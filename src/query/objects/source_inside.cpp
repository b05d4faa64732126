#include "query/objects/source_inside.h"

#include <algorithm>
#include <vector>

#include <simdjson.h>

#include "base/json_writer.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

namespace ondemand = simdjson::ondemand;

/// Whether `path` fits the pattern part by part: `*` stays inside a part, `**` is any number of them.
bool fits_parts(std::string_view pattern, std::string_view path) {
  const auto first = [](std::string_view text) { return text.substr(0, text.find('.')); };
  const auto rest = [](std::string_view text) {
    const auto dot = text.find('.');
    return dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
  };
  while (!pattern.empty() && !path.empty()) {
    if (first(pattern) == "**") {
      if (fits_parts(rest(pattern), path)) return true;
      path = rest(path);
      continue;
    }
    if (!fits_wildcard(first(pattern), first(path))) return false;
    pattern = rest(pattern);
    path = rest(path);
  }
  return path.empty() && (pattern.empty() || pattern == "**");
}

/// Elasticsearch filters in two ways. Where no `exclude` has a `*`, it does so while reading: patterns fit part by
/// part, and what gets empty is left out. Else it filters a tree: `*` goes across dots, and objects that are shown stay
/// when they get empty, but for those in arrays.
class Copy {
 public:
  explicit Copy(const SourceFilter& filter)
      : filter_(filter), by_tree_(std::any_of(filter.excludes.begin(), filter.excludes.end(), [](const auto& pattern) {
          return pattern.find('*') != std::string::npos;
        })) {}

  bool is_included() const { return any_fits(filter_.includes); }
  bool is_excluded() const { return any_fits(filter_.excludes); }

  /// Appends the object at path_. `named`: all of it is shown but for what is excluded. False if it is left out.
  bool object(ondemand::object object, bool named, bool in_array, std::string& out) {
    JsonWriter json(out);
    json.begin_object();
    bool has_any = false, was_empty = true;
    for (auto field : object) {
      std::string_view key;
      ondemand::value value;
      if (field.unescaped_key().get(key) || std::move(field).value().get(value)) break;
      was_empty = false;
      const std::string name(key);
      const std::size_t length = path_.size();
      path_ += '.';
      path_ += name;
      std::string text;
      if (!is_excluded() && this->value(value, named || is_included(), false, text)) {
        json.key(name).raw(text);
        has_any = true;
      }
      path_.resize(length);
    }
    json.end_object();
    return has_any || stays_empty(named, in_array, was_empty);
  }

 private:
  bool any_fits(const std::vector<std::string>& patterns) const {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
      return by_tree_ ? fits_wildcard(pattern, path_) : fits_parts(pattern, path_);
    });
  }

  /// Whether something below path_ may be excluded.
  bool excludes_below() const {
    const std::string below = path_ + ".";
    return std::any_of(filter_.excludes.begin(), filter_.excludes.end(), [&](const std::string& pattern) {
      const std::string_view begin = std::string_view(pattern).substr(0, pattern.find('*'));
      return begin.starts_with(below) || (begin.size() < pattern.size() && below.starts_with(begin));
    });
  }

  bool stays_empty(bool named, bool in_array, bool was_empty) const {
    if (!named) return false;
    if (!by_tree_) return was_empty;
    return !in_array || !excludes_below();
  }

  bool value(ondemand::value value, bool named, bool in_array, std::string& out) {
    ondemand::json_type type;
    if (value.type().get(type)) return false;
    if (type == ondemand::json_type::object) {
      ondemand::object inner;
      return !value.get_object().get(inner) && object(inner, named, in_array, out);
    }
    if (type == ondemand::json_type::array) {
      ondemand::array items;
      return !value.get_array().get(items) && array(items, named, in_array, out);
    }
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

  bool array(ondemand::array items, bool named, bool in_array, std::string& out) {
    JsonWriter json(out);
    json.begin_array();
    bool has_any = false, was_empty = true;
    for (auto item : items) {
      ondemand::value element;
      if (std::move(item).get(element)) break;
      was_empty = false;
      std::string text;
      if (!value(element, named, true, text)) continue;
      json.raw(text);
      has_any = true;
    }
    json.end_array();
    return has_any || stays_empty(named, in_array, was_empty);
  }

  const SourceFilter& filter_;
  const bool by_tree_;
  std::string path_ = "value";
};

}  // namespace

std::optional<std::string> shown_source(const SourceFilter& filter, std::string_view object) {
  if (filter.includes.empty() && filter.excludes.empty()) return std::string(object);
  Copy copy(filter);
  if (copy.is_excluded()) return {};
  const bool named = filter.includes.empty() || copy.is_included();
  const auto is_inside = [](const std::string& pattern) { return pattern.find_first_of(".*") != std::string::npos; };
  if (named && std::none_of(filter.excludes.begin(), filter.excludes.end(), is_inside)) return std::string(object);
  simdjson::padded_string padded(object);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root;
  // What cannot be read was never taken in.
  if (parser.iterate(padded).get(document) || document.get_object().get(root)) return {};
  std::string text;
  if (!copy.object(root, named, false, text)) return {};
  return text;
}

}  // namespace iot::query
