#include "query/rolled_up.h"

#include <optional>
#include <string>

#include "query/date_format.h"
#include "query/walk.h"

namespace iot::query {
namespace {

constexpr std::int64_t hour_ns = 3'600'000'000'000;
constexpr std::int64_t day_ns = 24 * hour_ns;

std::string_view name_of(std::chrono::nanoseconds period) {
  return period.count() >= day_ns ? "days" : period.count() >= hour_ns ? "hours" : "minutes";
}

EsError not_kept(const store::RolledUpRun& run, const SeriesPlan& plan, const std::string& who) {
  const std::string until =
      DateFormat::date_millis().write(Moment::from_ms(floor_div(run.until.ns + ns_per_ms - 1, ns_per_ms)), TimeZone());
  return illegal_argument(who + " needs readings that are not kept any more: of index [" + plan.series->name +
                          "] only " + std::string(name_of(run.period)) + " are kept before " + until +
                          ", with count, min, max, sum, first and last; narrow the range of [timestamp] to [gte " +
                          until + "]");
}

/// A stretch of periods as one run.
class Stretch {
 public:
  void add(const store::Summary& part) {
    count_ == 0 ? void(total_ = part) : store::combine(total_, part);
    if (count_++ == 0) bounds_.first = part.first;
    bounds_.last = part.first;
  }
  void clear() noexcept { count_ = 0; }
  Run run() const noexcept { return {bounds_, &total_, true}; }

 private:
  store::Summary total_;
  store::TimeRange bounds_;
  std::size_t count_ = 0;
};

/// Adds the run and says how many readings that are; nothing where it is not decided.
std::optional<std::uint64_t> add(const Run& run, const SeriesPlan& plan, Collectors& collectors) {
  switch (use_of(run, plan.filter, &collectors)) {
    case RunUse::pass_over:
      return 0;
    case RunUse::summary:
      collectors.add_summary(run, 0);
      return run.summary->count;
    case RunUse::readings:
      break;
  }
  return {};
}

EsResult<std::uint64_t> add_each(std::span<const store::Summary> parts, const store::RolledUpRun& rolled_up,
                                 const SeriesPlan& plan, Collectors& collectors) {
  std::uint64_t count = 0;
  for (const store::Summary& part : parts) {
    const Run run{{part.first, part.first}, &part, true};
    const auto added = add(run, plan, collectors);
    if (!added && plan.filter.over(run) != Truth::all) return not_kept(rolled_up, plan, "the query");
    if (!added) return not_kept(rolled_up, plan, collectors.undecided(run));
    count += *added;
  }
  return count;
}

}  // namespace

EsResult<std::uint64_t> add_rolled_up(store::Cursor& cursor, const SeriesPlan& plan, Collectors& collectors) {
  const auto summary = cursor.summary();
  if (const auto added = add({cursor.bounds(), &*summary, true}, plan, collectors)) return *added;
  const auto found = cursor.parts();
  if (!found) return store_failed(found.error());
  const std::span<const store::Summary> parts = *found;
  const store::RolledUpRun rolled_up = cursor.rolled_up_run();
  // Minutes hour by hour, and hours day by day, where buckets are no shorter: most of a dashboard's are.
  const std::int64_t stretch_ns = rolled_up.period.count() >= hour_ns ? day_ns : hour_ns;
  std::uint64_t count = 0;
  Stretch stretch;
  for (std::size_t from = 0, to = 0; from < parts.size(); from = to) {
    const std::int64_t place = parts[from].first.ns / stretch_ns;
    stretch.clear();
    for (; to < parts.size() && parts[to].first.ns / stretch_ns == place; ++to) stretch.add(parts[to]);
    if (const auto added = add(stretch.run(), plan, collectors)) {
      count += *added;
    } else {
      ES_TRY(const std::uint64_t each, add_each(parts.subspan(from, to - from), rolled_up, plan, collectors));
      count += each;
    }
  }
  return count;
}

}  // namespace iot::query
