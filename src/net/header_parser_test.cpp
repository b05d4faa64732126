// What a header must look like is told in request_parser_test.cpp and request_parser_differential_test.cpp; here is
// what only this class promises.
#include "net/header_parser.h"

#include <algorithm>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace iot::net {
namespace {

using Step = HeaderParser::Step;

const std::string whole =
    "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\nContent-Encoding: gzip\r\nExpect: 100-continue\r\n"
    "Connection: close\r\nAuthorization: Bearer " +
    std::string(500, 't') + "\r\nX-Empty:\r\n\r\n";

void expect_whole(const RequestHeader& header) {
  EXPECT_EQ(header.method, Method::post);
  EXPECT_EQ(header.target, "/a?b");
  EXPECT_EQ(header.minor_version, 1u);
  EXPECT_EQ(header.bytes, whole.size());
  EXPECT_EQ(header.hosts, 1u);
  EXPECT_EQ(header.content_length, 7u);
  EXPECT_EQ(header.content_encoding, "gzip");
  EXPECT_EQ(header.expect, "100-continue");
  EXPECT_TRUE(header.says_close);
  EXPECT_FALSE(header.says_keep_alive);
  ASSERT_EQ(header.fields.size(), 7u);
  EXPECT_EQ(header.fields[5].name, "Authorization");
  EXPECT_EQ(header.fields[5].value, "Bearer " + std::string(500, 't'));
  EXPECT_EQ(header.fields[6].value, "");
}

TEST(HeaderParser, TheBytesMayLieElsewhereEachTime) {
  const HttpLimits limits;
  HeaderParser parser(limits);
  std::unique_ptr<char[]> before;
  for (std::size_t size = 1; size <= whole.size(); ++size) {
    // Of just this size, so that the address sanitizer sees whoever looks past the end or at where they were.
    auto bytes = std::make_unique<char[]>(size);
    std::copy_n(whole.begin(), size, bytes.get());
    ASSERT_EQ(parser.parse({bytes.get(), size}), size < whole.size() ? Step::need_more : Step::complete) << size;
    if (before) std::fill_n(before.get(), size - 1, '?');
    before = std::move(bytes);
  }
  expect_whole(parser.header());
  const std::string moved = whole;
  std::fill_n(before.get(), whole.size(), '?');
  parser.follow(moved.data());
  expect_whole(parser.header());
}

TEST(HeaderParser, NothingIsLeftOfTheLastHeader) {
  const HttpLimits limits;
  HeaderParser parser(limits);
  for (const char* const refused : {"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "GET / HTTP/1.1\r\nbare\n"}) {
    EXPECT_EQ(parser.parse(refused), Step::refused);
    EXPECT_EQ(parser.parse(refused), Step::refused);
    parser.reset();
    ASSERT_EQ(parser.parse(whole), Step::complete);
    expect_whole(parser.header());
    parser.reset();
  }
}

}  // namespace
}  // namespace iot::net
