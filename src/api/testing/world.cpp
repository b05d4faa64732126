#include "api/testing/world.h"

#include <future>

#include <boost/beast/core/string.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace iot::api::testing {
namespace {

namespace json = boost::json;

/// Longer than any answer takes: past it the test has failed.
constexpr std::chrono::seconds answer_deadline{60};

class NoReadings final : public store::Cursor {
 public:
  Result<bool> next() override { return false; }
  std::optional<store::Summary> summary() const override { return {}; }
  store::TimeRange bounds() const override { return {}; }
  Result<store::Block> block() override { return store::Block{}; }
};

net::Method method_of(std::string_view name) {
  using enum net::Method;
  for (const net::Method method : {get, head, post, put, patch, delete_, options}) {
    if (net::to_string(method) == name) return method;
  }
  return other;
}

/// A request whose answer is kept.
class Exchange final : public net::HttpExchange {
 public:
  Exchange(boost::asio::any_io_executor executor, std::string_view method, std::string_view target,
           std::string_view body, Headers headers, std::string peer_address)
      : executor_(std::move(executor)),
        target_(target),
        body_(body),
        owned_headers_(std::move(headers)),
        peer_address_(std::move(peer_address)) {
    // As the server does: parsers may read a little behind the end.
    body_.reserve(body_.size() + 64);
    for (const auto& [name, value] : owned_headers_) headers_.push_back({name, value});
    request_.method = method_of(method);
    request_.target = target_;
    const std::size_t mark = target_.find('?');
    request_.path = request_.target.substr(0, mark);
    if (mark != std::string::npos) request_.query = request_.target.substr(mark + 1);
    request_.headers = headers_;
    request_.body = body_;
    request_.peer_address = peer_address_;
  }

  const net::HttpRequest& request() const noexcept override { return request_; }
  const boost::asio::any_io_executor& executor() const noexcept override { return executor_; }
  std::size_t thread_index() const noexcept override { return 0; }
  void respond(net::HttpResponse&& response) override {
    EXPECT_FALSE(answered) << "a second answer";
    reply.response = std::move(response);
    answered = true;
  }
  void respond_static(std::string_view) override { ADD_FAILURE() << "no handler of api/ answers so"; }
  net::TakenConnection take_over() override {
    ADD_FAILURE() << "no handler of api/ takes connections over";
    return {};
  }

  bool answered = false;
  Reply reply;

 private:
  boost::asio::any_io_executor executor_;
  std::string target_;
  std::string body_;
  Headers owned_headers_;
  std::vector<net::HeaderView> headers_;
  std::string peer_address_;
  net::HttpRequest request_;
};

/// A write to the registry, waited for.
template <class Value, class Start>
Result<Value> write(Start start) {
  auto outcome = std::make_shared<std::promise<Result<Value>>>();
  auto done = outcome->get_future();
  start([outcome](Result<Value> result) { outcome->set_value(std::move(result)); });
  return done.get();
}

}  // namespace

Result<std::vector<std::optional<store::Reading>>> EmptyStore::latest(std::span<const SensorId> sensors) {
  if (refusal) return *refusal;
  std::vector<std::optional<store::Reading>> found;
  for (const SensorId sensor : sensors) {
    const auto reading = newest.find(sensor);
    found.push_back(reading == newest.end() ? std::nullopt : std::optional(reading->second));
  }
  return found;
}

Result<std::unique_ptr<store::Cursor>> EmptyStore::scan(SensorId, store::TimeRange, store::Direction) {
  return std::unique_ptr<store::Cursor>(std::make_unique<NoReadings>());
}

Result<void> InstantLog::append(const model::ReadingBatch& batch, log::AppendWaiter& waiter) {
  if (refusal && (!refused_device || *refused_device == batch.device)) return *refusal;
  stored.push_back(batch);
  waiter.appended(log::Position{++position_});
  ingestor->group_ended();
  return {};
}

json::value Reply::json() const {
  json::error_code code;
  json::value parsed = json::parse(response.body, code);
  EXPECT_FALSE(code) << response.body;
  return parsed;
}

json::value Reply::at(std::string_view pointer) const {
  const json::value whole = json();
  json::error_code code;
  const json::value* found = whole.find_pointer(pointer, code);
  return found ? *found : json::value();
}

std::string Reply::text(std::string_view pointer) const {
  const json::value found = at(pointer);
  return found.is_string() ? std::string(found.get_string()) : json::serialize(found);
}

std::string Reply::header(std::string_view name) const {
  for (const auto& [key, value] : response.headers) {
    if (boost::beast::iequals(key, name)) return value;
  }
  return {};
}

Platform::Platform(ApiOptions options, gateway::SendingRates rates) {
  tokens.set_key(access::testing::test_key());
  registry::RegistryOptions registry_options;
  registry_options.database = directory.path() / "registry.db";
  registry = std::move(registry::Registry::open(registry_options, clock).value());
  elasticsearch = std::make_unique<query::Elasticsearch>(store, clock, metrics, query::QueryLimits{});
  std::vector<boost::asio::any_io_executor> executors{loop_.get_executor()};
  connections = std::make_unique<gateway::OpenConnections>(*registry, std::move(executors), metrics,
                                                           gateway::OpenConnectionsLimits{});
  commands = std::move(gateway::Commands::open(*registry, clock, metrics, {}).value());
  presence = std::move(gateway::DevicePresence::open(*registry, *connections, clock, metrics, {}).value());
  ApiDependencies dependencies{*registry, tokens, passwords, brake, *elasticsearch,
                               store,     pool_,  metrics,   clock, [this] { return readiness; }};
  dependencies.facts = [this]() -> Result<ProgramFacts> {
    if (facts_refusal) return *facts_refusal;
    return facts;
  };
  dependencies.settings = {{"core.port", "8081", "flag --core.port", "8080", "REST API", "a port"}};
  dependencies.commands = commands.get();
  dependencies.presence = presence.get();
  ingestor =
      std::make_unique<ingest::Ingestor>(log, metrics, std::vector<boost::asio::any_io_executor>{loop_.get_executor()});
  log.ingestor = ingestor.get();
  sending = std::make_unique<gateway::SendingLimits>(rates, gateway::SendingRates{}, metrics);
  core_ = make_core_handler(dependencies, options);
  dependencies.writes = {.ingestor = ingestor.get(),
                         .sending = sending.get(),
                         .presence = connections.get(),
                         .limits = {.items_max = 3'000, .line_bytes_max = 1'000}};
  query_ = make_query_handler(dependencies, options);
  registry::UserPatch patch;
  patch.password_hash = passwords.hash("root's password");
  const auto changed = write<model::User>([&](auto done) {
    registry->update_user({root_user, "test"}, root_user, std::move(patch), std::move(done));
  });
  EXPECT_TRUE(changed);
}

Platform::~Platform() {
  registry->stop();
  pool_.join();
}

Reply Platform::run(net::HttpHandler& handler, std::string_view method, std::string_view target, std::string_view body,
                    Headers headers) {
  Exchange exchange(loop_.get_executor(), method, target, body, std::move(headers), peer_address);
  handler.handle(exchange);
  const auto deadline = std::chrono::steady_clock::now() + answer_deadline;
  while (!exchange.answered && std::chrono::steady_clock::now() < deadline) loop_.run_one_until(deadline);
  EXPECT_TRUE(exchange.answered) << method << " " << target;
  return std::move(exchange.reply);
}

Reply Platform::core(std::string_view method, std::string_view target, std::string_view body, Headers headers) {
  return run(*core_, method, target, body, std::move(headers));
}

Reply Platform::query(std::string_view method, std::string_view target, std::string_view body, Headers headers) {
  return run(*query_, method, target, body, std::move(headers));
}

std::string Platform::add_user(std::string_view username, model::Role role) {
  registry::NewUser user{std::string(username), std::string(username),
                         passwords.hash("password of " + std::string(username)), role};
  const auto made = write<model::User>([&](auto done) {
    registry->create_user({root_user, "test"}, std::move(user), std::move(done));
  });
  return made.value().id.to_string();
}

std::string Platform::token_of(std::string_view user_id) {
  const UserId id = parse_id<UserId>(user_id).value();
  const std::uint64_t version = registry->snapshot()->users.find(id)->key_version;
  return tokens
      .issue({.audience = access::Audience::user, .subject = id.value, .key_version = version, .expires = {}},
             std::chrono::hours(1))
      .value();
}

Reply Client::call(std::string_view method, std::string_view target, std::string_view body) {
  Headers headers;
  if (!token_.empty()) headers.emplace_back("Authorization", "Bearer " + token_);
  if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
  return platform_.core(method, target, body, std::move(headers));
}

std::string Client::add_device(std::string_view name) {
  const Reply made = post("/api/devices", json::serialize(json::object{{"name", name}}));
  EXPECT_EQ(made.status(), 200u) << made.response.body;
  return made.text("/result/id");
}

std::string Client::add_sensor(std::string_view device, std::string_view name) {
  const Reply made = post("/api/devices/" + std::string(device) + "/sensors",
                          json::serialize(json::object{{"name", name}, {"mapping", {{"type", "double"}}}}));
  EXPECT_EQ(made.status(), 200u) << made.response.body;
  return made.text("/id");
}

std::string Client::add_consumer(std::string_view name) {
  const Reply made = post("/api/consumers", json::serialize(json::object{{"name", name}}));
  EXPECT_EQ(made.status(), 200u) << made.response.body;
  return made.text("/result/id");
}

}  // namespace iot::api::testing
