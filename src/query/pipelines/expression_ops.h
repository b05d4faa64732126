// The operators and functions that expression_parser.cpp reads and expression.cpp runs.
#pragma once

#include <array>
#include <string_view>

#include "query/pipelines/expression.h"

namespace iot::query {

enum class Expression::Op : std::uint8_t {
  constant,
  variable,
  window_length,
  negate,
  plus,
  logical_not,
  multiply,
  divide,
  remainder,
  add,
  subtract,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  equal,
  not_equal,
  logical_and,
  logical_or,
  choose,
  function,
  moving,
};

enum class MathFunction : std::uint8_t {
  abs,
  ceil,
  exp,
  floor,
  log,
  log10,
  max,
  min,
  pow,
  round,
  sqrt,
  is_nan,
  is_infinite
};

enum class MovingFunction : std::uint8_t {
  max,
  min,
  sum,
  standard_deviation,
  unweighted_average,
  linear_weighted_average,
  exponential_average,
  holt,
  holt_winters
};

template <class Function>
struct NamedFunction {
  std::string_view name;
  Function function;
  std::size_t argument_count;
};

constexpr std::array<NamedFunction<MathFunction>, 13> painless_functions{
    {{"Math.abs", MathFunction::abs, 1},
     {"Math.ceil", MathFunction::ceil, 1},
     {"Math.exp", MathFunction::exp, 1},
     {"Math.floor", MathFunction::floor, 1},
     {"Math.log", MathFunction::log, 1},
     {"Math.log10", MathFunction::log10, 1},
     {"Math.max", MathFunction::max, 2},
     {"Math.min", MathFunction::min, 2},
     {"Math.pow", MathFunction::pow, 2},
     {"Math.round", MathFunction::round, 1},
     {"Math.sqrt", MathFunction::sqrt, 1},
     {"Double.isNaN", MathFunction::is_nan, 1},
     {"Double.isInfinite", MathFunction::is_infinite, 1}}};

constexpr std::array<NamedFunction<MathFunction>, 10> expression_functions{{{"abs", MathFunction::abs, 1},
                                                                            {"ceil", MathFunction::ceil, 1},
                                                                            {"exp", MathFunction::exp, 1},
                                                                            {"floor", MathFunction::floor, 1},
                                                                            {"ln", MathFunction::log, 1},
                                                                            {"log10", MathFunction::log10, 1},
                                                                            {"max", MathFunction::max, 2},
                                                                            {"min", MathFunction::min, 2},
                                                                            {"pow", MathFunction::pow, 2},
                                                                            {"sqrt", MathFunction::sqrt, 1}}};

/// The arguments behind `values`.
constexpr std::array<NamedFunction<MovingFunction>, 9> moving_functions{
    {{"MovingFunctions.max", MovingFunction::max, 0},
     {"MovingFunctions.min", MovingFunction::min, 0},
     {"MovingFunctions.sum", MovingFunction::sum, 0},
     {"MovingFunctions.stdDev", MovingFunction::standard_deviation, 1},
     {"MovingFunctions.unweightedAvg", MovingFunction::unweighted_average, 0},
     {"MovingFunctions.linearWeightedAvg", MovingFunction::linear_weighted_average, 0},
     {"MovingFunctions.ewma", MovingFunction::exponential_average, 1},
     {"MovingFunctions.holt", MovingFunction::holt, 2},
     {"MovingFunctions.holtWinters", MovingFunction::holt_winters, 5}}};

}  // namespace iot::query
