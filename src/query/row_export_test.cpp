// Which readings become rows, in which order and pieces; against plain loops over what was added.
#include "query/row_export.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "base/metrics.h"
#include "query/testing/query_world.h"

namespace iot::query {
namespace {

using model::MappingType;

/// 1,000 readings a second apart from 1970 on, the value their number, in runs of 100.
class RowExportTest : public ::testing::Test {
 protected:
  RowExportTest() {
    world_.store.run_readings_max = 100;
    world_.add_sensor(1, 10, MappingType::long_integer);
    world_.add_sensor(1, 11, MappingType::long_integer);
    world_.add_sensor(2, 12, MappingType::keyword);
    for (std::int64_t i = 0; i < 1'000; ++i) world_.add(10, i * second, i);
    world_.add(11, 5, std::int64_t{7});
    world_.add(12, 5, std::string("x"));
    world_.store.seal();
  }

  static constexpr std::int64_t second = 1'000'000'000;

  struct Outcome {
    std::string text;  ///< of the rows
    EsAnswer refusal{0, {}, {}};
    std::optional<EsError> error;
    std::size_t pieces = 0;
  };

  Outcome ask(std::string_view path, std::string_view body, rows::Form form = rows::Form::csv,
              std::vector<std::pair<std::string, std::string>> parameters = {}) {
    const Elasticsearch elasticsearch(world_.store, world_.clock, metrics_, world_.limits);
    Outcome outcome;
    EsRequest request{.method = "POST", .path = path, .parameters = std::move(parameters), .body = body};
    request.cancelled = &world_.cancelled;
    EsRows opened = elasticsearch.open_rows(world_, request, form, [](SensorId) { return "m"; });
    if (auto* refused = std::get_if<EsAnswer>(&opened)) {
      outcome.refusal = std::move(*refused);
      return outcome;
    }
    auto& rows = *std::get<std::unique_ptr<RowExport>>(opened);
    while (true) {
      if (on_piece_) on_piece_();
      const auto more = rows.next(outcome.text);
      ++outcome.pieces;
      if (!more) outcome.error = more.error();
      if (!more || !*more) return outcome;
    }
  }

  /// The values of a CSV of values alone.
  std::vector<std::int64_t> values(std::string_view body, std::string_view path = "/1_10/_search") {
    const Outcome outcome = ask(path, body, rows::Form::csv, {{"_source", "value"}});
    EXPECT_EQ(outcome.refusal.status, 0u) << body << outcome.refusal.body;
    EXPECT_TRUE(outcome.text.starts_with("value\r\n")) << outcome.text;
    std::vector<std::int64_t> found;
    for (std::size_t at = 7; at < outcome.text.size(); at = outcome.text.find('\n', at) + 1) {
      found.push_back(std::stoll(outcome.text.substr(at)));
    }
    return found;
  }

  QueryWorld world_;
  Metrics metrics_;
  std::function<void()> on_piece_;
};

std::vector<std::int64_t> from_to(std::int64_t first, std::int64_t last, std::int64_t step = 1) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = first; step > 0 ? i <= last : i >= last; i += step) numbers.push_back(i);
  return numbers;
}

TEST_F(RowExportTest, GivesAllWithoutAWindow) {
  EXPECT_EQ(values(""), from_to(0, 999));
  EXPECT_EQ(values("{}"), from_to(0, 999));
  EXPECT_EQ(values(R"({"query":{"match_all":{}},"sort":["timestamp"]})"), from_to(0, 999));
  world_.limits.result_window_max = 10;
  EXPECT_EQ(values(R"({"size":20})"), from_to(0, 19));
}

TEST_F(RowExportTest, GoesBackwards) {
  EXPECT_EQ(values(R"({"sort":{"timestamp":"desc"}})"), from_to(999, 0, -1));
  EXPECT_EQ(values(R"({"sort":[{"timestamp":{"order":"desc"}}],"size":150})"), from_to(999, 850, -1));
}

TEST_F(RowExportTest, GivesAsManyAsWereAskedFor) {
  for (const std::int64_t size : {0, 1, 99, 100, 101, 999, 1'000, 1'001}) {
    EXPECT_EQ(values("{\"size\":" + std::to_string(size) + "}"), from_to(0, std::min<std::int64_t>(size, 1'000) - 1));
  }
  EXPECT_EQ(ask("/1_10/_search", "", rows::Form::csv, {{"size", "5000000000"}}).refusal.status, 0u);
}

TEST_F(RowExportTest, FiltersAsASearchDoes) {
  EXPECT_EQ(values(R"({"query":{"range":{"value":{"gte":95,"lt":105}}}})"), from_to(95, 104));
  EXPECT_EQ(values(R"({"query":{"range":{"timestamp":{"gte":990000}}}})"), from_to(990, 999));
  EXPECT_EQ(values(R"({"query":{"terms":{"value":[3,500,999]}},"sort":{"timestamp":"desc"}})"),
            (std::vector<std::int64_t>{999, 500, 3}));
  EXPECT_EQ(values(R"({"query":{"match_none":{}}})"), from_to(0, -1));
  EXPECT_EQ(values(R"({"query":{"term":{"sensor_id":"11"}}})"), from_to(0, -1));
}

TEST_F(RowExportTest, DecodesOnlyWhatCanMatch) {
  values(R"({"query":{"range":{"value":{"gte":950}}}})");
  EXPECT_EQ(world_.store.blocks_decoded(), 1u);
}

TEST_F(RowExportTest, GoesIndexAfterIndex) {
  const Outcome outcome = ask("/*/_search", R"({"query":{"range":{"timestamp":{"lte":0}}}})");
  EXPECT_EQ(outcome.text,
            "timestamp,device_id,sensor_id,value\r\n"
            "1970-01-01T00:00:00.000000000Z,1,10,0\r\n"
            "1970-01-01T00:00:00.000000005Z,1,11,7\r\n"
            "1970-01-01T00:00:00.000000005Z,2,12,\"x\"\r\n");
}

TEST_F(RowExportTest, RefusesTypesThatAreNoneInArrow) {
  const Outcome outcome = ask("/*/_search", "", rows::Form::arrow);
  EXPECT_EQ(outcome.refusal.status, 400u);
  EXPECT_NE(outcome.refusal.body.find("[keyword] in [2_12]"), std::string::npos) << outcome.refusal.body;
  EXPECT_EQ(ask("/1_*/_search", "", rows::Form::arrow).refusal.status, 0u);
  EXPECT_EQ(ask("/*/_search", R"({"_source":["timestamp"]})", rows::Form::arrow).refusal.status, 0u);
}

TEST_F(RowExportTest, ShowsTheColumnsThatWereAskedFor) {
  const auto header = [&](std::string_view body) {
    const Outcome outcome = ask("/1_11/_search", body);
    return outcome.text.substr(0, outcome.text.find('\r')) + std::string(outcome.refusal.status ? "refused" : "");
  };
  EXPECT_EQ(header("{}"), "timestamp,device_id,sensor_id,value");
  EXPECT_EQ(header(R"({"_source":["value","timestamp"]})"), "timestamp,value");
  EXPECT_EQ(header(R"({"_source":{"excludes":["*_id"]}})"), "timestamp,value");
  EXPECT_EQ(header(R"({"fields":["sensor_id",{"field":"val*"}],"_source":false})"), "sensor_id,value");
  EXPECT_EQ(header(R"({"_source":false})"), "refused");
  EXPECT_EQ(header(R"({"fields":["nothing"]})"), "refused");
}

TEST_F(RowExportTest, RefusesWhatHasNoPlaceInRows) {
  struct Case {
    const char* body;
    const char* named;
  };
  for (const auto& [body, named] : {
           Case{R"({"aggs":{"a":{"max":{"field":"value"}}}})", "[aggs]"},
           {R"({"aggregations":{}})", "[aggregations]"},
           {R"({"sort":"value"})", "[value]"},
           {R"({"sort":["timestamp","value"]})", "[value]"},
           {R"({"sort":["timestamp","timestamp"]})", "[sort]"},
           {R"({"sort":[{"timestamp":{"format":"epoch_millis"}}]})", "[sort.format]"},
           {R"({"sort":"_doc"})", "[_doc]"},
           {R"({"from":1})", "[from]"},
           {R"({"search_after":[1]})", "[search_after]"},
           {R"({"size":-1})", "[size]"},
           {R"({"size":"many"})", "many"},
           {R"({"docvalue_fields":["value"]})", "[docvalue_fields]"},
           {R"({"fields":[{"field":"value","format":"x"}]})", "[fields.format]"},
           {R"({"timeout":"1s"})", "[timeout]"},
           {R"({"query":{"script_score":{}}})", "script_score"},
           {R"([])", "START_OBJECT"},
       }) {
    const Outcome outcome = ask("/1_10/_search", body);
    EXPECT_EQ(outcome.refusal.status, 400u) << body;
    EXPECT_NE(outcome.refusal.body.find(named), std::string::npos) << body << outcome.refusal.body;
  }
  for (const auto& [name, text] : {std::pair{"timestamp", "seconds"},
                                   {"size", "x"},
                                   {"from", "3"},
                                   {"timeout", "1s"},
                                   {"sort", "value:asc"},
                                   {"nonsense", "1"}}) {
    EXPECT_EQ(ask("/1_10/_search", "", rows::Form::csv, {{name, text}}).refusal.status, 400u) << name;
  }
  EXPECT_EQ(ask("/1_10/_search", "", rows::Form::arrow, {{"timestamp", "epoch_ns"}}).refusal.status, 400u);
  EXPECT_EQ(ask("/9_9/_search", "").refusal.status, 404u);
}

TEST_F(RowExportTest, EndsWhereItsClientHasGone) {
  on_piece_ = [&] { world_.cancelled = true; };
  const Outcome outcome = ask("/1_10/_search", "");
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->type(), "task_cancelled_exception");
}

TEST_F(RowExportTest, EndsWhenItsTimeIsOverThoughNobodyAsksIt) {
  on_piece_ = [&] { world_.clock.advance(world_.limits.export_deadline); };
  const Outcome outcome = ask("/1_10/_search", "");
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->status(), 503u);
}

TEST_F(RowExportTest, GivesItsThreadBackThoughNothingIsFound) {
  world_.store.gives_summaries = false;
  world_.store.on_block = [&] { world_.clock.advance(std::chrono::milliseconds(100)); };
  const Outcome outcome = ask("/1_10/_search", R"({"query":{"term":{"value":999}}})");
  EXPECT_FALSE(outcome.error);
  EXPECT_GE(outcome.pieces, 10u);
  EXPECT_NE(outcome.text.find(",999\r\n"), std::string::npos);
}

TEST_F(RowExportTest, TellsEachFaultOfTheStore) {
  std::size_t refused = 0;
  for (std::int64_t at = 0; at < 1'000; ++at) {
    world_.store.fail_from_now(at);
    const Outcome outcome = ask("/1_10/_search", "");
    if (!outcome.error) break;
    EXPECT_EQ(outcome.error->type(), "exception");
    ++refused;
  }
  world_.store.fail_from_now(-1);
  // scan, and for each of ten runs next and block, and the last next.
  EXPECT_GE(refused, 20u);
}

TEST_F(RowExportTest, ComesInPiecesOfBoundedSize) {
  QueryWorld large;
  large.add_sensor(1, 1, MappingType::text);
  for (std::int64_t i = 0; i < 2'000; ++i) large.add(1, i, std::string(10'000, 'x'));
  large.store.seal();
  const Elasticsearch elasticsearch(large.store, large.clock, metrics_, large.limits);
  for (const rows::Form form : {rows::Form::csv, rows::Form::arrow, rows::Form::json_lines}) {
    EsRows opened = elasticsearch.open_rows(large, {"GET", "/1_1/_search", {}, {}}, form, [](SensorId) { return ""; });
    auto& rows = *std::get<std::unique_ptr<RowExport>>(opened);
    bool more = true;
    std::size_t bytes = 0;
    while (more) {
      std::string piece;
      more = rows.next(piece).value();
      EXPECT_LT(piece.size(), 600u << 10);
      bytes += piece.size();
    }
    EXPECT_GT(bytes, 20'000'000u);
    EXPECT_EQ(rows.rows(), 2'000u);
  }
}

}  // namespace
}  // namespace iot::query
