// `iotplatform backup` and `restore`: the data directory of a stopped platform as a plain copy.
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include "server/commands.h"
#include "server/data_directory.h"

namespace iot::server {
namespace {

namespace fs = std::filesystem;

Result<void> need_empty(const fs::path& directory) {
  std::error_code failed;
  if (fs::exists(directory, failed) && !fs::is_empty(directory, failed)) {
    return make_error(Errc::directory_invalid,
                      directory.string() + " is there already and not empty; name another directory");
  }
  return {};
}

/// A copy's data is on disk before it counts as one.
Result<void> sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return system_error(errno, path.string());
  const int outcome = ::fsync(file);
  const int reason = errno;
  ::close(file);
  if (outcome != 0) return system_error(reason, path.string());
  return {};
}

/// Copies all files but the lock to `to`, under another name until it is complete.
Result<std::uint64_t> copy_directory(const fs::path& from, const fs::path& to) {
  const fs::path unfinished = to.string() + ".unfinished";
  std::error_code failed;
  fs::remove_all(unfinished, failed);
  fs::create_directories(unfinished, failed);
  fs::permissions(unfinished, fs::perms::owner_all, failed);
  std::uint64_t bytes = 0;
  for (auto entry = fs::recursive_directory_iterator(from, failed);
       !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    const auto relative = entry->path().lexically_relative(from);
    if (relative == "lock") continue;
    const auto target = unfinished / relative;
    if (entry->is_directory()) {
      fs::create_directory(target, entry->path(), failed);
    } else if (entry->is_regular_file()) {
      if (!fs::copy_file(entry->path(), target, failed)) break;
      bytes += entry->file_size(failed);
      IOT_CHECK(sync(target));
    }
    if (failed) break;
  }
  if (!failed) {
    IOT_CHECK(sync(unfinished));
    if (fs::exists(to)) fs::remove(to, failed);
    fs::rename(unfinished, to, failed);
  }
  if (failed) {
    return make_error(Errc::directory_invalid, "the copy to " + to.string() + " failed: " + failed.message() +
                                                   "; what was copied is in " + unfinished.string());
  }
  return bytes;
}

}  // namespace

Result<int> back_up(const CommandLine& line, const Settings& settings) {
  IOT_CHECK(need_empty(line.path));
  if (!fs::exists(settings.data_dir / "registry.db")) {
    return make_error(Errc::directory_invalid,
                      settings.data_dir.string() + " is no data directory; name it with --data-dir");
  }
  IOT_TRY(const auto directory, DataDirectory::open(settings.data_dir));
  IOT_TRY(const auto bytes, copy_directory(directory.path(), line.path));
  std::printf("%llu bytes backed up to %s\n", static_cast<unsigned long long>(bytes), line.path.c_str());
  return 0;
}

Result<int> restore(const CommandLine& line, const Settings& settings) {
  IOT_CHECK(need_empty(settings.data_dir));
  if (!fs::exists(fs::path(line.path) / "registry.db")) {
    return make_error(Errc::directory_invalid, line.path + " is no backup: it has no registry.db");
  }
  IOT_TRY(const auto bytes, copy_directory(line.path, settings.data_dir));
  std::printf("%llu bytes restored to %s\n", static_cast<unsigned long long>(bytes), settings.data_dir.c_str());
  return 0;
}

}  // namespace iot::server
