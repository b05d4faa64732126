#include "store/embedded/chunk.h"

#include <algorithm>
#include <cassert>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "store/embedded/chunk_header.h"
#include "store/embedded/integer_codec.h"
#include "store/embedded/real_codec.h"
#include "store/embedded/summarize.h"
#include "store/embedded/text_codec.h"

namespace iot::store {
namespace {

Error damaged_body() {
  return make_error(Errc::damaged, "a chunk of readings is damaged (its body); run `iotplatform verify`");
}

/// `decoded`: whether the column is sound; `in`: what is left behind it.
Result<void> to_the_end(bool decoded, const ByteReader& in) {
  if (!decoded || !in.empty()) return damaged_body();
  return {};
}

/// Resizes the column that the values go into and clears the others. What a column already holds is not overwritten
/// with zeros first, as clearing all would do.
Result<void> decode_columns(const OpenChunk& chunk, Columns& columns) {
  const model::ColumnKind kind = chunk.kind();
  columns.mapping = chunk.info.mapping;
  columns.times_ns.resize(chunk.size());
  columns.reals.resize(kind == model::ColumnKind::real ? chunk.size() : 0);
  columns.integers.resize(kind == model::ColumnKind::integer ? chunk.size() : 0);
  columns.texts.resize(kind == model::ColumnKind::text ? chunk.size() : 0);
  if (kind != model::ColumnKind::text) columns.text_bytes.clear();
  IOT_CHECK(decode_times(chunk, columns.times_ns));
  switch (kind) {
    case model::ColumnKind::real:
      return decode_values(chunk, columns.reals);
    case model::ColumnKind::integer:
      return decode_values(chunk, columns.integers);
    case model::ColumnKind::text:
      break;
  }
  return decode_values(chunk, columns.texts, columns.text_bytes);
}

}  // namespace

std::string encode_chunk(const Columns& columns, Effort effort) {
  assert(columns.size() > 0 && columns.size() <= chunk_readings_max);
  std::string body;
  encode_integers(columns.times_ns, columns.times_ns.front(), effort, body);
  switch (model::column_kind(columns.mapping)) {
    case model::ColumnKind::real:
      encode_reals(columns.reals, effort, body);
      break;
    case model::ColumnKind::integer:
      encode_integers(columns.integers, 0, effort, body);
      break;
    case model::ColumnKind::text:
      encode_texts(columns.texts, effort, body);
      break;
  }
  ChunkHeader header;
  header.info.mapping = columns.mapping;
  header.info.summary = summarize(slice_of(columns));
  header.body_bytes = body.size();
  header.body_checksum = crc32c(body);
  return encode_chunk_header(header) + body;
}

Result<ChunkInfo> read_chunk_info(std::string_view chunk) {
  IOT_TRY(ChunkHeader header, take_chunk_header(chunk));
  return header.info;
}

Result<OpenChunk> open_chunk(std::string_view chunk) {
  IOT_TRY(ChunkHeader header, take_chunk_header(chunk));
  if (crc32c(chunk) != header.body_checksum) return damaged_body();
  OpenChunk opened{.info = std::move(header.info), .times = {}, .values = {}};
  ByteReader in(chunk);
  if (!skip_integers(in)) return damaged_body();
  opened.times = chunk.substr(0, chunk.size() - in.remaining());
  opened.values = chunk.substr(opened.times.size());
  return opened;
}

Result<void> decode_times(const OpenChunk& chunk, std::span<std::int64_t> times_ns) {
  assert(times_ns.size() == chunk.size());
  ByteReader in(chunk.times);
  const bool decoded = decode_integers(in, chunk.info.summary.first.ns, times_ns);
  return to_the_end(decoded, in);
}

Result<void> decode_values(const OpenChunk& chunk, std::span<double> reals) {
  assert(reals.size() == chunk.size() && chunk.kind() == model::ColumnKind::real);
  ByteReader in(chunk.values);
  const bool decoded = decode_reals(in, reals);
  return to_the_end(decoded, in);
}

Result<void> decode_values(const OpenChunk& chunk, std::span<std::int64_t> integers) {
  assert(integers.size() == chunk.size() && chunk.kind() == model::ColumnKind::integer);
  ByteReader in(chunk.values);
  const bool decoded = decode_integers(in, 0, integers);
  return to_the_end(decoded, in);
}

Result<void> decode_values(const OpenChunk& chunk, std::span<std::string_view> texts, std::string& bytes) {
  assert(texts.size() == chunk.size() && chunk.kind() == model::ColumnKind::text);
  ByteReader in(chunk.values);
  const bool decoded = decode_texts(in, chunk_text_bytes_max, texts, bytes);
  return to_the_end(decoded, in);
}

Result<void> decode_chunk(std::string_view chunk, Columns& columns) {
  auto opened = open_chunk(chunk);
  if (!opened) {
    columns.clear();
    return std::move(opened).error();
  }
  Result<void> decoded = decode_columns(*opened, columns);
  if (!decoded) columns.clear();
  return decoded;
}

}  // namespace iot::store
