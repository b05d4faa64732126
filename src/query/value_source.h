// Where an aggregation's numbers come from, in one index: a column, the times, or a constant that stands in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "query/date_format.h"
#include "query/filter.h"
#include "query/json_fields.h"
#include "query/selection.h"
#include "query/series.h"
#include "store/reading_store.h"

namespace iot::query {

/// The options that all aggregations of a field share.
struct SourceOptions {
  std::string field_name;
  /// `value` also where the field is one inside objects: the series is then that of its values.
  Field field = Field::unmapped;
  std::string path;  ///< of a field inside objects
  std::optional<std::string> missing;

  /// Takes `field` and `missing`; false if the member is another option. Scripts are refused.
  EsResult<bool> take(std::string_view type, const JsonMember& member);
  /// "Required one of fields [field, script], but none were specified."
  EsResult<void> check() const;
};

/// How numbers of a source are shown beside the plain number.
enum class NumberLook { plain, date, boolean };

class NumberSource {
 public:
  /// Refused on the shard: a field that is not a number, or a `missing` that cannot be read as one.
  static EsResult<NumberSource> of(const Series& series, const SourceOptions& options, std::string_view type,
                                   Timestamp now);

  bool has_values() const noexcept { return kind_ != Kind::none; }
  /// Refused on the shard: a time zone, as the field's numbers are no times.
  EsResult<void> check_time_zone(const Series& series) const;
  NumberLook look() const noexcept { return look_; }
  /// The numbers of the selected readings, dates as milliseconds: of the column itself, or put into `scratch`.
  const double* values(const store::Block& block, Selection selection, std::vector<double>& scratch) const;
  /// The source is the times, which are sorted.
  bool is_time() const noexcept { return kind_ == Kind::time; }
  std::optional<double> constant() const;

  /// What a summary says about the source's values.
  struct Digest {
    double min, max, sum;
  };
  /// Nothing if the summary does not say it; `with_sum` asks for the sum too.
  std::optional<Digest> digest(const store::Summary& summary, bool with_sum) const;
  /// As digest() without a sum, for who puts readings into buckets: times are those of where the run counts.
  std::optional<Digest> placing(const Run& run) const;

 private:
  enum class Kind { none, time, real, integer, date, constant };
  Kind kind_ = Kind::none;
  NumberLook look_ = NumberLook::plain;
  double constant_ = 0;
};

/// A number as the name of a keyed bucket: as Java writes it, "10.0" or "1.0E7".
std::string number_text(double value);
/// As a date or a boolean; empty for a plain number.
std::string look_text(double value, NumberLook look);
/// Appends `,"<name>_as_string"` for dates and booleans.
void write_look(JsonWriter& json, std::string_view name, double value, NumberLook look);
/// The same under `name` itself.
void write_look_as(JsonWriter& json, std::string_view name, double value, NumberLook look);

}  // namespace iot::query
