#include "query/ids_filter.h"

#include <algorithm>
#include <memory>

#include "model/value.h"

namespace iot::query {
namespace {

class HasId final : public ReadingMatcher {
 public:
  HasId(const Series& series, std::vector<std::string> ids) : series_(series), ids_(std::move(ids)) {
    std::sort(ids_.begin(), ids_.end());
  }
  bool matches(const store::Block& block, std::size_t place) const override {
    return std::binary_search(ids_.begin(), ids_.end(), document_id(series_, block, place));
  }

  std::size_t memory_bytes() const override { return sizeof *this + ids_.size() * (sizeof(std::string) + 20); }

 private:
  Series series_;
  std::vector<std::string> ids_;
};

}  // namespace

std::string document_id(const Series& series, const store::Block& block, std::size_t place) {
  std::string value;
  switch (block.kind) {
    case model::ColumnKind::real:
      model::append_value_json(value, series.mapping(), block.reals[place]);
      break;
    case model::ColumnKind::integer:
      model::append_value_json(value, series.mapping(), block.integers[place]);
      break;
    case model::ColumnKind::text:
      model::append_value_json(value, series.mapping(), block.texts[place]);
      break;
  }
  return model::reading_id(series.index.sensor, {block.times_ns[place]}, value);
}

Filter with_ids(const Series& series, const std::vector<std::string>& ids) {
  std::vector<std::int64_t> times;
  for (const std::string& id : ids) {
    if (const auto time = model::time_of_reading_id(id)) times.push_back(time->ns);
  }
  return Filter::reading(std::make_shared<HasId>(series, ids), std::move(times));
}

}  // namespace iot::query
