#include "bench/target.h"

#include <charconv>

#include <arpa/inet.h>

#include "bench/errc.h"

namespace iot::bench {

bool Target::is_loopback() const noexcept {
  return (ntohl(host) >> 24) == 127;
}

Result<Target> parse_target(std::string_view text) {
  const auto colon = text.rfind(':');
  Target target;
  std::string host(text.substr(0, colon == std::string_view::npos ? 0 : colon));
  if (host == "localhost") host = "127.0.0.1";
  in_addr address{};
  const char* const end = text.data() + text.size();
  const char* const begin = colon == std::string_view::npos ? end : text.data() + colon + 1;
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(begin, end, port);
  if (::inet_pton(AF_INET, host.c_str(), &address) != 1 || parsed.ec != std::errc() || parsed.ptr != end || port == 0) {
    return make_error(Errc::options,
                      std::string(text) + " is no address: give an IPv4 address and a port, such as 127.0.0.1:1883");
  }
  target.host = address.s_addr;
  target.port = htons(port);
  target.text = host + ":" + std::to_string(port);
  return target;
}

Target spread_over_sources(Target target, std::size_t n, std::size_t connections) {
  if (target.is_loopback() && connections > connections_per_source) {
    target.source = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(n / connections_per_source));
  }
  return target;
}

}  // namespace iot::bench
