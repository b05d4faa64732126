// composite: buckets by several sources at once, page after page in the order of their keys.
//
// Only the buckets of the page are kept: a key that comes behind the last of a full page is passed over, and one that
// comes before it takes its place.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "query/aggregation.h"
#include "query/bucket_collector.h"
#include "query/buckets.h"
#include "query/composite_source.h"
#include "query/sized_buckets.h"

namespace iot::query {
namespace {

constexpr std::size_t sources_max = 32;
/// Of the values of one reading, where fields inside objects have several; and readings that are combined at once.
constexpr std::size_t combinations_max = 16'384;
constexpr std::size_t piece_readings = 256;

using Key = std::vector<KeyPart>;

struct Options {
  std::string name;
  std::vector<CompositeSource> sources;
  std::optional<std::vector<JsonNode>> after;  ///< by source
  std::int64_t size = 10;
  Aggregations below;
};

class CompositeCollector final : public BucketsCollector, public SizedBuckets {
 public:
  CompositeCollector(const Options& options, Execution& execution)
      : BucketsCollector(options.below, execution, this),
        options_(options),
        texts_(execution),
        slots_(KeyOrder{*this}) {
    for (const CompositeSource& source : options.sources) columns_.emplace_back(source, execution);
    parts_.resize(columns_.size());
  }

  EsResult<void> prepare(std::span<const Series* const> series) override {
    const auto buckets_max = static_cast<std::int64_t>(execution_.limits().buckets_max);
    if (options_.size > buckets_max) return page_too_large(buckets_max);
    for (CompositeColumn& column : columns_) ES_CHECK(column.prepare(series));
    if (options_.after) {
      Key after;
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        auto part = columns_[i].read_after((*options_.after)[i], texts_, execution_.now());
        if (!part) return incompatible_after(i, std::move(part).error());
        after.push_back(*part);
      }
      after_ = std::move(after);
    }
    return below_.prepare(series);
  }

  EsResult<void> begin(const Series& series) override {
    for (CompositeColumn& column : columns_) ES_CHECK(column.begin(series, texts_, execution_.now()));
    has_keys_ = std::all_of(columns_.begin(), columns_.end(), [](const auto& column) { return column.has_keys(); });
    return below_.begin(series);
  }

  /// What is passed over now is passed over later too, so this holds also for who reads ahead and has collected less.
  bool takes_summary(const Run& run) const override {
    if (!has_keys_ || is_off_page(run)) return true;
    return run.summary && key_over(run) && below_.takes_summary(run);
  }

  void add_summary(const Run& run, Bucket) override {
    if (!has_keys_ || is_off_page(run)) return;
    const auto key = key_over(run);
    Slot* slot = key && admit(*key) ? find(*key) : nullptr;
    if (!slot) return;
    slot->count += run.summary->count;
    if (!below_.empty()) below_.add_summary(run, slot->bucket);
  }

  void add(const store::Block& block, Selection selection, Bucket) override {
    if (!has_keys_ || selection.empty()) return;
    const bool has_many = std::any_of(columns_.begin(), columns_.end(), [](const auto& one) { return one.has_many(); });
    if (has_many) {
      // In pieces, as a reading may have many keys.
      for (std::size_t begin = 0; begin < selection.size() && !execution_.failure(); begin += piece_readings) {
        const Selection piece = selection.part(begin, std::min(begin + piece_readings, selection.size()));
        combine(block, piece);
        add_rows(block, Selection::listed(rows_.data(), rows_.size()));
      }
      return;
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].read(block, selection, texts_, parts_[i]);
    add_rows(block, selection);
  }

  void write(JsonWriter& json, Bucket parent, const AnswerForm& form) override {
    const ShownBuckets shown = take(parent);
    // The next page begins behind this one, also where pipelines took its last buckets out.
    if (!keys_.empty()) {
      json.key("after_key");
      write_key(json, *keys_.back());
    }
    json.key("buckets").begin_array();
    for (const ShownBucket& bucket : shown.buckets) write_bucket(json, shown, bucket, form);
    json.end_array();
  }

  std::string_view type_name() const override { return "composite"; }
  std::string key_text(const ShownBucket& bucket) const override {
    std::string text;
    JsonWriter json(text);
    write_key(json, key_of(bucket));
    return text;
  }

  EsResult<void> check() const override {
    const auto is_time = [](const CompositeSource& source) { return source.rounding.has_value(); };
    if (std::count_if(options_.sources.begin(), options_.sources.end(), is_time) == 1) return {};
    return illegal_argument("the ancestor composite aggregation [" + options_.name +
                            "] must have exactly one date_histogram group by")
        .on_shard();
  }
  const Rounding& rounding() const override { return *options_.sources[time_column()].rounding; }
  std::int64_t start_ms(Bucket bucket) const override { return starts_ms_[bucket]; }

 private:
  struct Slot {
    Bucket bucket;
    std::uint64_t count = 0;
  };
  struct KeyOrder {
    const CompositeCollector& owner;
    bool operator()(const Key& a, const Key& b) const { return owner.compare(a, b) < 0; }
  };

  /// `selection` has a place for each of the parts_: more than one where a reading has several keys.
  void add_rows(const store::Block& block, Selection selection) {
    // First which keys the page has, as one may push out another; then what falls into them.
    for_each_stretch(selection.size(), [&](std::size_t, std::size_t) { admit(key_); });
    partition_.clear();
    for_each_stretch(selection.size(), [&](std::size_t begin, std::size_t end) {
      Slot* slot = find(key_);
      if (!slot) return;
      slot->count += end - begin;
      if (below_.empty()) return;
      for (std::size_t i = begin; i < end; ++i) partition_.put(slot->bucket, selection[i]);
    });
    if (!below_.empty()) {
      partition_.for_each([&](Bucket bucket, Selection part) { below_.add(block, part, bucket); });
    }
  }

  /// Fills parts_ and rows_ with every combination of the sources' values in each reading.
  void combine(const store::Block& block, Selection selection) {
    each_.resize(columns_.size());
    begins_.resize(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].has_many()) {
        columns_[i].read_each(block, selection, texts_, each_[i], begins_[i]);
        continue;
      }
      columns_[i].read(block, selection, texts_, each_[i]);
      begins_[i].resize(selection.size() + 1);
      std::iota(begins_[i].begin(), begins_[i].end(), std::size_t{0});
    }
    rows_.clear();
    for (auto& parts : parts_) parts.clear();
    for (std::size_t reading = 0; reading < selection.size(); ++reading) {
      std::size_t combinations = 1;
      for (const auto& begins : begins_) {
        combinations *= begins[reading + 1] - begins[reading];
        if (combinations <= combinations_max) continue;
        return execution_.fail(illegal_argument("[composite] combines the values of one document to more than [" +
                                                std::to_string(combinations_max) + "] keys")
                                   .on_shard());
      }
      for (std::size_t one = 0; one < combinations; ++one) {
        // As digits of a number: the last source changes fastest.
        std::size_t rest = one;
        for (std::size_t i = columns_.size(); i-- > 0;) {
          const std::size_t count = begins_[i][reading + 1] - begins_[i][reading];
          parts_[i].push_back(each_[i][begins_[i][reading] + rest % count]);
          rest /= count;
        }
        rows_.push_back(static_cast<std::uint32_t>(selection[reading]));
      }
    }
  }

  EsError incompatible_after(std::size_t place, EsError cause) const {
    const std::string inner =
        "incompatible value in the position " + std::to_string(place) + ": " + std::string(cause.reason());
    return EsError(400, "parse_exception",
                   "Cannot set after key in the composite aggregation [" + options_.name + "] - " + inner)
        .caused_by(illegal_argument(inner).caused_by(std::move(cause)))
        .on_shard();
  }

  EsError page_too_large(std::int64_t buckets_max) const {
    const std::string limit = std::to_string(buckets_max);
    return EsError(400, "too_many_buckets_exception",
                   "Trying to create too many buckets. Must be less than or equal to: [" + limit + "] but was [" +
                       std::to_string(options_.size) +
                       "]. This limit can be set by changing the [search.max_buckets] cluster level setting.")
        .with("max_buckets", limit)
        .on_shard();
  }
  int compare(const Key& a, const Key& b) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (const int sign = columns_[i].compare(a[i], b[i], texts_); sign != 0) return sign;
    }
    return 0;
  }

  bool is_full() const { return slots_.size() == static_cast<std::size_t>(options_.size); }

  /// By the first source alone: all of the run comes behind a full page, or before it.
  bool is_off_page(const Run& run) const {
    if (!is_full() && !after_) return false;
    const CompositeColumn& first = columns_.front();
    auto ends = first.over(run);
    if (!ends) return false;
    if (first.compare(ends->first, ends->second, texts_) > 0) std::swap(ends->first, ends->second);
    if (is_full() && first.compare(ends->first, slots_.rbegin()->first.front(), texts_) > 0) return true;
    return after_ && first.compare(ends->second, after_->front(), texts_) < 0;
  }

  /// The key of a run whose readings all have the same.
  std::optional<Key> key_over(const Run& run) const {
    Key key;
    for (const CompositeColumn& column : columns_) {
      const auto ends = column.over(run);
      if (!ends || ends->first != ends->second) return {};
      key.push_back(ends->first);
    }
    return key;
  }

  /// Calls visit(begin, end) for neighbours with the same key, which key_ then is.
  template <class Visit>
  void for_each_stretch(std::size_t size, const Visit& visit) {
    const auto is_same = [&](std::size_t a, std::size_t b) {
      return std::all_of(parts_.begin(), parts_.end(), [&](const auto& column) { return column[a] == column[b]; });
    };
    for (std::size_t begin = 0; begin < size;) {
      std::size_t end = begin + 1;
      while (end < size && is_same(begin, end)) ++end;
      key_.clear();
      for (const auto& column : parts_) key_.push_back(column[begin]);
      visit(begin, end);
      begin = end;
    }
  }

  Slot* find(const Key& key) {
    const auto found = slots_.find(key);
    return found == slots_.end() ? nullptr : &found->second;
  }

  /// Whether the key is on the page, where it gets a place if it has none yet.
  bool admit(const Key& key) {
    if (after_ && compare(key, *after_) <= 0) return false;
    if (is_full() && compare(key, slots_.rbegin()->first) > 0) return false;
    const auto [found, is_new] = slots_.try_emplace(key);
    if (!is_new) return true;
    found->second.bucket = new_bucket(key);
    if (slots_.size() > static_cast<std::size_t>(options_.size)) {
      const auto last = std::prev(slots_.end());
      // What cannot be forgotten keeps its number, and its memory.
      if (below_.clear(last->second.bucket)) free_.push_back(last->second.bucket);
      slots_.erase(last);
    }
    return true;
  }

  Bucket new_bucket(const Key& key) {
    Bucket bucket = 0;
    if (free_.empty()) {
      constexpr std::size_t slot_bytes = 128;
      execution_.charge(slot_bytes + columns_.size() * sizeof(KeyPart));
      bucket = static_cast<Bucket>(starts_ms_.size());
      starts_ms_.push_back(0);
    } else {
      bucket = free_.back();
      free_.pop_back();
    }
    starts_ms_[bucket] = time_column() < key.size() ? key[time_column()].code : 0;
    return bucket;
  }

  /// The first source that is a date_histogram; their number if none is.
  std::size_t time_column() const {
    std::size_t place = 0;
    while (place < options_.sources.size() && !options_.sources[place].rounding) ++place;
    return place;
  }

  /// Keys of buckets are places in keys_.
  ShownBuckets list(Bucket) override {
    ShownBuckets list;
    keys_.clear();
    if (!execution_.count_buckets(slots_.size())) return list;
    for (const auto& [key, slot] : slots_) {
      list.buckets.push_back({static_cast<std::int64_t>(keys_.size()), slot.count, slot.bucket});
      keys_.push_back(&key);
    }
    return list;
  }

  const Key& key_of(const ShownBucket& bucket) const { return *keys_[static_cast<std::size_t>(bucket.key)]; }

  void write_bucket(JsonWriter& json, const ShownBuckets& shown, const ShownBucket& bucket, const AnswerForm& form) {
    json.begin_object();
    json.key("key");
    write_key(json, key_of(bucket));
    json.key("doc_count").unsigned_integer(bucket.count);
    write_below(json, shown, bucket, form);
    json.end_object();
  }

  void write_key(JsonWriter& json, const Key& key) const {
    json.begin_object();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      json.key(columns_[i].source().name);
      columns_[i].write(json, key[i], texts_);
    }
    json.end_object();
  }

  const Options& options_;
  std::vector<CompositeColumn> columns_;
  KeyTexts texts_;
  std::optional<Key> after_;
  std::map<Key, Slot, KeyOrder> slots_;  ///< the page
  std::vector<const Key*> keys_;         ///< of the page, once it is listed
  std::vector<Bucket> free_;
  std::vector<std::int64_t> starts_ms_;  ///< by bucket, of the date_histogram
  bool has_keys_ = false;                ///< of the readings of this index
  Key key_;
  std::vector<std::vector<KeyPart>> parts_;  ///< by source, of the readings of a block
  /// Where readings have several keys: the readings of parts_, and by source what is combined.
  std::vector<std::uint32_t> rows_;
  std::vector<std::vector<KeyPart>> each_;
  std::vector<std::vector<std::size_t>> begins_;
  Partition partition_;
};

class Composite final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<CompositeCollector>(options, execution);
  }
  Options options;
};

/// As Elasticsearch names what makes an aggregation: "DateHistogramAggregatorFactory".
std::string factory_name(std::string_view type) {
  std::string name;
  bool begins_word = true;
  for (const char c : type) {
    if (c != '_') name += begins_word ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins_word = c == '_';
  }
  return name + (type == "composite" ? "AggregationFactory" : "AggregatorFactory");
}

/// A list, or one source alone.
EsResult<std::vector<CompositeSource>> read_sources(std::string_view type, const JsonMember& member) {
  const std::span<const JsonNode> nodes =
      member.value.is_array() ? std::span<const JsonNode>(member.value.items) : std::span(&member.value, 1);
  if (nodes.size() > sources_max) {
    return illegal_argument("[sources] takes at most [" + std::to_string(sources_max) + "] sources");
  }
  const auto unusable = [&](std::string reason) {
    return failed_field(
        type, member,
        EsError(400, "x_content_parse_exception", "Failed to build [composite] after last required field arrived")
            .caused_by(illegal_argument(std::move(reason))));
  };
  if (nodes.empty()) return unusable("Composite [sources] cannot be null or empty");
  std::vector<CompositeSource> sources;
  std::set<std::string> names, repeated;
  for (const JsonNode& node : nodes) {
    std::optional<Position> at;
    auto source = CompositeSource::parse(node, at);
    if (!source && at) return failed_inside(type, member, *at, std::move(source).error());
    if (!source) return std::move(source).error();
    if (!names.insert(source->name).second) repeated.insert(source->name);
    sources.push_back(std::move(*source));
  }
  if (repeated.empty()) return sources;
  std::string list;
  for (const std::string& name : repeated) list += (list.empty() ? "" : ", ") + name;
  return unusable("Composite source names must be unique, found duplicates: [" + list + "]");
}

EsResult<std::vector<JsonNode>> read_after(const JsonNode& node, const std::vector<CompositeSource>& sources) {
  if (node.members.size() != sources.size()) {
    return illegal_argument("[after] has " + std::to_string(node.members.size()) + " value(s) but [sources] has " +
                            std::to_string(sources.size()))
        .on_shard();
  }
  std::vector<JsonNode> after;
  for (const CompositeSource& source : sources) {
    const JsonNode* value = node.find(source.name);
    if (!value) return illegal_argument("Missing value for [after." + source.name + "]").on_shard();
    if (!value->is_scalar() || (value->is_null() && !source.missing_bucket)) {
      const std::string_view found = value->is_null() ? "null" : value->is_array() ? "ArrayList" : "LinkedHashMap";
      return illegal_argument("Invalid value for [after." + source.name + "], expected comparable, got [" +
                              std::string(found) + "]")
          .on_shard();
    }
    after.push_back(*value);
  }
  return after;
}

}  // namespace

ParsedAggregation parse_composite(AggregationParser& parser, std::string_view type, const JsonNode& body,
                                  Aggregations below) {
  auto aggregation = std::make_unique<Composite>();
  Options& options = aggregation->options;
  options.name = parser.name();
  options.below = std::move(below);
  const JsonMember* after = nullptr;
  for (const JsonMember& member : body.members) {
    if (member.name == "sources") {
      ES_TRY(options.sources, read_sources(type, member));
    } else if (member.name == "size") {
      ES_TRY(options.size, read_integer(type, member));
      if (options.size <= 0) {
        return failed_field(type, member,
                            illegal_argument("[size] must be greater than 0. Found [" + std::to_string(options.size) +
                                             "] in [composite]"));
      }
    } else if (member.name == "after") {
      if (!member.value.is_object()) return wrong_kind(type, member);
      after = &member;
    } else {
      return unknown_field(type, member);
    }
  }
  if (options.sources.empty()) return illegal_argument("Required [sources]");
  if (after) {
    ES_TRY(options.after, read_after(after->value, options.sources));
  }
  // Its key is that of a page of the whole search, so only what leaves one bucket may be around it.
  for (const AggregationParser::Level& level : parser.ancestors()) {
    if (level.definition->name == "filter") continue;
    return illegal_argument("[composite] aggregation cannot be used with a parent aggregation of type: [" +
                            factory_name(level.definition->name) + "]")
        .on_shard();
  }
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query
