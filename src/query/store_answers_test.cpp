// Answers over the embedded store: whatever the order in which readings arrive, and whether they lie in heads, in
// parts, in chunks that overlap or are merged, before and after a restart, they are what plain loops over all readings
// say.
#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "model/reading_batch.h"
#include "query/testing/query_answers.h"
#include "query/testing/request_generator.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/temporary_directory.h"

namespace iot::query {
namespace {

class StoreAnswers : public testing::TestWithParam<std::uint64_t> {
 protected:
  StoreAnswers()
      : random_(GetParam()), readings_(random_readings(GetParam(), 9'000)), generate_(GetParam(), readings_) {
    world_.add_sensor(3, 4, model::MappingType::double_precision);
    world_.add_sensor(3, 5, model::MappingType::long_integer);
    world_.add_sensor(3, 6, model::MappingType::keyword);
    options_.memory_bytes_max = 16u << 20;
    options_.readings_per_chunk = 256;
    options_.readings_per_merged_chunk = 2'048;
    options_.maintenance_interval = {};
    open();
  }

  void open() {
    world_.asked_instead = nullptr;
    store_.reset();
    metrics_ = std::make_unique<Metrics>();
    store_ =
        std::move(store::EmbeddedStore::open(directory_.path() / "store", options_, *metrics_, world_.clock)).value();
    world_.asked_instead = store_.get();
    for (std::size_t i = store_->applied().value; i < log_.size(); ++i) bring(i);
  }

  /// All readings in an order of chance, a fifth of them twice, in records of up to 200; `then` is called after each.
  template <class Then>
  void send_all(const Then& then) {
    std::vector<const Reading*> sent;
    for (const Reading& reading : readings_) {
      sent.push_back(&reading);
      if (random_() % 5 == 0) sent.push_back(&reading);
    }
    std::shuffle(sent.begin(), sent.end(), random_);
    for (std::size_t begin = 0, end = 0; begin < sent.size(); begin = end) {
      end = std::min(sent.size(), begin + 1 + random_() % 200);
      model::ReadingBatch batch;
      for (std::size_t i = begin; i < end; ++i) add(batch, *sent[i]);
      batch.encode(log_.emplace_back());
      bring(log_.size() - 1);
      then();
    }
  }

  void ask(const std::string& when, int requests) {
    for (int i = 0; i < requests && !HasFailure(); ++i) {
      SCOPED_TRACE(when + ", request " + std::to_string(i));
      ask_one();
    }
  }

  store::EmbeddedStore& store() { return *store_; }
  std::mt19937_64& random() { return random_; }

 private:
  static void add(model::ReadingBatch& batch, const Reading& reading) {
    const SensorId sensor{reading.sensor};
    const Timestamp time{reading.time_ns};
    if (reading.sensor == 4) batch.add_real(sensor, model::MappingType::double_precision, time, reading.number);
    if (reading.sensor == 5) {
      batch.add_integer(sensor, model::MappingType::long_integer, time, static_cast<std::int64_t>(reading.number));
    }
    if (reading.sensor == 6) batch.add_text(sensor, model::MappingType::keyword, time, reading.text);
  }

  void bring(std::size_t place) {
    const log::Record record{{place + 1}, log_[place]};
    store_->committed({&record, 1});
  }

  void ask_one() {
    const bool numeric = generate_.chance(80);
    const std::set<std::int64_t> sensors = numeric ? std::set<std::int64_t>{4, 5} : std::set<std::int64_t>{6};
    const RandomQuery query = generate_.query(3, numeric);
    const Readings expected = matching(readings_, query, sensors);
    world_.limits.read_ahead_threads = generate_.chance(50) ? 2 : 0;
    std::string body = R"({"size":0,"track_total_hits":true,"query":)" + query.body;
    RandomAggregation aggregation;
    if (numeric) {
      aggregation = generate_.chance(15) ? generate_.composite(2) : generate_.aggregation(2);
      body += R"(,"aggs":{"a":{)" + aggregation.body + "}}";
    }
    const json::value answer = search(world_, body + "}", numeric ? "/3_4,3_5/_search" : "/3_6/_search");
    if (HasFailure()) return;
    EXPECT_EQ(answer.at("hits").at("total").at("value"), static_cast<std::int64_t>(expected.size())) << body;
    if (!numeric) return;
    const json::value wanted = aggregation.evaluate(expected);
    EXPECT_TRUE(nearly_equal(answer.at("aggregations").at("a"), wanted))
        << body << "\nours " << json::serialize(answer.at("aggregations")) << "\nwant " << json::serialize(wanted);
  }

  std::mt19937_64 random_;
  std::vector<Reading> readings_;
  RequestGenerator generate_;
  store::TemporaryDirectory directory_;
  store::EmbeddedStoreOptions options_;
  QueryWorld world_;
  std::unique_ptr<Metrics> metrics_;
  std::vector<std::string> log_;
  std::unique_ptr<store::EmbeddedStore> store_;
};

TEST_P(StoreAnswers, AreTheSameWhereverTheReadingsLie) {
  send_all([] {});
  ask("in memory", 25);
  ASSERT_TRUE(store().flush());
  ask("on disk", 25);
  ASSERT_TRUE(store().maintain());
  ask("merged", 25);
  ASSERT_TRUE(store().compact());
  ask("compacted", 25);
  open();
  ask("opened again", 25);
}

TEST_P(StoreAnswers, AreTheSameHoweverTheReadingsCameThere) {
  send_all([this] {
    const auto chance = random()() % 30;
    const bool done = chance == 0 ? store().flush().has_value() : chance != 1 || store().maintain().has_value();
    EXPECT_TRUE(done);
    if (chance == 2) open();
  });
  ask("written in between", 40);
  // What the log still has comes again.
  open();
  ask("after a crash", 40);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StoreAnswers, testing::Values(1, 2, 3));

}  // namespace
}  // namespace iot::query
