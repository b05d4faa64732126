#include "query/aggregation.h"

#include <algorithm>
#include <utility>

#include "query/bucket_collector.h"
#include "query/pipelines/pipeline_result.h"

namespace iot::query {

Collectors::Collectors(const Aggregations& aggregations, Execution& execution, const SizedBuckets* buckets_of_time)
    : execution_(execution), pipelines_(aggregations.pipelines) {
  const Execution::Surroundings outer = execution.surroundings();
  const SizedBuckets* nearest = buckets_of_time ? buckets_of_time : outer.buckets_of_time;
  execution.set_surroundings({nearest, buckets_of_time != nullptr, outer.depth + 1});
  for (const auto& aggregation : aggregations.collecting) {
    entries_.push_back({aggregation.get(), aggregation->collector(execution)});
  }
  execution.set_surroundings(outer);
}

EsResult<void> Collectors::prepare(std::span<const Series* const> series) {
  if (std::exchange(is_prepared_, true)) return {};
  for (Entry& entry : entries_) ES_CHECK(entry.collector->prepare(series));
  return {};
}

EsResult<void> Collectors::begin(const Series& series) {
  for (Entry& entry : entries_) ES_CHECK(entry.collector->begin(series));
  return {};
}

bool Collectors::takes_summary(const Run& run) const {
  for (const Entry& entry : entries_) {
    if (!entry.collector->takes_summary(run)) return false;
  }
  return true;
}

std::string Collectors::undecided(const Run& run) {
  std::string path;
  for (Collectors* level = this; level;) {
    const auto refusing = std::find_if(level->entries_.begin(), level->entries_.end(),
                                       [&](const Entry& entry) { return !entry.collector->takes_summary(run); });
    if (refusing == level->entries_.end()) break;
    path += (path.empty() ? "" : ">") + refusing->aggregation->name;
    BucketsCollector* const buckets = refusing->collector->buckets();
    const auto inside = refusing->collector->inside(0);
    level = buckets ? &buckets->below() : inside ? &inside->below : nullptr;
  }
  return "aggregation [" + path + "]";
}

std::size_t Collectors::newest_wanted() const {
  std::size_t wanted = 0;
  for (const Entry& entry : entries_) wanted = std::max(wanted, entry.collector->newest_wanted());
  return wanted;
}

bool Collectors::takes_older(const Run& run) const {
  return std::all_of(entries_.begin(), entries_.end(),
                     [&run](const Entry& entry) { return entry.collector->takes_older(run); });
}

bool Collectors::reads_times() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.collector->reads_times(); });
}

bool Collectors::reads_places() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.collector->reads_places(); });
}

void Collectors::add_summary(const Run& run, Bucket bucket) {
  for (Entry& entry : entries_) entry.collector->add_summary(run, bucket);
}

void Collectors::add(const store::Block& block, Selection selection, Bucket bucket) {
  for (Entry& entry : entries_) {
    // Each of a thousand may take its share of memory from one block: the limit holds inside a block too.
    if (execution_.failure()) return;
    entry.collector->add(block, selection, bucket);
  }
}

void Collectors::write_entry(JsonWriter& json, Entry& entry, Bucket bucket, const AnswerForm& form) {
  // The answer is memory too, and empty buckets are cheap to ask for. After a failure nothing of it is shown.
  constexpr std::size_t entry_bytes = 64;
  const std::string& name = entry.aggregation->name;
  execution_.charge(entry_bytes + name.size());
  if (execution_.failure()) return;
  json.key(form.typed_keys ? std::string(entry.collector->type_name()) + "#" + name : name);
  json.begin_object();
  if (!entry.aggregation->meta_json.empty()) json.key("meta").raw(entry.aggregation->meta_json);
  entry.collector->write(json, bucket, form);
  json.end_object();
}

void Collectors::write(JsonWriter& json, Bucket bucket, const AnswerForm& form, const PipelineRow& row) {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) write_entry(json, *entry, bucket, form);
  write_results(json, form, row);
}

void Collectors::write(JsonWriter& json, Bucket bucket, const AnswerForm& form) {
  static const PipelineRow nothing;
  // Before the buckets that pipelines look at are written and dropped.
  write(json, bucket, form, pipelines_.empty() ? nothing : beside(bucket));
}

void Collectors::write_top(JsonWriter& json, const AnswerForm& form) {
  static const PipelineRow nothing;
  const PipelineRow& row = pipelines_.empty() ? nothing : beside(0);
  for (Entry& entry : entries_) write_entry(json, entry, 0, form);
  write_results(json, form, row);
}

Collector* Collectors::find(std::string_view name) const noexcept {
  for (const Entry& entry : entries_) {
    if (entry.aggregation->name == name) return entry.collector.get();
  }
  return nullptr;
}

const Aggregation* Collectors::unable_to_merge() const noexcept {
  for (const Entry& entry : entries_) {
    if (!entry.collector->can_merge()) return entry.aggregation;
  }
  return nullptr;
}

void Collectors::merge(Bucket from, Bucket into) {
  for (Entry& entry : entries_) entry.collector->merge(from, into);
}

bool Collectors::clear(Bucket bucket) {
  return std::all_of(entries_.begin(), entries_.end(), [&](Entry& entry) { return entry.collector->clear(bucket); });
}

std::vector<GlobalCollector*> Collectors::globals() const {
  std::vector<GlobalCollector*> found;
  for (const Entry& entry : entries_) {
    if (GlobalCollector* global = entry.collector->global()) found.push_back(global);
  }
  return found;
}

}  // namespace iot::query
