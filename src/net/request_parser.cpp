#include "net/request_parser.h"

#include <algorithm>

#include "net/letters.h"

namespace iot::net {

RequestParser::RequestParser(const HttpLimits& limits)
    : limits_(limits), header_(limits), chunks_(limits.body_bytes_max, limits.header_bytes_max) {}

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
  if (refusal_) return Step::refused;
  const std::string_view bytes = buffer.bytes();
  switch (header_.parse(bytes)) {
    case HeaderParser::Step::need_more:
      return Step::need_more;
    case HeaderParser::Step::refused:
      return refuse(header_.refusal().status, header_.refusal().reason);
    case HeaderParser::Step::complete:
      break;
  }
  if (!accept_header(header_.header())) return Step::refused;
  follow(bytes.data());
  return phase_ == Phase::chunked_body ? parse_chunked_body(buffer) : parse_sized_body(buffer);
}

bool RequestParser::accept_header(const RequestHeader& header) {
  if (header.content_length && *header.content_length > limits_.body_bytes_max) {
    refuse(413, "the body is too large");
    return false;
  }
  if (header.target.size() > limits_.target_bytes_max) {
    refuse(414, "the request target is too long");
    return false;
  }
  if (header.fields.size() > limits_.headers_max) {
    refuse(431, "the header has too many fields");
    return false;
  }
  if (header.hosts > 1 || (header.hosts == 0 && header.minor_version == 1)) {
    refuse(400, "there must be one Host field");
    return false;
  }
  if (header.transfer_encodings > 0) {
    if (header.content_length || header.minor_version == 0) {
      refuse(400, "Transfer-Encoding does not go with Content-Length or HTTP/1.0");
      return false;
    }
    if (header.transfer_encodings > 1 || !header.only_chunked) {
      refuse(501, "the only transfer coding is chunked");
      return false;
    }
  }
  if (header.duplicate_content_encoding) {
    refuse(415, "more than one Content-Encoding");
    return false;
  }
  header_bytes_ = header.bytes;
  request_.method = header.method;
  request_.body = {};
  // RFC 9112 section 9.3: "close" has the last word.
  keep_alive_ = !header.says_close && (header.minor_version == 1 || header.says_keep_alive);

  const bool has_body = header.content_length || header.transfer_encodings > 0;
  const bool wants_body =
      request_.method == Method::post || request_.method == Method::put || request_.method == Method::patch;
  if (wants_body && !has_body && limits_.length_required) {
    refuse(411, "the request has no Content-Length");
    return false;
  }
  if (!header.expect.empty() && header.minor_version == 1) {
    if (!equal_ignoring_case(header.expect, "100-continue")) {
      refuse(417, "the only expectation is 100-continue");
      return false;
    }
    expects_continue_ = has_body;
  }
  body_bytes_ = 0;
  if (header.transfer_encodings > 0) {
    phase_ = Phase::chunked_body;
    chunks_.reset();
    chunked_body_.clear();
  } else {
    phase_ = Phase::sized_body;
    body_bytes_ = static_cast<std::size_t>(header.content_length.value_or(0));
  }
  return true;
}

RequestParser::Step RequestParser::parse_sized_body(ReadBuffer& buffer) {
  const std::string_view bytes = buffer.bytes();
  if (bytes.size() - header_bytes_ < body_bytes_) return Step::need_more;
  follow(bytes.data());
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
  follow(buffer.bytes().data());
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

void RequestParser::follow(const char* base) noexcept {
  if (base == base_) return;
  base_ = base;
  header_.follow(base);
  const RequestHeader& header = header_.header();
  request_.target = header.target;
  request_.path = header.target.substr(0, header.target.find('?'));
  request_.query = header.target.substr(std::min(request_.path.size() + 1, header.target.size()));
  request_.headers = header.fields;
}

void RequestParser::next(ReadBuffer& buffer) {
  buffer.consume(header_bytes_ + body_bytes_);
  // Assigning an empty string would keep the memory.
  if (chunked_body_.capacity() > ReadBuffer::initial_bytes) std::string().swap(chunked_body_);
  phase_ = Phase::header;
  started_ = false;
  base_ = nullptr;
  header_.reset();
}

RequestParser::Step RequestParser::refuse(unsigned status, std::string_view reason) noexcept {
  refusal_ = {status, reason};
  return Step::refused;
}

}  // namespace iot::net
