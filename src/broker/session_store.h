// Where sessions survive: what the broker must find again after a crash, behind an interface of a few words.
//
// The broker keeps everything in memory; a store is its image on disk, written in groups and read once, at the start.
// The records are those of docs/formats/mqtt-sessions.md, made and read by records.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/failure.h"

namespace iot::broker {

/// Changes that become durable together or not at all.
class StoreBatch {
 public:
  void put(std::string_view key, std::string_view value) {
    add(true, key);
    put_varint(bytes_, value.size());
    bytes_ += value;
  }
  void erase(std::string_view key) { add(false, key); }

  bool empty() const noexcept { return bytes_.empty(); }
  std::size_t bytes() const noexcept { return bytes_.size(); }
  void clear() noexcept { bytes_.clear(); }
  void append(const StoreBatch& other) { bytes_ += other.bytes_; }

  /// Calls visitor.put(key, value) and visitor.erase(key), in order.
  template <class Visitor>
  void visit(Visitor&& visitor) const {
    ByteReader reader(bytes_);
    while (!reader.empty()) {
      const bool is_put = reader.fixed<std::uint8_t>() != 0;
      const std::string_view key = reader.bytes(reader.varint());
      if (is_put) {
        const std::string_view value = reader.bytes(reader.varint());
        visitor.put(key, value);
      } else {
        visitor.erase(key);
      }
    }
  }

 private:
  void add(bool is_put, std::string_view key) {
    bytes_ += is_put ? '\1' : '\0';
    put_varint(bytes_, key.size());
    bytes_ += key;
  }

  std::string bytes_;
};

class SessionStore {
 public:
  virtual ~SessionStore() = default;

  /// Calls visit(key, value) for every record, in order of keys. Once, before anything is written.
  virtual Result<void> load(const std::function<void(std::string_view key, std::string_view value)>& visit) = 0;

  /// Takes the changes over and returns at once. The n-th call since the start has the commit number n. A disk that
  /// refuses is tried again until it takes them; until then durable() stands still. From one thread at a time.
  virtual void write(const StoreBatch& batch) = 0;

  /// Everything up to this commit number (included) is on disk. Any thread.
  virtual std::uint64_t durable() const noexcept = 0;

  /// What waits for the disk, in bytes. Any thread.
  virtual std::size_t pending_bytes() const noexcept = 0;

  /// Success while the disk takes writes; else why not, for /readyz. Any thread.
  virtual Result<void> healthy() const = 0;

  /// Writes what waits, for a moment at most, and ends the store's thread.
  virtual void stop() noexcept = 0;
};

}  // namespace iot::broker
