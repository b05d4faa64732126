// One index as queries see it: which fields a document has, of which type, and which of them are the same in every
// document.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "query/elasticsearch.h"
#include "query/es_error.h"
#include "store/reading_store.h"

namespace iot::query {

class FieldLookup;

/// What a request names: one of the fields that every document has, or one inside the object that its value is.
class Field {
 public:
  enum Name {
    unmapped,
    timestamp,
    device_id,
    sensor_id,
    value,
    id,
    index,
    inside_value,  ///< "value.temp": path() says which
  };
  constexpr Field(Name name = unmapped) noexcept : name_(name) {}
  /// The field "value.<path>"; with `*` in it, all that it fits.
  static Field inside(std::string_view path);

  constexpr operator Name() const noexcept { return name_; }
  /// Behind "value."; of inside_value alone.
  const std::string& path() const noexcept { return *path_; }
  bool is_pattern() const noexcept { return path_ && path_->find('*') != std::string::npos; }

 private:
  Name name_;
  std::shared_ptr<const std::string> path_;
};
Field field_named(std::string_view name);

struct Series {
  explicit Series(const Index& index_of);

  Index index;
  std::string device_text;
  std::string sensor_text;
  std::string name;                  ///< of the index
  std::uint32_t ordinal = 0;         ///< among the indices of the request
  store::TimeRange window;           ///< readings outside are not part of what is searched
  std::string value_name = "value";  ///< what errors call the field that Field::value is
  /// Of what stands for the values of a field inside objects (objects/inside_field.h): the index they are in.
  const Series* document = nullptr;
  /// What knows the fields inside objects; null where they cannot be asked for.
  FieldLookup* fields = nullptr;

  model::MappingType mapping() const noexcept { return index.mapping; }
  model::ColumnKind kind() const noexcept { return model::column_kind(index.mapping); }
  /// True where `field` has the same text in every document; constant_text() gives it.
  static bool is_constant(const Field& field) noexcept {
    return field == Field::device_id || field == Field::sensor_id || field == Field::index;
  }
  const std::string& constant_text(const Field& field) const noexcept;
};

/// 22 characters that follow from the index's name.
std::string index_uuid(std::string_view index_name);

/// A query that this index does not have, as query_shard_exception says it.
EsError query_refused(const Series& series, std::string reason);
/// A query that cannot be made for this index, as query_shard_exception says it.
EsError failed_to_create_query(const Series& series, EsError cause);
/// Where fields inside objects cannot be asked for.
EsError inside_not_supported(const Series& series);
/// A text value cannot be sorted or aggregated.
EsError fielddata_disabled(const Series& series, std::string_view field);
/// An id cannot be sorted, aggregated or shown as a field.
EsError id_fielddata_disabled();

}  // namespace iot::query
