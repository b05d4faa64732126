#include "query/sketch_collector.h"

#include <utility>

#include "query/json_fields.h"

namespace iot::query {

EsResult<void> SketchCollector::begin(const Series& series) {
  ES_TRY(source_, NumberSource::of(series, options_, type_, execution_.now()));
  if (source_.has_values() && look_ == NumberLook::plain) look_ = source_.look();
  return {};
}

void SketchCollector::add(const store::Block& block, Selection selection, Bucket bucket) {
  if (!source_.has_values()) return;
  QuantileSketch& sketch = sketches_.at(bucket);
  const std::size_t bytes = sketch.memory_bytes();
  sketch.add(source_.values(block, selection, scratch_), selection.size());
  if (sketch.memory_bytes() > bytes) execution_.charge(sketch.memory_bytes() - bytes);
}

void SketchCollector::merge(Bucket from, Bucket into) {
  QuantileSketch* found = sketches_.find(from);
  if (!found || found->count() == 0) return;
  const QuantileSketch moved = std::exchange(*found, QuantileSketch());
  QuantileSketch& target = sketches_.at(into);
  const std::size_t bytes = target.memory_bytes();
  target.add(moved);
  if (target.memory_bytes() > bytes) execution_.charge(target.memory_bytes() - bytes);
}

bool SketchCollector::clear(Bucket bucket) {
  if (QuantileSketch* found = sketches_.find(bucket)) *found = QuantileSketch();
  return true;
}

QuantileSketch* SketchCollector::sketch(Bucket bucket) noexcept {
  QuantileSketch* found = sketches_.find(bucket);
  return found && found->count() > 0 ? found : nullptr;
}

EsResult<void> check_plain_number(const Series& series, const SourceOptions& options, std::string_view type) {
  std::string_view field_type;
  if (options.field == Field::timestamp) field_type = "date_nanos";
  if (options.field == Field::value &&
      (series.mapping() == model::MappingType::date || series.mapping() == model::MappingType::boolean)) {
    field_type = model::to_string(series.mapping());
  }
  if (field_type.empty()) return {};
  return illegal_argument("Field [" + options.field_name + "] of type [" + std::string(field_type) +
                          "] is not supported for aggregation [" + std::string(type) + "]")
      .on_shard();
}

EsResult<void> check_execution_hint(std::string_view type, const JsonMember& member) {
  ES_TRY(const std::string hint, read_text(type, member));
  if (hint != "default" && hint != "high_accuracy") {
    return failed_field(type, member, illegal_argument("Invalid execution_hint [" + hint + "]"));
  }
  return {};
}

EsResult<void> check_tdigest(std::string_view type, const JsonMember& member) {
  if (!member.value.is_object()) return wrong_kind(type, member);
  for (const JsonMember& option : member.value.members) {
    if (option.name == "execution_hint") {
      ES_CHECK(check_execution_hint(type, option));
    } else if (option.name == "compression") {
      ES_TRY(const double wanted, read_number("tdigest", option));
      if (wanted < 0) {
        return illegal_argument("[compression] must be greater than or equal to 0. Found [" + java_number(wanted) +
                                "]");
      }
    } else {
      return unknown_field("tdigest", option);
    }
  }
  return {};
}

}  // namespace iot::query
