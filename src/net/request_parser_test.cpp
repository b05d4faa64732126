#include "net/request_parser.h"

#include <gtest/gtest.h>

namespace iot::net {
namespace {

using Step = RequestParser::Step;

/// Appends as a socket would: in as many pieces as the buffer has room for.
void append(ReadBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto space = buffer.free_space();
    const std::size_t count = std::min(space.size(), bytes.size());
    std::copy_n(bytes.data(), count, space.data());
    buffer.commit(count);
    bytes.remove_prefix(count);
  }
}

/// What comes out of `bytes`: one line for each request, and the refusal's status at the end.
std::string parse(std::string_view bytes, HttpLimits limits = {}, std::size_t cut = 0) {
  RequestParser parser(limits);
  ReadBuffer buffer;
  std::string seen;
  const auto drain = [&] {
    for (;;) {
      const Step step = parser.parse(buffer);
      if (step == Step::need_more) return true;
      if (step == Step::refused) {
        seen += std::to_string(parser.refusal().status);
        return false;
      }
      const HttpRequest& request = parser.request();
      seen +=
          std::string(to_string(request.method)) + "|" + std::string(request.path) + "|" + std::string(request.query);
      for (const HeaderView& header : request.headers) {
        seen += "|" + std::string(header.name) + "=" + std::string(header.value);
      }
      seen += "|" + std::string(request.body) + (parser.keep_alive() ? "\n" : " close\n");
      parser.next(buffer);
    }
  };
  append(buffer, bytes.substr(0, cut));
  if (cut > 0 && !drain()) return seen;
  append(buffer, bytes.substr(cut));
  drain();
  return seen;
}

constexpr std::string_view three_requests =
    "\r\nGET /a?b=c HTTP/1.1\r\nHost: x\r\nX-Empty:\r\n\r\n"
    "POST /d HTTP/1.1\r\nhost:x\r\nTransfer-Encoding: "
    "Chunked\r\n\r\n3;name=\"value\"\r\nabc\r\n00A\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"
    "PUT / HTTP/1.0\r\nContent-Length: 4\r\n\r\n\r\n\r\n";
constexpr std::string_view three_seen =
    "GET|/a|b=c|Host=x|X-Empty=|\n"
    "POST|/d||host=x|Transfer-Encoding=Chunked|abc0123456789\n"
    "PUT|/||Content-Length=4|\r\n\r\n close\n";

TEST(RequestParser, TakesRequestsOutOfAStream) {
  EXPECT_EQ(parse(three_requests), three_seen);
}

TEST(RequestParser, SeesTheSameWhereverTheStreamIsCut) {
  for (std::size_t cut = 1; cut < three_requests.size(); ++cut) {
    ASSERT_EQ(parse(three_requests, {}, cut), three_seen) << "cut after " << cut;
  }
}

TEST(RequestParser, AnEmptyChunkedBodyMayComeByteByByte) {
  const HttpLimits limits;
  RequestParser parser(limits);
  ReadBuffer buffer;
  const std::string_view request = "POST /x?y HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t i = 0; i < request.size(); ++i) {
    append(buffer, request.substr(i, 1));
    const Step expected = i + 1 == request.size() ? Step::complete : Step::need_more;
    ASSERT_EQ(parser.parse(buffer), expected) << i;
    ASSERT_EQ(parser.parse(buffer), expected) << i;  // without anything new
  }
  EXPECT_EQ(parser.request().target, "/x?y");
  EXPECT_EQ(parser.request().body, "");
}

TEST(RequestParser, ChunksDoNotPileUp) {
  const HttpLimits limits;
  RequestParser parser(limits);
  ReadBuffer buffer;
  append(buffer, "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(parser.parse(buffer), Step::need_more);
  for (int i = 0; i < 10'000; ++i) {
    append(buffer, "1;extension=" + std::string(100, 'e') + "\r\na\r\n");
    ASSERT_EQ(parser.parse(buffer), Step::need_more);
  }
  EXPECT_LE(buffer.capacity(), 2 * ReadBuffer::initial_bytes);
  append(buffer, "0\r\n\r\n");
  ASSERT_EQ(parser.parse(buffer), Step::complete);
  EXPECT_EQ(parser.request().path, "/x");
  EXPECT_EQ(parser.request().header("host"), "x");
  EXPECT_EQ(parser.request().body.size(), 10'000u);
}

TEST(RequestParser, SeesTheSameByteByByte) {
  const HttpLimits limits;
  RequestParser parser(limits);
  ReadBuffer buffer;
  std::size_t complete = 0;
  for (const char byte : three_requests) {
    append(buffer, {&byte, 1});
    while (parser.parse(buffer) == Step::complete) {
      ++complete;
      parser.next(buffer);
    }
  }
  EXPECT_EQ(complete, 3u);
}

TEST(RequestParser, APostThatSaysNothingOfABodyHasNoneWhereThatIsAllowed) {
  const HttpLimits limits{.length_required = false};
  RequestParser parser(limits);
  ReadBuffer buffer;
  append(buffer, "POST /grant HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_EQ(parser.parse(buffer), Step::complete);
  EXPECT_EQ(parser.request().method, Method::post);
  EXPECT_TRUE(parser.request().body.empty());
  parser.next(buffer);
  ASSERT_EQ(parser.parse(buffer), Step::complete);
  EXPECT_EQ(parser.request().method, Method::get);
}

struct Refused {
  const char* what;
  std::string request;
  unsigned status;
};

/// A POST with these header lines.
std::string post(std::string_view lines) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string(lines) + "\r\n12345";
}

TEST(RequestParser, RefusesWhatIsMalformedOrDoubtful) {
  const Refused cases[] = {
      {"no length", post(""), 411},
      {"two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {"two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {"a list of lengths", post("Content-Length: 5, 5\r\n"), 400},
      {"a length with a sign", post("Content-Length: +5\r\n"), 400},
      {"a negative length", post("Content-Length: -5\r\n"), 400},
      {"a hexadecimal length", post("Content-Length: 0x5\r\n"), 400},
      {"an empty length", post("Content-Length:\r\n"), 400},
      {"a length beyond 64 bits", post("Content-Length: 18446744073709551621\r\n"), 400},
      {"length and chunks", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"chunks and length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {"chunks twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"another coding before", post("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"another coding behind", post("Transfer-Encoding: chunked, gzip\r\n"), 501},
      {"another coding twice", post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), 501},
      {"another coding", post("Transfer-Encoding: xchunked\r\n"), 501},
      {"a hidden coding",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n"),
       400},
      {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a blank before the colon", post("Content-Length : 5\r\n"), 400},
      {"a tab before the colon", post("Content-Length\t: 5\r\n"), 400},
      {"a blank before the name", "POST / HTTP/1.1\r\n Host: x\r\nContent-Length: 0\r\n\r\n", 400},
      {"a folded field", post("X-A: b\r\n c\r\nContent-Length: 5\r\n"), 400},
      {"a field folded with a tab", post("X-A: b\r\n\tc\r\nContent-Length: 5\r\n"), 400},
      {"a bare line feed behind a field", "GET / HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n", 400},
      {"bare line feeds alone", "GET / HTTP/1.1\nHost: x\n\n", 400},
      {"a bare carriage return", "GET / HTTP/1.1\r\nHost: x\rX-A: b\r\n\r\n", 400},
      {"two carriage returns", "GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", 400},
      {"a NUL in a value", post(std::string_view("X-A: a\0b\r\n", 10)), 400},
      {"a control character in a name", post("X\x01-A: b\r\n"), 400},
      {"an empty name", post(": b\r\n"), 400},
      {"no colon", post("hello\r\n"), 400},
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400},
      {"no target", "GET HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a blank in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a blank at the line's end", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505},
      {"HTTP/11", "GET / HTTP/11\r\nHost: x\r\n\r\n", 400},
      {"small letters", "GET / http/1.1\r\nHost: x\r\n\r\n", 400},
      {"TLS", "\x16\x03\x01\x02", 400},
      {"a line feed first", "\nGET / HTTP/1.1\r\n", 400},
      {"another expectation", post("Expect: cake\r\nContent-Length: 5\r\n"), 417},
      {"two encodings", post("Content-Encoding: gzip\r\nContent-Encoding: zstd\r\nContent-Length: 5\r\n"), 415},
      {"a chunk's size that is none", post("Transfer-Encoding: chunked\r\n") + "x\r\n", 400},
      {"a chunk longer than said",
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400},
      {"a chunk's size beyond 64 bits",
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 413},
      {"a chunk's size with a sign", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400},
      {"a chunk's size with 0x", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n", 400},
      {"a blank before a chunk's size", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n 1\r\na\r\n",
       400},
      {"a NUL in a chunk's extension",
       std::string("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;\0\r\na\r\n", 64), 400},
      {"a trailer that is no field",
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nhello\r\n\r\n", 400},
      {"a folded trailer", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: b\r\n c\r\n\r\n",
       400},
      {"a chunk line with a bare line feed",
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n", 400},
  };
  for (const Refused& refused : cases) {
    const std::string seen = parse(refused.request);
    EXPECT_EQ(seen, std::to_string(refused.status)) << refused.what;
    // A refusal does not depend on how the bytes arrive.
    for (std::size_t cut = 1; cut < refused.request.size(); ++cut) {
      ASSERT_EQ(parse(refused.request, {}, cut), seen) << refused.what << ", cut after " << cut;
    }
  }
}

TEST(RequestParser, LimitsTheTarget) {
  const HttpLimits limits{.target_bytes_max = 10};
  const auto get = [&](std::size_t bytes) {
    return parse("GET /" + std::string(bytes - 1, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", limits);
  };
  EXPECT_EQ(get(9).substr(0, 3), "GET");
  EXPECT_EQ(get(10).substr(0, 3), "GET");
  EXPECT_EQ(get(11), "414");
  EXPECT_EQ(parse("GET /" + std::string(100, 'a'), limits), "414");  // without waiting for its end
}

TEST(RequestParser, LimitsTheRequestLineBesideItsTarget) {
  const HttpLimits limits{.target_bytes_max = 10};
  const auto request = [](std::size_t method_bytes) {
    return std::string(method_bytes, 'M') + " /123456789 HTTP/1.1\r\nHost: x\r\n\r\n";
  };
  for (std::size_t cut = 0; cut < request(20).size(); ++cut) {
    ASSERT_EQ(parse(request(20), limits, cut).substr(0, 5), "other") << cut;
    ASSERT_EQ(parse(request(21), limits, cut).substr(0, 5), "other") << cut;
    ASSERT_EQ(parse(request(22), limits, cut), "414") << cut;
  }
}

TEST(RequestParser, LimitsTheHeader) {
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::size_t more : {1u, 0u}) {
    EXPECT_EQ(parse(request, {.header_bytes_max = request.size() + more}).substr(0, 3), "GET");
  }
  EXPECT_EQ(parse(request, {.header_bytes_max = request.size() - 1}), "431");
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nX-A: " + std::string(100, 'a'), {.header_bytes_max = 100}), "431");
}

TEST(RequestParser, LimitsTheNumberOfFields) {
  const auto get = [](std::size_t fields) {
    std::string request = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (std::size_t i = 1; i < fields; ++i) request += "X: y\r\n";
    return parse(request + "\r\n", {.headers_max = 5});
  };
  EXPECT_EQ(get(4).substr(0, 3), "GET");
  EXPECT_EQ(get(5).substr(0, 3), "GET");
  EXPECT_EQ(get(6), "431");
}

TEST(RequestParser, LimitsTheBody) {
  for (const std::size_t bytes : {9u, 10u, 11u}) {
    const std::string body(bytes, 'b');
    const std::string sized = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
    const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbbbbb\r\n" +
                                std::to_string(bytes - 5) + "\r\n";
    EXPECT_EQ(parse(sized + body, {.body_bytes_max = 10}).substr(0, 3), bytes > 10 ? "413" : "POS");
    EXPECT_EQ(parse(chunked + body.substr(5) + "\r\n0\r\n\r\n", {.body_bytes_max = 10}).substr(0, 3),
              bytes > 10 ? "413" : "POS");
    // Before any of it has come.
    if (bytes > 10) {
      EXPECT_EQ(parse(sized, {.body_bytes_max = 10}), "413");
      EXPECT_EQ(parse(chunked, {.body_bytes_max = 10}), "413");
    }
  }
}

TEST(RequestParser, LimitsWhatStandsBetweenChunks) {
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;" + std::string(200, 'e'),
                  {.header_bytes_max = 150}),
            "400");
}

TEST(RequestParser, KeepsTheConnectionAsTheVersionSays) {
  const auto close = [](std::string_view request) { return parse(request).find(" close") != std::string::npos; };
  EXPECT_FALSE(close("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_TRUE(close("GET / HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive, CLOSE\r\n\r\n"));
  EXPECT_TRUE(close("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_FALSE(close("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_TRUE(close("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"));
}

TEST(RequestParser, TheBodyIsFollowedByReadableBytes) {
  const HttpLimits limits;
  for (const std::size_t bytes : {0u, 1u, 4000u, 5000u, 100'000u}) {
    RequestParser parser(limits);
    ReadBuffer buffer;
    append(buffer, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" +
                       std::string(bytes, 'x'));
    ASSERT_EQ(parser.parse(buffer), Step::complete);
    // The address sanitizer sees to it that they are there.
    const std::string_view body = parser.request().body;
    unsigned sum = 0;
    for (std::size_t i = 0; i < ReadBuffer::padding_bytes; ++i)
      sum += static_cast<unsigned char>(*(body.data() + body.size() + i));
    EXPECT_LT(sum, 256u * ReadBuffer::padding_bytes);
  }
}

}  // namespace
}  // namespace iot::net
