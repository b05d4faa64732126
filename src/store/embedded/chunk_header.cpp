#include "store/embedded/chunk_header.h"

#include <bit>
#include <cassert>
#include <limits>

#include "base/bytes.h"
#include "base/crc32c.h"

namespace iot::store {
namespace {

constexpr std::uint8_t format_written = 1;

// Every format begins with these, so that an older program can tell a newer chunk from a damaged one.
constexpr std::size_t checksum_at = 0;
constexpr std::size_t format_at = 4;
constexpr std::size_t header_bytes_at = 5;
constexpr std::size_t prefix_bytes = 6;
// Only of format 1.
constexpr std::size_t body_checksum_at = 7;

/// How a number of the summary is written: it is often one of those before it, and always in a chunk of one reading.
enum class Written : std::uint8_t { in_full = 0, as_first = 1, as_last = 2 };

bool same_bits(double a, double b) noexcept {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

void put_numbers(std::string& out, const Summary::Numbers& numbers) {
  const double rest[] = {numbers.last, numbers.min, numbers.max, numbers.sum};
  std::uint8_t forms = 0;
  std::string full;
  put_fixed(full, numbers.first);
  for (unsigned i = 0; i < 4; ++i) {
    const Written form = same_bits(rest[i], numbers.first)           ? Written::as_first
                         : i > 0 && same_bits(rest[i], numbers.last) ? Written::as_last
                                                                     : Written::in_full;
    forms |= static_cast<std::uint8_t>(static_cast<unsigned>(form) << (2 * i));
    if (form == Written::in_full) put_fixed(full, rest[i]);
  }
  out.push_back(static_cast<char>(forms));
  out += full;
}

bool get_numbers(ByteReader& in, Summary::Numbers& numbers) {
  const auto forms = in.fixed<std::uint8_t>();
  numbers.first = in.fixed<double>();
  double* const rest[] = {&numbers.last, &numbers.min, &numbers.max, &numbers.sum};
  for (unsigned i = 0; i < 4; ++i) {
    switch (static_cast<Written>(forms >> (2 * i) & 3u)) {
      case Written::in_full:
        *rest[i] = in.fixed<double>();
        break;
      case Written::as_first:
        *rest[i] = numbers.first;
        break;
      case Written::as_last:
        if (i == 0) return false;
        *rest[i] = numbers.last;
        break;
      default:
        return false;
    }
  }
  return in.ok();
}

void put_integers(std::string& out, const Summary::Integers& integers) {
  for (const std::int64_t value : {integers.first, integers.last, integers.min, integers.max}) {
    put_varint(out, zigzag(value));
  }
  out.push_back(integers.sum ? 1 : 0);
  if (integers.sum) put_varint(out, zigzag(*integers.sum));
}

bool get_integers(ByteReader& in, Summary::Integers& integers) {
  for (std::int64_t* const value : {&integers.first, &integers.last, &integers.min, &integers.max}) {
    *value = in.signed_varint();
  }
  const auto with_sum = in.fixed<std::uint8_t>();
  if (with_sum == 1) integers.sum = in.signed_varint();
  return in.ok() && with_sum <= 1;
}

Error damaged(std::string_view what) {
  return make_error(Errc::damaged,
                    "a chunk of readings is damaged (" + std::string(what) + "); run `iotplatform verify`");
}

Result<ChunkHeader> read_fields(ByteReader in) {
  ChunkHeader header;
  header.info.format = format_written;
  const auto mapping = in.fixed<std::uint8_t>();
  if (mapping >= model::mapping_type_count) return damaged("its mapping");
  header.info.mapping = static_cast<model::MappingType>(mapping);
  header.body_checksum = in.fixed<std::uint32_t>();
  header.body_bytes = in.varint();
  Summary& summary = header.info.summary;
  summary.count = in.varint();
  summary.first.ns = in.signed_varint();
  summary.last.ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(summary.first.ns) + in.varint());
  if (!in.ok() || summary.count == 0 || summary.count > chunk_readings_max) return damaged("its count");
  bool whole = true;
  switch (model::column_kind(header.info.mapping)) {
    case model::ColumnKind::real:
      whole = get_numbers(in, *(summary.numbers = Summary::Numbers{}));
      break;
    case model::ColumnKind::integer:
      whole = get_integers(in, *(summary.integers = Summary::Integers{}));
      break;
    case model::ColumnKind::text:
      break;
  }
  if (!whole || !in.empty()) return damaged("its summary");
  return header;
}

}  // namespace

std::string encode_chunk_header(const ChunkHeader& header) {
  const Summary& summary = header.info.summary;
  std::string out(prefix_bytes, '\0');
  out[format_at] = static_cast<char>(format_written);
  out.push_back(static_cast<char>(header.info.mapping));
  put_fixed(out, header.body_checksum);
  put_varint(out, header.body_bytes);
  put_varint(out, summary.count);
  put_varint(out, zigzag(summary.first.ns));
  put_varint(out, static_cast<std::uint64_t>(summary.last.ns) - static_cast<std::uint64_t>(summary.first.ns));
  if (summary.numbers) put_numbers(out, *summary.numbers);
  if (summary.integers) put_integers(out, *summary.integers);
  assert(out.size() <= std::numeric_limits<std::uint8_t>::max());
  out[header_bytes_at] = static_cast<char>(out.size());
  store_little(out.data() + checksum_at, crc32c(std::string_view(out).substr(format_at)));
  return out;
}

Result<ChunkHeader> take_chunk_header(std::string_view& chunk) {
  if (chunk.size() < prefix_bytes) return damaged("cut within its header");
  const std::size_t header_bytes = static_cast<std::uint8_t>(chunk[header_bytes_at]);
  if (header_bytes < prefix_bytes || header_bytes > chunk.size()) return damaged("cut within its header");
  const std::string_view bytes = chunk.substr(0, header_bytes);
  if (load_little<std::uint32_t>(bytes.data() + checksum_at) != crc32c(bytes.substr(format_at))) {
    return damaged("its header's checksum does not match");
  }
  const auto format = static_cast<std::uint8_t>(bytes[format_at]);
  if (format > format_written) {
    return make_error(Errc::newer_format, "a chunk of readings has format " + std::to_string(format) +
                                              ", and this program knows formats up to " +
                                              std::to_string(format_written) + "; use the newer program that wrote it");
  }
  if (format != format_written) return damaged("its format");
  IOT_TRY(ChunkHeader header, read_fields(ByteReader(bytes.substr(prefix_bytes))));
  if (chunk.size() - header_bytes != header.body_bytes) return damaged("its size");
  chunk.remove_prefix(header_bytes);
  return header;
}

void repair_checksums(std::string& chunk) {
  if (chunk.size() < body_checksum_at + sizeof(std::uint32_t)) return;
  const std::size_t header_bytes = static_cast<std::uint8_t>(chunk[header_bytes_at]);
  if (header_bytes < body_checksum_at + sizeof(std::uint32_t) || header_bytes > chunk.size()) return;
  const std::string_view bytes = chunk;
  store_little(chunk.data() + body_checksum_at, crc32c(bytes.substr(header_bytes)));
  store_little(chunk.data() + checksum_at, crc32c(bytes.substr(format_at, header_bytes - format_at)));
}

}  // namespace iot::store
