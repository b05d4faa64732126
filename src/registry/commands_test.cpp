#include <gmock/gmock.h>

#include "registry/device_records.h"
#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Commands : public OpenRegistryTest {
 protected:
  Result<DeviceCommand> make(DeviceId device, const std::string& name = "reboot",
                             std::chrono::seconds time_to_live = std::chrono::hours(1)) {
    return make({device, name, R"({"force":true})", time_to_live});
  }
  Result<DeviceCommand> make(NewCommand command) {
    return wait_for<DeviceCommand>([&](auto done) {
      registry_->device_records().create_command({root_user, "192.0.2.7"}, std::move(command), done);
    });
  }
  void update(const CommandProgress& progress) {
    ASSERT_TRUE(
        wait_for<void>([&](auto done) { registry_->device_records().update_command(progress, std::move(done)); }));
  }
  Result<DeviceCommand> answer(DeviceId device, CommandId id, bool has_failed = false, std::string response = "1") {
    return wait_for<DeviceCommand>([&](auto done) {
      registry_->device_records().answer_command({device, id, has_failed, std::move(response)}, std::move(done));
    });
  }
  DeviceCommand read(DeviceId device, CommandId id) { return registry_->device_records().command(device, id).value(); }
  CommandState state(DeviceId device, CommandId id) { return read(device, id).state; }
  std::vector<std::int64_t> listed(DeviceId device, Page page = {}) {
    std::vector<std::int64_t> ids;
    const auto commands = registry_->device_records().commands(device, page).value();
    for (const auto& command : commands) ids.push_back(command.id.value);
    return ids;
  }
  std::vector<std::int64_t> waiting() {
    std::vector<std::int64_t> ids;
    const auto commands = registry_->device_records().waiting_commands().value();
    for (const auto& command : commands) ids.push_back(command.id.value);
    return ids;
  }
};

TEST_F(Commands, AreThereWithAllTheySayAlsoAfterARestart) {
  const auto device = client_->device();
  const auto made = make(device, "set valve", std::chrono::seconds(60)).value();
  open();
  const auto found = read(device, made.id);
  EXPECT_EQ(found.name, "set valve");
  EXPECT_EQ(found.payload, R"({"force":true})");
  EXPECT_EQ(found.created, clock_.now());
  EXPECT_EQ(found.expires.ns, clock_.now().ns + 60'000'000'000);
  EXPECT_EQ(found.state, CommandState::queued);
  EXPECT_EQ(found.user, root_user);
  EXPECT_FALSE(found.sent || found.delivered || found.answered);
  EXPECT_THAT(waiting(), ElementsAre(made.id.value));
}

TEST_F(Commands, NeverGetANumberAgain) {
  const auto device = client_->device();
  const auto first = make(device).value().id;
  ASSERT_TRUE(client_->delete_device(device));
  open();
  EXPECT_GT(make(client_->device()).value().id, first);
}

TEST_F(Commands, ChangesThatOvertakeEachOtherEndInOrder) {
  const auto device = client_->device();
  const auto id = make(device).value().id;
  update({id, CommandState::delivered, 2, Timestamp{1}, Timestamp{2}});
  update({id, CommandState::sent, 1, Timestamp{1}, {}});
  EXPECT_EQ(state(device, id), CommandState::delivered);
  EXPECT_EQ(read(device, id).delivered, Timestamp{2});
}

TEST_F(Commands, MayBeQueuedAgainAfterTheyWereSent) {
  const auto device = client_->device();
  const auto id = make(device).value().id;
  update({id, CommandState::sent, 1, Timestamp{1}, {}});
  update({id, CommandState::queued, 2, {}, {}});
  EXPECT_EQ(state(device, id), CommandState::queued);
  EXPECT_THAT(waiting(), ElementsAre(id.value));
}

TEST_F(Commands, KeepTheirFirstAnswer) {
  const auto device = client_->device();
  const auto id = make(device).value().id;
  EXPECT_EQ(answer(device, id, false, R"("done")").value().state, CommandState::acknowledged);
  EXPECT_EQ(answer(device, id, true, R"({"error":"x"})").value().state, CommandState::acknowledged);
  update({id, CommandState::queued, 9, {}, {}});
  const auto found = read(device, id);
  EXPECT_EQ(found.state, CommandState::acknowledged);
  EXPECT_EQ(found.response, R"("done")");
  EXPECT_TRUE(found.delivered && found.answered);
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(Commands, AreAnsweredByTheirOwnDeviceAlone) {
  const auto device = client_->device();
  const auto other = client_->device();
  const auto id = make(device).value().id;
  EXPECT_ERRC(answer(other, id), Errc::command_not_found);
  EXPECT_ERRC(answer(device, {id.value + 1}), Errc::command_not_found);
  EXPECT_ERRC(registry_->device_records().command(other, id), Errc::command_not_found);
}

TEST_F(Commands, ThatHaveExpiredAreNotAnswered) {
  const auto device = client_->device();
  const auto id = make(device).value().id;
  update({id, CommandState::expired, 1, {}, {}});
  EXPECT_ERRC(answer(device, id), Errc::command_finished);
  EXPECT_EQ(state(device, id), CommandState::expired);
}

TEST_F(Commands, WaitInLimitedNumber) {
  options_.limits.commands_waiting_per_device_max = 2;
  open();
  const auto device = client_->device();
  const auto first = make(device).value().id;
  const auto second = make(device).value().id;
  update({second, CommandState::sent, 1, Timestamp{1}, {}});
  EXPECT_ERRC(make(device), Errc::too_many);
  ASSERT_TRUE(make(client_->device()));
  update({first, CommandState::delivered, 1, {}, Timestamp{1}});
  EXPECT_TRUE(make(device));
}

TEST_F(Commands, OfWhichTheNewestStayWhenTheyAreOver) {
  options_.limits.commands_kept_per_device_max = 2;
  open();
  const auto device = client_->device();
  const auto waiting_one = make(device).value().id;
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(make(device).value().id.value);
    ASSERT_TRUE(answer(device, {ids.back()}));
  }
  const auto last = make(device).value().id;
  EXPECT_THAT(listed(device), ElementsAre(last.value, ids[3], ids[2], waiting_one.value));
}

TEST_F(Commands, AreListedInPagesTheNewestFirst) {
  const auto device = client_->device();
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(make(device).value().id.value);
  EXPECT_THAT(listed(device, {.limit = 2, .after = {}, .name = {}}), ElementsAre(ids[2], ids[1]));
  EXPECT_THAT(listed(device, {.limit = 2, .after = ids[1], .name = {}}), ElementsAre(ids[0]));
  EXPECT_THAT(listed(client_->device()), IsEmpty());
  EXPECT_ERRC(registry_->device_records().commands({99}, {}), Errc::device_not_found);
}

TEST_F(Commands, AreRefusedPastTheirLimits) {
  const auto device = client_->device();
  const auto refused = [&](NewCommand command, const std::string& field) {
    const auto outcome = make(std::move(command));
    EXPECT_ERRC(outcome, Errc::invalid_entity);
    EXPECT_EQ(outcome.error().field, field);
  };
  using std::chrono::seconds;
  const std::size_t payload_max = options_.limits.command_payload_bytes_max;
  EXPECT_TRUE(make({device, std::string(256, 'n'), std::string(payload_max, '1'), seconds(1)}));
  EXPECT_TRUE(make({device, "n", "1", std::chrono::days(365)}));
  refused({device, std::string(257, 'n'), "1", seconds(1)}, "name");
  refused({device, "", "1", seconds(1)}, "name");
  refused({device, "a\nb", "1", seconds(1)}, "name");
  refused({device, "n", std::string(payload_max + 1, '1'), seconds(1)}, "payload");
  refused({device, "n", "1", seconds(0)}, "ttl_s");
  refused({device, "n", "1", std::chrono::days(365) + seconds(1)}, "ttl_s");
  EXPECT_ERRC(make({{99}, "n", "1", seconds(1)}), Errc::device_not_found);
  const auto id = make(device).value().id;
  EXPECT_ERRC(answer(device, id, false, std::string(payload_max + 1, '1')), Errc::too_many);
  EXPECT_TRUE(answer(device, id, false, std::string(payload_max, '1')));
}

TEST_F(Commands, AreInTheAuditLogWithoutWhatTheyCarry) {
  const auto device = client_->device();
  ASSERT_TRUE(make(device, "reboot"));
  const auto entry = registry_->audit({}).value().front();
  EXPECT_EQ(entry.action, "device.command");
  EXPECT_EQ(entry.subject, "device/" + device.to_string());
  EXPECT_EQ(entry.details, R"({"command":"1","name":"reboot","ttl_s":3600})");
}

TEST_F(Commands, GoWithTheirDevice) {
  const auto device = client_->device();
  ASSERT_TRUE(make(device));
  ASSERT_TRUE(client_->delete_device(device));
  EXPECT_THAT(waiting(), IsEmpty());
}

}  // namespace
}  // namespace iot::registry
