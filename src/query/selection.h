// Which readings of a block are meant: a stretch of it, or a list of places in it.
//
// A view; the list must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace iot::query {

class Selection {
 public:
  /// Places begin (included) to end (not included).
  static Selection dense(std::size_t begin, std::size_t end) noexcept { return {nullptr, begin, end}; }
  /// The places in `list`, ascending.
  static Selection listed(const std::uint32_t* list, std::size_t count) noexcept { return {list, 0, count}; }

  bool is_dense() const noexcept { return list_ == nullptr; }
  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t operator[](std::size_t i) const noexcept { return list_ ? list_[begin_ + i] : begin_ + i; }
  /// The i-th to the j-th (not included) of it.
  Selection part(std::size_t i, std::size_t j) const noexcept { return {list_, begin_ + i, begin_ + j}; }

 private:
  Selection(const std::uint32_t* list, std::size_t begin, std::size_t end) noexcept
      : list_(list), begin_(begin), end_(end) {}

  const std::uint32_t* list_;
  std::size_t begin_;
  std::size_t end_;
};

}  // namespace iot::query
