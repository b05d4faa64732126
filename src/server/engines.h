// The parts that keep something on disk (registry, reading store, event log), opened and closed in the order that
// recovery needs: the store says up to where it has everything by itself, and the log replays the rest into it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/failure.h"
#include "base/file_system.h"
#include "base/metrics.h"
#include "log/embedded/embedded_log.h"
#include "registry/registry.h"
#include "server/data_directory.h"
#include "server/settings.h"
#include "store/embedded/embedded_store.h"

namespace iot::server {

class Engines {
 public:
  /// `metrics` and `clock` must outlive the object. `on_group_end` is called on the log's thread after each group of
  /// appends has been told its outcome.
  static Result<std::unique_ptr<Engines>> open(const Settings& settings, DataDirectory directory, Metrics& metrics,
                                               const Clock& clock, std::function<void()> on_group_end);
  /// stop() first.
  ~Engines();

  const DataDirectory& directory() const noexcept { return directory_; }
  registry::Registry& registry() noexcept { return *registry_; }
  store::EmbeddedStore& store() noexcept { return *store_; }
  log::EmbeddedLog& log() noexcept { return *log_; }
  /// Readings that the log brought back into the store at the start.
  std::uint64_t recovered_readings() const noexcept { return recovered_readings_; }

  /// Finishes what was accepted and closes. No appends or writes may come afterwards.
  void stop() noexcept;

 private:
  Engines(const Settings& settings, DataDirectory directory);

  class Replay;

  Result<void> open_registry(const Clock& clock);
  Result<void> open_store(Metrics& metrics, const Clock& clock);
  Result<void> open_log(Metrics& metrics, std::function<void()> on_group_end);
  void follow_registry();

  Settings settings_;
  DataDirectory directory_;
  std::uint64_t recovered_readings_ = 0;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<store::EmbeddedStore> store_;
  /// The store tells it what it has on disk, from its own thread, as soon as there is a log.
  std::atomic<log::EmbeddedLog*> released_log_{nullptr};
  std::unique_ptr<Replay> replay_;
  std::unique_ptr<log::EmbeddedLog> log_;
};

}  // namespace iot::server
