#include "gateway/websocket/websocket_commands.h"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "registry/testing/registry_fixture.h"

namespace iot::gateway {
namespace {

using registry::CommandState;
using registry::DeviceCommand;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class WebSocketCommandsTest : public registry::OpenRegistryTest {
 protected:
  void SetUp() override {
    OpenRegistryTest::SetUp();
    device_ = client_->device();
    commands_ = std::move(Commands::open(*registry_, clock_, metrics_, {}).value());
    connect();
  }
  void TearDown() override {
    connection_.reset();
    registry_->stop();
  }
  void connect() {
    connection_.emplace(*commands_, device_, loop_.get_executor(), [this](const std::vector<std::string>& texts) {
      said_.insert(said_.end(), texts.begin(), texts.end());
    });
  }
  std::int64_t make() {
    return registry::wait_for<DeviceCommand>([&](auto done) {
             commands_->create({root_user, "192.0.2.7"}, {device_, "reboot", "1", 1h}, done);
           })
        .value()
        .id.value;
  }
  /// What the device hears until now.
  std::vector<std::string> heard() {
    EXPECT_TRUE(registry::wait_for<void>(
        [&](auto done) { registry_->device_records().store_presence({}, {}, std::move(done)); }));
    loop_.restart();
    loop_.poll();
    return std::exchange(said_, {});
  }
  CommandState state(std::int64_t id) { return registry_->device_records().command(device_, {id}).value().state; }

  boost::asio::io_context loop_;
  Metrics metrics_;
  DeviceId device_;
  std::unique_ptr<Commands> commands_;
  std::vector<std::string> said_;
  std::optional<WebSocketCommands> connection_;
};

TEST_F(WebSocketCommandsTest, ArePushedAndAnswered) {
  const auto id = make();
  EXPECT_THAT(heard(), ElementsAre(R"({"command":{"id":"1","name":"reboot","payload":1,)"
                                   R"("expires":"2018-05-19T09:19:27.000Z"}})"));
  EXPECT_TRUE(connection_->take(R"({"command_id":"1"})"));
  EXPECT_THAT(heard(), ElementsAre(R"({"command_id":"1","state":"delivered"})"));
  EXPECT_EQ(state(id), CommandState::delivered);
  EXPECT_TRUE(connection_->take(R"({"command_id":"1","response":{"position":0.5}})"));
  EXPECT_THAT(heard(), ElementsAre(R"({"command_id":"1","state":"acknowledged"})"));
  EXPECT_EQ(registry_->device_records().command(device_, {id}).value().response, R"({"position":0.5})");
}

TEST_F(WebSocketCommandsTest, LeaveReadingsAlone) {
  for (const char* message : {R"({"sensor_id":"4","value":1})", R"([{"sensor_id":"4","value":1}])", "{", "",
                              R"({"sensor_id":"4","value":{"command_id":"1"}})", R"(["command_id"])"}) {
    EXPECT_FALSE(connection_->take(message)) << message;
  }
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(WebSocketCommandsTest, SayWhatIsWrong) {
  EXPECT_TRUE(connection_->take(R"({"command_id":1})"));
  EXPECT_THAT(heard(), ElementsAre(HasSubstr("BadRequest")));
  EXPECT_TRUE(connection_->take(R"({"command_id":"99","response":1})"));
  EXPECT_THAT(heard(), ElementsAre(HasSubstr("there is no such command")));
}

TEST_F(WebSocketCommandsTest, WaitAgainWhenTheConnectionIsGone) {
  const auto id = make();
  connection_.reset();
  EXPECT_THAT(heard(), IsEmpty()) << "what was on its way goes nowhere";
  EXPECT_EQ(state(id), CommandState::queued);
  connect();
  EXPECT_THAT(heard(), ElementsAre(HasSubstr(R"("id":"1")")));
}

}  // namespace
}  // namespace iot::gateway
