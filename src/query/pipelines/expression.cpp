// Runs expressions, with Java's arithmetic.
#include "query/pipelines/expression.h"

#include <cmath>
#include <limits>
#include <utility>

#include "base/json_writer.h"
#include "query/pipelines/expression_ops.h"
#include "query/pipelines/moving_functions.h"

namespace iot::query {
namespace {

using Op = Expression::Op;
using Kind = ScriptValue::Kind;

std::string_view type_of(const ScriptValue& value) {
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "java.lang.Boolean";
    case Kind::integer:
      return "java.lang.Integer";
    case Kind::whole:
      return "java.lang.Long";
    case Kind::real:
      break;
  }
  return "java.lang.Double";
}

EsError not_a(std::string_view wanted, const ScriptValue& value) {
  if (value.kind == Kind::null) {
    return {400, "null_pointer_exception", "Cannot use a null value as a " + std::string(wanted)};
  }
  return {400, "class_cast_exception",
          "Cannot cast from [" + std::string(type_of(value)) + "] to [" + std::string(wanted) + "]."};
}

/// Math.round: half up, held at the ends of 64 bits, NaN to 0.
std::int64_t round_half_up(double value) {
  if (std::isnan(value)) return 0;
  const double rounded = std::floor(value);
  const double up = value - rounded >= 0.5 ? rounded + 1 : rounded;
  if (up >= 9'223'372'036'854'775'808.0) return INT64_MAX;
  return up < -9'223'372'036'854'775'808.0 ? INT64_MIN : static_cast<std::int64_t>(up);
}

/// Java's Math.max and min yield NaN if either is NaN.
double math_max(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? std::numeric_limits<double>::quiet_NaN() : std::max(a, b);
}
double math_min(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? std::numeric_limits<double>::quiet_NaN() : std::min(a, b);
}

EsResult<ScriptValue> whole_arithmetic(Op op, Kind kind, std::int64_t a, std::int64_t b) {
  // Overflow wraps around, as in Java; 32 bits are cut off at the end.
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  std::uint64_t result = 0;
  switch (op) {
    case Op::add:
      result = x + y;
      break;
    case Op::subtract:
      result = x - y;
      break;
    case Op::multiply:
      result = x * y;
      break;
    default:
      if (b == 0) return EsError(400, "arithmetic_exception", "/ by zero");
      if (b == -1) {
        result = op == Op::divide ? 0 - x : 0;
      } else {
        result = static_cast<std::uint64_t>(op == Op::divide ? a / b : a % b);
      }
  }
  return kind == Kind::integer ? ScriptValue::integer(static_cast<std::int32_t>(static_cast<std::uint32_t>(result)))
                               : ScriptValue::whole(static_cast<std::int64_t>(result));
}

double real_arithmetic(Op op, double a, double b) {
  switch (op) {
    case Op::add:
      return a + b;
    case Op::subtract:
      return a - b;
    case Op::multiply:
      return a * b;
    case Op::divide:
      return a / b;
    default:
      return std::fmod(a, b);
  }
}

template <class Number>
bool compare(Op op, Number a, Number b) {
  switch (op) {
    case Op::less:
      return a < b;
    case Op::less_or_equal:
      return a <= b;
    case Op::greater:
      return a > b;
    case Op::greater_or_equal:
      return a >= b;
    case Op::equal:
      return a == b;
    default:
      return a != b;
  }
}

double math(MathFunction function, double a, double b) {
  switch (function) {
    case MathFunction::abs:
      return std::abs(a);
    case MathFunction::ceil:
      return std::ceil(a);
    case MathFunction::exp:
      return std::exp(a);
    case MathFunction::floor:
      return std::floor(a);
    case MathFunction::log:
      return std::log(a);
    case MathFunction::log10:
      return std::log10(a);
    case MathFunction::max:
      return math_max(a, b);
    case MathFunction::min:
      return math_min(a, b);
    case MathFunction::pow:
      // Java: NaN where C has 1.
      return (std::isnan(b) || (std::abs(a) == 1 && std::isinf(b))) ? std::numeric_limits<double>::quiet_NaN()
                                                                    : std::pow(a, b);
    default:
      return std::sqrt(a);
  }
}

}  // namespace

class ExpressionRun {
 public:
  ExpressionRun(const Expression& expression, std::span<const ScriptValue> variables, std::span<const double> window)
      : expression_(expression), variables_(variables), window_(window) {}

  // The tree is at most nodes_max deep.
  EsResult<ScriptValue> value(std::uint32_t place) const {
    const Expression::Node& node = expression_.nodes_[place];
    const auto argument = [&](std::size_t i) { return expression_.arguments_[node.first + i]; };
    switch (node.op) {
      case Op::constant:
        return node.constant;
      case Op::variable:
        return variables_[node.first];
      case Op::window_length:
        return ScriptValue::integer(static_cast<std::int32_t>(window_.size()));
      case Op::negate:
      case Op::plus:
        return sign(node.op, argument(0));
      case Op::logical_not: {
        ES_TRY(const bool operand, condition(argument(0)));
        return truth(!operand);
      }
      case Op::logical_and:
      case Op::logical_or: {
        ES_TRY(const bool left, condition(argument(0)));
        if (left == (node.op == Op::logical_or)) return truth(left);
        ES_TRY(const bool right, condition(argument(1)));
        return truth(right);
      }
      case Op::choose: {
        ES_TRY(const bool chosen, condition(argument(0)));
        return value(argument(chosen ? 1 : 2));
      }
      case Op::function:
        return function(node);
      case Op::moving:
        return moving(node);
      default:
        return binary(node.op, argument(0), argument(1));
    }
  }

  EsResult<bool> as_condition(const ScriptValue& value) const {
    if (value.kind == Kind::boolean) return value.number != 0;
    if (expression_.reals_only_ && value.kind == Kind::real) return value.real != 0;
    return not_a("boolean", value);
  }

 private:
  /// Lucene's expressions have no booleans: true is 1.
  ScriptValue truth(bool value) const {
    return expression_.reals_only_ ? ScriptValue::of(value ? 1.0 : 0.0) : ScriptValue::of(value);
  }

  EsResult<bool> condition(std::uint32_t place) const {
    ES_TRY(const ScriptValue found, value(place));
    return as_condition(found);
  }

  EsResult<double> real(std::uint32_t place) const {
    ES_TRY(const ScriptValue found, value(place));
    if (!found.is_number()) return not_a("double", found);
    return found.as_real();
  }

  EsResult<ScriptValue> sign(Op op, std::uint32_t place) const {
    ES_TRY(const ScriptValue operand, value(place));
    if (!operand.is_number()) return not_a("number", operand);
    if (op == Op::plus) return operand;
    if (operand.kind == Kind::real) return ScriptValue::of(-operand.real);
    return whole_arithmetic(Op::subtract, operand.kind, 0, operand.number);
  }

  EsResult<ScriptValue> binary(Op op, std::uint32_t left, std::uint32_t right) const {
    ES_TRY(const ScriptValue a, value(left));
    ES_TRY(const ScriptValue b, value(right));
    const bool is_equality = op == Op::equal || op == Op::not_equal;
    if (is_equality && (!a.is_number() || !b.is_number())) {
      const bool same = a.kind == b.kind && a.number == b.number;
      return truth(same == (op == Op::equal));
    }
    if (!a.is_number()) return not_a("number", a);
    if (!b.is_number()) return not_a("number", b);
    const Kind kind = std::max(a.kind, b.kind);
    if (op >= Op::less && op <= Op::not_equal) {
      return truth(kind == Kind::real ? compare(op, a.as_real(), b.as_real()) : compare(op, a.number, b.number));
    }
    if (kind == Kind::real) return ScriptValue::of(real_arithmetic(op, a.as_real(), b.as_real()));
    return whole_arithmetic(op, kind, a.number, b.number);
  }

  EsResult<ScriptValue> function(const Expression::Node& node) const {
    double operands[2] = {0, 0};
    for (std::size_t i = 0; i < node.argument_count; ++i) {
      ES_TRY(operands[i], real(expression_.arguments_[node.first + i]));
    }
    const auto which = static_cast<MathFunction>(node.function);
    if (which == MathFunction::round) return ScriptValue::whole(round_half_up(operands[0]));
    if (which == MathFunction::is_nan) return ScriptValue::of(std::isnan(operands[0]));
    if (which == MathFunction::is_infinite) return ScriptValue::of(std::isinf(operands[0]));
    return ScriptValue::of(math(which, operands[0], operands[1]));
  }

  EsResult<ScriptValue> moving(const Expression::Node& node) const {
    const auto place = [&](std::size_t i) { return expression_.arguments_[node.first + i]; };
    const auto which = static_cast<MovingFunction>(node.function);
    double options[3] = {0, 0, 0};
    const std::size_t reals = which == MovingFunction::holt_winters ? 3 : node.argument_count;
    for (std::size_t i = 0; i < reals; ++i) {
      ES_TRY(options[i], real(place(i)));
    }
    switch (which) {
      case MovingFunction::max:
        return ScriptValue::of(moving::max(window_));
      case MovingFunction::min:
        return ScriptValue::of(moving::min(window_));
      case MovingFunction::sum:
        return ScriptValue::of(moving::sum(window_));
      case MovingFunction::standard_deviation:
        return ScriptValue::of(moving::standard_deviation(window_, options[0]));
      case MovingFunction::unweighted_average:
        return ScriptValue::of(moving::unweighted_average(window_));
      case MovingFunction::linear_weighted_average:
        return ScriptValue::of(moving::linear_weighted_average(window_));
      case MovingFunction::exponential_average:
        return ScriptValue::of(moving::exponential_average(window_, options[0]));
      case MovingFunction::holt:
        return ScriptValue::of(moving::holt(window_, options[0], options[1]));
      case MovingFunction::holt_winters:
        break;
    }
    ES_TRY(const ScriptValue period, value(place(3)));
    if (period.kind != Kind::integer) return not_a("int", period);
    ES_TRY(const bool multiplicative, condition(place(4)));
    ES_TRY(const double forecast,
           moving::holt_winters(window_, options[0], options[1], options[2], period.number, multiplicative));
    return ScriptValue::of(forecast);
  }

  const Expression& expression_;
  std::span<const ScriptValue> variables_;
  std::span<const double> window_;
};

EsError Script::error(std::string_view stage, EsError cause) const {
  std::string quoted, language;
  append_json_string(quoted, source);
  append_json_string(language, lang);
  return EsError(400, "script_exception", std::string(stage))
      .with("script_stack", "[]")
      .with("script", quoted)
      .with("lang", language)
      .caused_by(std::move(cause));
}

EsResult<ScriptValue> Expression::run(std::span<const ScriptValue> variables, std::span<const double> window) const {
  auto result = ExpressionRun(*this, variables, window).value(root_);
  if (!result) return script_.error("runtime error", std::move(result).error()).in_reduce();
  return result;
}

EsResult<std::optional<double>> Expression::number(std::span<const ScriptValue> variables,
                                                   std::span<const double> window) const {
  ES_TRY(const ScriptValue value, run(variables, window));
  if (value.kind == Kind::null) return std::optional<double>();
  if (!value.is_number()) return script_.error("runtime error", not_a("java.lang.Number", value)).in_reduce();
  return std::optional(value.as_real());
}

EsResult<bool> Expression::condition(std::span<const ScriptValue> variables) const {
  ES_TRY(const ScriptValue value, run(variables));
  auto result = ExpressionRun(*this, variables, {}).as_condition(value);
  if (!result) return script_.error("runtime error", std::move(result).error()).in_reduce();
  return result;
}

}  // namespace iot::query
