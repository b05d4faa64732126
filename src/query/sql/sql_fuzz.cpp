// SQL of any bytes: parsed, planned, and its search read, never a crash or a hang.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "query/search_request.h"
#include "query/sql/parser.h"
#include "query/sql/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iot;
  using namespace iot::query;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<sql::Value> parameters(text.find('?') == text.npos ? 0 : 1, sql::Value::of_integer(7));
  const auto statement = sql::parse_statement(text, parameters);
  if (!statement) {
    if (statement.error().status() != 400) std::abort();
    return 0;
  }
  const sql::Evaluation with{{1'526'717'967'123'456'789}, {}, "Z"};
  for (const auto mapping : {model::MappingType::double_precision, model::MappingType::keyword,
                             model::MappingType::date, model::MappingType::object}) {
    const std::vector<Series> series{Series({DeviceId{3}, SensorId{4}, mapping})};
    const auto plan = sql::make_plan(*statement, sql::Schema(series), with, {});
    if (!plan) {
      if (plan.error().status() != 400) std::abort();
      continue;
    }
    if (plan->kind == sql::Plan::Kind::constant) {
      for (const sql::Column& column : plan->columns) static_cast<void>(sql::evaluate(column.expression, {}, with));
      continue;
    }
    QueryLimits limits;
    limits.body_depth_max = 512;
    const auto search = parse_search(sql::search_body(*plan, 10, {}, {}), {}, "/_sql", limits, with.now);
    // What is made is JSON, whatever is wrong in it.
    if (!search && (search.error().status() != 400 || search.error().type() == "x_content_e_o_f_exception")) {
      std::abort();
    }
  }
  return 0;
}
