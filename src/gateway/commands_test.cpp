#include "gateway/commands.h"

#include <atomic>
#include <random>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "registry/testing/registry_fixture.h"

namespace iot::gateway {
namespace {

using registry::CommandId;
using registry::CommandState;
using registry::DeviceCommand;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

using Ids = std::vector<std::int64_t>;

/// A connection of a device, which takes commands while it has room.
struct FakeConnection {
  std::size_t room = 1'000;
  Ids sent;

  Commands::Send send() {
    return [this](const DeviceCommand& command) {
      if (sent.size() >= room) return false;
      sent.push_back(command.id.value);
      return true;
    };
  }
};

struct FakePoll {
  bool is_gone = false;
  std::optional<Fingerprint> certificate = {};
  std::optional<std::uint64_t> registry_version = {};  ///< nothing: the present one
  std::optional<Commands::PollOutcome> outcome;
  Ids given;
};

class CommandsTest : public registry::OpenRegistryTest {
 protected:
  void SetUp() override {
    OpenRegistryTest::SetUp();
    device_ = client_->device();
    start();
  }
  void TearDown() override {
    if (registry_) registry_->stop();
  }

  void start() { commands_ = std::move(Commands::open(*registry_, clock_, metrics_, limits_).value()); }
  /// What a crash leaves: nothing but the database.
  void restart() {
    settle();
    registry_->stop();
    commands_.reset();
    open();
    start();
  }

  Result<DeviceCommand> try_make(std::chrono::seconds time_to_live = 1h, std::string payload = "1") {
    return registry::wait_for<DeviceCommand>([&](auto done) {
      commands_->create({root_user, "192.0.2.7"}, {device_, "n", std::move(payload), time_to_live}, done);
    });
  }
  std::int64_t make(std::chrono::seconds time_to_live = 1h) { return try_make(time_to_live).value().id.value; }
  /// Waits until what was said before is in the database: writes are done in order.
  void settle() {
    commands_->drain(std::chrono::steady_clock::now() + 1min);
    ASSERT_TRUE(registry::wait_for<void>(
        [&](auto done) { registry_->device_records().store_presence({}, {}, std::move(done)); }));
  }
  DeviceCommand read(std::int64_t id) {
    settle();
    return registry_->device_records().command(device_, {id}).value();
  }
  CommandState state(std::int64_t id) { return read(id).state; }
  Result<DeviceCommand> answer(std::int64_t id, std::string_view payload) {
    return registry::wait_for<DeviceCommand>(
        [&](auto done) { commands_->answer(device_, {id}, payload, std::move(done)); });
  }
  Commands::PollRefusal poll(FakePoll& poll, std::chrono::seconds wait = 30s, std::optional<DeviceId> device = {}) {
    return commands_->wait_for(device.value_or(device_),
                               {Timestamp{clock_.now().ns + std::chrono::nanoseconds(wait).count()}, poll.certificate,
                                poll.registry_version.value_or(registry_->version()), [&poll] { return poll.is_gone; },
                                [&poll](Commands::PollOutcome outcome, const std::vector<DeviceCommand>& commands) {
                                  ASSERT_FALSE(poll.outcome) << "a second answer";
                                  poll.outcome = outcome;
                                  for (const auto& command : commands) poll.given.push_back(command.id.value);
                                }});
  }
  void pass(std::chrono::nanoseconds time) {
    clock_.advance(time);
    commands_->tick();
  }

  Metrics metrics_;
  CommandLimits limits_;
  DeviceId device_;
  std::unique_ptr<Commands> commands_;
};

TEST_F(CommandsTest, GoAtOnceToADeviceThatListens) {
  FakeConnection connection;
  commands_->listen(device_, connection.send());
  const auto made = try_make().value();
  EXPECT_EQ(made.state, CommandState::sent);
  EXPECT_THAT(connection.sent, ElementsAre(made.id.value));
  EXPECT_EQ(state(made.id.value), CommandState::sent);
  commands_->delivered(device_, made.id);
  EXPECT_EQ(state(made.id.value), CommandState::delivered);
  EXPECT_EQ(answer(made.id.value, R"({"ok":true})").value().state, CommandState::acknowledged);
  EXPECT_EQ(read(made.id.value).response, R"({"ok":true})");
  EXPECT_EQ(commands_->waiting(device_), 0u);
}

TEST_F(CommandsTest, WaitForADeviceThatIsAway) {
  const auto first = try_make().value();
  EXPECT_EQ(first.state, CommandState::queued);
  const auto second = make();
  FakeConnection connection;
  commands_->listen(device_, connection.send());
  EXPECT_THAT(connection.sent, ElementsAre(first.id.value, second));
}

TEST_F(CommandsTest, AreThereAfterACrashAtAnyState) {
  const auto queued = make();
  FakeConnection before;
  const auto listener = commands_->listen(device_, before.send());
  const auto delivered = make();
  commands_->delivered(device_, {delivered});
  restart();
  EXPECT_EQ(state(queued), CommandState::queued) << "the connection that it was sent on is gone";
  EXPECT_EQ(state(delivered), CommandState::delivered);
  FakeConnection after;
  commands_->stop_listening(device_, listener);
  commands_->listen(device_, after.send());
  EXPECT_THAT(after.sent, ElementsAre(queued));
  EXPECT_EQ(state(queued), CommandState::sent);
}

TEST_F(CommandsTest, GoToTheLatestOfSeveralConnectionsAndToThatAlone) {
  FakeConnection first, second;
  commands_->listen(device_, first.send());
  const auto second_id = commands_->listen(device_, second.send());
  const auto command = make();
  EXPECT_THAT(first.sent, IsEmpty());
  EXPECT_THAT(second.sent, ElementsAre(command));
  commands_->stop_listening(device_, second_id);
  EXPECT_THAT(first.sent, ElementsAre(command)) << "that connection is gone, unacknowledged";
}

TEST_F(CommandsTest, AreQueuedAgainWhenTheirConnectionIsGone) {
  FakeConnection connection;
  const auto listener = commands_->listen(device_, connection.send());
  const auto command = make();
  commands_->stop_listening(device_, listener);
  EXPECT_EQ(state(command), CommandState::queued);
  commands_->stop_listening(device_, listener);
  FakeConnection next;
  commands_->listen(device_, next.send());
  EXPECT_THAT(next.sent, ElementsAre(command));
}

TEST_F(CommandsTest, DoNotGoToOthers) {
  const auto other = client_->device();
  FakeConnection connection;
  commands_->listen(other, connection.send());
  const auto command = make();
  EXPECT_THAT(connection.sent, IsEmpty());
  commands_->delivered(other, {command});
  commands_->delivered_through(other, {command});
  EXPECT_EQ(state(command), CommandState::queued);
}

TEST_F(CommandsTest, AreOfferedAgainWhenAConnectionHadNoRoom) {
  FakeConnection connection{.room = 1, .sent = {}};
  commands_->listen(device_, connection.send());
  const auto first = make();
  const auto second = try_make().value();
  EXPECT_EQ(second.state, CommandState::queued);
  connection.room = 2;
  commands_->tick();
  EXPECT_THAT(connection.sent, ElementsAre(first, second.id.value));
}

TEST_F(CommandsTest, AreSentInALimitedNumberAtOnce) {
  limits_.in_flight_per_connection_max = 2;
  start();
  FakeConnection connection;
  commands_->listen(device_, connection.send());
  const auto first = make();
  const auto second = make();
  const auto third = make();
  EXPECT_THAT(connection.sent, ElementsAre(first, second));
  commands_->delivered(device_, {second});
  EXPECT_THAT(connection.sent, ElementsAre(first, second, third));
}

TEST_F(CommandsTest, ExpireWhenTheirTimeIsOver) {
  const auto soon = make(10s);
  const auto later = make(11s);
  pass(10s - 1ns);
  EXPECT_EQ(state(soon), CommandState::queued);
  pass(1ns);
  EXPECT_EQ(state(soon), CommandState::expired);
  EXPECT_EQ(state(later), CommandState::queued);
  FakeConnection connection;
  commands_->listen(device_, connection.send());
  EXPECT_THAT(connection.sent, ElementsAre(later));
  pass(1s);
  commands_->delivered(device_, {later});
  EXPECT_EQ(state(later), CommandState::expired) << "the acknowledgement came too late";
}

TEST_F(CommandsTest, ExpireWhileTheProcessIsAway) {
  const auto command = make(10s);
  settle();
  clock_.advance(1min);
  restart();
  commands_->tick();
  EXPECT_EQ(state(command), CommandState::expired);
}

TEST_F(CommandsTest, FailWhereTheDeviceRefusesOrSaysSo) {
  FakeConnection connection;
  commands_->listen(device_, connection.send());
  const auto refused = make();
  commands_->refused(device_, {refused});
  EXPECT_EQ(state(refused), CommandState::failed);
  const auto failed = make();
  EXPECT_EQ(answer(failed, R"({"error":"no such valve"})").value().state, CommandState::failed);
  EXPECT_EQ(commands_->waiting(device_), 0u);
}

TEST_F(CommandsTest, AnAnswerBeforeTheAcknowledgementSaysBoth) {
  FakeConnection connection;
  commands_->listen(device_, connection.send());
  const auto command = make();
  commands_->note_answer(device_, {command}, "done", [](auto) {});
  EXPECT_EQ(state(command), CommandState::acknowledged);
  commands_->delivered(device_, {command});
  EXPECT_EQ(state(command), CommandState::acknowledged);
  EXPECT_EQ(read(command).response, R"("done")");
}

TEST_F(CommandsTest, AreTakenUpToALimitOfMemory) {
  limits_.waiting_bytes_max = 1'300;
  start();
  ASSERT_TRUE(try_make(1h, std::string(700, '1')));
  EXPECT_TRUE(is(try_make(1h, std::string(100, '1')).error(), registry::Errc::overloaded));
  EXPECT_TRUE(try_make(1h, std::string(40, '1')));
}

TEST_F(CommandsTest, AnswerAPollAtOnceWhereAnyWait) {
  const auto first = make();
  const auto second = make();
  FakePoll asked;
  poll(asked);
  EXPECT_THAT(asked.given, ElementsAre(first, second));
  EXPECT_EQ(state(first), CommandState::sent);
  FakePoll again;
  poll(again);
  EXPECT_THAT(again.given, ElementsAre(first, second)) << "nothing was confirmed";
  commands_->delivered_through(device_, {first});
  EXPECT_EQ(state(first), CommandState::delivered);
  EXPECT_EQ(state(second), CommandState::sent);
  FakePoll rest;
  poll(rest);
  EXPECT_THAT(rest.given, ElementsAre(second));
}

TEST_F(CommandsTest, WhatWasNeverSentIsNotConfirmed) {
  const auto command = make();
  commands_->delivered_through(device_, {command + 100});
  EXPECT_EQ(state(command), CommandState::queued);
}

TEST_F(CommandsTest, AnswerAPollWhenOneComes) {
  FakePoll asked;
  poll(asked);
  EXPECT_FALSE(asked.outcome);
  const auto made = try_make().value();
  EXPECT_THAT(asked.given, ElementsAre(made.id.value));
  EXPECT_EQ(made.state, CommandState::sent);
  pass(1min);
}

TEST_F(CommandsTest, AnswerAPollWithNothingWhenItsTimeIsOver) {
  FakePoll asked;
  poll(asked, 30s);
  pass(30s - 1ns);
  EXPECT_FALSE(asked.outcome);
  pass(1ns);
  EXPECT_EQ(asked.outcome, Commands::PollOutcome::answered);
  EXPECT_THAT(asked.given, IsEmpty());
  FakePoll at_once;
  poll(at_once, 0s);
  EXPECT_TRUE(at_once.outcome);
}

TEST_F(CommandsTest, AreNotGivenToAPollWhoseClientHasGone) {
  FakePoll gone{.is_gone = true, .outcome = {}, .given = {}};
  poll(gone);
  const auto command = make();
  EXPECT_THAT(gone.given, IsEmpty());
  EXPECT_EQ(state(command), CommandState::queued);
}

TEST_F(CommandsTest, LetALimitedNumberOfPollsWait) {
  limits_.polls_per_device_max = 2;
  limits_.polls_max = 3;
  start();
  FakePoll first, second, third, other, another;
  EXPECT_EQ(poll(first), Commands::PollRefusal::none);
  EXPECT_EQ(poll(second), Commands::PollRefusal::none);
  EXPECT_EQ(poll(third), Commands::PollRefusal::too_many_of_device);
  EXPECT_EQ(poll(other, 30s, client_->device()), Commands::PollRefusal::none);
  EXPECT_EQ(poll(another, 30s, client_->device()), Commands::PollRefusal::too_many);
  first.is_gone = true;
  EXPECT_EQ(poll(third), Commands::PollRefusal::none) << "who has gone makes room";
}

TEST_F(CommandsTest, EndPollsWhenTheServerStops) {
  FakePoll waiting, late;
  poll(waiting);
  commands_->stop();
  EXPECT_EQ(waiting.outcome, Commands::PollOutcome::answered);
  poll(late);
  EXPECT_TRUE(late.outcome);
}

TEST_F(CommandsTest, EndPollsWhenTheKeyIsWithdrawn) {
  FakePoll waiting;
  poll(waiting);
  ASSERT_TRUE(client_->rotate_device_key(device_));
  EXPECT_EQ(waiting.outcome, Commands::PollOutcome::withdrawn);
}

TEST_F(CommandsTest, APollOfACertificateEndsWithItAndNotWithAKey) {
  client_->certificate(device_, 1);
  client_->certificate(device_, 2);
  FakePoll first, second;
  first.certificate = registry::RegistryClient::fingerprint(1);
  second.certificate = registry::RegistryClient::fingerprint(2);
  poll(first);
  poll(second);
  ASSERT_TRUE(client_->rotate_device_key(device_));
  EXPECT_FALSE(first.outcome);
  ASSERT_TRUE(client_->remove_certificate(device_, registry::RegistryClient::fingerprint(1)));
  EXPECT_EQ(first.outcome, Commands::PollOutcome::withdrawn);
  EXPECT_FALSE(second.outcome);
  commands_->stop();
}

TEST_F(CommandsTest, APollThatWasLetInBeforeAChangeAsksAgain) {
  make();
  FakePoll outdated;
  outdated.registry_version = registry_->version();
  ASSERT_TRUE(client_->rotate_device_key(device_));
  poll(outdated);
  EXPECT_EQ(outdated.outcome, Commands::PollOutcome::answered);
  EXPECT_THAT(outdated.given, IsEmpty()) << "it may be a stranger by now";
}

TEST_F(CommandsTest, OneUserCannotTakeAllTheMemory) {
  limits_.waiting_bytes_per_user_max = 1'000;
  start();
  ASSERT_TRUE(try_make(1h, std::string(700, '1')));
  EXPECT_TRUE(is(try_make(1h, std::string(700, '1')).error(), registry::Errc::overloaded));
  const UserId other = client_->user("other");
  const auto of_other = registry::wait_for<DeviceCommand>([&](auto done) {
    commands_->create({other, "192.0.2.7"}, {device_, "n", std::string(700, '1'), 1h}, done);
  });
  EXPECT_TRUE(of_other);
}

TEST_F(CommandsTest, AnswersOfOneDeviceOnTheirWayHaveALimit) {
  limits_.answers_per_device_max = 3;
  start();
  const auto command = make();
  std::atomic<int> refused{0}, told{0};
  constexpr int count = 100;
  for (int i = 0; i < count; ++i) {
    commands_->answer(device_, {command}, "done", [&](const Result<DeviceCommand>& outcome) {
      if (!outcome) {
        EXPECT_TRUE(is(outcome.error(), registry::Errc::overloaded));
        ++refused;
      }
      ++told;
    });
  }
  settle();
  EXPECT_EQ(told, count);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(state(command), CommandState::acknowledged);
  EXPECT_TRUE(answer(command, "again"));
}

TEST_F(CommandsTest, WhatCannotBeSentAgainIsNotRefusedForItsNumber) {
  limits_.answers_per_device_max = 1;
  start();
  const auto command = make();
  std::atomic<int> stored{0};
  constexpr int count = 100;
  for (int i = 0; i < count; ++i) {
    commands_->note_answer(device_, {command}, "done", [&](const Result<DeviceCommand>& outcome) {
      if (outcome) ++stored;
    });
  }
  settle();
  EXPECT_EQ(stored, count);
}

TEST_F(CommandsTest, AConnectionWithoutRoomIsAskedOnceATick) {
  FakeConnection connection;
  connection.room = 0;
  int asked = 0;
  commands_->listen(device_, [&](const DeviceCommand& command) {
    ++asked;
    return connection.send()(command);
  });
  for (int i = 0; i < 20; ++i) make();
  asked = 0;
  commands_->tick();
  EXPECT_EQ(asked, 1);
  commands_->tick();
  EXPECT_EQ(asked, 2);
}

TEST_F(CommandsTest, GoWithTheirDevice) {
  make();
  FakePoll waiting;
  poll(waiting, 30s, client_->device());
  ASSERT_TRUE(client_->delete_device(device_));
  EXPECT_EQ(commands_->waiting(device_), 0u);
  EXPECT_FALSE(waiting.outcome);
}

/// Connections that come and go on several threads, each of which confirms part of what it is sent.
TEST_F(CommandsTest, ReachTheDeviceWhateverComesAndGoesMeanwhile) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  constexpr int commands = 200;
  std::atomic<bool> made_all{false};
  const auto come_and_go = [&](unsigned number) {
    std::mt19937 random(seed + number);
    while (!made_all) {
      std::mutex mutex;
      Ids sent;
      const auto listener = commands_->listen(device_, [&](const DeviceCommand& command) {
        const std::lock_guard lock(mutex);
        if (random() % 8 == 0) return false;
        sent.push_back(command.id.value);
        return true;
      });
      for (int step = 0; step < 20; ++step) {
        Ids taken;
        {
          const std::lock_guard lock(mutex);
          taken.swap(sent);
        }
        for (const std::int64_t id : taken) {
          if (id % 3 != 0) commands_->delivered(device_, {id});
          if (id % 5 == 0) commands_->note_answer(device_, {id}, "1", [](auto) {});
        }
        std::this_thread::yield();
      }
      commands_->stop_listening(device_, listener);
      commands_->tick();
      FakePoll asked;
      poll(asked, 0s);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < 3; ++number) threads.emplace_back(come_and_go, number);
  Ids ids;
  for (int i = 0; i < commands; ++i) ids.push_back(make());
  made_all = true;
  for (std::thread& thread : threads) thread.join();
  settle();
  std::set<std::int64_t> left;
  FakeConnection last;
  limits_.in_flight_per_connection_max = commands;
  restart();
  commands_->listen(device_, last.send());
  left.insert(last.sent.begin(), last.sent.end());
  EXPECT_EQ(left.size(), last.sent.size()) << "each goes to one connection once";
  for (const std::int64_t id : ids) {
    const auto at_end = state(id);
    EXPECT_TRUE(at_end == CommandState::delivered || at_end == CommandState::acknowledged ||
                (at_end == CommandState::sent && left.contains(id)))
        << id << " is " << registry::to_string(at_end);
  }
}

}  // namespace
}  // namespace iot::gateway
