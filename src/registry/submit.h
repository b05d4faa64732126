// Hands a write to the registry's writer.
#pragma once

#include <memory>
#include <utility>

#include "registry/write.h"
#include "registry/writer.h"

namespace iot::registry {

/// Queues a write whose arguments were checked on the caller's thread; if that found a fault, the fault takes the
/// write's place, so that it is answered in order and on the writer thread like all others. `sensors`: how many it
/// would make.
template <class T, class Work>
void submit(Writer& writer, Result<void> checked, Done<T> done, Work work, std::size_t sensors = 0) {
  using Function = typename WriteOf<T>::Work;
  Function function = checked
                          ? Function(std::move(work))
                          : Function([error = std::move(checked).error()](WriteContext&) { return Result<T>(error); });
  writer.submit(std::make_unique<WriteOf<T>>(std::move(function), std::move(done), sensors));
}

}  // namespace iot::registry
