// The request parser on any bytes: it must see the same whole and cut in two, make of the first header what Beast makes
// of it (net/beast_oracle.h), and what it takes Beast's own parser must take in the same way with its body.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/beast_oracle.h"
#include "net/request_parser.h"

namespace {

using namespace iot::net;
namespace http = boost::beast::http;

struct Seen {
  std::string requests;
  unsigned refused = 0;
  std::size_t first_bytes = 0;  ///< of the first request
  std::string first_body;
  bool operator==(const Seen& other) const { return requests == other.requests && refused == other.refused; }
};

void append(ReadBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto space = buffer.free_space();
    const std::size_t count = std::min(space.size(), bytes.size());
    std::copy_n(bytes.data(), count, space.data());
    buffer.commit(count);
    bytes.remove_prefix(count);
  }
}

const HttpLimits limits{.target_bytes_max = 200, .header_bytes_max = 1000, .headers_max = 20, .body_bytes_max = 500};

Seen parse(std::string_view bytes, std::size_t cut) {
  RequestParser parser(limits);
  ReadBuffer buffer;
  Seen seen;
  for (const std::string_view part : {bytes.substr(0, cut), bytes.substr(cut)}) {
    append(buffer, part);
    for (;;) {
      const RequestParser::Step step = parser.parse(buffer);
      if (step == RequestParser::Step::need_more) break;
      if (step == RequestParser::Step::refused) {
        seen.refused = parser.refusal().status;
        return seen;
      }
      const HttpRequest& request = parser.request();
      seen.requests += request.target;
      for (const HeaderView& header : request.headers) {
        seen.requests += '|';
        seen.requests += header.name;
        seen.requests += ':';
        seen.requests += header.value;
      }
      seen.requests += request.body;
      const bool is_first = seen.first_bytes == 0;
      if (is_first) seen.first_body = request.body;
      parser.next(buffer);
      if (is_first && part.data() == bytes.data()) seen.first_bytes = part.size() - buffer.bytes().size();
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = data[0] % size;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen whole = parse(bytes, bytes.size());
  if (!(parse(bytes, std::min(cut, bytes.size())) == whole)) std::abort();
  if (const Comparison comparison = compare_with_beast(bytes, limits, cut); !comparison.disagreement.empty()) {
    std::fprintf(stderr, "%s\n", comparison.disagreement.c_str());
    std::abort();
  }

  if (whole.first_bytes == 0) return 0;
  std::string_view rest = bytes;
  while (rest.starts_with("\r\n")) rest.remove_prefix(2);
  http::request_parser<http::string_body> beast;
  beast.eager(true);
  boost::beast::error_code error;
  const std::size_t taken = beast.put(boost::asio::buffer(rest), error);
  // Beast has opinions on trailers, which we pass over, and reads a quoted extension past its line.
  const bool is_chunked = beast.is_header_done() && beast.chunked();
  if (is_chunked && rest.find(';') != std::string_view::npos) return 0;
  if (is_chunked && error && error != http::error::need_more && error != http::error::bad_chunk) return 0;
  if (error || !beast.is_done()) std::abort();
  if (taken + (bytes.size() - rest.size()) != whole.first_bytes) std::abort();
  if (beast.get().body() != whole.first_body) std::abort();
  return 0;
}
