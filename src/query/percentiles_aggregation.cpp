// percentiles, by QuantileSketch.
#include <algorithm>
#include <utility>

#include "query/aggregation.h"
#include "query/percentiles_source.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

struct Options {
  SourceOptions source;
  PercentilesForm form;
};

std::string percent_name(double percent) {
  std::string name;
  append_json_real(name, percent);
  return name;
}

class PercentilesCollector final : public Collector, public PercentilesSource {
 public:
  PercentilesCollector(const Options& options, Execution& execution)
      : options_(options), execution_(execution), form_(options.form) {}

  EsResult<void> begin(const Series& series) override {
    ES_TRY(source_, NumberSource::of(series, options_.source, "percentiles", execution_.now()));
    if (source_.has_values() && form_.look == NumberLook::plain) form_.look = source_.look();
    return {};
  }

  bool takes_summary(const Run&) const override { return !source_.has_values(); }
  void add_summary(const Run&, Bucket) override {}

  void add(const store::Block& block, Selection selection, Bucket bucket) override {
    if (!source_.has_values()) return;
    if (bucket >= sketches_.size()) {
      execution_.charge((bucket + 1 - sketches_.size()) * sizeof(QuantileSketch));
      sketches_.resize(bucket + 1);
    }
    QuantileSketch& sketch = sketches_[bucket];
    const std::size_t bytes = sketch.memory_bytes();
    const double* values = source_.values(block, selection, scratch_);
    sketch.add(values, selection.size());
    if (sketch.memory_bytes() > bytes) execution_.charge(sketch.memory_bytes() - bytes);
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    constexpr std::size_t percent_bytes = 40;
    execution_.charge(form_.percents.size() * percent_bytes);
    std::vector<std::optional<double>> values(form_.percents.size());
    if (QuantileSketch* found = sketch(bucket)) {
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = found->quantile(form_.percents[i] / 100);
    }
    write_percentiles(json, form_, values);
  }

  PercentilesSource* percentiles() override { return this; }
  QuantileSketch* sketch(Bucket bucket) override {
    return bucket < sketches_.size() && sketches_[bucket].count() > 0 ? &sketches_[bucket] : nullptr;
  }
  const PercentilesForm& form() const override { return form_; }

  std::string_view type_name() const override { return "tdigest_percentiles"; }

  std::optional<double> number(Bucket bucket, std::string_view property) override {
    const auto percent = parse_real(property);
    if (!percent || bucket >= sketches_.size() || sketches_[bucket].count() == 0) return {};
    return sketches_[bucket].quantile(*percent / 100);
  }
  bool has_number(std::string_view property) const override {
    const auto percent = parse_real(property);
    return percent && *percent >= 0 && *percent <= 100;
  }

 private:
  const Options& options_;
  Execution& execution_;
  NumberSource source_;
  PercentilesForm form_;
  std::vector<QuantileSketch> sketches_;
  std::vector<double> scratch_;
};

class Percentiles final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<PercentilesCollector>(options, execution);
  }
  Options options;
};

EsResult<std::vector<double>> read_percents(const JsonMember& member) {
  constexpr std::size_t percents_max = 1000;
  if (!member.value.is_array()) return wrong_kind("percentiles", member);
  if (member.value.items.empty())
    return failed_field("percentiles", member, illegal_argument("[percents] must not be empty"));
  if (member.value.items.size() > percents_max) return illegal_argument("[percents] takes at most 1000 values");
  std::vector<double> percents;
  for (const JsonNode& item : member.value.items) {
    const auto percent = item.is_number() || item.is_string() ? parse_real(item.text) : std::nullopt;
    if (!percent) return failed_field("percentiles", member, not_a_number(item.as_text()));
    if (*percent < 0 || *percent > 100) {
      return failed_field("percentiles", member,
                          illegal_argument("percent must be in [0,100], got [" + percent_name(*percent) + "]"));
    }
    percents.push_back(*percent);
  }
  std::sort(percents.begin(), percents.end());
  for (std::size_t i = 1; i < percents.size(); ++i) {
    if (percents[i] == percents[i - 1]) {
      return failed_field("percentiles", member,
                          illegal_argument("percent [" + percent_name(percents[i]) + "] has been specified twice"));
    }
  }
  return percents;
}

/// {"compression": n}: checked, and otherwise not needed: the sketch is always more exact than Elasticsearch's default.
EsResult<void> check_tdigest(const JsonMember& member) {
  if (!member.value.is_object()) return wrong_kind("percentiles", member);
  for (const JsonMember& option : member.value.members) {
    if (option.name == "execution_hint") continue;
    if (option.name != "compression") return unknown_field("tdigest", option);
    ES_TRY(const double wanted, read_number("tdigest", option));
    if (wanted < 0)
      return illegal_argument("[compression] must be greater than or equal to 0. Found [" + percent_name(wanted) + "]");
  }
  return {};
}

}  // namespace

void write_percentiles(JsonWriter& json, const PercentilesForm& form, std::span<const std::optional<double>> values) {
  json.key("values");
  form.keyed ? json.begin_object() : json.begin_array();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name = form.keyed ? percent_name(form.percents[i]) : "value";
    if (!form.keyed) json.begin_object().key("key").real(form.percents[i]);
    json.key(name);
    if (values[i]) {
      json.real(*values[i]);
      write_look(json, name, *values[i], form.look);
    } else {
      json.null();
    }
    if (!form.keyed) json.end_object();
  }
  form.keyed ? json.end_object() : json.end_array();
}

ParsedAggregation parse_percentiles(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations) {
  auto aggregation = std::make_unique<Percentiles>();
  Options& options = aggregation->options;
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    if (member.name == "percents") {
      ES_TRY(options.form.percents, read_percents(member));
    } else if (member.name == "keyed") {
      ES_TRY(options.form.keyed, read_flag(type, member));
    } else if (member.name == "tdigest") {
      ES_CHECK(check_tdigest(member));
    } else if (member.name == "hdr" || member.name == "format") {
      return illegal_argument("[" + member.name + "] in aggregation [percentiles] is not supported");
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(options.source.check());
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
