#include "log/embedded/embedded_log.h"

#include <algorithm>

#include "base/logging.h"
#include "log/embedded/recovery.h"
#include "log/embedded/segment_reader.h"

namespace iot::log {
namespace {

/// How often retention by age is looked at when nobody calls release().
constexpr std::chrono::seconds maintenance_interval{10};

/// A buffer that grew larger than this in a burst is given back after it.
constexpr std::size_t kept_buffer_bytes = 4u << 20;

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

EmbeddedLogOptions within_reason(EmbeddedLogOptions options) {
  options.record_bytes_max = std::min(
      {options.record_bytes_max, options.pending_bytes_max - std::min(options.pending_bytes_max, record_header_bytes),
       std::size_t{UINT32_MAX}});
  return options;
}

/// Fewer that wait are not worth waiting for: a sync costs less than what is lost by being late.
constexpr std::size_t gather_from = 8;

/// Who comes back more slowly than this, one with the other, is not waited for: then there is CPU time enough for
/// smaller groups.
constexpr std::chrono::microseconds gather_each_max{16};

}  // namespace

EmbeddedLog::EmbeddedLog(FileSystem& files, const std::string& path, EmbeddedLogOptions options, Metrics& metrics,
                         CommitSink& sink)
    : files_(files),
      options_(within_reason(std::move(options))),
      sink_(sink),
      metrics_(metrics),
      writer_(files, path, {options_.segment_bytes, options_.clock}, segments_),
      retention_(files, path, {options_.retain_bytes, options_.retain_age, options_.clock}, segments_) {}

Result<std::unique_ptr<EmbeddedLog>> EmbeddedLog::open(FileSystem& files, const std::string& path,
                                                       EmbeddedLogOptions options, Metrics& metrics,
                                                       Position replay_from, CommitSink& sink) {
  IOT_CHECK(files.make_directory(path));
  IOT_CHECK(files.sync_directory(parent_of(path)));
  std::unique_ptr<EmbeddedLog> log(new EmbeddedLog(files, path, std::move(options), metrics, sink));
  IOT_CHECK(log->recover(path, replay_from));
  log->retention_.release(replay_from);
  log->show_segments();
  log->metrics_.is_healthy.Set(1);
  log->thread_ = std::thread([raw = log.get()] { raw->run(); });
  return log;
}

Result<void> EmbeddedLog::recover(const std::string& path, Position replay_from) {
  IOT_TRY(const auto report, recover_segments(files_, path, replay_from, writer_, segments_));
  if (report.torn_bytes > 0) {
    metrics_.torn_tails.Increment();
    log_warning("an unfinished write was cut off the event log; nothing of it had been acknowledged",
                {{"bytes", report.torn_bytes}, {"last_position", last().value}});
  }
  if (report.positions_behind_store > 0) {
    log_warning("the event log lacks records that the store has; jobs that still needed them will miss them",
                {{"records", report.positions_behind_store}, {"last_position", last().value}});
  }
  IOT_TRY(replayed_records_, replay(files_, segments_, replay_from, sink_));
  metrics_.replayed_records.Increment(static_cast<double>(replayed_records_));
  return {};
}

EmbeddedLog::~EmbeddedLog() {
  stop();
}

Result<void> EmbeddedLog::append(const model::ReadingBatch& batch, AppendWaiter& waiter) {
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return make_error(Errc::shutting_down, "the event log is closing");
    if (refusal_) return *refusal_;
    const std::size_t start = pending_.bytes.size();
    pending_.bytes.resize(start + record_header_bytes);
    batch.encode(pending_.bytes);
    const std::size_t payload_bytes = pending_.bytes.size() - start - record_header_bytes;
    if (payload_bytes > options_.record_bytes_max) {
      pending_.bytes.resize(start);
      return make_error(Errc::too_large, "the readings take " + std::to_string(payload_bytes) +
                                             " bytes at once, the event log takes " +
                                             std::to_string(options_.record_bytes_max));
    }
    if (active_bytes_ + pending_.bytes.size() > options_.pending_bytes_max) {
      pending_.bytes.resize(start);
      metrics_.overloads.Increment();
      return make_error(Errc::overloaded,
                        "more than " + std::to_string(options_.pending_bytes_max) + " bytes wait for the disk");
    }
    begin_record(pending_.bytes.data() + start, static_cast<std::uint32_t>(payload_bytes));
    pending_.waiters.push_back(&waiter);
    wake = std::exchange(is_idle_, false) || pending_.waiters.size() == gather_until_;
  }
  if (wake) work_.notify_one();
  return {};
}

bool EmbeddedLog::wait_for_work() {
  std::unique_lock lock(mutex_);
  active_bytes_ = 0;
  gather(lock);
  is_idle_ = true;
  const auto interval = refusal_ ? options_.retry_interval : maintenance_interval;
  retention_due_ |=
      !work_.wait_for(lock, interval, [this] { return !pending_.waiters.empty() || retention_due_ || stopping_; });
  is_idle_ = false;
  if (stopping_ && pending_.waiters.empty()) return false;
  std::swap(pending_, active_);
  active_bytes_ = active_.bytes.size();
  return true;
}

void EmbeddedLog::gather(std::unique_lock<std::mutex>& lock) {
  gather_until_ = std::exchange(expected_waiters_, 0);
  gathered_in_vain_ = false;
  if (gather_until_ >= gather_from && !refusal_) {
    const auto patience = std::min(options_.gather_max, gather_each_max * static_cast<int>(gather_until_));
    gathered_in_vain_ =
        !work_.wait_for(lock, patience, [this] { return pending_.waiters.size() >= gather_until_ || stopping_; });
  }
  gather_until_ = 0;
}

void EmbeddedLog::run() noexcept {
  while (wait_for_work()) {
    if (!active_.waiters.empty()) commit();
    try_to_recover();
    bool retention_due = false;
    {
      const std::scoped_lock lock(mutex_);
      retention_due = std::exchange(retention_due_, false);
    }
    if (!retention_due) continue;
    retention_.enforce();
    show_segments();
  }
  writer_.close();
}

void EmbeddedLog::commit() noexcept {
  const auto begin = options_.clock->steady_now();
  const auto first = writer_.write(active_.bytes, active_.waiters.size());
  if (!first) return refuse(first.error());

  const std::chrono::duration<double> taken = options_.clock->steady_now() - begin;
  metrics_.sync_seconds.Observe(taken.count());
  metrics_.group_records.Observe(static_cast<double>(active_.waiters.size()));
  metrics_.groups.Increment();
  metrics_.records.Increment(static_cast<double>(active_.waiters.size()));
  metrics_.bytes.Increment(static_cast<double>(active_.bytes.size()));
  show_segments();
  acknowledge(*first);
  end_group(active_);
}

void EmbeddedLog::acknowledge(Position first) noexcept {
  records_.clear();
  const char* at = active_.bytes.data();
  for (std::size_t index = 0; index < active_.waiters.size(); ++index) {
    const std::uint32_t length = begun_length(at);
    records_.push_back({{first.value + index}, {at + record_header_bytes, length}});
    at += record_header_bytes + length;
  }
  sink_.committed(records_);
  for (std::size_t index = 0; index < active_.waiters.size(); ++index) {
    active_.waiters[index]->appended(records_[index].position);
  }
}

void EmbeddedLog::refuse(const Error& error) noexcept {
  log_error("the event log cannot be written; nothing is acknowledged until it can",
            {{"error", error.message}, {"records", active_.waiters.size()}});
  (is(error, Errc::disk_full) ? metrics_.full_failures : metrics_.write_failures).Increment();
  metrics_.is_healthy.Set(0);
  Group waiting;
  {
    const std::scoped_lock lock(mutex_);
    refusal_ = error;
    std::swap(waiting, pending_);
  }
  for (Group* group : {&active_, &waiting}) {
    for (AppendWaiter* waiter : group->waiters) waiter->appended(error);
  }
  end_group(active_);
}

void EmbeddedLog::try_to_recover() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    if (!refusal_) return;
  }
  auto recovered = writer_.recover();
  {
    const std::scoped_lock lock(mutex_);
    if (!recovered) {
      refusal_ = std::move(recovered).error();
      return;
    }
    refusal_.reset();
  }
  metrics_.is_healthy.Set(1);
  show_segments();
  log_info("the event log can be written again", {{"next_position", segments_.end().value}});
}

void EmbeddedLog::end_group(Group& group) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    expected_waiters_ = gathered_in_vain_ ? 0 : group.waiters.size() + pending_.waiters.size();
  }
  group.waiters.clear();
  group.bytes.clear();
  if (group.bytes.capacity() > kept_buffer_bytes) group.bytes = {};
  if (options_.on_group_end) options_.on_group_end();
}

void EmbeddedLog::show_segments() noexcept {
  metrics_.segments.Set(static_cast<double>(segments_.count()));
  metrics_.segment_bytes.Set(static_cast<double>(segments_.bytes()));
  metrics_.last_position.Set(static_cast<double>(last().value));
}

Result<std::unique_ptr<LogReader>> EmbeddedLog::read(Position from) {
  if (from < first()) {
    return make_error(Errc::position_gone, "record " + std::to_string(from.value) + " has been removed; the first is " +
                                               std::to_string(first().value));
  }
  return std::unique_ptr<LogReader>(std::make_unique<SegmentReader>(files_, segments_, from));
}

void EmbeddedLog::release(Position position) noexcept {
  retention_.release(position);
  {
    const std::scoped_lock lock(mutex_);
    retention_due_ = true;
  }
  work_.notify_one();
}

std::uint64_t EmbeddedLog::drop_oldest(std::uint64_t bytes) noexcept {
  const std::uint64_t freed = retention_.drop_oldest(bytes);
  show_segments();
  return freed;
}

Result<void> EmbeddedLog::healthy() const {
  const std::scoped_lock lock(mutex_);
  if (refusal_) return *refusal_;
  return {};
}

void EmbeddedLog::stop() noexcept {
  std::call_once(stopped_, [this] {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    work_.notify_one();
    if (thread_.joinable()) thread_.join();
  });
}

}  // namespace iot::log
