// Reading ahead changes nothing but the time that a search takes.
#include "query/read_ahead.h"

#include <algorithm>
#include <new>
#include <random>
#include <string>
#include <thread>

#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

constexpr std::int64_t start_ns = 1'526'717'960'000'000'000;
constexpr int sensors = 60;

const char* const by_sensor_and_hour =
    R"({"size":0,"aggs":{"s":{"terms":{"field":"sensor_id","size":100},"aggs":{"h":{"date_histogram":{"field":)"
    R"("timestamp","fixed_interval":"1h"},"aggs":{"m":{"avg":{"field":"value"}},"p":{"percentiles":{"field":"value"}}}}}}}})";

class ReadingAhead : public ::testing::Test {
 protected:
  ReadingAhead() {
    std::mt19937_64 random(7);
    for (int sensor = 1; sensor <= sensors; ++sensor) {
      world_.add_sensor(3, sensor, model::MappingType::double_precision);
      // From none to more than is read ahead of one series.
      const int readings = sensor % 5 == 0 ? 0 : sensor * 13;
      for (int i = 0; i < readings; ++i) {
        world_.add(sensor, start_ns + std::int64_t{i} * 40'000'000'000, static_cast<double>(random() % 100'000) / 7);
      }
    }
    world_.store.seal();
    world_.store.run_readings_max = 50;
  }

  /// Without the time it took.
  std::string ask(std::size_t threads, const std::string& body, const std::string& path = "/_search") {
    world_.limits.read_ahead_threads = threads;
    EsAnswer answer = world_.ask("POST", path, body);
    const auto comma = answer.body.find(',');
    return answer.status == 200 && path == "/_search" ? answer.body.substr(comma) : answer.body;
  }

  QueryWorld world_;
};

TEST_F(ReadingAhead, GivesTheSameAnswerToTheLastBit) {
  const std::string bodies[] = {
      by_sensor_and_hour,
      R"({"size":0,"aggs":{"all":{"stats":{"field":"value"}}}})",
      R"({"size":0,"track_total_hits":true,"query":{"range":{"value":{"gte":5000}}},"aggs":{"a":{"sum":{"field":"value"}}}})",
      R"({"size":5,"sort":[{"timestamp":"desc"},"sensor_id"],"aggs":{"m":{"max":{"field":"value"}}}})",
      R"({"size":0,"query":{"range":{"timestamp":{"gte":1526720000000}}},"aggs":{"m":{"min":{"field":"value"}}}})",
  };
  for (const bool summaries : {true, false}) {
    world_.store.gives_summaries = summaries;
    for (const std::string& body : bodies) {
      const std::string alone = ask(0, body);
      ASSERT_NE(alone.find("\"hits\""), std::string::npos) << alone;
      for (const std::size_t threads : {1, 3}) {
        for (int round = 0; round < 5; ++round) EXPECT_EQ(ask(threads, body), alone) << body;
      }
    }
    const std::string count = ask(0, R"({"query":{"range":{"value":{"lt":777}}}})", "/_count");
    EXPECT_EQ(ask(3, R"({"query":{"range":{"value":{"lt":777}}}})", "/_count"), count);
  }
}

TEST_F(ReadingAhead, DecodesWhatIsNeededOnceAndNothingElse) {
  const auto decoded = [&](std::size_t threads, const std::string& body) {
    const std::uint64_t before = world_.store.blocks_decoded();
    ask(threads, body);
    return world_.store.blocks_decoded() - before;
  };
  EXPECT_EQ(decoded(3, R"({"size":0,"aggs":{"all":{"stats":{"field":"value"}}}})"), 0u);
  const std::uint64_t alone = decoded(0, by_sensor_and_hour);
  EXPECT_GT(alone, 100u);
  EXPECT_EQ(decoded(3, by_sensor_and_hour), alone);
}

TEST_F(ReadingAhead, TellsAFailureWhereverItHappens) {
  world_.limits.read_ahead_threads = 2;
  int failures = 0;
  for (std::int64_t at = 0;; at += 1 + at / 8) {
    world_.store.fail_from_now(at);
    const EsAnswer answer = world_.ask("POST", "/_search", by_sensor_and_hour);
    if (answer.status == 200) break;
    ++failures;
    EXPECT_EQ(answer.status, 503u) << at << answer.body;
    EXPECT_NE(answer.body.find("refuses this call"), std::string::npos);
  }
  EXPECT_GT(failures, 20);
}

TEST_F(ReadingAhead, AnExceptionOnAnotherThreadIsTheSearchsOwn) {
  world_.limits.read_ahead_threads = 2;
  const auto searching = std::this_thread::get_id();
  world_.store.on_block = [searching] {
    if (std::this_thread::get_id() != searching) throw std::bad_alloc();
  };
  int failures = 0;
  // Whether another thread gets to decode anything is up to the scheduler.
  for (int round = 0; round < 200 && failures == 0; ++round) {
    const EsAnswer answer = world_.ask("POST", "/_search", by_sensor_and_hour);
    if (answer.status == 200) continue;
    ++failures;
    EXPECT_NE(answer.body.find("could not be read"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(failures, 1);
}

TEST_F(ReadingAhead, EndsWithASearchThatIsOverEarly) {
  world_.limits.buckets_max = 3;
  world_.limits.read_ahead_threads = 3;
  for (int round = 0; round < 50; ++round) {
    EXPECT_EQ(world_.ask("POST", "/_search", by_sensor_and_hour).status, 400u);
  }
  world_.cancelled = true;
  EXPECT_EQ(world_.ask("POST", "/_search", by_sensor_and_hour).status, 400u);
}

TEST(ReadAheadThreadsTest, TakeNoMoreThanThereAreThreads) {
  ReadAheadThreads none(0);
  EXPECT_FALSE(none.try_run([] {}));
  ReadAheadThreads one(1);
  std::mutex held;
  std::unique_lock lock(held);
  EXPECT_TRUE(one.try_run([&] { const std::scoped_lock wait(held); }));
  EXPECT_FALSE(one.try_run([] {}));
}

}  // namespace
}  // namespace iot::query
