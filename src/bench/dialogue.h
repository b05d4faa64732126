// What a client of one protocol says and understands, on one connection: bytes in, bytes out, no socket. Written for
// load: a message is encoded once, and afterwards only what differs is patched.
//
// Belongs to one connection, on one thread. Times are nanoseconds of the caller's clock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace iot::bench {

/// What the received bytes meant. Must not come back into the dialogue that calls.
class DialogueEvents {
 public:
  virtual ~DialogueEvents() = default;
  /// The server let this client in: messages may be sent.
  virtual void opened() = 0;
  /// A message was answered that was due then. `fault` is empty if it was taken, else names the answer.
  virtual void answered(std::int64_t due_ns, std::string_view fault) = 0;
  /// A message came from somebody else.
  virtual void delivered(std::string_view payload) = 0;
  /// The answer to append_barrier().
  virtual void passed_barrier() = 0;
  /// The server refuses this client or says what it must not: the connection is of no more use. `fault` names it.
  virtual void failed(std::string_view fault) = 0;
};

class Dialogue {
 public:
  virtual ~Dialogue() = default;

  /// Appends what the client says first. Starts over: also for a new connection after the first one has ended.
  /// True if it may send messages without having been answered.
  virtual bool open(std::string& out) = 0;
  /// Whether a message is answered at all.
  virtual bool has_answers() const = 0;
  /// Messages without an answer so far; always 0 without answers.
  virtual std::size_t in_flight() const = 0;
  /// Whether in_flight() is the window.
  virtual bool is_full() const = 0;
  /// Appends the next message. Once opened, and not when full.
  virtual void append_message(std::string& out, std::int64_t due_ns) = 0;
  /// Appends what the server answers when it has taken all that was sent before.
  virtual void append_barrier(std::string& out) = 0;
  /// Takes what is whole at the front of the received bytes, appends what it asks to be answered at once, and gives how
  /// many bytes it took. After failed() nothing is left to do.
  virtual std::size_t take(std::string_view received, std::string& out, DialogueEvents& events) = 0;
};

}  // namespace iot::bench
