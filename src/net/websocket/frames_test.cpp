#include "net/websocket/frames.h"

#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "net/websocket/message_deflate.h"

namespace iot::net {
namespace {

using Step = WebSocketReader::Step;

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t compressed_bit = 0x40;

void put(ReadBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> space = buffer.free_space();
    const std::size_t count = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), count);
    buffer.commit(count);
    bytes.remove_prefix(count);
  }
}

/// A frame as a client sends it. `length_bytes`: 0, 2 or 8 for how the length is given; -1 for the shortest.
std::string frame(unsigned first_byte, std::string_view payload, bool masked = true, int length_bytes = -1) {
  std::string out(1, static_cast<char>(first_byte));
  const std::size_t size = payload.size();
  if (length_bytes < 0) length_bytes = size < 126 ? 0 : size < 65'536 ? 2 : 8;
  out.push_back(static_cast<char>((masked ? 0x80 : 0) | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127)));
  for (int i = length_bytes; i-- > 0;) out.push_back(static_cast<char>(size >> (8 * i)));
  if (!masked) return out + std::string(payload);
  const char mask[4] = {0x37, static_cast<char>(0xFA), 0x21, 0x3D};
  out.append(mask, 4);
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}

/// What came of the bytes: "text:…", "binary:…", "ping:…", "pong:…", "close 1000:…", "failed 1002".
std::vector<std::string> read(std::string_view bytes, std::size_t piece = std::string_view::npos,
                              std::size_t bytes_max = 1 << 20, MessageInflater* inflater = nullptr) {
  WebSocketReader reader(bytes_max, inflater);
  ReadBuffer buffer;
  std::vector<std::string> seen;
  while (true) {
    const Step step = reader.next(buffer);
    const std::string payload(reader.payload());
    switch (step) {
      case Step::need_more:
        if (bytes.empty()) return seen;
        put(buffer, bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        break;
      case Step::message:
        seen.push_back((reader.is_text() ? "text:" : "binary:") + payload);
        break;
      case Step::ping:
        seen.push_back("ping:" + payload);
        break;
      case Step::pong:
        seen.push_back("pong:" + payload);
        break;
      case Step::close:
        seen.push_back("close " + std::to_string(static_cast<int>(reader.close_code())) + ":" + payload);
        return seen;
      case Step::failed:
        EXPECT_FALSE(reader.reason().empty());
        seen.push_back("failed " + std::to_string(static_cast<int>(reader.close_code())));
        return seen;
    }
  }
}

using Seen = std::vector<std::string>;

TEST(WebSocketReader, TakesMessagesHoweverTheyArrive) {
  const std::string large(70'000, 'x');
  const std::string bytes = frame(0x81, "one") + frame(0x82, std::string("\0\xFF", 2)) + frame(0x81, "") +
                            frame(0x89, "are you there") + frame(0x8A, "") + frame(0x01, "in ") +
                            frame(0x00, "three ") + frame(0x89, "between") + frame(0x80, "parts") +
                            frame(0x81, std::string(126, 'y')) + frame(0x82, large) +
                            frame(0x88,
                                  "\x03\xE8"
                                  "bye");
  const Seen wanted = {"text:one",
                       std::string("binary:\0\xFF", 9),
                       "text:",
                       "ping:are you there",
                       "pong:",
                       "ping:between",
                       "text:in three parts",
                       "text:" + std::string(126, 'y'),
                       "binary:" + large,
                       "close 1000:bye"};
  for (const std::size_t piece : {bytes.size(), std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{4096}}) {
    EXPECT_EQ(read(bytes, piece), wanted) << piece;
  }
}

TEST(WebSocketReader, RefusesWhatBreaksTheProtocol) {
  struct Case {
    const char* what;
    std::string bytes;
    const char* wanted;
  };
  const std::string long_control(126, 'x');
  const Case cases[] = {
      {"not masked", frame(0x81, "x", false), "failed 1002"},
      {"a ping that is not masked", frame(0x89, "x", false), "failed 1002"},
      {"RSV1 without an extension", frame(0xC1, "x"), "failed 1002"},
      {"RSV2", frame(0xA1, "x"), "failed 1002"},
      {"RSV3", frame(0x91, "x"), "failed 1002"},
      {"RSV1 of a ping", frame(0xC9, "x"), "failed 1002"},
      {"opcode 3", frame(0x83, "x"), "failed 1002"},
      {"opcode 7", frame(0x87, "x"), "failed 1002"},
      {"opcode B", frame(0x8B, "x"), "failed 1002"},
      {"opcode F", frame(0x8F, "x"), "failed 1002"},
      {"a continuation of nothing", frame(0x80, "x"), "failed 1002"},
      {"an unfinished continuation of nothing", frame(0x00, "x"), "failed 1002"},
      {"text inside of a message", frame(0x01, "x") + frame(0x81, "y"), "failed 1002"},
      {"binary inside of a message", frame(0x01, "x") + frame(0x02, "y"), "failed 1002"},
      {"a fragmented ping", frame(0x09, "x"), "failed 1002"},
      {"a fragmented close", frame(0x08, ""), "failed 1002"},
      {"a long ping", frame(0x89, long_control), "failed 1002"},
      {"a long close", frame(0x88, "\x03\xE8" + long_control), "failed 1002"},
      {"a close code of one byte", frame(0x88, "\x03"), "failed 1002"},
      {"a close reason that is not UTF-8", frame(0x88, "\x03\xE8\xFF"), "failed 1007"},
      {"text that is not UTF-8", frame(0x81, "\xC3\x28"), "failed 1007"},
      {"text that ends inside a character", frame(0x81, "\xE2\x82"), "failed 1007"},
      {"a surrogate", frame(0x81, "\xED\xA0\x80"), "failed 1007"},
      {"an overlong form", frame(0x81, "\xC0\x80"), "failed 1007"},
      {"parts that are not UTF-8 together", frame(0x01, "\xE2") + frame(0x80, "\x28\xA1"), "failed 1007"},
      {"two bytes for a short length", frame(0x81, "x", true, 2), "failed 1002"},
      {"eight bytes for a short length", frame(0x81, std::string(200, 'x'), true, 8), "failed 1002"},
      {"a length with its highest bit", std::string("\x82\xFF\x80\0\0\0\0\0\0\1\0\0\0\0", 14), "failed 1009"},
  };
  for (const Case& one : cases) {
    for (const std::size_t piece : {one.bytes.size(), std::size_t{1}}) {
      EXPECT_EQ(read(one.bytes, piece), Seen{one.wanted}) << one.what;
    }
  }
}

TEST(WebSocketReader, KnowsWhichCloseCodesMayBeSent) {
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    const char bytes[] = {static_cast<char>(code >> 8), static_cast<char>(code)};
    EXPECT_EQ(read(frame(0x88, {bytes, 2})), Seen{"close " + std::to_string(code) + ":"});
  }
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65'535}) {
    const char bytes[] = {static_cast<char>(code >> 8), static_cast<char>(code)};
    EXPECT_EQ(read(frame(0x88, {bytes, 2})), Seen{"failed 1002"}) << code;
  }
  EXPECT_EQ(read(frame(0x88, "")), Seen{"close 1005:"});
}

TEST(WebSocketReader, ALimitIsWhereItIsSaidToBe) {
  EXPECT_EQ(read(frame(0x82, "12345"), 100, 5), Seen{"binary:12345"});
  EXPECT_EQ(read(frame(0x82, "123456"), 100, 5), Seen{"failed 1009"});
  EXPECT_EQ(read(frame(0x02, "123") + frame(0x80, "45"), 100, 5), Seen{"binary:12345"});
  EXPECT_EQ(read(frame(0x02, "123") + frame(0x80, "456"), 100, 5), Seen{"failed 1009"});
  // Told by the header alone: nobody waits for a body that is too large.
  EXPECT_EQ(read(frame(0x82, std::string(70'000, 'x')).substr(0, 14), 100, 5), Seen{"failed 1009"});
  // Control frames do not count.
  EXPECT_EQ(read(frame(0x02, "12345") + frame(0x89, "ping") + frame(0x80, ""), 100, 5),
            (Seen{"ping:ping", "binary:12345"}));
}

TEST(WebSocketReader, PutsEachFragmentedMessageTogetherAnew) {
  const std::string bytes = frame(0x01, "a") + frame(0x80, "b") + frame(0x02, "c") + frame(0x80, "d") +
                            frame(final_bit | 0x01, "whole") + frame(0x01, "e") + frame(0x80, "f");
  const std::vector<std::string> expected = {"text:ab", "binary:cd", "text:whole", "text:ef"};
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    EXPECT_EQ(read(bytes, piece), expected) << "in pieces of " << piece;
    EXPECT_EQ(read(bytes, piece, 5), expected) << "the limit is of each message";
  }
}

TEST(WebSocketReader, KeepsNothingBetweenMessages) {
  WebSocketReader reader(1 << 20, nullptr);
  ReadBuffer buffer;
  put(buffer, frame(0x02, std::string(100'000, 'x')) + frame(0x80, "y"));
  ASSERT_EQ(reader.next(buffer), Step::message);
  EXPECT_EQ(reader.payload().size(), 100'001u);
  EXPECT_EQ(reader.next(buffer), Step::need_more);
  EXPECT_FALSE(reader.is_inside(buffer));
  reader.release();
  EXPECT_LT(reader.held_bytes(), 100u);
  // The next message is not behind the last one's.
  put(buffer, frame(0x02, "a") + frame(0x80, "b"));
  ASSERT_EQ(reader.next(buffer), Step::message);
  EXPECT_EQ(reader.payload(), "ab");
}

TEST(MessageDeflate, ComesBackAsItWas) {
  MessageDeflater deflater;
  MessageInflater inflater;
  std::mt19937 random(5);
  for (const unsigned bits : {9u, 10u, 15u}) {
    for (const std::size_t size : {0u, 1u, 2u, 100u, 5'000u, 300'000u}) {
      for (const unsigned letters : {1u, 4u, 256u}) {
        std::string message(size, '\0');
        for (char& letter : message) letter = static_cast<char>(random() % letters);
        std::string payload;
        deflater.deflate(message, bits, payload);
        std::string back;
        ASSERT_EQ(inflater.inflate(payload, size, back), MessageInflater::Outcome::inflated) << size;
        ASSERT_EQ(back, message);
        ASSERT_GE(back.capacity(), size + ReadBuffer::padding_bytes);
        if (size > 0) {
          ASSERT_EQ(inflater.inflate(payload, size - 1, back), MessageInflater::Outcome::too_large);
        }
      }
    }
  }
}

TEST(MessageDeflate, ReadsTheExamplesOfTheRfc) {
  MessageInflater inflater;
  std::string out;
  // RFC 7692, section 7.2.3: one block, two blocks, no compression, a final block.
  for (const std::string_view payload : {std::string_view{"\xF2\x48\xCD\xC9\xC9\x07\x00", 7},
                                         std::string_view{"\xF2\x48\x05\x00\x00\x00\xFF\xFF\xCA\xC9\xC9\x07\x00", 13},
                                         std::string_view{"\x00\x05\x00\xFA\xFF\x48\x65\x6C\x6C\x6F\x00", 11},
                                         std::string_view{"\xF3\x48\xCD\xC9\xC9\x07\x00\x00", 8}}) {
    const auto outcome = inflater.inflate(payload, 100, out);
    ASSERT_EQ(outcome, MessageInflater::Outcome::inflated) << payload.size();
    EXPECT_EQ(out, "Hello");
  }
  EXPECT_EQ(inflater.inflate("\xFF\xFF\xFF\xFF", 100, out), MessageInflater::Outcome::malformed);
}

TEST(WebSocketReader, DecompressesMessagesWhole) {
  MessageDeflater deflater;
  MessageInflater inflater;
  std::string payload;
  deflater.deflate("compressed, compressed, compressed", 15, payload);
  const std::string half = payload.substr(0, payload.size() / 2), rest = payload.substr(payload.size() / 2);
  const std::string bytes = frame(final_bit | compressed_bit | 1, payload) + frame(0x81, "plain") +
                            frame(compressed_bit | 1, half) + frame(0x89, "") + frame(0x80, rest);
  const Seen wanted = {"text:compressed, compressed, compressed", "text:plain",
                       "ping:", "text:compressed, compressed, compressed"};
  EXPECT_EQ(read(bytes, 3, 1 << 20, &inflater), wanted);
  EXPECT_EQ(read(frame(compressed_bit | 1, half) + frame(compressed_bit | final_bit, rest), 100, 1 << 20, &inflater),
            Seen{"failed 1002"});
  EXPECT_EQ(read(frame(0xC1, "\xFF\xFF"), 100, 1 << 20, &inflater), Seen{"failed 1007"});
  EXPECT_EQ(read(frame(0xC1, payload), 100, 33, &inflater), Seen{"failed 1009"});
}

TEST(WebSocketFrames, AreWrittenAsTheRfcSays) {
  std::string out;
  append_frame(out, FrameKind::text, "Hello");
  EXPECT_EQ(out, "\x81\x05Hello");
  out.clear();
  append_frame(out, FrameKind::binary, std::string(256, 'x'));
  EXPECT_EQ(out.substr(0, 4), std::string("\x82\x7E\x01\x00", 4));
  EXPECT_EQ(out.size(), 260u);
  out.clear();
  append_frame(out, FrameKind::binary, std::string(65'536, 'x'), true);
  EXPECT_EQ(out.substr(0, 10), std::string("\xC2\x7F\0\0\0\0\0\1\0\0", 10));
  out.clear();
  append_close_frame(out, CloseCode::policy_violation, "no");
  EXPECT_EQ(out, "\x88\x04\x03\xF0no");
  out.clear();
  append_close_frame(out, CloseCode::none, "");
  EXPECT_EQ(out, std::string("\x88\x00", 2));
  out.clear();
  std::string long_reason(122, 'x');
  long_reason += "ä";
  append_close_frame(out, CloseCode::normal, long_reason);
  EXPECT_EQ(out.size(), 2u + 2u + 122u);
}

TEST(WebSocketFrames, MaskingTwiceChangesNothing) {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string bytes(size, 'a');
    apply_mask(bytes.data(), size, 0x04030201);
    for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(bytes[i], static_cast<char>('a' ^ (i % 4 + 1)));
    apply_mask(bytes.data(), size, 0x04030201);
    ASSERT_EQ(bytes, std::string(size, 'a'));
  }
}

}  // namespace
}  // namespace iot::net
