#include "query/row_export.h"

#include <algorithm>

#include "query/objects/field_lookup.h"
#include "query/series_plan.h"
#include "query/walk.h"
#include "store/readings_only.h"

namespace iot::query {
namespace {

/// Large enough that a piece costs little beside its rows, small enough that many slow readers may each hold one.
constexpr std::size_t piece_bytes = 512u << 10;
/// After this a thread is given back though nothing was found, so that others have their turn.
constexpr std::chrono::milliseconds slice{50};

/// Arrow's column of values has one type.
EsResult<void> check_one_type(const std::vector<Series>& series) {
  for (const Series& one : series) {
    if (one.mapping() == series.front().mapping()) continue;
    return illegal_argument("[value] is of type [" + std::string(model::to_string(series.front().mapping())) +
                            "] in [" + series.front().name + "] and of type [" +
                            std::string(model::to_string(one.mapping())) + "] in [" + one.name +
                            "]: an Arrow table has one; ask for indices of one type, or for CSV");
  }
  return {};
}

}  // namespace

EsResult<std::unique_ptr<RowExport>> RowExport::open(const Place& place, std::vector<Series> series, RowRequest request,
                                                     rows::Form form, std::optional<std::string> unit) {
  if (form == rows::Form::arrow && request.columns.value) ES_CHECK(check_one_type(series));
  rows::Table table{.columns = request.columns, .times = request.times, .sources = {}, .unit = std::move(unit)};
  for (const Series& one : series) table.sources.push_back({one.index.device, one.index.sensor, one.mapping()});
  std::unique_ptr<RowExport> made(new RowExport(place, std::move(series), std::move(request)));
  made->writer_ = rows::make_row_writer(form, std::move(table));
  ES_CHECK(made->plan());
  return made;
}

RowExport::RowExport(const Place& place, std::vector<Series> series, RowRequest request)
    : place_(place),
      series_(std::move(series)),
      request_(std::move(request)),
      now_(place.clock.now()),
      left_(request_.rows_max),
      deadline_(place.clock.steady_now() + place.limits.export_deadline) {
  if (!place.fields) return;
  fields_ =
      std::make_unique<FieldLookup>(*place.fields, place.store, place.clock, place.limits.deadline, place.cancelled);
  for (Series& one : series_) one.fields = fields_.get();
}

RowExport::~RowExport() = default;

EsResult<void> RowExport::plan() {
  for (const Series& series : series_) {
    Plan plan{Filter::all(), request_.range};
    if (request_.query) {
      ES_TRY(plan.filter, request_.query->compile(series, now_));
    }
    const store::TimeRange bounds = plan.filter.time_bounds();
    plan.range = {std::max(plan.range.first, bounds.first), std::min(plan.range.last, bounds.last)};
    if (plan.range.first <= plan.range.last) plan.filter = plan.filter.within(plan.range);
    plans_.push_back(std::move(plan));
  }
  return {};
}

EsResult<void> RowExport::check() const {
  if (place_.cancelled && place_.cancelled->load(std::memory_order_relaxed)) {
    return EsError(400, "task_cancelled_exception", "task cancelled [the client has closed the connection]");
  }
  if (place_.clock.steady_now() >= deadline_) {
    return EsError(503, "timeout_exception", "the rows were not taken within the time that an export may last");
  }
  return {};
}

EsResult<bool> RowExport::next(std::string& out) {
  auto more = advance(out);
  if (!more || !*more) cursor_.reset();
  return more;
}

EsResult<bool> RowExport::advance(std::string& out) {
  const std::size_t begin = out.size();
  const Clock::Steady slice_end = place_.clock.steady_now() + slice;
  if (!begun_) writer_->begin(out);
  begun_ = true;
  while (left_ > 0 && (places_.size() > 0 || at_ < series_.size())) {
    ES_CHECK(check());
    if (places_.size() == 0) {
      ES_CHECK(find_rows());
    } else {
      const std::size_t written_bytes = out.size() - begin;
      auto written = writer_->add(at_, block_, places_, piece_bytes - std::min(written_bytes, piece_bytes - 1), out);
      if (!written) return store_failed(written.error());
      places_ = places_.after(*written);
      rows_ += *written;
      left_ -= *written;
    }
    if (out.size() - begin >= piece_bytes || place_.clock.steady_now() >= slice_end) return true;
  }
  writer_->end(out);
  return false;
}

EsResult<Selection> RowExport::select_rows() {
  // Where a number inside objects turns out to be decimal, the condition is made anew; before, it met whole ones only.
  constexpr int attempts_max = 4;
  for (int attempt = 1;; ++attempt) {
    const Selection selection = select(plans_[at_].filter, block_, mask_, list_);
    if (!fields_ || !fields_->begin_again() || attempt == attempts_max) return selection;
    ES_TRY(plans_[at_].filter, request_.query->compile(series_[at_], now_));
  }
}

/// Moves on by a run of readings, or to the next series.
EsResult<void> RowExport::find_rows() {
  const Plan& plan = plans_[at_];
  if (!cursor_) {
    if (plan.filter.is_none() || plan.range.first > plan.range.last) {
      ++at_;
      return {};
    }
    auto cursor = place_.store.scan(series_[at_].index.sensor, plan.range, request_.direction);
    if (!cursor) return store_failed(cursor.error());
    cursor_ = store::readings_only(std::move(*cursor));
  }
  auto found = cursor_->next();
  if (!found) return store_failed(found.error());
  if (!*found) {
    cursor_.reset();
    ++at_;
    return {};
  }
  const auto summary = cursor_->summary();
  if (plan.filter.over(run_of(summary, cursor_->bounds())) == Truth::none) return {};
  auto block = cursor_->block();
  if (!block) return store_failed(block.error());
  block_ = *block;
  ES_TRY(const Selection selection, select_rows());
  if (selection.empty()) return {};
  const bool descending = request_.direction == store::Direction::descending;
  places_ = selection.is_dense() ? rows::Places{nullptr, selection[0], selection[0] + selection.size(), descending}
                                 : rows::Places{list_.data(), 0, selection.size(), descending};
  places_ = places_.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, places_.size())));
  return {};
}

}  // namespace iot::query
