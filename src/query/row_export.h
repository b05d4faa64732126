// All readings that a request names, as rows, a piece each time it is asked: as much memory for a million as for one.
//
// Index after index in the order of their ids; each shows its readings as they were when its turn came.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "query/filter.h"
#include "query/row_request.h"
#include "query/series.h"
#include "rows/row_writer.h"
#include "store/reading_store.h"

namespace iot::query {

class FieldCatalog;

class RowExport {
 public:
  ~RowExport();

  struct Place {
    store::ReadingStore& store;
    const Clock& clock;
    const QueryLimits& limits;
    const std::atomic<bool>* cancelled;  ///< null: never
    FieldCatalog* fields = nullptr;      ///< for conditions on fields inside objects; null: those are refused
  };

  /// All of `place` must outlive the object. Whatever can be refused is refused here. `unit` is what the values of the
  /// only series are measured in.
  static EsResult<std::unique_ptr<RowExport>> open(const Place& place, std::vector<Series> series, RowRequest request,
                                                   rows::Form form, std::optional<std::string> unit);

  /// Appends the next rows to `out`: about piece_bytes, or as many as are found in a short time, which may be none.
  /// False: those were the last. An error: the client has gone, the time is over, or the store cannot read; then, as at
  /// the end, nothing of the store is held any more. One thread at a time. Blocks on the store.
  EsResult<bool> next(std::string& out);

  std::uint64_t rows() const noexcept { return rows_; }

 private:
  struct Plan {
    Filter filter;
    store::TimeRange range;
  };

  RowExport(const Place& place, std::vector<Series> series, RowRequest request);

  EsResult<void> plan();
  EsResult<bool> advance(std::string& out);
  EsResult<void> find_rows();
  /// The readings of block_ that match, as list_.
  EsResult<Selection> select_rows();
  EsResult<void> check() const;

  const Place place_;
  std::vector<Series> series_;
  const RowRequest request_;
  const Timestamp now_;
  std::unique_ptr<FieldLookup> fields_;
  std::vector<Plan> plans_;  ///< one for each series
  std::unique_ptr<rows::RowWriter> writer_;
  bool begun_ = false;

  std::size_t at_ = 0;  ///< the series whose turn it is
  std::unique_ptr<store::Cursor> cursor_;
  store::Block block_;
  rows::Places places_;  ///< of block_, those that are not written yet
  std::uint64_t left_;
  std::uint64_t rows_ = 0;
  const Clock::Steady deadline_;
  std::vector<std::uint8_t> mask_;
  std::vector<std::uint32_t> list_;
};

}  // namespace iot::query
