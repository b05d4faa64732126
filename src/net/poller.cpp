#include "net/poller.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <boost/asio/post.hpp>
#include <sys/epoll.h>

namespace iot::net {

namespace {

/// Enough that the set's own three system calls are shared by many sockets, and few enough to keep the loop responsive.
constexpr std::size_t batch_events_max = 256;

int make_set() {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  // Without descriptors at the start of the program there is nothing to go on with.
  if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return set;
}

}  // namespace

Poller::Poller(boost::asio::io_context& loop) : loop_(loop), set_(loop, make_set()) {
  wait();
}

Result<void> Poller::add(int socket, Pollable& pollable) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &pollable;
  if (::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, socket, &event) != 0) {
    return system_error(errno, "watching a connection");
  }
  return {};
}

void Poller::remove(int socket) noexcept {
  epoll_event unused{};
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, socket, &unused);
}

void Poller::retire(std::unique_ptr<Pollable> pollable) {
  retired_.push_back(std::move(pollable));
  // Inside a batch its end clears up; else the first of a lot asks for it.
  if (in_batch_ || retired_.size() > 1) return;
  boost::asio::post(loop_, [this] { retired_.clear(); });
}

void Poller::park(std::unique_ptr<Pollable> pollable) {
  parked_.push_back(std::move(pollable));
}

void Poller::retire_parked(Pollable& pollable) {
  const auto found =
      std::find_if(parked_.begin(), parked_.end(), [&](const auto& parked) { return parked.get() == &pollable; });
  std::unique_ptr<Pollable> leaving = std::move(*found);
  parked_.erase(found);
  retire(std::move(leaving));
}

void Poller::clear() noexcept {
  parked_.clear();
  retired_.clear();
}

void Poller::wait() {
  set_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](boost::system::error_code error) {
    if (error) return;
    run_batch();
    wait();
  });
}

void Poller::run_batch() {
  std::array<epoll_event, batch_events_max> events;
  const int count = ::epoll_wait(set_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  in_batch_ = true;
  for (int i = 0; i < count; ++i) {
    const std::uint32_t bits = events[static_cast<std::size_t>(i)].events;
    static_cast<Pollable*>(events[static_cast<std::size_t>(i)].data.ptr)
        ->on_ready({.readable = (bits & EPOLLIN) != 0,
                    .writable = (bits & EPOLLOUT) != 0,
                    .read_closed = (bits & EPOLLRDHUP) != 0,
                    .broken = (bits & (EPOLLERR | EPOLLHUP)) != 0});
  }
  in_batch_ = false;
  retired_.clear();
}

}  // namespace iot::net
