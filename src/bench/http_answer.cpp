#include "bench/http_answer.h"

#include <charconv>

#include "net/letters.h"

namespace iot::bench {

std::optional<std::string_view> field_of(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
    const auto rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    if (!net::equal_ignoring_case(rest.substr(0, name.size()), name)) continue;
    auto value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
    while (!value.empty() && net::is_blank(value.front())) value.remove_prefix(1);
    return value;
  }
  return std::nullopt;
}

std::optional<HttpAnswer> read_answer(std::string_view received) {
  const auto end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  HttpAnswer answer;
  answer.head = received.substr(0, end + 2);
  if (!answer.head.starts_with("HTTP/1.") || answer.head.size() < 13) return HttpAnswer{.bytes = received.size()};
  std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
  std::size_t length = 0;
  if (const auto field = field_of(answer.head, "content-length")) {
    std::from_chars(field->data(), field->data() + field->size(), length);
  }
  if (received.size() - end - 4 < length) return std::nullopt;
  answer.body = received.substr(end + 4, length);
  answer.bytes = end + 4 + length;
  const auto connection = field_of(answer.head, "connection");
  answer.closes = connection && net::equal_ignoring_case(*connection, "close");
  return answer;
}

}  // namespace iot::bench
