// Scripts of any bytes: refused, or run to a value without a crash, in both dialects and both uses. Patterns of numbers
// too.
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include "query/number_format.h"
#include "query/pipelines/buckets_path.h"
#include "query/pipelines/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iot::query;
  const std::string_view text(reinterpret_cast<const char*>(data), std::min(size, Script::source_bytes_max));
  const std::string names[] = {"a", "b", "c"};
  const double window[] = {1, -2.5, 3, 0, 7, 1e300};
  const ScriptValue values[][3] = {
      {ScriptValue::of(1.5), ScriptValue::of(-0.0), ScriptValue()},
      {ScriptValue::of(std::numeric_limits<double>::quiet_NaN()), ScriptValue::of(1e308), ScriptValue::of(3.0)}};
  for (const char* lang : {"painless", "expression"}) {
    for (const Expression::Use use : {Expression::Use::bucket, Expression::Use::window}) {
      Script script;
      script.source = text;
      script.lang = lang;
      script.params["k"] = ScriptValue::integer(INT32_MIN);
      script.params["l"] = ScriptValue::whole(INT64_MIN);
      const auto expression = Expression::compile(std::move(script), names, use);
      if (!expression) {
        if (expression.error().status() != 400) std::abort();
        continue;
      }
      if (expression->steps() > Expression::nodes_max) std::abort();
      for (const auto& variables : values) {
        static_cast<void>(expression->number(variables, window));
        static_cast<void>(expression->condition(variables));
        static_cast<void>(expression->run(variables));
      }
    }
  }
  static_cast<void>(BucketsPath::parse(text));
  if (const auto format = NumberFormat::parse(text)) {
    for (const double value : {0.0, -1234567.891, 1e300, 0.005}) static_cast<void>(format->write(value));
  }
  return 0;
}
