// Headers as clients, proxies and attackers might write them: ours must make of each what Beast makes of it, but for
// the differences that net/beast_oracle.h names.
#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <random>

#include <gtest/gtest.h>

#include "net/beast_oracle.h"

namespace iot::net {
namespace {

class HeaderMaker {
 public:
  explicit HeaderMaker(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }

  /// Mostly one that is in order or nearly so: what is refused at its first letter shows little.
  std::string make() {
    std::string header = request_line() + line_end();
    if (below(8) != 0) header += "Host: x" + line_end();
    if (below(3) == 0) header += "Content-Length: 5" + line_end();
    for (std::size_t fields = below(5); fields > 0; --fields) header += field() + line_end();
    header += line_end();
    for (std::size_t changes = below(3) == 0 ? below(4) : 0; changes > 0; --changes) change(header);
    return header;
  }

 private:
  template <std::size_t count>
  std::string pick(const char* const (&choices)[count]) {
    return choices[below(count)];
  }
  bool rarely() { return below(40) == 0; }

  std::string line_end() { return rarely() ? pick({"\n", "\r", "", "\r\r\n", "\n\r", "\r\n ", "\r\n\t"}) : "\r\n"; }

  std::string request_line() {
    std::string method =
        rarely() ? pick({"", "get", "GETS", "G@T", "PROPFIND", "UNSUBSCRIBE", "MKCOL", "M-SEARCH", "X", "P\x80"})
                 : pick({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"});
    std::string target = rarely() ? pick({"", "/ b", "/\x7f", "/\x80\xff", "/\t", "*", "/\r/", "/\x01"})
                                  : pick({"/", "/?", "/a?b=c", "/a/b/c", "http://x/y?z"});
    if (rarely()) target += std::string(below(40), 't');
    std::string version = rarely() ? pick({"HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/11", "http/1.1", "HTTP/1.1 ", "",
                                           "HTTP/1.10", "xHTTP/1.1", "HTTP/1.1xHTTP/2.0", "HTTP/1.1\rx", "HTTP/9.9"})
                                   : pick({"HTTP/1.1", "HTTP/1.1", "HTTP/1.0"});
    return method + (rarely() ? pick({"", "  ", "\t"}) : " ") + target + (rarely() ? pick({"", "  ", "\t"}) : " ") +
           version;
  }

  std::string field() {
    std::string name = pick({"Host", "Content-Length", "Transfer-Encoding", "Content-Encoding", "Expect", "Connection",
                             "Proxy-Connection", "Upgrade", "Authorization", "X-Something"});
    std::string value = value_of(name);
    if (rarely())
      name = pick({"", "Hos", "Hosts", "HOST ", "a b", "Content_Length", "Content-Lengtj", "Transfer-Encodinh", "X\x80",
                   "X\x7f", "!#$%&'*+-.^_`|~", "(x)", "Connectio~", "CONNECTION@"});
    for (char& letter : name) {
      if (below(8) == 0)
        letter = static_cast<char>(letter ^ (std::isalpha(static_cast<unsigned char>(letter)) ? 0x20 : 0));
    }
    const std::string before = pick({" ", " ", "", "\t", "  \t "});
    const std::string after = pick({"", "", "", " ", "\t "});
    return name + (rarely() ? pick({" :", "\t:", "", "::", " "}) : ":") + before + value + after;
  }

  std::string value_of(const std::string& name) {
    if (rarely()) return pick({"", "a\tb", "a\x01", "a\x7f", "\x80\xff", "a\rb", "\x0b", ",", "a b"});
    if (name == "Content-Length") {
      return pick({"0", "5", "5", "10", "11", "05", "5, 5", "5,6", "+5", "-5", "0x5", "5 5", "18446744073709551615",
                   "18446744073709551616", "99999999999999999999999", "5,", "1e1", ""});
    }
    if (name == "Transfer-Encoding") {
      return pick({"chunked", "chunked", "CHUNKED", "gzip, chunked", "chunked, gzip", "chunked, chunked", ", chunked",
                   "chunked,", "chunked;a=b", "chunked x", "gzip chunked", "xchunked", "gzip", "gzip;q=1, chunked",
                   "\"chunked\""});
    }
    if (name == "Connection" || name == "Proxy-Connection") {
      return pick({"close", "keep-alive", "Keep-Alive, Close", "close, keep-alive", "upgrade", "CLOSE", ",close", ",,",
                   "close x", "close;x", "\"close\"", "clos", "keep-alive,", " , close , ", "a@b, close"});
    }
    if (name == "Expect") return pick({"100-continue", "100-CONTINUE", "200-ok", "100-continue, x"});
    if (name == "Content-Encoding") return pick({"gzip", "zstd", "identity", "GZIP, zstd"});
    return rarely() ? std::string(below(120), 'v') : pick({"x", "localhost:8083", "Bearer abc.def", "a, b; c=\"d\""});
  }

  void change(std::string& header) {
    static constexpr std::string_view letters(
        "\r\n\t :,;\0\x01\x1f\x7f\x80\xff"
        "aZ0-/~^",
        20);
    const std::size_t at = below(header.size() + 1);
    const char letter = below(4) == 0 ? static_cast<char>(below(256)) : letters[below(letters.size())];
    switch (below(4)) {
      case 0:
        header.insert(at, 1, letter);
        break;
      case 1:
        if (at < header.size()) header[at] = letter;
        break;
      case 2:
        header.erase(at, 1 + below(3));
        break;
      default:
        header.insert(at, header.substr(below(header.size() + 1), below(30)));
        break;
    }
  }

  std::mt19937_64 random_;
};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(RequestParserDifferential, MakesOfEachHeaderWhatBeastMakesOfIt) {
  const std::uint64_t seed = from_environment("IOT_SEED", std::random_device{}());
  const std::uint64_t headers = from_environment("IOT_HEADERS", 30'000);
  SCOPED_TRACE("IOT_SEED=" + std::to_string(seed));
  HeaderMaker maker(seed);
  std::uint64_t accepted = 0;
  for (std::uint64_t i = 0; i < headers; ++i) {
    const HttpLimits limits{.target_bytes_max = 10 + maker.below(30),
                            .header_bytes_max = maker.below(20) == 0 ? 40 + maker.below(200) : 1000,
                            .headers_max = 5,
                            .body_bytes_max = 10,
                            .length_required = maker.below(2) == 0};
    const std::string header = maker.make();
    const Comparison comparison = compare_with_beast(header, limits, maker.below(header.size() + 8));
    ASSERT_EQ(comparison.disagreement, "") << "header " << i << ":\n" << header;
    accepted += comparison.is_accepted ? 1 : 0;
  }
  // A comparison of refusals alone would show little.
  EXPECT_GT(accepted, headers / 10);
  EXPECT_LT(accepted, headers / 2);
  RecordProperty("accepted", std::to_string(accepted));
}

}  // namespace
}  // namespace iot::net
