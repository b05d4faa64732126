#include "log/embedded/segment_scanner.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace iot::log {
namespace {

/// Large enough that the calls do not count, small enough to stay in the cache.
constexpr std::size_t read_bytes = 256 * 1024;
constexpr std::size_t position_at = 16;

bool all_zero(std::string_view bytes) noexcept {
  return bytes.empty() || (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

bool is_wanted(const RecordHeader& header, Position after, Search search) noexcept {
  return search == Search::any_record ? header.position >= after : header.group() > after;
}

/// Calls visit(block, offset of the block) for blocks that overlap by `overlap` bytes until it returns true.
template <class Visit>
Result<void> for_each_block(const File& file, std::uint64_t offset, std::size_t overlap, Visit visit) {
  std::string block(read_bytes, '\0');
  while (true) {
    IOT_TRY(const std::size_t count, file.read_at(offset, block));
    if (count == 0 || visit(std::string_view(block).substr(0, count), offset) || count < block.size()) return {};
    offset += count - overlap;
  }
}

/// The first wanted header that begins in `block`.
std::optional<FoundHeader> find_in_block(std::string_view block, std::uint64_t block_offset, std::uint32_t salt,
                                         Position after, Search search) noexcept {
  constexpr std::size_t zeros_bytes = 512;
  for (std::size_t at = 0; at + record_header_bytes <= block.size(); ++at) {
    if (block[at] == 0 && block.size() - at >= zeros_bytes && all_zero(block.substr(at, zeros_bytes))) {
      // A header is shorter than what is known to be zero: none begins here.
      at += zeros_bytes - record_header_bytes;
      continue;
    }
    // Cheaper than the checksum, and false almost everywhere.
    const auto position = load_little<std::uint64_t>(block.data() + at + position_at);
    if (position < after.value || position >> 56 != 0) continue;
    const auto header = decode_record_header(block.data() + at, salt);
    if (header && is_wanted(*header, after, search)) return FoundHeader{*header, block_offset + at};
  }
  return {};
}

}  // namespace

Result<void> SegmentScanner::read_ahead(std::size_t bytes) {
  const std::uint64_t left = end_offset_ - offset_;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(std::max(bytes, read_bytes), left));
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  IOT_TRY(buffered_, file_.read_at(offset_, std::span(buffer_.data(), wanted)));
  // The file is shorter than it was said to be.
  if (buffered_ < wanted) end_offset_ = offset_ + buffered_;
  return {};
}

std::size_t SegmentScanner::take_records() {
  std::size_t at = 0;
  while (expected_ < end_position_) {
    const std::size_t left = buffered_ - at;
    if (left < record_header_bytes) return record_header_bytes;
    const char* bytes = buffer_.data() + at;
    const auto header = decode_record_header(bytes, salt_);
    if (!header || header->position < expected_ || (!header->is_gap() && header->position != expected_)) return 0;
    if (left - record_header_bytes < header->length) return record_header_bytes + header->length;
    const std::string_view payload(bytes + record_header_bytes, header->length);
    if (!payload_is_whole(*header, payload, salt_)) return 0;
    records_.push_back({*header, payload, offset_});
    at += record_header_bytes + header->length;
    offset_ += record_header_bytes + header->length;
    expected_.value = header->position.value + 1;
  }
  return 0;
}

Result<std::span<const ScannedRecord>> SegmentScanner::next_records() {
  records_.clear();
  std::size_t needed = record_header_bytes;
  while (needed > 0 && records_.empty() && expected_ < end_position_ && offset_ + needed <= end_offset_) {
    IOT_CHECK(read_ahead(needed));
    needed = take_records();
  }
  return std::span<const ScannedRecord>(records_);
}

Result<std::optional<FoundHeader>> find_header(const File& file, std::uint32_t salt, std::uint64_t offset,
                                               Position after, Search search) {
  std::optional<FoundHeader> found;
  IOT_CHECK(for_each_block(file, offset, record_header_bytes - 1, [&](std::string_view block, std::uint64_t at) {
    found = find_in_block(block, at, salt, after, search);
    return found.has_value();
  }));
  return found;
}

Result<std::uint64_t> end_of_data(const File& file, std::uint64_t offset) {
  std::uint64_t end = offset;
  IOT_CHECK(for_each_block(file, offset, 0, [&](std::string_view block, std::uint64_t at) {
    if (all_zero(block)) return false;
    end = at + block.find_last_not_of('\0') + 1;
    return false;
  }));
  return end;
}

}  // namespace iot::log
