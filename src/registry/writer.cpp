#include "registry/writer.h"

#include "base/logging.h"
#include "registry/snapshot_loader.h"
#include "registry/user_writes.h"
#include "registry/write_context.h"

namespace iot::registry {
namespace {

std::int64_t first_row(soci::session& session, const std::string& column, const std::string& table) {
  Query<std::tuple<Integer>> query(session, "SELECT COALESCE(MIN(" + column + "), 1) FROM " + table);
  return std::get<0>(*query.first());
}

Error failed(const std::exception& error) {
  if (const auto* sql = dynamic_cast<const soci::soci_error*>(&error)) return to_error(*sql, "write to the registry");
  return make_error(Errc::database_failed, std::string("write to the registry: ") + error.what());
}

}  // namespace

Writer::Writer(std::unique_ptr<soci::session> session, const RegistryLimits& limits, PublishedSnapshot& published,
               const Clock& clock)
    : limits_(limits),
      published_(published),
      clock_(clock),
      session_(std::move(session)),
      sql_(*session_),
      counters_(load_counters(*session_)),
      stored_counters_(counters_),
      next_(load_snapshot(*session_)),
      changes_pruner_(first_row(*session_, "sequence", "changes"), limits.changes_max),
      audit_pruner_(first_row(*session_, "id", "audit"), limits.audit_entries_max),
      queue_(limits.writes_waiting_max, limits.sensors_waiting_max) {
  make_root_if_missing();
  published_.publish(next_);
  thread_ = std::thread([this] { run(); });
}

void Writer::submit(WritePtr write) {
  auto taken = queue_.push(write);
  if (taken) return;
  write->fail(std::move(taken).error());
  write->finish();
}

void Writer::on_sensors_removed(std::function<void(const std::vector<SensorId>&)> listener) {
  const std::lock_guard lock(listeners_mutex_);
  sensor_listeners_.push_back(std::move(listener));
}

void Writer::on_withdrawal(std::function<void(const Withdrawal&)> listener) {
  const std::lock_guard lock(listeners_mutex_);
  withdrawal_listeners_.push_back(std::move(listener));
}

WriterStats Writer::stats() const {
  return {queue_.size(), groups_.load(), groups_failed_.load(), writes_.load(),
          std::chrono::nanoseconds(commit_ns_.load())};
}

void Writer::stop() noexcept {
  queue_.close();
  const std::lock_guard lock(stop_mutex_);
  if (thread_.joinable()) thread_.join();
}

void Writer::run() {
  for (auto group = queue_.take_group(); !group.empty(); group = queue_.take_group()) commit_group(group);
}

void Writer::commit_group(std::vector<WritePtr>& group) {
  const auto start = clock_.steady_now();
  Removals removed;
  try {
    transact(group, removed);
    ++groups_;
    writes_ += group.size();
    if (next_.version != published_.version()) published_.publish(next_);
  } catch (const std::exception& error) {
    fail_group(group, failed(error));
    removed = {};
  }
  commit_ns_ += static_cast<std::uint64_t>(std::chrono::nanoseconds(clock_.steady_now() - start).count());
  tell_listeners(removed);
  for (const WritePtr& write : group) write->finish();
}

void Writer::tell_listeners(const Removals& removed) {
  const std::lock_guard lock(listeners_mutex_);
  // Connections first: removing sensors from the store takes its time.
  if (!removed.withdrawal.empty()) {
    for (const auto& listener : withdrawal_listeners_) listener(removed.withdrawal);
  }
  if (!removed.sensors.empty()) {
    for (const auto& listener : sensor_listeners_) listener(removed.sensors);
  }
}

void Writer::transact(std::vector<WritePtr>& group, Removals& removed) {
  sql_.begin.run();
  try {
    for (const WritePtr& write : group) run_one(*write, removed);
    if (counters_ != stored_counters_) {
      prune();
      store_counters();
    }
    sql_.commit.run();
  } catch (...) {
    roll_back();
    throw;
  }
  stored_counters_ = counters_;
}

void Writer::run_one(Write& write, Removals& removed) {
  const Counters before = counters_;
  WriteContext context(sql_, next_, counters_, limits_, clock_.now());
  sql_.savepoint.run();
  try {
    if (write.run(context)) {
      sql_.release_savepoint.run();
      apply_all(next_, context.changes(), &removed);
      return;
    }
  } catch (const std::exception& error) {
    write.fail(failed(error));
    log_warning("a change of the registry failed", {{"error", failed(error).message}});
  }
  counters_ = before;
  // Errors such as a full disk make SQLite undo the whole transaction, and the savepoint with it: then this throws, and
  // the group fails.
  *session_ << "ROLLBACK TO SAVEPOINT one_write";
  sql_.release_savepoint.run();
}

void Writer::store_counters() {
  sql_.update_counters.run(counters_.users, counters_.devices, counters_.sensors, counters_.consumers,
                           counters_.changes, counters_.audit, counters_.commands, counters_.events,
                           counters_.dashboards);
}

void Writer::prune() {
  if (const auto last = changes_pruner_.due(counters_.changes)) sql_.prune_changes.run(*last);
  if (const auto last = audit_pruner_.due(counters_.audit)) sql_.prune_audit.run(*last);
}

void Writer::roll_back() {
  try {
    *session_ << "ROLLBACK";
  } catch (const soci::soci_error&) {
    // There is no transaction any more: the engine has undone it. The error that led here is the one to tell.
  }
}

void Writer::fail_group(std::vector<WritePtr>& group, const Error& error) {
  ++groups_failed_;
  // What was given out stays given out: counters only grow, so that no number appears twice even if the engine should
  // turn out to have kept the transaction.
  next_ = *published_.get();
  log_error("the registry could not commit", {{"error", error.message}, {"writes", group.size()}});
  for (const WritePtr& write : group) {
    if (!write->failed()) write->fail(error);
  }
}

void Writer::make_root_if_missing() {
  if (next_.users.contains(root_user)) return;
  sql_.begin.run();
  WriteContext context(sql_, next_, counters_, limits_, clock_.now());
  create_root(context);
  store_counters();
  sql_.commit.run();
  stored_counters_ = counters_;
  apply_all(next_, context.changes());
}

}  // namespace iot::registry
