// Readings as Elasticsearch's clients write them: the lines of a _bulk request, or one document. Bytes in, values out:
// no HTTP (api/elasticsearch_writes.h), no log (ingestor.h).
//
// Arrays of readings, as devices send them, are Decoder's (ingestor.h). The difference that counts: here each reading
// is judged alone, and the good ones are stored whatever the others are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/reading_batch.h"
#include "registry/snapshot.h"

namespace iot::ingest {

/// To which devices' sensors a request may write.
class WriteRights {
 public:
  static WriteRights of_device(DeviceId device) { return {Whose::device, device, {}}; }
  static WriteRights of_owner(UserId owner) { return {Whose::owner, {}, owner}; }
  static WriteRights of_everything() { return {Whose::everything, {}, {}}; }
  static WriteRights of_nothing() { return {Whose::nothing, {}, {}}; }

  bool are_none() const noexcept { return whose_ == Whose::nothing; }
  bool include(DeviceId device, const registry::Snapshot& snapshot) const;

 private:
  enum class Whose : std::uint8_t { nothing, device, owner, everything };
  WriteRights(Whose whose, DeviceId device, UserId owner) : whose_(whose), device_(device), owner_(owner) {}

  Whose whose_;
  DeviceId device_;
  UserId owner_;
};

enum class BulkAction : std::uint8_t { index, create, update, remove };
std::string_view to_string(BulkAction action) noexcept;  ///< "index", "create", "update", "delete"

/// Why one item is not stored.
struct BulkFault {
  enum class Kind : std::uint8_t {
    bad_document,   ///< Not JSON, or no reading of the index's sensor.
    bad_action,     ///< Something that cannot be done with readings.
    no_such_index,  ///< There is no such sensor, or the sender may not know of it: the two are not told apart.
    forbidden,      ///< The sender may write nothing.
  };
  Kind kind = Kind::bad_document;
  std::string reason;
};

/// One action of the request.
struct BulkItem {
  static constexpr std::uint32_t none = UINT32_MAX;

  BulkAction action = BulkAction::index;
  std::string_view index = {};  ///< as named; a view of the payload or of BulkRequest::texts
  std::string_view id = {};     ///< as sent, likewise; empty: none
  /// Where its reading is: in BulkRequest::batches, and there. `none` if it is refused.
  std::uint32_t batch = none;
  std::uint32_t reading = 0;
  std::uint32_t fault = none;  ///< in BulkRequest::faults
};

/// The readings of one device: batches are of one.
struct BulkBatch {
  model::ReadingBatch readings;
  std::size_t bytes = 0;  ///< of the documents as they came
};

struct BulkRequest {
  std::vector<BulkItem> items;  ///< in the order in which they came
  std::vector<BulkFault> faults;
  std::vector<BulkBatch> batches;  ///< none of them empty
  std::deque<std::string> texts;   ///< names that had escapes
};

/// Why a request is refused as a whole; nothing of it is stored.
struct BulkRefusal {
  enum class Kind : std::uint8_t {
    malformed,  ///< A line that should be an action is none: what follows cannot be told apart.
    empty,      ///< There is no body.
    invalid,    ///< No action, or one without an index.
    too_many,   ///< More items than BulkLimits::items_max.
  };
  Kind kind = Kind::malformed;
  std::string reason;
};

struct BulkLimits {
  std::size_t items_max = 100'000;
  std::size_t line_bytes_max = 1u << 20;
  std::size_t text_bytes_max = 32'766;  ///< of one value (Lucene's longest keyword)
  std::size_t depth_max = 32;           ///< of a document's members
  std::size_t id_bytes_max = 512;       ///< of an `_id`, as in Elasticsearch
};

/// What a request's readings are judged by. All must outlive the call.
struct BulkContext {
  std::string_view index;  ///< of the path; for actions that name none
  const WriteRights& rights;
  const registry::Snapshot& snapshot;
  Timestamp arrival = {};  ///< the time of documents without one
};

/// Keeps memory for reuse: one for each thread.
///
/// A document has a `value`, and a `timestamp` or an `@timestamp` (which counts where there is no `timestamp`), as in
/// WIRE or in Elasticsearch's forms: without zone it is UTC, a date alone is its midnight. `device_id` and `sensor_id`,
/// if there, must be those of the index. All else is passed over, but must be JSON.
class BulkDecoder {
 public:
  explicit BulkDecoder(BulkLimits limits);
  ~BulkDecoder();

  /// The lines of a _bulk request: an action, then (but for `delete`) its document. Fills `request`, whose views are
  /// valid as long as `payload` and `request`. At least 64 bytes of the same allocation must follow `payload`.
  std::optional<BulkRefusal> decode(std::string_view payload, const BulkContext& context, BulkRequest& request);

  /// One document, of the context's index. The same, and the item is there in any case.
  void decode_document(std::string_view document, BulkAction action, const BulkContext& context, BulkRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The ids of "3_4"; nothing for any other form. Ids have one form, so this is the index's only name.
std::optional<std::pair<DeviceId, SensorId>> parse_index_name(std::string_view name) noexcept;

/// The time that a document's text means; nothing if it is none between 1970-01-01 and 2262-04-11.
std::optional<Timestamp> parse_document_time(std::string_view text);

}  // namespace iot::ingest
