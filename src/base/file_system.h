// Files and directories behind a thin interface, so that tests can pull the plug (base/testing/simulated_disk.h).
//
// The calls are the operating system's, with its meaning of durable: file data is on disk after sync_data(), a name
// (made, renamed or removed) after sync_directory() of its directory. Nothing is buffered here. Errors carry errno;
// what a failed write or sync left behind is not known, and a sync that failed must not be repeated on the same file:
// the kernel may have dropped the pages, so that the next sync succeeds without them.
//
// Threads: a FileSystem may be used from any. A File's reads and writes may overlap in time where their bytes do not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/failure.h"

namespace iot {

/// An open file; closed when destroyed.
class File {
 public:
  virtual ~File() = default;

  /// Writes all of `bytes`, making the file longer where needed. After an error some of them may have been written.
  virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  /// Fills `into` as far as the file reaches, and returns how much that was.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const = 0;
  /// The data and the size are on disk (fdatasync).
  virtual Result<void> sync_data() = 0;
  /// Reserves room for `bytes` from the beginning and makes the file that long, filled with zeros. A file system that
  /// cannot says EOPNOTSUPP.
  virtual Result<void> allocate(std::uint64_t bytes) = 0;
  virtual Result<void> truncate(std::uint64_t bytes) = 0;
  virtual Result<std::uint64_t> size() const = 0;
};

enum class OpenMode {
  read,        ///< for reading alone; must exist
  read_write,  ///< must exist
  create,      ///< for reading and writing; must not exist (EEXIST); mode 0600
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  /// Replaces `to` if it exists.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  /// Names in a directory, without "." and "..", in no order.
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Mode 0700. Nothing happens if it exists.
  virtual Result<void> make_directory(const std::string& path) = 0;
  /// The directory's entries are on disk.
  virtual Result<void> sync_directory(const std::string& path) = 0;
};

/// The machine's files. Lives as long as the program.
FileSystem& posix_file_system() noexcept;

/// All of a file.
Result<std::string> read_whole_file(FileSystem& files, const std::string& path);

}  // namespace iot
