// A field inside objects as a column of its own, so that filters, collectors and sorts need no case for it: the index
// is shown as one whose value is the field's, and a block of objects as a block with a row for each value.
//
// One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/execution.h"
#include "query/filter.h"
#include "query/objects/field_lookup.h"
#include "query/objects/object_reader.h"
#include "query/selection.h"
#include "query/series.h"

namespace iot::query {

/// Whether a pattern of names may fit a field inside objects.
bool may_name_inside(std::string_view pattern) noexcept;

/// The index as one whose value is the field `path`: of the field's type, and `object` where no reading has it (an
/// object itself has no values). `document` must outlive it.
EsResult<Series> series_inside(const Series& document, const std::string& path);

/// The values of one field in one index.
class ObjectColumn {
 public:
  /// `stand_in`: a value of the type for readings without the field.
  ObjectColumn(ObjectField field, SensorId sensor, FieldLookup* lookup, std::optional<model::Value> stand_in = {});

  model::MappingType type() const noexcept { return field_.type; }
  /// The values of a reading stay as they were sent, equal ones too.
  void keep_order() noexcept { keeps_order_ = true; }

  using Visit = std::function<void(const store::Block& values)>;
  /// The values of the selected readings, as blocks that are valid during the call. Those of one reading are in one
  /// block, in order; of texts and keywords each once.
  void read(const store::Block& readings, Selection selection, const Visit& visit);
  /// Of one object.
  void read_one(std::string_view object, const Visit& visit);

 private:
  void add(const model::RawValue& raw);
  void add(const model::Value& value);
  /// Puts the values of the reading from `begin` on in order.
  void close_reading(std::size_t begin, std::uint32_t place, const store::Block& readings);
  std::size_t size() const noexcept;
  void show(const store::Block& readings, const Visit& visit);

  ObjectField field_;
  SensorId sensor_;
  FieldLookup* lookup_;
  std::optional<model::Value> stand_in_;
  bool keeps_order_ = false;
  ObjectReader reader_;
  std::vector<double> reals_;
  std::vector<std::int64_t> integers_;
  std::vector<std::string> texts_;
  std::vector<std::string_view> views_;
  std::vector<std::uint32_t> places_;
  std::vector<std::int64_t> times_;
};

/// A field for whoever sees one index after the other.
class InsideField {
 public:
  /// `execution`, whose memory the indices take, must outlive the object.
  InsideField(std::string path, Execution& execution, std::optional<std::string> missing = {})
      : path_(std::move(path)), execution_(execution), missing_(std::move(missing)) {}

  /// Whether a pattern of names may fit a field inside objects.
  bool may_name_inside(std::string_view pattern) noexcept;

  /// The index as one whose value is the field's; valid as long as this. Asked again, it is the same.
  EsResult<const Series*> series(const Series& document);
  /// What is read next is of this index. `now`: for a `missing` that is a date.
  EsResult<const Series*> begin(const Series& document, Timestamp now);
  /// Whether the index that was begun has values: read() may be called.
  bool has_values() const noexcept { return column_.has_value(); }
  ObjectColumn& column() noexcept { return *column_; }

 private:
  struct Known {
    std::unique_ptr<Series> series;
    std::optional<ObjectField> field;
  };
  EsResult<Known*> known(const Series& document);
  EsResult<std::optional<model::Value>> stand_in(model::MappingType type, Timestamp now) const;

  std::string path_;
  Execution& execution_;
  std::optional<std::string> missing_;
  std::map<const Series*, Known> known_;
  std::optional<ObjectColumn> column_;
};

/// A condition on the field `path`: what `make` gives for the index as one whose value is the field's, on any of its
/// values.
EsResult<Filter> filter_inside(const Series& document, const std::string& path,
                               const std::function<EsResult<Filter>(const Series& series)>& make);
/// The field, or one inside it, has a value.
EsResult<Filter> exists_inside(const Series& document, const std::string& path);

/// How many readings the rows are of: each once, however many of its values are among them.
std::size_t reading_count(const store::Block& block, Selection rows) noexcept;

}  // namespace iot::query
