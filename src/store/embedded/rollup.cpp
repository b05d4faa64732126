#include "store/embedded/rollup.h"

#include <algorithm>
#include <cassert>

#include "base/bytes.h"
#include "store/embedded/integer_codec.h"
#include "store/embedded/merged_run.h"
#include "store/embedded/real_codec.h"
#include "store/embedded/summarize.h"

namespace iot::store {
namespace {

/// A rollup may take this part of what its chunk takes: reading fewer readings than that is as quick as reading it.
constexpr std::size_t chunk_share = 50;
/// A period takes more than that, so that most of what is not worth it need not be tried.
constexpr std::size_t period_bytes_min = 6;

std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// Appends a column with a number of each summary.
template <class Get>
void put_integers(std::string& out, const std::vector<Summary>& parts, Get get) {
  std::vector<std::int64_t> column;
  column.reserve(parts.size());
  for (const Summary& part : parts) column.push_back(get(part));
  encode_integers(column, 0, Effort::dense, out);
}

Error damaged() {
  return make_error(Errc::damaged, "a rollup of readings is damaged");
}

/// Offsets of a part's first and last reading from its period's ends, and the distance to the part before.
struct Times {
  std::vector<std::int64_t> steps, after_begin, before_end;
};

Times times_of(const std::vector<Summary>& parts, std::int64_t length) {
  Times times;
  std::int64_t before = floor_div(parts.front().first.ns, length) - 1;
  for (const Summary& part : parts) {
    const std::int64_t period = floor_div(part.first.ns, length);
    times.steps.push_back(period - before);
    times.after_begin.push_back(part.first.ns - period * length);
    times.before_end.push_back(period * length + (length - 1) - part.last.ns);
    before = period;
  }
  // Those of the chunk's own ends are known: with these the columns are mostly constant.
  times.after_begin.front() = parts.size() > 1 ? times.after_begin[1] : 0;
  times.before_end.back() = parts.size() > 1 ? times.before_end[parts.size() - 2] : 0;
  return times;
}

bool decode_values(ByteReader& in, model::ColumnKind kind, std::vector<Summary>& parts) {
  if (kind == model::ColumnKind::real) {
    std::vector<double> values(parts.size() * 4);
    std::vector<double> sums(parts.size());
    if (!decode_reals(in, values) || !decode_reals(in, sums)) return false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const double* const of = values.data() + 4 * i;
      parts[i].numbers = Summary::Numbers{of[0], of[1], sums[i], of[2], of[3]};
    }
    return true;
  }
  std::vector<std::int64_t> values(parts.size() * 4);
  std::vector<std::int64_t> with_sum(parts.size());
  std::vector<std::int64_t> sums(parts.size());
  if (!decode_integers(in, 0, values) || !decode_integers(in, 0, with_sum) || !decode_integers(in, 0, sums)) {
    return false;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::int64_t* const of = values.data() + 4 * i;
    parts[i].integers = Summary::Integers{of[0], of[1], of[2], of[3], std::nullopt};
    if (with_sum[i] != 0) parts[i].integers->sum = sums[i];
  }
  return true;
}

}  // namespace

std::vector<Summary> by_period(std::span<const Summary> parts, Period period) {
  std::vector<Summary> longer;
  for (const Summary& part : parts) {
    const bool joins =
        !longer.empty() && period_begin(longer.back().first.ns, period) == period_begin(part.first.ns, period);
    if (joins) {
      combine(longer.back(), part);
    } else {
      longer.push_back(part);
    }
  }
  return longer;
}

Summary total_of(std::span<const Summary> parts) {
  assert(!parts.empty());
  Summary total = parts.front();
  for (const Summary& part : parts.subspan(1)) combine(total, part);
  return total;
}

std::string encode_periods(const std::vector<Summary>& parts, Period period) {
  std::string out(1, static_cast<char>(period));
  put_varint(out, parts.size());
  const Times times = times_of(parts, nanoseconds(period));
  encode_integers(times.steps, 0, Effort::dense, out);
  encode_integers(times.after_begin, 0, Effort::dense, out);
  encode_integers(times.before_end, 0, Effort::dense, out);
  put_integers(out, parts, [](const Summary& part) { return static_cast<std::int64_t>(part.count); });
  if (parts.front().numbers) {
    // Extrema and ends are of one kind, and cost one description.
    std::vector<double> values, sums;
    for (const Summary& part : parts) {
      values.insert(values.end(), {part.numbers->min, part.numbers->max, part.numbers->first, part.numbers->last});
      sums.push_back(part.numbers->sum);
    }
    encode_reals(values, Effort::dense, out);
    encode_reals(sums, Effort::dense, out);
    return out;
  }
  std::vector<std::int64_t> values;
  for (const Summary& part : parts) {
    const auto& integers = *part.integers;
    values.insert(values.end(), {integers.min, integers.max, integers.first, integers.last});
  }
  encode_integers(values, 0, Effort::dense, out);
  put_integers(out, parts, [](const Summary& part) { return part.integers->sum ? 1 : 0; });
  put_integers(out, parts, [](const Summary& part) { return part.integers->sum.value_or(0); });
  return out;
}

std::vector<Summary> roll_up(const Columns& columns, Period period) {
  const std::int64_t length = nanoseconds(period);
  const std::vector<std::int64_t>& times = columns.times_ns;
  const Slice all = slice_of(columns);
  std::vector<Summary> parts;
  for (std::size_t from = 0, to = 0; from < times.size(); from = to) {
    const std::int64_t begin = floor_div(times[from], length) * length;
    const std::int64_t last = begin > INT64_MAX - (length - 1) ? INT64_MAX : begin + (length - 1);
    to = static_cast<std::size_t>(
        std::upper_bound(times.begin() + static_cast<std::ptrdiff_t>(from), times.end(), last) - times.begin());
    parts.push_back(summarize(all.sub(from, to)));
  }
  return parts;
}

EncodedChunk encode_with_rollup(const Columns& columns, Effort effort) {
  EncodedChunk chunk{encode_chunk(columns, effort), {}};
  chunk.rollup = encode_rollup(columns, chunk.bytes.size());
  return chunk;
}

std::string encode_rollup(const Columns& columns, std::size_t chunk_bytes) {
  if (model::column_kind(columns.mapping) == model::ColumnKind::text || columns.times_ns.front() < 0) return {};
  for (const Period period : {Period::minute, Period::hour, Period::day}) {
    const std::int64_t length = nanoseconds(period);
    const std::int64_t periods =
        floor_div(columns.times_ns.back(), length) - floor_div(columns.times_ns.front(), length) + 1;
    // A chunk within one period is summed up by its own summary.
    if (periods < 2) return {};
    if (static_cast<std::uint64_t>(periods) > chunk_bytes / (chunk_share * period_bytes_min)) continue;
    std::string encoded = encode_periods(roll_up(columns, period), period);
    if (encoded.size() * chunk_share <= chunk_bytes) return encoded;
  }
  return {};
}

Result<std::vector<Summary>> decode_rollup(std::string_view rollup, const ChunkInfo& chunk) {
  return decode_periods(rollup, chunk.summary, model::column_kind(chunk.mapping));
}

Result<std::vector<Summary>> decode_periods(std::string_view bytes, const Summary& total, model::ColumnKind kind) {
  ByteReader in(bytes);
  const auto period = in.fixed<std::uint8_t>();
  const std::uint64_t count = in.varint();
  if (!in.ok() || total.first.ns < 0 || period > static_cast<std::uint8_t>(Period::day) || count < 1 ||
      count > total.count) {
    return damaged();
  }
  const std::int64_t length = nanoseconds(static_cast<Period>(period));
  Times times;
  std::vector<std::int64_t> counts(count);
  for (auto* column : {&times.steps, &times.after_begin, &times.before_end}) column->resize(count);
  if (!decode_integers(in, 0, times.steps) || !decode_integers(in, 0, times.after_begin) ||
      !decode_integers(in, 0, times.before_end) || !decode_integers(in, 0, counts)) {
    return damaged();
  }
  std::vector<Summary> parts(count);
  std::uint64_t readings = 0;
  std::int64_t at = floor_div(total.first.ns, length) - 1;
  for (std::size_t i = 0; i < count; ++i) {
    const bool sound = times.steps[i] >= 1 && times.steps[i] <= INT64_MAX / length - std::max<std::int64_t>(at, 0) &&
                       times.after_begin[i] >= 0 && times.after_begin[i] < length && times.before_end[i] >= 0 &&
                       times.before_end[i] < length && counts[i] >= 1;
    if (!sound) return damaged();
    at += times.steps[i];
    parts[i].first.ns = at * length + times.after_begin[i];
    parts[i].last.ns = at * length + (length - 1) - times.before_end[i];
    parts[i].count = static_cast<std::uint64_t>(counts[i]);
    readings += parts[i].count;
  }
  parts.front().first = total.first;
  parts.back().last = total.last;
  const bool in_order = std::all_of(parts.begin(), parts.end(), [](const Summary& p) { return p.first <= p.last; });
  if (!in_order || readings != total.count) return damaged();
  if (!decode_values(in, kind, parts) || !in.empty()) return damaged();
  return parts;
}

}  // namespace iot::store
