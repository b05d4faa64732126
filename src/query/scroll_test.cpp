// Scrolls and points in time: every reading once, nothing that came later at the end, nobody else's, bounded.
#include <set>
#include <string>

#include "query/search_contexts.h"
#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;

class Scroll : public testing::Test {
 protected:
  Scroll() {
    world.add_sensor(3, 4, model::MappingType::double_precision);
    world.add_sensor(3, 5, model::MappingType::keyword);
    for (std::int64_t i = 0; i < 50; ++i) {
      world.add(4, start_ns + i / 3, static_cast<double>(i % 7) - 3);
      world.add(5, start_ns + i, std::string(1, static_cast<char>('a' + i % 5)) + ":" + std::to_string(i % 2));
    }
    world.store.run_readings_max = 8;
    world.store.seal();
    world.caller = "consumer 1";
    world.keep_contexts();
  }

  json::value ask(std::string_view method, const std::string& path, const std::string& body, unsigned status = 200) {
    const EsAnswer answer = world.ask(method, path, body);
    EXPECT_EQ(answer.status, status) << path << body << answer.body;
    return json::parse(answer.body);
  }
  std::string open(const std::string& body, const std::string& index = "3_*") {
    const EsAnswer answer = world.ask("POST", "/" + index + "/_search", body, {{"scroll", "1m"}});
    EXPECT_EQ(answer.status, 200u) << answer.body;
    first_ = json::parse(answer.body);
    return std::string(first_.at("_scroll_id").as_string());
  }
  json::value next(const std::string& id, unsigned status = 200) {
    return ask("POST", "/_search/scroll", R"({"scroll":"1m","scroll_id":")" + id + R"("})", status);
  }
  std::string open_point() {
    const EsAnswer answer = world.ask("POST", "/3_*/_pit", "", {{"keep_alive", "1m"}});
    EXPECT_EQ(answer.status, 200u) << answer.body;
    return std::string(json::parse(answer.body).at("id").as_string());
  }
  static void take(const json::value& page, std::vector<std::string>& ids) {
    for (const json::value& hit : page.at("hits").at("hits").as_array()) {
      ids.emplace_back(std::string(hit.at("_index").as_string()) + "/" + std::string(hit.at("_id").as_string()));
    }
  }
  std::vector<std::string> at_once(const std::string& more, const std::string& index) {
    std::vector<std::string> ids;
    take(ask("POST", "/" + index + "/_search", R"({"size":1000)" + more + "}"), ids);
    return ids;
  }

  QueryWorld world;
  json::value first_;
};

TEST_F(Scroll, GivesAllHitsInTheOrderOfOneSearch) {
  for (const char* more :
       {"", R"(,"sort":["_doc"])", R"(,"sort":[{"timestamp":"desc"}])", R"(,"sort":[{"timestamp":"asc"}])",
        R"(,"sort":["device_id",{"timestamp":"desc"}])", R"(,"sort":["value"])",
        R"(,"query":{"bool":{"should":[{"match_all":{}},{"term":{"sensor_id":{"value":"5","boost":3}}}]}})"}) {
    // Numbers and words cannot be ordered among each other.
    const std::string index = std::string(more).find("sort\":[\"value") == std::string::npos ? "3_*" : "3_4";
    const std::vector<std::string> whole = at_once(more, index);
    for (const int size : {1, 7, 50, 1000}) {
      std::vector<std::string> ids;
      const std::string id = open(R"({"size":)" + std::to_string(size) + more + "}", index);
      take(first_, ids);
      while (true) {
        const json::value page = next(id);
        EXPECT_EQ(page.at("hits").at("total"), first_.at("hits").at("total"));
        EXPECT_EQ(page.at("_shards"), first_.at("_shards"));
        const std::size_t before = ids.size();
        take(page, ids);
        if (ids.size() == before) break;
      }
      EXPECT_EQ(ids, whole) << more << " in pages of " << size;
      EXPECT_TRUE(next(id).at("hits").at("hits").as_array().empty());
      ask("DELETE", "/_search/scroll", R"({"scroll_id":")" + id + R"("})");
    }
  }
}

TEST_F(Scroll, DoesNotSeeWhatComesLater) {
  const std::string id = open(R"({"size":10,"sort":["timestamp"]})");
  std::vector<std::string> ids;
  take(first_, ids);
  for (std::int64_t i = 0; i < 5; ++i) world.add(4, start_ns + 1'000 + i, 1.0);
  world.store.seal();
  while (true) {
    const std::size_t before = ids.size();
    take(next(id), ids);
    if (ids.size() == before) break;
  }
  EXPECT_EQ(ids.size(), 100u);
}

TEST_F(Scroll, AggregatesOnItsFirstPageOnly) {
  const std::string id = open(R"({"size":1,"aggs":{"n":{"value_count":{"field":"sensor_id"}}}})");
  EXPECT_EQ(first_.at("aggregations").at("n").at("value"), 100);
  EXPECT_FALSE(next(id).as_object().contains("aggregations"));
}

TEST_F(Scroll, TakesItsIdInEachOfThreeWays) {
  const std::string id = open(R"({"size":1})");
  ask("GET", "/_search/scroll/" + id, "");
  EXPECT_EQ(world.ask("GET", "/_search/scroll", "", {{"scroll_id", id}, {"scroll", "2m"}}).status, 200u);
  ask("POST", "/_search/scroll", id);
  EXPECT_EQ(ask("DELETE", "/_search/scroll/" + id, "").at("num_freed"), 1);
  EXPECT_EQ(ask("DELETE", "/_search/scroll/" + id, "", 404).at("num_freed"), 0);
  const json::value missing = next(id, 404);
  EXPECT_EQ(missing.at("error").at("root_cause").at(0).at("type"), "search_context_missing_exception");
  open("{}"), open("{}");
  EXPECT_EQ(ask("DELETE", "/_search/scroll/_all", "").at("num_freed"), 2);
}

TEST_F(Scroll, BelongsToWhoMadeIt) {
  const std::string id = open(R"({"size":1})");
  world.caller = "consumer 2";
  next(id, 404);
  ask("DELETE", "/_search/scroll/" + id, "", 404);
  EXPECT_EQ(ask("DELETE", "/_search/scroll/_all", "", 404).at("num_freed"), 0);
  world.caller = "consumer 1";
  next(id);
}

TEST_F(Scroll, EndsWhenNobodyAsksForIt) {
  const std::string id = open(R"({"size":1})");
  world.clock.advance(std::chrono::seconds(59));
  next(id);
  world.clock.advance(std::chrono::seconds(59));
  next(id);
  world.clock.advance(std::chrono::seconds(60));
  next(id, 404);
}

TEST_F(Scroll, RefusesWhatCannotGoOn) {
  const auto refuses = [&](const std::string& body, const std::string& keep_alive, const std::string& named) {
    const EsAnswer answer = world.ask("POST", "/3_4/_search", body, {{"scroll", keep_alive}});
    EXPECT_EQ(answer.status, 400u) << answer.body;
    EXPECT_NE(answer.body.find(named), std::string::npos) << answer.body;
  };
  refuses(R"({"from":1})", "1m", "using [from] is not allowed");
  refuses(R"({"size":0})", "1m", "[size] cannot be [0]");
  refuses(R"({"track_total_hits":false})", "1m", "track_total_hits");
  refuses("{}", "25h", "is too large");
  refuses("{}", "soon", "unit is missing");
  ask("POST", "/_search/scroll", "{}", 400);
}

TEST_F(Scroll, IsBoundedInNumber) {
  std::string id;
  for (int i = 0; i < 50; ++i) id = open("{}");
  EXPECT_EQ(world.ask("POST", "/3_4/_search", "{}", {{"scroll", "1m"}}).status, 429u);
  world.caller = "consumer 2";
  EXPECT_EQ(world.ask("POST", "/3_4/_search", "{}", {{"scroll", "1m"}}).status, 200u)
      << "one caller does not lock out others";
  world.caller = "consumer 1";
  ask("DELETE", "/_search/scroll/" + id, "");
  open("{}");
  world.clock.advance(std::chrono::minutes(2));
  open("{}");
}

TEST(SearchContexts, AreBoundedInBytesAndInAll) {
  ManualClock clock;
  SearchContexts contexts(clock, {.contexts_max = 3, .contexts_of_one_max = 2, .bytes_max = 100});
  const auto make = [&](const char* owner) {
    auto context = std::make_shared<SearchContext>();
    context->owner = owner;
    context->keep_alive = std::chrono::minutes(1);
    return context;
  };
  EXPECT_FALSE(contexts.open(make("a"), 101));
  const auto first = contexts.open(make("a"), 60);
  ASSERT_TRUE(first);
  EXPECT_FALSE(contexts.open(make("a"), 41));
  EXPECT_TRUE(contexts.open(make("a"), 40));
  EXPECT_FALSE(contexts.open(make("a"), 0));
  EXPECT_TRUE(contexts.open(make("b"), 0));
  EXPECT_FALSE(contexts.open(make("c"), 0));
  EXPECT_TRUE(contexts.close(*first, "a"));
  EXPECT_TRUE(contexts.open(make("c"), 60));
}

TEST_F(Scroll, SearchesAPointInTimeFromHitToHit) {
  for (const char* sort : {R"(["_shard_doc"])", R"([{"timestamp":"desc"}])", R"(["device_id"])",
                           R"([{"_shard_doc":"desc"}])", R"([{"timestamp":"asc"},"sensor_id"])"}) {
    const std::string point = open_point();
    const std::string start = R"({"size":7,"pit":{"id":")" + point + R"(","keep_alive":"1m"},"sort":)" + sort;
    std::vector<std::string> ids;
    std::string after;
    while (true) {
      const json::value page = ask("POST", "/_search", start + after + "}");
      EXPECT_EQ(page.at("pit_id"), json::value(point));
      const auto& hits = page.at("hits").at("hits").as_array();
      if (hits.empty()) break;
      take(page, ids);
      after = R"(,"search_after":)" + json::serialize(hits.back().at("sort"));
      world.add(4, start_ns + 5'000 + static_cast<std::int64_t>(ids.size()), 1.0);
      world.store.seal();
    }
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size()) << sort;
    EXPECT_GE(ids.size(), 100u) << sort;
    EXPECT_EQ(ask("DELETE", "/_pit", R"({"id":")" + point + R"("})").at("num_freed"), 1);
    ask("POST", "/_search", start + "}", 404);
  }
}

TEST_F(Scroll, RefusesWhatDoesNotFitAPointInTime) {
  const std::string point = open_point();
  const std::string pit = R"({"pit":{"id":")" + point + R"("})";
  ask("POST", "/3_4/_search", pit + "}", 400);
  ask("POST", "/_search", pit + R"(,"sort":["_shard_doc"],"search_after":["3"]})", 400);
  ask("POST", "/_search", pit + R"(,"sort":["_shard_doc"],"search_after":["0:1:q1"]})", 400);
  ask("POST", "/_search", R"({"sort":["_shard_doc"]})", 400);
  ask("POST", "/_search/scroll", R"({"scroll_id":")" + point + R"("})", 404);
  ask("POST", "/3_4/_pit", "", 400);
  world.caller = "consumer 2";
  ask("POST", "/_search", pit + "}", 404);
}

}  // namespace
}  // namespace iot::query
