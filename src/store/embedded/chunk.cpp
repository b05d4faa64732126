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

bool decode_values(ByteReader& in, Columns& columns, std::size_t count) {
  switch (model::column_kind(columns.mapping)) {
    case model::ColumnKind::real:
      columns.reals.resize(count);
      return decode_reals(in, columns.reals);
    case model::ColumnKind::integer:
      columns.integers.resize(count);
      return decode_integers(in, 0, columns.integers);
    case model::ColumnKind::text:
      columns.texts.resize(count);
      return decode_texts(in, chunk_text_bytes_max, columns.texts, columns.text_bytes);
  }
  return false;
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

Result<void> decode_chunk(std::string_view chunk, Columns& columns) {
  columns.clear();
  IOT_TRY(const ChunkHeader header, take_chunk_header(chunk));
  if (crc32c(chunk) != header.body_checksum) return damaged_body();
  columns.mapping = header.info.mapping;
  const std::size_t count = header.info.summary.count;
  columns.times_ns.resize(count);
  ByteReader in(chunk);
  if (!decode_integers(in, header.info.summary.first.ns, columns.times_ns) || !decode_values(in, columns, count) ||
      !in.empty()) {
    columns.clear();
    return damaged_body();
  }
  return {};
}

}  // namespace iot::store
