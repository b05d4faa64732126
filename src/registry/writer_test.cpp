// Writes share transactions: what each of them sees of the others, and what happens when something fails.
#include <atomic>
#include <csignal>
#include <latch>
#include <thread>

#include <gmock/gmock.h>
#include <sys/resource.h>

#include "registry/snapshot_loader.h"
#include "registry/sql.h"
#include "registry/sqlite.h"
#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

class RegistryWriter : public OpenRegistryTest {
 protected:
  /// Holds the writer thread in a callback, so that what is submitted until release() makes one group.
  void hold_writer() {
    held_ = std::make_unique<std::latch>(1);
    std::latch reached(1);
    registry_->create_device({}, {root_user, "held", "", {}}, [&, held = held_.get()](Result<model::Device>) {
      reached.count_down();
      held->wait();
    });
    reached.wait();
  }
  void release_writer() { held_->count_down(); }

  std::unique_ptr<std::latch> held_;
};

TEST_F(RegistryWriter, WritesThatCameMeanwhileShareATransaction) {
  hold_writer();
  const auto groups = registry_->stats().groups;
  std::latch answered(100);
  std::vector<int> order;
  std::vector<std::uint64_t> versions;
  for (int i = 0; i < 100; ++i) {
    registry_->create_device({}, {root_user, "d", "", {}}, [&, i](Result<model::Device> device) {
      EXPECT_TRUE(device);
      order.push_back(i);
      versions.push_back(registry_->version());
      EXPECT_TRUE(registry_->snapshot()->devices.contains(device.value().id));
      answered.count_down();
    });
  }
  EXPECT_EQ(registry_->stats().waiting, 100u);
  release_writer();
  answered.wait();
  EXPECT_EQ(registry_->stats().groups, groups + 1);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(versions.front(), versions.back()) << "the snapshot is brought up to date once";
}

TEST_F(RegistryWriter, OneThatFailsIsUndoneAlone) {
  const auto device = client_->device();
  hold_writer();
  std::vector<NewSensor> bad = RegistryClient::new_sensors(device, 3);
  bad[2].device = {99};
  std::latch answered(5);
  const auto expect = [&](bool success) {
    return [&, success](const auto& outcome) {
      EXPECT_EQ(outcome.has_value(), success);
      answered.count_down();
    };
  };
  registry_->create_user({}, {"a", "ada", "h", model::Role::user}, expect(true));
  registry_->create_user({}, {"b", "ada", "h", model::Role::user}, expect(false));
  registry_->create_sensors({}, bad, expect(false));
  registry_->create_sensors({}, RegistryClient::new_sensors(device, 2), expect(true));
  registry_->create_user({}, {"", "bob", "h", model::Role::user}, expect(false));
  release_writer();
  answered.wait();
  EXPECT_EQ(registry_->snapshot()->users.size(), 2u);
  EXPECT_EQ(registry_->sensors(device, {}).value().size(), 2u);
  expect_same(*registry_->snapshot(), load_snapshot(*open_sqlite(options_.database, SqliteUse::reader)));
}

TEST_F(RegistryWriter, WritesOfAGroupSeeTheOnesBefore) {
  const auto device = client_->device();
  hold_writer();
  std::latch answered(3);
  registry_->delete_device({}, device, [&](Result<void> outcome) {
    EXPECT_TRUE(outcome);
    answered.count_down();
  });
  registry_->create_sensors({}, {RegistryClient::new_sensor(device)}, [&](const auto& outcome) {
    EXPECT_TRUE(is(outcome.error(), Errc::device_not_found));
    answered.count_down();
  });
  registry_->rotate_device_key({}, device, [&](const auto& outcome) {
    EXPECT_TRUE(is(outcome.error(), Errc::device_not_found));
    answered.count_down();
  });
  release_writer();
  answered.wait();
}

TEST_F(RegistryWriter, RefusesWhatDoesNotFitTheQueue) {
  options_.limits.writes_waiting_max = 5;
  options_.limits.sensors_waiting_max = 10;
  open();
  const auto device = client_->device();
  hold_writer();
  std::atomic<int> made{0};
  std::atomic<int> refused{0};
  const auto create = [&](std::size_t sensors) {
    registry_->create_sensors({}, RegistryClient::new_sensors(device, sensors), [&](const auto& outcome) {
      EXPECT_TRUE(outcome || is(outcome.error(), Errc::overloaded));
      ++(outcome ? made : refused);
    });
  };
  create(20);  // alone it fits an empty queue
  EXPECT_EQ(refused, 0);
  create(1);
  EXPECT_EQ(refused, 1) << "refused at once";
  for (int i = 0; i < 5; ++i) create(0);
  EXPECT_EQ(refused, 2) << "one too many after five that wait";
  release_writer();
  registry_->stop();
  EXPECT_EQ(made, 5);
  EXPECT_EQ(registry_->snapshot()->devices.find(device)->sensors.size(), 20u);
}

TEST_F(RegistryWriter, StopFinishesWhatWasAcceptedAndRefusesTheRest) {
  hold_writer();
  std::atomic<int> made{0};
  for (int i = 0; i < 3'000; ++i) {
    registry_->create_device({}, {root_user, "d", "", {}},
                             [&](Result<model::Device> device) { made += device.has_value(); });
  }
  std::thread stopping([&] { registry_->stop(); });
  // From the moment when a write is refused the queue is closed, and the others still wait behind the held callback.
  std::atomic<bool> refused{false};
  while (!refused) {
    registry_->revoke({}, {99}, {99}, [&](Result<void> outcome) {
      if (is(outcome.error(), Errc::shutting_down)) refused = true;
    });
  }
  EXPECT_EQ(made, 0);
  release_writer();
  stopping.join();
  EXPECT_EQ(made, 3'000);
  EXPECT_EQ(registry_->snapshot()->devices.size(), 3'001u);
  EXPECT_EQ(registry_->devices({}, {.limit = 1'000, .after = {}, .name = {}}).value().size(), 1'000u) << "reads go on";
  registry_->stop();
}

TEST_F(RegistryWriter, AnswersEachWriteOnceToAnyNumberOfThreads) {
  constexpr int threads = 16;
  constexpr int each = 60;
  const auto device = client_->device();
  std::vector<std::atomic<int>> answers(threads * each);
  std::atomic<bool> done{false};
  std::thread reader([&] {
    std::uint64_t version = 0;
    while (!done) {
      const auto seen = registry_->version();
      const auto snapshot = registry_->snapshot();
      EXPECT_GE(seen, version);
      EXPECT_GE(snapshot->version, seen);
      EXPECT_EQ(snapshot->devices.find(device)->sensors.size(), snapshot->sensors.size());
      EXPECT_TRUE(registry_->sensors(device, {.limit = 10, .after = {}, .name = "7"}));
      version = seen;
    }
  });
  {
    std::vector<std::jthread> writers;
    for (int t = 0; t < threads; ++t) {
      writers.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          registry_->create_sensors({}, RegistryClient::new_sensors(device, 1 + static_cast<std::size_t>(i % 3)),
                                    [&, t, i](const auto& outcome) {
                                      EXPECT_TRUE(outcome);
                                      ++answers[static_cast<std::size_t>(t * each + i)];
                                    });
        }
      });
    }
  }
  registry_->stop();
  done = true;
  reader.join();
  for (const auto& count : answers) EXPECT_EQ(count, 1);
  EXPECT_EQ(registry_->snapshot()->sensors.size(), static_cast<std::size_t>(threads * each * 2));
}

TEST_F(RegistryWriter, ACallbackThatThrowsHarmsNobodyElse) {
  registry_->create_device({}, {root_user, "d", "", {}},
                           [](const auto&) { throw std::runtime_error("a fault of the caller"); });
  EXPECT_TRUE(client_->create_device({root_user, "d", "", {}}));
}

/// While it lives, no file of this process may grow beyond `bytes`: a full disk, as far as SQLite can tell.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

TEST_F(RegistryWriter, AFullDiskFailsTheGroupAndIsOverWhenThereIsRoom) {
  const auto device = client_->device();
  const auto before = registry_->snapshot();
  std::vector<SensorId> removed;
  registry_->on_sensors_removed([&](const auto& sensors) { removed = sensors; });
  {
    hold_writer();
    const auto held = registry_->snapshot();
    const FileSizeLimit full(1);
    std::latch answered(4);
    registry_->create_sensors({}, RegistryClient::new_sensors(device, 100), [&](const auto& outcome) {
      EXPECT_TRUE(is(outcome.error(), Errc::database_failed));
      answered.count_down();
    });
    registry_->rotate_device_key({}, device, [&](const auto& outcome) {
      EXPECT_TRUE(is(outcome.error(), Errc::database_failed));
      answered.count_down();
    });
    registry_->delete_device({}, {99}, [&](const auto& outcome) {
      EXPECT_TRUE(is(outcome.error(), Errc::device_not_found)) << "its own error stays the answer";
      answered.count_down();
    });
    registry_->delete_device({}, device, [&](const auto& outcome) {
      EXPECT_TRUE(is(outcome.error(), Errc::database_failed));
      answered.count_down();
    });
    release_writer();
    answered.wait();
    EXPECT_EQ(registry_->snapshot(), held);
    EXPECT_EQ(registry_->stats().groups_failed, 1u);
    EXPECT_TRUE(registry_->device(device));
  }
  EXPECT_TRUE(removed.empty());
  const auto sensor = client_->sensor(device);
  EXPECT_EQ(registry_->snapshot()->devices.find(device)->sensors.size(), 1u);
  EXPECT_EQ(registry_->snapshot()->devices.find(device)->key_version, 1u);
  expect_same(*registry_->snapshot(), load_snapshot(*open_sqlite(options_.database, SqliteUse::reader)));
  open();
  EXPECT_TRUE(registry_->sensor(sensor));
}

TEST_F(RegistryWriter, WaitsForSomebodyElsesLock) {
  auto other = open_sqlite(options_.database, SqliteUse::writer);
  *other << "BEGIN IMMEDIATE";
  std::latch answered(1);
  registry_->create_device({}, {root_user, "d", "", {}}, [&](Result<model::Device> device) {
    EXPECT_TRUE(device);
    answered.count_down();
  });
  while (registry_->stats().waiting > 0) std::this_thread::yield();
  *other << "ROLLBACK";
  answered.wait();
}

std::string pragma(soci::session& session, const std::string& name) {
  return std::get<0>(
      *Query<std::tuple<std::string>>(session, "SELECT CAST(" + name + " AS TEXT) FROM pragma_" + name).first());
}

TEST_F(RegistryWriter, CommitsToTheDiskAndKeepsReferences) {
  const auto session = open_sqlite(options_.database, SqliteUse::writer);
  EXPECT_EQ(pragma(*session, "journal_mode"), "wal");
  EXPECT_EQ(pragma(*session, "synchronous"), "2") << "FULL: a commit is synced";
  EXPECT_EQ(pragma(*session, "foreign_keys"), "1");
  EXPECT_THROW(*session << "INSERT INTO grants (consumer_id, sensor_id) VALUES (98, 99)", soci::soci_error);
}

TEST_F(RegistryWriter, TheFilesAreTheOwnersAlone) {
  client_->device();
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    EXPECT_EQ(entry.status().permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << entry.path();
  }
}

}  // namespace
}  // namespace iot::registry
