// How much work to put into an encoding. Decoding is equally fast for both.
#pragma once

namespace iot::store {

enum class Effort {
  fast,   ///< Decides on a sample: for sealing, which is part of every reading's cost.
  dense,  ///< Decides on all values, several times slower: for merging in the background.
};

}  // namespace iot::store
