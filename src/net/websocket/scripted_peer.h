// For tests: the client of a WebSocket connection without a network. What it has sent is there at once; it takes as
// much as the test lets it; nothing happens but in the calls.
#pragma once

#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <sys/eventfd.h>
#include <unistd.h>

#include "net/websocket/websocket_connection.h"

namespace iot::net {

/// A frame as a client sends it.
inline std::string client_frame(unsigned first_byte, std::string_view payload) {
  std::string out(1, static_cast<char>(first_byte));
  const std::size_t size = payload.size();
  const int length_bytes = size < 126 ? 0 : size < 65'536 ? 2 : 8;
  out.push_back(static_cast<char>(0x80 | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127)));
  for (int i = length_bytes; i-- > 0;) out.push_back(static_cast<char>(size >> (8 * i)));
  const char mask[4] = {0x37, static_cast<char>(0xFA), 0x21, 0x3D};
  out.append(mask, 4);
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}
inline std::string client_text(std::string_view payload) {
  return client_frame(0x81, payload);
}
inline std::string client_close(std::uint16_t code, std::string_view reason = {}) {
  return client_frame(0x88, std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + std::string(reason));
}

/// The frames in what a server sent, as "text:…", "binary:…", "ping:…", "pong:…", "close 1000:…" ("close" without a
/// code), "+" before those that are compressed.
inline std::vector<std::string> server_frames(std::string_view bytes) {
  std::vector<std::string> frames;
  while (!bytes.empty()) {
    const auto byte = [&](std::size_t at) {
      return static_cast<std::size_t>(static_cast<unsigned char>(bytes.at(at)));
    };
    std::size_t header = 2;
    std::size_t length = byte(1);
    if (length > 127) throw std::runtime_error("a server's frame is masked");
    if (length >= 126) {
      const std::size_t extension = length == 126 ? 2 : 8;
      length = 0;
      for (std::size_t i = 0; i < extension; ++i) length = length << 8 | byte(header + i);
      header += extension;
    }
    if (bytes.size() < header + length) throw std::runtime_error("a server's frame is not complete");
    std::string payload(bytes.substr(header, length));
    std::string name = byte(0) & 0x40 ? "+" : "";
    switch (byte(0) & 0x0F) {
      case 0x1:
        name += "text:";
        break;
      case 0x2:
        name += "binary:";
        break;
      case 0x8:
        name += "close";
        if (payload.size() >= 2) {
          name += " " +
                  std::to_string(static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1])) +
                  ":";
          payload.erase(0, 2);
        }
        break;
      case 0x9:
        name += "ping:";
        break;
      case 0xA:
        name += "pong:";
        break;
      default:
        throw std::runtime_error("a server's frame of an unknown kind");
    }
    frames.push_back(name + payload);
    bytes.remove_prefix(header + length);
  }
  return frames;
}

/// What lies between a connection and its peer.
struct Wire {
  std::string to_server;
  std::string repeats;  ///< sent again and again, for ever, once to_server has been read
  bool tells_drained = false;
  bool client_has_closed = false;
  std::string to_client;
  std::size_t client_takes = std::numeric_limits<std::size_t>::max();
  bool server_has_finished = false;
  bool server_has_closed = false;
  std::string certificate;
};

class WireTransport final : public Transport {
 public:
  explicit WireTransport(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {
    if (socket_ < 0) throw std::runtime_error("eventfd");
  }
  ~WireTransport() override {
    ::close(socket_);
    wire_->server_has_closed = true;
  }
  int socket() const noexcept override { return socket_; }
  IoOutcome receive(std::span<char> space) override {
    if (wire_->to_server.empty() && !wire_->repeats.empty()) {
      while (wire_->to_server.size() < 64u << 10) wire_->to_server += wire_->repeats;
    }
    if (wire_->to_server.empty()) {
      return {wire_->client_has_closed ? IoOutcome::Kind::closed : IoOutcome::Kind::would_block};
    }
    const std::size_t count = wire_->to_server.copy(space.data(), space.size());
    wire_->to_server.erase(0, count);
    return {IoOutcome::Kind::done, count, wire_->tells_drained && count < space.size()};
  }
  IoOutcome send(std::string_view first, std::string_view second) override {
    const std::string all = std::string(first) + std::string(second);
    const std::size_t count = std::min(all.size(), wire_->client_takes);
    if (count == 0) return {IoOutcome::Kind::would_block};
    wire_->client_takes -= count;
    wire_->to_client.append(all, 0, count);
    return {IoOutcome::Kind::done, count};
  }
  void finish_sending() noexcept override { wire_->server_has_finished = true; }
  std::string_view peer_certificate_sha256() const noexcept override { return wire_->certificate; }

 private:
  std::shared_ptr<Wire> wire_;
  int socket_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
};

/// The loop that a connection lives on, of which the test is the thread.
class ScriptedLoop {
 public:
  explicit ScriptedLoop(const Clock& clock, Metrics& metrics, WebSocketLimits limits = {})
      : limits_(limits), metrics_(metrics), loop({context, poller, 0, open, clock}, limits_, metrics_, 1) {}
  ~ScriptedLoop() {
    loop.cut(nullptr);
    poller.clear();
  }

  Admission admit() {
    ++open;
    return Admission(open);
  }
  /// Lets a connection that gave way go on until it is done.
  void finish_turns(const Connection& connection, const Wire& wire) {
    while (!wire.server_has_closed && connection.place.gave_way) {
      context.poll_one();
      context.restart();
    }
  }
  /// Visits every connection once, as a second does.
  void visit() {
    for (std::size_t i = 0; i < tick_phases; ++i) loop.tick();
    // A flood would be read for ever.
    for (int i = 0; i < 20 && context.poll_one() > 0; ++i) {
    }
    context.restart();
  }

 private:
  WebSocketLimits limits_;
  WebSocketMetrics metrics_;

 public:
  boost::asio::io_context context;
  Poller poller{context};
  std::atomic<std::size_t> open{0};
  WebSocketLoop loop;
};

class ScriptedPeer {
 public:
  /// Serves the connection; the answer to the upgrade is left out.
  void connect(ScriptedLoop& loop, std::unique_ptr<WebSocketConnection> connection, std::string received = {}) {
    loop_ = &loop;
    connection_ = connection.get();
    WebSocketConnection::serve(std::move(connection),
                               {std::make_unique<WireTransport>(wire), std::move(received), "192.0.2.1"}, {},
                               loop.admit());
    if (!wire->server_has_closed) loop.finish_turns(*connection_, *wire);
  }

  void send(std::string_view bytes) {
    wire->to_server += bytes;
    poke({.readable = true});
  }
  /// Closes its side of the TCP connection.
  void hang_up() {
    wire->client_has_closed = true;
    poke({.readable = true, .read_closed = true});
  }
  /// Takes so many bytes more.
  void take(std::size_t bytes) {
    wire->client_takes += bytes;
    poke({.writable = true});
  }
  void poke(Readiness ready) {
    poke_once(ready);
    if (!wire->server_has_closed) loop_->finish_turns(*connection_, *wire);
  }
  /// As the poller does it: what the connection leaves for its next turn is left.
  void poke_once(Readiness ready) {
    if (!wire->server_has_closed) connection_->on_ready(ready);
  }
  /// What has come since the last call.
  std::vector<std::string> heard() { return server_frames(std::exchange(wire->to_client, {})); }

  std::shared_ptr<Wire> wire = std::make_shared<Wire>();

 private:
  ScriptedLoop* loop_ = nullptr;
  WebSocketConnection* connection_ = nullptr;
};

}  // namespace iot::net
