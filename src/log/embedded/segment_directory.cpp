#include "log/embedded/segment_directory.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace iot::log {
namespace {

constexpr std::size_t digits = 20;
constexpr std::string_view suffix = ".log";
constexpr const char* unfinished_name = "segment.unfinished";

std::optional<Position> parse_name(std::string_view name) noexcept {
  if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return {};
  Position first;
  for (const char c : name.substr(0, digits)) {
    if (c < '0' || c > '9' || __builtin_mul_overflow(first.value, 10, &first.value) ||
        __builtin_add_overflow(first.value, static_cast<std::uint64_t>(c - '0'), &first.value)) {
      return {};
    }
  }
  return first;
}

}  // namespace

std::string segment_path(const std::string& directory, Position first) {
  std::array<char, digits + 1> name;
  std::snprintf(name.data(), name.size(), "%020llu", static_cast<unsigned long long>(first.value));
  return directory + '/' + name.data() + std::string(suffix);
}

Result<std::vector<SegmentFile>> list_segments(FileSystem& files, const std::string& directory) {
  IOT_TRY(const auto names, files.list(directory));
  std::vector<SegmentFile> segments;
  for (const auto& name : names) {
    if (const auto first = parse_name(name)) segments.push_back({*first, directory + '/' + name});
  }
  std::sort(segments.begin(), segments.end(),
            [](const SegmentFile& left, const SegmentFile& right) { return left.first < right.first; });
  return segments;
}

Result<void> remove_unfinished(FileSystem& files, const std::string& directory) {
  IOT_TRY(const auto names, files.list(directory));
  if (std::find(names.begin(), names.end(), unfinished_name) == names.end()) return {};
  return files.remove(directory + '/' + unfinished_name);
}

Result<SegmentHeader> read_segment_header(const File& file, const SegmentFile& segment, HeaderCopies copies) {
  std::array<char, segment_header_bytes> bytes;
  IOT_TRY(const auto count, file.read_at(0, bytes));
  auto header = decode_segment_header({bytes.data(), count}, copies);
  if (!header) {
    Error error = std::move(header).error();
    error.message = segment.path + ": " + error.message;
    return error;
  }
  if (header->first != segment.first) {
    return make_error(Errc::damaged, segment.path + ": its header says that it begins with record " +
                                         std::to_string(header->first.value) + "; was it renamed?");
  }
  return header;
}

Result<UnfinishedSegment> UnfinishedSegment::create(FileSystem& files, const std::string& directory) {
  IOT_CHECK(remove_unfinished(files, directory));
  IOT_TRY(auto file, files.open(directory + '/' + unfinished_name, OpenMode::create));
  return UnfinishedSegment(files, directory, std::move(file));
}

Result<std::unique_ptr<File>> UnfinishedSegment::finish(Position first) {
  IOT_CHECK(file_->sync_data());
  IOT_CHECK(files_->rename(directory_ + '/' + unfinished_name, segment_path(directory_, first)));
  IOT_CHECK(files_->sync_directory(directory_));
  return std::move(file_);
}

void UnfinishedSegment::discard() noexcept {
  file_.reset();
  // What stays behind is removed by the next attempt.
  static_cast<void>(files_->remove(directory_ + '/' + unfinished_name).has_value());
}

}  // namespace iot::log
