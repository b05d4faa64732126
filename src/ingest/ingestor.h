// From a message's bytes to an acknowledged reading: decode, validate against the registry's snapshot, append to the
// event log, tell the sender. All gateways (HTTP, MQTT, WebSocket, import) go through here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.h"
#include "base/failure.h"
#include "base/ids.h"
#include "base/metrics.h"
#include "log/event_log.h"
#include "model/reading_batch.h"
#include "registry/snapshot.h"

namespace iot::ingest {

enum class Errc {
  refused = 1,  ///< At least one reading is bad; the faults say which and why. Correct and send again.
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "ingest";
}

/// What is wrong with one reading of a message.
struct Fault {
  enum class Kind : std::uint8_t {
    bad_reading,  ///< This reading is refused.
    malformed,    ///< From here on the message is not JSON, or it holds no readings at all.
    too_many,     ///< More readings than DecodeLimits::readings_max: send fewer at once.
  };
  std::size_t index = 0;  ///< of the reading in its array; 0 for a single one or for the message as a whole
  std::string field;      ///< "sensor_id", "timestamp", "value"; empty for the reading or the message as a whole
  std::string message;
  Kind kind = Kind::bad_reading;
};

/// Appends {"name":"ReadingsRefused","errors":[{"index":0,"field":"value","message":"..."},...]}: what senders are
/// told.
void append_faults_json(std::string& out, const std::vector<Fault>& faults);

struct DecodeLimits {
  std::size_t readings_max = 100'000;   ///< in one message
  std::size_t text_bytes_max = 32'766;  ///< of one value (Lucene's longest keyword)
  std::size_t depth_max = 32;           ///< of an object value
  std::size_t faults_max = 100;         ///< named in one answer; the rest is counted
};

/// Decodes messages with simdjson. Keeps memory for reuse: one for each thread.
class Decoder {
 public:
  explicit Decoder(DecodeLimits limits);
  ~Decoder();

  /// A reading is an object with each of "sensor_id", "value" and, if it likes, "timestamp" once. Other members are
  /// passed over, but must be JSON. An array without readings is good and gives an empty batch.
  ///
  /// Fills `batch` (cleared first) with the readings of `payload`: one object or an array of them. All readings are of
  /// `device` and its sensors in `snapshot`, else they are faults. `arrival` is the time of readings that carry none.
  /// Returns the faults, of which there are none if the whole message is good; else the batch must not be used.
  /// At least 64 bytes of the same allocation must follow `payload`.
  std::vector<Fault> decode(std::string_view payload, DeviceId device, const registry::Snapshot& snapshot,
                            Timestamp arrival, model::ReadingBatch& batch);

  /// The same for one more message of the batch's device: adds its readings behind those that are there. If there are
  /// faults, the batch is as it was.
  std::vector<Fault> decode_more(std::string_view payload, const registry::Snapshot& snapshot, Timestamp arrival,
                                 model::ReadingBatch& batch);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The time that a number means, by its magnitude (WIRE: below 1e11 seconds, 1e14 ms, 1e17 µs, else ns); `text` is a
/// JSON number. Nothing if it is negative, not finite, or after 2262-04-11T23:47:16.854775807Z. Fractions count,
/// exactly.
std::optional<Timestamp> detect_timestamp(std::string_view text) noexcept;

/// Hands batches to the event log and brings the outcome back to the thread that asked: the log's thread wakes each
/// event loop once for a group, not once for each message.
class Ingestor {
 public:
  using Done = std::function<void(const Result<log::Position>&)>;

  /// `log` and `metrics` must outlive the object. `executors` are the event loops by thread index.
  Ingestor(log::EventLog& log, Metrics& metrics, std::vector<boost::asio::any_io_executor> executors);
  /// After the log has been stopped.
  ~Ingestor();

  /// Appends the batch, which may be reused at once and must not be empty. Call it on loop `thread_index`. `done` is
  /// called once on that loop, after the readings are durable and queryable or have failed; when the log refuses at
  /// once, before this returns. It allocates nothing in the steady state if `done` captures at most two pointers.
  void submit(std::size_t thread_index, const model::ReadingBatch& batch, Done done);

  /// Bytes of an encoded batch that the log takes at once. Any thread.
  std::size_t record_bytes_max() const noexcept;

  /// The log has told all waiters of a group: wakes each loop that has some. For the log's on_group_end, on the log's
  /// thread. Outcomes are kept back until it is called, so call it once more after the log has stopped.
  void group_ended() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iot::ingest
