#include "query/sql/evaluate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "query/date_format.h"
#include "query/json_fields.h"

namespace iot::query::sql {
namespace {

using Kind = Value::Kind;
using Result = EsResult<Value>;

struct Part {
  std::string_view name;
  std::int64_t (*of)(std::int64_t local_seconds);
};

/// What is read off a local time.
constexpr std::array<Part, 14> parts{{
    {"YEAR", [](std::int64_t s) { return civil_of(s).year; }},
    {"MONTH", [](std::int64_t s) { return std::int64_t{civil_of(s).month}; }},
    {"MONTH_OF_YEAR", [](std::int64_t s) { return std::int64_t{civil_of(s).month}; }},
    {"DAY", [](std::int64_t s) { return std::int64_t{civil_of(s).day}; }},
    {"DAY_OF_MONTH", [](std::int64_t s) { return std::int64_t{civil_of(s).day}; }},
    {"DOM", [](std::int64_t s) { return std::int64_t{civil_of(s).day}; }},
    {"HOUR", [](std::int64_t s) { return std::int64_t{civil_of(s).hour}; }},
    {"HOUR_OF_DAY", [](std::int64_t s) { return std::int64_t{civil_of(s).hour}; }},
    {"MINUTE", [](std::int64_t s) { return std::int64_t{civil_of(s).minute}; }},
    {"MINUTE_OF_HOUR", [](std::int64_t s) { return std::int64_t{civil_of(s).minute}; }},
    {"SECOND", [](std::int64_t s) { return std::int64_t{civil_of(s).second}; }},
    {"SECOND_OF_MINUTE", [](std::int64_t s) { return std::int64_t{civil_of(s).second}; }},
    {"ISO_DAY_OF_WEEK", [](std::int64_t s) { return std::int64_t{weekday_of(s)}; }},
    {"QUARTER", [](std::int64_t s) { return std::int64_t{(civil_of(s).month - 1) / 3 + 1}; }},
}};

const Part* part_named(std::string_view name) {
  const auto found = std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.name == name; });
  return found == parts.end() ? nullptr : &*found;
}

bool is_now(std::string_view name) {
  return name == "NOW" || name == "CURRENT_TIMESTAMP";
}
bool is_today(std::string_view name) {
  return name == "TODAY" || name == "CURRENT_DATE" || name == "CURDATE";
}

constexpr std::array<std::string_view, 16> operators{"+",   "-", "*",  "/", "%",  "UNARY -", "AND", "OR",
                                                     "NOT", "=", "<>", "<", "<=", ">",       ">=",  "IN"};
constexpr std::array<std::string_view, 8> functions{"BETWEEN", "IS NULL", "CAST", "ABS",
                                                    "ROUND",   "FLOOR",   "CEIL", "DATE_TRUNC"};

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_comparison(std::string_view name) {
  return name == "=" || name == "<>" || name == "<" || name == "<=" || name == ">" || name == ">=";
}

class Evaluator {
 public:
  Evaluator(const std::vector<Value>& row, const Evaluation& with) : row_(row), with_(with) {}

  Result operator()(const Expression& expression) const {
    switch (expression.kind) {
      case Expression::Kind::constant:
        return expression.value;
      case Expression::Kind::slot:
        return row_[expression.slot];
      case Expression::Kind::call:
        return call(expression);
      default:
        return verification_fault(expression.at, "[" + expression.text + "] is no constant");
    }
  }

 private:
  Result call(const Expression& call) const {
    const std::string& name = call.name;
    if (name == "AND" || name == "OR") return logical(call, name == "OR");
    std::vector<Value> values;
    for (const Expression& argument : call.arguments) {
      ES_TRY(Value value, (*this)(argument));
      values.push_back(std::move(value));
    }
    if (is_now(name)) return Value::of_datetime(with_.now.ns);
    if (is_today(name)) return truncated(CalendarUnit::day, with_.now.ns);
    if (name == "IS NULL") return Value::of_boolean(values.at(0).is_null());
    if (name == "IN") return in(call, values);
    if (name == "DATE_TRUNC") return date_trunc(call, values);
    // All others know nothing of what is not known.
    if (std::any_of(values.begin(), values.end(), [](const Value& value) { return value.is_null(); })) return Value();
    if (name == "NOT") {
      if (values[0].kind != Kind::boolean) return unfit(call);
      return Value::of_boolean(values[0].integer == 0);
    }
    if (is_comparison(name)) return compared(call, name, values[0], values[1]);
    if (name == "BETWEEN") {
      ES_TRY(const Value low, compared(call, ">=", values[0], values[1]));
      ES_TRY(const Value high, compared(call, "<=", values[0], values[2]));
      return Value::of_boolean(low.is_true() && high.is_true());
    }
    if (name == "CAST") return cast(call, values[0]);
    if (const Part* part = part_named(name)) return part_of(call, *part, values);
    return arithmetic(call, values);
  }

  static EsError unfit(const Expression& call) {
    return verification_fault(call.at, "[" + call.text + "] cannot be applied to values of these types");
  }

  Result logical(const Expression& call, bool wanted) const {
    bool unknown = false;
    for (const Expression& argument : call.arguments) {
      ES_TRY(const Value value, (*this)(argument));
      if (!value.is_null() && value.kind != Kind::boolean) return unfit(call);
      if (!value.is_null() && value.is_true() == wanted) return Value::of_boolean(wanted);
      unknown = unknown || value.is_null();
    }
    return unknown ? Value() : Value::of_boolean(!wanted);
  }

  /// Texts beside a datetime are read as one.
  Result compared(const Expression& call, std::string_view sign, Value a, Value b) const {
    if (a.kind == Kind::datetime && b.kind == Kind::text) {
      ES_TRY(b, datetime(call, b.text));
    } else if (b.kind == Kind::datetime && a.kind == Kind::text) {
      ES_TRY(a, datetime(call, a.text));
    }
    const auto order = compare(a, b);
    if (!order) return unfit(call);
    if (sign == "=") return Value::of_boolean(*order == 0);
    if (sign == "<>") return Value::of_boolean(*order != 0);
    if (sign == "<") return Value::of_boolean(*order < 0);
    if (sign == "<=") return Value::of_boolean(*order <= 0);
    return Value::of_boolean(sign == ">" ? *order > 0 : *order >= 0);
  }

  Result in(const Expression& call, const std::vector<Value>& values) const {
    if (values[0].is_null()) return Value();
    bool unknown = false;
    for (std::size_t i = 1; i < values.size(); ++i) {
      if (values[i].is_null()) {
        unknown = true;
        continue;
      }
      ES_TRY(const Value equal, compared(call, "=", values[0], values[i]));
      if (equal.is_true()) return equal;
    }
    return unknown ? Value() : Value::of_boolean(false);
  }

  Result datetime(const Expression& call, std::string text) const {
    constexpr std::size_t date_size = 10;
    if (text.size() > date_size && text[date_size] == ' ') text[date_size] = 'T';
    const auto read = DateFormat::date_nanos().read(text, FillUp::first, with_.zone);
    if (!read) return verification_fault(call.at, "cannot cast [" + text + "] to [datetime]");
    return Value::of_datetime(read->moment.to_ns());
  }

  Result cast(const Expression& call, const Value& value) const {
    const std::string& type = call.arguments[1].value.text;
    const auto refused = [&] {
      return verification_fault(call.at, "cannot cast [" + call.arguments[0].text + "] to [" + type + "]");
    };
    if (type == "TIMESTAMP" || type == "DATETIME" || type == "DATE") {
      Value made = value;
      if (value.kind == Kind::text) {
        ES_TRY(made, datetime(call, value.text));
      }
      if (value.kind == Kind::integer) made = Value::of_datetime(Moment::from_ms(value.integer).to_ns());
      if (made.kind != Kind::datetime) return refused();
      return type == "DATE" ? truncated(CalendarUnit::day, made.integer) : made;
    }
    if (type == "VARCHAR" || type == "STRING" || type == "KEYWORD") return Value::of_text(to_text(value, with_.zone));
    const bool to_real = type == "DOUBLE" || type == "FLOAT" || type == "REAL";
    if (to_real || type == "LONG" || type == "BIGINT" || type == "INTEGER" || type == "INT") {
      auto real = value.kind == Kind::text ? parse_real(value.text) : std::optional(value.as_real());
      if (value.kind == Kind::datetime || value.kind == Kind::interval || !real) return refused();
      if (to_real) return Value::of_real(*real);
      if (value.kind == Kind::integer || value.kind == Kind::boolean) return Value::of_integer(value.integer);
      if (std::abs(*real) > 9.2e18) return refused();
      return Value::of_integer(std::llround(*real));
    }
    if (type == "BOOLEAN" || type == "BOOL") {
      if (value.kind == Kind::boolean) return value;
      if (value.is_number()) return Value::of_boolean(value.as_real() != 0);
      if (value.text == "true" || value.text == "false") return Value::of_boolean(value.text == "true");
      return refused();
    }
    return verification_fault(call.at, "Does not recognize type [" + type + "]");
  }

  Result part_of(const Expression& call, const Part& part, const std::vector<Value>& values) const {
    if (values.size() != 1 || values[0].kind != Kind::datetime) return unfit(call);
    return Value::of_integer(part.of(with_.zone.to_local(Moment::from_ns(values[0].integer).seconds)));
  }

  Value truncated(CalendarUnit unit, std::int64_t ns) const {
    const std::int64_t local = with_.zone.to_local(Moment::from_ns(ns).seconds);
    return Value::of_datetime(Moment{with_.zone.to_utc(floor_to(unit, local)), 0}.to_ns());
  }

  Result date_trunc(const Expression& call, const std::vector<Value>& values) const {
    if (values.size() != 2 || values[0].kind != Kind::text) return unfit(call);
    const auto unit = calendar_unit(values[0].text);
    if (!unit) {
      return verification_fault(call.at, "the unit [" + values[0].text + "] of [DATE_TRUNC] is not supported");
    }
    if (values[1].is_null()) return Value();
    if (values[1].kind != Kind::datetime) return unfit(call);
    return truncated(*unit, values[1].integer);
  }

  Value moved(std::int64_t ns, const Value& interval, int direction) const {
    Moment moment = Moment::from_ns(ns);
    if (interval.months != 0) {
      const std::int64_t local = with_.zone.to_local(moment.seconds);
      moment.seconds = with_.zone.to_utc(seconds_of(plus_months(civil_of(local), direction * interval.months)));
    }
    std::int64_t sum = moment.to_ns();
    // Beyond the times there are, the last of them is as good.
    if (__builtin_add_overflow(sum, direction * interval.integer, &sum)) {
      sum = direction * interval.integer > 0 ? INT64_MAX : INT64_MIN;
    }
    return Value::of_datetime(sum);
  }

  Result arithmetic(const Expression& call, const std::vector<Value>& values) const {
    const std::string& name = call.name;
    if (values.empty() || values.size() > 2) return unfit(call);
    const Value& a = values[0];
    if (values.size() == 2) {
      const Value& b = values[1];
      if (a.kind == Kind::datetime && b.kind == Kind::interval && (name == "+" || name == "-")) {
        return moved(a.integer, b, name == "+" ? 1 : -1);
      }
      if (a.kind == Kind::interval && b.kind == Kind::datetime && name == "+") return moved(b.integer, a, 1);
    }
    for (const Value& value : values) {
      if (!value.is_number()) return unfit(call);
    }
    if (values.size() == 1) return of_one(call, a);
    const Value& b = values[1];
    if (name == "ROUND") return rounded(call, a, b);
    if (a.kind == Kind::integer && b.kind == Kind::integer) return of_integers(call, a.integer, b.integer);
    return of_reals(call, a.as_real(), b.as_real());
  }

  static Result of_one(const Expression& call, const Value& a) {
    const std::string& name = call.name;
    if (a.kind == Kind::integer) {
      if (name == "FLOOR" || name == "CEIL" || name == "ROUND" || (name == "ABS" && a.integer >= 0)) return a;
      if (name != "UNARY -" && name != "ABS") return unfit(call);
      if (a.integer == INT64_MIN) return too_large(call);
      return Value::of_integer(-a.integer);
    }
    if (name == "UNARY -") return Value::of_real(-a.real);
    if (name == "ABS") return Value::of_real(std::abs(a.real));
    if (name == "ROUND") return Value::of_real(std::round(a.real));
    const double whole = name == "FLOOR" ? std::floor(a.real) : std::ceil(a.real);
    if (name != "FLOOR" && name != "CEIL") return unfit(call);
    if (std::abs(whole) > 9.2e18) return too_large(call);
    return Value::of_integer(static_cast<std::int64_t>(whole));
  }

  static Result rounded(const Expression& call, const Value& a, const Value& digits) {
    constexpr std::int64_t digits_max = 15;
    if (digits.kind != Kind::integer || digits.integer < 0 || digits.integer > digits_max) return unfit(call);
    if (a.kind == Kind::integer) return a;
    const double scale = std::pow(10.0, static_cast<double>(digits.integer));
    const double scaled = std::round(a.real * scale) / scale;
    return Value::of_real(std::isfinite(scaled) ? scaled : a.real);
  }

  static EsError too_large(const Expression& call) {
    return {400, "illegal_argument_exception", "[" + call.text + "] is out of the range of whole numbers"};
  }

  static Result of_integers(const Expression& call, std::int64_t a, std::int64_t b) {
    const std::string& name = call.name;
    std::int64_t out = 0;
    bool overflow = false;
    if (name == "+") {
      overflow = __builtin_add_overflow(a, b, &out);
    } else if (name == "-") {
      overflow = __builtin_sub_overflow(a, b, &out);
    } else if (name == "*") {
      overflow = __builtin_mul_overflow(a, b, &out);
    } else if (name == "/" || name == "%") {
      if (b == 0) return EsError(400, "arithmetic_exception", "/ by zero");
      overflow = b == -1 && a == INT64_MIN;
      if (!overflow) out = name == "/" ? a / b : a % b;
    } else {
      return unfit(call);
    }
    if (overflow) return too_large(call);
    return Value::of_integer(out);
  }

  static Result of_reals(const Expression& call, double a, double b) {
    const std::string& name = call.name;
    if (name == "+") return Value::of_real(a + b);
    if (name == "-") return Value::of_real(a - b);
    if (name == "*") return Value::of_real(a * b);
    if (name == "/") return Value::of_real(a / b);
    if (name == "%") return Value::of_real(std::fmod(a, b));
    return unfit(call);
  }

  const std::vector<Value>& row_;
  const Evaluation& with_;
};

std::string type_of_constant(const Value& value) {
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
      return value.integer >= INT32_MIN && value.integer <= INT32_MAX ? "integer" : "long";
    case Kind::real:
      return "double";
    case Kind::text:
      return "keyword";
    case Kind::datetime:
      return "datetime";
    case Kind::interval:
      return "interval";
  }
  return "null";
}

std::string type_of_cast(std::string_view to) {
  if (to == "TIMESTAMP" || to == "DATETIME" || to == "DATE") return "datetime";
  if (to == "VARCHAR" || to == "STRING" || to == "KEYWORD") return "keyword";
  if (to == "DOUBLE") return "double";
  if (to == "FLOAT" || to == "REAL") return "float";
  if (to == "LONG" || to == "BIGINT") return "long";
  return to == "INTEGER" || to == "INT" ? "integer" : "boolean";
}

}  // namespace

bool is_scalar(std::string_view name) noexcept {
  return is_one_of(operators, name) || is_one_of(functions, name) || part_named(name) || is_now(name) || is_today(name);
}

EsResult<Value> evaluate(const Expression& expression, const std::vector<Value>& row, const Evaluation& with) {
  return Evaluator(row, with)(expression);
}

std::string type_of(const Expression& expression, const std::vector<std::string>& slots) {
  if (expression.kind == Expression::Kind::constant) return type_of_constant(expression.value);
  if (expression.kind == Expression::Kind::slot) return slots[expression.slot];
  const std::string& name = expression.name;
  if (name == "CAST") return type_of_cast(expression.arguments[1].value.text);
  if (part_named(name)) return "integer";
  if (is_now(name) || is_today(name) || name == "DATE_TRUNC") return "datetime";
  constexpr std::array<std::string_view, 9> numeric{"+", "-", "*", "/", "%", "UNARY -", "ABS", "ROUND", "FLOOR"};
  if (!is_one_of(numeric, name) && name != "CEIL") return "boolean";
  std::string type = "integer";
  for (const Expression& argument : expression.arguments) {
    const std::string of = type_of(argument, slots);
    if (of == "datetime") return of;
    if (of == "double" || of == "float") type = "double";
    if (of == "long" && type != "double") type = of;
  }
  return (name == "FLOOR" || name == "CEIL") && type == "double" ? "long" : type;
}

std::optional<CalendarUnit> calendar_unit(std::string_view name) {
  std::string unit(name);
  for (char& c : unit) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (unit.size() > 1 && unit.back() == 's') unit.pop_back();
  constexpr std::array<std::pair<std::string_view, CalendarUnit>, 8> units{{{"second", CalendarUnit::second},
                                                                            {"minute", CalendarUnit::minute},
                                                                            {"hour", CalendarUnit::hour},
                                                                            {"day", CalendarUnit::day},
                                                                            {"week", CalendarUnit::week},
                                                                            {"month", CalendarUnit::month},
                                                                            {"quarter", CalendarUnit::quarter},
                                                                            {"year", CalendarUnit::year}}};
  for (const auto& [word, of] : units) {
    if (unit == word) return of;
  }
  return {};
}

}  // namespace iot::query::sql
