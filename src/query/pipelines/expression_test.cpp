#include "query/pipelines/expression.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "query/number_format.h"

namespace iot::query {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using Kind = ScriptValue::Kind;

const std::string names[] = {"a", "b", "missing"};

Script script(std::string source, std::string lang = "painless") {
  Script made;
  made.source = std::move(source);
  made.lang = std::move(lang);
  made.params["k"] = ScriptValue::integer(7);
  made.params["flag"] = ScriptValue::of(true);
  return made;
}

EsResult<ScriptValue> run(const std::string& source, double a = 6, double b = 4, const std::string& lang = "painless") {
  ES_TRY(const Expression expression, Expression::compile(script(source, lang), names, Expression::Use::bucket));
  const ScriptValue values[] = {ScriptValue::of(a), ScriptValue::of(b), ScriptValue()};
  return expression.run(values);
}

double number(const std::string& source, double a = 6, double b = 4, const std::string& lang = "painless") {
  const auto result = run(source, a, b, lang);
  EXPECT_TRUE(result) << source << (result ? "" : result.error().answer().body);
  return result && result->is_number() ? result->as_real() : nan;
}

bool truth(const std::string& source, double a = 6, double b = 4) {
  const auto result = run(source, a, b);
  EXPECT_TRUE(result) << source << (result ? "" : result.error().answer().body);
  EXPECT_TRUE(result && result->kind == Kind::boolean) << source;
  return result && result->number != 0;
}

std::string fault(const std::string& source, const std::string& lang = "painless",
                  Expression::Use use = Expression::Use::bucket) {
  const auto compiled = Expression::compile(script(source, lang), names, use);
  if (!compiled) return compiled.error().answer().body;
  const ScriptValue values[] = {ScriptValue::of(6.0), ScriptValue::of(4.0), ScriptValue()};
  const auto result = compiled->number(values);
  return result ? "" : result.error().answer().body;
}

double moving(const std::string& source, std::vector<double> window) {
  const auto compiled = Expression::compile(script(source), {}, Expression::Use::window);
  EXPECT_TRUE(compiled) << source << (compiled ? "" : compiled.error().answer().body);
  if (!compiled) return nan;
  const auto result = compiled->number({}, window);
  EXPECT_TRUE(result) << source << (result ? "" : result.error().answer().body);
  return result && *result ? **result : nan;
}

TEST(Expression, BindsAsJavaDoes) {
  EXPECT_EQ(number("params.a + params.b * 2"), 14);
  EXPECT_EQ(number("(params.a + params.b) * 2"), 20);
  EXPECT_EQ(number("a - b - 1"), 1);
  EXPECT_EQ(number("-a + +b"), -2);
  EXPECT_EQ(number("a % b"), 2);
  EXPECT_EQ(number("a > b ? a > 100 ? 1 : 2 : 3"), 2);
  EXPECT_TRUE(truth("a > b && b > 3 || a < 0"));
  EXPECT_TRUE(truth("!(a <= b) == true"));
  EXPECT_EQ(number("return params['a'] / params[\"b\"];"), 1.5);
}

TEST(Expression, CalculatesWithIntegersAsJavaDoes) {
  EXPECT_EQ(number("7 / 2"), 3);
  EXPECT_EQ(number("-7 % 3"), -1);
  EXPECT_EQ(number("7 / 2.0"), 3.5);
  EXPECT_EQ(number("params.k / 2"), 3);
  EXPECT_EQ(number("2147483647 + 1"), -2147483648.0);
  EXPECT_EQ(number("2147483647L + 1"), 2147483648.0);
  EXPECT_EQ(number("-2147483647 - 1 == (-2147483647 - 1) / -1 ? 1 : 0"), 1) << "overflow wraps around";
  EXPECT_EQ(number("Math.round(2.5) / 2"), 1) << "round gives a long";
  EXPECT_EQ(number("Math.round(-2.5)"), -2);
  EXPECT_EQ(number("Math.floor(7) / 2"), 3.5) << "the other functions give doubles";
  EXPECT_NE(fault("1 / 0").find("/ by zero"), std::string::npos);
  EXPECT_TRUE(std::isinf(number("1.0 / 0")));
}

TEST(Expression, HasTheFunctionsOfMath) {
  EXPECT_EQ(number("Math.abs(b - a)"), 2);
  EXPECT_EQ(number("Math.min(a, b) + Math.max(a, b)"), 10);
  EXPECT_EQ(number("Math.sqrt(b) + Math.pow(2, 3)"), 10);
  EXPECT_EQ(number("Math.log10(1000)"), 3);
  EXPECT_DOUBLE_EQ(number("Math.log(Math.exp(2.5))"), 2.5);
  EXPECT_EQ(number("Math.ceil(1.2) + Math.floor(1.8)"), 3);
  EXPECT_TRUE(truth("Double.isNaN(a)", nan));
  EXPECT_TRUE(std::isnan(number("Math.max(a, 1)", nan))) << "NaN wins, unlike in C";
}

TEST(Expression, KnowsNull) {
  EXPECT_TRUE(truth("params.missing == null"));
  EXPECT_TRUE(truth("params.never_given == null"));
  EXPECT_FALSE(truth("params.missing != null && params.missing > 0"));
  EXPECT_TRUE(truth("params.a != null"));
  EXPECT_NE(fault("params.missing + 1").find("null_pointer_exception"), std::string::npos);
  EXPECT_NE(fault("params.missing > 1 ? 1 : 2").find("null_pointer_exception"), std::string::npos);
  EXPECT_FALSE(truth("a > 1", nan));
  EXPECT_FALSE(truth("a == a", nan));
}

TEST(Expression, RefusesOtherTypes) {
  EXPECT_NE(fault("a > b").find("class_cast_exception"), std::string::npos);
  EXPECT_NE(fault("true + 1").find("class_cast_exception"), std::string::npos);
  EXPECT_NE(fault("a ? 1 : 2").find("class_cast_exception"), std::string::npos);
  EXPECT_NE(fault("!a").find("class_cast_exception"), std::string::npos);
}

TEST(Expression, NamesWhatItDoesNotSupport) {
  for (const auto& [source, named] : std::vector<std::pair<std::string, std::string>>{
           {"def x = 1; return x", "cannot resolve symbol [def]"},
           {"int x = 1", "cannot resolve symbol [int]"},
           {"for (;;) {}", "the function [for]"},
           {"Math.sin(a)", "the function [Math.sin]"},
           {"doc['value'].value", "cannot resolve symbol [doc]"},
           {"a++", "[++]"},
           {"a << 2", "[<<]"},
           {"a === b", "[===]"},
           {"a ?: b", "[?:]"},
           {"a // comment", "[//]"},
           {"a; b", "what follows"},
           {"a = 1", "what follows"},
           {"a & b", "what follows"},
           {"'text'", "[']"},
           {"010", "the number [010]"},
           {"1.5f", "the number [1.5f]"},
           {"3000000000", "the number [3000000000]"},
           {"params.a.value", "[params.a] followed by [.]"},
           {"params", "[params] alone"},
           {"Math.max(a)", "without [,]"},
           {"Math.abs(a, b)", "arguments"},
           {"(a", "without [)]"},
           {"a +", "ends here"},
           {"", "ends here"},
           {"unknown + 1", "cannot resolve symbol [unknown]"},
           {"MovingFunctions.max(values)", "the function [MovingFunctions.max]"}}) {
    const std::string body = fault(source);
    EXPECT_NE(body.find(named), std::string::npos) << source << "\n" << body;
    EXPECT_NE(body.find(R"("type":"script_exception","reason":"compile error")"), std::string::npos) << body;
  }
}

TEST(Expression, HasLimits) {
  const auto repeated = [](const std::string& text, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
  };
  EXPECT_EQ(number(repeated("(", 30) + "1" + repeated(")", 30)), 1);
  EXPECT_NE(fault(repeated("(", 500) + "1" + repeated(")", 500)).find("this deep"), std::string::npos);
  EXPECT_NE(fault(repeated("- ", 500) + "1").find("this deep"), std::string::npos);
  EXPECT_EQ(number("1" + repeated("+1", 255)), 256);
  EXPECT_NE(fault("1" + repeated("+1", 256)).find("[512] operators"), std::string::npos);
  JsonNode node;
  node.kind = JsonNode::Kind::string;
  node.text = std::string(Script::source_bytes_max + 1, ' ');
  EXPECT_FALSE(Script::parse("bucket_script", node));
  node.text.pop_back();
  EXPECT_TRUE(Script::parse("bucket_script", node));
}

TEST(Expression, SpeaksLucenesExpressions) {
  EXPECT_EQ(number("7 / 2", 0, 0, "expression"), 3.5);
  EXPECT_EQ(number("max(a, b) + sqrt(b)", 6, 4, "expression"), 8);
  EXPECT_EQ(number("a > b", 6, 4, "expression"), 1);
  EXPECT_EQ(number("a && 0 ? 5 : k", 6, 4, "expression"), 7);
  EXPECT_NE(fault("Math.max(a, b)", "expression").find("not supported"), std::string::npos);
}

TEST(Expression, AgreesWithPlainArithmeticOnRandomSources) {
  // A text and its value, made side by side.
  struct Made {
    std::string text;
    double value;
  };
  std::mt19937_64 random(20'180'601);
  const auto dice = [&](int sides) { return std::uniform_int_distribution<int>(0, sides - 1)(random); };
  const auto make = [&](const auto& self, int depth) -> Made {
    if (depth == 0 || dice(5) == 0) {
      if (dice(2) == 0) return dice(2) ? Made{"params.a", 6} : Made{"b", 4};
      const double value = dice(100) / 4.0;
      return {std::to_string(value), value};
    }
    const Made x = self(self, depth - 1);
    const Made y = self(self, depth - 1);
    switch (dice(7)) {
      case 0:
        return {"(" + x.text + " + " + y.text + ")", x.value + y.value};
      case 1:
        return {"(" + x.text + "-" + y.text + ")", x.value - y.value};
      case 2:
        return {x.text + "*" + y.text, x.value * y.value};
      case 3:
        return {"Math.min( " + x.text + " ," + y.text + ")", std::min(x.value, y.value)};
      case 4:
        return {"(" + x.text + " >= " + y.text + " ? " + x.text + " : -" + y.text + ")",
                x.value >= y.value ? x.value : -y.value};
      case 5:
        return {"(" + x.text + " < 3 || !(" + y.text + " != 4) ? 1.0 : 0.0)", x.value < 3 || y.value == 4 ? 1.0 : 0.0};
      default:
        return {"Math.abs(" + x.text + ")", std::abs(x.value)};
    }
  };
  for (int round = 0; round < 2'000; ++round) {
    const Made made = make(make, 4);
    // "a*b" may stand in a product of sums only if it is one operand: every other form has brackets.
    const auto result = run(made.text);
    if (!result && result.error().answer().body.find("[512]") != std::string::npos) continue;
    ASSERT_TRUE(result) << made.text;
    ASSERT_NEAR(result->as_real(), made.value, 1e-9 * std::max(1.0, std::abs(made.value))) << made.text;
  }
}

TEST(MovingFunctions, ComputeAsElasticsearchDoes) {
  const std::vector<double> window{2, 4, 9};
  EXPECT_EQ(moving("MovingFunctions.max(values)", window), 9);
  EXPECT_EQ(moving("MovingFunctions.min(values)", window), 2);
  EXPECT_EQ(moving("MovingFunctions.sum(values)", window), 15);
  EXPECT_EQ(moving("MovingFunctions.unweightedAvg(values)", window), 5);
  EXPECT_DOUBLE_EQ(moving("MovingFunctions.stdDev(values, MovingFunctions.unweightedAvg(values))", window),
                   std::sqrt(26.0 / 3));
  EXPECT_DOUBLE_EQ(moving("MovingFunctions.linearWeightedAvg(values)", window), (2 + 8 + 27) / 7.0)
      << "one more than the sum of weights";
  EXPECT_DOUBLE_EQ(moving("MovingFunctions.ewma(values, 0.5)", window), 6);
  // level 2, trend 0; level 3, trend 0.5; level 6.25.
  EXPECT_DOUBLE_EQ(moving("MovingFunctions.holt(values, 0.5, 0.5)", window), 6.25);
  // Periods of one: level 2, trend 2, then 1 + 1 = 0.5 * (4 - 1) + 0.5 * 2 = 2.5, trend 0.25, season 1.5, ...
  EXPECT_DOUBLE_EQ(moving("MovingFunctions.holtWinters(values, 0.5, 0.5, 0.5, 1, false)", {2, 4}), 2.5 + 0.25 + 1.5);
  EXPECT_EQ(moving("MovingFunctions.sum(values)", {}), 0);
  EXPECT_TRUE(std::isnan(moving("MovingFunctions.max(values)", {})));
  EXPECT_TRUE(std::isnan(moving("MovingFunctions.holtWinters(values, 0.5, 0.5, 0.5, 1, true)", {})));
  EXPECT_EQ(moving("MovingFunctions.max(values) - MovingFunctions.min(values)", window), 7);
  EXPECT_EQ(moving("if (values.length > 5*2) {MovingFunctions.holtWinters(values, 0.3, 0.1, 0.1, 5, false)}", window),
            0);
  EXPECT_EQ(moving("if (values.length > 2) { return values.length; } else { return -1; }", window), 3);
  EXPECT_EQ(moving("return params.k * MovingFunctions.max(values);", window), 63);
  EXPECT_NE(fault("MovingFunctions.holtWinters(values, 0.5, 0.5, 0.5, 2, false)", "painless", Expression::Use::window)
                .find("null"),
            0u);
}

TEST(MovingFunctions, RefuseOthersByName) {
  const auto use = Expression::Use::window;
  EXPECT_NE(fault("MovingFunctions.median(values)", "painless", use).find("[MovingFunctions.median]"),
            std::string::npos);
  EXPECT_NE(fault("values[0]", "painless", use).find("[values]"), std::string::npos);
  EXPECT_NE(fault("MovingFunctions.max(1)", "painless", use).find("anything but [values]"), std::string::npos);
  const auto compiled =
      Expression::compile(script("MovingFunctions.holtWinters(values, 0.5, 0.5, 0.5, 2, false)"), {}, use);
  ASSERT_TRUE(compiled);
  const double three[] = {1, 2, 3};
  const auto result = compiled->number({}, three);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().answer().body.find("(2 * period == 2 * 2 == 4) data-points to function.  Only [3]"),
            std::string::npos);
}

TEST(NumberFormat, WritesAsJavasDecimalFormat) {
  const auto write = [](std::string_view pattern, double value) {
    const auto format = NumberFormat::parse(pattern);
    EXPECT_TRUE(format) << pattern;
    return format ? format->write(value) : "";
  };
  EXPECT_EQ(write("0.00", 3.14159), "3.14");
  EXPECT_EQ(write("0.00", -2), "-2.00");
  EXPECT_EQ(write("#.##", 0.25), "0.25");
  EXPECT_EQ(write("#.00", 0.25), ".25");
  EXPECT_EQ(write("#", 0.4), "0");
  EXPECT_EQ(write("0", 2.5), "2") << "half to even";
  EXPECT_EQ(write("0", 3.5), "4");
  EXPECT_EQ(write("#,##0.###", 1234567.5), "1,234,567.5");
  EXPECT_EQ(write("0000.0#", 12.345), "0012.35") << "the double is a little more";
  EXPECT_EQ(write("0.00", 1.005), "1.00") << "and this a little less";
  EXPECT_EQ(write("00.0%", 0.256), "25.6%");
  EXPECT_EQ(write("'#'0 'V'", 5), "#5 V");
  EXPECT_EQ(write("0.0;(0.0)", -1.25), "(1.2)");
  EXPECT_EQ(write("$0.00", 1e15), "$1000000000000000.00");
  for (const char* pattern : {"", "abc", "0.0.0", "0#", "0.#0", "0E0", "'x", "0,", "0.0;0;0", "0%%"}) {
    EXPECT_FALSE(NumberFormat::parse(pattern)) << pattern;
  }
}

}  // namespace
}  // namespace iot::query
