// Hits in the form that is asked for most, whole documents by time, written several times as fast as member by member:
// what all hits of an index have in common is made once.
//
// The same text as HitCollector::write_hit gives, which writes all other forms. One thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "model/reading_id.h"
#include "query/hits.h"

namespace iot::query {

class PlainHits {
 public:
  /// Whether the request's hits have this form: by `timestamp` alone, with id and all of the source, without scores,
  /// versions or fields.
  static bool fit(const SearchRequest& request);

  /// The hit as JSON; valid until the next call.
  std::string_view text(const Hit& hit);

 private:
  void begin(const Series& series);

  const Series* series_ = nullptr;  ///< whose hit was the last
  std::optional<model::ReadingIds> ids_;
  std::string text_;  ///< of the last hit; up to value_at_ only id and time differ between hits of an index
  std::size_t id_at_ = 0;
  std::size_t time_at_ = 0;
  std::size_t value_at_ = 0;
  std::string time_text_;
};

}  // namespace iot::query
