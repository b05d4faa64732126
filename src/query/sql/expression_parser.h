// The expressions of an SQL text: operators by their rank, predicates, casts, functions, intervals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/sql/expression.h"
#include "query/sql/token_stream.h"

namespace iot::query::sql {

inline constexpr std::size_t height_max = 64;  ///< of an expression, and how deep parentheses stand

/// Takes expressions from a stream, which must outlive it, as `parameters` must.
class ExpressionParser {
 public:
  ExpressionParser(TokenStream& tokens, const std::vector<Value>& parameters)
      : tokens_(tokens), parameters_(parameters) {}

  EsResult<Expression> expression();
  /// For every parameter there was a question mark.
  bool used_all_parameters() const noexcept { return parameters_used_ == parameters_.size(); }

 private:
  using Result = EsResult<Expression>;

  Result finish(Expression expression, std::size_t begin) const;
  Result call(std::string name, Position at, std::size_t begin, std::vector<Expression> arguments) const;
  Result constant(Value value, Position at, std::size_t begin) const;

  Result chain(std::string_view word, Result (ExpressionParser::*part)());
  Result disjunction() { return chain("AND", &ExpressionParser::negation); }
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

  TokenStream& tokens_;
  const std::vector<Value>& parameters_;
  std::size_t parameters_used_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace iot::query::sql
