#include "query/sql/expression.h"

#include <algorithm>

namespace iot::query::sql {
namespace {

std::string placed(Position at, const std::string& reason) {
  return "line " + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + reason;
}

}  // namespace

bool same(const Expression& a, const Expression& b) {
  return a.kind == b.kind && a.name == b.name && a.value == b.value && a.distinct == b.distinct && a.slot == b.slot &&
         std::equal(a.arguments.begin(), a.arguments.end(), b.arguments.begin(), b.arguments.end(), same);
}

EsError parsing_fault(Position at, const std::string& reason) {
  return {400, "parsing_exception", placed(at, reason)};
}

EsError verification_fault(Position at, const std::string& reason) {
  return {400, "verification_exception", "Found 1 problem\n" + placed(at, reason)};
}

}  // namespace iot::query::sql
