// The data directory: where each part keeps its files, and the lock that keeps a second process out.
#pragma once

#include <filesystem>

#include "base/failure.h"

namespace iot::server {

class DataDirectory {
 public:
  /// Makes the directory (mode 0700) where it is missing and locks it until the object is destroyed or the process
  /// ends, however it ends. Errc::directory_in_use names the process that has it; directory_invalid.
  static Result<DataDirectory> open(const std::filesystem::path& path);

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path registry_file() const { return path_ / "registry.db"; }
  std::filesystem::path log_directory() const { return path_ / "log"; }
  std::filesystem::path store_directory() const { return path_ / "store"; }
  /// Sessions of MQTT clients.
  std::filesystem::path mqtt_directory() const { return path_ / "mqtt"; }
  std::filesystem::path key_file() const { return path_ / "token-key.pem"; }

 private:
  DataDirectory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_ = -1;
};

/// Bytes of all files under `path`, as they lie on disk.
std::uint64_t directory_bytes(const std::filesystem::path& path);

}  // namespace iot::server
