#include "bench/crowd.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/errc.h"

namespace iot::bench {
namespace {

using State = Connection::State;

// A listener's queue may hold as few as a hundred; more at once would be dropped and tried again only after a second.
constexpr std::size_t starting_max = 64;

std::string reason_of(int error) {
  return error == 0 ? "closed" : std::string(std::strerror(error));
}

}  // namespace

std::int64_t steady_ns() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

Crowd::Crowd(std::vector<Member> members, CrowdEvents& events) : events_(events), set_(::epoll_create1(EPOLL_CLOEXEC)) {
  connections_.reserve(members.size());
  for (auto& member : members) {
    connections_.emplace_back(std::move(member.dialogue));
    targets_.push_back(std::move(member.target));
  }
}

Crowd::~Crowd() {
  if (set_ >= 0) ::close(set_);
}

Result<void> Crowd::open_all(std::chrono::seconds deadline) {
  if (set_ < 0) return system_error(errno, "making an epoll set");
  first_fault_.clear();
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    if (connections_[i].state() == State::idle || connections_[i].state() == State::failed) to_start_.push_back(i);
  }
  const auto end = steady_ns() + std::chrono::nanoseconds(deadline).count();
  while (open_ < connections_.size() && first_fault_.empty()) {
    start_some();
    poll(std::chrono::milliseconds(100));
    if (steady_ns() > end) first_fault_ = "no answer within " + std::to_string(deadline.count()) + " s";
  }
  to_start_.clear();
  if (first_fault_.empty()) return {};
  return make_error(Errc::not_opened, std::to_string(open_) + " of " + std::to_string(connections_.size()) +
                                          " connections to " + targets_.front().text + " are open: " + first_fault_);
}

void Crowd::start_some() {
  while (!to_start_.empty() && starting_ < starting_max && first_fault_.empty()) {
    start(to_start_.front());
    to_start_.pop_front();
  }
}

void Crowd::start(std::size_t index) {
  Connection& connection = connections_[index];
  ++starting_;
  if (const int error = connection.connect(targets_[index])) return fail(connection, reason_of(error));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &connection;
  if (::epoll_ctl(set_, EPOLL_CTL_ADD, connection.socket(), &event) != 0) fail(connection, reason_of(errno));
}

void Crowd::drop_all() noexcept {
  for (Connection& connection : connections_) {
    if (connection.socket() < 0) continue;
    const linger reset{1, 0};
    ::setsockopt(connection.socket(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    connection.close();
  }
  open_ = starting_ = 0;
}

void Crowd::poll(std::chrono::nanoseconds timeout) {
  std::array<epoll_event, 512> ready;
  int count = ::epoll_wait(set_, ready.data(), static_cast<int>(ready.size()), 0);
  if (count == 0 && timeout.count() > 0) {
    // epoll_wait() alone would round to milliseconds.
    pollfd set{set_, POLLIN, 0};
    const timespec wait{timeout.count() / 1'000'000'000, timeout.count() % 1'000'000'000};
    if (::ppoll(&set, 1, &wait, nullptr) > 0)
      count = ::epoll_wait(set_, ready.data(), static_cast<int>(ready.size()), 0);
  }
  now_ns_ = steady_ns();
  for (int i = 0; i < count; ++i) {
    const auto& event = ready[static_cast<std::size_t>(i)];
    handle(*static_cast<Connection*>(event.data.ptr), event.events);
  }
}

void Crowd::handle(Connection& connection, std::uint32_t events) {
  if (connection.socket() < 0) return;
  if (connection.state() == State::connecting) {
    if (const int error = connection.begin_dialogue()) return fail(connection, reason_of(error));
    if (connection.state() == State::open) {
      current_ = &connection;
      opened();
    }
  }
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0) {
    current_ = &connection;
    const bool until_end = (events & (EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0;
    now_ns_ = steady_ns();
    if (!connection.receive(until_end, *this)) {
      if (connection.state() != State::failed) fail(connection, "closed");
      return;
    }
  }
  send(connection);
  if (connection.state() == State::open) events_.on_ready(connection);
}

void Crowd::send(Connection& connection) {
  if (connection.has_unsent() && !connection.flush()) fail(connection, "closed");
}

void Crowd::fail(Connection& connection, std::string_view fault) {
  const auto state = connection.state();
  if (state == State::failed) return;
  if (state == State::open) {
    --open_;
  } else {
    --starting_;
  }
  if (first_fault_.empty()) first_fault_ = fault;
  if (state == State::open) events_.on_failed(connection, fault);
  connection.close();
  connection.set_state(State::failed);
}

void Crowd::opened() {
  current_->set_state(State::open);
  --starting_;
  ++open_;
  start_some();
}

void Crowd::answered(std::int64_t due_ns, std::string_view fault) {
  events_.on_answer(*current_, due_ns, fault);
}

void Crowd::delivered(std::string_view payload) {
  events_.on_delivery(*current_, payload);
}

void Crowd::passed_barrier() {
  events_.on_barrier(*current_);
}

void Crowd::failed(std::string_view fault) {
  fail(*current_, fault);
}

}  // namespace iot::bench
