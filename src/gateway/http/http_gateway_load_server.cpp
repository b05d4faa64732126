// The HTTP gateway on the real event log, without a store and with one device of twelve sensors: what scripts measure
// the way of a reading with, from its socket to fdatasync and back.
//
//   iot_gateway_load_server PORT THREADS DIRECTORY
//
// Prints the device's token. Ends with SIGTERM.
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "access/tokens.h"
#include "base/file_system.h"
#include "gateway/http/http_gateway.h"
#include "gateway/sending_limits.h"
#include "gateway/testing/fixed_registry.h"
#include "ingest/testing/sample_snapshot.h"
#include "log/embedded/embedded_log.h"
#include "net/http_server.h"

namespace {

class NoStore final : public iot::log::CommitSink {
 public:
  void committed(std::span<const iot::log::Record>) noexcept override {}
};

template <class T>
T expect(iot::Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

}  // namespace

int main(int count, char** arguments) {
  using namespace iot;
  if (count != 4) return std::fprintf(stderr, "PORT THREADS DIRECTORY\n"), 2;
  const auto port = static_cast<std::uint16_t>(std::atoi(arguments[1]));
  const auto threads = static_cast<std::size_t>(std::atoi(arguments[2]));
  const std::string directory = arguments[3];

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  registry::Snapshot snapshot = ingest::testing::sample_snapshot();
  gateway::testing::FixedRegistry registry(snapshot);
  access::Tokens tokens({}, system_clock());
  tokens.set_key(expect(access::SigningKey::create(directory + "/key.pem", 4096)));
  const std::string token =
      expect(tokens.issue({.audience = access::Audience::device, .subject = 3, .key_version = 1, .expires = {}}, {}));

  Metrics metrics;
  NoStore store;
  net::IoPool pool(threads);
  ingest::Ingestor* relay = nullptr;
  log::EmbeddedLogOptions options;
  options.on_group_end = [&relay] {
    if (relay) relay->group_ended();
  };
  auto event_log =
      expect(log::EmbeddedLog::open(posix_file_system(), directory + "/log", options, metrics, log::Position{}, store));
  std::vector<boost::asio::any_io_executor> executors;
  for (std::size_t i = 0; i < pool.size(); ++i) executors.push_back(pool.loop(i).get_executor());
  ingest::Ingestor ingestor(*event_log, metrics, executors);
  relay = &ingestor;
  gateway::SendingLimits sending({}, {}, metrics);
  const auto handler =
      gateway::make_http_gateway({registry, tokens, ingestor, metrics, system_clock(), sending, pool.size()}, {});
  const auto server = expect(net::HttpServer::listen(pool, *handler, metrics, "http", "127.0.0.1", port, {}));
  pool.run();
  std::printf("%s\n", token.c_str());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  event_log->stop();
  pool.stop();
  pool.join();
  return 0;
}
