// The part of Elasticsearch's REST API that the platform answers, as a function from request to answer: no socket, no
// authentication. Who may see what comes in as an IndexCatalog; both the consumer proxy (api/) and the listener on port
// 9000 call handle().
//
// Blocks on the store and computes: call it through net's offload.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/metrics.h"
#include "model/mapping.h"
#include "store/reading_store.h"

namespace iot::rows {
enum class Form;
}

namespace iot::query {

class RowExport;
struct RowRequest;

/// One sensor's index: "<device id>_<sensor id>".
struct Index {
  DeviceId device;
  SensorId sensor;
  model::MappingType mapping = model::MappingType::double_precision;
};

/// The indices that a caller may see. Used during one request, on one thread.
class IndexCatalog {
 public:
  virtual ~IndexCatalog() = default;
  virtual std::optional<Index> find(DeviceId device, SensorId sensor) const = 0;
  /// Calls visit for each, in order of device and sensor id, until it returns false.
  virtual void for_each(const std::function<bool(const Index&)>& visit) const = 0;
};

struct QueryLimits {
  std::chrono::milliseconds deadline{30'000};
  /// Of an answer of rows, from the request to the last byte, its reader's pauses included.
  std::chrono::milliseconds export_deadline{3'600'000};
  std::size_t memory_bytes_max = 256u << 20;  ///< held by one query: aggregation buckets, sorted hits, decoded columns
  std::size_t result_window_max = 10'000;     ///< from + size, as Elasticsearch's index.max_result_window
  std::size_t buckets_max = 65'536;           ///< as search.max_buckets
  std::size_t body_depth_max = 64;
  std::size_t indices_max = 100'000;  ///< that one request may name
  std::size_t clauses_max = 4'096;    ///< in one query
  /// Threads that decode ahead for searches over many indices, beside the one that each runs on; 0 for none.
  std::size_t read_ahead_threads = 0;
  /// Readings of one series that a search looks at by itself before other threads decode what comes then: below a
  /// millisecond they cost more time than they save.
  std::size_t readings_alone = std::size_t{1} << 18;
};

/// A request as it came, without what authentication took from it.
struct EsRequest {
  std::string_view method;  ///< "GET", "POST", ...
  /// Decoded path after the front's own prefix: "/3_4/_search", "/_cat/indices", "/". The consumer proxy makes
  /// "/<device>_<sensor>/_search" of its own path.
  std::string_view path;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< decoded
  std::string_view body;
  /// Who asks, as "consumer 3" or "user 5": whose scrolls and points in time are used.
  std::string_view caller = {};
  /// How the client named this server ("localhost:9000"); may be empty.
  std::string_view host = {};
  /// Set by another thread when the client has gone: the query stops.
  const std::atomic<bool>* cancelled = nullptr;
};

struct EsAnswer {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
};

/// Elasticsearch's error form.
EsAnswer es_error(unsigned status, std::string_view type, std::string_view reason);

/// Rows that are still to be read, or why there are none.
using EsRows = std::variant<EsAnswer, std::unique_ptr<RowExport>>;

/// What the values of a sensor are measured in. Called where they are read.
using UnitOf = std::function<std::optional<std::string>(SensorId)>;

/// Any number of threads. Scrolls and points in time are all that it keeps between requests.
class Elasticsearch {
 public:
  /// `store`, `clock` and `metrics` must outlive the object.
  Elasticsearch(store::ReadingStore& store, const Clock& clock, Metrics& metrics, QueryLimits limits);
  ~Elasticsearch();

  EsAnswer handle(const IndexCatalog& catalog, const EsRequest& request) const;

  /// Whether the path is that of a search, which may be answered in rows.
  static bool is_search(std::string_view path);
  /// A search whose answer is rows (query/row_export.h). The request is not needed any more after the call, but for
  /// `cancelled`, which must outlive the rows, as the object must. `unit_of` is asked where one index is named.
  EsRows open_rows(const IndexCatalog& catalog, const EsRequest& request, rows::Form form, const UnitOf& unit_of) const;
  /// The same for one index and a request that is parsed already.
  EsRows open_rows(const Index& index, RowRequest request, rows::Form form, std::optional<std::string> unit,
                   const std::atomic<bool>* cancelled) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iot::query
