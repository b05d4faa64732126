// The answer to a _bulk request, and to a document written alone, in Elasticsearch's form.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/failure.h"
#include "ingest/bulk.h"
#include "query/answer_filter.h"
#include "query/es_error.h"

namespace iot::api {

/// What became of each batch of the request: nothing where it is durable and queryable.
using BatchOutcomes = std::vector<std::optional<Error>>;

/// {"errors":…,"took":…,"items":[…]}: each item with its own status, in the order of the request. The id of a reading
/// is a hash, which costs several times what reading its lines does; it is made only if it is wanted.
std::string bulk_answer(const ingest::BulkRequest& request, const BatchOutcomes& outcomes,
                        std::chrono::milliseconds took, const query::AnswerFilter& filter);

/// Why the item is not stored; nothing if it is.
std::optional<query::EsError> error_of(const ingest::BulkRequest& request, const ingest::BulkItem& item,
                                       const BatchOutcomes& outcomes);

/// The `_id` of a reading that is in the batch.
std::string id_of(const model::ReadingBatch& batch, std::size_t reading);

/// {"_index":…,"_id":…,"_version":1,"result":"created",…} of a single document.
std::string document_answer(std::string_view index, std::string_view id, const query::AnswerFilter& filter);

/// The event log did not take the readings: 429, so that clients send them again, or 413.
query::EsError store_refused(const Error& error);

}  // namespace iot::api
