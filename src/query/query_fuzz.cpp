// Request bodies of any bytes: an answer in Elasticsearch's form within the limits, never a crash or a hang; and JSON
// that Boost.JSON reads is read here too, apart from what is refused on purpose.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "query/testing/query_world.h"

namespace {

iot::query::QueryWorld& world() {
  static iot::query::QueryWorld* made = [] {
    auto* fresh = new iot::query::QueryWorld;
    fresh->limits.buckets_max = 1'000;
    fresh->limits.memory_bytes_max = 16u << 20;
    fresh->limits.result_window_max = 1'000;
    fresh->add_sensor(3, 4, iot::model::MappingType::double_precision);
    fresh->add_sensor(3, 5, iot::model::MappingType::long_integer);
    fresh->add_sensor(3, 6, iot::model::MappingType::keyword);
    fresh->add_sensor(8, 7, iot::model::MappingType::boolean);
    fresh->add_sensor(8, 9, iot::model::MappingType::text);
    fresh->add_sensor(8, 10, iot::model::MappingType::date);
    fresh->add_sensor(8, 11, iot::model::MappingType::geo_point);
    fresh->add_sensor(8, 12, iot::model::MappingType::object);
    for (std::int64_t i = 0; i < 40; ++i) {
      const std::int64_t time = 1'514'764'800'000'000'000 + i * 700'000'000'123;
      fresh->add(4, time, static_cast<double>(i) / 3);
      fresh->add(5, time, i * i);
      fresh->add(6, time, std::string(1, static_cast<char>('a' + i % 5)));
      fresh->add(7, time, i % 2);
      fresh->add(9, time, std::string("The quick Fox"));
      fresh->add(10, time, time);
      fresh->add(12, time,
                 "{\"n\":" + std::to_string(i) + ",\"a\":{\"t\":[\"x y\",\"z\"]},\"r\":" + (i % 3 ? "1" : "0.5") + "}");
      fresh->add(11, time, "{\"lat\":" + std::to_string(i) + ".5,\"lon\":" + std::to_string(170 - 9 * i) + ".25}");
    }
    fresh->store.run_readings_max = 9;
    fresh->store.seal();
    return fresh;
  }();
  return *made;
}

void check(const iot::query::EsAnswer& answer) {
  if (answer.body.empty() || answer.body.front() != '{') std::abort();
  if (answer.status != 200 && answer.body.find("\"error\"") == std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check(world().ask("POST", "/3_4/_search", body));
  check(world().ask("POST", "/_search", body));
  check(world().ask("POST", "/8_12/_search", body));
  check(world().ask("POST", "/_all/_count", body));
  check(world().ask("POST", "/3_4/_msearch", body));
  return 0;
}
