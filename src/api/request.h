// One request to the API on its way to its handler: what came, who sent it, and what the handler may use.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include "api/api.h"
#include "api/refusal.h"
#include "api/short_queries.h"
#include "base/logging.h"
#include "net/offload.h"

namespace iot::api {

/// Who a request comes from, by its token and the registry's present snapshot.
struct Caller {
  UserId user;
  model::Role role = model::Role::read_only;

  bool is_admin() const noexcept { return role == model::Role::admin; }
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// The value of the first parameter of this name, or null.
const std::string* find_parameter(const Parameters& parameters, std::string_view name) noexcept;

/// Room for a number of things at once. What does not fit is told to come again.
class Gate {
 public:
  explicit Gate(std::size_t max) : max_(max) {}

  /// A place, given back when it is destroyed.
  class Place {
   public:
    explicit Place(std::atomic<std::size_t>& count) : count_(&count) {}
    Place(Place&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (count_) --*count_;
    }

   private:
    std::atomic<std::size_t>* count_;
  };

  std::optional<Place> enter() noexcept {
    if (count_.fetch_add(1) >= max_) {
      --count_;
      return {};
    }
    return Place(count_);
  }

 private:
  const std::size_t max_;
  std::atomic<std::size_t> count_{0};
};

/// What all requests to one handler share.
struct Service {
  Service(ApiDependencies its_dependencies, ApiOptions its_options);

  ApiDependencies use;
  const ApiOptions options;
  const std::string openapi;  ///< the document
  Gate queries;
  Gate exports;
  ShortQueries short_queries;
  Gate sign_ins;
  Counter& sign_ins_good;
  Counter& sign_ins_bad;
  Counter& sign_ins_braked;
  Counter& queries_refused;
  Counter& exports_broken;
};

struct Request {
  Service& service;
  const net::HttpRequest& http;
  Parameters path = {};   ///< of the route's pattern, decoded: {"device_id", "3"}
  Parameters query = {};  ///< decoded; only those that the route names, each once
  boost::json::value body = {};
  registry::SnapshotPtr snapshot = {};
  Caller caller = {};

  registry::Registry& registry() const noexcept { return service.use.registry; }
  registry::Actor actor() const { return {caller.user, std::string(http.peer_address)}; }
};

/// `work()`, which gives a Result. An exception that escapes it becomes an error.
template <class Work>
std::invoke_result_t<Work&> guarded(Work& work) {
  try {
    return work();
  } catch (const std::exception& exception) {
    log_error("an exception escaped a request; please report this", {{"what", exception.what()}});
    return make_error(Errc::exception_escaped, "an internal error; see the log");
  }
}

/// The same on the pool for what blocks.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> blocking(const Service& service, Work work) {
  co_return co_await net::offload(service.use.offload, [work = std::move(work)]() mutable { return guarded(work); });
}

/// Signs a token; on the pool. At a first start the key is still being made: better late than refused.
Result<std::string> issue_token(const Service& service, const access::Identity& identity,
                                std::optional<std::chrono::seconds> lifetime);

/// A write to the registry, awaited: `co_await written<model::User>([&](auto done) { registry.create_user(…, done);
/// })`.
template <class Value, class Start>
boost::asio::awaitable<Result<Value>> written(Start start) {
  co_return co_await net::await_callback<Result<Value>>(std::move(start));
}

}  // namespace iot::api
