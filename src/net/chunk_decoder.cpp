#include "net/chunk_decoder.h"

#include <algorithm>
#include <charconv>

#include "net/letters.h"

namespace iot::net {

void ChunkDecoder::reset() noexcept {
  expected_ = Expected::size;
  chunk_bytes_left_ = 0;
  trailer_bytes_ = 0;
}

ChunkDecoder::Step ChunkDecoder::decode(std::string_view bytes, std::string& body, std::size_t& taken) {
  taken = 0;
  for (;;) {
    const std::string_view rest = bytes.substr(taken);
    if (expected_ == Expected::data) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_bytes_left_, rest.size()));
      body.append(rest.substr(0, count));
      taken += count;
      chunk_bytes_left_ -= count;
      if (chunk_bytes_left_ > 0) return Step::need_more;
      expected_ = Expected::end_of_data;
      continue;
    }
    if (expected_ == Expected::end_of_data) {
      if (!std::string_view("\r\n").starts_with(rest.substr(0, 2))) return Step::malformed;
      if (rest.size() < 2) return Step::need_more;
      taken += 2;
      expected_ = Expected::size;
      continue;
    }
    const std::size_t line_feed = rest.find('\n');
    if (std::min(line_feed, rest.size()) > line_bytes_max_) return Step::malformed;
    if (line_feed == std::string_view::npos) return Step::need_more;
    if (line_feed == 0 || rest[line_feed - 1] != '\r') return Step::malformed;
    const std::string_view line = rest.substr(0, line_feed - 1);
    taken += line_feed + 1;
    const Step step = expected_ == Expected::size ? take_size(line, body.size()) : take_trailer(line);
    if (step != Step::need_more) return step;
  }
}

/// need_more: go on.
ChunkDecoder::Step ChunkDecoder::take_size(std::string_view line, std::size_t body_bytes) {
  // chunk-size [ chunk-ext ], where an extension begins with a semicolon, maybe behind blanks.
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (error == std::errc::result_out_of_range) return Step::too_large;
  if (error != std::errc{}) return Step::malformed;
  const std::string_view extension = line.substr(static_cast<std::size_t>(end - line.data()));
  const std::size_t semicolon = extension.find_first_not_of(" \t");
  if (!extension.empty() && (semicolon == std::string_view::npos || extension[semicolon] != ';'))
    return Step::malformed;
  if (has_control(extension)) return Step::malformed;
  if (size > body_bytes_max_ - body_bytes) return Step::too_large;
  chunk_bytes_left_ = size;
  expected_ = size > 0 ? Expected::data : Expected::trailer;
  return Step::need_more;
}

ChunkDecoder::Step ChunkDecoder::take_trailer(std::string_view line) {
  if (line.empty()) return Step::done;
  trailer_bytes_ += line.size();
  const std::size_t colon = line.find(':');
  if (trailer_bytes_ > line_bytes_max_ || colon == 0 || colon == std::string_view::npos) return Step::malformed;
  if (!std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), is_token_letter))
    return Step::malformed;
  return has_control(line.substr(colon)) ? Step::malformed : Step::need_more;
}

}  // namespace iot::net
