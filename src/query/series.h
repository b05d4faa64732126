// One index as queries see it: which fields a document has, of which type, and which of them are the same in every
// document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "query/elasticsearch.h"
#include "query/es_error.h"
#include "store/reading_store.h"

namespace iot::query {

enum class Field {
  unmapped,
  timestamp,
  device_id,
  sensor_id,
  value,
  id,
  index,
  inside_value,  ///< "value.temp": a field of an object
};
Field field_named(std::string_view name) noexcept;

struct Series {
  explicit Series(const Index& index_of);

  Index index;
  std::string device_text;
  std::string sensor_text;
  std::string name;           ///< of the index
  std::uint32_t ordinal = 0;  ///< among the indices of the request
  store::TimeRange window;    ///< readings outside are not part of what is searched

  model::MappingType mapping() const noexcept { return index.mapping; }
  model::ColumnKind kind() const noexcept { return model::column_kind(index.mapping); }
  /// True where `field` has the same text in every document; constant_text() gives it.
  static bool is_constant(Field field) noexcept {
    return field == Field::device_id || field == Field::sensor_id || field == Field::index;
  }
  const std::string& constant_text(Field field) const noexcept;
};

/// 22 characters that follow from the index's name.
std::string index_uuid(std::string_view index_name);

/// A query that this index does not have, as query_shard_exception says it.
EsError query_refused(const Series& series, std::string reason);
/// A query that cannot be made for this index, as query_shard_exception says it.
EsError failed_to_create_query(const Series& series, EsError cause);
/// Fields inside objects cannot be asked for yet: refused on the shard where the value is an object; elsewhere
/// unmapped.
EsResult<void> check_reachable(const Series& series, Field field);
/// A text value cannot be sorted or aggregated.
EsError fielddata_disabled(const Series& series, std::string_view field);

}  // namespace iot::query
