// Hits that are written at one go against the same hits written member by member, and their order however they come.
#include <algorithm>
#include <random>
#include <string>

#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;

/// One sensor of each kind of value, with readings before 1970, of the present, and at the end of time.
class PlainHits : public testing::Test {
 protected:
  PlainHits() {
    using model::MappingType;
    const auto add = [&](std::int64_t sensor, MappingType mapping, std::vector<model::Value> values) {
      world.add_sensor(3, sensor, mapping);
      std::int64_t time = start_ns + sensor;
      world.add(sensor, -86'400'000'000'001, values.front());
      world.add(sensor, timestamp_max.ns, values.back());
      for (const model::Value& value : values) world.add(sensor, time += 1'000'000'007, value);
    };
    add(4, MappingType::double_precision, {0.0, -0.0, 20.15, 1e300, 0.1 + 0.2, 100'000.0});
    add(5, MappingType::single_precision, {0.5, static_cast<double>(0.3f), -1.0});
    add(6, MappingType::long_integer, {std::int64_t{0}, std::int64_t{INT64_MIN}, std::int64_t{INT64_MAX}});
    add(7, MappingType::boolean, {std::int64_t{0}, std::int64_t{1}});
    add(8, MappingType::date, {std::int64_t{start_ns}, std::int64_t{start_ns + 1}});
    add(9, MappingType::keyword, {std::string(), std::string("a\"b\\c\nd"), std::string("öä"), std::string(500, 'x')});
    add(10, MappingType::text, {std::string("some words"), std::string("a \"quoted\" one")});
    add(11, MappingType::object, {std::string(R"({"temp":1.5,"at":{"x":[1,"2"]}})"), std::string("{}")});
    add(12, MappingType::geo_point, {std::string(R"({"lat":41.12,"lon":-71.34})")});
    world.store.run_readings_max = 3;
    world.store.seal();
  }

  /// The answer's text from its hits on.
  std::string hits_of(const std::string& index, const std::string& options) {
    const EsAnswer answer = world.ask("POST", "/" + index + "/_search", "{" + options + "}");
    EXPECT_EQ(answer.status, 200u) << answer.body;
    EXPECT_NO_THROW(json::parse(answer.body)) << answer.body;
    return answer.body.substr(answer.body.find("\"max_score\""));
  }

  QueryWorld world;
};

TEST_F(PlainHits, AreTheSameTextAsMemberByMember) {
  for (const std::string index : {"3_4", "3_5", "3_6", "3_7", "3_8", "3_9", "3_10", "3_11", "3_12", "3_*"}) {
    for (const std::string order : {"asc", "desc"}) {
      for (const std::string page : {R"("size":100)", R"("size":3)", R"("from":2,"size":2)", R"("size":0)"}) {
        const std::string options = page + R"(,"sort":[{"timestamp":")" + order + "\"}]";
        // A filter that shows all makes them be written member by member.
        EXPECT_EQ(hits_of(index, options), hits_of(index, options + R"(,"_source":["*"])")) << index << options;
      }
    }
  }
}

TEST_F(PlainHits, GiveWayToEveryOtherForm) {
  const std::string plain = R"("size":2,"sort":[{"timestamp":"desc"}])";
  for (const auto& [more, shown] : std::vector<std::pair<std::string, std::string>>{
           {R"(,"version":true)", R"("_version":1)"},
           {R"(,"seq_no_primary_term":true)", R"("_seq_no":0)"},
           {R"(,"track_scores":true)", R"("_score":1.0)"},
           {R"(,"docvalue_fields":["sensor_id"])", R"("fields":{"sensor_id":["4"]})"},
           {R"(,"fields":["device_id"])", R"("fields":{"device_id":["3"]})"},
           {R"(,"_source":["value"])", R"("_source":{"value":)"}}) {
    EXPECT_NE(hits_of("3_4", plain + more).find(shown), std::string::npos) << more << hits_of("3_4", plain + more);
  }
  EXPECT_EQ(hits_of("3_4", plain + R"(,"_source":false)").find("_source"), std::string::npos);
  EXPECT_EQ(hits_of("3_4", plain + R"(,"stored_fields":"_none_")").find("_id\""), std::string::npos);
  EXPECT_NE(hits_of("3_4", R"("sort":[{"timestamp":{"order":"desc","format":"yyyy"}}])").find(R"("sort":["2262"])"),
            std::string::npos);
  EXPECT_NE(hits_of("3_4", R"("sort":[{"timestamp":"desc"},{"value":"asc"}],"size":1)").find("\"sort\":[92233"),
            std::string::npos);
}

TEST(HitsOrder, IsTheSameHoweverTheyCome) {
  // Several series with readings at the same times and in between, in runs that overlap: best first in part only.
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    QueryWorld world;
    for (std::int64_t sensor = 1; sensor <= 4; ++sensor) {
      world.add_sensor(1, sensor, model::MappingType::double_precision);
      for (int i = 0; i < 50; ++i) {
        world.add(sensor, start_ns + static_cast<std::int64_t>(random() % 40) * 1000,
                  static_cast<double>(random() % 5));
      }
    }
    world.store.run_readings_max = 7;
    world.store.seal();
    for (const std::string order : {"asc", "desc"}) {
      const auto page = [&](int from, int size) {
        const json::value answer =
            search(world, R"({"from":)" + std::to_string(from) + R"(,"size":)" + std::to_string(size) +
                              R"(,"sort":[{"timestamp":")" + order + R"("}]})");
        return answer.at("hits").at("hits").as_array();
      };
      const json::array all = page(0, 300);
      const auto time_of = [](const json::value& hit) { return hit.at("sort").at(0).as_int64(); };
      EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [&](const json::value& a, const json::value& b) {
        return order == "asc" ? time_of(a) < time_of(b) : time_of(a) > time_of(b);
      }));
      for (std::size_t size : {1, 2, 10, 49, 120}) {
        const json::array first = page(0, static_cast<int>(size));
        ASSERT_EQ(first, json::array(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size))) << order << size;
      }
    }
  }
}

}  // namespace
}  // namespace iot::query
