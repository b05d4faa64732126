// A cursor over what is still readings: for whoever shows them one by one, and for whoever wants to have the rolled-up
// time aside.
#pragma once

#include <functional>
#include <memory>

#include "store/reading_store.h"

namespace iot::store {

/// Passes over the runs of `cursor` that are rolled up. Each of them is shown to `aside`, if there is one, which may
/// ask for its summary() and its parts(); once that gives false, the cursor is at its end.
std::unique_ptr<Cursor> readings_only(std::unique_ptr<Cursor> cursor, std::function<bool(Cursor&)> aside = {});

}  // namespace iot::store
