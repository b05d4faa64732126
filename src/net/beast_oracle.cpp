#include "net/beast_oracle.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "net/request_parser.h"

namespace iot::net {

namespace http = boost::beast::http;
using boost::beast::iequals;

namespace {

/// What a parser made of a header.
struct Verdict {
  enum class Kind { need_more, accepted, refused };

  Kind kind = Kind::need_more;
  unsigned status = 0;
  std::string reason;
  std::string values;  ///< everything that was understood, as text to be compared
  std::size_t header_bytes = 0;
  std::uint64_t body_bytes = 0;
  bool is_chunked = false;
  bool expects_continue = false;

  std::string text() const {
    if (kind == Kind::need_more) return "needs more";
    return kind == Kind::accepted ? "accepted " + values : std::to_string(status) + " " + reason;
  }
};

Verdict refused(unsigned status, std::string reason) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::refused;
  verdict.status = status;
  verdict.reason = std::move(reason);
  return verdict;
}

std::string_view method_of(http::verb verb) noexcept {
  switch (verb) {
    case http::verb::get:
    case http::verb::head:
    case http::verb::post:
    case http::verb::put:
    case http::verb::patch:
    case http::verb::delete_:
    case http::verb::options: {
      const auto name = http::to_string(verb);
      return {name.data(), name.size()};
    }
    default:
      return "other";
  }
}

/// Beast's parser, fed with a whole header at once: its views then point into the header.
class Grammar final : public http::basic_parser<true> {
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

 public:
  explicit Grammar(std::size_t body_bytes_max) {
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(body_bytes_max);
  }

  http::verb verb = http::verb::unknown;
  std::string_view target;
  int version = 11;
  std::vector<HeaderView> fields;
  unsigned hosts = 0;
  unsigned content_lengths = 0;
  bool content_length_list = false;
  unsigned transfer_encodings = 0;
  bool only_chunked = true;
  bool duplicate_encoding = false;
  std::string_view content_encoding;
  std::string_view expect;
  bool says_close = false;

 private:
  void on_request_impl(http::verb method, string_view, string_view path, int http_version, error_code& error) override {
    verb = method;
    target = path;
    version = http_version;
    error = {};
  }
  void on_response_impl(int, string_view, int, error_code& error) override { error = {}; }
  void on_field_impl(http::field field, string_view name, string_view value, error_code& error) override {
    error = {};
    fields.push_back({name, value});
    switch (field) {
      case http::field::host:
        ++hosts;
        break;
      case http::field::content_length:
        ++content_lengths;
        content_length_list |= value.find_first_not_of("0123456789") != string_view::npos;
        break;
      case http::field::transfer_encoding:
        ++transfer_encodings;
        only_chunked &= iequals(value, "chunked");
        break;
      case http::field::content_encoding:
        duplicate_encoding |= !content_encoding.empty();
        content_encoding = value;
        break;
      case http::field::expect:
        expect = value;
        break;
      case http::field::connection:
      case http::field::proxy_connection:
        says_close |= http::token_list(value).exists("close");
        break;
      default:
        break;
    }
  }
  void on_header_impl(error_code& error) override { error = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& error) override { error = {}; }
  std::size_t on_body_impl(string_view bytes, error_code& error) override {
    error = {};
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code& error) override { error = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& error) override {
    error = {};
    return bytes.size();
  }
  void on_finish_impl(error_code& error) override { error = {}; }
};

bool names_other_version(std::string_view header) noexcept {
  const std::string_view line = header.substr(0, header.find('\r'));
  if (line.size() < 8 || std::count(line.begin(), line.end(), ' ') != 2) return false;
  const std::string_view version = line.substr(line.size() - 8);
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  return version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
}

/// Line by line up to the empty one: which bytes are the header, if nothing is wrong with its lines.
Verdict find_end(std::string_view bytes, const HttpLimits& limits) {
  std::size_t lines = 0;
  bool ended = false;
  while (!ended && lines < bytes.size()) {
    const std::string_view rest = bytes.substr(lines);
    const std::size_t line_feed = rest.find('\n');
    if (lines == 0 && std::min(line_feed, rest.size()) > limits.target_bytes_max + 32) {
      return refused(414, "the request target is too long");
    }
    if (line_feed == std::string_view::npos) break;
    if (line_feed == 0 || rest[line_feed - 1] != '\r') {
      return refused(400, "a line of the header does not end with CR LF");
    }
    if (lines > 0 && (rest[0] == ' ' || rest[0] == '\t')) {
      return refused(400, "a header field is folded over several lines");
    }
    lines += line_feed + 1;
    ended = line_feed == 1;
  }
  if ((ended ? lines : bytes.size()) > limits.header_bytes_max) return refused(431, "the header is too large");
  Verdict verdict;
  verdict.header_bytes = ended ? lines : 0;
  return verdict;
}

std::string values_of(std::string_view method, std::string_view target, unsigned minor_version, bool keep_alive,
                      std::string_view content_encoding, std::span<const HeaderView> fields) {
  std::string values(method);
  values.append(" ").append(target).append(minor_version == 1 ? " 1.1" : " 1.0");
  values.append(keep_alive ? " keep-alive" : " close").append(" [").append(content_encoding).append("]");
  for (const HeaderView& field : fields) values.append("\n").append(field.name).append("=").append(field.value);
  return values;
}

/// Of one whole header whose lines are in order.
Verdict judge(std::string_view header, const HttpLimits& limits, bool& repeats_length) {
  Grammar grammar(limits.body_bytes_max);
  boost::beast::error_code error;
  grammar.put({header.data(), header.size()}, error);
  repeats_length = grammar.content_lengths > 1 || grammar.content_length_list;
  if (error == http::error::body_limit) return refused(413, "the body is too large");
  if (error == http::error::bad_version && names_other_version(header)) {
    return refused(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  }
  if (error == http::error::bad_content_length || error == http::error::multiple_content_length) {
    return refused(400, "the body's length is given twice or is no number");
  }
  if (error || !grammar.is_header_done()) return refused(400, "the header is malformed");
  if (grammar.target.size() > limits.target_bytes_max) return refused(414, "the request target is too long");
  if (grammar.fields.size() > limits.headers_max) return refused(431, "the header has too many fields");
  const unsigned minor_version = grammar.version == 11 ? 1 : 0;
  if (grammar.hosts > 1 || (grammar.hosts == 0 && minor_version == 1)) {
    return refused(400, "there must be one Host field");
  }
  if (repeats_length) return refused(400, "the body's length is given twice or is no number");
  if (grammar.transfer_encodings > 0) {
    if (grammar.content_lengths > 0 || minor_version == 0) {
      return refused(400, "Transfer-Encoding does not go with Content-Length or HTTP/1.0");
    }
    if (grammar.transfer_encodings > 1 || !grammar.only_chunked) {
      return refused(501, "the only transfer coding is chunked");
    }
  }
  if (grammar.duplicate_encoding) return refused(415, "more than one Content-Encoding");
  const std::string_view method = method_of(grammar.verb);
  const bool has_body = grammar.content_lengths > 0 || grammar.transfer_encodings > 0;
  if (limits.length_required && (method == "POST" || method == "PUT" || method == "PATCH") && !has_body) {
    return refused(411, "the request has no Content-Length");
  }
  Verdict verdict;
  if (!grammar.expect.empty() && minor_version == 1) {
    if (!iequals(grammar.expect, "100-continue")) return refused(417, "the only expectation is 100-continue");
    verdict.expects_continue = has_body;
  }
  verdict.kind = Verdict::Kind::accepted;
  verdict.header_bytes = header.size();
  verdict.body_bytes = grammar.content_length().value_or(0);
  verdict.is_chunked = grammar.transfer_encodings > 0;
  const bool keep_alive = grammar.keep_alive() && !(minor_version == 0 && grammar.says_close);
  verdict.values =
      values_of(method, grammar.target, minor_version, keep_alive, grammar.content_encoding, grammar.fields);
  return verdict;
}

Verdict beasts_verdict(std::string_view bytes, const HttpLimits& limits, bool& repeats_length) {
  if (bytes.empty() || bytes == "\r") return {};
  const char first = bytes.front();
  if ((first < 'A' || first > 'Z') && (first < 'a' || first > 'z')) return refused(400, "this is not HTTP");
  const Verdict framed = find_end(bytes, limits);
  if (framed.kind == Verdict::Kind::refused || framed.header_bytes == 0) return framed;
  return judge(bytes.substr(0, framed.header_bytes), limits, repeats_length);
}

void append(ReadBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto space = buffer.free_space();
    const std::size_t count = std::min(space.size(), bytes.size());
    std::copy_n(bytes.data(), count, space.data());
    buffer.commit(count);
    bytes.remove_prefix(count);
  }
}

Verdict our_verdict(std::string_view bytes, const HttpLimits& limits, std::size_t cut) {
  RequestParser parser(limits);
  ReadBuffer buffer;
  RequestParser::Step step = RequestParser::Step::need_more;
  Verdict verdict;
  for (const std::string_view piece : {bytes.substr(0, cut), bytes.substr(std::min(cut, bytes.size()))}) {
    if (step != RequestParser::Step::need_more || piece.empty()) continue;
    append(buffer, piece);
    step = parser.parse(buffer);
    verdict.expects_continue |= parser.take_expects_continue();
  }
  if (step == RequestParser::Step::need_more) return verdict;
  if (step == RequestParser::Step::refused)
    return refused(parser.refusal().status, std::string(parser.refusal().reason));
  const HttpRequest& request = parser.request();
  verdict.kind = Verdict::Kind::accepted;
  verdict.values = values_of(to_string(request.method), request.target, parser.minor_version(), parser.keep_alive(),
                             parser.content_encoding(), request.headers);
  verdict.body_bytes = request.body.size();
  parser.next(buffer);
  verdict.header_bytes = bytes.size() - buffer.bytes().size();
  return verdict;
}

std::string disagreement(const Verdict& expected, const Verdict& ours) {
  if (expected.text() != ours.text()) return "Beast: " + expected.text() + "\nours: " + ours.text();
  if (expected.body_bytes != ours.body_bytes) return "the length of the body of " + ours.values;
  return {};
}

}  // namespace

Comparison compare_with_beast(std::string_view bytes, const HttpLimits& limits, std::size_t cut) {
  while (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  bool repeats_length = false;
  const Verdict expected = beasts_verdict(bytes, limits, repeats_length);
  const bool is_accepted = expected.kind == Verdict::Kind::accepted;
  if (!is_accepted) {
    for (const std::size_t at : {bytes.size(), std::min(cut, bytes.size())}) {
      const Verdict ours = our_verdict(bytes, limits, at);
      const bool is_too_large = ours.status == 431 && bytes.size() > limits.header_bytes_max;
      const bool may_differ = repeats_length || is_too_large;
      const bool both_refused = expected.kind == Verdict::Kind::refused && ours.kind == Verdict::Kind::refused;
      if (both_refused && may_differ) continue;
      if (std::string found = disagreement(expected, ours); !found.empty()) return {is_accepted, std::move(found)};
    }
    return {};
  }
  // With a body that fits, so that our parser has something to hand over.
  std::string request(bytes.substr(0, expected.header_bytes));
  request += expected.is_chunked ? "0\r\n\r\n" : std::string(static_cast<std::size_t>(expected.body_bytes), 'b');
  for (const std::size_t at : {request.size(), expected.header_bytes, std::min(cut, request.size())}) {
    const Verdict ours = our_verdict(request, limits, at);
    if (std::string found = disagreement(expected, ours); !found.empty()) return {is_accepted, std::move(found)};
    if (ours.header_bytes != request.size()) return {true, "where " + ours.values + " ends"};
    const bool waits_for_body = at == expected.header_bytes && at < request.size();
    if (waits_for_body && ours.expects_continue != expected.expects_continue)
      return {true, "100-continue for " + ours.values};
  }
  return {true, {}};
}

}  // namespace iot::net
