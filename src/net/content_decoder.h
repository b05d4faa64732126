// Bodies with a Content-Encoding: gzip (RFC 1952) and zstd (RFC 8878), with a bound on what comes out, so that a small
// body cannot make the server hold a large one.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/failure.h"

namespace iot::net {

enum class ContentCoding { identity, gzip, zstd, unknown };
/// By the header's value, in any case; "" and "identity" are identity, "x-gzip" is gzip.
ContentCoding parse_content_coding(std::string_view name) noexcept;

/// Keeps its states for the next body: one for each thread.
class ContentDecoder {
 public:
  enum class Outcome {
    decoded,
    malformed,  ///< Not of this coding, damaged, cut short, or with something behind it.
    too_large,  ///< More than `bytes_max` came out.
  };

  ContentDecoder();
  ~ContentDecoder();

  /// Replaces `out` by the decoded form of `bytes`, with at least ReadBuffer::padding_bytes of capacity behind it.
  Outcome decode(ContentCoding coding, std::string_view bytes, std::size_t bytes_max, std::string& out);

 private:
  struct State;
  Outcome decode_gzip(std::string_view bytes, std::size_t bytes_max, std::string& out);
  Outcome decode_zstd(std::string_view bytes, std::size_t bytes_max, std::string& out);
  std::unique_ptr<State> state_;
};

}  // namespace iot::net
