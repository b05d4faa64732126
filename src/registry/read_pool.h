// Sessions for reading, lent to one thread at a time. Who finds none free waits: a read takes milliseconds at most, but
// for a search by name among very many.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "registry/read_connection.h"

namespace iot::registry {

class ReadPool {
 public:
  /// At least one.
  explicit ReadPool(std::vector<std::unique_ptr<ReadConnection>> connections) : idle_(std::move(connections)) {}

  /// The outcome of read(connection), which is a Result<...>. Any thread.
  template <class Read>
  auto with(Read&& read) -> decltype(read(std::declval<ReadConnection&>())) {
    const Lease lease(*this);
    try {
      return read(*lease.connection);
    } catch (const soci::soci_error& error) {
      return to_error(error, "read from the registry");
    }
  }

 private:
  struct Lease {
    explicit Lease(ReadPool& from) : pool(from), connection(from.take()) {}
    ~Lease() { pool.give_back(std::move(connection)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    ReadPool& pool;
    std::unique_ptr<ReadConnection> connection;
  };

  std::unique_ptr<ReadConnection> take() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !idle_.empty(); });
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }

  void give_back(std::unique_ptr<ReadConnection> connection) {
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
    }
    returned_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<ReadConnection>> idle_;
};

}  // namespace iot::registry
