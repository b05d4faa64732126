// What is told about the cluster that there is none of: GET /, its health, settings, nodes and license.
//
// About indices: index_answers.h; the tables of _cat: cat_answers.h.
#pragma once

#include <string_view>
#include <vector>

#include "query/elasticsearch.h"
#include "query/es_error.h"
#include "query/series.h"

namespace iot::query {

/// The Elasticsearch whose forms are followed.
inline constexpr std::string_view compatible_version = "8.19.21";
inline constexpr std::string_view cluster_name = "iotplatform";

EsAnswer root_answer();
EsAnswer cluster_health_answer(const std::vector<Series>& series);
EsAnswer cluster_settings_answer();
/// `own_address`: how the client reached this server ("localhost:9000"), for clients that look for nodes; may be empty.
EsAnswer nodes_answer(std::string_view own_address);
EsAnswer license_answer();

}  // namespace iot::query
