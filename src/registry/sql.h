// Prepared statements that are kept: Command for what changes rows, Query for what reads them.
//
// A statement belongs to one session and one thread at a time, and must be destroyed before its session. Both throw
// soci::soci_error; the edges of the module (ReadPool, Writer) turn that into an Error with to_error(), so nothing
// leaves. Each placeholder is used once in a text, because engines differ in what a second use of the same name means.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <soci/soci.h>

#include "base/failure.h"

namespace iot::registry {

/// Every whole number in the database is fetched as this.
using Integer = long long;

template <class... Parameters>
class Command {
 public:
  Command(soci::session& session, const std::string& sql) : statement_(session) {
    std::apply([this](const auto&... parameter) { (statement_.exchange(soci::use(parameter)), ...); }, parameters_);
    statement_.alloc();
    statement_.prepare(sql);
    statement_.define_and_bind();
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// How many rows were changed.
  long long run(const Parameters&... parameters) {
    parameters_ = std::tie(parameters...);
    statement_.execute(true);
    return statement_.get_affected_rows();
  }

 private:
  // Bound once by address, and filled again for each run.
  std::tuple<Parameters...> parameters_;
  soci::statement statement_;
};

/// `Row` is a std::tuple of the columns' types.
template <class Row, class... Parameters>
class Query {
 public:
  using RowType = Row;

  Query(soci::session& session, const std::string& sql) : statement_(session) {
    std::apply([this](const auto&... parameter) { (statement_.exchange(soci::use(parameter)), ...); }, parameters_);
    std::apply([this](auto&... column) { (statement_.exchange(soci::into(column)), ...); }, row_);
    statement_.alloc();
    statement_.prepare(sql);
    statement_.define_and_bind();
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// Calls visit(row) for each row, which it may move from. All rows are fetched: a statement that is left in the
  /// middle would keep SQLite's read transaction open.
  template <class Visit>
  void for_each(const Parameters&... parameters, Visit&& visit) {
    parameters_ = std::tie(parameters...);
    for (bool found = statement_.execute(true); found; found = statement_.fetch()) visit(row_);
  }

  std::optional<Row> first(const Parameters&... parameters) {
    std::optional<Row> row;
    for_each(parameters..., [&row](Row& found) {
      if (!row) row = std::move(found);
    });
    return row;
  }

 private:
  std::tuple<Parameters...> parameters_;
  Row row_;
  soci::statement statement_;
};

/// What went wrong, without the statement's parameters, which may be secrets. Damage is Errc::database_damaged,
/// anything else Errc::database_failed.
Error to_error(const soci::soci_error& error, const std::string& doing);

}  // namespace iot::registry
