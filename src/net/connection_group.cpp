#include "net/connection_group.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace iot::net {

namespace {

/// A loop that stops is looked at often, so that stopping takes no longer than its connections.
constexpr std::chrono::milliseconds stop_tick_interval{5};

}  // namespace

struct ConnectionGroup::Member {
  Member(boost::asio::io_context& context, std::unique_ptr<ConnectionLoop> connections)
      : loop(std::move(connections)), timer(context) {}
  std::unique_ptr<ConnectionLoop> loop;
  boost::asio::steady_timer timer;
  std::optional<std::chrono::steady_clock::time_point> cut_at;
  bool stopped = false;
};

ConnectionGroup::ConnectionGroup(IoPool& pool) : pool_(pool) {}
ConnectionGroup::~ConnectionGroup() = default;

std::shared_ptr<ConnectionGroup> ConnectionGroup::make(IoPool& pool, const Clock& clock, const MakeLoop& make_loop) {
  std::shared_ptr<ConnectionGroup> group(new ConnectionGroup(pool));
  for (std::size_t i = 0; i < pool.size(); ++i) {
    group->loops_.push_back(std::make_unique<Member>(
        pool.loop(i), make_loop(LoopPlace{pool.loop(i), pool.poller(i), i, group->open_, clock})));
  }
  return group;
}

ConnectionLoop& ConnectionGroup::loop(std::size_t thread_index) noexcept {
  return *loops_[thread_index]->loop;
}

std::optional<Admission> ConnectionGroup::admit(std::size_t connections_max) noexcept {
  if (open_.fetch_add(1, std::memory_order_relaxed) < connections_max) return std::optional<Admission>(open_);
  open_.fetch_sub(1, std::memory_order_relaxed);
  return std::nullopt;
}

void ConnectionGroup::start() {
  for (auto& member : loops_) {
    boost::asio::post(member->loop->context, [self = shared_from_this(), &member = *member] { self->tick(member); });
  }
}

void ConnectionGroup::stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) {
  done_ = std::move(done);
  running_ = loops_.size();
  for (auto& member : loops_) {
    boost::asio::post(member->loop->context, [self = shared_from_this(), &member = *member, deadline] {
      self->stop_member(member, deadline);
    });
  }
}

void ConnectionGroup::tick(Member& member) {
  member.loop->tick();
  if (member.cut_at && std::chrono::steady_clock::now() >= *member.cut_at) {
    member.loop->cut(shared_from_this());
    return finish(member);
  }
  if (member.cut_at && member.loop->connections() == 0) return finish(member);
  member.timer.expires_after(member.cut_at ? stop_tick_interval : tick_interval);
  member.timer.async_wait([self = shared_from_this(), &member](boost::system::error_code) {
    if (!member.stopped) self->tick(member);
  });
}

void ConnectionGroup::stop_member(Member& member, std::chrono::steady_clock::time_point deadline) {
  member.cut_at = deadline;
  member.loop->begin_stop();
  member.timer.cancel();
}

void ConnectionGroup::finish(Member& member) {
  member.stopped = true;
  if (--running_ == 0) done_();
}

}  // namespace iot::net
