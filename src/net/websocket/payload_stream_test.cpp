#include "net/websocket/payload_stream.h"

#include <random>

#include <gmock/gmock.h>

#include "net/websocket/scripted_peer.h"

namespace iot::net {
namespace {

using testing::ElementsAre;

using Step = PayloadStream::Step;

/// What came of the bytes: payload as one text, however many parts it came in; "ping:…", "nothing", "close 1000",
/// "failed 1002:…".
std::vector<std::string> read(std::string bytes, std::size_t piece = std::string::npos,
                              std::size_t message_bytes_max = 1 << 20) {
  PayloadStream stream(message_bytes_max);
  std::vector<std::string> seen;
  bool goes_on = false;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at)) {
    std::span<char> rest(bytes.data() + at, std::min(piece, bytes.size() - at));
    while (true) {
      const Step step = stream.next(rest);
      if (step == Step::need_more) break;
      if (step == Step::payload) {
        EXPECT_FALSE(stream.payload().empty());
        if (!std::exchange(goes_on, true)) seen.emplace_back();
        seen.back() += stream.payload();
        continue;
      }
      goes_on = false;
      const std::string code = std::to_string(static_cast<int>(stream.close_code()));
      if (step == Step::ping) seen.push_back("ping:" + std::string(stream.payload()));
      if (step == Step::nothing) seen.emplace_back("nothing");
      if (step == Step::close) return seen.push_back("close " + code), seen;
      if (step == Step::failed) return seen.push_back("failed " + code + ":" + std::string(stream.reason())), seen;
    }
    EXPECT_TRUE(rest.empty());
  }
  return seen;
}

TEST(PayloadStreamTest, GivesWhatBinaryMessagesCarry) {
  EXPECT_THAT(read(client_frame(0x82, "hel") + client_frame(0x02, "lo ") + client_frame(0x00, "wor") +
                   client_frame(0x80, "ld")),
              ElementsAre("hello world"));
}

TEST(PayloadStreamTest, GivesPayloadBeforeItsFrameIsComplete) {
  PayloadStream stream(1 << 20);
  std::string bytes = client_frame(0x02, std::string(100'000, 'x')).substr(0, 1000);
  std::span<char> rest(bytes);
  ASSERT_EQ(stream.next(rest), Step::payload);
  EXPECT_EQ(stream.payload(), std::string(1000 - 14, 'x'));
  EXPECT_EQ(stream.next(rest), Step::need_more);
}

TEST(PayloadStreamTest, ControlFramesComeBetween) {
  EXPECT_THAT(read(client_frame(0x02, "ab") + client_frame(0x89, "?") + client_frame(0x8A, "!") +
                   client_frame(0x80, "cd") + client_frame(0x82, "") + client_close(1000)),
              ElementsAre("ab", "ping:?", "nothing", "cd", "nothing", "close 1000"));
}

TEST(PayloadStreamTest, ItDoesNotMatterHowTheBytesAreCut) {
  const std::string bytes = client_frame(0x02, "ab") + client_frame(0x89, std::string(125, 'p')) +
                            client_frame(0x80, std::string(300, 'c')) + client_frame(0x82, std::string(70'000, 'd')) +
                            client_frame(0x8A, "") + client_close(1001, "bye");
  const auto whole = read(bytes);
  EXPECT_EQ(whole.size(), 5u);
  for (std::size_t piece = 1; piece < 20; ++piece) EXPECT_EQ(read(bytes, piece), whole) << piece;
}

TEST(PayloadStreamTest, FaultsAreToldAsSoonAsTheyShow) {
  EXPECT_THAT(read(client_frame(0x81, "text").substr(0, 2)),
              ElementsAre("failed 1003:only binary messages carry this protocol"));
  EXPECT_THAT(read(client_frame(0xC2, "").substr(0, 2)), ElementsAre("failed 1002:a reserved bit is set"));
  EXPECT_THAT(read(client_frame(0x80, "").substr(0, 2)),
              ElementsAre("failed 1002:there is no message to be continued"));
  EXPECT_THAT(read(client_frame(0x02, "a") + client_frame(0x82, "b")),
              ElementsAre("a", "failed 1002:a message begins inside of another"));
  EXPECT_THAT(read(std::string("\x82\x02xx", 4)), ElementsAre("failed 1002:a client's frames must be masked"));
  EXPECT_THAT(read(std::string("\x82\xFE\x00\x7Dmask", 8)),
              ElementsAre("failed 1002:a length is not given in the shortest form"));
  EXPECT_THAT(read(client_frame(0x09, "")), ElementsAre("failed 1002:a control frame is fragmented"));
  EXPECT_THAT(read(client_frame(0x88, "x")), ElementsAre("failed 1002:a close code has two bytes"));
}

TEST(PayloadStreamTest, MessagesHaveALimit) {
  EXPECT_THAT(read(client_frame(0x82, "0123456789"), 3, 10), ElementsAre("0123456789"));
  EXPECT_THAT(read(client_frame(0x82, "0123456789A"), 3, 10), ElementsAre("failed 1009:the message is too large"));
  EXPECT_THAT(read(client_frame(0x02, "01234") + client_frame(0x80, "56789A"), 3, 10),
              ElementsAre("01234", "failed 1009:the message is too large"));
  EXPECT_THAT(read(client_frame(0x82, "01234567") + client_frame(0x82, "89ABCDEF"), 3, 10),
              ElementsAre("0123456789ABCDEF"));
}

}  // namespace
}  // namespace iot::net
