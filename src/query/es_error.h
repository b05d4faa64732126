// An error in the form in which Elasticsearch tells it: type, reason, place in the request, causes, and whether it was
// met while the request was read, on a shard (here: an index), or while results were put together.
//
// The rest of the platform uses iot::Error; here the form is the contract, so a request that fails yields an EsError
// and only query/ knows it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/system/result.hpp>

#include "query/elasticsearch.h"

namespace iot::query {

/// Where a token of the request begins; both from 1, columns in bytes.
struct Position {
  unsigned line = 1;
  unsigned column = 1;
};

class EsError {
 public:
  /// Only where a result needs one to stand for "none".
  EsError() : EsError(500, "exception", "no error") {}
  EsError(unsigned status, std::string type, std::string reason)
      : status_(status), type_(std::move(type)), reason_(std::move(reason)) {}

  /// Shows `line` and `col`, as parsing_exception does.
  EsError at(Position position) &&;
  EsError caused_by(EsError cause) &&;
  /// A further member of the error object; `json` is its value as JSON.
  EsError with(std::string member, std::string json) &&;
  /// What a query could not be created for, without saying that it was a query; another error as it is.
  EsError without_wrapping() &&;
  /// Met on a shard: one index's failure.
  EsError on_shard() &&;
  /// Met while results were put together.
  EsError in_reduce() &&;

  unsigned status() const noexcept { return status_; }
  const std::string& type() const noexcept { return type_; }
  const std::string& reason() const noexcept { return reason_; }

  /// The error object alone, with its causes: as in `failed_shards[].reason`.
  void append_object(std::string& out) const;
  /// The whole answer. `index` is named where the error was met on a shard.
  EsAnswer answer(std::string_view index = {}) const;

 private:
  enum class Stage { request, shard, reduce };

  void append_members(std::string& out) const;
  /// What is told as the root cause: the innermost error that is one of Elasticsearch's own, behind parsers that only
  /// say in which field they were.
  const EsError& root() const;

  unsigned status_;
  std::string type_;
  std::string reason_;
  Stage stage_ = Stage::request;
  bool has_position_ = false;
  Position position_;
  std::vector<std::pair<std::string, std::string>> members_;
  std::shared_ptr<const EsError> cause_;
};

/// The node that failed shards name: there is one.
inline constexpr std::string_view node_id = "iotplatform";

[[noreturn]] void throw_exception_from_error(const EsError& error, const boost::source_location& where);

template <class T>
class [[nodiscard]] EsResult : public boost::system::result<T, EsError> {
 public:
  using boost::system::result<T, EsError>::result;
};
template <>
class [[nodiscard]] EsResult<void> : public boost::system::result<void, EsError> {
 public:
  using boost::system::result<void, EsError>::result;
};

EsError parsing_error(Position at, std::string reason);
/// "[line:col] reason", as Elasticsearch's object parsers say it.
EsError content_error(Position at, const std::string& reason);
EsError illegal_argument(std::string reason);

}  // namespace iot::query

#define ES_TRY(declaration, ...) ES_TRY_(IOT_CONCAT(es_result_, __LINE__), declaration, __VA_ARGS__)
#define ES_TRY_(result, declaration, ...)                               \
  auto result = (__VA_ARGS__);                                          \
  if (!result) return ::iot::query::EsError(std::move(result).error()); \
  declaration = std::move(*result)
#define ES_CHECK(...)                                                                                           \
  do {                                                                                                          \
    if (auto es_result = (__VA_ARGS__); !es_result) return ::iot::query::EsError(std::move(es_result).error()); \
  } while (false)
