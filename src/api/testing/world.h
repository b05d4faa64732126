// The handlers over a real registry and a real query engine, without sockets: a small language for the tests of api/.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "access/testing/test_key.h"
#include "api/api.h"
#include "gateway/commands.h"
#include "gateway/device_presence.h"
#include "gateway/sending_limits.h"
#include "ingest/ingestor.h"

namespace iot::api::testing {

/// A store that holds nothing and remembers nothing, but the newest readings that a test gives it.
class EmptyStore final : public store::ReadingStore {
 public:
  void committed(std::span<const log::Record>) noexcept override {}
  Result<std::unique_ptr<store::Cursor>> scan(SensorId, store::TimeRange, store::Direction) override;
  Result<store::SeriesInfo> info(SensorId) override { return store::SeriesInfo{}; }
  Result<std::vector<std::optional<store::Reading>>> latest(std::span<const SensorId> sensors) override;
  Result<void> remove(SensorId) override { return {}; }

  std::map<SensorId, store::Reading> newest;
  /// What latest() is refused with.
  std::optional<Error> refusal;
};

/// A log that acknowledges at once, or refuses.
class InstantLog final : public log::EventLog {
 public:
  Result<void> append(const model::ReadingBatch& batch, log::AppendWaiter& waiter) override;
  log::Position first() const noexcept override { return {1}; }
  log::Position last() const noexcept override { return {position_}; }
  Result<std::unique_ptr<log::LogReader>> read(log::Position) override {
    return make_error(log::Errc::position_gone, "nothing is kept");
  }
  void release(log::Position) noexcept override {}
  Result<void> healthy() const override { return {}; }
  void stop() noexcept override {}

  ingest::Ingestor* ingestor = nullptr;
  std::vector<model::ReadingBatch> stored;
  /// What batches of this device (nothing: of any) are refused with.
  std::optional<Error> refusal;
  std::optional<DeviceId> refused_device;

 private:
  std::uint64_t position_ = 0;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Reply {
  net::HttpResponse response;

  unsigned status() const noexcept { return response.status; }
  /// The body, which must be JSON.
  boost::json::value json() const;
  /// A member of the body, by JSON pointer; null where there is none.
  boost::json::value at(std::string_view pointer) const;
  /// The same as text.
  std::string text(std::string_view pointer) const;
  std::string header(std::string_view name) const;
};

/// Handlers with all they need. Root's password is "root's password".
class Platform {
 public:
  explicit Platform(ApiOptions options = {}, gateway::SendingRates rates = {});
  ~Platform();

  /// Runs the request to its answer.
  Reply core(std::string_view method, std::string_view target, std::string_view body = {}, Headers headers = {});
  Reply query(std::string_view method, std::string_view target, std::string_view body = {}, Headers headers = {});
  net::HttpHandler& core_handler() noexcept { return *core_; }
  net::HttpHandler& query_handler() noexcept { return *query_; }

  /// Makes a user and gives its id.
  std::string add_user(std::string_view username, model::Role role);
  /// A token for the user as sign-in would give it, without the cost of the password.
  std::string token_of(std::string_view user_id);

  ManualClock clock;
  Metrics metrics;
  access::testing::TemporaryDirectory directory;
  access::Passwords passwords{{.memory_bytes = 64 << 10, .passes = 1}};
  access::SignInLimiter brake{{.attempts_max = 3, .attempt_every = std::chrono::seconds(6), .entries_max = 100}, clock};
  access::Tokens tokens{{}, clock};
  EmptyStore store;
  InstantLog log;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<gateway::OpenConnections> connections;
  std::unique_ptr<gateway::Commands> commands;
  std::unique_ptr<gateway::DevicePresence> presence;
  std::unique_ptr<query::Elasticsearch> elasticsearch;
  std::unique_ptr<ingest::Ingestor> ingestor;
  std::unique_ptr<gateway::SendingLimits> sending;
  Readiness readiness{{{"registry", true, ""}}};
  ProgramFacts facts{.uptime = std::chrono::seconds(5), .data_dir = "data", .memory_bytes = 1'000};
  std::optional<Error> facts_refusal;
  std::string peer_address = "192.0.2.1";

 private:
  Reply run(net::HttpHandler& handler, std::string_view method, std::string_view target, std::string_view body,
            Headers headers);

  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_{loop_.get_executor()};
  boost::asio::thread_pool pool_{2};
  std::unique_ptr<net::HttpHandler> core_;
  std::unique_ptr<net::HttpHandler> query_;
};

/// The platform as one of its users.
class Client {
 public:
  Client(Platform& platform, std::string token) : platform_(platform), token_(std::move(token)) {}

  Reply get(std::string_view target) { return call("GET", target); }
  Reply post(std::string_view target, std::string_view body = {}) { return call("POST", target, body); }
  Reply patch(std::string_view target, std::string_view body) { return call("PATCH", target, body); }
  Reply remove(std::string_view target) { return call("DELETE", target); }
  Reply call(std::string_view method, std::string_view target, std::string_view body = {});

  /// Make something and give its id; the test fails if that is refused.
  std::string add_device(std::string_view name = "Wing");
  std::string add_sensor(std::string_view device, std::string_view name = "Lift");
  std::string add_consumer(std::string_view name = "Reader");

  const std::string& token() const noexcept { return token_; }

 private:
  Platform& platform_;
  std::string token_;
};

/// Root, and a user who is nobody special.
class ApiTest : public ::testing::Test {
 protected:
  explicit ApiTest(ApiOptions options = {}) : platform_(std::move(options)) {}

  Platform platform_;
  Client root_{platform_, platform_.token_of("-1")};
  std::string ann_id_ = platform_.add_user("ann", model::Role::user);
  Client ann_{platform_, platform_.token_of(ann_id_)};
};

}  // namespace iot::api::testing
