// bucket_script and bucket_selector: an expression over numbers of each bucket.
#include <cmath>
#include <utility>

#include "query/pipelines/expression.h"
#include "query/pipelines/pipeline.h"

namespace iot::query {
namespace {

class BucketScript final : public Pipeline {
 public:
  Place place() const override { return Place::inside_buckets; }

  EsResult<void> run(BucketsAtWork& buckets) const override {
    std::vector<std::size_t> kept;
    std::vector<ScriptValue> variables(paths.size());
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      ES_TRY(const bool complete, read(buckets, i, variables));
      if (!buckets.execution().charge_work(expression->steps())) return *buckets.execution().failure();
      if (is_selector) {
        ES_TRY(const bool keep, expression->condition(variables));
        if (keep) kept.push_back(i);
      } else if (complete) {
        ES_TRY(const auto value, expression->number(variables));
        if (value) buckets.put(i, std::make_unique<SimpleValue>(*value, options.number_format()));
      }
    }
    if (is_selector) buckets.keep(kept);
    return {};
  }

  bool is_selector = false;
  PipelineOptions options;
  std::optional<Expression> expression;

 private:
  /// False if a number is missing and the policy skips such buckets. A selector is asked in any case.
  EsResult<bool> read(BucketsAtWork& buckets, std::size_t i, std::vector<ScriptValue>& variables) const {
    for (std::size_t at = 0; at < paths.size(); ++at) {
      ES_TRY(const auto value, buckets.value(i, paths[at], options.gap_policy));
      if (!is_selector && is_skippable(options.gap_policy) && (!value || std::isnan(*value))) return false;
      variables[at] = value ? ScriptValue::of(*value) : ScriptValue();
    }
    return true;
  }
};

/// {"name": "path"}, or paths alone, whose names are then _value, or _value0, _value1, ...
EsResult<std::vector<std::string>> read_paths(const JsonMember& member, std::vector<BucketsPath>& paths) {
  constexpr std::size_t paths_max = 64;
  std::vector<std::string> names;
  const auto add = [&](std::string name, const std::string& text) -> EsResult<void> {
    if (paths.size() == paths_max) return illegal_argument("[buckets_path] takes at most 64 paths");
    ES_TRY(BucketsPath path, BucketsPath::parse(text));
    paths.push_back(std::move(path));
    names.push_back(std::move(name));
    return {};
  };
  if (member.value.is_object()) {
    for (const JsonMember& one : member.value.members) {
      ES_TRY(const std::string text, read_text("buckets_path", one));
      ES_CHECK(add(one.name, text));
    }
    return names;
  }
  ES_TRY(const auto texts, read_texts("buckets_path", member));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ES_CHECK(add(member.value.is_array() ? "_value" + std::to_string(i) : "_value", texts[i]));
  }
  return names;
}

}  // namespace

ParsedPipeline parse_bucket_script(std::string_view type, std::string_view name, const JsonNode& body) {
  auto pipeline = std::make_shared<BucketScript>();
  pipeline->name = name;
  pipeline->is_selector = type == "bucket_selector";
  std::vector<std::string> names;
  std::optional<Script> script;
  for (const JsonMember& member : body.members) {
    if (member.name == "buckets_path") {
      ES_TRY(names, read_paths(member, pipeline->paths));
    } else if (member.name == "script") {
      ES_TRY(script, Script::parse(type, member.value));
    } else if (member.name == "format" && pipeline->is_selector) {
      return unknown_field(type, member);
    } else {
      ES_TRY(const bool taken, pipeline->options.take(name, member, pipeline->paths));
      if (!taken) return unknown_field(type, member);
    }
  }
  if (pipeline->paths.empty() && !body.find("buckets_path")) ES_CHECK(check_paths(*pipeline, type, body));
  if (!script) {
    return parsing_error(body.at, "Missing required field [script] for " + std::string(type) + " aggregation [" +
                                      std::string(name) + "]");
  }
  ES_TRY(pipeline->expression, Expression::compile(std::move(*script), names, Expression::Use::bucket));
  return std::shared_ptr<Pipeline>(std::move(pipeline));
}

}  // namespace iot::query
