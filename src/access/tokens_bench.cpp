#include <benchmark/benchmark.h>

#include "access/testing/test_key.h"
#include "access/tokens.h"

namespace iot::access {
namespace {

std::shared_ptr<const SigningKey> key_4096() {
  static const auto key = [] {
    const testing::TemporaryDirectory directory;
    return SigningKey::create(directory.path() / "key.pem").value();
  }();
  return key;
}

void verify_known(benchmark::State& state) {
  Tokens tokens({}, system_clock());
  tokens.set_key(key_4096());
  std::vector<std::string> issued;
  for (int i = 0; i < state.range(0); ++i) {
    issued.push_back(*tokens.issue({.audience = Audience::device, .subject = i, .key_version = 1, .expires = {}}, {}));
    benchmark::DoNotOptimize(tokens.verify(issued.back(), Audience::device));
  }
  std::size_t at = 0;
  for (auto unused : state) {
    (void)unused;
    benchmark::DoNotOptimize(tokens.verify(issued[at], Audience::device));
    if (++at == issued.size()) at = 0;
  }
}
BENCHMARK(verify_known)->Arg(1)->Arg(64)->Arg(512);

void verify_new(benchmark::State& state) {
  Tokens tokens({.cache_entries_max = 0}, system_clock());
  tokens.set_key(key_4096());
  const std::string token =
      *tokens.issue({.audience = Audience::device, .subject = 1, .key_version = 1, .expires = {}}, {});
  for (auto unused : state) {
    (void)unused;
    benchmark::DoNotOptimize(tokens.verify(token, Audience::device));
  }
}
BENCHMARK(verify_new);

void issue(benchmark::State& state) {
  Tokens tokens({}, system_clock());
  tokens.set_key(key_4096());
  for (auto unused : state) {
    (void)unused;
    benchmark::DoNotOptimize(
        tokens.issue({.audience = Audience::device, .subject = 1, .key_version = 1, .expires = {}}, {}));
  }
}
BENCHMARK(issue);

}  // namespace
}  // namespace iot::access
