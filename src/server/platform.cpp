#include "server/platform.h"

#include <csignal>
#include <future>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include "access/passwords.h"
#include "access/tokens.h"
#include "api/api.h"
#include "gateway/http/http_gateway.h"
#include "gateway/open_connections.h"
#include "gateway/websocket/websocket_gateway.h"
#include "gui/assets.h"
#include "gui/pages.h"
#include "ingest/ingestor.h"
#include "net/http_server.h"
#include "net/io_pool.h"
#include "net/tls.h"
#include "query/elasticsearch.h"
#include "server/bootstrap.h"
#include "server/device_part.h"
#include "server/disk_budget.h"
#include "server/engines.h"
#include "server/gateway_limits.h"
#include "server/live_part.h"
#include "server/mqtt_part.h"
#include "server/program_facts.h"
#include "server/ready_file.h"
#include "server/version.h"

namespace iot::server {
namespace {

std::size_t io_threads(const Settings& settings) {
  return settings.io_threads > 0 ? settings.io_threads : std::max(1u, std::thread::hardware_concurrency());
}

access::TokenOptions token_options(const Settings& settings) {
  access::TokenOptions options;
  options.cache_entries_max = settings.access_token_cache_entries_max;
  options.accept_legacy = settings.access_accept_legacy_tokens;
  return options;
}

access::SignInLimits sign_in_limits(const Settings& settings) {
  access::SignInLimits limits;
  limits.attempts_max = static_cast<unsigned>(settings.access_sign_in_attempts_max);
  limits.attempt_every = settings.access_sign_in_attempt_every_s;
  return limits;
}

query::QueryLimits query_limits(const Settings& settings) {
  query::QueryLimits limits;
  limits.deadline = settings.query_deadline_ms;
  limits.export_deadline = settings.query_export_s;
  limits.memory_bytes_max = settings.query_memory_bytes_max;
  limits.buckets_max = settings.query_buckets_max;
  // With the thread that a search runs on they are as many as there are cores.
  limits.read_ahead_threads = io_threads(settings) - 1;
  return limits;
}

net::TlsFiles tls_files(const Settings& settings) {
  return {settings.tls_certificate, settings.tls_key, settings.tls_client_ca};
}

api::ApiOptions api_options(const Settings& settings) {
  api::ApiOptions options;
  options.version = std::string(version);
  options.user_token_lifetime = settings.user_token_s;
  options.speaks_tls = settings.tls_listeners.contains("core");
  options.queries_waiting_max = settings.query_waiting_max;
  options.exports_max = settings.query_exports_max;
  return options;
}

/// The loops of the one, then those of the other.
std::vector<boost::asio::any_io_executor> executors_of(net::IoPool& first, net::IoPool& second) {
  std::vector<boost::asio::any_io_executor> executors;
  for (net::IoPool* pool : {&first, &second}) {
    for (std::size_t i = 0; i < pool->size(); ++i) executors.emplace_back(pool->loop(i).get_executor());
  }
  return executors;
}

class RunningPlatform final : public Platform {
 public:
  RunningPlatform(const Configuration& configuration, Clock::Steady process_start)
      : settings_(configuration.settings),
        shown_settings_(settings_to_show(configuration)),
        process_start_(process_start),
        pool_(io_threads(settings_)),
        query_pool_(io_threads(settings_)),
        offload_(settings_.offload_threads),
        tokens_(token_options(settings_), system_clock()),
        sign_ins_(sign_in_limits(settings_), system_clock()) {}

  ~RunningPlatform() override { stop(); }

  Result<void> start() {
    // First, for it takes no time and is easily wrong.
    if (!settings_.tls_certificate.empty()) {
      IOT_TRY(tls_, net::TlsContext::load(tls_files(settings_), metrics_));
    }
    IOT_TRY(auto directory, DataDirectory::open(settings_.data_dir));
    IOT_TRY(engines_, Engines::open(settings_, std::move(directory), metrics_, system_clock(), [this] {
              if (auto* ingestor = ingestor_seen_by_log_.load(std::memory_order_acquire)) ingestor->group_ended();
              if (auto* live = live_seen_by_log_.load(std::memory_order_acquire)) live->log_grew();
            }));
    if (settings_.roles.contains(ServerRole::mqtt)) {
      IOT_TRY(mqtt_, MqttPart::open(settings_, engines_->directory(), metrics_, system_clock()));
    }
    // Before anything that stop() ends on its loop: a start that fails must come to its end too.
    pool_.run();
    IOT_CHECK(make_handlers());
    IOT_CHECK(set_up_first_start());
    devices_->start(pool_.loop(0).get_executor(), offload_);
    IOT_CHECK(listen());
    if (settings_.store_disk_bytes_max > 0) {
      disk_budget_ = std::make_unique<DiskBudget>(settings_.store_disk_bytes_max, *engines_, metrics_);
    }
    return announce();
  }

  void run_until_signal(std::function<Result<Configuration>()> reload) override {
    wait_for_signal(reload);
    signal_loop_.run();
    stop();
  }

 private:
  Result<void> make_handlers() {
    elasticsearch_.emplace(engines_->store(), system_clock(), metrics_, query_limits(settings_));
    ingestor_.emplace(engines_->log(), metrics_, executors_of(pool_, query_pool_));
    ingestor_seen_by_log_.store(&*ingestor_, std::memory_order_release);
    open_connections_.emplace(engines_->registry(), executors_of(pool_, query_pool_), metrics_,
                              open_connections_limits(settings_));
    sending_.emplace(device_rates(settings_), total_rates(settings_), metrics_);
    IOT_TRY(devices_, DevicePart::open(engines_->registry(), *open_connections_, metrics_, system_clock()));
    live_.emplace(settings_,
                  LiveDependencies{engines_->log(), engines_->registry(), tokens_, *open_connections_,
                                   mqtt_ ? &mqtt_->broker() : nullptr, metrics_, system_clock(), pool_, offload_});
    live_seen_by_log_.store(&*live_, std::memory_order_release);
    api::ApiDependencies dependencies{
        engines_->registry(), tokens_,  passwords_, sign_ins_,      *elasticsearch_,
        engines_->store(),    offload_, metrics_,   system_clock(), [this] { return readiness(); }};
    dependencies.is_for_live = gateway::LiveGateway::is_for_live;
    dependencies.live = &live_->gateway();
    dependencies.pages = &pages_;
    dependencies.commands = &devices_->commands();
    dependencies.presence = &devices_->presence();
    dependencies.broker = mqtt_ ? &mqtt_->broker() : nullptr;
    dependencies.settings = shown_settings_;
    dependencies.facts = [this] {
      const auto uptime = system_clock().steady_now() - process_start_;
      return program_facts(settings_, std::chrono::duration_cast<std::chrono::seconds>(uptime));
    };
    core_ = api::make_core_handler(dependencies, api_options(settings_));
    dashboards_ = api::make_page_handler(*core_, "/dashboards");
    jobs_ = api::make_page_handler(*core_, "/jobs");
    api::ApiOptions on_loops_of_their_own = api_options(settings_);
    on_loops_of_their_own.query_on_loop_max = std::chrono::microseconds(500);
    dependencies.writes = {.ingestor = &*ingestor_,
                           .sending = &*sending_,
                           .presence = &*open_connections_,
                           .threads = query_pool_.size(),
                           .first_thread = pool_.size(),
                           .limits = bulk_limits(settings_)};
    query_ = api::make_query_handler(dependencies, on_loops_of_their_own);
    const gateway::HttpGatewayDependencies gateway{engines_->registry(), tokens_,   *ingestor_,   metrics_,
                                                   system_clock(),       *sending_, pool_.size(), &devices_->commands(),
                                                   &*open_connections_};
    gateway_ = gateway::make_http_gateway(gateway, http_gateway_limits(settings_));
    if (settings_.roles.contains(ServerRole::websocket)) make_websocket_gateway();
    return {};
  }

  void make_websocket_gateway() {
    gateway::ServeMqtt serve_mqtt;
    if (mqtt_) {
      serve_mqtt = [this](std::size_t thread_index, std::unique_ptr<net::Transport> transport, std::string address) {
        mqtt_->accept(thread_index, std::move(transport), std::move(address));
      };
    }
    websocket_ = gateway::WebSocketGateway::make({engines_->registry(), tokens_, *ingestor_, *open_connections_,
                                                  *sending_, metrics_, system_clock(), pool_, &devices_->commands()},
                                                 websocket_limits(settings_), std::move(serve_mqtt));
  }

  /// Takes the key where there is one; makes what is missing on a thread of its own (server/bootstrap.h).
  Result<void> set_up_first_start() {
    IOT_TRY(const bool needs_password, root_needs_password(engines_->registry()));
    const auto file = engines_->directory().key_file();
    if (std::filesystem::exists(file) && !needs_password) {
      IOT_TRY(auto key, access::SigningKey::load(file));
      tokens_.set_key(std::move(key));
      return {};
    }
    first_start_ = std::thread([this, file, needs_password] {
      if (needs_password) {
        const auto password = give_root_password(engines_->registry(), passwords_, settings_.profile);
        if (!password) return log_error("root's password could not be made", {{"reason", password.error().message}});
        // Once, and nowhere else: on standard output, not in the log.
        if (settings_.profile == Profile::standard)
          std::printf("root's password, shown this once: %s\n", password->c_str());
        std::fflush(stdout);
      }
      auto key = load_or_create_key(file);
      if (!key) {
        key_failed_ = true;
        return log_error("the key that signs tokens could not be made", {{"reason", key.error().message}});
      }
      tokens_.set_key(std::move(*key));
    });
    return {};
  }

  Result<void> listen() {
    if (settings_.roles.contains(ServerRole::core)) {
      if (settings_.core_port) IOT_CHECK(listen("core", pool_, *core_, *settings_.core_port));
      if (settings_.dashboards_port) IOT_CHECK(listen("dashboards", pool_, *dashboards_, *settings_.dashboards_port));
      if (settings_.jobs_port) IOT_CHECK(listen("jobs", pool_, *jobs_, *settings_.jobs_port));
    }
    if (settings_.roles.contains(ServerRole::http)) {
      for (const auto port : settings_.http_ports) IOT_CHECK(listen("http", pool_, *gateway_, port));
    }
    if (mqtt_) IOT_CHECK(listen_mqtt());
    if (websocket_) {
      for (const auto port : settings_.websocket_ports) IOT_CHECK(listen("websocket", pool_, *websocket_, port));
    }
    if (settings_.roles.contains(ServerRole::query) && settings_.query_port) {
      query_pool_.run();
      IOT_CHECK(listen("query", query_pool_, *query_, *settings_.query_port));
    }
    return {};
  }

  Result<void> listen(const std::string& name, net::IoPool& pool, net::HttpHandler& handler, std::uint16_t port) {
    net::HttpLimits limits = http_limits(settings_);
    // Where readings come in, one without a body is a mistake; elsewhere a POST may need none.
    limits.length_required = &handler == gateway_.get();
    auto server = net::HttpServer::listen(pool, handler, metrics_, name, settings_.listen, port, limits, system_clock(),
                                          transport_of(name));
    if (!server) {
      return make_error(Errc::start_failed, "the listener " + name + " cannot use " + settings_.listen + ":" +
                                                std::to_string(port) + ": " + server.error().message);
    }
    addresses_[name].push_back((*server)->address());
    servers_.push_back(std::move(*server));
    return {};
  }

  Result<void> listen_mqtt() {
    const gateway::MqttGatewayDependencies dependencies{pool_,           engines_->registry(), tokens_,   *ingestor_,
                                                        mqtt_->broker(), *open_connections_,   *sending_, metrics_,
                                                        system_clock(),  &devices_->commands()};
    IOT_CHECK(mqtt_->listen(settings_, dependencies, tls_.get()));
    if (const auto address = mqtt_->address(); !address.empty()) addresses_["mqtt"].push_back(address);
    if (const auto address = mqtt_->tls_address(); !address.empty()) addresses_["mqtt_tls"].push_back(address);
    return {};
  }

  /// What makes a listener's transports: nothing is plain TCP. Devices may show a certificate instead of a token; a
  /// browser would ask its user for one.
  net::MakeTransport transport_of(const std::string& listener) {
    if (!speaks_tls(listener)) return {};
    const bool for_devices = listener == "http" || listener == "websocket";
    return tls_->transports(for_devices ? net::ClientCertificates::requested : net::ClientCertificates::ignored);
  }

  Result<void> announce() {
    Readiness readiness;
    readiness.version = version;
    readiness.start_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().steady_now() - process_start_).count();
    readiness.recovered_readings = engines_->recovered_readings();
    readiness.addresses = addresses_;
    for (const auto& [listener, addresses] : addresses_) {
      for (const auto& address : addresses) log_info("listening", {{"listener", listener}, {"address", address}});
    }
    if (settings_.profile == Profile::demo) greet();
    log_info(
        "ready",
        {{"version", version}, {"start_ms", readiness.start_ms}, {"recovered_readings", readiness.recovered_readings}});
    if (settings_.ready_file.empty()) return {};
    return write_ready_file(settings_.ready_file, readiness);
  }

  /// For the person who has just typed ./run: where everything is, and what to try next.
  void greet() const {
    static constexpr std::pair<const char*, const char*> listeners[] = {
        {"core", "REST API and docs"}, {"http", "HTTP gateway"},      {"websocket", "WebSocket gateway"},
        {"mqtt", "MQTT gateway"},      {"mqtt_tls", "MQTT with TLS"}, {"query", "queries"},
        {"dashboards", "dashboards"},  {"jobs", "stream jobs"}};
    std::printf("\niotplatform %s is ready.\n", std::string(version).c_str());
    for (const auto& [name, meaning] : listeners) {
      const auto found = addresses_.find(name);
      if (found == addresses_.end()) continue;
      for (const auto& address : found->second) {
        std::printf("  %-18s %s://%s\n", meaning, scheme_of(name), address.c_str());
      }
    }
    if (const auto core = addresses_.find("core"); core != addresses_.end()) {
      const bool tls = settings_.tls_listeners.contains("core");
      std::printf(
          "Sign in, then go on with \"The first reading\" in README.md:\n  curl -s%s%s %s://%s/api/users/signin "
          "-H 'Content-Type: application/json' -d '{\"username\":\"root\",\"password\":\"%s\"}'\n\n",
          tls ? " --cacert " : "", tls ? settings_.tls_certificate.c_str() : "", scheme_of("core"),
          core->second.front().c_str(), std::string(demo_password).c_str());
    }
    std::fflush(stdout);
  }

  /// What shows the same pages as "core" is as secret as that.
  bool speaks_tls(const std::string& listener) const {
    const bool is_core = listener == "dashboards" || listener == "jobs";
    return settings_.tls_listeners.contains(is_core ? "core" : listener);
  }

  const char* scheme_of(const std::string& listener) const {
    const bool tls = speaks_tls(listener);
    if (listener == "websocket") return tls ? "wss" : "ws";
    if (listener == "mqtt") return "mqtt";
    if (listener == "mqtt_tls") return "mqtts";
    return tls ? "https" : "http";
  }

  api::Readiness readiness() {
    api::Readiness readiness;
    const bool log_healthy = engines_->log().healthy().has_value();
    if (mqtt_) {
      const bool sessions_healthy = mqtt_->store().healthy().has_value();
      readiness.parts.push_back({"mqtt_sessions", sessions_healthy,
                                 sessions_healthy ? "" : "the disk refuses writes: make room, or see the log"});
    }
    readiness.parts.push_back({"event_log", log_healthy,
                               log_healthy ? "" : "the disk refuses writes: make room, or see the log for the error"});
    // While the key is being made, who needs it waits: that is no reason to send clients elsewhere.
    const bool key_failed = key_failed_;
    readiness.parts.push_back(
        {"signing_key", !key_failed, key_failed ? "the key that signs tokens could not be made: see the log" : ""});
    return readiness;
  }

  void wait_for_signal(const std::function<Result<Configuration>()>& reload) {
    signals_.async_wait([&](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal != SIGHUP) return log_info("stopping", {{"signal", signal}});
      const auto configuration = reload();
      if (configuration) {
        set_log_level(configuration->settings.log_level);
        log_info("reloaded the log level");
        reload_tls(configuration->settings);
      } else {
        log_error("the settings could not be read again; nothing is changed",
                  {{"reason", configuration.error().message}});
      }
      wait_for_signal(reload);
    });
  }

  void reload_tls(const Settings& settings) {
    if (!tls_) return;
    const auto reloaded = tls_->reload(tls_files(settings));
    if (reloaded) return log_info("reloaded the certificate", {{"file", settings.tls_certificate.string()}});
    log_error("the certificate could not be reloaded; the old one stays", {{"reason", reloaded.error().message}});
  }

  /// The order of stopping: nobody new comes in; who is being answered gets the answer, for which log and registry go
  /// on; then those; then the threads.
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    stop_listening();
    if (first_start_.joinable()) first_start_.join();
    disk_budget_.reset();
    offload_.join();
    // What its threads have given back is on the loops still, cursors among it, which must end before the store does.
    if (!servers_.empty()) empty_loops(pool_);
    if (addresses_.contains("query")) empty_loops(query_pool_);
    if (devices_) devices_->stop();
    if (engines_) engines_->stop();
    for (net::IoPool* pool : {&pool_, &query_pool_}) {
      pool->stop();
      pool->join();
    }
    servers_.clear();
    log_info("stopped");
  }

  /// Waits until the loops have run all that was posted to them. They must be running.
  static void empty_loops(net::IoPool& pool) {
    for (std::size_t i = 0; i < pool.size(); ++i) {
      std::promise<void> done;
      boost::asio::post(pool.loop(i), [&done] { done.set_value(); });
      done.get_future().wait();
    }
  }

  void stop_listening() {
    const auto deadline = system_clock().steady_now() + settings_.shutdown_s;
    // Who waits for commands would wait on.
    if (devices_) devices_->commands().stop();
    std::vector<std::future<void>> closed;
    for (auto& server : servers_) {
      auto done = std::make_shared<std::promise<void>>();
      closed.push_back(done->get_future());
      server->stop(deadline, [done] { done->set_value(); });
    }
    if (websocket_) {
      auto done = std::make_shared<std::promise<void>>();
      closed.push_back(done->get_future());
      websocket_->stop(deadline, [done] { done->set_value(); });
    }
    if (live_) {
      auto done = std::make_shared<std::promise<void>>();
      closed.push_back(done->get_future());
      live_->stop(deadline, [done] { done->set_value(); });
    }
    if (mqtt_) {
      auto done = std::make_shared<std::promise<void>>();
      closed.push_back(done->get_future());
      mqtt_->stop(deadline, [done] { done->set_value(); });
    }
    for (auto& one : closed) one.wait();
    if (live_) live_->stop_hub();
    if (mqtt_) mqtt_->stop_store();
  }

  const Settings settings_;
  const std::vector<api::SettingView> shown_settings_;
  const Clock::Steady process_start_;
  /// Caught from the beginning: one that comes while the platform starts is heard once it has.
  boost::asio::io_context signal_loop_{1};
  boost::asio::signal_set signals_{signal_loop_, SIGTERM, SIGINT, SIGHUP};
  Metrics metrics_;
  net::IoPool pool_;
  /// Short queries are answered on their loops, where they keep no reading waiting.
  net::IoPool query_pool_;
  boost::asio::thread_pool offload_;
  std::atomic<ingest::Ingestor*> ingestor_seen_by_log_{nullptr};
  std::atomic<LivePart*> live_seen_by_log_{nullptr};
  std::unique_ptr<Engines> engines_;
  access::Tokens tokens_;
  access::Passwords passwords_;
  access::SignInLimiter sign_ins_;
  std::optional<query::Elasticsearch> elasticsearch_;
  std::optional<ingest::Ingestor> ingestor_;
  std::optional<gateway::OpenConnections> open_connections_;
  std::optional<gateway::SendingLimits> sending_;
  std::unique_ptr<net::HttpHandler> core_, dashboards_, jobs_, query_, gateway_;
  std::shared_ptr<net::TlsContext> tls_;
  std::unique_ptr<MqttPart> mqtt_;
  std::unique_ptr<DevicePart> devices_;
  const gui::Pages pages_{gui::assets(), gui::random_nonce};
  std::optional<LivePart> live_;
  std::unique_ptr<gateway::WebSocketGateway> websocket_;
  std::vector<std::unique_ptr<net::HttpServer>> servers_;
  std::unique_ptr<DiskBudget> disk_budget_;
  std::thread first_start_;
  std::atomic<bool> key_failed_{false};
  Addresses addresses_;
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Platform>> Platform::start(const Configuration& configuration, Clock::Steady process_start) {
  auto platform = std::make_unique<RunningPlatform>(configuration, process_start);
  IOT_CHECK(platform->start());
  return std::unique_ptr<Platform>(std::move(platform));
}

}  // namespace iot::server
