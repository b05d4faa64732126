// The fields inside the objects of a sensor, and their types: there is no stored mapping of them, so they are found in
// the readings, in order of time, as dynamic mapping would have met them.
//
// FieldCatalog keeps what was found; any thread. FieldLookup is what one request asks: it keeps to what it has said
// once, has the request's deadline, and is told where a reading shows a type to be another. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "query/es_error.h"
#include "query/objects/object_reader.h"
#include "query/series.h"
#include "store/reading_store.h"

namespace iot::query {

/// A field inside an object.
struct ObjectField {
  std::string name;  ///< behind "value.": "position.lat", "name.keyword"
  /// long, double, boolean, date, text or keyword; `object` for one with fields of its own.
  model::MappingType type = model::MappingType::object;
  std::string path;  ///< where its values are: that of "name.keyword" is "name"
};

/// The type that a field gets from its first value, as dynamic mapping has it: decimals are `double`.
model::MappingType dynamic_type(const model::RawValue& value);

/// What has been found of one sensor, up to some time.
class SensorFields {
 public:
  /// As index.mapping.total_fields.limit; the objects and `.keyword`s among them. What comes later is unmapped.
  static constexpr std::size_t fields_max = 1'000;

  void add(std::string_view path, const model::RawValue& value);
  void set_decimal(std::string_view path);
  std::optional<ObjectField> find(std::string_view name) const;
  /// Without objects, by name.
  std::vector<ObjectField> all() const;
  bool is_full() const noexcept { return is_full_; }
  std::size_t memory_bytes() const noexcept { return bytes_; }

 private:
  bool add_objects_above(std::string_view path);

  std::map<std::string, model::MappingType, std::less<>> leaves_;
  std::set<std::string, std::less<>> objects_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 256;
  bool is_full_ = false;
};

class FieldCatalog {
 public:
  /// Above it what was not asked for longest is forgotten, and found again when needed.
  static constexpr std::size_t memory_bytes_max = 32u << 20;

 private:
  friend class FieldLookup;
  /// Of one sensor.
  struct Entry {
    std::timed_mutex mutex;  ///< of all below, also while readings are looked through
    SensorFields fields;
    Timestamp seen_to = timestamp_min;  ///< readings before it have been looked through
    std::uint64_t seen = 0;             ///< how many readings those and the ones at it were
    bool is_whole = false;              ///< all readings have been looked through, when there were:
    std::uint64_t count_then = 0;
    std::optional<Timestamp> last_then;
    std::size_t counted_bytes = 0;  ///< guarded by the catalog's mutex
  };
  struct Kept {
    std::shared_ptr<Entry> entry;
    std::list<SensorId>::iterator used;
  };

  std::shared_ptr<Entry> entry_of(SensorId sensor);
  void count_memory(SensorId sensor, const std::shared_ptr<Entry>& entry, std::size_t bytes);

  std::mutex mutex_;
  std::map<SensorId, Kept> entries_;
  std::list<SensorId> used_;  ///< the last one first
  std::size_t bytes_ = 0;
};

class FieldLookup {
 public:
  /// All must outlive the object; `cancelled` may be null.
  FieldLookup(FieldCatalog& catalog, store::ReadingStore& store, const Clock& clock, std::chrono::milliseconds deadline,
              const std::atomic<bool>* cancelled);

  /// The deadline counts from now on: a request may be several searches.
  void begin();
  /// False where a column need not be read on: the search around it is over its deadline, and says so.
  bool may_read() const;

  /// The field behind "value."; nothing if no reading has it. Refused: a path too deep or too long, a sensor with more
  /// fields than are kept, readings that could not be looked through in time.
  EsResult<std::optional<ObjectField>> find(const Series& series, const std::string& name);
  /// All that have values, by name.
  EsResult<std::vector<ObjectField>> all(const Series& series);

  /// A reading has a decimal number where the field was said to be a `long`: what is being answered has to be asked
  /// again.
  void met_decimal(SensorId sensor, const std::string& path);
  /// Whether met_decimal() was called since the last time; what was said before is then forgotten.
  bool begin_again();
  /// How often that was so.
  std::uint64_t changes() const noexcept { return changes_.load(std::memory_order_relaxed); }

 private:
  bool go_on() const;
  /// Looks further through the readings until there is a field of that name, or, with null, to the end.
  EsResult<void> look(const Series& series, FieldCatalog::Entry& entry, const std::string* name);
  EsResult<void> look_through(const Series& series, FieldCatalog::Entry& entry, const std::string* name);
  EsError out_of_time(const Series& series) const;
  EsResult<std::shared_ptr<FieldCatalog::Entry>> locked(const Series& series, std::unique_lock<std::timed_mutex>& lock);

  FieldCatalog& catalog_;
  store::ReadingStore& store_;
  const Clock& clock_;
  const std::atomic<bool>* cancelled_;
  std::chrono::milliseconds time_;
  Clock::Steady deadline_;
  std::mutex mutex_;
  std::map<std::pair<SensorId, std::string>, std::optional<ObjectField>> said_;
  std::map<SensorId, std::set<std::string>> decimals_;
  std::atomic<std::uint64_t> changes_{0};
};

}  // namespace iot::query
