#include "query/testing/memory_store.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "query/filter.h"

namespace iot::query {
namespace {

Error refused() {
  return make_error(store::Errc::io_failed, "the test's store refuses this call");
}

}  // namespace

class MemoryStore::Walker final : public store::Cursor {
 public:
  Walker(MemoryStore& owner, const Series& series, store::TimeRange range, store::Direction direction)
      : owner_(owner), series_(series), range_(range), descending_(direction == store::Direction::descending) {
    const auto count = series.times_ns.size();
    at_ = descending_ ? (count + run_size() - 1) / run_size() : 0;
  }

  Result<bool> next() override {
    if (owner_.fails()) return refused();
    // Runs lie at fixed places of the whole series, as chunks do; those outside the range are passed over.
    const std::size_t runs = (series_.times_ns.size() + run_size() - 1) / run_size();
    while (true) {
      if (descending_ ? at_ == 0 : at_ == runs) return false;
      const std::size_t run = descending_ ? --at_ : at_++;
      begin_ = run * run_size();
      end_ = std::min(begin_ + run_size(), series_.times_ns.size());
      if (series_.times_ns[begin_] <= range_.last.ns && series_.times_ns[end_ - 1] >= range_.first.ns) return true;
    }
  }

  std::optional<store::Summary> summary() const override {
    const std::int64_t first = series_.times_ns[begin_];
    const std::int64_t last = series_.times_ns[end_ - 1];
    if (!owner_.gives_summaries || first < range_.first.ns || last > range_.last.ns) return {};
    store::Summary summary;
    summary.first = {first};
    summary.last = {last};
    summary.count = end_ - begin_;
    if (series_.kind == model::ColumnKind::real) {
      const auto [low, high] =
          std::minmax_element(series_.reals.begin() + offset(begin_), series_.reals.begin() + offset(end_));
      summary.numbers = {
          *low, *high,
          std::accumulate(series_.reals.begin() + offset(begin_), series_.reals.begin() + offset(end_), 0.0),
          series_.reals[begin_], series_.reals[end_ - 1]};
    } else if (series_.kind == model::ColumnKind::integer) {
      const auto from = series_.integers.begin() + offset(begin_);
      const auto to = series_.integers.begin() + offset(end_);
      std::int64_t sum = 0;
      const bool fits =
          std::all_of(from, to, [&](std::int64_t value) { return !__builtin_add_overflow(sum, value, &sum); });
      summary.integers = {*std::min_element(from, to), *std::max_element(from, to), *from, *(to - 1),
                          fits ? std::optional(sum) : std::nullopt};
    }
    return summary;
  }

  store::TimeRange bounds() const override { return {{series_.times_ns[begin_]}, {series_.times_ns[end_ - 1]}}; }

  Result<store::Block> block() override {
    if (owner_.fails()) return refused();
    ++owner_.blocks_decoded_;
    if (owner_.on_block) owner_.on_block();
    const auto times = series_.times_ns.begin();
    const auto from = static_cast<std::size_t>(
        std::lower_bound(times + offset(begin_), times + offset(end_), range_.first.ns) - times);
    const auto to = static_cast<std::size_t>(
        std::upper_bound(times + offset(begin_), times + offset(end_), range_.last.ns) - times);
    const std::size_t count = to > from ? to - from : 0;
    store::Block block;
    block.times_ns = std::span(series_.times_ns).subspan(from, count);
    block.kind = series_.kind;
    switch (series_.kind) {
      case model::ColumnKind::real:
        block.reals = std::span(series_.reals).subspan(from, count);
        break;
      case model::ColumnKind::integer:
        block.integers = std::span(series_.integers).subspan(from, count);
        break;
      case model::ColumnKind::text:
        block.texts = std::span(series_.views).subspan(from, count);
        break;
    }
    return block;
  }

  std::unique_ptr<store::UndecodedRun> detach() override {
    struct Detached final : store::UndecodedRun {
      explicit Detached(const Walker& at) : walker(at) {}
      Result<store::KeptBlock> decode(bool) override {
        IOT_TRY(const store::Block block, walker.block());
        return store::KeptBlock{block, nullptr};
      }
      Walker walker;
    };
    return std::make_unique<Detached>(*this);
  }

 private:
  std::size_t run_size() const { return owner_.run_readings_max; }
  static std::ptrdiff_t offset(std::size_t place) { return static_cast<std::ptrdiff_t>(place); }

  MemoryStore& owner_;
  const Series& series_;
  store::TimeRange range_;
  bool descending_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

void MemoryStore::add(SensorId sensor, model::MappingType mapping, Timestamp time, const model::Value& value) {
  Series& series = series_[sensor];
  series.kind = model::column_kind(mapping);
  series.times_ns.push_back(time.ns);
  switch (series.kind) {
    case model::ColumnKind::real:
      series.reals.push_back(std::get<double>(value));
      break;
    case model::ColumnKind::integer:
      series.integers.push_back(std::get<std::int64_t>(value));
      break;
    case model::ColumnKind::text:
      series.texts.push_back(std::get<std::string>(value));
      break;
  }
}

void MemoryStore::seal() {
  for (auto& [sensor, series] : series_) {
    std::vector<std::size_t> order(series.times_ns.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto value_compare = [&](std::size_t a, std::size_t b) {
      const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
      switch (series.kind) {
        case model::ColumnKind::real:
          return sign(order_key(series.reals[a]), order_key(series.reals[b]));
        case model::ColumnKind::integer:
          return sign(series.integers[a], series.integers[b]);
        case model::ColumnKind::text:
          return sign(series.texts[a], series.texts[b]);
      }
      return 0;
    };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (series.times_ns[a] != series.times_ns[b]) return series.times_ns[a] < series.times_ns[b];
      return value_compare(a, b) < 0;
    });
    Series sorted;
    sorted.kind = series.kind;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t at = order[i];
      if (i > 0 && series.times_ns[at] == series.times_ns[order[i - 1]] && value_compare(order[i - 1], at) == 0)
        continue;
      sorted.times_ns.push_back(series.times_ns[at]);
      if (series.kind == model::ColumnKind::real) sorted.reals.push_back(series.reals[at]);
      if (series.kind == model::ColumnKind::integer) sorted.integers.push_back(series.integers[at]);
      if (series.kind == model::ColumnKind::text) sorted.texts.push_back(series.texts[at]);
    }
    series = std::move(sorted);
    series.views.assign(series.texts.begin(), series.texts.end());
  }
}

const MemoryStore::Series& MemoryStore::series(SensorId sensor) const {
  static const Series none;
  const auto found = series_.find(sensor);
  return found == series_.end() ? none : found->second;
}

Result<std::unique_ptr<store::Cursor>> MemoryStore::scan(SensorId sensor, store::TimeRange range,
                                                         store::Direction direction) {
  if (fails()) return refused();
  return std::unique_ptr<store::Cursor>(std::make_unique<Walker>(*this, series(sensor), range, direction));
}

Result<store::SeriesInfo> MemoryStore::info(SensorId sensor) {
  if (fails()) return refused();
  const Series& series = this->series(sensor);
  store::SeriesInfo info;
  info.count_max = series.times_ns.size();
  info.disk_bytes = series.times_ns.size() * 2;
  if (!series.times_ns.empty()) {
    info.first = Timestamp{series.times_ns.front()};
    info.last = Timestamp{series.times_ns.back()};
  }
  return info;
}

Result<void> MemoryStore::remove(SensorId sensor) {
  series_.erase(sensor);
  return {};
}

}  // namespace iot::query
