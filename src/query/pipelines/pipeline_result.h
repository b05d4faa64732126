// What a pipeline aggregation shows: in one bucket, or once beside the buckets that it looked at.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "query/number_format.h"

namespace iot::query {

class PipelineResult {
 public:
  virtual ~PipelineResult() = default;
  /// Appends the members of the aggregation's object.
  virtual void write(JsonWriter& json) const = 0;
  /// As `typed_keys` names it: "simple_value".
  virtual std::string_view type_name() const = 0;
  /// As Collector: what other pipelines find in it. Nothing where the number is NaN or infinite.
  virtual bool has_number(std::string_view property) const { return property.empty() || property == "value"; }
  virtual std::optional<double> number(std::string_view property) const = 0;
  /// Several numbers, of which a path must name one.
  virtual bool is_multiple() const { return false; }
  /// Charged to the search.
  virtual std::size_t memory_bytes() const { return 64; }
};

/// {"value": 1.5, "value_as_string": "1.5"}; null for NaN and the infinities.
class SimpleValue : public PipelineResult {
 public:
  /// `format`, which may be null, must outlive it.
  SimpleValue(double value, const NumberFormat* format) : value_(value), format_(format) {}
  void write(JsonWriter& json) const override;
  std::string_view type_name() const override { return "simple_value"; }
  std::optional<double> number(std::string_view property) const override;

 protected:
  double value_;
  const NumberFormat* format_;
};

/// With "normalized_value", by the distance of the buckets in units, if one is asked for.
class DerivativeValue final : public SimpleValue {
 public:
  /// A `distance` of 0 or less means that no unit was asked for.
  DerivativeValue(double value, double distance, const NumberFormat* format)
      : SimpleValue(value, format), distance_(distance) {}
  void write(JsonWriter& json) const override;
  std::string_view type_name() const override { return "derivative"; }
  bool has_number(std::string_view property) const override;
  std::optional<double> number(std::string_view property) const override;

 private:
  double normalized() const { return distance_ > 0 ? value_ / distance_ : value_; }
  double distance_;
};

/// The greatest or least value, and the keys of the buckets that have it.
class BucketMetricValue final : public PipelineResult {
 public:
  BucketMetricValue(double value, std::vector<std::string> keys, const NumberFormat* format)
      : value_(value), keys_(std::move(keys)), format_(format) {}
  void write(JsonWriter& json) const override;
  std::string_view type_name() const override { return "bucket_metric_value"; }
  std::optional<double> number(std::string_view property) const override;
  std::size_t memory_bytes() const override;

 private:
  double value_;
  std::vector<std::string> keys_;
  const NumberFormat* format_;
};

/// Appends `"name": value`, or null for what JSON has no number for.
void write_value(JsonWriter& json, std::string_view name, double value);
/// The same, and `"name_as_string"` where there is a number and a format.
void write_formatted(JsonWriter& json, std::string_view name, double value, const NumberFormat* format);
/// Nothing for NaN and the infinities.
std::optional<double> finite(double value) noexcept;

}  // namespace iot::query
