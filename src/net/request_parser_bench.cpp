// What taking a request out of received bytes costs: the header, above all, as a reading's body is short.
#include <algorithm>

#include <benchmark/benchmark.h>

#include "net/request_parser.h"

namespace iot::net {
namespace {

/// One reading as a device sends it: the Authorization header is most of it.
std::string reading_request(std::size_t token_bytes) {
  const std::string body = R"({"sensor_id":"4","timestamp":1526717967,"value":"91827364"})";
  return "POST / HTTP/1.1\r\nHost: 127.0.0.1:8083\r\nAuthorization: Bearer " + std::string(token_bytes, 'x') +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void parse(benchmark::State& state, const std::string& text) {
  const HttpLimits limits;
  RequestParser parser(limits);
  ReadBuffer buffer;
  for (auto unused : state) {
    (void)unused;
    std::copy(text.begin(), text.end(), buffer.free_space().begin());
    buffer.commit(text.size());
    if (parser.parse(buffer) != RequestParser::Step::complete) state.SkipWithError("the request is refused");
    benchmark::DoNotOptimize(parser.request().header("Authorization").size());
    benchmark::DoNotOptimize(parser.request().header("Content-Type").size());
    parser.next(buffer);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void parse_reading(benchmark::State& state) {
  parse(state, reading_request(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(parse_reading)->Arg(20)->Arg(880)->Arg(2000);

/// What a browser sends: many fields, none of them long.
void parse_browser_request(benchmark::State& state) {
  parse(state,
        "GET /api/things?limit=50&offset=100 HTTP/1.1\r\nHost: localhost:8080\r\nConnection: keep-alive\r\n"
        "Accept: application/json, text/plain, */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
        "Accept-Language: en-GB,en;q=0.9\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n"
        "Referer: http://localhost:8080/\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\n"
        "Sec-Fetch-Site: same-origin\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n\r\n");
}
BENCHMARK(parse_browser_request);

}  // namespace
}  // namespace iot::net
