#include "query/objects/field_lookup.h"

#include <charconv>
#include <utility>

#include "model/number_text.h"
#include "query/date_format.h"
#include "query/walk.h"

namespace iot::query {
namespace {

using model::MappingType;
using model::RawValue;

constexpr std::string_view keyword_suffix = ".keyword";
/// What a node of a map takes beside its text, about.
constexpr std::size_t leaf_bytes = 96;
/// What one request may ask of all its indices together.
constexpr std::size_t fields_said_max = 1u << 20;

/// Whether a JSON number is one that a long holds as it is.
bool is_whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

MappingType dynamic_type(const RawValue& value) {
  switch (value.kind) {
    case RawValue::Kind::number:
      return is_whole_number(value.text) ? MappingType::long_integer : MappingType::double_precision;
    case RawValue::Kind::boolean_true:
    case RawValue::Kind::boolean_false:
      return MappingType::boolean;
    default:
      break;
  }
  // Digits alone are no date, as they might be a year or milliseconds.
  if (model::parse_decimal(value.text)) return MappingType::text;
  const bool is_date = DateFormat::date_millis().read(value.text, FillUp::first, TimeZone()).has_value();
  return is_date ? MappingType::date : MappingType::text;
}

bool SensorFields::add_objects_above(std::string_view path) {
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const std::string_view above = path.substr(0, dot);
    if (leaves_.contains(above)) return false;
    if (objects_.contains(above)) continue;
    if (count_ >= fields_max) return is_full_ = true, false;
    objects_.emplace(above);
    ++count_;
    bytes_ += above.size() + leaf_bytes;
  }
  return true;
}

void SensorFields::add(std::string_view path, const RawValue& value) {
  if (const auto found = leaves_.find(path); found != leaves_.end()) {
    // Whatever comes first, decimals are never cut.
    if (found->second == MappingType::long_integer && value.kind == RawValue::Kind::number &&
        dynamic_type(value) == MappingType::double_precision) {
      found->second = MappingType::double_precision;
    }
    return;
  }
  // What has been an object is no value, and the other way round.
  if (objects_.contains(path) || !add_objects_above(path)) return;
  const MappingType type = dynamic_type(value);
  const std::size_t fields = type == MappingType::text ? 2 : 1;
  if (count_ + fields > fields_max) {
    is_full_ = true;
    return;
  }
  leaves_.emplace(path, type);
  count_ += fields;
  bytes_ += path.size() + leaf_bytes;
}

void SensorFields::set_decimal(std::string_view path) {
  const auto found = leaves_.find(path);
  if (found != leaves_.end()) {
    if (found->second == MappingType::long_integer) found->second = MappingType::double_precision;
    return;
  }
  // Forgotten meanwhile: what is known of it now must not be.
  if (count_ >= fields_max || !add_objects_above(path)) return;
  leaves_.emplace(path, MappingType::double_precision);
  ++count_;
  bytes_ += path.size() + leaf_bytes;
}

std::optional<ObjectField> SensorFields::find(std::string_view name) const {
  if (const auto found = leaves_.find(name); found != leaves_.end()) {
    return ObjectField{std::string(name), found->second, std::string(name)};
  }
  if (objects_.contains(name)) return ObjectField{std::string(name), MappingType::object, std::string(name)};
  if (!name.ends_with(keyword_suffix)) return {};
  const std::string_view path = name.substr(0, name.size() - keyword_suffix.size());
  const auto text = leaves_.find(path);
  if (text == leaves_.end() || text->second != MappingType::text) return {};
  return ObjectField{std::string(name), MappingType::keyword, std::string(path)};
}

std::vector<ObjectField> SensorFields::all() const {
  std::vector<ObjectField> fields;
  for (const auto& [path, type] : leaves_) {
    fields.push_back({path, type, path});
    if (type == MappingType::text) {
      fields.push_back({path + std::string(keyword_suffix), MappingType::keyword, path});
    }
  }
  return fields;
}

std::shared_ptr<FieldCatalog::Entry> FieldCatalog::entry_of(SensorId sensor) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(sensor); found != entries_.end()) {
    used_.splice(used_.begin(), used_, found->second.used);
    return found->second.entry;
  }
  used_.push_front(sensor);
  auto entry = std::make_shared<Entry>();
  entries_.emplace(sensor, Kept{entry, used_.begin()});
  return entry;
}

void FieldCatalog::count_memory(SensorId sensor, const std::shared_ptr<Entry>& entry, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(sensor);
  // Forgotten meanwhile.
  if (found == entries_.end() || found->second.entry != entry) return;
  bytes_ += bytes - std::exchange(entry->counted_bytes, bytes);
  while (bytes_ > memory_bytes_max && used_.size() > 1) {
    const auto last = entries_.find(used_.back());
    bytes_ -= last->second.entry->counted_bytes;
    entries_.erase(last);
    used_.pop_back();
  }
}

FieldLookup::FieldLookup(FieldCatalog& catalog, store::ReadingStore& store, const Clock& clock,
                         std::chrono::milliseconds deadline, const std::atomic<bool>* cancelled)
    : catalog_(catalog),
      store_(store),
      clock_(clock),
      cancelled_(cancelled),
      time_(deadline),
      deadline_(clock.steady_now() + deadline) {}

void FieldLookup::begin() {
  deadline_ = clock_.steady_now() + time_;
}

bool FieldLookup::may_read() const {
  // Whoever reads for longer than that is over his own deadline too, and says so.
  constexpr std::chrono::seconds later{1};
  if (cancelled_ && cancelled_->load(std::memory_order_relaxed)) return false;
  return clock_.steady_now() < deadline_ + later;
}

bool FieldLookup::go_on() const {
  if (cancelled_ && cancelled_->load(std::memory_order_relaxed)) return false;
  return clock_.steady_now() < deadline_;
}

EsError FieldLookup::out_of_time(const Series& series) const {
  if (cancelled_ && cancelled_->load(std::memory_order_relaxed)) {
    return {400, "task_cancelled_exception", "task cancelled [the client has closed the connection]"};
  }
  return EsError(503, "timeout_exception",
                 "the fields inside the objects of [" + series.name +
                     "] were not found within the deadline; what was looked through is remembered: ask again")
      .on_shard();
}

EsResult<void> FieldLookup::look_through(const Series& series, FieldCatalog::Entry& entry, const std::string* name) {
  const auto is_found = [&] { return name && entry.fields.find(*name).has_value(); };
  if (is_found()) return {};
  auto cursor = store_.scan(series.index.sensor, {entry.seen_to, timestamp_max}, store::Direction::ascending);
  if (!cursor) return store_failed(cursor.error());
  ObjectReader reader;
  const ObjectReader::VisitLeaf add = [&](std::string_view path, const RawValue& value) {
    entry.fields.add(path, value);
  };
  for (;;) {
    if (!go_on()) return out_of_time(series);
    const auto more = (*cursor)->next();
    if (!more) return store_failed(more.error());
    if (!*more) break;
    const auto block = (*cursor)->block();
    if (!block) return store_failed(block.error());
    // Looked through again after a pause: only those after it are new.
    for (std::size_t i = 0; i < block->size(); ++i) {
      reader.each_leaf(block->texts[i], add);
      const bool is_new = entry.seen == 0 || block->times_ns[i] > entry.seen_to.ns;
      entry.seen += is_new ? 1 : 0;
    }
    if (block->size() > 0) entry.seen_to = {block->times_ns.back()};
    if (is_found()) return {};
  }
  entry.is_whole = true;
  return {};
}

EsResult<void> FieldLookup::look(const Series& series, FieldCatalog::Entry& entry, const std::string* name) {
  if (name && entry.fields.find(*name)) return {};
  const auto info = store_.info(series.index.sensor);
  if (!info) return store_failed(info.error());
  if (entry.is_whole && entry.count_then == info->count_max && entry.last_then == info->last) return {};
  const bool was_whole = std::exchange(entry.is_whole, false);
  const std::uint64_t seen_before = entry.seen;
  const std::uint64_t count_before = entry.count_then;
  ES_CHECK(look_through(series, entry, name));
  // More came than lies after what was looked through: some of it came late.
  const bool some_late = was_whole ? count_before + (entry.seen - seen_before) != info->count_max
                                   : seen_before > 0 && entry.seen < info->count_max;
  if (entry.is_whole && some_late) {
    entry.is_whole = false;
    entry.seen = 0;
    entry.seen_to = timestamp_min;
    ES_CHECK(look_through(series, entry, name));
  }
  if (entry.is_whole) {
    entry.count_then = info->count_max;
    entry.last_then = info->last;
  }
  return {};
}

EsResult<std::shared_ptr<FieldCatalog::Entry>> FieldLookup::locked(const Series& series,
                                                                   std::unique_lock<std::timed_mutex>& lock) {
  auto entry = catalog_.entry_of(series.index.sensor);
  lock = std::unique_lock(entry->mutex, std::defer_lock);
  // Another request may be looking through the same readings.
  constexpr std::chrono::milliseconds pause{20};
  while (!lock.try_lock_for(pause)) {
    if (!go_on()) return out_of_time(series);
  }
  return entry;
}

EsResult<std::optional<ObjectField>> FieldLookup::find(const Series& series, const std::string& name) {
  const std::pair key(series.index.sensor, name);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = said_.find(key); found != said_.end()) return found->second;
  }
  // What no key of an object can be is in none.
  if (!has_whole_parts(name)) return std::optional<ObjectField>();
  if (!is_object_path(name)) {
    return failed_to_create_query(
        series, illegal_argument("[value." + name.substr(0, 64) + "] is no field inside [value]: a path has at most [" +
                                 std::to_string(object_depth_max) + "] parts and [" +
                                 std::to_string(object_path_bytes_max) + "] bytes"));
  }
  std::unique_lock<std::timed_mutex> lock;
  ES_TRY(const auto entry, locked(series, lock));
  ES_CHECK(look(series, *entry, &name));
  catalog_.count_memory(series.index.sensor, entry, entry->fields.memory_bytes());
  auto field = entry->fields.find(name);
  if (!field && entry->fields.is_full()) {
    return failed_to_create_query(
        series,
        illegal_argument("[value." + name + "] is not among the first [" + std::to_string(SensorFields::fields_max) +
                         "] fields inside [value] of [" + series.name + "], and later ones cannot be asked for"));
  }
  const std::lock_guard said_lock(mutex_);
  if (said_.size() >= fields_said_max) {
    return EsError(429, "circuit_breaking_exception",
                   "[request] asks for more than [" + std::to_string(fields_said_max) +
                       "] fields inside objects of all its indices together")
        .with("durability", "\"TRANSIENT\"");
  }
  return said_.emplace(key, std::move(field)).first->second;
}

EsResult<std::vector<ObjectField>> FieldLookup::all(const Series& series) {
  std::unique_lock<std::timed_mutex> lock;
  ES_TRY(const auto entry, locked(series, lock));
  ES_CHECK(look(series, *entry, nullptr));
  catalog_.count_memory(series.index.sensor, entry, entry->fields.memory_bytes());
  return entry->fields.all();
}

void FieldLookup::met_decimal(SensorId sensor, const std::string& path) {
  const std::lock_guard lock(mutex_);
  decimals_[sensor].insert(path);
}

bool FieldLookup::begin_again() {
  std::map<SensorId, std::set<std::string>> decimals;
  {
    const std::lock_guard lock(mutex_);
    if (decimals_.empty()) return false;
    decimals = std::exchange(decimals_, {});
    said_.clear();
    changes_.fetch_add(1, std::memory_order_relaxed);
  }
  for (const auto& [sensor, paths] : decimals) {
    const auto entry = catalog_.entry_of(sensor);
    const std::lock_guard lock(entry->mutex);
    for (const std::string& path : paths) entry->fields.set_decimal(path);
  }
  return true;
}

}  // namespace iot::query
