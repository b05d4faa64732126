// IoTCore and the Elasticsearch fronts as HTTP handlers: what listens on ports 8080 and 9000 is given one of these.
//
// The routes are data (api/routes.h); the OpenAPI document is made from the same table. The wire contract: WIRE.md, and
// docs/api.md for what it leaves open.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "access/passwords.h"
#include "access/tokens.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "ingest/bulk.h"
#include "net/http.h"
#include "query/elasticsearch.h"
#include "registry/registry.h"
#include "store/reading_store.h"

namespace iot::broker {
class Broker;
}
namespace iot::ingest {
class Ingestor;
}
namespace iot::gui {
class Pages;
}
namespace iot::gateway {
class Commands;
class DevicePresence;
class OpenConnections;
class SendingLimits;
}  // namespace iot::gateway

namespace iot::api {

/// Whether the process can do its work, for /readyz.
struct Readiness {
  struct Part {
    std::string name;  ///< "registry", "event_log", "signing_key"
    bool ready = false;
    std::string message;  ///< why not, and what to do; empty where ready
  };
  std::vector<Part> parts;

  bool ready() const noexcept {
    for (const Part& part : parts) {
      if (!part.ready) return false;
    }
    return true;
  }
};

struct ApiOptions {
  std::string version = "0.1.0";                     ///< shown by the OpenAPI document
  std::chrono::seconds user_token_lifetime{86'400};  ///< of the token that a sign-in gives; at least 60
  bool speaks_tls = false;                           ///< the listeners of the core handler: cookies are for TLS alone
  std::size_t page_limit_default = 100;              ///< of lists without `limit`
  std::size_t page_limit_max = 1'000;                ///< a larger `limit` is refused
  std::size_t sensors_per_listed_device_max =
      100;                                 ///< shown with each device of a list; GET .../sensors pages over all
  std::size_t tree_sensors_max = 10'000;   ///< a larger tree is refused with 413: page through the sensors
  std::size_t body_bytes_max = 16u << 20;  ///< of a request to the REST API; 413
  std::size_t json_depth_max = 16;         ///< of a request's JSON
  std::size_t queries_waiting_max = 256;   ///< running and waiting; further ones are told 429
  std::size_t exports_max = 32;            ///< answers of rows that are sent at once; further ones are told 429
  /// A query that took no longer the last time is answered on the event loop that it arrives at; 0 for none. Only for
  /// handlers whose loops carry nothing but queries.
  std::chrono::microseconds query_on_loop_max{0};
  /// Running and waiting. Each one running takes PasswordOptions::memory_bytes; further ones are told 429.
  std::size_t sign_ins_waiting_max = 64;
};

/// With what readings are written through Elasticsearch's API. All must outlive the handlers.
struct WriteDependencies {
  ingest::Ingestor* ingestor = nullptr;
  /// Of each device over all protocols.
  gateway::SendingLimits* sending = nullptr;
  /// Is told of each request of a device, for its presence.
  gateway::OpenConnections* presence = nullptr;
  /// The handler's event loops, and which of the ingestor's and of presence's the first of them is.
  std::size_t threads = 1;
  std::size_t first_thread = 0;
  ingest::BulkLimits limits = {};
};

/// A setting as `iotplatform config` prints it.
struct SettingView {
  std::string name, value, source, default_value, meaning, allowed;
};

/// What the process knows of itself and of its disk.
struct ProgramFacts {
  std::chrono::seconds uptime{0};
  std::string data_dir;
  std::uint64_t memory_bytes = 0;    ///< resident
  std::uint64_t data_bytes = 0;      ///< size of the data directory
  std::uint64_t data_bytes_max = 0;  ///< at which the oldest readings go; 0: no limit
  /// Of the file system that the data directory is on.
  std::uint64_t disk_bytes = 0, disk_free_bytes = 0;
};

/// All must outlive the handlers, and the handlers must outlive the servers that use them and whatever still runs in
/// `offload` and in the registry's writer: stop the listeners, the registry, join the pool, then destroy.
struct ApiDependencies {
  registry::Registry& registry;
  access::Tokens& tokens;
  const access::Passwords& passwords;
  access::SignInLimiter& sign_ins;
  const query::Elasticsearch& elasticsearch;
  store::ReadingStore& readings;
  boost::asio::thread_pool& offload;
  Metrics& metrics;
  const Clock& clock;
  /// Called on a connection's strand at each GET /readyz: must be quick.
  std::function<Readiness()> readiness;
  /// Requests for which this says true are given to `live`, which takes their connections over (live readings).
  bool (*is_for_live)(const net::HttpRequest&) = nullptr;
  net::HttpHandler* live = nullptr;
  /// The GUI, at paths that are not the API's; null: there is none.
  const gui::Pages* pages = nullptr;
  /// Commands to devices, and how devices stand. Never null.
  gateway::Commands* commands = nullptr;
  const gateway::DevicePresence* presence = nullptr;
  /// Whose sessions are shown; null: MQTT is not served here.
  const broker::Broker* broker = nullptr;
  /// Blocks: it asks the kernel.
  std::function<Result<ProgramFacts>()> facts = {};
  std::vector<SettingView> settings = {};
  /// For the query handler; nothing: readings cannot be written through it.
  std::optional<WriteDependencies> writes = {};
};

/// Port 8080: REST API, consumer proxy, OpenAPI, /metrics, /healthz, /readyz. Any thread.
std::unique_ptr<net::HttpHandler> make_core_handler(ApiDependencies dependencies, ApiOptions options);

/// Ports 5601 and 8081: as `core`, but at / the browser is sent on to `page` ("/dashboards"). `core` must outlive it.
std::unique_ptr<net::HttpHandler> make_page_handler(net::HttpHandler& core, std::string page);

/// Port 9000: Elasticsearch's REST API over what the token may see and write. The token comes as `Bearer`, as `ApiKey`,
/// or as the password of `Basic` (with any user name). Any thread.
std::unique_ptr<net::HttpHandler> make_query_handler(ApiDependencies dependencies, ApiOptions options);

}  // namespace iot::api
