// Blocking work (SQL, RocksDB, password hashing, RSA signing) off the strands: a bounded pool of threads.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace iot::net {

/// `work()` run on a thread of `pool`; the coroutine goes on on its own executor. `work` must not throw; it is moved
/// into the pool, so it should own what it uses (what the awaiting coroutine owns is fine: it waits).
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> offload(boost::asio::thread_pool& pool, Work work) {
  using Value = std::invoke_result_t<Work&>;
  std::optional<Value> result =
      co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void(std::optional<Value>)>(
          [](auto handler, boost::asio::thread_pool& threads, Work task) {
            auto executor = boost::asio::get_associated_executor(handler);
            boost::asio::post(threads, [handler = std::move(handler), task = std::move(task), executor]() mutable {
              std::optional<Value> value(task());
              boost::asio::post(executor, [handler = std::move(handler), value = std::move(value)]() mutable {
                std::move(handler)(std::move(value));
              });
            });
          },
          boost::asio::use_awaitable, std::ref(pool), std::move(work));
  co_return std::move(*result);
}

/// A call that reports by callback, awaited: `co_await await_callback<Result<User>>([&](auto done) {
/// registry.create_user( actor, user, std::move(done)); })`. The callback may come from any thread, once; the coroutine
/// goes on on its own executor. `start` is called before this returns to the event loop.
template <class Value, class Start>
boost::asio::awaitable<Value> await_callback(Start start) {
  std::optional<Value> value =
      co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void(std::optional<Value>)>(
          [](auto handler, Start begin) {
            auto executor = boost::asio::get_associated_executor(handler);
            // std::function wants copyable callbacks; the handler can only be moved.
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            begin([shared, executor](Value outcome) {
              boost::asio::post(executor, [shared, outcome = std::optional<Value>(std::move(outcome))]() mutable {
                std::move (*shared)(std::move(outcome));
              });
            });
          },
          boost::asio::use_awaitable, std::move(start));
  co_return std::move(*value);
}

}  // namespace iot::net
