#include "net/request_parser.h"

#include <algorithm>
#include <limits>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace iot::net {

namespace http = boost::beast::http;
using boost::beast::iequals;

namespace {

Method method_of(http::verb verb) noexcept {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::delete_;
    case http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

/// The method, the blanks, the version and CR LF beside the target; a method of ours has at most seven letters, others
/// are at most as long as Beast's longest.
constexpr std::size_t longest_request_line_rest = 32;

/// Whether a request line that is otherwise in order names another version of HTTP.
bool names_other_version(std::string_view header) noexcept {
  const std::string_view line = header.substr(0, header.find('\r'));
  if (line.size() < 8 || std::count(line.begin(), line.end(), ' ') != 2) return false;
  const std::string_view version = line.substr(line.size() - 8);
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  return version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
}

}  // namespace

/// Beast's parser, fed with a whole header at once: its views then point into our buffer.
class RequestParser::Grammar final : public http::basic_parser<true> {
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

 public:
  explicit Grammar(std::size_t body_limit) {
    // Limits on the header are ours: it is complete when it comes here.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    this->body_limit(body_limit);
  }

  http::verb verb = http::verb::unknown;
  std::string_view target;
  int version = 11;
  std::vector<HeaderView>* headers = nullptr;
  unsigned hosts = 0;
  unsigned content_lengths = 0;
  bool content_length_list = false;
  unsigned transfer_encodings = 0;
  bool only_chunked = true;
  bool duplicate_encoding = false;
  std::string_view content_encoding;
  std::string_view expect;

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
    headers->push_back({name, value});
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

RequestParser::RequestParser(const HttpLimits& limits)
    : limits_(limits), chunks_(limits.body_bytes_max, limits.header_bytes_max) {}

RequestParser::Step RequestParser::parse(ReadBuffer& buffer) {
  switch (phase_) {
    case Phase::header:
      return parse_header(buffer);
    case Phase::sized_body:
      return parse_sized_body(buffer);
    case Phase::chunked_body:
      return parse_chunked_body(buffer);
    case Phase::complete:
      return Step::complete;
  }
  return refuse(400, "");
}

std::size_t RequestParser::find_header_end(std::string_view bytes) {
  // Line by line from where the last call stopped, so that a header that comes byte by byte is looked at once.
  while (lines_seen_ < bytes.size()) {
    const std::string_view rest = bytes.substr(lines_seen_);
    const std::size_t line_feed = rest.find('\n');
    if (lines_seen_ == 0 && std::min(line_feed, rest.size()) > limits_.target_bytes_max + longest_request_line_rest) {
      refuse(414, "the request target is too long");
      return 0;
    }
    if (line_feed == std::string_view::npos) break;
    if (line_feed == 0 || rest[line_feed - 1] != '\r') {
      refuse(400, "a line of the header does not end with CR LF");
      return 0;
    }
    if (lines_seen_ > 0 && (rest[0] == ' ' || rest[0] == '\t')) {
      refuse(400, "a header field is folded over several lines");
      return 0;
    }
    lines_seen_ += line_feed + 1;
    if (line_feed == 1) break;
  }
  const bool ended = lines_seen_ >= 4 && bytes.substr(lines_seen_ - 4, 4) == "\r\n\r\n";
  if ((ended ? lines_seen_ : bytes.size()) > limits_.header_bytes_max) {
    refuse(431, "the header is too large");
    return 0;
  }
  return ended ? lines_seen_ : 0;
}

RequestParser::Step RequestParser::parse_header(ReadBuffer& buffer) {
  if (!started_) {
    // RFC 9112 section 2.2: empty lines before a request are passed over.
    while (buffer.bytes().starts_with("\r\n")) buffer.consume(2);
    if (buffer.bytes().empty() || buffer.bytes() == "\r") return Step::need_more;
    started_ = true;
    refusal_ = {};
    // Another protocol (TLS, say) may never send the end of a line that would give it away.
    const char first = buffer.bytes().front();
    if ((first < 'A' || first > 'Z') && (first < 'a' || first > 'z')) return refuse(400, "this is not HTTP");
  }
  header_bytes_ = find_header_end(buffer.bytes());
  if (!refusal_.reason.empty()) return Step::refused;
  if (header_bytes_ == 0) return Step::need_more;
  base_ = buffer.bytes().data();
  if (!accept_header(buffer.bytes().substr(0, header_bytes_))) return Step::refused;
  return phase_ == Phase::chunked_body ? parse_chunked_body(buffer) : parse_sized_body(buffer);
}

bool RequestParser::accept_header(std::string_view header) {
  Grammar grammar(limits_.body_bytes_max);
  headers_.clear();
  grammar.headers = &headers_;
  boost::beast::error_code error;
  grammar.put({header.data(), header.size()}, error);
  if (error == http::error::body_limit) {
    refuse(413, "the body is too large");
    return false;
  }
  if (error == http::error::bad_version && names_other_version(header)) {
    refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    return false;
  }
  if (error == http::error::bad_content_length || error == http::error::multiple_content_length) {
    refuse(400, "the body's length is given twice or is no number");
    return false;
  }
  if (error || !grammar.is_header_done()) {
    refuse(400, "the header is malformed");
    return false;
  }
  if (grammar.target.size() > limits_.target_bytes_max) {
    refuse(414, "the request target is too long");
    return false;
  }
  if (headers_.size() > limits_.headers_max) {
    refuse(431, "the header has too many fields");
    return false;
  }
  minor_version_ = grammar.version == 11 ? 1 : 0;
  if (grammar.hosts > 1 || (grammar.hosts == 0 && minor_version_ == 1)) {
    refuse(400, "there must be one Host field");
    return false;
  }
  if (grammar.content_lengths > 1 || grammar.content_length_list) {
    refuse(400, "the body's length is given twice or is no number");
    return false;
  }
  if (grammar.transfer_encodings > 0) {
    if (grammar.content_lengths > 0 || minor_version_ == 0) {
      refuse(400, "Transfer-Encoding does not go with Content-Length or HTTP/1.0");
      return false;
    }
    if (grammar.transfer_encodings > 1 || !grammar.only_chunked) {
      refuse(501, "the only transfer coding is chunked");
      return false;
    }
  }
  if (grammar.duplicate_encoding) {
    refuse(415, "more than one Content-Encoding");
    return false;
  }
  request_.method = method_of(grammar.verb);
  request_.target = grammar.target;
  request_.path = grammar.target.substr(0, grammar.target.find('?'));
  request_.query = grammar.target.substr(std::min(request_.path.size() + 1, grammar.target.size()));
  request_.headers = headers_;
  request_.body = {};
  keep_alive_ = grammar.keep_alive();
  content_encoding_ = grammar.content_encoding;

  const bool has_body = grammar.content_lengths > 0 || grammar.transfer_encodings > 0;
  const bool wants_body =
      request_.method == Method::post || request_.method == Method::put || request_.method == Method::patch;
  if (wants_body && !has_body) {
    refuse(411, "the request has no Content-Length");
    return false;
  }
  if (!grammar.expect.empty() && minor_version_ == 1) {
    if (!iequals(grammar.expect, "100-continue")) {
      refuse(417, "the only expectation is 100-continue");
      return false;
    }
    expects_continue_ = has_body;
  }
  body_bytes_ = 0;
  if (grammar.transfer_encodings > 0) {
    phase_ = Phase::chunked_body;
    chunks_.reset();
    chunked_body_.clear();
  } else {
    phase_ = Phase::sized_body;
    body_bytes_ = static_cast<std::size_t>(grammar.content_length().value_or(0));
  }
  return true;
}

RequestParser::Step RequestParser::parse_sized_body(ReadBuffer& buffer) {
  const std::string_view bytes = buffer.bytes();
  if (bytes.size() - header_bytes_ < body_bytes_) return Step::need_more;
  rebase(bytes.data());
  request_.body = bytes.substr(header_bytes_, body_bytes_);
  expects_continue_ = false;
  phase_ = Phase::complete;
  return Step::complete;
}

RequestParser::Step RequestParser::parse_chunked_body(ReadBuffer& buffer) {
  std::size_t taken = 0;
  const ChunkDecoder::Step step = chunks_.decode(buffer.bytes().substr(header_bytes_), chunked_body_, taken);
  // The coding goes at once, so that it cannot pile up; what stays in the buffer is the header.
  if (taken > 0) buffer.take_out(header_bytes_, taken);
  rebase(buffer.bytes().data());
  switch (step) {
    case ChunkDecoder::Step::need_more:
      return Step::need_more;
    case ChunkDecoder::Step::done:
      break;
    case ChunkDecoder::Step::malformed:
      return refuse(400, "the chunked body is malformed");
    case ChunkDecoder::Step::too_large:
      return refuse(413, "the body is too large");
  }
  // A reader past the end finds the padding inside the string's own memory.
  chunked_body_.reserve(chunked_body_.size() + ReadBuffer::padding_bytes);
  request_.body = chunked_body_;
  expects_continue_ = false;
  body_bytes_ = 0;
  phase_ = Phase::complete;
  return Step::complete;
}

void RequestParser::rebase(const char* base) noexcept {
  if (base == base_) return;
  const auto move = [&](std::string_view& view) {
    if (!view.empty()) view = {base + (view.data() - base_), view.size()};
  };
  for (HeaderView& header : headers_) {
    move(header.name);
    move(header.value);
  }
  move(request_.target);
  move(request_.path);
  move(request_.query);
  move(content_encoding_);
  base_ = base;
}

void RequestParser::next(ReadBuffer& buffer) {
  buffer.consume(header_bytes_ + body_bytes_);
  // Assigning an empty string would keep the memory.
  if (chunked_body_.capacity() > ReadBuffer::initial_bytes) std::string().swap(chunked_body_);
  phase_ = Phase::header;
  started_ = false;
  lines_seen_ = 0;
}

RequestParser::Step RequestParser::refuse(unsigned status, std::string_view reason) noexcept {
  refusal_ = {status, reason};
  return Step::refused;
}

}  // namespace iot::net
