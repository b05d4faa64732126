// string_stats: lengths of keywords, and how evenly their characters are spread.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "query/bucket_states.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

struct Options {
  SourceOptions source;
  bool show_distribution = false;
};

/// Characters are code points, where Elasticsearch counts halves of surrogate pairs: the same for all of the Basic
/// Multilingual Plane.
struct TextStatistics {
  std::uint64_t count = 0;
  std::uint64_t characters = 0;
  std::uint64_t length_min = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t length_max = 0;
  std::map<std::string, std::uint64_t, std::less<>> occurrences;

  double average_length() const { return static_cast<double>(characters) / static_cast<double>(count); }
  double share(std::uint64_t times) const { return static_cast<double>(times) / static_cast<double>(characters); }
  /// Shannon's, in bits.
  double entropy() const {
    double sum = 0;
    for (const auto& [character, times] : occurrences) sum -= share(times) * std::log2(share(times));
    return sum;
  }
};

class StringStatsCollector final : public Collector {
 public:
  StringStatsCollector(const Options& options, Execution& execution)
      : options_(options), execution_(execution), states_(execution) {}

  EsResult<void> begin(const Series& series) override {
    const SourceOptions& source = options_.source;
    from_column_ = false;
    constant_.reset();
    if (source.field == Field::value && series.mapping() == model::MappingType::text) {
      return fielddata_disabled(series, series.value_name);
    }
    if (source.field == Field::value && series.mapping() == model::MappingType::keyword) {
      from_column_ = true;
    } else if (Series::is_constant(source.field)) {
      constant_ = series.constant_text(source.field);
    } else if (source.field == Field::unmapped ||
               (source.field == Field::value && series.mapping() == model::MappingType::object)) {
      constant_ = source.missing;
    } else {
      const std::string_view field_type = source.field == Field::timestamp ? "date_nanos"
                                          : source.field == Field::id      ? "_id"
                                                                           : model::to_string(series.mapping());
      return illegal_argument("Field [" + source.field_name + "] of type [" + std::string(field_type) +
                              "] is not supported for aggregation [string_stats]")
          .on_shard();
    }
    return {};
  }

  bool takes_summary(const Run& run) const override { return !from_column_ && (!constant_ || run.summary); }
  void add_summary(const Run& run, Bucket bucket) override {
    if (constant_) add_text(states_.at(bucket), *constant_, run.summary->count);
  }
  void add(const store::Block& block, Selection selection, Bucket bucket) override {
    if (selection.empty()) return;
    if (constant_) add_text(states_.at(bucket), *constant_, selection.size());
    if (!from_column_) return;
    TextStatistics& state = states_.at(bucket);
    for (std::size_t i = 0; i < selection.size(); ++i) add_text(state, block.texts[selection[i]], 1);
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    const TextStatistics* const state = of(bucket);
    json.key("count").unsigned_integer(state ? state->count : 0);
    if (!state) {
      json.key("min_length").null();
      json.key("max_length").null();
      json.key("avg_length").null();
      json.key("entropy").real(0.0);
      if (options_.show_distribution) json.key("distribution").null();
      return;
    }
    json.key("min_length").unsigned_integer(state->length_min);
    json.key("max_length").unsigned_integer(state->length_max);
    json.key("avg_length").real(state->average_length());
    json.key("entropy").real(state->entropy());
    if (!options_.show_distribution) return;
    constexpr std::size_t character_bytes = 32;
    execution_.charge(state->occurrences.size() * character_bytes);
    // The most frequent first.
    std::vector<std::pair<std::string_view, std::uint64_t>> sorted(state->occurrences.begin(),
                                                                   state->occurrences.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    json.key("distribution").begin_object();
    for (const auto& [character, times] : sorted) json.key(character).real(state->share(times));
    json.end_object();
  }

  std::string_view type_name() const override { return "string_stats"; }

  std::optional<double> number(Bucket bucket, std::string_view property) override {
    const TextStatistics* const state = of(bucket);
    if (property == "count") return state ? static_cast<double>(state->count) : 0.0;
    if (!state) return {};
    if (property == "min_length") return static_cast<double>(state->length_min);
    if (property == "max_length") return static_cast<double>(state->length_max);
    return property == "avg_length" ? state->average_length() : state->entropy();
  }
  bool has_number(std::string_view property) const override {
    return property == "count" || property == "min_length" || property == "max_length" || property == "avg_length" ||
           property == "entropy";
  }

 private:
  const TextStatistics* of(Bucket bucket) {
    const TextStatistics* const state = states_.find(bucket);
    return state && state->count > 0 ? state : nullptr;
  }

  void add_text(TextStatistics& state, std::string_view text, std::uint64_t times) {
    if (times == 0) return;
    std::uint64_t length = 0;
    for (std::size_t at = 0; at < text.size();) {
      // A character and the bytes that continue it (10xxxxxx).
      std::size_t end = at + 1;
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
      const std::string_view character = text.substr(at, end - at);
      auto found = state.occurrences.find(character);
      if (found == state.occurrences.end()) {
        constexpr std::size_t node_bytes = 96;
        execution_.charge(node_bytes);
        found = state.occurrences.emplace(character, 0).first;
      }
      found->second += times;
      ++length;
      at = end;
    }
    state.count += times;
    state.characters += length * times;
    state.length_min = std::min(state.length_min, length);
    state.length_max = std::max(state.length_max, length);
  }

  const Options& options_;
  Execution& execution_;
  bool from_column_ = false;
  std::optional<std::string> constant_;
  BucketStates<TextStatistics> states_;
};

class StringStats final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<StringStatsCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  Options options;
};

}  // namespace

ParsedAggregation parse_string_stats(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations) {
  auto aggregation = std::make_unique<StringStats>();
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, aggregation->options.source.take(type, member));
    if (taken) continue;
    if (member.name == "show_distribution") {
      ES_TRY(aggregation->options.show_distribution, read_flag(type, member));
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(aggregation->options.source.check());
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
