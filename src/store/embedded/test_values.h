// Columns of the kinds that sensors send, and of those that none does, for the tests of the codecs.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace iot::store {

template <class T>
using ValueKinds = std::vector<std::pair<std::string_view, std::function<T(std::mt19937_64&, std::size_t index)>>>;

inline ValueKinds<std::int64_t> integer_kinds() {
  const auto random_step = [at = std::make_shared<std::int64_t>(0)](std::mt19937_64& random, std::size_t) {
    return *at += static_cast<std::int64_t>(random() % 21) - 10;
  };
  return {
      {"constant", [](auto&, std::size_t) { return std::int64_t{-7}; }},
      {"any bits", [](auto& random, std::size_t) { return static_cast<std::int64_t>(random()); }},
      {"small", [](auto& random, std::size_t) { return static_cast<std::int64_t>(random() % 100); }},
      {"two", [](auto& random, std::size_t) { return static_cast<std::int64_t>(random() % 2); }},
      {"rarely one", [](auto& random, std::size_t) { return static_cast<std::int64_t>(random() % 500 == 0); }},
      {"walk", random_step},
      {"regular", [](auto&, std::size_t i) { return static_cast<std::int64_t>(i) * 60'000'000'000; }},
      {"jittered",
       [](auto& random, std::size_t i) {
         return static_cast<std::int64_t>(i) * 10'000 + static_cast<std::int64_t>(random() % 40);
       }},
      {"parabola", [](auto&, std::size_t i) { return static_cast<std::int64_t>(i * i) - 1000; }},
      {"any size", [](auto& random, std::size_t) { return static_cast<std::int64_t>(random() >> random() % 64); }},
      {"few far apart", [](auto& random, std::size_t) { return std::int64_t{1} << (random() % 4 * 20); }},
      {"extremes", [](auto& random, std::size_t) { return random() % 2 == 0 ? INT64_MIN : INT64_MAX; }},
  };
}

inline ValueKinds<double> real_kinds() {
  const auto bits = [](std::uint64_t pattern) { return std::bit_cast<double>(pattern); };
  return {
      {"constant", [](auto&, std::size_t) { return 21.5; }},
      {"any bits", [bits](auto& random, std::size_t) { return bits(random()); }},
      {"two decimals", [](auto& random, std::size_t) { return static_cast<double>(random() % 10'000) / 100; }},
      {"negative decimals",
       [](auto& random, std::size_t) { return (static_cast<double>(random() % 100'000) - 50'000) / 1000; }},
      {"means of decimals",
       [](auto& random, std::size_t) {
         return (0.1 * static_cast<double>(random() % 100) + 0.7 + 0.01 * static_cast<double>(random() % 10)) / 5;
       }},
      {"floats",
       [](auto& random, std::size_t) {
         return static_cast<double>(static_cast<float>(static_cast<double>(random() % 10'000) / 100));
       }},
      {"any float",
       [](auto& random, std::size_t) {
         return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
       }},
      {"noise", [](auto& random, std::size_t) { return std::normal_distribution<double>()(random); }},
      {"decimals and a few others",
       [bits](auto& random, std::size_t) {
         return random() % 50 == 0 ? bits(random()) : static_cast<double>(random() % 1000) / 10;
       }},
      {"zeros of both signs", [](auto& random, std::size_t) { return random() % 2 == 0 ? 0.0 : -0.0; }},
      {"subnormal", [bits](auto& random, std::size_t) { return bits(random() % 1000); }},
      {"past 2^53",
       [](auto& random, std::size_t) { return 9007199254740992.0 + 2.0 * static_cast<double>(random() % 9); }},
      {"large", [](auto& random, std::size_t) { return static_cast<double>(random() % 1000) * 1e300; }},
  };
}

}  // namespace iot::store
