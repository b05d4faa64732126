// Takes the chunked transfer coding (RFC 9112 section 7.1) off a body. Extensions and trailers are passed over.
//
// Not Beast's: its parser asserts that more bytes come with each call than an empty body may have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace iot::net {

class ChunkDecoder {
 public:
  enum class Step { need_more, done, malformed, too_large };

  /// `body_bytes_max` bounds the body, `line_bytes_max` each line between chunks and all trailers together.
  ChunkDecoder(std::size_t body_bytes_max, std::size_t line_bytes_max) noexcept
      : body_bytes_max_(body_bytes_max), line_bytes_max_(line_bytes_max) {}

  /// Gets ready for another body.
  void reset() noexcept;
  /// Goes on with `bytes`, which begin where the last call stopped taking; appends to `body` and says in `taken` how
  /// many were of use. What is left is wanted again, with more behind it.
  Step decode(std::string_view bytes, std::string& body, std::size_t& taken);

 private:
  enum class Expected { size, data, end_of_data, trailer };

  Step take_size(std::string_view line, std::size_t body_bytes);
  Step take_trailer(std::string_view line);

  std::size_t body_bytes_max_;
  std::size_t line_bytes_max_;
  Expected expected_ = Expected::size;
  std::uint64_t chunk_bytes_left_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace iot::net
