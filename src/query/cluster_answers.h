// What is told about indices and the cluster: mappings, _cat/indices, _cluster/health, GET /.
#pragma once

#include <string>
#include <vector>

#include "query/elasticsearch.h"
#include "query/search_request.h"
#include "query/series.h"
#include "store/reading_store.h"

namespace iot::query {

/// The Elasticsearch whose forms are followed.
inline constexpr std::string_view compatible_version = "8.19.21";
inline constexpr std::string_view cluster_name = "iotplatform";

EsAnswer root_answer();
EsAnswer mapping_answer(const std::vector<Series>& series);
EsAnswer cluster_health_answer(const std::vector<Series>& series);
/// Columns `h`, `v` for a heading, `format` json or text.
EsAnswer cat_indices_answer(store::ReadingStore& store, const std::vector<Series>& series,
                            const Parameters& parameters);

}  // namespace iot::query
