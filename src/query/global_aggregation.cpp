#include <utility>

#include "query/global_collector.h"

namespace iot::query {
namespace {

/// In the walk through what the query matches it only takes part in planning, so that its failures count there too.
class AllReadingsCollector final : public Collector, public GlobalCollector {
 public:
  AllReadingsCollector(const Aggregations& aggregations, Execution& execution)
      : aggregations_(aggregations), below_(aggregations, execution) {}

  EsResult<void> prepare(std::span<const Series* const> series) override { return below_.prepare(series); }
  EsResult<void> begin(const Series& series) override { return below_.begin(series); }
  bool takes_summary(const Run&) const override { return true; }
  void add_summary(const Run&, Bucket) override {}
  void add(const store::Block&, Selection, Bucket) override {}
  void write(JsonWriter& json, Bucket bucket, const AnswerForm& form) override {
    json.key("doc_count").unsigned_integer(count_);
    below_.write(json, bucket, form);
  }
  std::string_view type_name() const override { return "global"; }
  std::optional<Inside> inside(Bucket) override { return Inside{below_, count_}; }

  GlobalCollector* global() noexcept override { return this; }
  const Aggregations& aggregations() const noexcept override { return aggregations_; }
  Collectors& collectors() noexcept override { return below_; }
  void set_count(std::uint64_t count) noexcept override { count_ = count; }

 private:
  const Aggregations& aggregations_;
  Collectors below_;
  std::uint64_t count_ = 0;
};

class GlobalAggregation final : public Aggregation {
 public:
  explicit GlobalAggregation(Aggregations below) : below_(std::move(below)) {}
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<AllReadingsCollector>(below_, execution);
  }

 private:
  Aggregations below_;
};

}  // namespace

ParsedAggregation parse_global_aggregation(AggregationParser& parser, std::string_view, const JsonNode& body,
                                           Aggregations below) {
  if (!body.members.empty()) {
    const JsonNode& first = body.members.front().value;
    return parsing_error(first.at, "Expected [FIELD_NAME] under a [START_OBJECT], but got a [" +
                                       std::string(first.token_name()) + "] in [" + parser.name() + "]");
  }
  if (!parser.ancestors().empty()) {
    return illegal_argument("Aggregation [" + parser.ancestors().back().name +
                            "] cannot have a global sub-aggregation [" + parser.name() +
                            "]. Global aggregations can only be defined as top level aggregations")
        .on_shard();
  }
  return std::unique_ptr<Aggregation>(std::make_unique<GlobalAggregation>(std::move(below)));
}

}  // namespace iot::query
