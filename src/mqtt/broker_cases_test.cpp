// Runs the cases of Eclipse Mosquitto's broker tests, kept beside the checkout, through the decoders and encoders.
//
// What a session has to know (packet ids, aliases, who is connected) is not decided here: such cases are counted as
// left to the session, and there must be no more of them than there are now.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/errc.h"
#include "mqtt/testing/hex.h"

namespace iot::mqtt {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using testing::bytes_of;
using testing::hex_of;

fs::path cases() {
  return fs::path(IOT_SOURCE_DIR).parent_path() / "shared" / "mqtt-cases";
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

bool flag_of(const json::object& object, std::string_view name, bool otherwise) {
  const json::value* value = object.if_contains(name);
  return value ? value->as_bool() : otherwise;
}

struct Case {
  std::string name;
  Version version = Version::v3_1_1;
  bool is_connected = true;  ///< the test's runner has sent a CONNECT before
  bool ends_connection = true;
  std::vector<std::pair<std::string, std::string>> messages;  ///< direction and bytes
};

std::vector<Case> read_cases() {
  std::vector<Case> all;
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(cases())) {
    if (entry.path().extension() == ".json") files.insert(entry.path());
  }
  for (const fs::path& path : files) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const json::value groups = json::parse(text);
    for (const json::value& group : groups.as_array()) {
      for (const json::value& test : group.as_object().at("tests").as_array()) {
        const json::object& object = test.as_object();
        Case one;
        one.name = path.stem().string() + ": " + text_of(group.as_object(), "group") + ": " + text_of(object, "name");
        if (const json::value* version = object.if_contains("ver")) {
          one.version = static_cast<Version>(version->to_number<int>());
        }
        one.is_connected = flag_of(object, "connect", true);
        one.ends_connection = flag_of(object, "expect_disconnect", true);
        for (const json::value& message : object.at("msgs").as_array()) {
          const std::string type = text_of(message.as_object(), "type");
          if (type != "send" && type != "recv") continue;
          one.messages.emplace_back(type, bytes_of(text_of(message.as_object(), "payload")));
        }
        all.push_back(std::move(one));
      }
    }
  }
  return all;
}

struct Counts {
  int refused = 0;           ///< by read_frame() or a decoder, as expected
  int taken = 0;             ///< every packet is good, and the connection goes on
  int left_to_session = 0;   ///< every packet is good, and yet the connection ends
  int received_same = 0;     ///< packets of a client that come back byte for byte
  int received_shorter = 0;  ///< those that said what can be left out, and come back as the same packet
  int expected_same = 0;     ///< packets of the broker that come back byte for byte
};

class BrokerCases : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(cases())) GTEST_SKIP() << "the cases are not there: " << cases();
  }

  /// Re-encodes a good packet of a client.
  void check_round_trip(const Packet& packet, std::string_view bytes, Version version) {
    std::string again;
    encode(again, version, packet);
    if (again == bytes) {
      ++counts.received_same;
      return;
    }
    const FrameRules rules{version, Sender::client, packet_bytes_max};
    const auto step = read_frame(again, rules);
    ASSERT_TRUE(step && step->frame) << hex_of(again);
    const auto back = decode(*step->frame, version, Sender::client);
    ASSERT_TRUE(back && *back == packet) << hex_of(bytes) << " became " << hex_of(again);
    EXPECT_LE(again.size(), bytes.size());
    ++counts.received_shorter;
  }

  /// Takes bytes of the client as a server would; what is wrong with them, or nothing.
  std::optional<Error> receive(std::string_view bytes, std::optional<Version>& version) {
    while (!bytes.empty()) {
      const auto step = read_frame(bytes, {version, Sender::client, packet_bytes_max});
      if (!step) return step.error();
      // What is cut off ends when the test closes the connection.
      if (!step->frame) return std::nullopt;
      const auto packet = decode(*step->frame, version.value_or(Version::v3_1_1), Sender::client);
      if (!packet) return packet.error();
      if (const auto* connect = std::get_if<Connect>(&*packet)) version = connect->version;
      check_round_trip(*packet, bytes.substr(0, step->frame->bytes), *version);
      bytes.remove_prefix(step->frame->bytes);
    }
    return std::nullopt;
  }

  void check_expected(std::string_view bytes, Version version) {
    const auto step = read_frame(bytes, {version, Sender::server, packet_bytes_max});
    ASSERT_TRUE(step && step->frame);
    ASSERT_EQ(step->frame->bytes, bytes.size());
    const auto packet = decode(*step->frame, version, Sender::server);
    ASSERT_TRUE(packet) << packet.error().message;
    std::string again;
    encode(again, version, *packet);
    EXPECT_EQ(hex_of(again), hex_of(bytes));
    ++counts.expected_same;
  }

  /// Whether the answer after a refused packet is what the error says.
  void check_answer(const Case& one, std::size_t next, const Error& error, std::optional<Version> version) {
    const std::string answer = next < one.messages.size() ? hex_of(one.messages[next].second) : "";
    if (is(error, Errc::unsupported_version)) {
      EXPECT_EQ(answer, "20020001") << error.message;
    } else if (version == Version::v5 && !closes_silently(error)) {
      EXPECT_EQ(answer, "E001" + hex_of(std::string(1, static_cast<char>(reason_code(error))))) << error.message;
    } else {
      EXPECT_EQ(answer, "") << error.message;
    }
  }

  void run(const Case& one) {
    std::optional<Version> version;
    if (one.is_connected) version = one.version;
    for (std::size_t index = 0; index < one.messages.size(); ++index) {
      const auto& [direction, bytes] = one.messages[index];
      if (direction == "recv") {
        check_expected(bytes, version.value_or(one.version));
        continue;
      }
      const std::optional<Error> error = receive(bytes, version);
      if (!error) continue;
      ++counts.refused;
      EXPECT_TRUE(one.ends_connection) << error->message;
      check_answer(one, index + 1, *error, version);
      for (std::size_t rest = index + 1; rest < one.messages.size(); ++rest) {
        check_expected(one.messages[rest].second, version.value_or(one.version));
      }
      return;
    }
    if (one.ends_connection) {
      left_to_session.push_back(one.name);
    } else {
      ++counts.taken;
    }
  }

  Counts counts;
  std::vector<std::string> left_to_session;
};

TEST_F(BrokerCases, EachPacketIsTakenOrRefusedWithTheReasonThatIsExpected) {
  const std::vector<Case> all = read_cases();
  for (const Case& one : all) {
    SCOPED_TRACE(one.name);
    run(one);
  }
  EXPECT_EQ(all.size(), 1483u);
  EXPECT_EQ(counts.refused, 1285);
  EXPECT_EQ(counts.taken, 138);
  EXPECT_EQ(left_to_session.size(), 60u);
  EXPECT_EQ(counts.expected_same, 1204);
  std::printf("%zu cases: %d refused as expected, %d taken, %zu left to the session\n", all.size(), counts.refused,
              counts.taken, left_to_session.size());
  std::printf("packets of clients: %d the same byte for byte, %d the same in less bytes; of the broker: %d the same\n",
              counts.received_same, counts.received_shorter, counts.expected_same);
  if (!HasFailure()) return;
  for (const std::string& name : left_to_session) std::printf("  left to the session: %s\n", name.c_str());
}

}  // namespace
}  // namespace iot::mqtt
