#include "store/embedded/integer_header.h"

#include <bit>

namespace iot::store {
namespace {

constexpr unsigned frequency_length_bits = 4;

std::uint64_t as_unsigned(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value);
}
std::int64_t as_signed(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value);
}

}  // namespace

void put_integer_header(std::string& out, const IntegerHeader& header) {
  out.push_back(static_cast<char>(header.order | (header.unit != 1 ? 4 : 0)));
  put_varint(out, zigzag(as_signed(header.least)));
  if (header.unit != 1) put_varint(out, header.unit);
  for (unsigned i = 0; i < header.order; ++i) put_varint(out, zigzag(as_signed(header.seeds[i])));
  put_varint(out, zigzag(as_signed(header.floor)));
  out.push_back(static_cast<char>(header.height));
}

std::optional<IntegerHeader> get_integer_header(ByteReader& in) {
  IntegerHeader header;
  const auto flags = in.fixed<std::uint8_t>();
  header.order = flags & 3u;
  if (flags > 7 || header.order > order_max) return std::nullopt;
  header.least = as_unsigned(in.signed_varint());
  if ((flags & 4) != 0) header.unit = in.varint();
  for (unsigned i = 0; i < header.order; ++i) header.seeds[i] = as_unsigned(in.signed_varint());
  header.floor = as_unsigned(in.signed_varint());
  header.height = in.fixed<std::uint8_t>();
  if (!in.ok() || header.height > 64) return std::nullopt;
  return header;
}

void put_frequencies(BitWriter& out, const Frequencies& frequencies) {
  out.put(frequencies.bits, frequency_length_bits);
  for (const std::uint16_t frequency : frequencies.of_symbol) {
    const auto length = static_cast<unsigned>(std::bit_width(frequency));
    out.put(length, frequency_length_bits);
    out.put(frequency & low_bits(length - 1), length - 1);
  }
}

bool get_frequencies(BitReader& in, std::size_t symbols, Frequencies& frequencies) {
  frequencies.bits = static_cast<unsigned>(in.get(frequency_length_bits));
  frequencies.of_symbol.resize(symbols);
  for (std::uint16_t& frequency : frequencies.of_symbol) {
    const auto length = static_cast<unsigned>(in.get(frequency_length_bits));
    if (length == 0 || length > frequency_bits_max) return false;
    frequency = static_cast<std::uint16_t>(1u << (length - 1) | in.get(length - 1));
  }
  return in.ok() && frequencies.valid();
}

}  // namespace iot::store
