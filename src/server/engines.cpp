#include "server/engines.h"

#include <algorithm>

#include <unistd.h>

#include "base/logging.h"
#include "server/retention.h"

namespace iot::server {
namespace {

constexpr std::uint64_t store_memory_bytes_max = std::uint64_t{1} << 30;

std::size_t store_memory(const Settings& settings) {
  if (settings.store_memory_bytes > 0) return settings.store_memory_bytes;
  const auto machine =
      static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return std::min(machine / 4, store_memory_bytes_max);
}

}  // namespace

/// Stands between log and store, and counts what a restart brings back.
class Engines::Replay final : public log::CommitSink {
 public:
  explicit Replay(store::EmbeddedStore& store) : store_(store) {}

  void committed(std::span<const log::Record> records) noexcept override {
    if (counting_.load(std::memory_order_relaxed)) count(records);
    store_.committed(records);
  }

  /// Readings counted until now; none is counted any more.
  std::uint64_t finish() {
    counting_ = false;
    return readings_;
  }

 private:
  void count(std::span<const log::Record> records) noexcept {
    for (const auto& record : records) {
      if (batch_.decode(record.payload)) readings_ += batch_.size();
    }
  }

  store::EmbeddedStore& store_;
  std::atomic<bool> counting_{true};
  std::uint64_t readings_ = 0;
  model::ReadingBatch batch_;
};

Engines::Engines(const Settings& settings, DataDirectory directory)
    : settings_(settings), directory_(std::move(directory)) {}

Engines::~Engines() = default;

Result<std::unique_ptr<Engines>> Engines::open(const Settings& settings, DataDirectory directory, Metrics& metrics,
                                               const Clock& clock, std::function<void()> on_group_end) {
  std::unique_ptr<Engines> engines(new Engines(settings, std::move(directory)));
  IOT_CHECK(engines->open_registry(clock));
  IOT_CHECK(engines->open_store(metrics, clock));
  IOT_CHECK(engines->open_log(metrics, std::move(on_group_end)));
  engines->follow_registry();
  return engines;
}

Result<void> Engines::open_registry(const Clock& clock) {
  registry::RegistryOptions options;
  options.database = directory_.registry_file();
  IOT_TRY(registry_, registry::Registry::open(options, clock));
  return {};
}

Result<void> Engines::open_store(Metrics& metrics, const Clock& clock) {
  store::EmbeddedStoreOptions options;
  options.memory_bytes_max = store_memory(settings_);
  options.decoded_bytes_max = settings_.store_decoded_bytes;
  options.on_applied = [this](log::Position position) {
    if (auto* log = released_log_.load(std::memory_order_acquire)) log->release(position);
  };
  IOT_TRY(store_, store::EmbeddedStore::open(directory_.store_directory(), options, metrics, clock));
  store_->set_retention_policy([this, otherwise = default_retention(settings_)](SensorId sensor) {
    return retention_of(*registry_->snapshot(), sensor, otherwise);
  });
  return {};
}

Result<void> Engines::open_log(Metrics& metrics, std::function<void()> on_group_end) {
  log::EmbeddedLogOptions options;
  options.pending_bytes_max = settings_.log_pending_bytes_max;
  options.segment_bytes = settings_.log_segment_bytes;
  options.retain_bytes = settings_.log_retain_bytes;
  options.retain_age = settings_.log_retain_s;
  options.on_group_end = std::move(on_group_end);
  replay_ = std::make_unique<Replay>(*store_);
  IOT_TRY(log_, log::EmbeddedLog::open(posix_file_system(), directory_.log_directory().string(), options, metrics,
                                       store_->applied(), *replay_));
  recovered_readings_ = replay_->finish();
  released_log_.store(log_.get(), std::memory_order_release);
  log_->release(store_->applied());
  return {};
}

void Engines::follow_registry() {
  registry_->on_sensors_removed([this](const std::vector<SensorId>& sensors) {
    if (const auto removed = store_->remove_all(sensors); !removed) {
      log_error("readings of removed sensors are still on disk",
                {{"sensors", sensors.size()}, {"reason", removed.error().message}});
    }
  });
}

void Engines::stop() noexcept {
  if (registry_) registry_->stop();
  if (log_) log_->stop();
  if (!store_) return;
  if (const auto closed = store_->close(); !closed) {
    log_error("the store was not closed cleanly; the next start reads the log again",
              {{"reason", closed.error().message}});
  }
  released_log_ = nullptr;
}

}  // namespace iot::server
