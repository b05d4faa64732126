// A client for tests: raw bytes over a blocking loopback socket, every wait with a deadline.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace iot::net {

class RawClient {
 public:
  /// Connects to "127.0.0.1:port".
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;

  /// Sends all of it; false if the peer has gone.
  bool send(std::string_view bytes);
  /// No more will be sent.
  void finish_sending();
  /// Resets the connection.
  void reset();

  /// The next whole answer: header, and a body of its Content-Length. What was there, if the connection ends before.
  std::string read_response(bool head_only = false);
  /// What is there, or comes next; empty at the end.
  std::string read_some();
  /// The next `count` bytes. What was there, if the connection ends before.
  std::string read_bytes(std::size_t count);
  /// Everything until the peer closes.
  std::string read_all();
  /// Whether nothing arrives and the connection stays open for so long.
  bool is_silent_for(std::chrono::milliseconds duration);
  int socket() const noexcept { return socket_; }

 private:
  bool read_more();
  int socket_ = -1;
  std::string received_;
};

/// The status of an answer; 0 if it is none.
int status_of(std::string_view response);
std::string_view body_of(std::string_view response);

}  // namespace iot::net
