#include "registry/write_context.h"

#include "registry/stored_rollups.h"

namespace iot::registry {

void WriteContext::record(Change change) {
  change.sequence = static_cast<std::uint64_t>(++counters_.changes);
  sql_.insert_change.run(counters_.changes, static_cast<Integer>(change.kind), change.id, change.parent, change.type,
                         change.key_version, change.retention_s, change.silent_after_s,
                         change.fingerprint ? change.fingerprint->to_string() : std::string(),
                         stored_rollups(change.rollups));
  changes_.push_back(change);
}

void WriteContext::audit(const Actor& actor, const std::string& action, const std::string& subject,
                         AuditDetails& details) {
  sql_.insert_audit.run(++counters_.audit, now_.ns, actor.user.value, actor.address, action, subject, details.take());
}

}  // namespace iot::registry
