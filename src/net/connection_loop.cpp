#include "net/connection_loop.h"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "base/logging.h"

namespace iot::net {

ConnectionLoop::ConnectionLoop(const LoopPlace& place, std::size_t buffered_bytes_max)
    : context(place.context),
      poller(place.poller),
      executor(place.context.get_executor()),
      thread_index(place.thread_index),
      clock_(place.clock),
      open_(place.open),
      buffered_bytes_max_(static_cast<std::ptrdiff_t>(buffered_bytes_max)),
      now_(place.clock.steady_now()) {}

ConnectionLoop::~ConnectionLoop() {
  // What is posted still has it.
  *turns_ = {};
}

bool ConnectionLoop::adopt(std::unique_ptr<Connection> connection, Admission admission) {
  if (stopping_) {
    connection->leave();
    poller.retire(std::move(connection));
    return false;
  }
  Connection& added = *connection;
  if (auto watched = poller.add(added.socket(), added); !watched) {
    log_warning("a connection was dropped", {{"reason", watched.error().message}});
    added.leave();
    poller.retire(std::move(connection));
    return false;
  }
  admission.keep();
  const std::size_t phase = next_adopted_++ % tick_phases;
  added.place = {static_cast<std::uint32_t>(phase), static_cast<std::uint32_t>(phases_[phase].size())};
  phases_[phase].push_back(std::move(connection));
  ++connections_;
  return true;
}

void ConnectionLoop::remove(Connection& connection) {
  poller.retire(take(connection));
}

std::unique_ptr<Connection> ConnectionLoop::take(Connection& connection) {
  Phase& phase = phases_[connection.place.phase];
  const std::uint32_t index = connection.place.index;
  std::swap(phase[index], phase.back());
  phase[index]->place.index = index;
  std::unique_ptr<Connection> taken = std::move(phase.back());
  phase.pop_back();
  if (taken->place.gave_way) {
    std::erase(turns_->waiting, taken.get());
    std::ranges::replace(turns_->driven, taken.get(), nullptr);
  }
  taken->leave();
  --connections_;
  open_.fetch_sub(1, std::memory_order_relaxed);
  return taken;
}

void ConnectionLoop::tick() {
  now_ = clock_.steady_now();
  Phase& phase = phases_[next_visited_++ % tick_phases];
  // A connection that closes makes the last one take its place, so the walk goes backwards.
  for (std::size_t i = phase.size(); i-- > 0;) {
    if (i < phase.size()) phase[i]->on_tick();
  }
}

void ConnectionLoop::give_way(Connection& connection) {
  if (std::exchange(connection.place.gave_way, true)) return;
  turns_->waiting.push_back(&connection);
  if (turns_->waiting.size() == 1) boost::asio::post(context, [turns = turns_] { drive(*turns); });
}

void ConnectionLoop::drive(Turns& turns) {
  std::swap(turns.driven, turns.waiting);
  // One that ends while another is driven takes itself out of the list.
  for (std::size_t i = 0; i < turns.driven.size(); ++i) {
    Connection* const connection = std::exchange(turns.driven[i], nullptr);
    if (!connection) continue;
    connection->place.gave_way = false;
    connection->on_ready({});
  }
  turns.driven.clear();
}

void ConnectionLoop::begin_stop() {
  stopping_ = true;
  for (Phase& phase : phases_) {
    for (std::size_t i = phase.size(); i-- > 0;) {
      if (i < phase.size()) phase[i]->on_stop();
    }
  }
}

void ConnectionLoop::cut(const std::shared_ptr<void>& keeper) {
  for (Phase& phase : phases_) {
    while (!phase.empty()) {
      Connection& connection = *phase.back();
      if (connection.is_awaited()) {
        connection.abandon(keeper);
        poller.park(take(connection));
      } else {
        remove(connection);
      }
    }
  }
}

}  // namespace iot::net
