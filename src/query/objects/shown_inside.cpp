#include "query/objects/shown_inside.h"

#include <algorithm>

#include "model/value.h"
#include "query/objects/inside_field.h"
#include "query/shown_fields.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

constexpr std::string_view inside_prefix = "value.";

std::string full_name(const ObjectField& field) {
  return std::string(inside_prefix) + field.name;
}

/// The fields that the patterns may be about: all of them are looked for only where a pattern has a `*`.
EsResult<std::vector<ObjectField>> fields_named(const Series& series, const std::vector<DocvalueField>& asked) {
  const bool has_pattern = std::any_of(asked.begin(), asked.end(), [](const DocvalueField& one) {
    return one.pattern.find('*') != std::string::npos && may_name_inside(one.pattern);
  });
  if (has_pattern) return series.fields->all(series);
  std::vector<ObjectField> fields;
  for (const DocvalueField& one : asked) {
    if (!one.pattern.starts_with(inside_prefix)) continue;
    ES_TRY(auto field, series.fields->find(series, one.pattern.substr(inside_prefix.size())));
    if (!field || field->type == model::MappingType::object) continue;
    const auto is_same = [&](const ObjectField& other) { return other.name == field->name; };
    if (std::none_of(fields.begin(), fields.end(), is_same)) fields.push_back(std::move(*field));
  }
  return fields;
}

bool names_inside(const std::vector<DocvalueField>& asked) {
  return std::any_of(asked.begin(), asked.end(), [](const DocvalueField& one) {
    return one.pattern.find('*') != std::string::npos ? may_name_inside(one.pattern)
                                                      : one.pattern.starts_with(inside_prefix);
  });
}

EsResult<void> check(const Series& series, const ObjectField& field, const DocvalueField* docvalue,
                     const DocvalueField* asked) {
  const std::string name = full_name(field);
  if (docvalue && field.type == model::MappingType::text) return fielddata_disabled(series, name);
  for (const DocvalueField* one : {docvalue, asked}) {
    if (!one || !one->format || field.type == model::MappingType::date) continue;
    return illegal_argument("Field [" + name + "] of type [" + std::string(model::to_string(field.type)) +
                            "] doesn't support formats.")
        .on_shard();
  }
  return {};
}

}  // namespace

EsResult<std::vector<ShownInside>> shown_inside(const Series& series, const std::vector<DocvalueField>& docvalues,
                                                const std::vector<DocvalueField>& fields) {
  std::vector<ShownInside> shown;
  if (series.mapping() != model::MappingType::object || (!names_inside(docvalues) && !names_inside(fields))) {
    return shown;
  }
  if (!series.fields) return inside_not_supported(series);
  std::vector<DocvalueField> asked = docvalues;
  asked.insert(asked.end(), fields.begin(), fields.end());
  ES_TRY(auto found, fields_named(series, asked));
  for (ObjectField& field : found) {
    const std::string name = full_name(field);
    const DocvalueField* const docvalue = shown_as(docvalues, name);
    const DocvalueField* const source = shown_as(fields, name);
    if (!docvalue && !source) continue;
    ES_CHECK(check(series, field, docvalue, source));
    const auto format = source ? source->format : docvalue->format;
    shown.push_back({std::move(field), format, source != nullptr});
  }
  return shown;
}

void write_shown_inside(JsonWriter& json, const Series& series, std::string_view object,
                        const std::vector<ShownInside>& shown, const std::function<void(std::string_view name)>& open) {
  for (const ShownInside& one : shown) {
    ObjectColumn column(one.field, series.index.sensor, series.fields);
    if (one.from_source) column.keep_order();
    bool is_open = false;
    column.read_one(object, [&](const store::Block& values) {
      if (!std::exchange(is_open, true)) open(full_name(one.field));
      for (std::size_t i = 0; i < values.size(); ++i) {
        std::string text;
        switch (values.kind) {
          case model::ColumnKind::real:
            model::append_value_json(text, one.field.type, values.reals[i]);
            break;
          case model::ColumnKind::integer:
            if (one.field.type == model::MappingType::date) {
              const DateFormat& format = one.format ? *one.format : DateFormat::date_millis();
              json.string(format.write(Moment::from_ms(floor_div(values.integers[i], ns_per_ms)), TimeZone()));
              continue;
            }
            model::append_value_json(text, one.field.type, values.integers[i]);
            break;
          case model::ColumnKind::text:
            json.string(values.texts[i]);
            continue;
        }
        json.raw(text);
      }
    });
    if (is_open) json.end_array();
  }
}

}  // namespace iot::query
