#include "query/objects/object_reader.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include <simdjson.h>

namespace iot::query {
namespace {

namespace ondemand = simdjson::ondemand;

/// A scalar as it was sent; nothing for null and for what cannot be read.
std::optional<model::RawValue> scalar_of(ondemand::value value, ondemand::json_type type) {
  using Kind = model::RawValue::Kind;
  switch (type) {
    case ondemand::json_type::number: {
      std::string_view text = value.raw_json_token();
      const auto end = text.find_last_not_of(" \t\r\n");
      text = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
      return model::RawValue{Kind::number, text};
    }
    case ondemand::json_type::string: {
      std::string_view text;
      if (value.get_string().get(text)) return {};
      return model::RawValue{Kind::string, text};
    }
    case ondemand::json_type::boolean: {
      bool flag = false;
      if (value.get_bool().get(flag)) return {};
      return model::RawValue{flag ? Kind::boolean_true : Kind::boolean_false, {}};
    }
    default:
      return {};
  }
}

/// Walks through one object. False where it cannot be read further: what came before holds.
class Walk {
 public:
  explicit Walk(const ObjectReader::VisitLeaf& visit) : visit_(visit) {}

  bool object(ondemand::object object, std::size_t depth) {
    for (auto field : object) {
      std::string_view key;
      ondemand::value value;
      if (field.unescaped_key().get(key) || std::move(field).value().get(value)) return false;
      const std::size_t length = path_.size();
      if (!path_.empty()) path_ += '.';
      path_ += key;
      const bool goes_on = !is_object_path(path_) || this->value(value, depth);
      path_.resize(length);
      if (!goes_on) return false;
    }
    return true;
  }

 private:
  bool value(ondemand::value value, std::size_t depth) {
    ondemand::json_type type;
    if (value.type().get(type)) return false;
    if (type == ondemand::json_type::object) {
      ondemand::object inner;
      return depth >= object_depth_max || (!value.get_object().get(inner) && object(inner, depth + 1));
    }
    if (type == ondemand::json_type::array) {
      if (depth >= object_depth_max) return true;
      ondemand::array items;
      if (value.get_array().get(items)) return false;
      for (auto item : items) {
        ondemand::value element;
        if (std::move(item).get(element) || !this->value(element, depth + 1)) return false;
      }
      return true;
    }
    if (const auto scalar = scalar_of(value, type)) visit_(path_, *scalar);
    return true;
  }

  const ObjectReader::VisitLeaf& visit_;
  std::string path_;
};

/// Looks for one path.
class Search {
 public:
  explicit Search(const ObjectReader::VisitValue& visit) : visit_(visit) {}

  bool object(ondemand::object object, std::string_view path, std::size_t depth) {
    for (auto field : object) {
      std::string_view key;
      if (field.unescaped_key().get(key)) return false;
      const bool begins = path.starts_with(key);
      const bool is_it = begins && path.size() == key.size();
      const bool is_above = begins && !key.empty() && path.size() > key.size() + 1 && path[key.size()] == '.';
      if (!is_it && !is_above) continue;
      const std::string_view rest = is_it ? std::string_view() : path.substr(key.size() + 1);
      ondemand::value value;
      if (std::move(field).value().get(value) || !this->value(value, rest, depth)) return false;
    }
    return true;
  }

 private:
  /// `path`: what is still to be gone down; empty at the value itself.
  bool value(ondemand::value value, std::string_view path, std::size_t depth) {
    ondemand::json_type type;
    if (value.type().get(type)) return false;
    if (type == ondemand::json_type::array) {
      if (depth >= object_depth_max) return true;
      ondemand::array items;
      if (value.get_array().get(items)) return false;
      for (auto item : items) {
        ondemand::value element;
        if (std::move(item).get(element) || !this->value(element, path, depth + 1)) return false;
      }
      return true;
    }
    if (type == ondemand::json_type::object) {
      ondemand::object inner;
      if (path.empty() || depth >= object_depth_max) return true;
      return !value.get_object().get(inner) && object(inner, path, depth + 1);
    }
    if (!path.empty()) return true;
    if (const auto scalar = scalar_of(value, type)) visit_(*scalar);
    return true;
  }

  const ObjectReader::VisitValue& visit_;
};

}  // namespace

bool has_whole_parts(std::string_view path) noexcept {
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('.', at), path.size());
    if (path.substr(at, end - at).find_first_not_of(" \t\r\n") == std::string_view::npos) return false;
    at = end + 1;
  }
  return true;
}

bool is_object_path(std::string_view path) noexcept {
  // `value` itself is the first part.
  const auto parts = 2 + static_cast<std::size_t>(std::count(path.begin(), path.end(), '.'));
  return path.size() <= object_path_bytes_max && parts <= object_depth_max && has_whole_parts(path);
}

struct ObjectReader::State {
  ondemand::parser parser;
  std::vector<char> padded;

  /// The object, copied to where the parser may read past its end.
  template <class Visit>
  void with(std::string_view json, const Visit& visit) {
    if (padded.size() < json.size() + simdjson::SIMDJSON_PADDING) {
      padded.resize(json.size() + simdjson::SIMDJSON_PADDING);
    }
    std::memcpy(padded.data(), json.data(), json.size());
    std::memset(padded.data() + json.size(), 0, simdjson::SIMDJSON_PADDING);
    ondemand::document document;
    ondemand::object object;
    if (parser.iterate(padded.data(), json.size(), padded.size()).get(document)) return;
    if (document.get_object().get(object)) return;
    visit(object);
  }
};

ObjectReader::ObjectReader() : state_(std::make_unique<State>()) {}
ObjectReader::~ObjectReader() = default;

void ObjectReader::each_leaf(std::string_view json, const VisitLeaf& visit) {
  state_->with(json, [&](ondemand::object object) { static_cast<void>(Walk(visit).object(object, 1)); });
}

void ObjectReader::values_at(std::string_view json, std::string_view path, const VisitValue& visit) {
  state_->with(json, [&](ondemand::object object) { static_cast<void>(Search(visit).object(object, path, 1)); });
}

}  // namespace iot::query
