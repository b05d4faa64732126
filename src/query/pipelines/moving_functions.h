// Elasticsearch's MovingFunctions: what moving_fn computes over the values of a window, oldest first.
//
// Values are never NaN. NaN is the result where there are none.
#pragma once

#include <span>

#include "query/es_error.h"

namespace iot::query::moving {

using Window = std::span<const double>;

double max(Window values);
double min(Window values);
/// 0 without values.
double sum(Window values);
double unweighted_average(Window values);
double standard_deviation(Window values, double average);
/// Divided by one more than the sum of the weights, as Elasticsearch does.
double linear_weighted_average(Window values);
double exponential_average(Window values, double alpha);
/// Holt's double exponential smoothing.
double holt(Window values, double alpha, double beta);
/// Triple exponential smoothing, one step ahead. Refused: fewer values than two periods, a period below 1.
EsResult<double> holt_winters(Window values, double alpha, double beta, double gamma, std::int64_t period,
                              bool multiplicative);

}  // namespace iot::query::moving
