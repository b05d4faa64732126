// A write that waits for its transaction: what to do in it, and whom to tell.
#pragma once

#include <cassert>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/logging.h"
#include "registry/registry.h"

namespace iot::registry {

class WriteContext;

class Write {
 public:
  explicit Write(std::size_t sensors) noexcept : sensors_(sensors) {}
  Write(const Write&) = delete;
  Write& operator=(const Write&) = delete;
  virtual ~Write() = default;

  /// Does its work in the open transaction, and keeps the outcome. False if that is an error: nothing of it may stay.
  /// May throw soci::soci_error.
  virtual bool run(WriteContext& context) = 0;
  /// True if the outcome is an error that was found already, which stays the answer whatever happens to the
  /// transaction.
  virtual bool failed() const noexcept = 0;
  /// Replaces the outcome by an error.
  virtual void fail(Error error) = 0;
  /// Tells the outcome. Once, after run() or fail().
  virtual void finish() noexcept = 0;

  /// How many sensors it would make: its weight in the queue.
  std::size_t sensors() const noexcept { return sensors_; }

 private:
  std::size_t sensors_;
};

using WritePtr = std::unique_ptr<Write>;

template <class T>
class WriteOf final : public Write {
 public:
  using Work = std::function<Result<T>(WriteContext&)>;

  WriteOf(Work work, Done<T> done, std::size_t sensors)
      : Write(sensors), work_(std::move(work)), done_(std::move(done)) {}

  bool run(WriteContext& context) override {
    outcome_.emplace(work_(context));
    return outcome_->has_value();
  }
  bool failed() const noexcept override { return outcome_ && outcome_->has_error(); }
  void fail(Error error) override { outcome_.emplace(std::move(error)); }
  void finish() noexcept override {
    assert(outcome_);
    try {
      done_(std::move(*outcome_));
    } catch (const std::exception& error) {
      log_error("a callback of the registry threw", {{"error", error.what()}});
    }
  }

 private:
  Work work_;
  Done<T> done_;
  std::optional<Result<T>> outcome_;
};

}  // namespace iot::registry
