// The header of an HTTP/1.0 or HTTP/1.1 request (RFC 9112 sections 2 to 5): its grammar, and the few fields that say
// how the request goes on. Bytes in, values out; what follows from the values, and the body, is net/request_parser.h.
//
// Strict where two parties on the way could disagree: lines end with CR LF and with nothing else, no line is folded, a
// name is followed by its colon at once, no value has a control but HTAB. Letters past ASCII pass, in the target and in
// values: older clients send them, and nothing here depends on what they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/http_server.h"

namespace iot::net {

/// Why a request is not handed to anybody: an HTTP status and a sentence that lives as long as the program.
struct Refusal {
  unsigned status = 400;
  std::string_view reason;

  explicit operator bool() const noexcept { return !reason.empty(); }
};

struct RequestHeader {
  Method method = Method::other;
  unsigned minor_version = 1;  ///< 0 or 1
  std::string_view target;
  std::vector<HeaderView> fields;
  std::size_t bytes = 0;  ///< with the empty line at the end

  unsigned hosts = 0;
  std::optional<std::uint64_t> content_length;
  unsigned transfer_encodings = 0;  ///< fields, not codings
  bool only_chunked = true;         ///< no Transfer-Encoding says anything but "chunked"
  /// The last coding of a Transfer-Encoding is chunked, maybe behind others.
  bool ends_chunked = false;
  std::string_view content_encoding;
  bool duplicate_content_encoding = false;
  std::string_view expect;
  bool says_close = false;
  bool says_keep_alive = false;
};

class HeaderParser {
 public:
  enum class Step {
    need_more,  ///< Call again when there are more bytes.
    complete,   ///< header() is there.
    refused,    ///< refusal() says why.
  };

  /// `limits` must outlive the parser.
  explicit HeaderParser(const HttpLimits& limits) : limits_(limits) {}
  HeaderParser(const HeaderParser&) = delete;

  /// Goes on with the header that `bytes` begin with: all of it that has arrived, wherever it lies by now. However many
  /// pieces it comes in, each byte is looked at a fixed number of times.
  Step parse(std::string_view bytes);
  /// Gets ready for another header.
  void reset() noexcept;

  /// After complete. The views point into the bytes last given to parse() or follow().
  const RequestHeader& header() const noexcept { return header_; }
  const Refusal& refusal() const noexcept { return refusal_; }
  /// The header's bytes now lie at `base`.
  void follow(const char* base) noexcept;

 private:
  Step refuse(unsigned status, std::string_view reason) noexcept;
  void find_fault(unsigned status, std::string_view reason) noexcept;
  void find_fault_of_line(std::string_view line) noexcept;
  /// Each takes a line and returns where the next begins, or nullptr if it is malformed or not there to its end.
  const char* take_line(const char* line, const char* end);
  const char* take_request_line(const char* line, const char* end) noexcept;
  const char* take_field(const char* line, const char* end);
  void take_known_field(std::string_view name, std::string_view value) noexcept;
  void take_connection(std::string_view value) noexcept;
  void take_content_length(std::string_view value) noexcept;
  void take_transfer_encoding(std::string_view value) noexcept;

  const HttpLimits& limits_;
  RequestHeader header_;
  Refusal refusal_;
  /// The first thing wrong within a line. It is told once the header has come to its end: until then a line that ends
  /// wrongly or a header that is too large counts for more.
  Refusal fault_;
  const char* base_ = nullptr;      ///< where the views point to
  std::size_t lines_bytes_ = 0;     ///< of lines that are done
  std::size_t searched_bytes_ = 0;  ///< past lines_bytes_, no line feed is before it
};

}  // namespace iot::net
