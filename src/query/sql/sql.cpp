#include "query/sql/sql.h"

#include <optional>
#include <utility>

#include "query/index_names.h"
#include "query/objects/field_lookup.h"
#include "query/sql/parser.h"
#include "query/sql/rows.h"
#include "query/sql/text_forms.h"

namespace iot::query::sql {
namespace {

/// A text has no place for a cursor: it comes whole.
constexpr std::size_t text_rows_max = 65'536;

struct Shape {
  Form form = Form::json;
  char delimiter = ',';
};

EsResult<Shape> read_shape(const Parameters& parameters) {
  Shape shape;
  for (const auto& [name, text] : parameters) {
    if (name == "format") {
      if (text == "csv") {
        shape.form = Form::csv;
      } else if (text == "tsv") {
        shape.form = Form::tsv;
      } else if (text == "txt") {
        shape.form = Form::txt;
      } else if (text != "json") {
        return illegal_argument("format [" + text + "] is not supported");
      }
    } else if (name == "delimiter") {
      if (text.size() != 1 || text == "\"" || text == "\n" || text == "\r" || text == "\t") {
        return illegal_argument("[delimiter] must be one character and neither a quote, an end of line nor a tab");
      }
      shape.delimiter = text[0];
    } else if (!is_common_parameter(name)) {
      return unknown_parameter("/_sql", name);
    }
  }
  return shape;
}

/// A statement with all that its rows are made from.
struct Prepared {
  std::vector<Series> series;
  Evaluation with;
  Plan plan;
};

EsResult<std::vector<Series>> indices_of(const Statement& statement, const IndexCatalog& catalog,
                                         const QueryLimits& limits) {
  if (!statement.indices) return std::vector<Series>();
  IndexOptions options;
  options.indices_max = limits.indices_max;
  auto series = resolve_indices(catalog, *statement.indices, options);
  const bool unknown = !series && series.error().type() == "index_not_found_exception";
  if (!series && !unknown) return std::move(series).error();
  if (unknown || series->empty()) {
    return verification_fault(statement.indices_at, "Unknown index [" + *statement.indices + "]");
  }
  return std::move(*series);
}

EsResult<Prepared> prepare(const SearchPlace& place, const IndexCatalog& catalog, const Request& request) {
  const Timestamp now = place.clock.now();
  ES_TRY(Statement statement, parse_statement(request.query, request.parameters));
  Prepared prepared;
  prepared.with = {request.now.value_or(now), request.zone, request.zone_name};
  ES_TRY(prepared.series, indices_of(statement, catalog, place.limits));
  place.open_objects(prepared.series);
  ES_TRY(prepared.plan, make_plan(std::move(statement), Schema(prepared.series), prepared.with, request.filter));
  return prepared;
}

EsResult<EsAnswer> query(const SearchPlace& place, const ContextPlace& own, const IndexCatalog& catalog,
                         std::string_view body, const Parameters& parameters, int attempts_left = 3) {
  ES_TRY(const Shape shape, read_shape(parameters));
  ES_TRY(Request request, parse_request(body, place.limits));
  const bool is_first = request.cursor.empty();
  const std::uint64_t types_before = place.fields ? place.fields->changes() : 0;
  // What comes whole comes in as few pages as can be.
  if (is_first && shape.form != Form::json) {
    request.fetch_size = static_cast<std::int64_t>(place.limits.result_window_max);
  }
  ES_TRY(const Prepared prepared, prepare(place, catalog, request));
  const RowSource source{place, own, catalog, prepared.series, prepared.plan, prepared.with};
  ES_TRY(Page page, next_page(source, request));
  if (shape.form != Form::json) {
    while (page.has_more) {
      auto more = next_page(source, request);
      const bool too_many = more && page.rows.size() + more->rows.size() > text_rows_max;
      if (too_many && !request.scroll_id.empty()) own.contexts.close(request.scroll_id, own.owner);
      if (!more) return std::move(more).error();
      if (too_many) {
        return illegal_argument("an answer as text has at most [" + std::to_string(text_rows_max) +
                                "] rows: use LIMIT, or [format=json], which has a [cursor]");
      }
      std::move(more->rows.begin(), more->rows.end(), std::back_inserter(page.rows));
      page.has_more = more->has_more;
    }
  }
  // A number inside objects turned out to be decimal: the columns are of other types.
  if (place.fields && place.fields->changes() != types_before) {
    if (is_first && !request.scroll_id.empty()) own.contexts.close(request.scroll_id, own.owner);
    if (!is_first || attempts_left == 0) {
      return EsError(503, "timeout_exception",
                     "the types of fields inside objects change while they are read: ask again");
    }
    return query(place, own, catalog, body, parameters, attempts_left - 1);
  }
  const Rows rows{prepared.plan.columns, page.rows, prepared.with.zone};
  if (shape.form == Form::json) {
    const std::string cursor = page.has_more ? cursor_of(request, prepared.with.now) : std::string();
    return EsAnswer{200, json_form(rows, is_first, request.columnar, cursor), "application/json"};
  }
  return EsAnswer{200, text_form(shape.form, rows, is_first, shape.delimiter), std::string(content_type(shape.form))};
}

EsResult<EsAnswer> translate(const SearchPlace& place, const IndexCatalog& catalog, std::string_view body,
                             const Parameters& parameters) {
  ES_CHECK(read_shape(parameters));
  ES_TRY(const Request request, parse_request(body, place.limits));
  if (!request.cursor.empty()) return illegal_argument("[cursor] cannot be translated");
  ES_TRY(const Prepared prepared, prepare(place, catalog, request));
  if (prepared.plan.kind == Plan::Kind::constant) return illegal_argument("Cannot generate a query DSL: no [FROM]");
  const std::int64_t limit = prepared.plan.limit.value_or(request.fetch_size);
  return EsAnswer{
      200, search_body(prepared.plan, std::min(limit, request.fetch_size), request.after, request.request_timeout),
      "application/json"};
}

EsAnswer answer_of(EsResult<EsAnswer> result) {
  return result ? std::move(*result) : result.error().answer();
}

}  // namespace

EsAnswer query_answer(const SearchPlace& place, const ContextPlace& own, const IndexCatalog& catalog,
                      std::string_view body, const Parameters& parameters) {
  return answer_of(query(place, own, catalog, body, parameters));
}

EsAnswer translate_answer(const SearchPlace& place, const IndexCatalog& catalog, std::string_view body,
                          const Parameters& parameters) {
  return answer_of(translate(place, catalog, body, parameters));
}

EsAnswer close_answer(const ContextPlace& own, std::string_view body, const Parameters& parameters,
                      const QueryLimits& limits) {
  if (const auto shape = read_shape(parameters); !shape) return shape.error().answer();
  const auto request = parse_close(body, limits);
  if (!request) return request.error().answer();
  // Other cursors hold nothing open.
  const bool closed = request->scroll_id.empty() || own.contexts.close(request->scroll_id, own.owner);
  return {200, std::string("{\"succeeded\":") + (closed ? "true" : "false") + "}", "application/json"};
}

}  // namespace iot::query::sql
