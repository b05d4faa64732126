#include "base/file_system.h"

#include <cerrno>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace iot {
namespace {

/// Errors name the call and the path, which is what an operator looks for first.
Error failed(std::string_view call, const std::string& path) {
  return system_error(errno, std::string(call) + ' ' + path);
}

/// The call again as long as a signal cut it short.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const noexcept { return number_; }
  bool is_open() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

class PosixFile final : public File {
 public:
  PosixFile(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto count = uninterrupted(
          [&] { return ::pwrite(descriptor_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
      if (count < 0) return failed("write", path_);
      offset += static_cast<std::uint64_t>(count);
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto count = uninterrupted([&] {
        return ::pread(descriptor_.number(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      });
      if (count < 0) return failed("read", path_);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Result<void> sync_data() override {
    // Not repeated on EINTR or anything else: see the header.
    if (::fdatasync(descriptor_.number()) != 0) return failed("fdatasync", path_);
    return {};
  }

  Result<void> allocate(std::uint64_t bytes) override {
    const auto allocated =
        uninterrupted([&] { return ::fallocate(descriptor_.number(), 0, 0, static_cast<off_t>(bytes)); });
    if (allocated != 0) return failed("fallocate", path_);
    return {};
  }

  Result<void> truncate(std::uint64_t bytes) override {
    if (uninterrupted([&] { return ::ftruncate(descriptor_.number(), static_cast<off_t>(bytes)); }) != 0) {
      return failed("ftruncate", path_);
    }
    return {};
  }

  Result<std::uint64_t> size() const override {
    struct stat status;
    if (::fstat(descriptor_.number(), &status) != 0) return failed("fstat", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  Descriptor descriptor_;
  std::string path_;
};

int open_flags(OpenMode mode) noexcept {
  switch (mode) {
    case OpenMode::read:
      return O_RDONLY;
    case OpenMode::read_write:
      return O_RDWR;
    case OpenMode::create:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

Descriptor open_descriptor(const std::string& path, int flags) {
  constexpr mode_t owner_only = 0600;
  return Descriptor(uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, owner_only); }));
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    Descriptor descriptor = open_descriptor(path, open_flags(mode));
    if (!descriptor.is_open()) return failed("open", path);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(descriptor), path));
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename", from);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return failed("unlink", path);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    DIR* stream = ::opendir(directory.c_str());
    if (stream == nullptr) return failed("opendir", directory);
    std::vector<std::string> names;
    errno = 0;
    // readdir is safe here: the stream is this call's own.
    while (const dirent* entry = ::readdir(stream)) {  // NOLINT(concurrency-mt-unsafe)
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
      errno = 0;
    }
    const int error = errno;
    ::closedir(stream);
    if (error != 0) return system_error(error, "readdir " + directory);
    return names;
  }

  Result<void> make_directory(const std::string& path) override {
    constexpr mode_t owner_only = 0700;
    if (::mkdir(path.c_str(), owner_only) != 0 && errno != EEXIST) return failed("mkdir", path);
    return {};
  }

  Result<void> sync_directory(const std::string& path) override {
    const Descriptor descriptor = open_descriptor(path, O_RDONLY | O_DIRECTORY);
    if (!descriptor.is_open()) return failed("open", path);
    if (::fsync(descriptor.number()) != 0) return failed("fsync", path);
    return {};
  }
};

}  // namespace

FileSystem& posix_file_system() noexcept {
  static PosixFileSystem files;
  return files;
}

Result<std::string> read_whole_file(FileSystem& files, const std::string& path) {
  IOT_TRY(const auto file, files.open(path, OpenMode::read));
  IOT_TRY(const auto size, file->size());
  std::string bytes(size, '\0');
  IOT_TRY(const auto count, file->read_at(0, bytes));
  bytes.resize(count);
  return bytes;
}

}  // namespace iot
