// Reads scripts into expressions: recursive descent, a level of the grammar for each precedence.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "query/json_fields.h"
#include "query/pipelines/expression_ops.h"

namespace iot::query {
namespace {

using Op = Expression::Op;

struct BinaryOp {
  std::string_view sign;
  Op op;
};

/// From the loosest on; longer signs first where one begins with another.
constexpr BinaryOp or_signs[] = {{"||", Op::logical_or}};
constexpr BinaryOp and_signs[] = {{"&&", Op::logical_and}};
constexpr BinaryOp equality_signs[] = {{"==", Op::equal}, {"!=", Op::not_equal}};
constexpr BinaryOp relation_signs[] = {
    {"<=", Op::less_or_equal}, {">=", Op::greater_or_equal}, {"<", Op::less}, {">", Op::greater}};
constexpr BinaryOp sum_signs[] = {{"+", Op::add}, {"-", Op::subtract}};
constexpr BinaryOp product_signs[] = {{"*", Op::multiply}, {"/", Op::divide}, {"%", Op::remainder}};
constexpr std::span<const BinaryOp> precedences[] = {or_signs,       and_signs, equality_signs,
                                                     relation_signs, sum_signs, product_signs};
/// Signs of Java that begin with a supported one.
constexpr std::string_view unsupported_signs[] = {
    "===", "!==", "<<", ">>", "++", "--", "+=", "-=", "*=", "/=", "%=", "//", "/*", "?:", "?."};

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

class ExpressionParser {
 public:
  ExpressionParser(Expression& out, std::span<const std::string> variables, Expression::Use use)
      : out_(out), text_(out.script_.source), variables_(variables), use_(use) {}

  EsResult<void> parse() {
    if (!out_.reals_only_ && take_word("return") && rest_is_empty()) return unsupported("an empty [return]");
    if (use_ == Expression::Use::window && take_word("if")) {
      ES_TRY(out_.root_, conditional_statement());
    } else {
      ES_TRY(out_.root_, ternary());
      take(";");
    }
    if (!rest_is_empty()) return unsupported("what follows the expression");
    return {};
  }

 private:
  using Place = EsResult<std::uint32_t>;

  /// "if (c) { a } else { b }", as examples of holtWinters have it; without "else" the result is 0, as in Painless.
  Place conditional_statement() {
    ES_CHECK(expect("("));
    ES_TRY(const std::uint32_t condition, ternary());
    ES_CHECK(expect(")"));
    ES_TRY(const std::uint32_t then, block());
    std::uint32_t otherwise = 0;
    if (take_word("else")) {
      ES_TRY(otherwise, block());
    } else {
      ES_TRY(otherwise, add_constant(ScriptValue::of(0.0)));
    }
    return add(Op::choose, {condition, then, otherwise});
  }

  Place block() {
    const bool braces = take("{");
    take_word("return");
    ES_TRY(const std::uint32_t result, ternary());
    take(";");
    if (braces) ES_CHECK(expect("}"));
    return result;
  }

  Place ternary() {
    if (++depth_ > Expression::depth_max) return unsupported("an expression this deep");
    ES_TRY(const std::uint32_t condition, binary(0));
    if (!take("?")) {
      --depth_;
      return condition;
    }
    ES_TRY(const std::uint32_t then, ternary());
    ES_CHECK(expect(":"));
    ES_TRY(const std::uint32_t otherwise, ternary());
    --depth_;
    return add(Op::choose, {condition, then, otherwise});
  }

  Place binary(std::size_t precedence) {
    if (precedence == std::size(precedences)) return unary();
    ES_TRY(std::uint32_t left, binary(precedence + 1));
    while (true) {
      skip_space();
      for (const std::string_view sign : unsupported_signs) {
        if (text_.substr(at_).starts_with(sign)) return unsupported("[" + std::string(sign) + "]");
      }
      const auto found = std::find_if(precedences[precedence].begin(), precedences[precedence].end(),
                                      [&](const BinaryOp& one) { return text_.substr(at_).starts_with(one.sign); });
      if (found == precedences[precedence].end()) return left;
      at_ += found->sign.size();
      ES_TRY(const std::uint32_t right, binary(precedence + 1));
      ES_TRY(left, add(found->op, {left, right}));
    }
  }

  Place unary() {
    if (++depth_ > Expression::depth_max) return unsupported("an expression this deep");
    skip_space();
    Place result = 0u;
    if (text_.substr(at_).starts_with("++") || text_.substr(at_).starts_with("--")) {
      return unsupported("[" + std::string(text_.substr(at_, 2)) + "]");
    }
    if (take("-")) {
      result = prefixed(Op::negate);
    } else if (take("+")) {
      result = prefixed(Op::plus);
    } else if (take("!")) {
      result = prefixed(Op::logical_not);
    } else {
      result = primary();
    }
    --depth_;
    return result;
  }

  Place prefixed(Op op) {
    ES_TRY(const std::uint32_t operand, unary());
    return add(op, {operand});
  }

  Place primary() {
    skip_space();
    if (at_ == text_.size()) return unsupported("an expression that ends here");
    const char c = text_[at_];
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) return number();
    if (take("(")) {
      ES_TRY(const std::uint32_t inside, ternary());
      ES_CHECK(expect(")"));
      return inside;
    }
    if (is_name_start(c)) return named();
    return unsupported("[" + std::string(1, c) + "]");
  }

  Place number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    bool is_real = false;
    if (at_ < text_.size() && text_[at_] == '.') {
      is_real = true;
      for (++at_; at_ < text_.size() && is_digit(text_[at_]);) ++at_;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      is_real = true;
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    }
    const std::string_view digits = text_.substr(begin, at_ - begin);
    const char suffix = at_ < text_.size() ? text_[at_] : ' ';
    const bool is_long = (suffix == 'L' || suffix == 'l') && !is_real && !out_.reals_only_;
    if (is_long) ++at_;
    if ((suffix == 'd' || suffix == 'D') && !out_.reals_only_) {
      is_real = true;
      ++at_;
    }
    if (at_ < text_.size() && (is_name_start(text_[at_]) || is_digit(text_[at_]))) {
      return unsupported("the number [" + std::string(text_.substr(begin, at_ - begin + 1)) + "]");
    }
    if (is_real || out_.reals_only_) {
      // A point may end the digits in Java and begin them; from_chars takes both.
      const auto value = parse_real(digits);
      if (!value) return unsupported("the number [" + std::string(digits) + "]");
      return add_constant(ScriptValue::of(*value));
    }
    const auto value = parse_whole(digits);
    const bool is_octal = digits.size() > 1 && digits[0] == '0';
    if (!value || is_octal || (!is_long && *value > INT32_MAX)) {
      return unsupported("the number [" + std::string(digits) + "]");
    }
    return add_constant(is_long ? ScriptValue::whole(*value) : ScriptValue::integer(static_cast<std::int32_t>(*value)));
  }

  Place named() {
    const std::size_t begin = at_;
    const std::string name = word();
    if (name == "true" || name == "false") return add_constant(ScriptValue::of(name == "true"));
    if (name == "null") return add_constant({});
    if (name == "params") return parameter();
    std::string whole = name;
    while (take(".")) {
      skip_space();
      if (at_ == text_.size() || !is_name_start(text_[at_])) return unsupported("[" + whole + ".]");
      whole += "." + word();
    }
    if (use_ == Expression::Use::window && whole == "values.length") return add(Op::window_length, {});
    if (take("(")) return call(whole, begin);
    if (whole == name) return variable(name, true);
    at_ = begin;
    return unsupported("[" + whole + "]");
  }

  /// params.x and params['x'].
  Place parameter() {
    if (take(".")) {
      skip_space();
      if (at_ == text_.size() || !is_name_start(text_[at_])) return unsupported("[params.]");
      const std::string name = word();
      skip_space();
      if (at_ < text_.size() && (text_[at_] == '(' || text_[at_] == '.'))
        return unsupported("[params." + name + "] followed by [" + text_[at_] + "]");
      return variable(name, false);
    }
    if (!take("[")) return unsupported("[params] alone");
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    const auto end = quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : std::string_view::npos;
    if (end == std::string_view::npos) return unsupported("[params[] without a quoted name");
    const std::string name(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    ES_CHECK(expect("]"));
    return variable(name, false);
  }

  /// A parameter that nobody gives is null in Painless, a bare name that nobody knows an error.
  Place variable(const std::string& name, bool is_bare) {
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      if (variables_[i] != name) continue;
      ES_TRY(const std::uint32_t place, add(Op::variable, {}));
      out_.nodes_[place].first = static_cast<std::uint32_t>(i);
      return place;
    }
    const auto found = out_.script_.params.find(name);
    if (found == out_.script_.params.end()) {
      if (is_bare || out_.reals_only_) return illegal_argument("cannot resolve symbol [" + name + "]");
      return add_constant({});
    }
    ScriptValue value = found->second;
    if (out_.reals_only_ && value.kind != ScriptValue::Kind::null) value = ScriptValue::of(value.as_real());
    return add_constant(value);
  }

  Place call(const std::string& name, std::size_t begin) {
    if (use_ == Expression::Use::window) {
      for (const auto& known : moving_functions) {
        if (known.name != name) continue;
        if (!take_word("values")) return unsupported("[" + name + "] of anything but [values]");
        ++out_.window_uses_;
        return arguments(name, Op::moving, static_cast<std::uint8_t>(known.function), known.argument_count, true);
      }
    }
    const auto among = [&](const auto& list) -> Place {
      for (const auto& known : list) {
        if (known.name != name) continue;
        return arguments(name, Op::function, static_cast<std::uint8_t>(known.function), known.argument_count, false);
      }
      at_ = begin;
      return unsupported("the function [" + name + "]");
    };
    return out_.reals_only_ ? among(expression_functions) : among(painless_functions);
  }

  /// What stands behind "name(", or behind "name(values".
  Place arguments(const std::string& name, Op op, std::uint8_t function, std::size_t count, bool after_values) {
    std::vector<std::uint32_t> places;
    while (places.size() < count) {
      if (after_values || !places.empty()) ES_CHECK(expect(","));
      ES_TRY(const std::uint32_t place, ternary());
      places.push_back(place);
    }
    if (!take(")"))
      return unsupported("[" + name + "] with other than [" + std::to_string(count + after_values) + "] arguments");
    ES_TRY(const std::uint32_t place, add(op, places));
    out_.nodes_[place].function = function;
    return place;
  }

  Place add(Op op, const std::vector<std::uint32_t>& arguments) {
    if (out_.nodes_.size() == Expression::nodes_max) {
      return illegal_argument("a script may have [" + std::to_string(Expression::nodes_max) +
                              "] operators and operands at most");
    }
    Expression::Node node;
    node.op = op;
    node.argument_count = static_cast<std::uint16_t>(arguments.size());
    node.first = static_cast<std::uint32_t>(out_.arguments_.size());
    out_.arguments_.insert(out_.arguments_.end(), arguments.begin(), arguments.end());
    out_.nodes_.push_back(node);
    return static_cast<std::uint32_t>(out_.nodes_.size() - 1);
  }

  Place add_constant(const ScriptValue& value) {
    ES_TRY(const std::uint32_t place, add(Op::constant, {}));
    out_.nodes_[place].constant = value;
    return place;
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool rest_is_empty() {
    skip_space();
    return at_ == text_.size();
  }
  bool take(std::string_view sign) {
    skip_space();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }
  std::string word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_name_start(text_[at_]) || is_digit(text_[at_]))) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }
  bool take_word(std::string_view wanted) {
    skip_space();
    const std::size_t begin = at_;
    if (at_ < text_.size() && is_name_start(text_[at_]) && word() == wanted) return true;
    at_ = begin;
    return false;
  }
  EsResult<void> expect(std::string_view sign) {
    if (take(sign)) return {};
    return unsupported("an expression without [" + std::string(sign) + "] here");
  }
  EsError unsupported(const std::string& what) const {
    return illegal_argument(what + " is not supported in scripts, at character [" + std::to_string(at_ + 1) + "]");
  }

  Expression& out_;
  std::string_view text_;
  std::span<const std::string> variables_;
  Expression::Use use_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

EsResult<Expression> Expression::compile(Script script, std::span<const std::string> variables, Use use) {
  Expression made;
  made.script_ = std::move(script);
  made.reals_only_ = made.script_.lang == "expression";
  if (auto parsed = ExpressionParser(made, variables, use).parse(); !parsed) {
    return made.script_.error("compile error", std::move(parsed).error());
  }
  return made;
}

EsResult<Script> Script::parse(std::string_view parser, const JsonNode& node) {
  Script script;
  const auto set_source = [&](const std::string& text) -> EsResult<void> {
    if (text.size() > source_bytes_max) {
      return illegal_argument("exceeded max allowed inline script size in bytes [" + std::to_string(source_bytes_max) +
                              "] with size [" + std::to_string(text.size()) + "] for script");
    }
    script.source = text;
    return {};
  };
  if (node.is_string()) {
    ES_CHECK(set_source(node.text));
    return script;
  }
  if (!node.is_object()) {
    return parsing_error(node.at, "[" + std::string(parser) + "] script must be a string or an object");
  }
  for (const JsonMember& member : node.members) {
    if (member.name == "source") {
      ES_TRY(const std::string text, read_text("script", member));
      ES_CHECK(set_source(text));
    } else if (member.name == "lang") {
      ES_TRY(script.lang, read_text("script", member));
      if (script.lang != "painless" && script.lang != "expression") {
        return illegal_argument("script_lang not supported [" + script.lang + "]");
      }
    } else if (member.name == "params") {
      constexpr std::size_t params_max = 64;
      if (!member.value.is_object()) return wrong_kind("script", member);
      if (member.value.members.size() > params_max) return illegal_argument("[params] takes at most 64 parameters");
      for (const JsonMember& parameter : member.value.members) {
        const JsonNode& value = parameter.value;
        const auto whole = value.is_number() ? parse_whole(value.text) : std::nullopt;
        const auto real = value.is_number() ? parse_real(value.text) : std::nullopt;
        ScriptValue& put = script.params[parameter.name];
        if (value.is_boolean()) {
          put = ScriptValue::of(value.flag);
        } else if (whole) {
          const bool fits = *whole >= INT32_MIN && *whole <= INT32_MAX;
          put = fits ? ScriptValue::integer(static_cast<std::int32_t>(*whole)) : ScriptValue::whole(*whole);
        } else if (real) {
          put = ScriptValue::of(*real);
        } else if (!value.is_null()) {
          return illegal_argument("[params." + parameter.name + "] of a script must be a number, a boolean or null");
        }
      }
    } else if (member.name == "id") {
      return illegal_argument("[id] in [script] is not supported: there are no stored scripts");
    } else {
      return unknown_field("script", member);
    }
  }
  if (script.source.empty())
    return illegal_argument("must specify either [source] for an inline script or [id] for a stored script");
  return script;
}

}  // namespace iot::query
