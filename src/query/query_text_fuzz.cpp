// Queries typed as text, of any bytes: parsed and compiled for an index of each kind, never a crash or a hang. The
// first byte chooses options.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "query/query_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iot::query;
  if (size == 0) return 0;
  QueryTextOptions options;
  options.all_words = (data[0] & 1) != 0;
  options.leading_wildcard = (data[0] & 2) == 0;
  if ((data[0] & 4) != 0) options.fields = {"value^2", "sensor_id"};
  if ((data[0] & 8) != 0) options.lenient = false;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const bool simple : {false, true}) {
    QueryParser parser(256);
    const auto query =
        simple ? parse_simple_query_text(parser, text, options) : parse_query_text(parser, text, options);
    if (!query) continue;
    for (const auto mapping : {iot::model::MappingType::double_precision, iot::model::MappingType::keyword,
                               iot::model::MappingType::text, iot::model::MappingType::date}) {
      const Series series({iot::DeviceId{3}, iot::SensorId{4}, mapping});
      const auto filter = (*query)->compile(series, {1'526'717'967'123'456'789});
      if (!filter && filter.error().status() != 400) std::abort();
      std::vector<ScorePart> parts;
      if (filter && !(*query)->add_scores(series, {0}, Filter::all(), parts) && !simple) std::abort();
    }
  }
  return 0;
}
