// The scripts of bucket_script, bucket_selector and moving_fn: one expression of a small common part of Painless and of
// Lucene's expressions. No loops, assignments or other methods, so a run takes as many steps as the text has operators.
//
// Painless (the default): null, booleans, int, long and double with Java's arithmetic; `params.x`, `params['x']`;
// Math.abs, ceil, exp, floor, log, log10, max, min, pow, round, sqrt; Double.isNaN, isInfinite; in moving_fn
// MovingFunctions and `values.length`. "expression": doubles only, abs(), ln(), ... without "Math.". Both take bare
// names of variables.
//
// A value, immutable once compiled; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/es_error.h"
#include "query/json_tree.h"

namespace iot::query {

struct ScriptValue {
  enum class Kind { null, boolean, integer, whole, real };  ///< integer has 32 bits, whole 64
  Kind kind = Kind::null;
  std::int64_t number = 0;  ///< of boolean, integer and whole
  double real = 0;

  static ScriptValue of(bool value) { return {Kind::boolean, value, 0}; }
  static ScriptValue of(double value) { return {Kind::real, 0, value}; }
  static ScriptValue integer(std::int32_t value) { return {Kind::integer, value, 0}; }
  static ScriptValue whole(std::int64_t value) { return {Kind::whole, value, 0}; }

  bool is_number() const noexcept { return kind >= Kind::integer; }
  double as_real() const noexcept { return kind == Kind::real ? real : static_cast<double>(number); }
};

/// A script as a request gives it.
struct Script {
  static constexpr std::size_t source_bytes_max = 4'096;

  std::string source;
  std::string lang = "painless";
  std::map<std::string, ScriptValue, std::less<>> params;

  /// A string, or {"source", "lang", "params"}; parameters are numbers, booleans and null.
  static EsResult<Script> parse(std::string_view parser, const JsonNode& node);
  /// script_exception: "compile error" or "runtime error".
  EsError error(std::string_view stage, EsError cause) const;
};

class Expression {
 public:
  static constexpr std::size_t nodes_max = 512;
  static constexpr int depth_max = 64;
  enum class Use { bucket, window };

  /// `variables` are the names that run() gives values for; they hide parameters of the script.
  static EsResult<Expression> compile(Script script, std::span<const std::string> variables, Use use);

  /// Refused: what Java would throw (null in arithmetic, division of integers by zero, a number for a condition).
  EsResult<ScriptValue> run(std::span<const ScriptValue> variables, std::span<const double> window = {}) const;

  /// What run() yields as a number; as a condition. Refused: another kind.
  EsResult<std::optional<double>> number(std::span<const ScriptValue> variables,
                                         std::span<const double> window = {}) const;
  EsResult<bool> condition(std::span<const ScriptValue> variables) const;

  /// Steps of a run, and how often it looks at the whole window.
  std::size_t steps() const noexcept { return nodes_.size(); }
  std::size_t window_uses() const noexcept { return window_uses_; }

  enum class Op : std::uint8_t;
  struct Node {
    Op op{};
    std::uint8_t function = 0;  ///< place in a table of functions
    std::uint16_t argument_count = 0;
    std::uint32_t first = 0;  ///< of arguments_, or of a variable
    ScriptValue constant;
  };

 private:
  friend class ExpressionParser;
  friend class ExpressionRun;

  Script script_;
  bool reals_only_ = false;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> arguments_;  ///< places in nodes_
  std::uint32_t root_ = 0;
  std::size_t window_uses_ = 0;
};

}  // namespace iot::query
