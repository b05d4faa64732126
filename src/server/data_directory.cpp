#include "server/data_directory.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/settings.h"

namespace iot::server {
namespace {

std::string owner_of(int lock) {
  char text[32] = {};
  const auto count = ::pread(lock, text, sizeof text - 1, 0);
  return count > 0 ? std::string(text, static_cast<std::size_t>(count)) : "unknown";
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::filesystem::path& path) {
  std::error_code failed;
  const bool existed = std::filesystem::exists(path, failed);
  std::filesystem::create_directories(path, failed);
  if (failed) {
    return make_error(Errc::directory_invalid, "the data directory " + path.string() + " cannot be made: " +
                                                   failed.message() + "; choose another with --data-dir");
  }
  if (!existed) std::filesystem::permissions(path, std::filesystem::perms::owner_all, failed);
  const auto file = path / "lock";
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return make_error(Errc::directory_invalid, "the data directory " + path.string() +
                                                   " cannot be written: " + system_error(errno, file.string()).message +
                                                   "; choose another with --data-dir");
  }
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const std::string owner = owner_of(lock);
    ::close(lock);
    return make_error(Errc::directory_in_use, "the data directory " + path.string() + " is in use by process " + owner +
                                                  "; stop that, or choose another with --data-dir");
  }
  const std::string process = std::to_string(::getpid());
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, process.data(), process.size(), 0) < 0) {
    const auto error = system_error(errno, file.string());
    ::close(lock);
    return make_error(Errc::directory_invalid,
                      "the data directory " + path.string() + " cannot be written: " + error.message);
  }
  return DataDirectory(path, lock);
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

std::uint64_t directory_bytes(const std::filesystem::path& path) {
  std::uint64_t bytes = 0;
  std::error_code failed;
  const auto options = std::filesystem::directory_options::skip_permission_denied;
  for (auto entry = std::filesystem::recursive_directory_iterator(path, options, failed);
       !failed && entry != std::filesystem::recursive_directory_iterator(); entry.increment(failed)) {
    struct stat status {};
    // Files come and go meanwhile: one that has just gone counts nothing.
    if (::lstat(entry->path().c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
  }
  return bytes;
}

}  // namespace iot::server
