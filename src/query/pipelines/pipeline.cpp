#include "query/pipelines/pipeline.h"

#include <limits>
#include <utility>

#include "query/objects/inside_field.h"

namespace iot::query {

EsResult<std::optional<double>> BucketsAtWork::value(std::size_t i, const BucketsPath& path, GapPolicy policy) {
  if (!execution_.charge_work(path.steps().size())) return *execution_.failure();
  return bucket_value(owner_, shown_.buckets[i], shown_.rows, path.steps(), policy);
}

EsResult<std::vector<double>> BucketsAtWork::values(const BucketsPath& path, GapPolicy policy) {
  std::vector<double> values(size());
  for (std::size_t i = 0; i < size(); ++i) {
    ES_TRY(const auto found, value(i, path, policy));
    values[i] = found.value_or(std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}

void BucketsAtWork::put(std::size_t i, std::unique_ptr<const PipelineResult> result) {
  execution_.charge(result->memory_bytes());
  shown_.rows[shown_.buckets[i].row][place_] = std::move(result);
}

void BucketsAtWork::keep(const std::vector<std::size_t>& places) {
  std::vector<ShownBucket> kept;
  kept.reserve(places.size());
  for (const std::size_t place : places) kept.push_back(shown_.buckets[place]);
  shown_.buckets = std::move(kept);
}

// Here, because only here pipelines and their results are whole types.
Collectors::~Collectors() = default;

void Collectors::run(BucketsCollector& owner, ShownBuckets& shown) {
  execution_.charge(shown.buckets.size() * (sizeof(PipelineRow) + pipelines_.size() * sizeof(void*)));
  if (execution_.failure()) {
    shown.buckets.clear();
    return;
  }
  shown.rows.resize(shown.buckets.size());
  for (std::size_t i = 0; i < shown.buckets.size(); ++i) {
    shown.rows[i].resize(pipelines_.size());
    shown.buckets[i].row = static_cast<std::uint32_t>(i);
  }
  for (std::size_t place = 0; place < pipelines_.size(); ++place) {
    const Pipeline& pipeline = *pipelines_[place];
    BucketsAtWork at_work(owner, shown, place, execution_);
    EsResult<void> done;
    if (pipeline.place() != Pipeline::Place::beside_buckets) {
      done = pipeline.run(at_work);
    } else {
      for (std::size_t i = 0; i < at_work.size() && done; ++i) {
        auto result = pipeline.look_at(*this, at_work[i].bucket, execution_);
        if (result) {
          at_work.put(i, std::move(*result));
        } else {
          done = std::move(result).error();
        }
      }
    }
    if (!done) execution_.fail(std::move(done).error());
    if (execution_.failure()) {
      shown.buckets.clear();
      return;
    }
  }
}

const PipelineRow& Collectors::beside(Bucket bucket) {
  const auto [found, is_new] = beside_.try_emplace(bucket);
  PipelineRow& row = found->second;
  if (!is_new) return row;
  row.resize(pipelines_.size());
  for (std::size_t place = 0; place < pipelines_.size() && !execution_.failure(); ++place) {
    auto result = pipelines_[place]->look_at(*this, bucket, execution_);
    if (!result) {
      execution_.fail(std::move(result).error());
    } else if (*result) {
      execution_.charge((*result)->memory_bytes());
      row[place] = std::move(*result);
    }
  }
  return row;
}

std::optional<std::size_t> Collectors::find_pipeline(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < pipelines_.size(); ++i) {
    if (pipelines_[i]->name == name) return i;
  }
  return {};
}

void Collectors::write_results(JsonWriter& json, const AnswerForm& form, const PipelineRow& row) {
  for (std::size_t place = 0; place < row.size() && !execution_.failure(); ++place) {
    if (!row[place]) continue;
    const Pipeline& pipeline = *pipelines_[place];
    execution_.charge(row[place]->memory_bytes() + pipeline.name.size());
    json.key(form.typed_keys ? std::string(row[place]->type_name()) + "#" + pipeline.name : pipeline.name);
    json.begin_object();
    if (!pipeline.meta_json.empty()) json.key("meta").raw(pipeline.meta_json);
    row[place]->write(json);
    json.end_object();
  }
}

}  // namespace iot::query
