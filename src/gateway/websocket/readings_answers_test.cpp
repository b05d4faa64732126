#include "gateway/websocket/readings_answers.h"

#include <gmock/gmock.h>

#include "log/event_log.h"
#include "net/websocket/scripted_peer.h"

namespace iot::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ReadingsAnswers, CountWhatWasStored) {
  std::string frames;
  for (const std::size_t readings : {std::size_t{0}, std::size_t{1}, std::numeric_limits<std::size_t>::max()}) {
    append_acknowledgement(frames, readings);
  }
  EXPECT_THAT(net::server_frames(frames), ElementsAre(R"(text:{"accepted":0})", R"(text:{"accepted":1})",
                                                      R"(text:{"accepted":18446744073709551615})"));
}

TEST(ReadingsAnswers, OfMessagesThatFailedKeepTheirPlaces) {
  std::string frames;
  append_acknowledgement(frames, 1);
  // Of each form of a frame's length.
  for (const std::size_t length : {10, 200, 70'000}) {
    append_refusal(frames, {{.index = 3, .field = "value", .message = std::string(length, 'x')}});
    append_acknowledgement(frames, 2);
  }
  std::string failed;
  append_failed_answers(failed, frames, "full \"disk\"");
  const auto before = net::server_frames(frames);
  const auto after = net::server_frames(failed);
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (i % 2 == 0) {
      EXPECT_EQ(after[i], R"(text:{"name":"Unavailable","errors":[{"message":"full \"disk\""}]})");
    } else {
      EXPECT_EQ(after[i], before[i]);
    }
  }
}

TEST(ReadingsAnswers, NameTheFault) {
  EXPECT_EQ(reason_of({.index = 2, .field = "value", .message = "is no number"}), "reading 2, value: is no number");
  EXPECT_EQ(reason_of({.index = 0, .field = "", .message = "is no JSON"}), "reading 0: is no JSON");
  EXPECT_EQ(message_of(make_error(log::Errc::overloaded, "full")), "full");
  EXPECT_THAT(message_of({{}, "secret"}), HasSubstr("could not be stored"));
}

}  // namespace
}  // namespace iot::gateway
