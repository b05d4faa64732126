#include "query/sql/parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "query/calendar.h"
#include "query/json_fields.h"
#include "query/sql/lexer.h"

namespace iot::query::sql {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

/// Words that end an expression: no aliases and no columns.
constexpr std::array<std::string_view, 34> reserved{
    "SELECT", "FROM",  "WHERE",   "GROUP", "BY",   "HAVING",   "ORDER", "LIMIT", "AS",   "AND",   "OR",   "NOT",
    "IN",     "LIKE",  "RLIKE",   "IS",    "NULL", "BETWEEN",  "ASC",   "DESC",  "JOIN", "INNER", "LEFT", "RIGHT",
    "FULL",   "CROSS", "NATURAL", "ON",    "ALL",  "DISTINCT", "TRUE",  "FALSE", "CASE", "EXISTS"};

bool is_reserved(std::string_view word) {
  return std::find(reserved.begin(), reserved.end(), upper(word)) != reserved.end();
}

class Parser {
 public:
  Parser(std::string_view text, const std::vector<Value>& parameters)
      : text_(text), lexer_(text), parameters_(parameters) {}

  EsResult<Statement> statement();

 private:
  using Result = EsResult<Expression>;

  EsResult<void> advance() {
    last_end_ = token_.end;
    ES_TRY(token_, lexer_.next());
    return {};
  }
  bool is_word(std::string_view word) const { return token_.kind == Token::Kind::word && upper(token_.text) == word; }
  bool is_symbol(std::string_view symbol) const { return token_.kind == Token::Kind::symbol && token_.text == symbol; }
  EsResult<bool> take_word(std::string_view word) {
    if (!is_word(word)) return false;
    ES_CHECK(advance());
    return true;
  }
  EsResult<bool> take_symbol(std::string_view symbol) {
    if (!is_symbol(symbol)) return false;
    ES_CHECK(advance());
    return true;
  }
  EsError unexpected(const std::string& expected) const {
    const bool ended = token_.kind == Token::Kind::end;
    return parsing_fault(token_.at,
                         "mismatched input '" +
                             (ended ? "<EOF>" : std::string(text_.substr(token_.begin, token_.end - token_.begin))) +
                             "' expecting " + expected);
  }
  EsResult<void> expect_word(const std::string& word) {
    ES_TRY(const bool taken, take_word(word));
    if (!taken) return unexpected("'" + word + "'");
    return {};
  }
  EsResult<void> expect_symbol(const std::string& symbol) {
    ES_TRY(const bool taken, take_symbol(symbol));
    if (!taken) return unexpected("'" + symbol + "'");
    return {};
  }

  /// The text from where `expression` begins to the last word taken.
  Result finish(Expression expression, std::size_t begin) {
    for (const Expression& argument : expression.arguments) {
      expression.height = std::max(expression.height, argument.height + 1);
    }
    if (expression.height > height_max) {
      return parsing_fault(expression.at, "the expression is more than " + std::to_string(height_max) + " levels deep");
    }
    expression.text = text_.substr(begin, last_end_ - begin);
    return expression;
  }
  Result call(std::string name, Position at, std::size_t begin, std::vector<Expression> arguments) {
    Expression made;
    made.kind = Expression::Kind::call;
    made.at = at;
    made.name = std::move(name);
    made.arguments = std::move(arguments);
    return finish(std::move(made), begin);
  }
  Result constant(Value value, Position at, std::size_t begin) {
    Expression made;
    made.at = at;
    made.value = std::move(value);
    return finish(std::move(made), begin);
  }

  Result expression();
  Result chain(std::string_view word, Result (Parser::*part)());
  Result disjunction() { return chain("AND", &Parser::negation); }
  Result negation();
  Result predicate();
  Result predicate_behind(Expression left, std::size_t begin);
  Result list_behind(Expression left, std::size_t begin);
  Result sum();
  Result product();
  Result sign();
  Result cast_suffix();
  Result primary();
  Result named();
  Result function(const Token& name);
  Result cast(const Token& name);
  Result interval(const Token& name);
  Result number();
  EsResult<std::string> name_of(const std::string& what);

  EsResult<void> select_list(Statement& statement);
  EsResult<void> from(Statement& statement);
  EsResult<void> groups(Statement& statement);
  EsResult<void> orders(Statement& statement);
  EsResult<std::int64_t> count();

  std::string_view text_;
  Lexer lexer_;
  const std::vector<Value>& parameters_;
  std::size_t parameters_used_ = 0;
  Token token_;
  std::size_t last_end_ = 0;
  std::size_t depth_ = 0;
};

EsResult<Expression> Parser::expression() {
  // Each level takes stack here, whatever it becomes in the tree.
  if (++depth_ > height_max) {
    return parsing_fault(token_.at, "the expression is more than " + std::to_string(height_max) + " levels deep");
  }
  ES_TRY(Expression made, chain("OR", &Parser::disjunction));
  --depth_;
  return made;
}

EsResult<Expression> Parser::chain(std::string_view word, Result (Parser::*part)()) {
  const std::size_t begin = token_.begin;
  ES_TRY(Expression first, (this->*part)());
  if (!is_word(word)) return first;
  const Position at = first.at;
  std::vector<Expression> parts;
  parts.push_back(std::move(first));
  while (is_word(word)) {
    ES_CHECK(advance());
    ES_TRY(Expression next, (this->*part)());
    parts.push_back(std::move(next));
  }
  return call(std::string(word), at, begin, std::move(parts));
}

EsResult<Expression> Parser::negation() {
  std::vector<std::pair<Position, std::size_t>> negations;
  while (is_word("NOT")) {
    negations.emplace_back(token_.at, token_.begin);
    ES_CHECK(advance());
  }
  ES_TRY(Expression made, predicate());
  for (auto place = negations.rbegin(); place != negations.rend(); ++place) {
    std::vector<Expression> arguments;
    arguments.push_back(std::move(made));
    ES_TRY(made, call("NOT", place->first, place->second, std::move(arguments)));
  }
  return made;
}

EsResult<Expression> Parser::predicate() {
  const std::size_t begin = token_.begin;
  ES_TRY(Expression left, sum());
  constexpr std::array<std::string_view, 6> operators{"=", "<>", "<", "<=", ">", ">="};
  for (const std::string_view sign : operators) {
    if (!is_symbol(sign)) continue;
    const Position at = left.at;
    ES_CHECK(advance());
    ES_TRY(Expression right, sum());
    std::vector<Expression> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    return call(std::string(sign), at, begin, std::move(arguments));
  }
  return predicate_behind(std::move(left), begin);
}

/// IS NULL, IN, BETWEEN, LIKE, each with NOT, behind `left`.
EsResult<Expression> Parser::predicate_behind(Expression left, std::size_t begin) {
  const Position at = left.at;
  bool negated = false;
  std::string name;
  std::vector<Expression> arguments;
  arguments.push_back(std::move(left));
  if (is_word("IS")) {
    ES_CHECK(advance());
    ES_TRY(negated, take_word("NOT"));
    ES_CHECK(expect_word("NULL"));
    name = "IS NULL";
  } else {
    ES_TRY(negated, take_word("NOT"));
    if (is_word("IN")) {
      ES_TRY(Expression made, list_behind(std::move(arguments[0]), begin));
      if (!negated) return made;
      std::vector<Expression> inner;
      inner.push_back(std::move(made));
      return call("NOT", at, begin, std::move(inner));
    }
    if (is_word("BETWEEN")) {
      ES_CHECK(advance());
      ES_TRY(Expression low, sum());
      ES_CHECK(expect_word("AND"));
      ES_TRY(Expression high, sum());
      arguments.push_back(std::move(low));
      arguments.push_back(std::move(high));
      name = "BETWEEN";
    } else if (is_word("LIKE")) {
      ES_CHECK(advance());
      ES_TRY(Expression pattern, primary());
      arguments.push_back(std::move(pattern));
      ES_TRY(const bool escaped, take_word("ESCAPE"));
      if (escaped) {
        ES_TRY(Expression mark, primary());
        arguments.push_back(std::move(mark));
      }
      name = "LIKE";
    } else if (is_word("RLIKE")) {
      return parsing_fault(token_.at, "[RLIKE] is not supported");
    } else if (negated) {
      return unexpected("{'BETWEEN', 'IN', 'LIKE'}");
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

EsResult<Expression> Parser::list_behind(Expression left, std::size_t begin) {
  const Position at = left.at;
  std::vector<Expression> arguments;
  arguments.push_back(std::move(left));
  ES_CHECK(advance());
  ES_CHECK(expect_symbol("("));
  while (true) {
    ES_TRY(Expression item, sum());
    arguments.push_back(std::move(item));
    ES_TRY(const bool more, take_symbol(","));
    if (!more) break;
  }
  ES_CHECK(expect_symbol(")"));
  return call("IN", at, begin, std::move(arguments));
}

EsResult<Expression> Parser::sum() {
  const std::size_t begin = token_.begin;
  ES_TRY(Expression left, product());
  while (is_symbol("+") || is_symbol("-")) {
    const std::string sign = token_.text;
    ES_CHECK(advance());
    ES_TRY(Expression right, product());
    const Position at = left.at;
    std::vector<Expression> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    ES_TRY(left, call(sign, at, begin, std::move(arguments)));
  }
  return left;
}

EsResult<Expression> Parser::product() {
  const std::size_t begin = token_.begin;
  ES_TRY(Expression left, sign());
  while (is_symbol("*") || is_symbol("/") || is_symbol("%")) {
    const std::string sign_of = token_.text;
    ES_CHECK(advance());
    ES_TRY(Expression right, sign());
    const Position at = left.at;
    std::vector<Expression> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    ES_TRY(left, call(sign_of, at, begin, std::move(arguments)));
  }
  return left;
}

EsResult<Expression> Parser::sign() {
  std::vector<std::pair<Position, std::size_t>> minuses;
  while (is_symbol("-") || is_symbol("+")) {
    if (is_symbol("-")) minuses.emplace_back(token_.at, token_.begin);
    ES_CHECK(advance());
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
EsResult<Expression> Parser::cast_suffix() {
  const std::size_t begin = token_.begin;
  ES_TRY(Expression made, primary());
  while (is_symbol("::")) {
    ES_CHECK(advance());
    ES_TRY(const std::string type, name_of("a type"));
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

EsResult<Expression> Parser::primary() {
  const Token token = token_;
  if (token.kind == Token::Kind::number) return number();
  if (token.kind == Token::Kind::text) {
    ES_CHECK(advance());
    return constant(Value::of_text(token.text), token.at, token.begin);
  }
  if (is_symbol("?")) {
    ES_CHECK(advance());
    if (parameters_used_ == parameters_.size()) {
      return parsing_fault(token.at, "Not enough actual parameters [" + std::to_string(parameters_.size()) + "]");
    }
    return constant(parameters_[parameters_used_++], token.at, token.begin);
  }
  if (is_symbol("(")) {
    ES_CHECK(advance());
    ES_TRY(Expression made, expression());
    ES_CHECK(expect_symbol(")"));
    return made;
  }
  if (token.kind == Token::Kind::word || token.kind == Token::Kind::quoted) return named();
  return unexpected("an expression");
}

EsResult<Expression> Parser::number() {
  const Token token = token_;
  ES_CHECK(advance());
  if (const auto whole = parse_whole(token.text)) return constant(Value::of_integer(*whole), token.at, token.begin);
  const auto real = parse_real(token.text);
  if (!real) return parsing_fault(token.at, "Cannot parse number [" + token.text + "]");
  return constant(Value::of_real(*real), token.at, token.begin);
}

/// A column, a literal word or a function.
EsResult<Expression> Parser::named() {
  const Token token = token_;
  ES_CHECK(advance());
  if (token.kind == Token::Kind::word) {
    const std::string word = upper(token.text);
    if (word == "TRUE" || word == "FALSE") return constant(Value::of_boolean(word == "TRUE"), token.at, token.begin);
    if (word == "NULL") return constant(Value(), token.at, token.begin);
    if (word == "CAST" && is_symbol("(")) return cast(token);
    if (word == "INTERVAL") return interval(token);
    if (word == "CASE" || word == "EXISTS") return parsing_fault(token.at, "[" + word + "] is not supported");
    if (is_reserved(word)) {
      token_ = token;
      return unexpected("an expression");
    }
    if (is_symbol("(")) return function(token);
    if (word == "CURRENT_TIMESTAMP" || word == "CURRENT_DATE") return call(word, token.at, token.begin, {});
  }
  Expression column;
  column.kind = Expression::Kind::column;
  column.at = token.at;
  column.name = token.text;
  return finish(std::move(column), token.begin);
}

EsResult<Expression> Parser::function(const Token& name) {
  Expression made;
  made.kind = Expression::Kind::call;
  made.at = name.at;
  made.name = upper(name.text);
  ES_CHECK(advance());
  if (is_symbol("*")) {
    made.arguments.emplace_back().kind = Expression::Kind::all;
    ES_CHECK(advance());
  } else if (!is_symbol(")")) {
    ES_TRY(made.distinct, take_word("DISTINCT"));
    if (!made.distinct) ES_CHECK(take_word("ALL"));
    while (true) {
      ES_TRY(Expression argument, expression());
      made.arguments.push_back(std::move(argument));
      ES_TRY(const bool more, take_symbol(","));
      if (!more) break;
    }
  }
  ES_CHECK(expect_symbol(")"));
  return finish(std::move(made), name.begin);
}

EsResult<Expression> Parser::cast(const Token& name) {
  ES_CHECK(advance());
  std::vector<Expression> arguments;
  ES_TRY(Expression of, expression());
  arguments.push_back(std::move(of));
  ES_CHECK(expect_word("AS"));
  Expression type;
  type.at = token_.at;
  ES_TRY(const std::string type_name, name_of("a type"));
  type.value = Value::of_text(upper(type_name));
  arguments.push_back(std::move(type));
  ES_CHECK(expect_symbol(")"));
  return call("CAST", name.at, name.begin, std::move(arguments));
}

/// INTERVAL 1 HOUR, INTERVAL '1' HOUR, INTERVAL '1 hour'.
EsResult<Expression> Parser::interval(const Token& name) {
  ES_TRY(const bool negative, take_symbol("-"));
  if (token_.kind != Token::Kind::number && token_.kind != Token::Kind::text) return unexpected("a number");
  std::string count = token_.text;
  const Position at = token_.at;
  ES_CHECK(advance());
  std::string unit;
  if (const auto blank = count.find(' '); blank != std::string::npos) {
    unit = upper(count.substr(blank + 1));
    count.resize(blank);
  } else {
    ES_TRY(unit, name_of("a unit"));
    unit = upper(unit);
  }
  if (is_word("TO")) return parsing_fault(token_.at, "intervals of several units [TO] are not supported");
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

EsResult<std::string> Parser::name_of(const std::string& what) {
  const bool is_name =
      token_.kind == Token::Kind::quoted || (token_.kind == Token::Kind::word && !is_reserved(token_.text));
  if (!is_name) return unexpected(what);
  std::string name = token_.text;
  ES_CHECK(advance());
  return name;
}

EsResult<void> Parser::select_list(Statement& statement) {
  while (true) {
    SelectItem& item = statement.items.emplace_back();
    if (statement.items.size() > columns_max) {
      return parsing_fault(token_.at, "more than " + std::to_string(columns_max) + " columns");
    }
    if (is_symbol("*")) {
      item.expression.kind = Expression::Kind::all;
      item.expression.at = token_.at;
      ES_CHECK(advance());
    } else {
      ES_TRY(item.expression, expression());
      item.name = item.expression.kind == Expression::Kind::column ? item.expression.name : item.expression.text;
      ES_TRY(const bool named_with_as, take_word("AS"));
      const bool is_alias =
          token_.kind == Token::Kind::quoted || (token_.kind == Token::Kind::word && !is_reserved(token_.text));
      if (named_with_as || is_alias) {
        ES_TRY(item.name, name_of("an alias"));
        item.has_alias = true;
      }
    }
    ES_TRY(const bool more, take_symbol(","));
    if (!more) return {};
  }
}

EsResult<void> Parser::from(Statement& statement) {
  std::string list;
  while (true) {
    ES_TRY(token_, lexer_.table_name(token_));
    if (list.empty()) statement.indices_at = token_.at;
    if (is_symbol("(")) return parsing_fault(token_.at, "queries in queries are not supported");
    if (token_.kind != Token::Kind::word && token_.kind != Token::Kind::quoted) return unexpected("an index");
    if (token_.text.empty()) return parsing_fault(token_.at, "an index has no empty name");
    list += (list.empty() ? "" : ",") + token_.text;
    // "FROM 3_4, 3_5": the comma is taken with what follows it still unread.
    ES_CHECK(advance());
    if (!is_symbol(",")) break;
    ES_CHECK(advance());
  }
  statement.indices = std::move(list);
  if (is_word("JOIN") || is_word("INNER") || is_word("LEFT") || is_word("RIGHT") || is_word("FULL") ||
      is_word("CROSS") || is_word("NATURAL")) {
    return parsing_fault(token_.at, "Queries with JOIN are not yet supported");
  }
  return {};
}

EsResult<void> Parser::groups(Statement& statement) {
  ES_CHECK(expect_word("BY"));
  while (true) {
    ES_TRY(Expression key, expression());
    statement.group_by.push_back(std::move(key));
    ES_TRY(const bool more, take_symbol(","));
    if (!more) return {};
  }
}

EsResult<void> Parser::orders(Statement& statement) {
  ES_CHECK(expect_word("BY"));
  while (true) {
    OrderItem& item = statement.order_by.emplace_back();
    if (statement.order_by.size() > columns_max) {
      return parsing_fault(token_.at, "more than " + std::to_string(columns_max) + " keys in ORDER BY");
    }
    ES_TRY(item.expression, expression());
    ES_TRY(item.descending, take_word("DESC"));
    if (!item.descending) ES_CHECK(take_word("ASC"));
    item.nulls_first = item.descending;
    ES_TRY(const bool about_nulls, take_word("NULLS"));
    if (about_nulls) {
      ES_TRY(item.nulls_first, take_word("FIRST"));
      if (!item.nulls_first) ES_CHECK(expect_word("LAST"));
    }
    ES_TRY(const bool more, take_symbol(","));
    if (!more) return {};
  }
}

EsResult<std::int64_t> Parser::count() {
  const auto whole = token_.kind == Token::Kind::number ? parse_whole(token_.text) : std::nullopt;
  if (!whole) return unexpected("INTEGER_VALUE");
  ES_CHECK(advance());
  return *whole;
}

EsResult<Statement> Parser::statement() {
  ES_CHECK(advance());
  Statement statement;
  for (const char* other : {"SHOW", "DESCRIBE", "DESC", "EXPLAIN", "DEBUG", "SYS", "WITH"}) {
    if (is_word(other)) return parsing_fault(token_.at, "[" + std::string(other) + "] is not supported, only [SELECT]");
  }
  ES_CHECK(expect_word("SELECT"));
  ES_TRY(const bool has_top, take_word("TOP"));
  if (has_top) {
    ES_TRY(statement.limit, count());
  }
  ES_TRY(statement.distinct, take_word("DISTINCT"));
  if (!statement.distinct) ES_CHECK(take_word("ALL"));
  ES_CHECK(select_list(statement));
  ES_TRY(const bool has_from, take_word("FROM"));
  if (has_from) ES_CHECK(from(statement));
  ES_TRY(const bool has_where, take_word("WHERE"));
  if (has_where) {
    ES_TRY(statement.where, expression());
  }
  ES_TRY(const bool has_groups, take_word("GROUP"));
  if (has_groups) ES_CHECK(groups(statement));
  ES_TRY(const bool has_having, take_word("HAVING"));
  if (has_having) {
    ES_TRY(statement.having, expression());
  }
  ES_TRY(const bool has_orders, take_word("ORDER"));
  if (has_orders) ES_CHECK(orders(statement));
  const Position limit_at = token_.at;
  ES_TRY(const bool has_limit, take_word("LIMIT"));
  if (has_limit) {
    if (statement.limit) return parsing_fault(limit_at, "TOP and LIMIT are not allowed in the same query");
    ES_TRY(const bool all, take_word("ALL"));
    if (!all) {
      ES_TRY(statement.limit, count());
    }
  }
  ES_CHECK(take_symbol(";"));
  if (token_.kind != Token::Kind::end) return unexpected("<EOF>");
  if (parameters_used_ < parameters_.size()) {
    return parsing_fault(token_.at, "there are more parameters than question marks");
  }
  return statement;
}

}  // namespace

EsResult<Statement> parse_statement(std::string_view text, const std::vector<Value>& parameters) {
  if (text.size() > text_bytes_max) {
    return EsError(400, "parsing_exception", "the query is longer than " + std::to_string(text_bytes_max) + " bytes");
  }
  return Parser(text, parameters).statement();
}

}  // namespace iot::query::sql
