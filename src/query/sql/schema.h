// The columns that the indices of a statement have, with their SQL types.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/series.h"
#include "query/sql/expression.h"

namespace iot::query::sql {

class Schema {
 public:
  /// `series` must outlive the object.
  explicit Schema(const std::vector<Series>& series);

  /// "datetime", "keyword", "double", ... of a column. verification_exception for one that there is not, whose type is
  /// not the same in all indices, or that is no column (an object).
  EsResult<std::string> type_of(const Expression& column) const;

  /// What "*" stands for, in Elasticsearch's order: of objects the fields inside, as far as they have one type.
  EsResult<std::vector<std::string>> names() const;

 private:
  EsResult<std::string> type_inside(const Expression& column) const;

  const std::vector<Series>& series_;
  std::string value_type_;      ///< empty where there is none for all
  std::string value_conflict_;  ///< what is wrong with it then
  bool value_is_object_ = false;
};

bool is_numeric(std::string_view type) noexcept;

}  // namespace iot::query::sql
