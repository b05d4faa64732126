// What is told about indices: their mappings, settings, aliases, sizes, and what their fields can do.
#pragma once

#include <string_view>
#include <vector>

#include "query/search_request.h"
#include "query/series.h"
#include "store/reading_store.h"

namespace iot::query {

EsAnswer mapping_answer(const std::vector<Series>& series);
/// _mapping/field/<patterns>
EsAnswer field_mapping_answer(const std::vector<Series>& series, std::string_view patterns);
/// _settings/<patterns>; empty patterns: all.
EsAnswer settings_answer(const std::vector<Series>& series, std::string_view patterns, bool flat);
/// No index has an alias; one that is named is missing.
EsAnswer aliases_answer(const std::vector<Series>& series, std::string_view name);
/// GET /<index>
EsAnswer index_answer(const std::vector<Series>& series);
/// _stats/<metrics>: docs and store.
EsAnswer stats_answer(store::ReadingStore& store, const std::vector<Series>& series, std::string_view metrics);
EsAnswer resolve_index_answer(const std::vector<Series>& series);
/// Every reading is found as soon as it is stored: there is nothing to refresh.
EsAnswer refresh_answer(const std::vector<Series>& series);
/// `fields` as parameter or in the body; of several indices, each type names the ones that have it.
EsAnswer field_caps_answer(const std::vector<Series>& series, const Parameters& parameters, std::string_view body,
                           const QueryLimits& limits);

}  // namespace iot::query
