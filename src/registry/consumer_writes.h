// What happens to consumers and their grants, inside a transaction. The arguments are validated already (validation.h).
#pragma once

#include "registry/write_context.h"

namespace iot::registry {

Result<model::Consumer> create_consumer(WriteContext& write, const Actor& actor, const NewConsumer& consumer);
Result<model::Consumer> update_consumer(WriteContext& write, const Actor& actor, ConsumerId id,
                                        const ConsumerPatch& patch);
/// With its grants.
Result<void> delete_consumer(WriteContext& write, const Actor& actor, ConsumerId id);
Result<std::uint64_t> rotate_consumer_key(WriteContext& write, const Actor& actor, ConsumerId id);

Result<void> grant(WriteContext& write, const Actor& actor, ConsumerId consumer, SensorId sensor);
Result<void> revoke(WriteContext& write, const Actor& actor, ConsumerId consumer, SensorId sensor);

}  // namespace iot::registry
