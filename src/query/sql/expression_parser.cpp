#include "query/sql/expression_parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "query/calendar.h"
#include "query/json_fields.h"

namespace iot::query::sql {

/// Its text goes from where it begins to the last word taken.
EsResult<Expression> ExpressionParser::finish(Expression expression, std::size_t begin) const {
  for (const Expression& argument : expression.arguments) {
    expression.height = std::max(expression.height, argument.height + 1);
  }
  if (expression.height > height_max) {
    return parsing_fault(expression.at, "the expression is more than " + std::to_string(height_max) + " levels deep");
  }
  expression.text = tokens_.taken_from(begin);
  return expression;
}

EsResult<Expression> ExpressionParser::call(std::string name, Position at, std::size_t begin,
                                            std::vector<Expression> arguments) const {
  Expression made;
  made.kind = Expression::Kind::call;
  made.at = at;
  made.name = std::move(name);
  made.arguments = std::move(arguments);
  return finish(std::move(made), begin);
}

EsResult<Expression> ExpressionParser::constant(Value value, Position at, std::size_t begin) const {
  Expression made;
  made.at = at;
  made.value = std::move(value);
  return finish(std::move(made), begin);
}

EsResult<Expression> ExpressionParser::expression() {
  // Each level takes stack here, whatever it becomes in the tree.
  if (++depth_ > height_max) {
    return parsing_fault(tokens_.token().at,
                         "the expression is more than " + std::to_string(height_max) + " levels deep");
  }
  ES_TRY(Expression made, chain("OR", &ExpressionParser::disjunction));
  --depth_;
  return made;
}

EsResult<Expression> ExpressionParser::chain(std::string_view word, EsResult<Expression> (ExpressionParser::*part)()) {
  const std::size_t begin = tokens_.token().begin;
  ES_TRY(Expression first, (this->*part)());
  if (!tokens_.is_word(word)) return first;
  const Position at = first.at;
  std::vector<Expression> parts;
  parts.push_back(std::move(first));
  while (tokens_.is_word(word)) {
    ES_CHECK(tokens_.advance());
    ES_TRY(Expression next, (this->*part)());
    parts.push_back(std::move(next));
  }
  return call(std::string(word), at, begin, std::move(parts));
}

EsResult<Expression> ExpressionParser::negation() {
  std::vector<std::pair<Position, std::size_t>> negations;
  while (tokens_.is_word("NOT")) {
    negations.emplace_back(tokens_.token().at, tokens_.token().begin);
    ES_CHECK(tokens_.advance());
  }
  ES_TRY(Expression made, predicate());
  for (auto place = negations.rbegin(); place != negations.rend(); ++place) {
    std::vector<Expression> arguments;
    arguments.push_back(std::move(made));
    ES_TRY(made, call("NOT", place->first, place->second, std::move(arguments)));
  }
  return made;
}

EsResult<Expression> ExpressionParser::predicate() {
  const std::size_t begin = tokens_.token().begin;
  ES_TRY(Expression left, sum());
  constexpr std::array<std::string_view, 6> operators{"=", "<>", "<", "<=", ">", ">="};
  for (const std::string_view sign : operators) {
    if (!tokens_.is_symbol(sign)) continue;
    const Position at = left.at;
    ES_CHECK(tokens_.advance());
    ES_TRY(Expression right, sum());
    std::vector<Expression> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    return call(std::string(sign), at, begin, std::move(arguments));
  }
  return predicate_behind(std::move(left), begin);
}

/// IS NULL, IN, BETWEEN, LIKE, each with NOT, behind `left`.
EsResult<Expression> ExpressionParser::predicate_behind(Expression left, std::size_t begin) {
  const Position at = left.at;
  bool negated = false;
  std::string name;
  std::vector<Expression> arguments;
  arguments.push_back(std::move(left));
  if (tokens_.is_word("IS")) {
    ES_CHECK(tokens_.advance());
    ES_TRY(negated, tokens_.take_word("NOT"));
    ES_CHECK(tokens_.expect_word("NULL"));
    name = "IS NULL";
  } else {
    ES_TRY(negated, tokens_.take_word("NOT"));
    if (tokens_.is_word("IN")) {
      ES_TRY(Expression made, list_behind(std::move(arguments[0]), begin));
      if (!negated) return made;
      std::vector<Expression> inner;
      inner.push_back(std::move(made));
      return call("NOT", at, begin, std::move(inner));
    }
    if (tokens_.is_word("BETWEEN")) {
      ES_CHECK(tokens_.advance());
      ES_TRY(Expression low, sum());
      ES_CHECK(tokens_.expect_word("AND"));
      ES_TRY(Expression high, sum());
      arguments.push_back(std::move(low));
      arguments.push_back(std::move(high));
      name = "BETWEEN";
    } else if (tokens_.is_word("LIKE")) {
      ES_CHECK(tokens_.advance());
      ES_TRY(Expression pattern, primary());
      arguments.push_back(std::move(pattern));
      ES_TRY(const bool escaped, tokens_.take_word("ESCAPE"));
      if (escaped) {
        ES_TRY(Expression mark, primary());
        arguments.push_back(std::move(mark));
      }
      name = "LIKE";
    } else if (tokens_.is_word("RLIKE")) {
      return parsing_fault(tokens_.token().at, "[RLIKE] is not supported");
    } else if (negated) {
      return tokens_.unexpected("{'BETWEEN', 'IN', 'LIKE'}");
    } else {
      return std::move(arguments[0]);
    }
  }
  ES_TRY(Expression made, call(name, at, begin, std::move(arguments)));
  if (!negated) return made;
  std::vector<Expression> inner;
  inner.push_back(std::move(made));
  return call("NOT", at, begin, std::move(inner));
}

EsResult<Expression> ExpressionParser::list_behind(Expression left, std::size_t begin) {
  const Position at = left.at;
  std::vector<Expression> arguments;
  arguments.push_back(std::move(left));
  ES_CHECK(tokens_.advance());
  ES_CHECK(tokens_.expect_symbol("("));
  while (true) {
    ES_TRY(Expression item, sum());
    arguments.push_back(std::move(item));
    ES_TRY(const bool more, tokens_.take_symbol(","));
    if (!more) break;
  }
  ES_CHECK(tokens_.expect_symbol(")"));
  return call("IN", at, begin, std::move(arguments));
}

EsResult<Expression> ExpressionParser::sum() {
  const std::size_t begin = tokens_.token().begin;
  ES_TRY(Expression left, product());
  while (tokens_.is_symbol("+") || tokens_.is_symbol("-")) {
    const std::string sign = tokens_.token().text;
    ES_CHECK(tokens_.advance());
    ES_TRY(Expression right, product());
    const Position at = left.at;
    std::vector<Expression> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    ES_TRY(left, call(sign, at, begin, std::move(arguments)));
  }
  return left;
}

EsResult<Expression> ExpressionParser::product() {
  const std::size_t begin = tokens_.token().begin;
  ES_TRY(Expression left, sign());
  while (tokens_.is_symbol("*") || tokens_.is_symbol("/") || tokens_.is_symbol("%")) {
    const std::string sign_of = tokens_.token().text;
    ES_CHECK(tokens_.advance());
    ES_TRY(Expression right, sign());
    const Position at = left.at;
    std::vector<Expression> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    ES_TRY(left, call(sign_of, at, begin, std::move(arguments)));
  }
  return left;
}

EsResult<Expression> ExpressionParser::sign() {
  std::vector<std::pair<Position, std::size_t>> minuses;
  while (tokens_.is_symbol("-") || tokens_.is_symbol("+")) {
    if (tokens_.is_symbol("-")) minuses.emplace_back(tokens_.token().at, tokens_.token().begin);
    ES_CHECK(tokens_.advance());
  }
  ES_TRY(Expression made, cast_suffix());
  for (auto place = minuses.rbegin(); place != minuses.rend(); ++place) {
    std::vector<Expression> arguments;
    arguments.push_back(std::move(made));
    ES_TRY(made, call("UNARY -", place->first, place->second, std::move(arguments)));
  }
  return made;
}

/// x::TIMESTAMP
EsResult<Expression> ExpressionParser::cast_suffix() {
  const std::size_t begin = tokens_.token().begin;
  ES_TRY(Expression made, primary());
  while (tokens_.is_symbol("::")) {
    ES_CHECK(tokens_.advance());
    ES_TRY(const std::string type, tokens_.name_of("a type"));
    const Position at = made.at;
    std::vector<Expression> arguments;
    arguments.push_back(std::move(made));
    Expression of;
    of.at = at;
    of.value = Value::of_text(upper(type));
    arguments.push_back(std::move(of));
    ES_TRY(made, call("CAST", at, begin, std::move(arguments)));
  }
  return made;
}

EsResult<Expression> ExpressionParser::primary() {
  const Token token = tokens_.token();
  if (token.kind == Token::Kind::number) return number();
  if (token.kind == Token::Kind::text) {
    ES_CHECK(tokens_.advance());
    return constant(Value::of_text(token.text), token.at, token.begin);
  }
  if (tokens_.is_symbol("?")) {
    ES_CHECK(tokens_.advance());
    if (parameters_used_ == parameters_.size()) {
      return parsing_fault(token.at, "Not enough actual parameters [" + std::to_string(parameters_.size()) + "]");
    }
    return constant(parameters_[parameters_used_++], token.at, token.begin);
  }
  if (tokens_.is_symbol("(")) {
    ES_CHECK(tokens_.advance());
    ES_TRY(Expression made, expression());
    ES_CHECK(tokens_.expect_symbol(")"));
    return made;
  }
  if (token.kind == Token::Kind::word || token.kind == Token::Kind::quoted) return named();
  return tokens_.unexpected("an expression");
}

EsResult<Expression> ExpressionParser::number() {
  const Token token = tokens_.token();
  ES_CHECK(tokens_.advance());
  if (const auto whole = parse_whole(token.text)) return constant(Value::of_integer(*whole), token.at, token.begin);
  const auto real = parse_real(token.text);
  if (!real) return parsing_fault(token.at, "Cannot parse number [" + token.text + "]");
  return constant(Value::of_real(*real), token.at, token.begin);
}

/// A column, a literal word or a function.
EsResult<Expression> ExpressionParser::named() {
  const Token token = tokens_.token();
  ES_CHECK(tokens_.advance());
  if (token.kind == Token::Kind::word) {
    const std::string word = upper(token.text);
    if (word == "TRUE" || word == "FALSE") return constant(Value::of_boolean(word == "TRUE"), token.at, token.begin);
    if (word == "NULL") return constant(Value(), token.at, token.begin);
    if (word == "CAST" && tokens_.is_symbol("(")) return cast(token);
    if (word == "INTERVAL") return interval(token);
    if (word == "CASE" || word == "EXISTS") return parsing_fault(token.at, "[" + word + "] is not supported");
    if (is_reserved(word)) {
      return tokens_.unexpected(token, "an expression");
    }
    if (tokens_.is_symbol("(")) return function(token);
    if (word == "CURRENT_TIMESTAMP" || word == "CURRENT_DATE") return call(word, token.at, token.begin, {});
  }
  Expression column;
  column.kind = Expression::Kind::column;
  column.at = token.at;
  column.name = token.text;
  return finish(std::move(column), token.begin);
}

EsResult<Expression> ExpressionParser::function(const Token& name) {
  Expression made;
  made.kind = Expression::Kind::call;
  made.at = name.at;
  made.name = upper(name.text);
  ES_CHECK(tokens_.advance());
  if (tokens_.is_symbol("*")) {
    made.arguments.emplace_back().kind = Expression::Kind::all;
    ES_CHECK(tokens_.advance());
  } else if (!tokens_.is_symbol(")")) {
    ES_TRY(made.distinct, tokens_.take_word("DISTINCT"));
    if (!made.distinct) ES_CHECK(tokens_.take_word("ALL"));
    while (true) {
      ES_TRY(Expression argument, expression());
      made.arguments.push_back(std::move(argument));
      ES_TRY(const bool more, tokens_.take_symbol(","));
      if (!more) break;
    }
  }
  ES_CHECK(tokens_.expect_symbol(")"));
  return finish(std::move(made), name.begin);
}

EsResult<Expression> ExpressionParser::cast(const Token& name) {
  ES_CHECK(tokens_.advance());
  std::vector<Expression> arguments;
  ES_TRY(Expression of, expression());
  arguments.push_back(std::move(of));
  ES_CHECK(tokens_.expect_word("AS"));
  Expression type;
  type.at = tokens_.token().at;
  ES_TRY(const std::string type_name, tokens_.name_of("a type"));
  type.value = Value::of_text(upper(type_name));
  arguments.push_back(std::move(type));
  ES_CHECK(tokens_.expect_symbol(")"));
  return call("CAST", name.at, name.begin, std::move(arguments));
}

/// INTERVAL 1 HOUR, INTERVAL '1' HOUR, INTERVAL '1 hour'.
EsResult<Expression> ExpressionParser::interval(const Token& name) {
  ES_TRY(const bool negative, tokens_.take_symbol("-"));
  if (tokens_.token().kind != Token::Kind::number && tokens_.token().kind != Token::Kind::text)
    return tokens_.unexpected("a number");
  std::string count = tokens_.token().text;
  const Position at = tokens_.token().at;
  ES_CHECK(tokens_.advance());
  std::string unit;
  if (const auto blank = count.find(' '); blank != std::string::npos) {
    unit = upper(count.substr(blank + 1));
    count.resize(blank);
  } else {
    ES_TRY(unit, tokens_.name_of("a unit"));
    unit = upper(unit);
  }
  if (tokens_.is_word("TO"))
    return parsing_fault(tokens_.token().at, "intervals of several units [TO] are not supported");
  const auto number = parse_whole(count);
  // Longer than all times there are, and short enough to be counted with.
  constexpr std::int64_t count_max = 10'000'000'000;
  if (!number || *number > count_max || *number < -count_max) {
    return parsing_fault(at, "Invalid interval [" + count + "]");
  }
  const std::int64_t signed_number = negative ? -*number : *number;
  if (unit.size() > 1 && unit.back() == 'S') unit.pop_back();
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units{
      {{"SECOND", 1}, {"MINUTE", 60}, {"HOUR", 3'600}, {"DAY", seconds_per_day}}};
  Value value;
  value.kind = Value::Kind::interval;
  if (unit == "MONTH" || unit == "YEAR") {
    constexpr std::int64_t years_max = 10'000;
    if (signed_number > years_max || signed_number < -years_max) {
      return parsing_fault(at, "Invalid interval [" + count + "]");
    }
    value.months = signed_number * (unit == "YEAR" ? 12 : 1);
    return constant(std::move(value), name.at, name.begin);
  }
  for (const auto& [word, seconds] : units) {
    if (unit != word) continue;
    if (__builtin_mul_overflow(signed_number, seconds * ns_per_s, &value.integer)) {
      return parsing_fault(at, "Invalid interval [" + count + "]");
    }
    return constant(std::move(value), name.at, name.begin);
  }
  return parsing_fault(at, "the unit [" + unit + "] of an interval is not supported");
}

}  // namespace iot::query::sql
