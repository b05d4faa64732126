#include "net/websocket/message_deflate.h"

#include <algorithm>
#include <array>
#include <new>

#include <zlib.h>

#include "net/read_buffer.h"

namespace iot::net {
namespace {

constexpr std::size_t step_bytes = 16u << 10;
/// Ends what a sync flush made; RFC 7692 section 7.2.1 takes it off the wire.
constexpr std::string_view flush_tail{"\x00\x00\xFF\xFF", 4};
/// Speed before size: messages are small, and each has a window of its own.
constexpr int effort = 1;
constexpr int memory_level = 8;

Bytef* bytes_of(std::string_view text) {
  // zlib's interface is older than const; it does not write to its input.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

struct MessageInflater::State {
  ~State() {
    if (is_ready) inflateEnd(&stream);
  }
  z_stream stream{};
  bool is_ready = false;
};

MessageInflater::MessageInflater() : state_(std::make_unique<State>()) {}
MessageInflater::~MessageInflater() = default;

MessageInflater::Outcome MessageInflater::inflate(std::string_view bytes, std::size_t bytes_max, std::string& out) {
  z_stream& stream = state_->stream;
  if (!state_->is_ready) {
    if (inflateInit2(&stream, -static_cast<int>(MessageDeflater::window_bits_max)) != Z_OK) throw std::bad_alloc();
    state_->is_ready = true;
  } else {
    inflateReset(&stream);
  }
  out.clear();
  std::size_t used = 0;
  for (const std::string_view part : {bytes, flush_tail}) {
    stream.next_in = bytes_of(part);
    stream.avail_in = static_cast<uInt>(part.size());
    do {
      if (used > bytes_max) return Outcome::too_large;
      if (used == out.size()) out.resize(std::min(std::max(2 * used, step_bytes), bytes_max + 1));
      stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
      stream.avail_out = static_cast<uInt>(out.size() - used);
      const int code = ::inflate(&stream, Z_SYNC_FLUSH);
      used = out.size() - stream.avail_out;
      // Without progress there is nothing left to take out.
      if (code == Z_BUF_ERROR) break;
      if (code != Z_OK && code != Z_STREAM_END) return Outcome::malformed;
      // A sender may end its stream, and then goes on with a new one (RFC 7692 section 7.2.3.4).
      if (code == Z_STREAM_END) inflateReset(&stream);
    } while (stream.avail_in > 0 || stream.avail_out == 0);
  }
  if (used > bytes_max) return Outcome::too_large;
  out.resize(used);
  out.reserve(used + ReadBuffer::padding_bytes);
  return Outcome::inflated;
}

struct MessageDeflater::State {
  ~State() {
    for (auto& stream : streams) {
      if (stream) deflateEnd(stream.get());
    }
  }
  std::array<std::unique_ptr<z_stream>, window_bits_max + 1> streams;  ///< by bits of window, made when first needed
};

MessageDeflater::MessageDeflater() : state_(std::make_unique<State>()) {}
MessageDeflater::~MessageDeflater() = default;

void MessageDeflater::deflate(std::string_view message, unsigned window_bits, std::string& out) {
  auto& stream = state_->streams[std::clamp(window_bits, window_bits_min, window_bits_max)];
  if (!stream) {
    auto made = std::make_unique<z_stream>();
    if (deflateInit2(made.get(), effort, Z_DEFLATED, -static_cast<int>(window_bits), memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
    stream = std::move(made);
  } else {
    deflateReset(stream.get());
  }
  stream->next_in = bytes_of(message);
  stream->avail_in = static_cast<uInt>(message.size());
  const std::size_t start = out.size();
  std::size_t used = start;
  do {
    out.resize(std::max(used + step_bytes, start + message.size() / 2));
    stream->next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream->avail_out = static_cast<uInt>(out.size() - used);
    ::deflate(stream.get(), Z_SYNC_FLUSH);
    used = out.size() - stream->avail_out;
  } while (stream->avail_out == 0);
  out.resize(used - flush_tail.size());
}

}  // namespace iot::net
