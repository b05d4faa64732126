#include "net/websocket/handshake.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <openssl/evp.h>

#include "net/letters.h"
#include "net/websocket/message_deflate.h"

namespace iot::net {
namespace {

constexpr std::size_t protocols_max = 32;
constexpr std::size_t extensions_max = 16;
constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_letter);
}

/// Calls `visit` for each element of a list that fields of this name, one or several, make together; false as soon as
/// it does. A separator inside of quotes is none.
template <class Visit>
bool each_element(const HttpRequest& request, std::string_view name, char separator, Visit visit) {
  for (const HeaderView& header : request.headers) {
    if (!equal_ignoring_case(header.name, name)) continue;
    std::size_t start = 0;
    bool quoted = false;
    for (std::size_t at = 0; at <= header.value.size(); ++at) {
      if (at < header.value.size() && header.value[at] == '"') quoted = !quoted;
      if (at < header.value.size() && (quoted || header.value[at] != separator)) continue;
      if (!visit(trimmed(header.value.substr(start, at - start)))) return false;
      start = at + 1;
    }
  }
  return true;
}

bool lists(const HttpRequest& request, std::string_view name, std::string_view wanted) {
  return !each_element(request, name, ',', [&](std::string_view one) { return !equal_ignoring_case(one, wanted); });
}

std::size_t count(const HttpRequest& request, std::string_view name) noexcept {
  return static_cast<std::size_t>(
      std::count_if(request.headers.begin(), request.headers.end(),
                    [&](const auto& header) { return equal_ignoring_case(header.name, name); }));
}

/// Base64 of 16 bytes: 22 letters and "==", the last letter with four bits of nothing.
bool is_key(std::string_view text) noexcept {
  if (text.size() != 24 || !text.ends_with("==")) return false;
  const auto is_letter = [](char letter) {
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
           letter == '+' || letter == '/';
  };
  return std::all_of(text.begin(), text.end() - 2, is_letter) &&
         std::string_view("AQgw").find(text[21]) != std::string_view::npos;
}

/// 8 to 15, as a parameter of permessage-deflate.
std::optional<unsigned> window_bits(std::string_view text) noexcept {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '0') return {};
  return bits >= 8 && bits <= MessageDeflater::window_bits_max ? std::optional(bits) : std::nullopt;
}

/// The window that one offer of permessage-deflate allows us; nothing if it is malformed, or asks for what we cannot
/// do: then it is declined (RFC 7692 section 5.1), and the next one may do.
std::optional<unsigned> deflate_offer(std::string_view extension) {
  unsigned bits = MessageDeflater::window_bits_max;
  std::vector<std::string_view> seen;
  bool first = true;
  while (true) {
    const std::size_t semicolon = extension.find(';');
    const std::string_view part = trimmed(extension.substr(0, semicolon));
    if (first) {
      if (!equal_ignoring_case(part, "permessage-deflate")) return {};
    } else {
      const std::size_t equals = part.find('=');
      const std::string_view name = trimmed(part.substr(0, equals));
      const bool has_value = equals != std::string_view::npos;
      const std::string_view value = has_value ? trimmed(part.substr(equals + 1)) : std::string_view();
      if (std::find(seen.begin(), seen.end(), name) != seen.end()) return {};
      seen.push_back(name);
      if (name == "server_max_window_bits") {
        const auto wanted = window_bits(value);
        if (!wanted) return {};
        bits = *wanted;
      } else if (name == "client_max_window_bits") {
        // Whatever the client uses, a window of 15 bits reads it.
        if (has_value && !window_bits(value)) return {};
      } else if ((name != "server_no_context_takeover" && name != "client_no_context_takeover") || has_value) {
        return {};
      }
    }
    first = false;
    if (semicolon == std::string_view::npos) break;
    extension.remove_prefix(semicolon + 1);
  }
  return bits >= MessageDeflater::window_bits_min ? std::optional(bits) : std::nullopt;
}

std::string accept_key(std::string_view key) {
  std::string text(key);
  text += guid;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  // Fails only without OpenSSL's own default provider; the client then finds that the key is not the answer to its own.
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> encoded;
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

}  // namespace

bool asks_for_websocket(const HttpRequest& request) noexcept {
  return lists(request, "Upgrade", "websocket");
}

WebSocketOpening read_offer(const HttpRequest& request) {
  const auto refused = [](unsigned status, std::string_view reason) { return WebSocketOpening{{}, {status, reason}}; };
  if (request.method != Method::get) return refused(405, "a WebSocket begins with a GET");
  if (!lists(request, "Upgrade", "websocket")) return refused(400, "the Upgrade field does not name websocket");
  if (!lists(request, "Connection", "Upgrade")) return refused(400, "the Connection field does not name Upgrade");
  if (request.header("Sec-WebSocket-Version") != "13")
    return refused(426, "the version of the WebSocket protocol is 13");
  WebSocketOffer offer;
  offer.key = request.header("Sec-WebSocket-Key");
  if (count(request, "Sec-WebSocket-Key") != 1 || !is_key(offer.key)) {
    return refused(400, "there must be one Sec-WebSocket-Key, of 16 bytes in base64");
  }
  const bool good_protocols = each_element(request, "Sec-WebSocket-Protocol", ',', [&](std::string_view one) {
    offer.protocols.push_back(one);
    const bool is_new = std::find(offer.protocols.begin(), offer.protocols.end() - 1, one) == offer.protocols.end() - 1;
    return is_token(one) && is_new && offer.protocols.size() <= protocols_max;
  });
  if (!good_protocols) return refused(400, "Sec-WebSocket-Protocol is no list of at most 32 different names");
  std::size_t extensions = 0;
  const bool good_extensions = each_element(request, "Sec-WebSocket-Extensions", ',', [&](std::string_view one) {
    if (!offer.deflate_window_bits) offer.deflate_window_bits = deflate_offer(one);
    return is_token(trimmed(one.substr(0, one.find(';')))) && ++extensions <= extensions_max;
  });
  if (!good_extensions) return refused(400, "Sec-WebSocket-Extensions is no list of at most 16 extensions");
  offer.origin = request.header("Origin");
  return {std::move(offer), {}};
}

std::string accept_offer(const WebSocketOffer& offer, std::string_view protocol,
                         std::optional<unsigned> deflate_window_bits) {
  std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
  answer += accept_key(offer.key);
  if (!protocol.empty()) {
    answer += "\r\nSec-WebSocket-Protocol: ";
    answer += protocol;
  }
  if (deflate_window_bits) {
    answer +=
        "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    if (*deflate_window_bits < MessageDeflater::window_bits_max) {
      answer += "; server_max_window_bits=" + std::to_string(*deflate_window_bits);
    }
  }
  return answer + "\r\n\r\n";
}

}  // namespace iot::net
