// The fields inside a reading whose value is a JSON object, by dotted path: "position.lat". What is in an array counts
// each on its own, objects in arrays too; a key with dots is the same as objects inside each other, and equal keys are
// several values. Keys that no path can name ("", "a..b", " ") are passed over.
//
// One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "model/value.h"

namespace iot::query {

/// As index.mapping.depth.limit: parts of a path, `value` among them. What lies deeper has no field.
inline constexpr std::size_t object_depth_max = 20;
/// Of a path: what is longer has no field.
inline constexpr std::size_t object_path_bytes_max = 512;

/// Whether no part of a path is empty or blank.
bool has_whole_parts(std::string_view path) noexcept;
/// Whether a path can name a field: of whole parts, neither too many nor too long.
bool is_object_path(std::string_view path) noexcept;

class ObjectReader {
 public:
  ObjectReader();
  ~ObjectReader();
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;

  /// A scalar that is not null. Views are valid during the call.
  using VisitLeaf = std::function<void(std::string_view path, const model::RawValue& value)>;
  /// Each field in `json`, in its order.
  void each_leaf(std::string_view json, const VisitLeaf& visit);

  using VisitValue = std::function<void(const model::RawValue& value)>;
  /// The values of one field, in their order.
  void values_at(std::string_view json, std::string_view path, const VisitValue& visit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iot::query
