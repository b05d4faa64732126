#include "store/embedded/newest.h"

#include <compare>

#include "store/embedded/chunk_stream.h"

namespace iot::store {
namespace {

/// Entries of a sensor that are looked at in turn, which is quicker than seeking as long as they are few.
constexpr std::size_t entries_in_turn_max = 16;

/// Whether `a` comes after `b`, at one time: the order of cursors, by kind and then by value.
bool comes_after(const model::Value& a, const model::Value& b) {
  if (a.index() != b.index()) return a.index() > b.index();
  if (const auto* real = std::get_if<double>(&a)) return std::strong_order(*real, std::get<double>(b)) > 0;
  return a > b;
}

}  // namespace

void Newest::add(Source source) {
  if (!wants(source.last_ns())) return;
  if (source.last_ns() > last_ns_) ending_last_.clear();
  last_ns_ = source.last_ns();
  ending_last_.push_back(std::move(source));
}

Result<std::optional<Reading>> Newest::find(ChunkReader& reader, DecodedChunks& decoded) const {
  std::optional<Reading> found;
  for (const Source& source : ending_last_) {
    IOT_TRY(Reading reading, source.last(reader, decoded));
    if (!found || comes_after(reading.value, found->value)) found = std::move(reading);
  }
  return found;
}

Result<void> NewestChunks::add(SensorId sensor, Newest& newest) {
  const std::string prefix = index_prefix(sensor);
  // After the sensor before, the reader may stand at this one's first entry, or past where it would be.
  if (!reader_.at(index_begin) || reader_.key() < prefix) reader_.seek(prefix);
  for (std::size_t looked_at = 0; reader_.at(prefix); reader_.next()) {
    if (++looked_at > entries_in_turn_max) return add_from_stream(sensor, newest);
    IOT_CHECK(add_entry(sensor, newest));
  }
  return reader_.status();
}

Result<void> NewestChunks::add_entry(SensorId sensor, Newest& newest) {
  const auto key = parse_index_key(reader_.key());
  const bool ends_too_early = key && key->first_ns <= INT64_MAX - span_max_ns(key->span_class) &&
                              !newest.wants(key->first_ns + span_max_ns(key->span_class));
  if (ends_too_early) return {};
  auto entry = parse_index_entry(reader_.key(), reader_.value());
  if (!entry) {
    Error error = entry.error();
    error.message = "sensor " + sensor.to_string() + ": " + error.message;
    return error;
  }
  newest.add(Source::on_disk(std::make_shared<const ChunkEntry>(std::move(*entry))));
  return {};
}

Result<void> NewestChunks::add_from_stream(SensorId sensor, Newest& newest) {
  PagedChunks chunks(reader_, sensor, {}, Direction::descending);
  while (true) {
    IOT_TRY(const ChunkEntry* entry, chunks.peek());
    if (!entry || !newest.wants(entry->last_ns())) return {};
    newest.add(Source::on_disk(chunks.pop()));
  }
}

}  // namespace iot::store
