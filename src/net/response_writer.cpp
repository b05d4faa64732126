#include "net/response_writer.h"

#include <algorithm>
#include <charconv>

#include <boost/beast/http/status.hpp>

namespace iot::net {

namespace {

/// What the frame says about the connection; HTTP/1.1 goes on and HTTP/1.0 ends unless told.
std::string_view connection_line(const ResponseFrame& frame) noexcept {
  if (!frame.keep_alive) return "Connection: close\r\n";
  return frame.minor_version == 0 ? "Connection: keep-alive\r\n" : "";
}

/// A line break in a value would let its author write header fields of his own.
void append_field_value(std::string& out, std::string_view value) {
  for (const char letter : value) out += letter == '\r' || letter == '\n' ? ' ' : letter;
}

void append_number(std::string& out, std::size_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

std::string_view reason_phrase(unsigned status) noexcept {
  return boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
}

bool has_content(unsigned status) noexcept {
  return status >= 200 && status != 204 && status != 304;
}

void append_response_head(std::string& out, const HttpResponse& response, const ResponseFrame& frame) {
  out += "HTTP/1.1 ";
  append_number(out, response.status);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  out += frame.date_line;
  if (has_content(response.status)) {
    if (!response.content_type.empty()) {
      out += "Content-Type: ";
      append_field_value(out, response.content_type);
      out += "\r\n";
    }
    if (!response.rest) {
      out += "Content-Length: ";
      append_number(out, response.body.size());
      out += "\r\n";
    } else if (frame.minor_version > 0) {
      out += "Transfer-Encoding: chunked\r\n";
    }
  }
  for (const auto& [name, value] : response.headers) {
    append_field_value(out, name);
    out += ": ";
    append_field_value(out, value);
    out += "\r\n";
  }
  out += connection_line(frame);
  out += "\r\n";
}

void append_chunk_head(std::string& out, std::size_t piece_bytes) {
  char digits[16];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, piece_bytes, 16).ptr);
  out += "\r\n";
}

std::string_view chunk_end(bool last) noexcept {
  return last ? "\r\n0\r\n\r\n" : "\r\n";
}

void append_static_response(std::string& out, std::string_view whole_response, const ResponseFrame& frame) {
  const std::size_t status_line = whole_response.find("\r\n") + 2;
  out += whole_response.substr(0, status_line);
  out += frame.date_line;
  out += connection_line(frame);
  std::string_view rest = whole_response.substr(status_line);
  if (frame.head_only) rest = rest.substr(0, rest.find("\r\n\r\n") + 4);
  out += rest;
}

}  // namespace iot::net
