#include "query/sql/rows.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "query/search.h"

namespace iot::query::sql {
namespace {

using Row = std::vector<Value>;

/// An answer's JSON is as deep as the platform makes it.
constexpr std::size_t answer_depth_max = 64;
/// WHERE nests deeper as JSON than as SQL, whose depth is bounded already.
constexpr std::size_t search_depth_max = 512;
constexpr std::int64_t groups_at_once = 1'000;
/// Groups in an order of their own are all held until they are ordered.
constexpr std::size_t ordered_groups_max = 65'536;

/// The answer's tree; the error of a search that failed, or that an index could not answer.
EsResult<JsonNode> checked(const EsAnswer& answer) {
  ES_TRY(JsonNode root, parse_json(answer.body, answer_depth_max));
  const JsonNode* error = root.find("error");
  const JsonNode* shards = root.find("_shards");
  const JsonNode* failures = shards ? shards->find("failures") : nullptr;
  if (!error && !failures) return root;
  const JsonNode* reason = failures && !failures->items.empty() ? failures->items[0].find("reason") : error;
  if (error) {
    const JsonNode* causes = error->find("root_cause");
    if (causes && !causes->items.empty()) reason = &causes->items[0];
  }
  const JsonNode* type = reason ? reason->find("type") : nullptr;
  const JsonNode* text = reason ? reason->find("reason") : nullptr;
  return EsError(answer.status == 200 ? 400 : answer.status, type ? type->text : "exception", text ? text->text : "");
}

const JsonNode& at(const JsonNode& node, std::string_view name) {
  static const JsonNode nothing;
  const JsonNode* found = node.find(name);
  return found ? *found : nothing;
}

const JsonNode& first_of(const JsonNode& node) {
  static const JsonNode nothing;
  return node.items.empty() ? nothing : node.items.front();
}

Value metric_value(const JsonNode& result, const Slot& slot) {
  // The sum of nothing is unknown.
  if (slot.property == "sum" && at(result, "count").text == "0") return {};
  return value_of(at(result, slot.property), slot.type);
}

/// Of a group, or of the whole answer, whose readings are `count`. Refused: several values in a column.
EsResult<Row> slots_of(const Plan& plan, const JsonNode& results, const JsonNode& count) {
  Row row;
  for (const Slot& slot : plan.slots) {
    const JsonNode& result = at(results, slot.name);
    switch (slot.from) {
      case Slot::From::count:
        row.push_back(value_of(count, slot.type));
        break;
      case Slot::From::key:
        row.push_back(value_of(at(at(results, "key"), slot.name), slot.type));
        break;
      case Slot::From::counted:
        row.push_back(value_of(at(result, "doc_count"), slot.type));
        break;
      case Slot::From::metric:
        row.push_back(metric_value(result, slot));
        break;
      case Slot::From::first_value:
        row.push_back(value_of(at(first_of(at(result, "values")), "value"), slot.type));
        break;
      case Slot::From::top:
        row.push_back(value_of(at(at(first_of(at(result, "top")), "metrics"), slot.property), slot.type));
        break;
      case Slot::From::field: {
        const JsonNode& values = at(at(results, "fields"), slot.name);
        if (values.items.size() > 1) {
          return EsError(400, "sql_illegal_argument_exception",
                         "Arrays (returned by [" + slot.name + "]) are not supported");
        }
        row.push_back(value_of(first_of(values), slot.type));
        break;
      }
    }
  }
  return row;
}

class Pager {
 public:
  Pager(const RowSource& source, Request& request) : source_(source), plan_(source.plan), request_(request) {
    if (!request_.left) request_.left = plan_.limit;
  }

  EsResult<Page> next();

 private:
  std::int64_t wanted() const {
    return request_.left ? std::min(request_.fetch_size, *request_.left) : request_.fetch_size;
  }
  EsResult<void> show(const Row& slots);
  EsResult<bool> is_kept(const Row& slots) const;
  EsResult<SearchRequest> search_of(std::int64_t size) const;
  EsResult<JsonNode> run(std::int64_t size) const;
  EsResult<void> hits();
  EsResult<void> one_row();
  EsResult<void> groups();
  EsResult<void> ordered_groups();
  EsResult<int> compare_rows(const Row& a, const Row& b) const;
  template <class Visit>
  EsResult<void> for_each_group(const Visit& visit);

  const RowSource& source_;
  const Plan& plan_;
  Request& request_;
  Page page_;
};

EsResult<Page> Pager::next() {
  if (wanted() == 0) return std::move(page_);
  switch (plan_.kind) {
    case Plan::Kind::constant:
      ES_CHECK(show({}));
      break;
    case Plan::Kind::hits: {
      const bool opens = request_.scroll_id.empty();
      auto found = hits();
      // Nobody is told of it.
      if (!found && opens) source_.own.contexts.close(request_.scroll_id, source_.own.owner);
      ES_CHECK(std::move(found));
      break;
    }
    case Plan::Kind::one_row:
      ES_CHECK(one_row());
      break;
    case Plan::Kind::groups:
      ES_CHECK(plan_.order.empty() ? groups() : ordered_groups());
      break;
  }
  if (request_.left) {
    *request_.left -= static_cast<std::int64_t>(page_.rows.size());
    page_.has_more = page_.has_more && *request_.left > 0;
  }
  if (!page_.has_more && !request_.scroll_id.empty()) {
    source_.own.contexts.close(request_.scroll_id, source_.own.owner);
  }
  return std::move(page_);
}

EsResult<void> Pager::show(const Row& slots) {
  Row& row = page_.rows.emplace_back();
  row.reserve(plan_.columns.size());
  for (const Column& column : plan_.columns) {
    ES_TRY(Value value, evaluate(column.expression, slots, source_.with));
    row.push_back(std::move(value));
  }
  return {};
}

EsResult<bool> Pager::is_kept(const Row& slots) const {
  if (!plan_.having) return true;
  ES_TRY(const Value value, evaluate(*plan_.having, slots, source_.with));
  if (value.is_null() || value.kind == Value::Kind::boolean) return value.is_true();
  return verification_fault(plan_.having->at, "Condition expression [" + plan_.having->text + "] needs to be boolean");
}

EsResult<SearchRequest> Pager::search_of(std::int64_t size) const {
  QueryLimits limits = source_.place.limits;
  limits.body_depth_max = search_depth_max;
  return parse_search(search_body(plan_, size, request_.after, request_.request_timeout), {}, "/_sql", limits,
                      source_.with.now);
}

EsResult<JsonNode> Pager::run(std::int64_t size) const {
  ES_TRY(const SearchRequest search, search_of(size));
  SearchPage page;
  page.now = source_.with.now;
  page.must_be_whole = true;
  return checked(run_search(source_.place, source_.series, search, page));
}

EsResult<void> Pager::hits() {
  const std::int64_t size = wanted();
  JsonNode root;
  if (!request_.scroll_id.empty()) {
    const Parameters parameters{{"scroll_id", request_.scroll_id}, {"scroll", request_.page_timeout}};
    ES_TRY(root, checked(next_scroll_page(source_.place, source_.own, source_.catalog, {}, {}, parameters)));
  } else if (request_.left && *request_.left <= size) {
    // All that is wanted: nothing to go on with.
    ES_TRY(root, run(size));
  } else {
    ES_TRY(SearchRequest search, search_of(size));
    ES_TRY(search.scroll, parse_time_value("page_timeout", request_.page_timeout));
    ES_TRY(root, checked(open_scroll(source_.place, source_.own, source_.series, std::move(search))));
    request_.scroll_id = at(root, "_scroll_id").text;
  }
  const JsonNode& list = at(at(root, "hits"), "hits");
  // A scroll's pages are as large as its first; LIMIT may end inside the last.
  const auto count = std::min(list.items.size(), static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < count; ++i) {
    ES_TRY(const Row slots, slots_of(plan_, list.items[i], {}));
    ES_CHECK(show(slots));
  }
  page_.has_more = !request_.scroll_id.empty() && static_cast<std::int64_t>(list.items.size()) >= size;
  return {};
}

EsResult<void> Pager::one_row() {
  ES_TRY(const JsonNode root, run(0));
  const JsonNode& aggregations = at(root, "aggregations");
  ES_TRY(const Row slots, slots_of(plan_, aggregations, at(at(aggregations, "_count"), "value")));
  ES_TRY(const bool kept, is_kept(slots));
  if (kept) ES_CHECK(show(slots));
  return {};
}

/// Calls visit(slots) for each group behind request_.after, which moves on with it, until it returns false.
template <class Visit>
EsResult<void> Pager::for_each_group(const Visit& visit) {
  while (true) {
    ES_TRY(const JsonNode root, run(groups_at_once));
    const JsonNode& buckets = at(at(at(root, "aggregations"), "groups"), "buckets");
    for (const JsonNode& bucket : buckets.items) {
      request_.after.clear();
      append_node(request_.after, at(bucket, "key"));
      ES_TRY(const Row slots, slots_of(plan_, bucket, at(bucket, "doc_count")));
      ES_TRY(const bool kept, is_kept(slots));
      if (!kept) continue;
      ES_TRY(const bool goes_on, visit(slots));
      if (!goes_on) return {};
    }
    if (static_cast<std::int64_t>(buckets.items.size()) < groups_at_once) return {};
  }
}

EsResult<void> Pager::groups() {
  const auto size = static_cast<std::size_t>(wanted());
  return for_each_group([&](const Row& slots) -> EsResult<bool> {
    ES_CHECK(show(slots));
    page_.has_more = page_.rows.size() == size;
    return !page_.has_more;
  });
}

EsResult<int> Pager::compare_rows(const Row& a, const Row& b) const {
  for (const RowOrder& order : plan_.order) {
    ES_TRY(const Value left, evaluate(order.expression, a, source_.with));
    ES_TRY(const Value right, evaluate(order.expression, b, source_.with));
    if (left.is_null() != right.is_null()) return left.is_null() == order.nulls_first ? -1 : 1;
    if (const int sign = compare(left, right).value_or(0); sign != 0) return order.descending ? -sign : sign;
  }
  return 0;
}

/// All groups are found and ordered for each page anew; those of pages before are passed over.
EsResult<void> Pager::ordered_groups() {
  std::vector<Row> found;
  ES_CHECK(for_each_group([&](const Row& slots) -> EsResult<bool> {
    if (found.size() == ordered_groups_max) {
      return illegal_argument("ORDER BY of more than [" + std::to_string(ordered_groups_max) +
                              "] groups is supported by the keys of GROUP BY only");
    }
    found.push_back(slots);
    return true;
  }));
  request_.after.clear();
  std::vector<std::size_t> places(found.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::optional<EsError> failure;
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    if (failure) return false;
    const auto sign = compare_rows(found[a], found[b]);
    if (!sign) failure = sign.error();
    return sign && *sign < 0;
  });
  if (failure) return *failure;
  const auto first =
      static_cast<std::size_t>(std::min<std::int64_t>(request_.skipped, static_cast<std::int64_t>(found.size())));
  const std::size_t end = std::min(found.size(), first + static_cast<std::size_t>(wanted()));
  for (std::size_t i = first; i < end; ++i) ES_CHECK(show(found[places[i]]));
  request_.skipped = static_cast<std::int64_t>(end);
  page_.has_more = end < found.size();
  return {};
}

}  // namespace

EsResult<Page> next_page(const RowSource& source, Request& request) {
  return Pager(source, request).next();
}

}  // namespace iot::query::sql
