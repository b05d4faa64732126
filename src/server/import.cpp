#include "server/import.h"

#include <algorithm>
#include <condition_variable>
#include <istream>
#include <mutex>
#include <ostream>

#include "ingest/ingestor.h"
#include "server/settings.h"
#include "store/readings_only.h"

namespace iot::server {
namespace {

/// Readings that go to the log together: enough to share a sync, few enough to name a bad line quickly.
constexpr std::size_t batch_readings_max = 10'000;
constexpr std::size_t line_bytes_max = 16u << 20;
/// The decoder reads this much past the end of its input.
constexpr std::size_t padding_bytes = 64;

/// Waits for one append at a time.
class Wait final : public log::AppendWaiter {
 public:
  void appended(const Result<log::Position>& outcome) noexcept override {
    const std::scoped_lock lock(mutex_);
    if (!outcome) error_ = outcome.error();
    done_ = true;
    changed_.notify_one();
  }

  Result<void> wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_; });
    done_ = false;
    if (error_) return *std::exchange(error_, {});
    return {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::optional<Error> error_;
};

class Importer {
 public:
  Importer(const registry::Registry& registry, log::EventLog& log, const Clock& clock, const OnProgress& on_progress)
      : registry_(registry), log_(log), clock_(clock), on_progress_(on_progress), decoder_(decode_limits()) {}

  Result<TransferProgress> run(std::istream& in, ReadingsFormat format) {
    ReadingsReader reader(format);
    std::string record, line;
    while (std::getline(in, line)) {
      ++line_number_;
      if (record.empty()) record_line_ = line_number_;
      progress_.bytes += line.size() + 1;
      record += line;
      if (record.size() > line_bytes_max) return bad(record_line_, "the line is longer than 16 MiB");
      if (reader.needs_more(record)) {
        record += '\n';
        continue;
      }
      auto read = reader.read(record);
      record.clear();
      if (!read) return bad(record_line_, read.error().message);
      if (*read) IOT_CHECK(add(**read));
    }
    if (in.bad()) return make_error(Errc::usage, "the input could not be read to its end");
    if (!record.empty()) return bad(record_line_, "a quote is not closed");
    IOT_CHECK(flush());
    return progress_;
  }

 private:
  static ingest::DecodeLimits decode_limits() {
    ingest::DecodeLimits limits;
    limits.readings_max = batch_readings_max;
    limits.faults_max = 1;
    return limits;
  }

  static Error bad(std::uint64_t line, const std::string& what) {
    return make_error(Errc::usage, "line " + std::to_string(line) + ": " + what);
  }

  Result<void> add(const ReadingsReader::Line& line) {
    if (!lines_.empty() && (line.device != device_ || lines_.size() == batch_readings_max)) IOT_CHECK(flush());
    device_ = line.device;
    payload_ += lines_.empty() ? '[' : ',';
    payload_ += line.reading;
    lines_.push_back(record_line_);
    return {};
  }

  Result<void> flush() {
    if (lines_.empty()) return {};
    payload_ += ']';
    const std::size_t size = payload_.size();
    payload_.resize(size + padding_bytes);
    const auto faults = decoder_.decode(std::string_view(payload_).substr(0, size), device_, *registry_.snapshot(),
                                        clock_.now(), batch_);
    if (!faults.empty()) {
      const auto& fault = faults.front();
      const std::string field = fault.field.empty() ? "" : fault.field + ": ";
      return bad(lines_[std::min(fault.index, lines_.size() - 1)], field + fault.message);
    }
    IOT_CHECK(log_.append(batch_, wait_));
    IOT_CHECK(wait_.wait());
    progress_.readings += lines_.size();
    lines_.clear();
    payload_.clear();
    on_progress_(progress_);
    return {};
  }

  const registry::Registry& registry_;
  log::EventLog& log_;
  const Clock& clock_;
  const OnProgress& on_progress_;
  ingest::Decoder decoder_;
  model::ReadingBatch batch_;
  Wait wait_;
  TransferProgress progress_;
  std::uint64_t line_number_ = 0, record_line_ = 0;
  /// What waits to be flushed: the readings as JSON, and the line each came from.
  DeviceId device_;
  std::string payload_;
  std::vector<std::uint64_t> lines_;
};

/// Of text, between two writes.
constexpr std::size_t write_bytes = 1u << 20;

Result<std::vector<rows::Source>> sensors_to_export(const registry::Snapshot& snapshot,
                                                    const std::vector<std::string>& indices) {
  std::vector<rows::Source> sensors;
  if (indices.empty()) {
    snapshot.sensors.for_each([&](SensorId id, const registry::SensorEntry& entry) {
      sensors.push_back({entry.device, id, entry.mapping});
    });
    std::ranges::sort(sensors, {}, [](const rows::Source& one) { return std::pair(one.device, one.sensor); });
    return sensors;
  }
  for (const auto& index : indices) {
    const auto divider = index.find('_');
    const auto device = parse_id<DeviceId>(std::string_view(index).substr(0, divider));
    const auto sensor =
        divider == std::string::npos ? std::nullopt : parse_id<SensorId>(std::string_view(index).substr(divider + 1));
    const auto* entry = sensor ? snapshot.sensors.find(*sensor) : nullptr;
    if (!device || !entry || entry->device != *device) {
      return make_error(Errc::usage, "there is no index " + index + "; an index is <device id>_<sensor id>");
    }
    sensors.push_back({*device, *sensor, entry->mapping});
  }
  return sensors;
}

}  // namespace

Result<TransferProgress> import_readings(std::istream& in, ReadingsFormat format, const registry::Registry& registry,
                                         log::EventLog& log, const Clock& clock, const OnProgress& on_progress) {
  return Importer(registry, log, clock, on_progress).run(in, format);
}

Result<TransferProgress> export_readings(std::ostream& out, ReadingsFormat format,
                                         const std::vector<std::string>& indices, const registry::Registry& registry,
                                         store::ReadingStore& store, const OnProgress& on_progress) {
  IOT_TRY(const auto sensors, sensors_to_export(*registry.snapshot(), indices));
  TransferProgress progress;
  const auto writer = rows::make_row_writer(format, {.sources = sensors});
  std::string text;
  writer->begin(text);
  const auto write = [&]() -> Result<void> {
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!out.flush()) return make_error(Errc::usage, "the output could not be written");
    progress.bytes += text.size();
    text.clear();
    on_progress(progress);
    return {};
  };
  for (std::size_t i = 0; i < sensors.size(); ++i) {
    IOT_TRY(auto everything, store.scan(sensors[i].sensor, {}, store::Direction::ascending));
    const auto cursor = store::readings_only(std::move(everything));
    while (true) {
      IOT_TRY(const bool more, cursor->next());
      if (!more) break;
      IOT_TRY(const auto block, cursor->block());
      for (rows::Places left{nullptr, 0, block.size()}; left.size() > 0;) {
        IOT_TRY(const std::size_t written, writer->add(i, block, left, write_bytes, text));
        left = left.after(written);
        progress.readings += written;
        IOT_CHECK(write());
      }
    }
  }
  writer->end(text);
  IOT_CHECK(write());
  return progress;
}

}  // namespace iot::server
