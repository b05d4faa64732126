// The language of simple_query_string, read as Lucene's SimpleQueryParser reads it: from left to right, each operator
// joining what stands before it with what comes next.
#include <memory>
#include <utility>

#include "query/query_text.h"

namespace iot::query {
namespace {

using OwnQuery = std::unique_ptr<Query>;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

enum class Joined { none, all, any };

/// What has been read so far of one pair of parentheses.
struct Tree {
  OwnQuery top;
  Joined previous = Joined::none;  ///< how `top` is joined, where it is a bool
  Joined current = Joined::none;   ///< the operator that waits for its right side
  bool negated = false;
};

class SimpleParser {
 public:
  SimpleParser(QueryParser& queries, std::string_view text, const QueryTextOptions& options, SearchedFields fields)
      : queries_(queries), text_(text), options_(options), fields_(std::move(fields)) {}

  EsResult<OwnQuery> parse() {
    ES_TRY(OwnQuery query, part(text_.size(), 0));
    if (!query) query = std::make_unique<FieldClause>(std::vector<WeightedField>{}, FieldCondition());
    if (options_.minimum) {
      auto* top = dynamic_cast<BoolQuery*>(query.get());
      if (top && !top->should.empty()) top->minimum = options_.minimum;
    }
    return query;
  }

 private:
  EsResult<OwnQuery> part(std::size_t end, std::size_t depth) {
    if (depth > QueryTextOptions::depth_max) {
      return illegal_argument("[simple_query_string] takes parentheses at most 64 deep");
    }
    Tree tree;
    while (at_ < end) {
      const char c = text_[at_];
      if (c == '-') {
        tree.negated = !tree.negated;
        ++at_;
        continue;
      }
      if (c == '(') {
        ES_CHECK(parentheses(tree, end, depth));
      } else if (c == '"') {
        ES_CHECK(phrase(tree, end));
      } else if (c == '+' || c == '|') {
        if (tree.current == Joined::none && tree.top) tree.current = c == '+' ? Joined::all : Joined::any;
        ++at_;
      } else if (c == ')' || is_blank(c)) {
        ++at_;
      } else {
        ES_CHECK(word(tree, end));
      }
      tree.negated = false;
    }
    return std::move(tree.top);
  }

  EsResult<void> parentheses(Tree& tree, std::size_t end, std::size_t depth) {
    const std::size_t begin = ++at_;
    std::size_t open = 1;
    std::size_t place = begin;
    while (place < end) {
      const char c = text_[place];
      if (c == '\\') ++place;
      if (c == '(') ++open;
      if (c == ')' && --open == 0) break;
      ++place;
    }
    // Without its end it is passed over, and what is in it is read as if it were not there.
    if (place >= end) return {};
    ES_TRY(OwnQuery inside, part(place, depth + 1));
    at_ = place + 1;
    join(tree, std::move(inside));
    return {};
  }

  EsResult<void> phrase(Tree& tree, std::size_t end) {
    const std::size_t begin = ++at_;
    std::string text;
    std::size_t place = begin;
    while (place < end && text_[place] != '"') {
      if (text_[place] == '\\' && place + 1 < end) ++place;
      text += text_[place++];
    }
    if (place >= end) return {};
    at_ = place + 1;
    if (at_ < end && text_[at_] == '~') return fuzzy();
    if (text.empty()) return {};
    ES_TRY(OwnQuery query, over(text_condition({.text = std::move(text), .phrase = true})));
    join(tree, std::move(query));
    return {};
  }

  EsResult<void> word(Tree& tree, std::size_t end) {
    std::string text;
    bool ends_with_star = false;
    while (at_ < end) {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < end) {
        text += text_[++at_];
        ++at_;
        ends_with_star = false;
        continue;
      }
      if (is_blank(c) || c == '"' || c == '|' || c == '+' || c == '(' || c == ')') break;
      if (c == '~' && !text.empty()) {
        std::size_t behind = at_ + 1;
        while (behind < end && text_[behind] >= '0' && text_[behind] <= '9') ++behind;
        if (behind == end || is_blank(text_[behind]) || text_[behind] == ')') return fuzzy();
      }
      ends_with_star = c == '*';
      text += c;
      ++at_;
    }
    if (text.empty()) return ++at_, EsResult<void>{};
    OwnQuery query;
    if (text == "*" && ends_with_star) {
      ES_CHECK(queries_.count_clause());
      query = std::make_unique<BoolQuery>();
    } else if (ends_with_star) {
      text.pop_back();
      ES_TRY(query, over(prefix_condition(std::move(text))));
    } else {
      ES_TRY(query, over(text_condition({.text = std::move(text), .all_tokens = options_.all_words})));
    }
    join(tree, std::move(query));
    return {};
  }

  static EsResult<void> fuzzy() {
    return illegal_argument("[simple_query_string] with fuzzy words or gaps in phrases [~] is not supported");
  }

  EsResult<OwnQuery> over(FieldCondition condition) {
    ES_CHECK(queries_.count_clause());
    auto query = std::make_unique<FieldClause>(fields_.fields, std::move(condition));
    query->lenient = options_.lenient.value_or(fields_.are_all);
    query->scores = FieldScores::sum;
    return OwnQuery(std::move(query));
  }

  void join(Tree& tree, OwnQuery branch) const {
    if (!branch) return;
    if (tree.negated) {
      auto other = std::make_unique<BoolQuery>();
      other->must_not.push_back(std::move(branch));
      branch = std::move(other);
    }
    const Joined operation = tree.current != Joined::none ? tree.current
                             : options_.all_words         ? Joined::all
                                                          : Joined::any;
    tree.current = Joined::none;
    if (!tree.top) {
      tree.top = std::move(branch);
      return;
    }
    if (tree.previous != operation) {
      auto around = std::make_unique<BoolQuery>();
      (operation == Joined::all ? around->must : around->should).push_back(std::move(tree.top));
      tree.top = std::move(around);
      tree.previous = operation;
    }
    // `previous` is set only where `top` is a bool made here.
    auto& top = static_cast<BoolQuery&>(*tree.top);
    (operation == Joined::all ? top.must : top.should).push_back(std::move(branch));
  }

  QueryParser& queries_;
  const std::string_view text_;
  const QueryTextOptions& options_;
  const SearchedFields fields_;
  std::size_t at_ = 0;
};

}  // namespace

EsResult<std::unique_ptr<Query>> parse_simple_query_text(QueryParser& parser, const std::string& text,
                                                         const QueryTextOptions& options) {
  if (text.size() > QueryTextOptions::bytes_max) {
    return illegal_argument("[simple_query_string] takes texts of at most 32000 bytes");
  }
  ES_TRY(SearchedFields fields, parse_searched_fields(options.fields));
  return SimpleParser(parser, text, options, std::move(fields)).parse();
}

}  // namespace iot::query
