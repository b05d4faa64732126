#include "query/objects/inside_field.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/number_text.h"
#include "query/date_math.h"
#include "query/json_fields.h"

namespace iot::query {
namespace {

using model::ColumnKind;
using model::MappingType;
using model::RawValue;

/// As ignore_above of the `.keyword`s that dynamic mapping makes, in UTF-16 units.
constexpr std::size_t keyword_length_max = 256;
/// Rows of one block: what a few readings have in long arrays is looked at in pieces.
constexpr std::size_t rows_max = 65'536;

std::size_t utf16_length(std::string_view text) noexcept {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) length += byte >= 0xF0 ? 2 : 1;
  }
  return length;
}

/// A time as a `date` has it, in whole milliseconds; nothing where 64 bits of nanoseconds do not reach.
std::optional<std::int64_t> date_ns(const Moment& moment) {
  const std::int64_t ms = moment.to_ms();
  const std::int64_t ns = Moment::from_ms(ms).to_ns();
  if (floor_div(ns, ns_per_ms) != ms) return {};
  return ns;
}

std::optional<std::int64_t> date_of(const RawValue& raw) {
  if (raw.kind != RawValue::Kind::string && raw.kind != RawValue::Kind::number) return {};
  const auto read = DateFormat::date_millis().read(raw.text, FillUp::first, TimeZone());
  return read ? date_ns(read->moment) : std::nullopt;
}

/// Readings that have a value that the condition takes.
class AnyValue final : public BlockCondition {
 public:
  AnyValue(ObjectField field, SensorId sensor, FieldLookup* lookup, Filter filter)
      : field_(std::move(field)), sensor_(sensor), lookup_(lookup), filter_(std::move(filter)) {}

  void narrow(const store::Block& block, std::uint8_t* mask) const override {
    std::vector<std::uint32_t> asked;
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (mask[i]) asked.push_back(static_cast<std::uint32_t>(i));
    }
    std::vector<std::uint8_t> found(block.size(), 0);
    std::vector<std::uint8_t> fits;
    // Of its own: filters are used by several threads.
    ObjectColumn column(field_, sensor_, lookup_);
    column.read(block, Selection::listed(asked.data(), asked.size()), [&](const store::Block& values) {
      fits.assign(values.size(), 1);
      filter_.narrow(values, fits.data());
      for (std::size_t i = 0; i < fits.size(); ++i) found[values.places[i]] |= fits[i];
    });
    for (std::size_t i = 0; i < block.size(); ++i) mask[i] &= found[i];
  }

  std::size_t memory_bytes() const override { return sizeof *this + field_.name.size() * 2 + filter_.memory_bytes(); }

 private:
  ObjectField field_;
  SensorId sensor_;
  FieldLookup* lookup_;
  Filter filter_;
};

EsResult<std::optional<ObjectField>> find_field(const Series& document, const std::string& path) {
  if (document.mapping() != MappingType::object) return std::optional<ObjectField>();
  if (!document.fields) return inside_not_supported(document);
  return document.fields->find(document, path);
}

Series made_of(const Series& document, const std::string& path, const std::optional<ObjectField>& field) {
  Series series = document;
  series.index.mapping = field ? field->type : MappingType::object;
  series.value_name = "value." + path;
  series.document = &document;
  return series;
}

Filter any_value(const Series& document, ObjectField field, Filter filter) {
  return Filter::of_block(
      std::make_shared<AnyValue>(std::move(field), document.index.sensor, document.fields, std::move(filter)));
}

}  // namespace

bool may_name_inside(std::string_view pattern) noexcept {
  constexpr std::string_view inside = "value.";
  const std::string_view begin = pattern.substr(0, pattern.find('*'));
  return begin.size() < inside.size() ? inside.starts_with(begin) : begin.starts_with(inside);
}

EsResult<Series> series_inside(const Series& document, const std::string& path) {
  ES_TRY(const auto field, find_field(document, path));
  return made_of(document, path, field);
}

ObjectColumn::ObjectColumn(ObjectField field, SensorId sensor, FieldLookup* lookup,
                           std::optional<model::Value> stand_in)
    : field_(std::move(field)), sensor_(sensor), lookup_(lookup), stand_in_(std::move(stand_in)) {}

std::size_t ObjectColumn::size() const noexcept {
  switch (model::column_kind(field_.type)) {
    case ColumnKind::real:
      return reals_.size();
    case ColumnKind::integer:
      return integers_.size();
    case ColumnKind::text:
      return texts_.size();
  }
  return 0;
}

void ObjectColumn::add(const RawValue& raw) {
  switch (field_.type) {
    case MappingType::double_precision: {
      auto value = model::coerce(field_.type, raw);
      if (value) reals_.push_back(std::get<double>(*value));
      return;
    }
    case MappingType::long_integer: {
      if (raw.kind != RawValue::Kind::number && raw.kind != RawValue::Kind::string) return;
      const auto number = model::parse_decimal(raw.text);
      if (!number) return;
      const auto whole = model::truncated(*number);
      const auto real = model::nearest_double(*number);
      // A fraction, or more than 64 bits hold.
      const bool is_decimal = !number->fraction.empty() || number->exponent != 0 || !whole;
      if (!is_decimal) {
        integers_.push_back(*whole);
      } else if (real && lookup_) {
        lookup_->met_decimal(sensor_, field_.path);
      }
      return;
    }
    case MappingType::date:
      if (const auto ns = date_of(raw)) integers_.push_back(*ns);
      return;
    case MappingType::keyword: {
      auto value = model::coerce(field_.type, raw);
      if (value && utf16_length(std::get<std::string>(*value)) <= keyword_length_max) add(*value);
      return;
    }
    default:
      if (const auto value = model::coerce(field_.type, raw)) add(*value);
      return;
  }
}

void ObjectColumn::add(const model::Value& value) {
  if (const auto* real = std::get_if<double>(&value)) {
    reals_.push_back(*real);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    integers_.push_back(*integer);
  } else {
    texts_.push_back(std::get<std::string>(value));
  }
}

void ObjectColumn::close_reading(std::size_t begin, std::uint32_t place, const store::Block& readings) {
  if (size() == begin && stand_in_) add(*stand_in_);
  const auto from = static_cast<std::ptrdiff_t>(begin);
  if (size() > begin + 1 && !keeps_order_) {
    switch (model::column_kind(field_.type)) {
      case ColumnKind::real:
        std::sort(reals_.begin() + from, reals_.end(), [](double a, double b) { return order_key(a) < order_key(b); });
        break;
      case ColumnKind::integer:
        std::sort(integers_.begin() + from, integers_.end());
        break;
      case ColumnKind::text:
        std::sort(texts_.begin() + from, texts_.end());
        texts_.erase(std::unique(texts_.begin() + from, texts_.end()), texts_.end());
        break;
    }
  }
  places_.resize(size(), place);
  if (!readings.times_ns.empty()) times_.resize(size(), readings.times_ns[place]);
}

void ObjectColumn::show(const store::Block& readings, const Visit& visit) {
  if (size() == 0) return;
  views_.assign(texts_.begin(), texts_.end());
  store::Block block;
  block.kind = model::column_kind(field_.type);
  block.times_ns = times_;
  block.reals = reals_;
  block.integers = integers_;
  block.texts = views_;
  block.readings = &readings;
  block.places = places_;
  visit(block);
  reals_.clear();
  integers_.clear();
  texts_.clear();
  places_.clear();
  times_.clear();
}

void ObjectColumn::read(const store::Block& readings, Selection selection, const Visit& visit) {
  const ObjectReader::VisitValue take = [this](const RawValue& raw) { add(raw); };
  // Looking at the clock costs as much as a small object.
  constexpr std::size_t readings_between = 256;
  for (std::size_t i = 0; i < selection.size(); ++i) {
    if (i > 0 && i % readings_between == 0 && lookup_ && !lookup_->may_read()) break;
    const std::size_t place = selection[i];
    const std::size_t begin = size();
    reader_.values_at(readings.texts[place], field_.path, take);
    close_reading(begin, static_cast<std::uint32_t>(place), readings);
    if (size() >= rows_max) show(readings, visit);
  }
  show(readings, visit);
}

void ObjectColumn::read_one(std::string_view object, const Visit& visit) {
  store::Block reading;
  reading.kind = ColumnKind::text;
  reading.texts = std::span(&object, 1);
  read(reading, Selection::dense(0, 1), visit);
}

EsResult<InsideField::Known*> InsideField::known(const Series& document) {
  if (const auto found = known_.find(&document); found != known_.end()) return &found->second;
  constexpr std::size_t known_bytes = 256;
  execution_.charge(sizeof(Series) + document.name.size() + path_.size() + known_bytes);
  if (execution_.failure()) return *execution_.failure();
  Known known;
  ES_TRY(known.field, find_field(document, path_));
  if (known.field && known.field->type == MappingType::object) known.field.reset();
  auto series = made_of(document, path_, known.field);
  // What stands in for a long may have a fraction.
  if (missing_ && series.mapping() == MappingType::long_integer && !parse_whole(*missing_)) {
    series.index.mapping = known.field->type = MappingType::double_precision;
  }
  known.series = std::make_unique<Series>(std::move(series));
  return &known_.emplace(&document, std::move(known)).first->second;
}

EsResult<const Series*> InsideField::series(const Series& document) {
  ES_TRY(const Known* found, known(document));
  return const_cast<const Series*>(found->series.get());
}

EsResult<const Series*> InsideField::begin(const Series& document, Timestamp now) {
  column_.reset();
  ES_TRY(const Known* found, known(document));
  if (found->field) {
    ES_TRY(auto value, stand_in(found->field->type, now));
    column_.emplace(*found->field, document.index.sensor, document.fields, std::move(value));
  }
  return const_cast<const Series*>(found->series.get());
}

EsResult<std::optional<model::Value>> InsideField::stand_in(MappingType type, Timestamp now) const {
  using Made = std::optional<model::Value>;
  if (!missing_ || type == MappingType::text) return Made();
  if (type == MappingType::keyword) return Made(*missing_);
  if (type == MappingType::boolean && (*missing_ == "true" || *missing_ == "false")) {
    return Made(std::int64_t{*missing_ == "true"});
  }
  if (type == MappingType::date) {
    // Times are whole milliseconds here.
    if (parse_real(*missing_) && !parse_whole(*missing_)) {
      return illegal_argument("[missing] of [" + *missing_ + "] is not supported for a date field").on_shard();
    }
    ES_TRY(const Moment moment, evaluate_date(*missing_, DateFormat::date_millis(), {now, FillUp::first, {}}));
    return Made(moment.to_ns());
  }
  const auto real = parse_real(*missing_);
  if (!real && type == MappingType::boolean) {
    return illegal_argument("Cannot parse boolean [" + *missing_ + "], expected either [true] or [false]").on_shard();
  }
  if (!real) return not_a_number(*missing_).on_shard();
  if (type == MappingType::double_precision) return Made(*real);
  // A number in a boolean's place keeps its value; the field's numbers are whole ones.
  if (type == MappingType::boolean && !parse_whole(*missing_)) {
    return illegal_argument("[missing] of [" + *missing_ + "] is not supported for a boolean field").on_shard();
  }
  return Made(parse_whole(*missing_).value_or(0));
}

EsResult<Filter> filter_inside(const Series& document, const std::string& path,
                               const std::function<EsResult<Filter>(const Series& series)>& make) {
  ES_TRY(auto field, find_field(document, path));
  if (!field || field->type == MappingType::object) return Filter::none();
  ES_TRY(Filter filter, make(made_of(document, path, field)));
  if (filter.is_none()) return filter;
  return any_value(document, std::move(*field), std::move(filter));
}

EsResult<Filter> exists_inside(const Series& document, const std::string& path) {
  ES_TRY(auto field, find_field(document, path));
  if (!field) return Filter::none();
  if (field->type != MappingType::object) return any_value(document, std::move(*field), Filter::all());
  ES_TRY(const auto fields, document.fields->all(document));
  std::vector<Filter> some;
  for (const ObjectField& one : fields) {
    if (one.name.starts_with(path + ".")) some.push_back(any_value(document, one, Filter::all()));
  }
  return Filter::any_of(std::move(some));
}

std::size_t reading_count(const store::Block& block, Selection rows) noexcept {
  if (!block.readings) return rows.size();
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    count += i == 0 || block.places[rows[i]] != block.places[rows[i - 1]] ? 1 : 0;
  }
  return count;
}

}  // namespace iot::query
