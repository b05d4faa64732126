#include "query/pipelines/moving_functions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "query/statistics.h"

namespace iot::query::moving {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double max(Window values) {
  return values.empty() ? nan : *std::max_element(values.begin(), values.end());
}

double min(Window values) {
  return values.empty() ? nan : *std::min_element(values.begin(), values.end());
}

double sum(Window values) {
  Statistics statistics;
  statistics.add(values.data(), values.size());
  return values.empty() ? 0 : statistics.sum();
}

double unweighted_average(Window values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? nan : sum / static_cast<double>(values.size());
}

double standard_deviation(Window values, double average) {
  double squares = 0;
  for (const double value : values) squares += (value - average) * (value - average);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

double linear_weighted_average(Window values) {
  double sum = 0;
  double total_weight = 1;
  double weight = 1;
  for (const double value : values) {
    sum += value * weight;
    total_weight += weight;
    ++weight;
  }
  return values.empty() ? nan : sum / total_weight;
}

double exponential_average(Window values, double alpha) {
  if (values.empty()) return nan;
  double average = values[0];
  for (const double value : values.subspan(1)) average = value * alpha + average * (1 - alpha);
  return average;
}

double holt(Window values, double alpha, double beta) {
  if (values.empty()) return nan;
  double level = values[0];
  double trend = 0;
  for (const double value : values.subspan(1)) {
    const double before = level;
    level = alpha * value + (1 - alpha) * (before + trend);
    trend = beta * (level - before) + (1 - beta) * trend;
  }
  return level;
}

EsResult<double> holt_winters(Window values, double alpha, double beta, double gamma, std::int64_t period,
                              bool multiplicative) {
  if (values.empty()) return nan;
  if (period < 1) return illegal_argument("Holt-Winters aggregation requires a [period] of at least 1");
  if (static_cast<std::int64_t>(values.size()) / 2 < period) {
    const std::string text = std::to_string(period);
    return illegal_argument("Holt-Winters aggregation requires at least (2 * period == 2 * " + text +
                            " == " + std::to_string(2 * period) + ") data-points to function.  Only [" +
                            std::to_string(values.size()) + "] were provided.");
  }
  // Keeps quotients finite where values are 0.
  const double padding = multiplicative ? 1e-10 : 0;
  const auto length = static_cast<std::size_t>(period);
  const auto at = [&](std::size_t i) { return values[i] + padding; };
  double level = 0;
  double trend = 0;
  // The level begins as the average of the first period, the trend as the average slope to the second.
  for (std::size_t i = 0; i < length; ++i) {
    level += at(i);
    trend += (at(i + length) - at(i)) / static_cast<double>(period);
  }
  level /= static_cast<double>(period);
  // Elasticsearch computes the first trend and then goes on from 0.
  double last_trend = 0;
  trend /= static_cast<double>(period);
  double last_level = level;
  std::vector<double> seasonal(values.size());
  for (std::size_t i = 0; i < length; ++i) seasonal[i] = level == 0 ? 0 : at(i) / level;
  for (std::size_t i = length; i < values.size(); ++i) {
    const double season = seasonal[i - length];
    const double seasonless = multiplicative ? at(i) / season : at(i) - season;
    level = alpha * seasonless + (1 - alpha) * (last_level + last_trend);
    trend = beta * (level - last_level) + (1 - beta) * last_trend;
    const double now = multiplicative ? at(i) / (last_level + last_trend) : at(i) - (last_level - last_trend);
    seasonal[i] = gamma * now + (1 - gamma) * season;
    last_level = level;
    last_trend = trend;
  }
  const double season = seasonal[values.size() - length];
  return multiplicative ? (level + trend) * season : level + trend + season;
}

}  // namespace iot::query::moving
