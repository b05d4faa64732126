#include "store/embedded/head.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>

namespace iot::store {

boost::intrusive_ptr<TextBuffer> TextBuffer::make(std::uint32_t capacity) {
  return new (::operator new(allocation_bytes(capacity))) TextBuffer(capacity);
}

void intrusive_ptr_release(TextBuffer* buffer) noexcept {
  if (--buffer->references_ > 0) return;
  buffer->~TextBuffer();
  ::operator delete(buffer);
}

boost::intrusive_ptr<HeadBuffer> HeadBuffer::make(model::MappingType mapping, std::uint32_t capacity) {
  return new (::operator new(allocation_bytes(capacity))) HeadBuffer(mapping, capacity);
}

void intrusive_ptr_release(HeadBuffer* buffer) noexcept {
  if (--buffer->references_ > 0) return;
  buffer->~HeadBuffer();
  ::operator delete(buffer);
}

std::string_view HeadView::text(std::uint32_t index) const noexcept {
  const std::uint64_t word = buffer->word(index);
  return {texts->bytes() + (word >> 32), static_cast<std::size_t>(word & 0xFFFF'FFFFu)};
}

void HeadView::append_to(Columns& out, std::uint32_t from, std::uint32_t to) const {
  assert(from <= to && to <= count);
  out.mapping = mapping();
  out.times_ns.insert(out.times_ns.end(), buffer->times() + from, buffer->times() + to);
  switch (model::column_kind(mapping())) {
    case model::ColumnKind::real:
      out.reals.insert(out.reals.end(), buffer->values<double>() + from, buffer->values<double>() + to);
      return;
    case model::ColumnKind::integer:
      out.integers.insert(out.integers.end(), buffer->values<std::int64_t>() + from,
                          buffer->values<std::int64_t>() + to);
      return;
    case model::ColumnKind::text:
      out.texts.reserve(out.texts.size() + (to - from));
      for (std::uint32_t i = from; i < to; ++i) out.texts.push_back(text(i));
      return;
  }
}

HeadView sorted_view(const HeadView& view) {
  Columns columns;
  view.append_to(columns, 0, view.count);
  sort_and_merge(columns);

  HeadView sorted;
  sorted.count = static_cast<std::uint32_t>(columns.size());
  sorted.sorted = sorted.count;
  // Room for what comes next, so that the head appends to this buffer.
  sorted.buffer = HeadBuffer::make(view.mapping(), std::max(view.buffer->capacity(), sorted.count));
  sorted.buffer->texts = view.texts;
  sorted.texts = view.texts;
  for (std::uint32_t i = 0; i < sorted.count; ++i) {
    std::uint64_t word = 0;
    switch (model::column_kind(view.mapping())) {
      case model::ColumnKind::real:
        word = std::bit_cast<std::uint64_t>(columns.reals[i]);
        break;
      case model::ColumnKind::integer:
        word = static_cast<std::uint64_t>(columns.integers[i]);
        break;
      case model::ColumnKind::text: {
        const auto offset = static_cast<std::uint64_t>(columns.texts[i].data() - view.texts->bytes());
        word = offset << 32 | columns.texts[i].size();
      }
    }
    sorted.buffer->set(i, columns.times_ns[i], word);
  }
  return sorted;
}

std::size_t Head::grow() {
  const std::uint32_t capacity = buffer->capacity() * 2;
  auto larger = HeadBuffer::make(buffer->mapping(), capacity);
  std::memcpy(larger->times(), buffer->times(), std::size_t{8} * count);
  std::memcpy(larger->times() + capacity, buffer->times() + buffer->capacity(), std::size_t{8} * count);
  larger->texts = std::move(buffer->texts);
  const std::size_t grown = HeadBuffer::allocation_bytes(capacity) - HeadBuffer::allocation_bytes(buffer->capacity());
  buffer = std::move(larger);
  return grown;
}

std::size_t Head::append_text(std::int64_t time_ns, std::string_view text) {
  std::size_t grown = 0;
  auto& texts = buffer->texts;
  const std::size_t used = texts ? texts->used : 0;
  if (sorted == count && count > 0 && buffer->times()[count - 1] == time_ns && view().text(count - 1) == text) return 0;
  if (!texts || texts->capacity() - used < text.size()) {
    const std::size_t before = texts ? TextBuffer::allocation_bytes(texts->capacity()) : 0;
    // Small at first, for a million sensors with a word each; doubled so that copying stays cheap.
    const auto capacity = static_cast<std::uint32_t>(std::max<std::size_t>({16, used * 2, used + text.size()}));
    auto larger = TextBuffer::make(capacity);
    if (used > 0) std::memcpy(larger->bytes(), texts->bytes(), used);
    larger->used = static_cast<std::uint32_t>(used);
    grown = TextBuffer::allocation_bytes(capacity) - before;
    texts = std::move(larger);
  }
  if (!text.empty()) std::memcpy(texts->bytes() + used, text.data(), text.size());
  texts->used += static_cast<std::uint32_t>(text.size());
  return grown + append(time_ns, static_cast<std::uint64_t>(used) << 32 | text.size());
}

}  // namespace iot::store
