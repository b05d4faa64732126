// A disk in memory that loses what was not synced: what a test pulls the plug of.
//
// File data and directory entries are forgotten separately, as on a real disk. Every call that could fail counts as one
// operation; a test can let the n-th fail with any errno, fill the disk, lose a sync, or cut the power in the middle of
// the n-th operation. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>

#include "base/file_system.h"

namespace iot::testing {

class SimulatedDisk final : public FileSystem {
 public:
  /// `capacity_bytes` bounds the sum of all file sizes.
  explicit SimulatedDisk(std::uint64_t capacity_bytes = UINT64_MAX);
  ~SimulatedDisk() override;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<void> make_directory(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;

  /// Operations so far: creating opens, writes, syncs, allocations, truncations, renames, removals. Reads do not count.
  std::uint64_t operations() const;

  /// The operations numbered from `first` (0 is the next) on, `count` of them, fail with `errno_value`. A write that
  /// fails writes half of its bytes first.
  void fail_operations(std::uint64_t first, int errno_value, std::uint64_t count = 1);

  /// The same, counting only syncs of files. The data that the sync was to save never reaches the disk, though reads
  /// still show it and later syncs of the file succeed: what Linux does after a write-back error.
  void fail_syncs(std::uint64_t first, int errno_value, std::uint64_t count = 1);

  /// The power goes during the operation numbered `operation` (0 is the next): its writes may be torn, and it and every
  /// later one fails with EIO until crash().
  void cut_power_at(std::uint64_t operation);
  bool is_powered() const;

  /// What was not synced is gone, open files belong to the past, faults that were set are cleared, the power is back.
  void crash();
  /// The same, but of what was not synced a random part has reached the disk: whole writes, single sectors of 512
  /// bytes, a front part of the directory changes.
  void crash(std::mt19937_64& random);

  /// From now on everything fails and has no effect, until crash() or restart_process(): what a killed process can do.
  void kill_process();
  /// The process starts again while the machine stayed up: open files belong to the past and faults that were set are
  /// cleared, but nothing is forgotten: the kernel still shows what was not synced. False, and nothing happens, if the
  /// power is out.
  bool restart_process();

  void set_capacity(std::uint64_t bytes);
  std::uint64_t used_bytes() const;

  /// A file's bytes as a program sees them, for looking and for damaging. The file must exist.
  std::string contents(const std::string& path) const;
  void replace_contents(const std::string& path, std::string bytes);
  bool exists(const std::string& path) const;

 private:
  struct Node;
  struct Handle;
  struct NameChange;
  struct Fault {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    int errno_value = 0;
    bool covers(std::uint64_t operation) const noexcept { return operation >= first && operation - first < count; }
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  /// What becomes of an operation.
  enum class Fate {
    succeeds,
    fails,         ///< after half of what it had to do
    fails_in_cut,  ///< the power goes while it runs, so that any part of it may reach the disk
    fails_dead,    ///< nothing happens any more
  };
  struct Verdict {
    Fate fate = Fate::succeeds;
    int errno_value = 0;
  };
  /// Counts an operation.
  Verdict begin_operation();
  Result<void> change_names(NameChange change);
  static void apply(Names& names, const NameChange& change);
  std::uint64_t used_bytes_locked() const;
  Result<void> write(Node& node, std::uint64_t offset, std::string_view bytes, const std::string& path);
  Result<void> resize(Node& node, std::uint64_t bytes, const std::string& path);
  Result<void> sync(Node& node, const std::string& path);
  void crash_locked(std::mt19937_64* random);
  void begin_life();

  mutable std::mutex mutex_;
  std::uint64_t capacity_bytes_;
  Names visible_;
  Names durable_;
  std::vector<NameChange> unsynced_names_;
  std::uint64_t operations_ = 0;
  std::uint64_t syncs_ = 0;
  std::uint64_t life_ = 0;
  Fault operation_fault_;
  Fault sync_fault_;
  std::optional<std::uint64_t> power_cut_;
  bool is_killed_ = false;
};

}  // namespace iot::testing
