#include "log/embedded/record_format.h"

#include <random>

#include "base/bytes.h"
#include "base/crc32c.h"

namespace iot::log {
namespace {

constexpr std::string_view magic = "iotlog\r\n";
constexpr std::uint32_t format_version = 1;
constexpr std::size_t header_copy_bytes = segment_header_bytes / 2;
constexpr std::size_t header_checked_bytes = 32;

constexpr std::size_t payload_checksum_at = 4;
constexpr std::size_t length_at = 8;
constexpr std::size_t index_at = 12;
constexpr std::size_t position_at = 16;

Result<SegmentHeader> decode_copy(std::string_view bytes) {
  if (bytes.size() < header_checked_bytes + sizeof(std::uint32_t) || !bytes.starts_with(magic)) {
    return make_error(Errc::damaged, "no header of an event log's segment");
  }
  ByteReader reader(bytes.substr(magic.size()));
  const auto version = reader.fixed<std::uint32_t>();
  SegmentHeader header;
  header.salt = reader.fixed<std::uint32_t>();
  header.first.value = reader.fixed<std::uint64_t>();
  header.created.ns = reader.fixed<std::int64_t>();
  if (reader.fixed<std::uint32_t>() != crc32c(bytes.substr(0, header_checked_bytes))) {
    return make_error(Errc::damaged, "the checksum of the segment's header does not match");
  }
  if (version > format_version) {
    return make_error(Errc::newer_format, "format version " + std::to_string(version) +
                                              " of the event log is newer than this program, which reads up to " +
                                              std::to_string(format_version) + "; start the newer program");
  }
  return header;
}

void write_record_header(char* to, const RecordHeader& header, std::uint32_t salt) noexcept {
  store_little(to + payload_checksum_at, header.payload_checksum);
  store_little(to + length_at, header.length);
  store_little(to + index_at, header.index_in_group);
  store_little(to + position_at, header.position.value);
  store_little(to, crc32c({to + payload_checksum_at, record_header_bytes - payload_checksum_at}, salt));
}

}  // namespace

std::uint32_t random_salt() {
  return std::random_device{}();
}

std::string encode_segment_header(const SegmentHeader& header) {
  std::string copy(magic);
  put_fixed(copy, format_version);
  put_fixed(copy, header.salt);
  put_fixed(copy, header.first.value);
  put_fixed(copy, header.created.ns);
  put_fixed(copy, crc32c(copy));
  copy.resize(header_copy_bytes);
  return copy + copy;
}

Result<SegmentHeader> decode_segment_header(std::string_view bytes, HeaderCopies copies) {
  auto header = decode_copy(bytes.substr(0, header_copy_bytes));
  if (header || copies == HeaderCopies::first_alone || bytes.size() < header_copy_bytes) return header;
  if (auto second = decode_copy(bytes.substr(header_copy_bytes))) return second;
  return header;
}

std::optional<RecordHeader> decode_record_header(const char* bytes, std::uint32_t salt) noexcept {
  const std::string_view checked(bytes + payload_checksum_at, record_header_bytes - payload_checksum_at);
  if (load_little<std::uint32_t>(bytes) != crc32c(checked, salt)) return {};
  RecordHeader header;
  header.payload_checksum = load_little<std::uint32_t>(bytes + payload_checksum_at);
  header.length = load_little<std::uint32_t>(bytes + length_at);
  header.index_in_group = load_little<std::uint32_t>(bytes + index_at);
  header.position.value = load_little<std::uint64_t>(bytes + position_at);
  // Positions begin at 1, so this also refuses zeros, should their checksum happen to be zero.
  if (header.index_in_group >= header.position.value) return {};
  return header;
}

bool payload_is_whole(const RecordHeader& header, std::string_view payload, std::uint32_t salt) noexcept {
  return crc32c(payload, salt) == header.payload_checksum;
}

void begin_record(char* header, std::uint32_t payload_bytes) noexcept {
  store_little(header + length_at, payload_bytes);
}

std::uint32_t begun_length(const char* header) noexcept {
  return load_little<std::uint32_t>(header + length_at);
}

void finish_group(std::string& records, Position first, std::uint32_t salt) noexcept {
  RecordHeader header{first, 0, 0, 0};
  for (std::size_t at = 0; at < records.size(); at += record_header_bytes + header.length) {
    header.length = begun_length(records.data() + at);
    header.payload_checksum = crc32c({records.data() + at + record_header_bytes, header.length}, salt);
    write_record_header(records.data() + at, header, salt);
    ++header.position.value;
    ++header.index_in_group;
  }
}

void append_record(std::string& out, RecordHeader header, std::string_view payload, std::uint32_t salt) {
  header.length = static_cast<std::uint32_t>(payload.size());
  header.payload_checksum = crc32c(payload, salt);
  char bytes[record_header_bytes];
  write_record_header(bytes, header, salt);
  out.append(bytes, sizeof bytes);
  out += payload;
}

void append_gap(std::string& out, Position last_lost, std::uint32_t salt) {
  append_record(out, {last_lost, 0, 0, 0}, {}, salt);
}

}  // namespace iot::log
