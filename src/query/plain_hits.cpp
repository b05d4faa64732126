#include "query/plain_hits.h"

#include <algorithm>
#include <charconv>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "model/value.h"

namespace iot::query {
namespace {

/// "2018-05-19T08:19:27.000000000Z": times of 64 bits in nanoseconds have years of four digits.
constexpr std::size_t time_length = 30;

}  // namespace

bool PlainHits::fit(const SearchRequest& request) {
  if (!request.shows_id || request.shows_version || request.shows_sequence || request.track_scores) return false;
  if (!request.source.shown || !request.source.shows_all()) return false;
  if (!request.docvalue_fields.empty() || !request.fields.empty()) return false;
  if (request.sort.keys.size() != 1) return false;
  const SortKey& key = request.sort.keys.front();
  return key.by == SortKey::By::field && key.field == Field::timestamp && !key.format;
}

void PlainHits::begin(const Series& series) {
  series_ = &series;
  ids_.emplace(series.index.sensor);
  text_ = R"({"_index":)";
  append_json_string(text_, series.name);
  text_ += R"(,"_id":")";
  id_at_ = text_.size();
  text_.append(model::reading_id_length, ' ');
  text_ += R"(","_score":null,"_source":{"timestamp":")";
  time_at_ = text_.size();
  text_.append(time_length, ' ');
  text_ += R"(","device_id":)";
  append_json_string(text_, series.device_text);
  text_ += R"(,"sensor_id":)";
  append_json_string(text_, series.sensor_text);
  text_ += R"(,"value":)";
  value_at_ = text_.size();
}

std::string_view PlainHits::text(const Hit& hit) {
  if (series_ != hit.series) begin(*hit.series);
  text_.resize(value_at_);
  switch (series_->kind()) {
    case model::ColumnKind::real:
      model::append_value_json(text_, series_->mapping(), hit.real);
      break;
    case model::ColumnKind::integer:
      model::append_value_json(text_, series_->mapping(), hit.integer);
      break;
    case model::ColumnKind::text:
      model::append_value_json(text_, series_->mapping(), std::string_view(hit.text));
      break;
  }
  const auto id = ids_->id({hit.time_ns}, std::string_view(text_).substr(value_at_));
  std::copy(id.begin(), id.end(), text_.begin() + static_cast<std::ptrdiff_t>(id_at_));
  time_text_.clear();
  append_timestamp(time_text_, {hit.time_ns});
  time_text_.copy(text_.data() + time_at_, time_length);
  text_ += R"(},"sort":[)";
  char digits[20];
  text_.append(digits, std::to_chars(digits, digits + sizeof digits, hit.time_ns).ptr);
  text_ += "]}";
  return text_;
}

}  // namespace iot::query
