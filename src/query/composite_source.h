// One source of a composite aggregation: what a request says of it, and its part of each reading's key.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "query/aggregation.h"
#include "query/date_interval.h"
#include "query/objects/inside_field.h"
#include "query/value_source.h"

namespace iot::query {

struct CompositeSource {
  enum class Type { terms, histogram, date_histogram };
  enum class MissingOrder { standard, first, last };

  /// `at` becomes the place that was read last, for errors; nothing once all was read and only the whole is wrong.
  static EsResult<CompositeSource> parse(const JsonNode& node, std::optional<Position>& at);

  std::string name;
  Type type = Type::terms;
  SourceOptions source;
  double interval = 0;               ///< of a histogram
  std::optional<Rounding> rounding;  ///< of a date_histogram
  TimeZone zone;
  bool has_zone = false;
  std::optional<DateFormat> format;
  bool descending = false;
  bool missing_bucket = false;
  MissingOrder missing_order = MissingOrder::standard;
};

/// A source's part of a key: a number that orders as the value does, but for texts, where it is a number in KeyTexts.
struct KeyPart {
  std::int64_t code = 0;
  bool is_missing = false;
  bool operator==(const KeyPart&) const = default;
};

/// The texts of keys, by number.
class KeyTexts {
 public:
  explicit KeyTexts(Execution& execution) : execution_(execution) {}

  std::int64_t code_of(std::string_view text);
  const std::string& operator[](std::int64_t code) const { return *texts_[static_cast<std::size_t>(code)]; }
  std::size_t size() const noexcept { return texts_.size(); }

 private:
  Execution& execution_;
  std::vector<std::unique_ptr<std::string>> texts_;
  std::unordered_map<std::string_view, std::int64_t> codes_;
};

/// A source at work, over one index after the other.
class CompositeColumn {
 public:
  /// Both must outlive the object.
  CompositeColumn(const CompositeSource& source, Execution& execution);

  /// Called once, with every index that will come. Refused: values of two kinds that cannot be put in one order.
  EsResult<void> prepare(std::span<const Series* const> series);
  EsResult<void> begin(const Series& series, KeyTexts& texts, Timestamp now);
  /// False where the index's readings have no key, as this part of it is missing.
  bool has_keys() const noexcept { return here_ != Kind::none || source_.missing_bucket; }

  /// The parts of the selected readings, in their order.
  void read(const store::Block& block, Selection selection, KeyTexts& texts, std::vector<KeyPart>& parts);
  /// Whether a reading may have several parts, or none: then not read() but read_each() is called.
  bool has_many() const noexcept { return inside_ && inside_->has_values(); }
  /// The parts of each selected reading: parts[begins[i]] to parts[begins[i + 1]] (not included). Where one is missing,
  /// it has one that says so, or none if there is no bucket for it.
  void read_each(const store::Block& block, Selection selection, KeyTexts& texts, std::vector<KeyPart>& parts,
                 std::vector<std::size_t>& begins);
  /// The parts of the lowest and the highest value of a run, if they are known without decoding it.
  std::optional<std::pair<KeyPart, KeyPart>> over(const Run& run) const;

  /// Below 0, 0 or above 0, in the source's order.
  int compare(const KeyPart& a, const KeyPart& b, const KeyTexts& texts) const;
  void write(JsonWriter& json, const KeyPart& part, const KeyTexts& texts) const;
  /// A part of `after`, a scalar. Refused: a value that no key of this source can have.
  EsResult<KeyPart> read_after(const JsonNode& node, KeyTexts& texts, Timestamp now) const;

  const CompositeSource& source() const noexcept { return source_; }
  bool has_texts() const noexcept { return kind_ == Kind::text; }

 private:
  enum class Kind { none, text, integer, boolean, date, real };
  Kind kind_in(const Series& series) const;
  std::int64_t code_at(const store::Block& block, std::size_t place) const;
  std::int64_t code_of_number(double number) const;

  const CompositeSource& source_;
  Kind kind_ = Kind::none;  ///< over all indices
  Kind here_ = Kind::none;
  std::optional<KeyPart> constant_;  ///< the same in all readings of the index
  NumberSource numbers_;
  std::vector<double> scratch_;
  std::unique_ptr<InsideField> inside_;  ///< null unless the field is inside objects
  std::vector<KeyPart> of_values_;
};

}  // namespace iot::query
