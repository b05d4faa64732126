#include "query/sql/parser.h"

#include <utility>

#include "query/json_fields.h"
#include "query/sql/expression_parser.h"

namespace iot::query::sql {
namespace {

class StatementParser {
 public:
  StatementParser(std::string_view text, const std::vector<Value>& parameters)
      : tokens_(text), expressions_(tokens_, parameters) {}

  EsResult<Statement> statement();

 private:
  EsResult<void> select_list(Statement& statement);
  EsResult<void> from(Statement& statement);
  EsResult<void> groups(Statement& statement);
  EsResult<void> orders(Statement& statement);
  EsResult<std::int64_t> count();

  TokenStream tokens_;
  ExpressionParser expressions_;
};

EsResult<void> StatementParser::select_list(Statement& statement) {
  while (true) {
    SelectItem& item = statement.items.emplace_back();
    if (statement.items.size() > columns_max) {
      return parsing_fault(tokens_.token().at, "more than " + std::to_string(columns_max) + " columns");
    }
    if (tokens_.is_symbol("*")) {
      item.expression.kind = Expression::Kind::all;
      item.expression.at = tokens_.token().at;
      ES_CHECK(tokens_.advance());
    } else {
      ES_TRY(item.expression, expressions_.expression());
      item.name = item.expression.kind == Expression::Kind::column ? item.expression.name : item.expression.text;
      ES_TRY(const bool named_with_as, tokens_.take_word("AS"));
      if (named_with_as || tokens_.is_name()) {
        ES_TRY(item.name, tokens_.name_of("an alias"));
        item.has_alias = true;
      }
    }
    ES_TRY(const bool more, tokens_.take_symbol(","));
    if (!more) return {};
  }
}

EsResult<void> StatementParser::from(Statement& statement) {
  std::string list;
  while (true) {
    ES_CHECK(tokens_.read_as_table_name());
    if (list.empty()) statement.indices_at = tokens_.token().at;
    if (tokens_.is_symbol("(")) return parsing_fault(tokens_.token().at, "queries in queries are not supported");
    if (tokens_.token().kind != Token::Kind::word && tokens_.token().kind != Token::Kind::quoted)
      return tokens_.unexpected("an index");
    if (tokens_.token().text.empty()) return parsing_fault(tokens_.token().at, "an index has no empty name");
    list += (list.empty() ? "" : ",") + tokens_.token().text;
    // "FROM 3_4, 3_5": the comma is taken with what follows it still unread.
    ES_CHECK(tokens_.advance());
    if (!tokens_.is_symbol(",")) break;
    ES_CHECK(tokens_.advance());
  }
  statement.indices = std::move(list);
  if (tokens_.is_word("JOIN") || tokens_.is_word("INNER") || tokens_.is_word("LEFT") || tokens_.is_word("RIGHT") ||
      tokens_.is_word("FULL") || tokens_.is_word("CROSS") || tokens_.is_word("NATURAL")) {
    return parsing_fault(tokens_.token().at, "Queries with JOIN are not yet supported");
  }
  return {};
}

EsResult<void> StatementParser::groups(Statement& statement) {
  ES_CHECK(tokens_.expect_word("BY"));
  while (true) {
    ES_TRY(Expression key, expressions_.expression());
    statement.group_by.push_back(std::move(key));
    ES_TRY(const bool more, tokens_.take_symbol(","));
    if (!more) return {};
  }
}

EsResult<void> StatementParser::orders(Statement& statement) {
  ES_CHECK(tokens_.expect_word("BY"));
  while (true) {
    OrderItem& item = statement.order_by.emplace_back();
    if (statement.order_by.size() > columns_max) {
      return parsing_fault(tokens_.token().at, "more than " + std::to_string(columns_max) + " keys in ORDER BY");
    }
    ES_TRY(item.expression, expressions_.expression());
    ES_TRY(item.descending, tokens_.take_word("DESC"));
    if (!item.descending) ES_CHECK(tokens_.take_word("ASC"));
    item.nulls_first = item.descending;
    ES_TRY(const bool about_nulls, tokens_.take_word("NULLS"));
    if (about_nulls) {
      ES_TRY(item.nulls_first, tokens_.take_word("FIRST"));
      if (!item.nulls_first) ES_CHECK(tokens_.expect_word("LAST"));
    }
    ES_TRY(const bool more, tokens_.take_symbol(","));
    if (!more) return {};
  }
}

EsResult<std::int64_t> StatementParser::count() {
  const auto whole = tokens_.token().kind == Token::Kind::number ? parse_whole(tokens_.token().text) : std::nullopt;
  if (!whole) return tokens_.unexpected("INTEGER_VALUE");
  ES_CHECK(tokens_.advance());
  return *whole;
}

EsResult<Statement> StatementParser::statement() {
  ES_CHECK(tokens_.advance());
  Statement statement;
  for (const char* other : {"SHOW", "DESCRIBE", "DESC", "EXPLAIN", "DEBUG", "SYS", "WITH"}) {
    if (tokens_.is_word(other))
      return parsing_fault(tokens_.token().at, "[" + std::string(other) + "] is not supported, only [SELECT]");
  }
  ES_CHECK(tokens_.expect_word("SELECT"));
  ES_TRY(const bool has_top, tokens_.take_word("TOP"));
  if (has_top) {
    ES_TRY(statement.limit, count());
  }
  ES_TRY(statement.distinct, tokens_.take_word("DISTINCT"));
  if (!statement.distinct) ES_CHECK(tokens_.take_word("ALL"));
  ES_CHECK(select_list(statement));
  ES_TRY(const bool has_from, tokens_.take_word("FROM"));
  if (has_from) ES_CHECK(from(statement));
  ES_TRY(const bool has_where, tokens_.take_word("WHERE"));
  if (has_where) {
    ES_TRY(statement.where, expressions_.expression());
  }
  ES_TRY(const bool has_groups, tokens_.take_word("GROUP"));
  if (has_groups) ES_CHECK(groups(statement));
  ES_TRY(const bool has_having, tokens_.take_word("HAVING"));
  if (has_having) {
    ES_TRY(statement.having, expressions_.expression());
  }
  ES_TRY(const bool has_orders, tokens_.take_word("ORDER"));
  if (has_orders) ES_CHECK(orders(statement));
  const Position limit_at = tokens_.token().at;
  ES_TRY(const bool has_limit, tokens_.take_word("LIMIT"));
  if (has_limit) {
    if (statement.limit) return parsing_fault(limit_at, "TOP and LIMIT are not allowed in the same query");
    ES_TRY(const bool all, tokens_.take_word("ALL"));
    if (!all) {
      ES_TRY(statement.limit, count());
    }
  }
  ES_CHECK(tokens_.take_symbol(";"));
  if (tokens_.token().kind != Token::Kind::end) return tokens_.unexpected("<EOF>");
  if (!expressions_.used_all_parameters()) {
    return parsing_fault(tokens_.token().at, "there are more parameters than question marks");
  }
  return statement;
}

}  // namespace

EsResult<Statement> parse_statement(std::string_view text, const std::vector<Value>& parameters) {
  if (text.size() > text_bytes_max) {
    return EsError(400, "parsing_exception", "the query is longer than " + std::to_string(text_bytes_max) + " bytes");
  }
  return StatementParser(text, parameters).statement();
}

}  // namespace iot::query::sql
