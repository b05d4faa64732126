// The best hits of a search: offered block by block, kept while they are among the first, written at the end.
//
// One thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "query/execution.h"
#include "query/search_request.h"
#include "query/selection.h"
#include "query/series.h"

namespace iot::query {

/// A hit's value of one sort key.
struct SortValue {
  enum class Kind { missing, integer, real, text };
  Kind kind = Kind::missing;
  bool missing_first = false;
  bool is_absent = false;  ///< stands in for the value of a reading without the field
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
};

struct Hit {
  const Series* series = nullptr;  ///< null for one that only says where to go on
  std::uint32_t ordinal = 0;       ///< of the series
  std::int64_t time_ns = 0;
  double real = 0;
  std::int64_t integer = 0;
  std::string text;
  float score = 0;
  std::vector<SortValue> sort;
};

class InsideField;
struct ShownInside;

class HitCollector {
 public:
  HitCollector(HitCollector&&) noexcept;
  HitCollector& operator=(HitCollector&&) noexcept;
  ~HitCollector();

  /// `request` and `execution` must outlive the object. Hits come after `after`, where it is given, and after the
  /// request's `search_after`. Refused on the shard: `search_after` values that do not fit.
  static EsResult<HitCollector> make(const SearchRequest& request, Execution& execution, const Hit* after = nullptr);

  /// Called once, before anything is offered, with every index that can answer: texts and numbers cannot be ordered
  /// among each other, and whole numbers among decimal ones are decimal. Left out where only the indices that are begun
  /// are to decide that.
  EsResult<void> prepare(std::span<const Series* const> series);
  /// What is offered next is of `series`. Refused on the shard: a sort key that it cannot be sorted by.
  EsResult<void> begin(const Series& series);

  bool wants_any() const noexcept { return kept_max_ > 0; }
  std::size_t count() const noexcept { return hits_.size(); }
  bool is_full() const noexcept { return hits_.size() >= kept_max_; }
  /// Nothing but the order of documents decides among hits of the same score.
  bool in_document_order() const noexcept;
  /// The first sort key is the time.
  bool by_time() const noexcept;
  bool time_ascending() const noexcept { return keys().front().ascending; }
  /// For by_time(): false if no reading at `time_ns` or after it, in the order of the sort, can still get in.
  bool may_take(std::int64_t time_ns) const noexcept;
  /// The same for a reading of the series with this ordinal: of equal times the order of documents decides.
  bool may_take(std::int64_t time_ns, std::uint32_t ordinal) const noexcept;
  /// For by_time(): readings outside cannot get in because of search_after.
  store::TimeRange after_range() const noexcept;

  /// `scores` has one for each place of the block, or is empty where all have `score`.
  void offer(const store::Block& block, Selection selection, float score, std::span<const float> scores);

  /// The hits so far, best first. Nothing may be offered after it.
  const std::vector<Hit>& ranked();
  /// Writes the array of hits from the request's `from` on.
  void write(JsonWriter& json);
  /// The last hit, once written; null without any.
  const Hit* last() const noexcept { return hits_.empty() ? nullptr : &hits_.back(); }
  /// The best score; nothing where there are no hits or scores do not count.
  std::optional<float> max_score() const;

 private:
  HitCollector(const SearchRequest& request, Execution& execution);
  const std::vector<SortKey>& keys() const noexcept { return request_->sort.keys; }
  EsResult<SortValue> after_value(const SortKey& key, const JsonNode& node) const;
  /// Where it is full.
  const Hit& worst() const noexcept { return in_order_ ? hits_.back() : hits_.front(); }
  /// `at`: where in the selection the place is.
  void offer_one(const store::Block& block, std::size_t place, std::size_t at, float score);
  SortValue value_of(std::size_t key, const store::Block& block, std::size_t place, float score) const;
  /// The index as that of the key's values, where its field is inside objects.
  EsResult<const Series*> series_of(std::size_t key, const Series& series);
  EsResult<void> read_after(const Hit* after);
  int compare_keys(const Hit& a, const Hit& b) const;
  bool is_passed(const Hit& candidate) const;
  bool comes_before(const Hit& a, const Hit& b) const;
  void write_hit(JsonWriter& json, const Hit& hit, std::size_t rank) const;
  /// Whether numbers of the key are shown as decimal ones of double precision.
  bool shows_decimals(std::size_t key) const noexcept;
  void write_sort_value(JsonWriter& json, std::size_t key, const Hit& hit, std::size_t rank) const;

  const SearchRequest* request_;
  Execution* execution_;
  std::size_t kept_max_;
  std::optional<Hit> after_;
  std::optional<Hit> after_here_;  ///< its values as those of series_
  bool after_is_one_hit_ = false;  ///< else all hits with the keys of `after_` are passed
  const Series* series_ = nullptr;
  std::vector<std::unique_ptr<InsideField>> inside_;   ///< for each key; null for other fields
  std::vector<const Series*> key_series_;              ///< for each key, of series_
  std::vector<std::vector<SortValue>> inside_values_;  ///< for each key, of the readings that are being offered
  std::vector<std::pair<const Series*, std::vector<ShownInside>>> shown_inside_;
  std::vector<bool> as_decimal_;  ///< for each key, as prepare() found
  /// For each key, which of the types of number the indices begun so far have, a bit for each.
  std::vector<std::uint8_t> number_types_;
  bool backwards_ = false;  ///< what else is equal comes in falling order of documents, as `_doc` was asked for
  std::vector<Hit> hits_;
  bool in_order_ = true;  ///< `hits_` came best first; else, once it is full, they are a heap whose front is the worst
  Hit candidate_;
};

}  // namespace iot::query
