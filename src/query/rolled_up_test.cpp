// Searches over rolled-up time: aggregations say what they said of the readings, or that they cannot; hits are
// readings.
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "model/reading_batch.h"
#include "query/testing/query_answers.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/temporary_directory.h"

namespace iot::query {
namespace {

namespace json = boost::json;
using std::chrono::hours;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t day_ns = 86'400 * second_ns;
/// Up to here all is rolled up: the clock is at 2018-05-19T08:19:27Z.
constexpr std::string_view until = "2018-05-17T00:00:00.000Z";
const std::int64_t until_ns = 1'526'515'200 * second_ns;

/// The same readings twice: as they are, and in a store that has rolled up what is older than two days.
class RolledUpTest : public testing::Test {
 protected:
  RolledUpTest() {
    store::EmbeddedStoreOptions options;
    options.memory_bytes_max = 16u << 20;
    options.readings_per_chunk = 512;
    options.maintenance_interval = {};
    store_ =
        std::move(store::EmbeddedStore::open(directory_.path() / "store", options, metrics_, rolled_.clock)).value();
    rolled_.asked_instead = store_.get();
    for (QueryWorld* world : {&plain_, &rolled_}) {
      world->add_sensor(3, 4, model::MappingType::double_precision);
      world->add_sensor(3, 5, model::MappingType::long_integer);
      world->add_sensor(7, 6, model::MappingType::double_precision);
    }
    const std::int64_t now = rolled_.clock.now().ns;
    std::mt19937_64 random(11);
    for (const std::int64_t sensor : {4, 5, 6}) {
      model::ReadingBatch batch;
      const auto step_s = static_cast<std::int64_t>(sensor == 6 ? 300 : 20);
      for (std::int64_t time = now - 5 * day_ns; time < now;
           time += step_s * second_ns + static_cast<std::int64_t>(random() % 5) * second_ns / 4) {
        const auto value = static_cast<std::int64_t>(random() % 4'000) - 1'000;
        if (sensor == 5) {
          batch.add_integer({sensor}, model::MappingType::long_integer, {time}, value);
          plain_.add(sensor, time, value);
        } else {
          batch.add_real({sensor}, model::MappingType::double_precision, {time}, static_cast<double>(value) / 8);
          plain_.add(sensor, time, static_cast<double>(value) / 8);
        }
      }
      std::string payload;
      batch.encode(payload);
      const log::Record record{{++position_}, payload};
      store_->committed({&record, 1});
    }
    plain_.store.seal();
    keep({hours(48), {model::forever, {}, {}}});
  }

  void keep(model::Retention retention) {
    store_->set_retention_policy([retention](SensorId) { return retention; });
    const auto done = store_->maintain();
    ASSERT_TRUE(done) << done.error().message;
  }

  static std::string with_aggregation(std::string_view aggregation) {
    return R"({"size":0,"aggs":{"a":)" + std::string(aggregation) + "}}";
  }

  /// Both say the same.
  void expect_same(const std::string& body, std::string_view path = "/_search") {
    const auto expected = search(plain_, body, path);
    const auto found = search(rolled_, body, path);
    if (HasFailure()) return;
    EXPECT_TRUE(nearly_equal(found.at("aggregations"), expected.at("aggregations")))
        << body << "\nrolled up " << json::serialize(found.at("aggregations")) << "\nreadings  "
        << json::serialize(expected.at("aggregations"));
  }

  /// Refused, with `named` in the reason; of the readings that are there it is answered.
  void expect_refused(const std::string& aggregation, std::string_view named, const std::string& query = {}) {
    const auto body = [&](const std::string& range) {
      std::string filters = query;
      if (!range.empty()) filters += (filters.empty() ? "" : ",") + range;
      return R"({"size":0,"query":{"bool":{"filter":[)" + filters + R"(]}},"aggs":)" + aggregation + "}";
    };
    const auto refused = search(rolled_, body({}), "/3_4/_search", 400);
    if (HasFailure()) return;
    const auto& error = refused.at("error");
    EXPECT_EQ(error.at("type"), "illegal_argument_exception") << aggregation;
    const std::string reason(error.at("reason").as_string());
    EXPECT_NE(reason.find(named), std::string::npos) << reason;
    for (const std::string_view part : {std::string_view("3_4"), until, std::string_view("minutes")}) {
      EXPECT_NE(reason.find(part), std::string::npos) << reason;
    }
    expect_same(body(R"({"range":{"timestamp":{"gte":")" + std::string(until) + "\"}}}"), "/3_4/_search");
  }

  QueryWorld plain_;
  QueryWorld rolled_;
  Metrics metrics_;
  store::TemporaryDirectory directory_;
  std::unique_ptr<store::EmbeddedStore> store_;
  std::uint64_t position_ = 0;
};

const std::vector<std::string> by_minutes{
    R"({"stats":{"field":"value"}})",
    R"({"avg":{"field":"value"}})",
    R"({"sum":{"field":"value"}})",
    R"({"value_count":{"field":"value"}})",
    R"({"min":{"field":"timestamp"}})",
    R"({"max":{"field":"timestamp"}})",
    R"({"date_histogram":{"field":"timestamp","fixed_interval":"1m"},"aggs":{"s":{"stats":{"field":"value"}}}})",
    R"({"date_histogram":{"field":"timestamp","fixed_interval":"7m"},"aggs":{"s":{"max":{"field":"value"}}}})",
};

const std::vector<std::string> by_hours{
    R"({"date_histogram":{"field":"timestamp","calendar_interval":"day"},"aggs":{"s":{"stats":{"field":"value"}}}})",
    R"({"date_histogram":{"field":"timestamp","calendar_interval":"day","time_zone":"Europe/Berlin"}})",
    R"({"date_histogram":{"field":"timestamp","fixed_interval":"6h","keyed":true,"order":{"m":"desc"}},
        "aggs":{"m":{"avg":{"field":"value"}}}})",
    R"({"date_histogram":{"field":"timestamp","fixed_interval":"1h"},"aggs":{"s":{"sum":{"field":"value"}},
        "d":{"derivative":{"buckets_path":"s"}},"c":{"cumulative_sum":{"buckets_path":"s"}},
        "b":{"bucket_sort":{"size":30,"from":5}}}})",
    R"({"date_histogram":{"field":"timestamp","calendar_interval":"day"},"aggs":{"r":{"rate":{"field":"value","unit":"hour"}},
        "n":{"rate":{"unit":"minute"}}}})",
    R"({"date_range":{"field":"timestamp","ranges":[{"to":"2018-05-15"},{"from":"2018-05-14T05:00:00Z","to":"now"}]},
        "aggs":{"s":{"stats":{"field":"value"}}}})",
    R"({"range":{"field":"timestamp","ranges":[{"to":"2018-05-15"},{"from":"2018-05-16"}]}})",
    R"({"histogram":{"field":"timestamp","interval":3600000},"aggs":{"s":{"min":{"field":"value"}}}})",
    R"({"auto_date_histogram":{"field":"timestamp","buckets":10},"aggs":{"s":{"avg":{"field":"value"}}}})",
    R"({"terms":{"field":"sensor_id"},"aggs":{"s":{"stats":{"field":"value"}}}})",
    R"({"terms":{"field":"device_id","order":{"m":"asc"}},"aggs":{"m":{"max":{"field":"value"}}}})",
    R"({"cardinality":{"field":"sensor_id"}})",
    R"({"filter":{"range":{"timestamp":{"gte":"2018-05-15T03:00:00Z","lt":"2018-05-16T05:00:00Z"}}},
        "aggs":{"s":{"stats":{"field":"value"}}}})",
    R"({"filters":{"other_bucket":true,"filters":{"x":{"term":{"sensor_id":"4"}},"y":{"exists":{"field":"value"}}}}})",
    R"({"filter":{"range":{"value":{"gte":-1000000}}},"aggs":{"n":{"value_count":{"field":"value"}}}})",
    R"({"missing":{"field":"value"}})",
    R"({"global":{}})",
    R"({"global":{},"aggs":{"s":{"stats":{"field":"value"}}}})",
    R"({"weighted_avg":{"value":{"field":"value"},"weight":{"field":"no_such","missing":2}}})",
    R"({"composite":{"size":7,"sources":[{"t":{"date_histogram":{"field":"timestamp","fixed_interval":"6h"}}},
        {"s":{"terms":{"field":"sensor_id"}}}]},"aggs":{"m":{"avg":{"field":"value"}}}})",
    R"({"composite":{"size":5,"after":{"t":1526342400000},"sources":[{"t":{"date_histogram":{"field":"timestamp",
        "calendar_interval":"day","order":"desc"}}}]},"aggs":{"m":{"sum":{"field":"value"}}}})",
};

TEST_F(RolledUpTest, AggregationsSayWhatTheySaidOfTheReadings) {
  for (const std::size_t threads : {std::size_t{0}, std::size_t{2}}) {
    rolled_.limits.read_ahead_threads = threads;
    for (const auto* list : {&by_minutes, &by_hours}) {
      for (const std::string& aggregation : *list) {
        expect_same(with_aggregation(aggregation));
        expect_same(with_aggregation(aggregation), "/3_5/_search");
        if (HasFailure()) return;
      }
    }
  }
}

TEST_F(RolledUpTest, RangesOfTimeAtWholePeriodsDecideThem) {
  for (const std::string range :
       {R"({"gte":"2018-05-15T03:10:00Z","lt":"2018-05-16T04:05:00Z"})", R"({"lt":"2018-05-15T03:10:00Z"})",
        R"({"gte":"2018-05-16T23:59:00Z","lt":"2018-05-17T00:01:00Z"})", R"({"gte":"2018-05-17T00:00:00Z"})"}) {
    expect_same(
        R"({"size":0,"query":{"range":{"timestamp":)" + range +
        R"(}},"aggs":{"a":{"stats":{"field":"value"}},"h":{"date_histogram":{"field":"timestamp","fixed_interval":"1h"}}}})");
  }
}

TEST_F(RolledUpTest, LongerPeriodsSayTheSameOfTheirBuckets) {
  keep({hours(48), {hours(60), model::forever, {}}});
  for (const std::string& aggregation : by_hours) {
    expect_same(with_aggregation(aggregation));
    if (HasFailure()) return;
  }
  // A bucket that is shorter than the period has all of it, or nothing: it counts where its first reading lies.
  const auto found = search(
      rolled_, with_aggregation(R"({"date_histogram":{"field":"timestamp","fixed_interval":"10m"}})"), "/3_4/_search");
  const auto expected = search(
      plain_, with_aggregation(R"({"date_histogram":{"field":"timestamp","fixed_interval":"1h"}})"), "/3_4/_search");
  const auto& tens = found.at("aggregations").at("a").at("buckets").as_array();
  const auto& full = expected.at("aggregations").at("a").at("buckets").as_array();
  const auto hour = std::find_if(tens.begin(), tens.end(),
                                 [&](const json::value& bucket) { return bucket.at("key") == full.at(1).at("key"); });
  ASSERT_LT(hour - tens.begin() + 1, static_cast<std::ptrdiff_t>(tens.size()));
  EXPECT_EQ(hour->at("doc_count"), full.at(1).at("doc_count"));
  EXPECT_EQ((hour + 1)->at("doc_count"), 0);
}

TEST_F(RolledUpTest, WhatPeriodsDoNotSayIsRefusedByName) {
  expect_refused(R"({"p95":{"percentiles":{"field":"value"}}})", "aggregation [p95]");
  expect_refused(R"({"p":{"percentile_ranks":{"field":"value","values":[1,2]}}})", "aggregation [p]");
  expect_refused(R"({"x":{"extended_stats":{"field":"value"}}})", "aggregation [x]");
  expect_refused(R"({"m":{"median_absolute_deviation":{"field":"value"}}})", "aggregation [m]");
  expect_refused(R"({"b":{"boxplot":{"field":"value"}}})", "aggregation [b]");
  expect_refused(R"({"c":{"cardinality":{"field":"value"}}})", "aggregation [c]");
  expect_refused(R"({"t":{"terms":{"field":"value"}}})", "aggregation [t]");
  expect_refused(R"({"t":{"terms":{"field":"timestamp"}}})", "aggregation [t]");
  expect_refused(R"({"h":{"histogram":{"field":"value","interval":0.5}}})", "aggregation [h]");
  expect_refused(R"({"r":{"range":{"field":"value","ranges":[{"from":3}]}}})", "aggregation [r]");
  expect_refused(R"({"a":{"avg":{"field":"timestamp"}}})", "aggregation [a]");
  expect_refused(R"({"f":{"filter":{"range":{"value":{"gte":3}}}}})", "aggregation [f]");
  expect_refused(R"({"c":{"composite":{"sources":[{"t":{"terms":{"field":"timestamp"}}}]}}})", "aggregation [c]");
  expect_refused(R"({"c":{"composite":{"sources":[{"v":{"terms":{"field":"value"}}}]}}})", "aggregation [c]");
  expect_refused(R"({"days":{"date_histogram":{"field":"timestamp","calendar_interval":"day"},
      "aggs":{"n":{"value_count":{"field":"value"}},"x":{"filter":{"match_all":{}},
      "aggs":{"p95":{"percentiles":{"field":"value"}}}}}}})",
                 "aggregation [days>x>p95]");
  expect_refused(R"({"s":{"stats":{"field":"value"}}})", "the query needs", R"({"range":{"value":{"gte":3}}})");
  // Where min and max decide it, it is answered.
  expect_same(R"({"size":0,"query":{"range":{"value":{"gt":-1000000}}},"aggs":{"s":{"stats":{"field":"value"}}}})");
  expect_same(R"({"size":0,"query":{"range":{"value":{"gt":1000000}}},"aggs":{"s":{"stats":{"field":"value"}}}})");
}

TEST_F(RolledUpTest, ARefusalAmongManyIndicesIsToldAlsoWhenTheyAreReadAhead) {
  rolled_.limits.read_ahead_threads = 2;
  const auto refused = search(rolled_, with_aggregation(R"({"percentiles":{"field":"value"}})"), "/_search", 400);
  EXPECT_EQ(refused.at("error").at("type"), "illegal_argument_exception");
}

TEST_F(RolledUpTest, HitsAndCountsAreReadingsThatAreThere) {
  const std::string from = R"({"range":{"timestamp":{"gte":")" + std::string(until) + "\"}}}";
  const auto expected =
      search(plain_, R"({"size":5,"track_total_hits":true,"sort":[{"timestamp":"asc"}],"query":)" + from + "}");
  for (const std::string body : {R"({"size":5,"track_total_hits":true,"sort":[{"timestamp":"asc"}]})",
                                 R"({"size":5,"track_total_hits":true,"sort":[{"timestamp":"asc"}],
                                     "aggs":{"s":{"stats":{"field":"value"}}}})"}) {
    const auto found = search(rolled_, body);
    EXPECT_EQ(found.at("hits"), expected.at("hits"));
  }
  const std::string latest = R"({"size":5,"track_total_hits":true,"sort":[{"timestamp":"desc"}],
      "aggs":{"s":{"stats":{"field":"value"}}}})";
  EXPECT_EQ(search(rolled_, latest).at("hits").at("hits"), search(plain_, latest).at("hits").at("hits"));
  expect_same(latest);
  EXPECT_EQ(search(rolled_, "{}", "/_count").at("count"),
            search(plain_, R"({"query":)" + from + "}", "/_count").at("count"));
  // A range that is rolled up wholly has none.
  const std::string before = R"({"query":{"range":{"timestamp":{"lt":")" + std::string(until) + "\"}}}}";
  EXPECT_EQ(search(rolled_, before).at("hits").at("total").at("value"), 0);
  EXPECT_EQ(search(rolled_, before, "/_count").at("count"), 0);
}

TEST_F(RolledUpTest, ScrollsFindReadingsOnly) {
  Metrics metrics;
  Elasticsearch elasticsearch(*store_, rolled_.clock, metrics, rolled_.limits);
  const auto ask = [&](std::string_view path, std::string_view body,
                       std::vector<std::pair<std::string, std::string>> parameters = {}) {
    EsRequest request;
    request.method = "POST";
    request.path = path;
    request.body = body;
    request.parameters = std::move(parameters);
    request.cancelled = &rolled_.cancelled;
    return elasticsearch.handle(rolled_, request);
  };
  EsAnswer answer = ask("/3_4/_search", R"({"size":5000})", {{"scroll", "1m"}});
  std::size_t hits = 0;
  while (true) {
    ASSERT_EQ(answer.status, 200u) << answer.body;
    const auto page = json::parse(answer.body);
    const auto& list = page.at("hits").at("hits").as_array();
    if (list.empty()) break;
    hits += list.size();
    answer = ask("/_search/scroll",
                 R"({"scroll":"1m","scroll_id":")" + std::string(page.at("_scroll_id").as_string()) + "\"}");
  }
  const auto expected =
      search(plain_, R"({"query":{"range":{"timestamp":{"gte":")" + std::string(until) + "\"}}}}", "/3_4/_count");
  EXPECT_EQ(static_cast<std::int64_t>(hits), expected.at("count").as_int64());
}

TEST_F(RolledUpTest, DocumentsThatAreRolledUpAreGone) {
  const auto hits = search(plain_, R"({"size":1,"sort":[{"timestamp":"asc"}]})", "/3_4/_search");
  const auto& id = hits.at("hits").at("hits").at(0).at("_id").as_string();
  const std::string body = R"({"ids":[")" + std::string(id) + "\"]}";
  EXPECT_EQ(search(plain_, body, "/3_4/_mget").at("docs").at(0).at("found"), true);
  EXPECT_EQ(search(rolled_, body, "/3_4/_mget").at("docs").at(0).at("found"), false);
}

TEST_F(RolledUpTest, TopHitsAndTopMetricsSeeReadingsOnly) {
  const std::string body =
      R"({"size":0,"aggs":{"days":{"date_histogram":{"field":"timestamp","calendar_interval":"day"},
      "aggs":{"t":{"top_hits":{"size":1,"sort":[{"timestamp":"desc"}]}},
              "m":{"top_metrics":{"metrics":{"field":"value"},"sort":{"timestamp":"desc"}}}}}}})";
  const auto found = search(rolled_, body, "/3_4/_search");
  const auto expected = search(plain_, body, "/3_4/_search");
  const auto& buckets = found.at("aggregations").at("days").at("buckets").as_array();
  const auto& wanted = expected.at("aggregations").at("days").at("buckets").as_array();
  ASSERT_EQ(buckets.size(), wanted.size());
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    EXPECT_EQ(buckets[i].at("doc_count"), wanted[i].at("doc_count"));
    if (buckets[i].at("key").as_int64() < until_ns / 1'000'000) {
      EXPECT_EQ(buckets[i].at("t").at("hits").at("total").at("value"), 0);
      EXPECT_TRUE(buckets[i].at("m").at("top").as_array().empty());
    } else {
      EXPECT_EQ(buckets[i].at("t"), wanted[i].at("t"));
      EXPECT_EQ(buckets[i].at("m"), wanted[i].at("m"));
    }
  }
}

TEST_F(RolledUpTest, RowsOfSqlAreReadingsAndItsGroupsAreAll) {
  const auto sql = [](QueryWorld& world, const std::string& text) {
    return search(world, R"({"query":")" + text + R"(","fetch_size":10000})", "/_sql").at("rows");
  };
  EXPECT_EQ(sql(rolled_, R"(SELECT \"timestamp\", \"value\" FROM \"3_4\")").as_array().size(),
            static_cast<std::size_t>(search(rolled_, "{}", "/3_4/_count").at("count").as_int64()));
  const std::string groups =
      R"(SELECT HISTOGRAM(\"timestamp\", INTERVAL 1 HOUR) AS h, COUNT(*), AVG(\"value\") FROM \"3_4\" GROUP BY h)";
  EXPECT_TRUE(nearly_equal(sql(rolled_, groups), sql(plain_, groups)));
  const std::string all = R"(SELECT COUNT(*), MIN(\"value\"), AVG(\"value\") FROM \"3_4\")";
  EXPECT_TRUE(nearly_equal(sql(rolled_, all), sql(plain_, all)));
}

}  // namespace
}  // namespace iot::query
