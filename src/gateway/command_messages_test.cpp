#include "gateway/command_messages.h"

#include <gtest/gtest.h>

namespace iot::gateway {
namespace {

TEST(CommandMessages, ShowACommandAsTheDocumentationDoes) {
  registry::DeviceCommand command;
  command.id = {17};
  command.device = {3};
  command.name = "set \"valve\"";
  command.payload = R"({"open":true})";
  command.expires = {1'526'717'967'000'000'000};
  std::string text = "x";
  append_command_json(text, command);
  EXPECT_EQ(text,
            R"(x{"id":"17","name":"set \"valve\"","payload":{"open":true},"expires":"2018-05-19T08:19:27.000Z"})");
  EXPECT_EQ(command_topic(command.device, command.id), "3/commands/17");
}

TEST(CommandMessages, KeepAResponseThatIsJson) {
  EXPECT_EQ(read_response(R"({"done": 1.50})").json, R"({"done": 1.50})");
  EXPECT_EQ(read_response("null").json, "null");
  EXPECT_FALSE(read_response(R"({"done":1})").has_failed);
  EXPECT_FALSE(read_response(R"(["error"])").has_failed);
  EXPECT_FALSE(read_response(R"("error")").has_failed);
  EXPECT_TRUE(read_response(R"({"error":null})").has_failed);
}

TEST(CommandMessages, MakeAnyOtherResponseAString) {
  EXPECT_EQ(read_response("done").json, R"("done")");
  EXPECT_EQ(read_response("").json, R"("")");
  EXPECT_EQ(read_response("{\"a\":").json, R"("{\"a\":")");
  EXPECT_EQ(read_response("\xFFz").json, "\"\xC3\xBFz\"");
  EXPECT_EQ(read_response("\"\xFF\"").json, "\"\\\"\xC3\xBF\\\"\"");
  EXPECT_EQ(read_response(std::string(16, '[') + std::string(16, ']')).json,
            std::string(16, '[') + std::string(16, ']'));
  EXPECT_EQ(read_response(std::string(17, '[') + std::string(17, ']')).json.front(), '"');
  EXPECT_FALSE(read_response("error").has_failed);
}

TEST(CommandMessages, KnowTheirTopics) {
  const auto about = [](std::string_view topic) { return parse_command_topic(topic, {3}); };
  ASSERT_TRUE(about("3/commands/17"));
  EXPECT_EQ(about("3/commands/17")->command.value, 17);
  EXPECT_FALSE(about("3/commands/17")->is_response);
  ASSERT_TRUE(about("3/commands/17/response"));
  EXPECT_TRUE(about("3/commands/17/response")->is_response);
  for (const char* other : {"3/commands/", "3/commands/x", "3/commands/017", "3/commands/17/", "3/commands/17/other",
                            "3/commands/17/response/", "4/commands/17", "3/commands", "33/commands/17", ""}) {
    EXPECT_FALSE(about(other)) << other;
  }
}

}  // namespace
}  // namespace iot::gateway
