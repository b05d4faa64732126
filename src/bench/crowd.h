// Many connections on one thread, each watched once, edge-triggered: opens them all, and tells what happens on each.
//
// Everything is called on the thread that calls open_all() and poll().
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/failure.h"
#include "bench/connection.h"

namespace iot::bench {

/// Nanoseconds of the steady clock.
std::int64_t steady_ns() noexcept;

class CrowdEvents {
 public:
  virtual ~CrowdEvents() = default;
  virtual void on_answer(Connection&, std::int64_t /*due_ns*/, std::string_view /*fault*/) {}
  virtual void on_delivery(Connection&, std::string_view /*payload*/) {}
  virtual void on_barrier(Connection&) {}
  /// It may have room for more: something was answered, or its socket takes bytes again.
  virtual void on_ready(Connection&) {}
  /// An open connection ended that nobody had closed.
  virtual void on_failed(Connection&, std::string_view /*fault*/) {}
};

class Crowd final : private DialogueEvents {
 public:
  struct Member {
    std::unique_ptr<Dialogue> dialogue;
    Target target;
  };
  /// `events` must outlive the crowd.
  Crowd(std::vector<Member> members, CrowdEvents& events);
  Crowd(const Crowd&) = delete;
  ~Crowd() override;

  /// Opens all that have no socket. Errc::not_opened if one is refused or not let in within `deadline`.
  Result<void> open_all(std::chrono::seconds deadline);
  /// Resets every connection, so that no port waits for stragglers.
  void drop_all() noexcept;

  /// Waits for something to happen, at most so long, and tells of it.
  void poll(std::chrono::nanoseconds timeout);
  /// Sends what the connection's out() holds; what does not go now goes with a later poll().
  void send(Connection& connection);

  std::size_t size() const noexcept { return connections_.size(); }
  Connection& operator[](std::size_t index) noexcept { return connections_[index]; }
  const Connection& operator[](std::size_t index) const noexcept { return connections_[index]; }
  std::size_t open_count() const noexcept { return open_; }
  /// When the last batch of events came in: a clock that costs nothing.
  std::int64_t now_ns() const noexcept { return now_ns_; }

 private:
  void opened() override;
  void answered(std::int64_t due_ns, std::string_view fault) override;
  void delivered(std::string_view payload) override;
  void passed_barrier() override;
  void failed(std::string_view fault) override;

  void start_some();
  void start(std::size_t index);
  void handle(Connection& connection, std::uint32_t events);
  void fail(Connection& connection, std::string_view fault);

  CrowdEvents& events_;
  std::vector<Connection> connections_;
  std::vector<Target> targets_;
  int set_;
  std::int64_t now_ns_ = 0;
  Connection* current_ = nullptr;
  std::deque<std::size_t> to_start_;
  std::size_t starting_ = 0, open_ = 0;
  std::string first_fault_;
};

}  // namespace iot::bench
