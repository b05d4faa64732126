// One client's socket: non-blocking, with what could not be sent yet and what has not been understood yet.
//
// On one thread. Whoever holds it waits for readiness (crowd.h).
#pragma once

#include <memory>
#include <string>

#include "bench/dialogue.h"
#include "bench/target.h"

namespace iot::bench {

class Connection {
 public:
  enum class State {
    idle,        ///< Has no socket.
    connecting,  ///< TCP's handshake is under way.
    opening,     ///< The server has not let it in yet.
    open,
    failed,  ///< Ended before it was told to; has no socket any more.
  };

  explicit Connection(std::unique_ptr<Dialogue> dialogue) : dialogue_(std::move(dialogue)) {}
  Connection(const Connection&) = delete;
  Connection(Connection&& other) noexcept;
  ~Connection() { close(); }

  /// Begins to connect; an errno if that fails at once.
  int connect(const Target& target);
  /// After TCP's handshake: says what the client says first. An errno.
  int begin_dialogue();
  void close() noexcept;

  /// Sends what waits, as much as goes now. False if the connection is of no more use.
  bool flush();
  /// Reads all there is and lets the dialogue take it. False once the other side has ended it, or after
  /// DialogueEvents::failed(). `until_end`: the end is known to have come, behind what there is.
  bool receive(bool until_end, DialogueEvents& events);

  std::string& out() noexcept { return out_; }
  bool has_unsent() const noexcept { return sent_ < out_.size(); }
  Dialogue& dialogue() noexcept { return *dialogue_; }
  const Dialogue& dialogue() const noexcept { return *dialogue_; }
  int socket() const noexcept { return socket_; }
  State state() const noexcept { return state_; }
  void set_state(State state) noexcept { state_ = state; }

 private:
  void take(std::string_view received, DialogueEvents& events);

  std::unique_ptr<Dialogue> dialogue_;
  int socket_ = -1;
  State state_ = State::idle;
  std::string out_;
  std::size_t sent_ = 0;
  /// The beginning of something that is not whole.
  std::string rest_;
};

}  // namespace iot::bench
