#include "net/io_pool.h"

#include <atomic>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>

#include "base/logging.h"
#include "net/poller.h"

namespace iot::net {

namespace {

struct Loop {
  // One thread runs each loop, which spares Asio some of its locking.
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  Poller poller{context};
  std::thread thread;
};

/// An exception ends what threw it, not the loop that everybody else lives on.
void run_loop(boost::asio::io_context& context) {
  for (;;) {
    try {
      context.run();
      return;
    } catch (const std::exception& exception) {
      log_error("an exception reached the event loop; please report this", {{"what", exception.what()}});
    }
  }
}

}  // namespace

struct IoPool::State {
  std::vector<std::unique_ptr<Loop>> loops;
  std::atomic<std::size_t> next{0};
};

IoPool::IoPool(std::size_t threads) : state_(std::make_unique<State>()) {
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) state_->loops.push_back(std::make_unique<Loop>());
}

IoPool::~IoPool() {
  stop();
  join();
  // What is kept there may use other loops; they are all still there.
  for (auto& loop : state_->loops) loop->poller.clear();
}

std::size_t IoPool::size() const noexcept {
  return state_->loops.size();
}

boost::asio::io_context& IoPool::loop(std::size_t index) noexcept {
  return state_->loops[index]->context;
}

Poller& IoPool::poller(std::size_t index) noexcept {
  return state_->loops[index]->poller;
}

std::size_t IoPool::next_index() noexcept {
  return state_->next.fetch_add(1, std::memory_order_relaxed) % state_->loops.size();
}

void IoPool::run() {
  for (auto& loop : state_->loops) loop->thread = std::thread([&context = loop->context] { run_loop(context); });
}

void IoPool::stop() noexcept {
  for (auto& loop : state_->loops) loop->context.stop();
}

void IoPool::join() noexcept {
  for (auto& loop : state_->loops) {
    if (loop->thread.joinable()) loop->thread.join();
  }
}

}  // namespace iot::net
