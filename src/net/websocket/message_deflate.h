// permessage-deflate (RFC 7692): one message in, one message out.
//
// Neither side keeps its window from one message to the next (both no_context_takeover parameters are always agreed
// on), so the states belong to an event loop and not to a connection: a hundred thousand connections cost what one
// does. See docs/decisions/0010-websocket.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace iot::net {

/// Keeps its state for the next message; one for each thread.
class MessageInflater {
 public:
  enum class Outcome {
    inflated,
    malformed,  ///< Damaged, or not of this coding.
    too_large,  ///< More than `bytes_max` came out.
  };

  MessageInflater();
  ~MessageInflater();

  /// Replaces `out` by the message that `bytes` are the payload of, with at least ReadBuffer::padding_bytes of capacity
  /// behind it.
  Outcome inflate(std::string_view bytes, std::size_t bytes_max, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class MessageDeflater {
 public:
  /// What zlib has for raw streams; a client that allows only less gets no compression.
  static constexpr unsigned window_bits_min = 9;
  static constexpr unsigned window_bits_max = 15;

  MessageDeflater();
  ~MessageDeflater();

  /// Appends the payload that `message` is sent as to `out`. `window_bits` is what the client agreed to.
  void deflate(std::string_view message, unsigned window_bits, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iot::net
