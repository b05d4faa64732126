#include "net/letters.h"

#include <algorithm>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace iot::net {
namespace {

std::string letter(unsigned code) {
  return std::string(1, static_cast<char>(code));
}

TEST(Letters, ATokenHasTheLettersOfTheStandard) {
  std::string token;
  for (unsigned code = 0; code < 256; ++code) {
    if (is_token_letter(static_cast<char>(code))) token += static_cast<char>(code);
  }
  EXPECT_EQ(token, "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
}

using Finder = const char* (*)(const char*, const char*);

class FindControl : public ::testing::TestWithParam<Finder> {
 protected:
  static std::size_t find(const std::string& text) {
    // In memory of its own, so that the address sanitizer sees a read past the end.
    const auto copy = std::make_unique<char[]>(text.size());
    std::copy(text.begin(), text.end(), copy.get());
    return static_cast<std::size_t>(GetParam()(copy.get(), copy.get() + text.size()) - copy.get());
  }
};

TEST_P(FindControl, TellsControlsFromOtherLetters) {
  for (unsigned code = 0; code < 256; ++code) {
    const bool is_forbidden = (code < 0x20 && code != '\t') || code == 0x7F;
    for (const char* const filler : {"a", " ", "\t", "~", "\x80", "\xff"}) {
      std::string text;
      for (int i = 0; i < 40; ++i) text += filler;
      text.replace(20, 1, letter(code));
      ASSERT_EQ(find(text), is_forbidden ? 20u : 40u) << code;
    }
  }
}

TEST_P(FindControl, FindsTheFirstWhereverItIs) {
  for (std::size_t size = 0; size < 200; ++size) {
    std::string text(size, 'x');
    ASSERT_EQ(find(text), size);
    for (std::size_t at = size; at > 0; --at) {
      text[at - 1] = at % 2 == 0 ? '\r' : '\x7f';  // those behind it stay
      ASSERT_EQ(find(text), at - 1) << "of " << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Letters, FindControl, ::testing::Values(&find_control, &find_control_portably),
                         [](const auto& finder) { return finder.index == 0 ? "Usual" : "Portable"; });

TEST(Letters, OnlyLettersAreTheSameInBothCases) {
  for (unsigned left = 0; left < 256; ++left) {
    for (unsigned right = 0; right < 256; ++right) {
      const auto small = [](unsigned code) { return code >= 'A' && code <= 'Z' ? code + 0x20 : code; };
      const bool same = small(left) == small(right);
      // Alone, in a short name, among eight, and in the part of a longer one that is compared twice.
      for (const std::size_t size : {1u, 3u, 4u, 7u, 8u, 9u, 17u}) {
        const std::string rest(size - 1, 'n');
        ASSERT_EQ(equal_ignoring_case(letter(left) + rest, letter(right) + rest), same) << left << " " << right;
        ASSERT_EQ(equal_ignoring_case(rest + letter(left), rest + letter(right)), same) << left << " " << right;
      }
    }
  }
}

TEST(Letters, EveryLetterOfANameCounts) {
  for (std::size_t size = 1; size < 40; ++size) {
    const std::string name(size, 'n');
    EXPECT_TRUE(equal_ignoring_case(name, std::string(size, 'N')));
    EXPECT_FALSE(equal_ignoring_case(name, name + "n"));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = name;
      other[at] = '.';  // differs from 'n' and 'N' in the case bit and others
      ASSERT_FALSE(equal_ignoring_case(name, other)) << at << " of " << size;
    }
  }
  EXPECT_TRUE(equal_ignoring_case("", ""));
}

}  // namespace
}  // namespace iot::net
