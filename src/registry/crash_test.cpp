// kill -9 at random moments: what was answered is there afterwards, and its numbers are not given out again.
#include <csignal>
#include <random>
#include <set>
#include <thread>

#include <sys/wait.h>

#include "registry/check_database.h"
#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

class RegistryCrash : public RegistryTest {
 protected:
  static constexpr std::size_t clients = 4;

  /// In a process of its own: makes sensors and removes some, as fast as it can, and writes the number of each into
  /// `pipe` when its creation was answered; negative when its removal was. Never returns.
  [[noreturn]] void write_until_killed(DeviceId device, int pipe) {
    auto registry = std::move(SqlRegistry::open(options_, system_clock()).value());
    const auto report = [pipe](std::int64_t number) {
      if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(1);
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < clients; ++i) {
      threads.emplace_back([&] {
        RegistryClient client(*registry);
        for (;;) {
          const auto sensors = client.create_sensors(RegistryClient::new_sensors(device, 3)).value();
          for (const auto& sensor : sensors) report(sensor.id.value);
          if (client.delete_sensor(sensors[1].id)) report(-sensors[1].id.value);
        }
      });
    }
    threads.clear();
    ::_exit(1);
  }

  /// Reads what the child reports until it is killed, which happens after `acknowledged` reports.
  std::vector<std::int64_t> run_and_kill(DeviceId device, std::size_t acknowledged) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(device, ends[1]);
    }
    ::close(ends[1]);
    std::vector<std::int64_t> reports;
    std::int64_t number = 0;
    while (::read(ends[0], &number, sizeof number) == sizeof number) {
      reports.push_back(number);
      // What was written into the pipe before the kill took effect was answered too, so reading goes on.
      if (reports.size() == acknowledged) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    return reports;
  }
};

TEST_F(RegistryCrash, KeepsWhatWasAnsweredAndReusesNoNumber) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  open();
  const auto device = client_->device();
  std::set<std::int64_t> present;
  std::set<std::int64_t> gone;
  std::int64_t highest = 0;
  for (int round = 0; round < 20; ++round) {
    client_.reset();
    registry_.reset();
    for (const auto number : run_and_kill(device, std::uniform_int_distribution<std::size_t>(1, 300)(random))) {
      if (number > 0) {
        EXPECT_GT(number, highest);
        EXPECT_FALSE(gone.contains(number)) << "number " << number << " was used again";
        EXPECT_TRUE(present.insert(number).second) << "number " << number << " was used twice";
      } else {
        present.erase(-number);
        gone.insert(-number);
      }
    }
    open();
    const auto snapshot = registry_->snapshot();
    std::vector<std::int64_t> missing;
    for (const auto number : present) {
      if (!snapshot->sensors.contains({number})) missing.push_back(number);
    }
    // Each client may have been killed between a removal and its answer.
    EXPECT_LE(missing.size(), clients);
    for (const auto number : missing) {
      EXPECT_TRUE(present.contains(number - 1)) << "sensor " << number << " is not the one that may have been removed";
      present.erase(number);
      gone.insert(number);
    }
    for (const auto number : gone)
      EXPECT_FALSE(snapshot->sensors.contains({number})) << "sensor " << number << " came back";
    const auto next = client_->sensor(device);
    for (const auto* numbers : {&present, &gone}) {
      if (!numbers->empty()) {
        EXPECT_GT(next.value, *numbers->rbegin());
      }
    }
    highest = next.value;
    EXPECT_TRUE(check_database(options_.database));
  }
  EXPECT_GT(highest, 1'000);
}

}  // namespace
}  // namespace iot::registry
