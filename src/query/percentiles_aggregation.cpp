// percentiles and percentile_ranks, by QuantileSketch.
#include <algorithm>
#include <utility>

#include "query/percentiles_source.h"
#include "query/sketch_collector.h"

namespace iot::query {
namespace {

/// Of one request. A number costs a scan of the digest in each bucket.
constexpr std::size_t points_max = 1000;

/// percentiles asks for the values at some percents, percentile_ranks for the percents at some values.
enum class Asked { values, ranks };

struct Options {
  explicit Options(Asked what) : asked(what) {
    if (asked == Asked::ranks) form.points.clear();
  }
  Asked asked;
  SourceOptions source;
  PercentilesForm form;  ///< the points ascending
};

class PercentilesCollector final : public SketchCollector, public PercentilesSource {
 public:
  PercentilesCollector(std::string_view type, const Options& options, Execution& execution)
      : SketchCollector(type, options.source, execution), asked_(options.asked), form_(options.form) {}

  EsResult<void> begin(const Series& series) override {
    ES_CHECK(SketchCollector::begin(series));
    form_.look = look();
    return {};
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    constexpr std::size_t point_bytes = 40;
    execution().charge(form_.points.size() * point_bytes);
    std::vector<std::optional<double>> values(form_.points.size());
    if (QuantileSketch* const numbers = SketchCollector::sketch(bucket)) {
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = answer(*numbers, form_.points[i]);
    }
    write_percentiles(json, form_, values);
  }

  std::string_view type_name() const override {
    return asked_ == Asked::values ? "tdigest_percentiles" : "tdigest_percentile_ranks";
  }

  std::optional<double> number(Bucket bucket, std::string_view property) override {
    const auto point = parse_real(property);
    QuantileSketch* const numbers = SketchCollector::sketch(bucket);
    if (!point || !numbers) return {};
    return answer(*numbers, *point);
  }
  bool has_number(std::string_view property) const override {
    const auto point = parse_real(property);
    return point && (asked_ == Asked::ranks || (*point >= 0 && *point <= 100));
  }

  PercentilesSource* percentiles() override { return asked_ == Asked::values ? this : nullptr; }
  QuantileSketch* sketch(Bucket bucket) override { return SketchCollector::sketch(bucket); }
  const PercentilesForm& form() const override { return form_; }

 private:
  double answer(QuantileSketch& numbers, double point) const {
    return asked_ == Asked::values ? numbers.quantile(point / 100) : numbers.fraction_below(point) * 100;
  }

  const Asked asked_;
  PercentilesForm form_;
};

class Percentiles final : public Aggregation {
 public:
  Percentiles(std::string_view type, Asked asked) : options(asked), type_(type) {}
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<PercentilesCollector>(type_, options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  Options options;

 private:
  std::string type_;
};

/// The array of numbers under "percents" or "values", ascending.
EsResult<std::vector<double>> read_points(std::string_view type, const JsonMember& member) {
  if (!member.value.is_array()) return wrong_kind(type, member);
  if (member.value.items.size() > points_max) {
    return illegal_argument("[" + member.name + "] takes at most " + std::to_string(points_max) + " values");
  }
  std::vector<double> points;
  for (const JsonNode& item : member.value.items) {
    const auto point = item.is_number() || item.is_string() ? parse_real(item.text) : std::nullopt;
    if (!point) {
      return failed_field(type, member,
                          item.is_scalar() ? not_a_number(item.as_text()) : illegal_argument("a number is expected"));
    }
    points.push_back(*point);
  }
  std::sort(points.begin(), points.end());
  return points;
}

EsResult<std::vector<double>> read_percents(std::string_view type, const JsonMember& member) {
  ES_TRY(std::vector<double> percents, read_points(type, member));
  if (percents.empty()) return failed_field(type, member, illegal_argument("[percents] must not be empty"));
  for (std::size_t i = 0; i < percents.size(); ++i) {
    const std::string name = java_number(percents[i]);
    if (percents[i] < 0 || percents[i] > 100) {
      return failed_field(type, member, illegal_argument("percent must be in [0,100], got [" + name + "]"));
    }
    if (i > 0 && percents[i] == percents[i - 1]) {
      return failed_field(type, member, illegal_argument("percent [" + name + "] has been specified twice"));
    }
  }
  return percents;
}

EsResult<std::vector<double>> read_values(std::string_view type, const JsonMember& member, const std::string& name) {
  ES_TRY(std::vector<double> values, read_points(type, member));
  if (values.empty()) {
    return failed_field(type, member, illegal_argument("[values] must not be an empty array: [" + name + "]"));
  }
  // A member of the answer for each: no two may have one name.
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// hdr counts in another way than the digest (no interpolation between neighbours) and is not there; its option is
/// checked all the same, so that what is wrong in both engines is told as such.
EsError hdr_refused(std::string_view type, const JsonMember& member) {
  if (!member.value.is_object()) return wrong_kind(type, member);
  for (const JsonMember& option : member.value.members) {
    if (option.name != "number_of_significant_value_digits") return unknown_field("hdr", option);
    const auto digits = read_integer("hdr", option);
    if (!digits) return digits.error();
    if (*digits < 0 || *digits > 5) {
      return illegal_argument("[numberOfSignificantValueDigits] must be between 0 and 5");
    }
  }
  return illegal_argument("[hdr] in aggregation [" + std::string(type) + "] is not supported");
}

ParsedAggregation parse(AggregationParser& parser, std::string_view type, const JsonNode& body, Asked asked) {
  auto aggregation = std::make_unique<Percentiles>(type, asked);
  Options& options = aggregation->options;
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    if (member.name == "percents" && asked == Asked::values) {
      ES_TRY(options.form.points, read_percents(type, member));
    } else if (member.name == "values" && asked == Asked::ranks) {
      ES_TRY(options.form.points, read_values(type, member, parser.name()));
    } else if (member.name == "keyed") {
      ES_TRY(options.form.keyed, read_flag(type, member));
    } else if (member.name == "tdigest") {
      ES_CHECK(check_tdigest(type, member));
    } else if (member.name == "hdr") {
      return hdr_refused(type, member);
    } else if (member.name == "format") {
      return illegal_argument("[format] in aggregation [" + std::string(type) + "] is not supported");
    } else {
      return unknown_field(type, member);
    }
  }
  if (options.form.points.empty()) return illegal_argument("Required [values]");
  ES_CHECK(options.source.check());
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace

void write_percentiles(JsonWriter& json, const PercentilesForm& form, std::span<const std::optional<double>> values) {
  json.key("values");
  form.keyed ? json.begin_object() : json.begin_array();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name = form.keyed ? java_number(form.points[i]) : "value";
    if (!form.keyed) json.begin_object().key("key").real(form.points[i]);
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

ParsedAggregation parse_percentiles(AggregationParser& parser, std::string_view type, const JsonNode& body,
                                    Aggregations) {
  return parse(parser, type, body, Asked::values);
}

ParsedAggregation parse_percentile_ranks(AggregationParser& parser, std::string_view type, const JsonNode& body,
                                         Aggregations) {
  return parse(parser, type, body, Asked::ranks);
}

}  // namespace iot::query
