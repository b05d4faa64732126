// For tests of the embedded store: the store, a log that outlives it, and the simplest model of what must be in it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "model/reading_batch.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/temporary_directory.h"

namespace iot::store {

/// A reading as the model keeps it: numbers by their place in the order of values, texts as they are.
struct ModelReading {
  std::int64_t time_ns = 0;
  std::int64_t number = 0;
  std::string text;
  auto operator<=>(const ModelReading&) const = default;
};
std::int64_t place_of(double value);

using Readings = std::vector<ModelReading>;

/// The mapping of a test's sensor follows from its id: double, long, keyword in turn.
model::MappingType mapping_of(SensorId sensor);

class StoreWorld {
 public:
  explicit StoreWorld(EmbeddedStoreOptions options = {});
  /// On a directory that stays.
  StoreWorld(EmbeddedStoreOptions options, std::filesystem::path directory);
  ~StoreWorld();

  EmbeddedStore& store() { return *store_; }
  ManualClock& clock() { return clock_; }
  Metrics& metrics() { return *metrics_; }
  const std::filesystem::path& path() const { return path_; }
  EmbeddedStoreOptions& options() { return options_; }
  double metric(const std::string& name) const;

  /// Adds a reading to the batch that commit() brings to log, store and model.
  void add(SensorId sensor, std::int64_t time_ns, std::int64_t value);
  void commit();
  /// One reading, committed.
  void put(SensorId sensor, std::int64_t time_ns, std::int64_t value) {
    add(sensor, time_ns, value);
    commit();
  }
  void commit_payload(std::string payload);

  /// Destroys the store as it is and opens it again, with what the log still has.
  void reopen();
  void close() { store_.reset(); }

  Readings expected(SensorId sensor, TimeRange range = {}) const;
  std::set<ModelReading>& model(SensorId sensor) { return model_[sensor.value]; }
  std::set<SensorId> sensors() const;

  /// Compares every sensor with the model, both ways, and by its newest reading.
  void check_all();
  void check(SensorId sensor, TimeRange range, Direction direction);
  /// Compares the newest reading of each sensor, and of one that there is not, with the model's.
  void check_latest();
  /// As check() reads them, but each block is kept until the end.
  Readings read_kept(SensorId sensor, TimeRange range, Direction direction);
  /// The same with runs that are detached and decoded, in turn on `threads` threads, when the cursor is gone and
  /// `meanwhile` was called. Counts the detached ones.
  Readings read_detached(SensorId sensor, TimeRange range, Direction direction, std::size_t threads,
                         const std::function<void()>& meanwhile, std::size_t* detached = nullptr);

 private:
  void open();

  TemporaryDirectory temporary_;
  std::filesystem::path path_;
  EmbeddedStoreOptions options_;
  std::unique_ptr<Metrics> metrics_;
  ManualClock clock_;
  std::vector<std::string> log_;
  model::ReadingBatch batch_;
  std::map<std::int64_t, std::set<ModelReading>> model_;
  std::unique_ptr<EmbeddedStore> store_;
};

/// A block's readings.
Readings readings_of(const Block& block);
/// Everything the cursor gives, ascending. Fails the test where the order is wrong or an error comes; checks every
/// summary against the readings.
Readings read_all(Cursor& cursor, Direction direction);

}  // namespace iot::store
