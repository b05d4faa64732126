#include "store/readings_only.h"

#include <utility>

namespace iot::store {
namespace {

class ReadingsOnly final : public Cursor {
 public:
  ReadingsOnly(std::unique_ptr<Cursor> inner, std::function<bool(Cursor&)> aside)
      : inner_(std::move(inner)), aside_(std::move(aside)) {}

  Result<bool> next() override {
    while (true) {
      IOT_TRY(const bool more, inner_->next());
      if (!more || !inner_->rolled_up()) return more;
      if (aside_ && !aside_(*inner_)) return false;
    }
  }
  std::optional<Summary> summary() const override { return inner_->summary(); }
  TimeRange bounds() const override { return inner_->bounds(); }
  Result<Block> block() override { return inner_->block(); }
  Result<KeptBlock> keep_block() override { return inner_->keep_block(); }
  Result<Block> values() override { return inner_->values(); }
  Result<KeptBlock> keep_values() override { return inner_->keep_values(); }
  std::unique_ptr<UndecodedRun> detach() override { return inner_->detach(); }
  Result<std::span<const Summary>> parts() override { return inner_->parts(); }
  void divide() override { inner_->divide(); }

 private:
  const std::unique_ptr<Cursor> inner_;
  const std::function<bool(Cursor&)> aside_;
};

}  // namespace

std::unique_ptr<Cursor> readings_only(std::unique_ptr<Cursor> cursor, std::function<bool(Cursor&)> aside) {
  return std::make_unique<ReadingsOnly>(std::move(cursor), std::move(aside));
}

}  // namespace iot::store
