#include "store/embedded/real_codec.h"

#include <memory>
#include <optional>

#include "store/embedded/decimal.h"
#include "store/embedded/integer_codec.h"
#include "store/embedded/integer_reader.h"

namespace iot::store {
namespace {

/// The first byte of a column. Part of the format.
constexpr std::uint8_t flag_float32 = 1;
constexpr std::uint8_t flag_decimal = 2;
constexpr std::uint8_t flag_corrected = 4;
constexpr std::uint8_t flags_all = flag_float32 | flag_decimal | flag_corrected;

/// A column's worth of integers, without zeros being written into it first.
class Scratch {
 public:
  explicit Scratch(std::size_t size) : values_(std::make_unique_for_overwrite<std::int64_t[]>(size)), size_(size) {}
  std::span<std::int64_t> all() noexcept { return {values_.get(), size_}; }

 private:
  std::unique_ptr<std::int64_t[]> values_;
  std::size_t size_;
};

std::uint8_t width_flag(RealWidth width) {
  return width == RealWidth::float32 ? flag_float32 : 0;
}

void encode_bits(std::span<const double> values, RealWidth width, Effort effort, std::string& out) {
  Scratch bits(values.size());
  to_ordered_bits(values, width, bits.all());
  out.push_back(static_cast<char>(width_flag(width)));
  encode_integers(bits.all(), 0, effort, out);
}

void encode_decimals(std::span<const double> values, RealWidth width, unsigned scale, Effort effort, std::string& out) {
  Scratch integers(values.size());
  Scratch corrections(values.size());
  const bool corrected = to_decimals(values, width, scale, integers.all(), corrections.all());
  out.push_back(static_cast<char>(flag_decimal | width_flag(width) | (corrected ? flag_corrected : 0)));
  out.push_back(static_cast<char>(scale));
  encode_integers(integers.all(), 0, effort, out);
  if (corrected) encode_integers(corrections.all(), 0, effort, out);
}

/// Calls `use` with some integers of a column and the values that they are for, until all have had theirs. False if the
/// bytes are damaged.
template <class Use>
bool each_run(ByteReader& in, std::span<double> values, Use use) {
  IntegerReader reader;
  if (!reader.open(in, 0, values.size())) return false;
  std::int64_t integers[IntegerReader::run_max];
  while (!values.empty()) {
    const std::size_t count = reader.next(integers);
    if (count == 0) return false;
    use(std::span<const std::int64_t>(integers, count), values.first(count));
    values = values.subspan(count);
  }
  return true;
}

}  // namespace

void encode_reals(std::span<const double> values, Effort effort, std::string& out) {
  if (values.empty()) return;
  RealWidth width = RealWidth::float64;
  auto scale = find_decimal_scale(values, width);
  // A decimal as a float has up to 23 useless digits as a double, so it shows as one that takes very many.
  constexpr unsigned suspicious_scale = 7;
  if ((!scale || *scale >= suspicious_scale) && all_float32(values)) {
    width = RealWidth::float32;
    scale = find_decimal_scale(values, width);
  }
  if (!scale) return encode_bits(values, width, effort, out);
  const std::size_t before = out.size();
  encode_decimals(values, width, *scale, effort, out);
  // Numbers that hardly are decimals may take less as they are; those that are never do.
  constexpr std::size_t suspicious_bytes = 4;
  if (effort == Effort::fast || out.size() - before < values.size() * suspicious_bytes) return;
  std::string bits;
  encode_bits(values, width, effort, bits);
  if (bits.size() < out.size() - before) out.replace(before, std::string::npos, bits);
}

bool decode_reals(ByteReader& in, std::span<double> values) {
  if (values.empty()) return true;
  const auto flags = in.fixed<std::uint8_t>();
  if ((flags & ~flags_all) != 0) return false;
  const auto width = (flags & flag_float32) != 0 ? RealWidth::float32 : RealWidth::float64;
  if ((flags & flag_decimal) == 0) {
    return (flags & flag_corrected) == 0 &&
           each_run(in, values, [width](auto bits, std::span<double> reals) { from_ordered_bits(bits, width, reals); });
  }
  const auto scale = in.fixed<std::uint8_t>();
  if (scale > decimal_scale_max) return false;
  const bool decoded = each_run(in, values, [width, scale](auto integers, std::span<double> reals) {
    from_decimals(integers, width, scale, reals);
  });
  if (!decoded || (flags & flag_corrected) == 0) return decoded;
  return each_run(in, values,
                  [width](auto corrections, std::span<double> reals) { correct_decimals(corrections, width, reals); });
}

}  // namespace iot::store
