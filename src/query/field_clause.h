// One condition on several fields: what match, multi_match and the terms of a query_string are.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/query.h"
#include "query/value_filters.h"

namespace iot::query {

/// What a clause asks of a field of an index.
using FieldCondition = std::function<EsResult<Filter>(const Series& series, const Field& field, Timestamp now)>;

struct WeightedField {
  Field field;
  float boost = 1;
  bool by_pattern = false;  ///< places are not looked for so
};

/// "value", "val*", "value^2": the fields of a document that the name means, with their boosts; a name that is unknown
/// is a field that nothing has. Refused: a boost that is no number.
EsResult<std::vector<WeightedField>> parse_weighted_field(std::string_view text);

/// What several fields give together.
enum class FieldScores { best, sum };

class FieldClause final : public Query {
 public:
  FieldClause(std::vector<WeightedField> fields, FieldCondition condition)
      : fields_(std::move(fields)), condition_(std::move(condition)) {}

  /// A field that cannot be asked so does not match, instead of being an error.
  bool lenient = false;
  FieldScores scores = FieldScores::best;

  EsResult<Filter> compile(const Series& series, Timestamp now) const override;
  EsResult<void> add_scores(const Series& series, Timestamp now, const Filter& where,
                            std::vector<ScorePart>& parts) const override;

 private:
  EsResult<Filter> filter_of(const Series& series, const WeightedField& one, Timestamp now) const;
  EsResult<Filter> filter_of(const Series& series, const Field& field, Timestamp now) const;
  /// Of the fields inside objects that the pattern fits.
  EsResult<Filter> filter_of_all(const Series& series, const Field& pattern, Timestamp now) const;

  std::vector<WeightedField> fields_;
  FieldCondition condition_;
};

/// What becomes of a query of which no token is left: "?!".
enum class ZeroTerms { none, all };

/// How a text is looked for.
struct TextSearch {
  std::string text;
  bool phrase = false;      ///< tokens one behind the other
  bool all_tokens = false;  ///< else any of them
  ZeroTerms zero_terms = ZeroTerms::none;
};

/// In a text field the tokens of the text are looked for; in others the text is the value.
FieldCondition text_condition(TextSearch search);

}  // namespace iot::query
