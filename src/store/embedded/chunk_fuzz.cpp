// Chunks from anywhere. The first byte of an input chooses: 0, the bytes as they are; 1, with checksums that fit, so
// that what lies behind them is reached; 2, values and times to encode, which must come back.
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "store/embedded/chunk.h"
#include "store/embedded/chunk_header.h"

namespace iot::store {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(const Columns& a, const Columns& b) {
  if (a.mapping != b.mapping || a.times_ns != b.times_ns || a.integers != b.integers || a.texts != b.texts)
    return false;
  if (a.reals.size() != b.reals.size()) return false;
  for (std::size_t i = 0; i < a.reals.size(); ++i) {
    if (std::bit_cast<std::uint64_t>(a.reals[i]) != std::bit_cast<std::uint64_t>(b.reals[i])) return false;
  }
  return true;
}

void expect_comes_back(const Columns& columns) {
  for (const Effort effort : {Effort::fast, Effort::dense}) {
    Columns decoded;
    require(decode_chunk(encode_chunk(columns, effort), decoded).has_value());
    require(same(columns, decoded));
  }
}

/// What was read must be writable, once it is in order.
void decode(std::string_view bytes) {
  Columns columns;
  const auto info = read_chunk_info(bytes);
  const auto decoded = decode_chunk(bytes, columns);
  require(decoded.has_value() ? info.has_value() && columns.size() == info->summary.count : columns.size() == 0);
  // The largest would only make fuzzing slow.
  if (!decoded || columns.size() > 10'000) return;
  sort_and_merge(columns);
  expect_comes_back(columns);
}

void encode(std::string_view bytes) {
  ByteReader in(bytes);
  Columns columns;
  columns.mapping = static_cast<model::MappingType>(in.fixed<std::uint8_t>() % model::mapping_type_count);
  std::int64_t time = 0;
  while (!in.empty()) {
    time = static_cast<std::int64_t>(static_cast<std::uint64_t>(time) + in.varint());
    columns.times_ns.push_back(time);
    switch (model::column_kind(columns.mapping)) {
      case model::ColumnKind::real:
        columns.reals.push_back(in.fixed<double>());
        break;
      case model::ColumnKind::integer:
        columns.integers.push_back(in.signed_varint());
        break;
      case model::ColumnKind::text:
        columns.texts.push_back(in.bytes(in.fixed<std::uint8_t>() % 16));
        break;
    }
  }
  if (columns.size() == 0) return;
  sort_and_merge(columns);
  expect_comes_back(columns);
}

}  // namespace
}  // namespace iot::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 3) {
    case 0:
      iot::store::decode(bytes);
      break;
    case 1:
      iot::store::repair_checksums(bytes);
      iot::store::decode(bytes);
      break;
    default:
      iot::store::encode(bytes);
  }
  return 0;
}
