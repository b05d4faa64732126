#include "query/objects/sort_values.h"

#include <algorithm>
#include <cmath>

#include "query/date_math.h"
#include "query/json_fields.h"

namespace iot::query {
namespace {

using Mode = SortKey::Mode;

bool is_text(model::MappingType type) {
  return model::column_kind(type) == model::ColumnKind::text;
}

/// Of sorted numbers, as Elasticsearch's MultiValueMode has it: those of whole numbers are whole.
double one_of(std::span<const double> values, Mode mode) {
  const std::size_t size = values.size();
  double sum = 0;
  switch (mode) {
    case Mode::greatest:
      return values.back();
    case Mode::sum:
    case Mode::average:
      for (const double value : values) sum += value;
      return mode == Mode::sum ? sum : sum / static_cast<double>(size);
    case Mode::median:
      return size % 2 == 1 ? values[size / 2] : (values[size / 2 - 1] + values[size / 2]) / 2;
    default:
      return values.front();
  }
}

std::int64_t one_of(std::span<const std::int64_t> values, Mode mode) {
  const std::size_t size = values.size();
  // Java's: whole sums go round, and halves are rounded up.
  const auto rounded = [](double value) {
    return static_cast<std::int64_t>(std::clamp(std::floor(value + 0.5), -9.2e18, 9.2e18));
  };
  std::uint64_t sum = 0;
  switch (mode) {
    case Mode::greatest:
      return values.back();
    case Mode::sum:
    case Mode::average:
      for (const std::int64_t value : values) sum += static_cast<std::uint64_t>(value);
      if (mode == Mode::sum) return static_cast<std::int64_t>(sum);
      return rounded(static_cast<double>(static_cast<std::int64_t>(sum)) / static_cast<double>(size));
    case Mode::median:
      if (size % 2 == 1) return values[size / 2];
      return rounded((static_cast<double>(values[size / 2 - 1]) + static_cast<double>(values[size / 2])) / 2);
    default:
      return values.front();
  }
}

/// The value of one reading, whose values are the rows `begin` to `end` (not included).
SortValue value_of(const SortKey& key, Mode mode, model::MappingType type, const store::Block& values,
                   std::size_t begin, std::size_t end) {
  SortValue value;
  value.missing_first = key.missing_first;
  switch (values.kind) {
    case model::ColumnKind::real:
      value.kind = SortValue::Kind::real;
      value.real = one_of(values.reals.subspan(begin, end - begin), mode);
      break;
    case model::ColumnKind::integer: {
      value.kind = SortValue::Kind::integer;
      if (type != model::MappingType::date) {
        value.integer = one_of(values.integers.subspan(begin, end - begin), mode);
        break;
      }
      std::vector<std::int64_t> times_ms;
      for (std::size_t i = begin; i < end; ++i) times_ms.push_back(floor_div(values.integers[i], ns_per_ms));
      value.integer = one_of(std::span<const std::int64_t>(times_ms), mode);
      break;
    }
    case model::ColumnKind::text:
      value.kind = SortValue::Kind::text;
      value.text = values.texts[mode == Mode::greatest ? end - 1 : begin];
      break;
  }
  return value;
}

}  // namespace

EsResult<void> check_sort_mode(const SortKey& key, const Series& inside) {
  const bool counts = key.mode == Mode::sum || key.mode == Mode::average || key.mode == Mode::median;
  if (!counts || inside.mapping() == model::MappingType::object || !is_text(inside.mapping())) return {};
  return query_refused(inside, "we only support AVG, MEDIAN and SUM on number based fields");
}

SortValue missing_sort_value(const SortKey& key, model::MappingType type) {
  SortValue value;
  value.missing_first = key.missing_first;
  value.is_absent = true;
  const bool is_real = model::column_kind(type) == model::ColumnKind::real;
  if (key.missing_value && is_text(type)) {
    value.kind = SortValue::Kind::text;
    value.text = *key.missing_value;
    return value;
  }
  if (is_text(type)) return value;
  value.kind = is_real ? SortValue::Kind::real : SortValue::Kind::integer;
  const bool greatest = key.missing_first != key.ascending;
  value.real = greatest ? HUGE_VAL : -HUGE_VAL;
  value.integer = greatest ? INT64_MAX : INT64_MIN;
  if (!key.missing_value) return value;
  // That it is a number has been checked.
  const double number = parse_real(*key.missing_value).value_or(0);
  value.real = number;
  value.integer =
      parse_whole(*key.missing_value).value_or(static_cast<std::int64_t>(std::clamp(number, -9.2e18, 9.2e18)));
  return value;
}

std::vector<SortValue> sort_values_inside(const SortKey& key, InsideField& inside, const store::Block& block,
                                          Selection selection) {
  const model::MappingType type = inside.column().type();
  const Mode mode = key.mode != Mode::by_order ? key.mode : key.ascending ? Mode::least : Mode::greatest;
  std::vector<SortValue> sorted(selection.size(), missing_sort_value(key, type));
  std::size_t at = 0;
  inside.column().read(block, selection, [&](const store::Block& values) {
    for (std::size_t begin = 0; begin < values.size();) {
      const std::uint32_t place = values.places[begin];
      std::size_t end = begin + 1;
      while (end < values.size() && values.places[end] == place) ++end;
      while (selection[at] != place) ++at;
      sorted[at] = value_of(key, mode, type, values, begin, end);
      begin = end;
    }
  });
  return sorted;
}

}  // namespace iot::query
