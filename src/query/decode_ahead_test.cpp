// Decoding ahead of a walk changes nothing but the time that a search takes.
#include "query/decode_ahead.h"

#include <atomic>
#include <new>
#include <random>
#include <string>
#include <thread>

#include "model/entities.h"
#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

constexpr std::int64_t start_ns = 1'526'717'960'000'000'000;
constexpr int numbers = 1;
constexpr int texts = 2;

const char* const filtered = R"({"size":0,"track_total_hits":true,"query":{"range":{"value":{"gte":5000}}},"aggs":{)"
                             R"("s":{"stats":{"field":"value"}}}})";

class DecodingAhead : public ::testing::Test {
 protected:
  DecodingAhead() {
    std::mt19937_64 random(11);
    world_.add_sensor(3, numbers, model::MappingType::double_precision);
    world_.add_sensor(3, texts, model::MappingType::keyword);
    for (int i = 0; i < 20'000; ++i) {
      world_.add(numbers, start_ns + std::int64_t{i} * 40'000'000'000, static_cast<double>(random() % 100'000) / 7);
      if (i % 4 == 0) {
        world_.add(texts, start_ns + std::int64_t{i} * 40'000'000'000, "t" + std::to_string(random() % 90));
      }
    }
    world_.store.seal();
    world_.store.run_readings_max = 100;
    world_.limits.readings_alone = 0;
  }

  static std::string path_of(int sensor) { return "/" + model::index_name(DeviceId{3}, SensorId{sensor}) + "/_search"; }

  EsAnswer ask(std::size_t threads, int sensor, const std::string& body) {
    world_.limits.read_ahead_threads = threads;
    return world_.ask("POST", path_of(sensor), body);
  }
  /// Without the time it took.
  std::string hits(std::size_t threads, int sensor, const std::string& body) {
    const EsAnswer answer = ask(threads, sensor, body);
    EXPECT_EQ(answer.status, 200u) << answer.body;
    return answer.body.substr(answer.body.find(','));
  }

  QueryWorld world_;
};

TEST_F(DecodingAhead, GivesTheSameAnswerToTheLastBit) {
  const std::string of_numbers[] = {
      filtered,
      R"({"size":0,"aggs":{"h":{"date_histogram":{"field":"timestamp","fixed_interval":"1h"},"aggs":{)"
      R"("m":{"avg":{"field":"value"}},"p":{"percentiles":{"field":"value"}}}}}})",
      R"({"size":7,"sort":[{"value":"desc"}],"aggs":{"m":{"max":{"field":"value"}}}})",
      R"({"size":7,"sort":[{"timestamp":"desc"}],"query":{"range":{"value":{"lt":9}}},"track_total_hits":true})",
      R"({"size":3,"query":{"range":{"value":{"gte":14000}}}})",
      R"({"size":0,"query":{"range":{"timestamp":{"gte":1526720000000,"lt":1527000000000}}},"aggs":{"v":{"extended_stats":{"field":"value"}}}})",
  };
  const std::string of_texts[] = {
      R"({"size":0,"aggs":{"t":{"terms":{"field":"value","size":100}}}})",
      R"({"size":9,"sort":["value","timestamp"],"query":{"prefix":{"value":"t1"}}})",
  };
  for (const bool summaries : {true, false}) {
    world_.store.gives_summaries = summaries;
    const auto check = [this](int sensor, const std::string& body) {
      const std::string alone = hits(0, sensor, body);
      for (const std::size_t threads : {1, 3}) {
        for (int round = 0; round < 5; ++round) EXPECT_EQ(hits(threads, sensor, body), alone) << body;
      }
    };
    for (const std::string& body : of_numbers) check(numbers, body);
    for (const std::string& body : of_texts) check(texts, body);
  }
}

TEST_F(DecodingAhead, DecodesWhatIsNeededOnceAndNothingElse) {
  const auto decoded = [&](std::size_t threads, const std::string& body) {
    const std::uint64_t before = world_.store.blocks_decoded();
    hits(threads, numbers, body);
    return world_.store.blocks_decoded() - before;
  };
  EXPECT_EQ(decoded(3, R"({"size":0,"aggs":{"all":{"stats":{"field":"value"}}}})"), 0u);
  EXPECT_EQ(decoded(0, filtered), 200u);
  EXPECT_EQ(decoded(3, filtered), 200u);
}

TEST_F(DecodingAhead, DecodesLittleForAWalkThatEndsSoon) {
  const std::uint64_t before = world_.store.blocks_decoded();
  // 10,000 of 20,000 need be counted, and the first hundred runs say so.
  hits(3, numbers, R"({"size":0,"query":{"range":{"value":{"gte":0,"lt":14285}}}})");
  EXPECT_LE(world_.store.blocks_decoded() - before, 100u + 2 * 16u);
}

TEST_F(DecodingAhead, BeginsWhenAWalkHasProvedLong) {
  const auto searching = std::this_thread::get_id();
  std::atomic<int> here = 0, elsewhere = 0;
  world_.store.on_block = [&] { ++(std::this_thread::get_id() == searching ? here : elsewhere); };
  world_.limits.readings_alone = 20'000;
  const std::string alone = hits(0, numbers, filtered);
  EXPECT_EQ(hits(3, numbers, filtered), alone);
  EXPECT_EQ(elsewhere, 0);
  for (const std::size_t readings : {100, 5'000, 12'345}) {
    world_.limits.readings_alone = readings;
    here = elsewhere = 0;
    EXPECT_EQ(hits(3, numbers, filtered), alone);
    EXPECT_EQ(here + elsewhere, 200);
    EXPECT_LE(elsewhere, static_cast<int>(200 - readings / 100));
  }
}

TEST_F(DecodingAhead, OtherThreadsDecode) {
  std::atomic<int> elsewhere = 0;
  const auto searching = std::this_thread::get_id();
  world_.store.on_block = [&] { elsewhere += std::this_thread::get_id() == searching ? 0 : 1; };
  // Whether another thread gets to decode anything is up to the scheduler.
  for (int round = 0; round < 500 && elsewhere == 0; ++round) hits(2, numbers, filtered);
  EXPECT_GT(elsewhere, 0);
}

TEST_F(DecodingAhead, TellsAFailureWhereverItHappens) {
  int failures = 0;
  for (std::int64_t at = 0;; at += 1 + at / 8) {
    world_.store.fail_from_now(at);
    const EsAnswer answer = ask(2, numbers, filtered);
    if (answer.status == 200) break;
    ++failures;
    EXPECT_EQ(answer.status, 503u) << at << answer.body;
    EXPECT_NE(answer.body.find("refuses this call"), std::string::npos);
  }
  EXPECT_GT(failures, 20);
}

TEST_F(DecodingAhead, AnExceptionOnAnotherThreadIsTheSearchsOwn) {
  const auto searching = std::this_thread::get_id();
  world_.store.on_block = [searching] {
    if (std::this_thread::get_id() != searching) throw std::bad_alloc();
  };
  int failures = 0;
  for (int round = 0; round < 500 && failures == 0; ++round) {
    const EsAnswer answer = ask(2, numbers, filtered);
    if (answer.status == 200) continue;
    ++failures;
    EXPECT_NE(answer.body.find("could not be read"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(failures, 1);
}

TEST_F(DecodingAhead, EndsWithASearchThatIsOverEarly) {
  world_.limits.buckets_max = 3;
  for (int round = 0; round < 50; ++round) {
    EXPECT_EQ(ask(3, numbers,
                  R"({"size":0,"aggs":{"h":{"histogram":{"field":"value","interval":10},"aggs":{"p":{)"
                  R"("percentiles":{"field":"value"}}}}}})")
                  .status,
              400u);
  }
  world_.cancelled = true;
  EXPECT_EQ(ask(3, numbers, filtered).status, 400u);
}

}  // namespace
}  // namespace iot::query
