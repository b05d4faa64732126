// terms: a bucket for each value of a field, the most frequent ones shown.
//
// Every value is counted, so the counts are exact: doc_count_error_upper_bound is always 0.
#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "query/aggregation.h"
#include "query/bucket_collector.h"
#include "query/buckets.h"
#include "query/date_math.h"
#include "query/objects/inside_field.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

enum class KeyKind { none, text, integer, boolean, date, real };

struct Options {
  SourceOptions source;
  std::int64_t size = 10;
  std::int64_t min_doc_count = 1;
  bool show_error = false;
  BucketOrder order = BucketOrder::by_count_descending();
  std::optional<std::vector<std::string>> include, exclude;
  Aggregations below;
};

KeyKind key_kind(const Series& series, Field field) {
  if (Series::is_constant(field)) return KeyKind::text;
  if (field == Field::timestamp) return KeyKind::date;
  if (field != Field::value) return KeyKind::none;
  switch (series.mapping()) {
    case model::MappingType::boolean:
      return KeyKind::boolean;
    case model::MappingType::date:
      return KeyKind::date;
    case model::MappingType::object:
    case model::MappingType::geo_point:
    case model::MappingType::text:
      return KeyKind::none;
    case model::MappingType::keyword:
      return KeyKind::text;
    default:
      return series.kind() == model::ColumnKind::real ? KeyKind::real : KeyKind::integer;
  }
}

class TermsCollector final : public BucketsCollector {
 public:
  TermsCollector(const Options& options, Execution& execution)
      : BucketsCollector(options.below, execution), options_(options), table_(execution) {}

  EsResult<void> prepare(std::span<const Series* const> series) override {
    ES_CHECK(options_.order.check(below_));
    for (const Series* one : series) ES_CHECK(join(key_kind(*one, options_.source.field)));
    return below_.prepare(series);
  }

  EsResult<void> begin(const Series& series) override {
    const Field field = options_.source.field;
    if (field == Field::id) {
      return id_fielddata_disabled();
    }
    here_ = key_kind(series, field);
    constant_.reset();
    if (field == Field::value && series.mapping() == model::MappingType::text)
      return fielddata_disabled(series, series.value_name);
    if (field == Field::value && series.mapping() == model::MappingType::geo_point) {
      return illegal_argument("Field [" + series.value_name +
                              "] of type [geo_point] is not supported for aggregation [terms]")
          .on_shard();
    }
    if (Series::is_constant(field)) constant_ = text_key(series.constant_text(field));
    if (here_ == KeyKind::none && options_.source.missing) {
      ES_TRY(constant_, missing_key());
    }
    if (options_.source.missing && !constant_ && here_ != KeyKind::none && here_ != KeyKind::text) {
      // Checked where no reading lacks the field, too.
      ES_CHECK(NumberSource::of(series, options_.source, "terms", execution_.now()));
    }
    ES_CHECK(read_lists());
    return below_.begin(series);
  }

  bool takes_summary(const Run& run) const override {
    if (here_ == KeyKind::none && !constant_) return true;
    if (!constant_ || !run.summary) return false;
    return below_.takes_summary(run);
  }

  std::size_t newest_wanted() const override { return constant_ ? below_.newest_wanted() : 0; }
  bool takes_older(const Run& run) const override {
    return constant_ && run.summary ? below_.takes_older(run) : takes_summary(run);
  }

  void add_summary(const Run& run, Bucket parent) override {
    if (!constant_ || !wanted(*constant_)) return;
    const Bucket bucket = table_.bucket_of(parent, *constant_);
    table_.count(bucket, run.summary->count);
    if (!below_.empty()) below_.add_summary(run, bucket);
  }

  void add(const store::Block& block, Selection selection, Bucket parent) override {
    if (selection.empty()) return;
    if (constant_) {
      if (wanted(*constant_)) fill(block, selection, table_.bucket_of(parent, *constant_));
      return;
    }
    if (here_ == KeyKind::none) return;
    partition_.clear();
    for (std::size_t i = 0; i < selection.size(); ++i) {
      const std::int64_t key = key_at(block, selection[i]);
      if (wanted(key)) partition_.put(table_.bucket_of(parent, key), selection[i]);
    }
    partition_.for_each([&](Bucket bucket, Selection part) { fill(block, part, bucket); });
  }

  bool reads_times() const override { return options_.source.field == Field::timestamp || below_.reads_times(); }

  void write(JsonWriter& json, Bucket parent, const AnswerForm& form) override {
    const ShownBuckets shown = take(parent);
    json.key("doc_count_error_upper_bound").integer(0);
    json.key("sum_other_doc_count").unsigned_integer(shown.others);
    json.key("buckets").begin_array();
    for (const ShownBucket& bucket : shown.buckets) {
      json.begin_object();
      write_key(json, bucket.bucket);
      json.key("doc_count").unsigned_integer(bucket.count);
      if (options_.show_error) json.key("doc_count_error_upper_bound").integer(0);
      write_below(json, shown, bucket, form);
      json.end_object();
    }
    json.end_array();
  }

  std::string key_text(const ShownBucket& bucket) const override {
    if (kind_ != KeyKind::real) return key_text_of(bucket.key);
    return number_text(real_of(bucket.key));
  }
  std::optional<double> key_number(const ShownBucket& bucket) const override {
    if (kind_ == KeyKind::text) return {};
    return kind_ == KeyKind::real ? real_of(bucket.key) : static_cast<double>(bucket.key);
  }
  int compare_keys(const ShownBucket& a, const ShownBucket& b) const override {
    return kind_ == KeyKind::text ? text_of(a.bucket).compare(text_of(b.bucket)) : BucketsCollector::compare_keys(a, b);
  }

  std::string_view type_name() const override {
    switch (kind_) {
      case KeyKind::none:
        return "umterms";
      case KeyKind::text:
        return "sterms";
      case KeyKind::real:
        return "dterms";
      default:
        return "lterms";
    }
  }
  bool can_merge() const override { return below_.can_merge(); }
  void merge(Bucket from, Bucket into) override { table_.merge_parent(from, into, below_); }

 private:
  ShownBuckets list(Bucket parent) override {
    std::vector<Bucket> buckets = table_.of_parent(parent);
    if (kind_ == KeyKind::text) {
      std::sort(buckets.begin(), buckets.end(), [&](Bucket a, Bucket b) { return text_of(a) < text_of(b); });
    }
    ShownBuckets shown;
    std::erase_if(buckets, [&](Bucket bucket) {
      return table_[bucket].count < static_cast<std::uint64_t>(options_.min_doc_count);
    });
    options_.order.sort(buckets, table_, below_);
    const std::size_t count = std::min(buckets.size(), static_cast<std::size_t>(options_.size));
    for (std::size_t i = count; i < buckets.size(); ++i) shown.others += table_[buckets[i]].count;
    if (!execution_.count_buckets(count)) return shown;
    for (std::size_t i = 0; i < count; ++i) {
      shown.buckets.push_back({table_[buckets[i]].key, table_[buckets[i]].count, buckets[i]});
    }
    return shown;
  }

  /// The kind of keys over all indices: whole numbers and decimal ones together are decimal, other mixtures are
  /// refused.
  EsResult<void> join(KeyKind kind) {
    if (kind == KeyKind::none || kind == kind_) return {};
    const auto is_number = [](KeyKind which) { return which == KeyKind::integer || which == KeyKind::real; };
    if (kind_ == KeyKind::none) {
      kind_ = kind;
    } else if (is_number(kind) && is_number(kind_)) {
      kind_ = KeyKind::real;
    } else {
      return EsError(
                 400, "aggregation_execution_exception",
                 "Merging/Reducing the aggregations failed when computing the aggregation [terms] because the field "
                 "you gave in the aggregation query existed as two different types in two different indices")
          .in_reduce();
    }
    return {};
  }

  std::int64_t text_key(std::string_view text) {
    const auto found = keys_.find(text);
    if (found != keys_.end()) return found->second;
    execution_.charge(text.size() + 128);
    texts_.push_back(std::make_unique<std::string>(text));
    const auto key = static_cast<std::int64_t>(texts_.size() - 1);
    keys_.emplace(*texts_.back(), key);
    return key;
  }

  EsResult<std::optional<std::int64_t>> missing_key() {
    const std::string& text = *options_.source.missing;
    if (kind_ == KeyKind::text || kind_ == KeyKind::none) {
      kind_ = KeyKind::text;
      return std::optional(text_key(text));
    }
    const auto number = parse_real(text);
    if (!number) return not_a_number(text).on_shard();
    if (kind_ == KeyKind::real) return std::optional(order_key(*number));
    return std::optional(static_cast<std::int64_t>(std::clamp(*number, -9.2e18, 9.2e18)));
  }

  std::int64_t key_at(const store::Block& block, std::size_t place) {
    switch (here_) {
      case KeyKind::text:
        return text_key(block.texts[place]);
      case KeyKind::real:
        return order_key(block.reals[place]);
      case KeyKind::date:
        return floor_div(options_.source.field == Field::timestamp ? block.times_ns[place] : block.integers[place],
                         ns_per_ms);
      default:
        return kind_ == KeyKind::real ? order_key(static_cast<double>(block.integers[place])) : block.integers[place];
    }
  }

  const std::string& text_of(Bucket bucket) const { return *texts_[static_cast<std::size_t>(table_[bucket].key)]; }

  static double real_of(std::int64_t key) {
    return std::bit_cast<double>(key ^ static_cast<std::int64_t>(static_cast<std::uint64_t>(key >> 63) >> 1));
  }

  std::string key_text_of(std::int64_t key) const {
    switch (kind_) {
      case KeyKind::text:
        return *texts_[static_cast<std::size_t>(key)];
      case KeyKind::boolean:
        return key != 0 ? "true" : "false";
      case KeyKind::date:
        return DateFormat::date_millis().write(Moment::from_ms(key), TimeZone());
      default:
        return std::to_string(key);
    }
  }

  /// The keys of `include` and `exclude`; known when the kind of keys is.
  EsResult<void> read_lists() {
    if (kind_ == KeyKind::none || lists_read_) return {};
    lists_read_ = true;
    if (options_.include) {
      ES_TRY(include_, keys_of(*options_.include));
    }
    if (options_.exclude) {
      ES_TRY(exclude_, keys_of(*options_.exclude));
    }
    return {};
  }

  EsResult<std::vector<std::int64_t>> keys_of(const std::vector<std::string>& texts) {
    std::vector<std::int64_t> keys;
    for (const std::string& text : texts) {
      ES_TRY(const std::int64_t key, listed_key(text));
      keys.push_back(key);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  /// Numbers and dates are compared as such: "1" includes 1.0, and a day its first moment.
  EsResult<std::int64_t> listed_key(const std::string& text) {
    if (kind_ == KeyKind::text) return text_key(text);
    if (kind_ == KeyKind::date) {
      const bool is_time = options_.source.field == Field::timestamp;
      ES_TRY(const Moment moment, evaluate_date(text, is_time ? DateFormat::date_nanos() : DateFormat::date_millis(),
                                                {execution_.now(), FillUp::first, {}}));
      return moment.to_ms();
    }
    if (kind_ == KeyKind::boolean && (text == "true" || text == "false")) return std::int64_t{text == "true"};
    if (kind_ == KeyKind::boolean) {
      return illegal_argument("Cannot parse boolean [" + text + "], expected either [true] or [false]").on_shard();
    }
    if (const auto whole = parse_whole(text); whole && kind_ == KeyKind::integer) return *whole;
    const auto real = parse_real(text);
    if (!real) return not_a_number(text).on_shard();
    if (kind_ == KeyKind::real) return order_key(*real);
    // Whole numbers are listed by their floor.
    return static_cast<std::int64_t>(std::floor(std::clamp(*real, -9.2e18, 9.2e18)));
  }

  bool wanted(std::int64_t key) const {
    if (options_.include && !std::binary_search(include_.begin(), include_.end(), key)) return false;
    return !options_.exclude || !std::binary_search(exclude_.begin(), exclude_.end(), key);
  }

  void write_key(JsonWriter& json, Bucket bucket) const {
    const std::int64_t key = table_[bucket].key;
    json.key("key");
    switch (kind_) {
      case KeyKind::text:
        json.string(text_of(bucket));
        return;
      case KeyKind::real:
        json.real(real_of(key));
        return;
      default:
        json.integer(key);
        break;
    }
    if (kind_ != KeyKind::integer) json.key("key_as_string").string(key_text_of(key));
  }

  void fill(const store::Block& block, Selection part, Bucket bucket) {
    table_.count(bucket, reading_count(block, part));
    if (!below_.empty()) below_.add(block, part, bucket);
  }

  const Options& options_;
  BucketTable table_;
  KeyKind kind_ = KeyKind::none;
  KeyKind here_ = KeyKind::none;
  std::optional<std::int64_t> constant_;
  bool lists_read_ = false;
  std::vector<std::int64_t> include_, exclude_;
  std::vector<std::unique_ptr<std::string>> texts_;
  std::unordered_map<std::string_view, std::int64_t> keys_;
  Partition partition_;
};

class Terms final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<TermsCollector>(options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  Options options;
};

EsResult<std::vector<std::string>> read_list(const JsonMember& member) {
  constexpr std::size_t listed_max = 1024;
  if (!member.value.is_array()) {
    return illegal_argument("[" + member.name +
                            "] in aggregation [terms] is supported as an array of exact values only");
  }
  if (member.value.items.size() > listed_max) {
    return illegal_argument("[" + member.name + "] in aggregation [terms] takes at most 1024 values");
  }
  return read_texts("terms", member);
}

}  // namespace

ParsedAggregation parse_terms_aggregation(AggregationParser&, std::string_view type, const JsonNode& body,
                                          Aggregations below) {
  auto aggregation = std::make_unique<Terms>();
  Options& options = aggregation->options;
  options.below = std::move(below);
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    if (member.name == "size") {
      ES_TRY(options.size, read_integer(type, member));
      if (options.size <= 0) {
        return failed_field(
            type, member,
            illegal_argument("[size] must be greater than 0. Found [" + std::to_string(options.size) + "] in [terms]"));
      }
    } else if (member.name == "min_doc_count") {
      ES_TRY(options.min_doc_count, read_integer(type, member));
      if (options.min_doc_count < 1) {
        return illegal_argument(
            "[min_doc_count] must be at least 1 in aggregation [terms]: terms that no document of the query has are "
            "not listed");
      }
    } else if (member.name == "show_term_doc_count_error") {
      ES_TRY(options.show_error, read_flag(type, member));
    } else if (member.name == "order") {
      ES_TRY(options.order, BucketOrder::parse(type, member));
    } else if (member.name == "include") {
      ES_TRY(options.include, read_list(member));
    } else if (member.name == "exclude") {
      ES_TRY(options.exclude, read_list(member));
    } else if (member.name == "shard_size" || member.name == "shard_min_doc_count") {
      // They trade exactness for speed; here nothing is given up.
      ES_CHECK(read_integer(type, member));
    } else if (member.name == "execution_hint" || member.name == "collect_mode" || member.name == "value_type") {
      ES_CHECK(read_text(type, member));
    } else if (member.name == "format") {
      return illegal_argument("[format] in aggregation [terms] is not supported");
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(options.source.check());
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
