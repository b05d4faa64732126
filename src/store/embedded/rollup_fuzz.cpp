// Blocks of periods from anywhere. The first byte of an input chooses: even, a value as it is and with a checksum that
// fits, so that what lies behind it is reached; odd, readings to roll up, which must come back.
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "store/embedded/rollup_block.h"

namespace iot::store {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

void decode(const std::string& value) {
  for (const Period period : {Period::minute, Period::hour, Period::day}) {
    for (const auto kind : {model::ColumnKind::real, model::ColumnKind::integer}) {
      const std::string key = rollup_key({{7}, period, kind}, 3 * nanoseconds(Period::day));
      std::string repaired = value;
      if (repaired.size() > 4) {
        repaired.resize(repaired.size() - 4);
        put_fixed(repaired, crc32c(repaired, crc32c(key)));
      }
      for (const std::string& bytes : {value, repaired}) {
        const auto block = parse_rollup_block(key, bytes);
        if (!block) continue;
        const auto parts = periods_of(*block);
        require(!parts || (parts->size() == block->count && parts->front().first == block->total.first &&
                           parts->back().last == block->total.last));
      }
    }
  }
}

void encode(std::string_view bytes) {
  ByteReader in(bytes);
  Columns columns;
  columns.mapping =
      in.fixed<std::uint8_t>() % 2 ? model::MappingType::long_integer : model::MappingType::double_precision;
  const bool is_real = model::column_kind(columns.mapping) == model::ColumnKind::real;
  constexpr std::uint64_t steps_ns = std::uint64_t{40} * 86'400'000'000'000;
  std::int64_t time = 0;
  while (!in.empty() && columns.size() < block_periods_max) {
    time += static_cast<std::int64_t>(in.varint() % steps_ns);
    columns.times_ns.push_back(time);
    if (is_real) columns.reals.push_back(in.fixed<double>());
    if (!is_real) columns.integers.push_back(in.signed_varint());
  }
  if (columns.size() == 0) return;
  sort_and_merge(columns);
  for (const Period period : {Period::minute, Period::hour, Period::day}) {
    const auto parts = roll_up(columns, period);
    const Lane lane{{7}, period, model::column_kind(columns.mapping)};
    const std::string key = rollup_key(lane, period_begin(parts.front().first.ns, period));
    const auto block = parse_rollup_block(key, rollup_value(key, lane, parts));
    require(block.has_value());
    const auto decoded = periods_of(*block);
    require(decoded && decoded->size() == parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Summary& a = parts[i];
      const Summary& b = (*decoded)[i];
      require(a.first == b.first && a.last == b.last && a.count == b.count);
      if (is_real) require(same(a.numbers->min, b.numbers->min) && same(a.numbers->sum, b.numbers->sum));
      if (!is_real) require(a.integers->max == b.integers->max && a.integers->sum == b.integers->sum);
    }
  }
}

}  // namespace
}  // namespace iot::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 2 == 0) {
    iot::store::decode(bytes);
  } else {
    iot::store::encode(bytes);
  }
  return 0;
}
