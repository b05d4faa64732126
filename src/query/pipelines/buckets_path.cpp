#include "query/pipelines/buckets_path.h"

#include <cmath>
#include <limits>

namespace iot::query {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using Steps = std::span<const std::string>;

EsError invalid_element(std::string_view element, std::string_view path) {
  return {400, "aggregation_execution_exception",
          "Invalid path element [" + std::string(element) + "] in path [" + std::string(path) + "]"};
}

/// What a path leads to: a number (NaN where there is none), or nothing at all.
using Found = std::optional<double>;

EsError not_one_number(std::string_view first, std::string_view what, bool is_multiple) {
  const std::string must =
      "buckets_path must reference either a number value or a single value numeric metric aggregation, ";
  const std::string name = "[" + std::string(first) + "]";
  return EsError(400, "aggregation_execution_exception",
                 is_multiple ? must + "but " + name + " contains multiple values. Please specify which to use."
                             : must + "got: [" + std::string(what) + "] at aggregation " + name)
      .in_reduce();
}

EsError unsupported_property(std::string_view name, Steps rest) {
  std::string list;
  for (const std::string& step : rest) list += (list.empty() ? "" : ", ") + step;
  return illegal_argument("path not supported for [" + std::string(name) + "]: [" + list + "]").in_reduce();
}

struct Follower {
  /// For errors: the first step of the whole path.
  std::string_view first;

  EsResult<Found> in_bucket(BucketsCollector& owner, const ShownBucket& bucket, const std::vector<PipelineRow>& rows,
                            Steps steps) const {
    if (steps.empty()) return not_one_number(first, "Bucket", false);
    if (steps[0] == "_count") return Found(static_cast<double>(bucket.count));
    if (steps[0] == "_key") {
      const auto key = owner.key_number(bucket);
      if (!key) return not_one_number(first, "key", false);
      return Found(*key);
    }
    static const PipelineRow nothing;
    return in_level(owner.below(), bucket.bucket, rows.empty() ? nothing : rows[bucket.row], steps);
  }

  EsResult<Found> in_level(Collectors& level, Bucket bucket, const PipelineRow& row, Steps steps) const {
    const std::string& name = steps[0];
    const Steps rest = steps.subspan(1);
    if (Collector* collector = level.find(name)) return in_collector(*collector, name, bucket, rest);
    const auto place = level.find_pipeline(name);
    if (!place || *place >= row.size() || !row[*place]) return Found();
    return in_number(
        *row[*place], name, rest, [&](std::string_view property) { return row[*place]->number(property); },
        row[*place]->is_multiple());
  }

  EsResult<Found> in_collector(Collector& collector, const std::string& name, Bucket bucket, Steps rest) const {
    if (BucketsCollector* many = collector.buckets()) return in_buckets(*many, bucket, rest);
    if (const auto inside = collector.inside(bucket)) {
      if (rest.empty()) return not_one_number(first, collector.type_name(), false);
      if (rest[0] == "_count") return Found(static_cast<double>(inside->count));
      return in_level(inside->below, bucket, inside->below.beside(bucket), rest);
    }
    return in_number(
        collector, name, rest, [&](std::string_view property) { return collector.number(bucket, property); },
        !collector.has_number(""));
  }

  template <class Source, class Number>
  EsResult<Found> in_number(const Source& source, const std::string& name, Steps rest, const Number& number,
                            bool is_multiple) const {
    if (rest.empty() && is_multiple) return not_one_number(first, {}, true);
    const std::string_view property = rest.empty() ? std::string_view{} : std::string_view(rest[0]);
    if (rest.size() > 1 || !source.has_number(property)) return unsupported_property(name, rest);
    return Found(number(property).value_or(nan));
  }

  EsResult<Found> in_buckets(BucketsCollector& many, Bucket parent, Steps rest) const {
    if (rest.empty()) return not_one_number(first, many.type_name(), false);
    const ShownBuckets& shown = many.shown(parent);
    if (rest[0] == "_bucket_count") return Found(static_cast<double>(shown.buckets.size()));
    const std::string& key = rest[0];
    if (key.size() < 2 || key.front() != '\'' || key.back() != '\'') return not_one_number(first, "Object[]", false);
    const std::string_view wanted = std::string_view(key).substr(1, key.size() - 2);
    for (const ShownBucket& bucket : shown.buckets) {
      if (many.key_text(bucket) == wanted) return in_bucket(many, bucket, shown.rows, rest.subspan(1));
    }
    return Found();
  }
};

}  // namespace

EsResult<BucketsPath> BucketsPath::parse(std::string_view text) {
  if (text.size() > bytes_max) {
    return illegal_argument("[buckets_path] takes at most [" + std::to_string(bytes_max) + "] bytes");
  }
  BucketsPath path;
  path.text_ = text;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('>', begin), text.size());
    const std::string_view element = text.substr(begin, end - begin);
    const bool is_last = end == text.size();
    begin = end + 1;
    if (element.empty()) continue;
    const auto bracket = element.rfind('[');
    const auto dot = is_last ? element.rfind('.') : std::string_view::npos;
    if (bracket != std::string_view::npos) {
      if (bracket == 0 || bracket + 3 > element.size() || element.back() != ']') return invalid_element(element, text);
      path.names_.emplace_back(element.substr(0, bracket));
      path.steps_.emplace_back(path.names_.back());
      path.steps_.emplace_back(element.substr(bracket + 1, element.size() - bracket - 2));
    } else if (dot != std::string_view::npos) {
      if (dot == 0 || dot + 2 > element.size()) return invalid_element(element, text);
      path.names_.emplace_back(element.substr(0, dot));
      path.steps_.emplace_back(path.names_.back());
      path.steps_.emplace_back(element.substr(dot + 1));
    } else {
      path.names_.emplace_back(element);
      path.steps_.emplace_back(element);
    }
  }
  if (path.steps_.empty()) return invalid_element(text, text);
  return path;
}

EsResult<std::optional<double>> bucket_value(BucketsCollector& owner, const ShownBucket& bucket,
                                             const std::vector<PipelineRow>& rows, std::span<const std::string> steps,
                                             GapPolicy policy) {
  const Follower follower{steps.empty() ? std::string_view{} : std::string_view(steps[0])};
  ES_TRY(const Found found, follower.in_bucket(owner, bucket, rows, steps));
  if (!found) return found;
  // A count is never missing.
  const bool is_count = steps.size() == 1 && steps[0] == "_count";
  if (std::isfinite(*found) && (bucket.count > 0 || is_count)) return found;
  if (policy == GapPolicy::insert_zeros) return Found(0.0);
  return policy == GapPolicy::keep_values && std::isfinite(*found) ? found : Found(nan);
}

std::optional<Reached> reach(Collectors& level, Bucket bucket, std::span<const std::string> steps) {
  Collectors* here = &level;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Collector* collector = here->find(steps[i]);
    if (!collector) return {};
    const auto inside = collector->inside(bucket);
    if (!inside || i + 1 == steps.size()) return Reached{collector, bucket, steps.subspan(i + 1)};
    here = &inside->below;
  }
  return {};
}

}  // namespace iot::query
