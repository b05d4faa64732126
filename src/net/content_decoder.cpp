#include "net/content_decoder.h"

#include <algorithm>
#include <new>

#include <zlib.h>
#include <zstd.h>

#include "net/letters.h"
#include "net/read_buffer.h"

namespace iot::net {

namespace {

/// 15 bits of window, and only gzip's own header (zlib.h, inflateInit2).
constexpr int gzip_window_bits = 15 + 16;
/// A frame may ask for up to 2 GiB of window; RFC 8878 section 3.1.1.1.2 recommends to support 8 MiB.
constexpr int zstd_window_log_max = 23;
constexpr std::size_t step_bytes = 64u << 10;

/// Room for the next piece, and one byte more than allowed so that excess shows. False if the bound is passed.
bool make_room(std::string& out, std::size_t used, std::size_t bytes_max) {
  if (used > bytes_max) return false;
  if (used == out.size()) out.resize(std::min(std::max(2 * used, step_bytes), bytes_max + 1));
  return true;
}

}  // namespace

ContentCoding parse_content_coding(std::string_view name) noexcept {
  if (name.empty() || equal_ignoring_case(name, "identity")) return ContentCoding::identity;
  if (equal_ignoring_case(name, "gzip") || equal_ignoring_case(name, "x-gzip")) return ContentCoding::gzip;
  if (equal_ignoring_case(name, "zstd")) return ContentCoding::zstd;
  return ContentCoding::unknown;
}

/// Made when first needed: they hold tens of kilobytes.
struct ContentDecoder::State {
  ~State() {
    if (gzip_ready) inflateEnd(&gzip);
    ZSTD_freeDCtx(zstd);
  }
  z_stream gzip{};
  bool gzip_ready = false;
  ZSTD_DCtx* zstd = nullptr;
};

ContentDecoder::ContentDecoder() : state_(std::make_unique<State>()) {}
ContentDecoder::~ContentDecoder() = default;

ContentDecoder::Outcome ContentDecoder::decode(ContentCoding coding, std::string_view bytes, std::size_t bytes_max,
                                               std::string& out) {
  out.clear();
  Outcome outcome = Outcome::malformed;
  switch (coding) {
    case ContentCoding::identity:
      if (bytes.size() > bytes_max) return Outcome::too_large;
      out.assign(bytes);
      outcome = Outcome::decoded;
      break;
    case ContentCoding::gzip:
      outcome = decode_gzip(bytes, bytes_max, out);
      break;
    case ContentCoding::zstd:
      outcome = decode_zstd(bytes, bytes_max, out);
      break;
    case ContentCoding::unknown:
      break;
  }
  out.reserve(out.size() + ReadBuffer::padding_bytes);
  return outcome;
}

ContentDecoder::Outcome ContentDecoder::decode_gzip(std::string_view bytes, std::size_t bytes_max, std::string& out) {
  z_stream& stream = state_->gzip;
  if (!state_->gzip_ready) {
    if (inflateInit2(&stream, gzip_window_bits) != Z_OK) throw std::bad_alloc();
    state_->gzip_ready = true;
  } else {
    inflateReset(&stream);
  }
  // zlib's interface is older than const; it does not write to its input.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::size_t used = 0;
  for (;;) {
    if (!make_room(out, used, bytes_max)) return Outcome::too_large;
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(out.size() - used);
    const int code = inflate(&stream, Z_NO_FLUSH);
    used = out.size() - stream.avail_out;
    if (code == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      // RFC 1952 section 2.2: a file is a series of members.
      inflateReset(&stream);
      continue;
    }
    if (code != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) return Outcome::malformed;
  }
  if (used > bytes_max) return Outcome::too_large;
  out.resize(used);
  return Outcome::decoded;
}

ContentDecoder::Outcome ContentDecoder::decode_zstd(std::string_view bytes, std::size_t bytes_max, std::string& out) {
  if (!state_->zstd) {
    state_->zstd = ZSTD_createDCtx();
    if (!state_->zstd) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(state_->zstd, ZSTD_d_windowLogMax, zstd_window_log_max);
  }
  ZSTD_DCtx_reset(state_->zstd, ZSTD_reset_session_only);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::size_t used = 0;
  for (;;) {
    if (!make_room(out, used, bytes_max)) return Outcome::too_large;
    ZSTD_outBuffer to{out.data(), out.size(), used};
    const std::size_t taken_before = in.pos;
    const std::size_t hint = ZSTD_decompressStream(state_->zstd, &to, &in);
    if (ZSTD_isError(hint)) return Outcome::malformed;
    const bool progress = to.pos > used || in.pos > taken_before;
    used = to.pos;
    if (in.pos == in.size && hint == 0) break;
    if (in.pos == in.size && !progress) return Outcome::malformed;
  }
  if (used > bytes_max) return Outcome::too_large;
  out.resize(used);
  return Outcome::decoded;
}

}  // namespace iot::net
