#include "ingest/ingestor.h"

#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "ingest/testing/manual_log.h"

namespace iot::ingest {
namespace {

model::ReadingBatch batch_of(double value) {
  model::ReadingBatch batch;
  batch.device = DeviceId{3};
  batch.add_real(SensorId{4}, model::MappingType::double_precision, {}, value);
  return batch;
}

class IngestorTest : public ::testing::Test {
 protected:
  /// Submits on a loop that this thread plays; what `done` hears is noted.
  void submit(std::size_t loop, double value) {
    ingestor_.submit(loop, batch_of(value), [this, value](const Result<log::Position>& outcome) {
      heard_ += std::to_string(static_cast<int>(value)) + (outcome ? "+" : "-");
    });
  }
  std::string run(std::size_t loop) {
    heard_.clear();
    loops_[loop].restart();
    loops_[loop].poll();
    return heard_;
  }

  boost::asio::io_context loops_[2];
  testing::ManualLog log_;
  Metrics metrics_;
  Ingestor ingestor_{log_, metrics_, {loops_[0].get_executor(), loops_[1].get_executor()}};
  std::string heard_;
};

TEST_F(IngestorTest, TellsEachSenderOnItsLoopAndInOrder) {
  submit(0, 1);
  submit(1, 2);
  submit(0, 3);
  log_.tell();
  EXPECT_EQ(run(0), "");  // the group has not ended
  ingestor_.group_ended();
  EXPECT_EQ(run(0), "1+3+");
  EXPECT_EQ(run(1), "2+");
  ASSERT_EQ(log_.stored().size(), 3u);
  EXPECT_EQ(log_.stored()[1].real(0), 2);
}

TEST_F(IngestorTest, WakesALoopOnceForAGroup) {
  for (int i = 0; i < 100; ++i) submit(0, 1);
  log_.tell();
  ingestor_.group_ended();
  submit(0, 2);
  log_.tell();
  ingestor_.group_ended();
  loops_[0].restart();
  // The second group was taken along by the first one's wake-up.
  EXPECT_EQ(loops_[0].poll_one(), 1u);
  EXPECT_EQ(heard_.size(), 2u * 101);
  EXPECT_EQ(loops_[0].poll_one(), 0u);
}

TEST_F(IngestorTest, AFailureReachesTheSender) {
  submit(0, 1);
  log_.tell(make_error(log::Errc::disk_full, "no room"));
  ingestor_.group_ended();
  EXPECT_EQ(run(0), "1-");
  EXPECT_TRUE(log_.stored().empty());
}

TEST_F(IngestorTest, ARefusalIsToldAtOnce) {
  log_.refuse_with(make_error(log::Errc::overloaded, "full"));
  submit(0, 1);
  EXPECT_EQ(heard_, "1-");
  log_.refuse_with({});
  submit(0, 2);
  log_.tell();
  ingestor_.group_ended();
  EXPECT_EQ(run(0), "2+");
}

TEST_F(IngestorTest, WhoHearsMaySubmitAgain) {
  ingestor_.submit(0, batch_of(1), [this](const Result<log::Position>&) { submit(0, 2); });
  log_.tell();
  ingestor_.group_ended();
  EXPECT_EQ(run(0), "");
  log_.tell();
  ingestor_.group_ended();
  EXPECT_EQ(run(0), "2+");
}

TEST_F(IngestorTest, CountsReadingsByOutcome) {
  submit(0, 1);
  log_.tell();
  submit(0, 2);
  log_.tell(make_error(log::Errc::disk_full, "no room"));
  log_.refuse_with(make_error(log::Errc::overloaded, "full"));
  submit(0, 3);
  ingestor_.group_ended();
  run(0);
  const std::string text = metrics_.scrape();
  for (const char* outcome : {"acknowledged", "failed", "refused"}) {
    const std::string line = std::string("iotplatform_ingest_readings_total{outcome=\"") + outcome + "\"} 1\n";
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

TEST(IngestorThreads, NothingIsLostBetweenThem) {
  constexpr int messages = 20'000;
  boost::asio::io_context loops[2];
  testing::ManualLog log;
  Metrics metrics;
  Ingestor ingestor(log, metrics, {loops[0].get_executor(), loops[1].get_executor()});
  std::atomic<int> heard{0};
  std::atomic<bool> finished{false};
  std::thread committer([&] {
    while (!finished) {
      log.tell();
      ingestor.group_ended();
    }
  });
  std::vector<std::thread> threads;
  for (std::size_t loop = 0; loop < 2; ++loop) {
    threads.emplace_back([&, loop] {
      const auto work = boost::asio::make_work_guard(loops[loop]);
      int sent = 0;
      int told = 0;
      while (told < messages) {
        // A few at a time, as connections would.
        while (sent < messages && sent - told < 64) {
          ++sent;
          ingestor.submit(loop, batch_of(sent), [&](const Result<log::Position>&) {
            ++told;
            ++heard;
          });
        }
        loops[loop].run_one();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  finished = true;
  committer.join();
  EXPECT_EQ(heard, 2 * messages);
  EXPECT_EQ(log.stored().size(), 2u * messages);
}

}  // namespace
}  // namespace iot::ingest
