/* Decisions about quarantined ops, looked up: records of the built-in type quarantine_decision,
 * read into memory when they may have changed. An op is known by its bytes, under whatever
 * incarnation.
 *
 * Thread: that of the district; inside an open transaction. */
#ifndef JIELIAN_SERVER_BOOKS_DECISIONS_H
#define JIELIAN_SERVER_BOOKS_DECISIONS_H

#include "jielian/base/bytes.h"
#include "jielian/base/rc.h"
#include "jielian/catalogue/built_in_field.h"

struct jl_decisions;
struct jl_district;
struct jl_origin;

enum jl_decision { JL_DECISION_NONE = 0, JL_DECISION_ADMIT = 1, JL_DECISION_REFUSE = 2 };

void jl_decisions_free(struct jl_decisions *decisions);
/* They may have changed: read them again when next asked. */
void jl_decisions_forget(struct jl_decisions *decisions);

enum {
    JL_DECISION_MARK_BYTES = 16, /* of an op: the first half of its hash */
    JL_DECISION_INCARNATION_BYTES = 16,
};

struct jl_decided {
    enum jl_decision decision;
    const char *reason;   /* never NULL */
    uint64_t journal_seq; /* where it stands; 0: nothing is decided */
};
/* What was decided last about an op with these bytes, under whatever incarnation. */
JL_MUST_CHECK enum jl_rc jl_decision_of(struct jl_district *district,
                                        const struct jl_origin *origin, uint64_t seq,
                                        struct jl_bytes op_bytes, struct jl_decided *out_decided,
                                        struct jl_err *err);
/* Was an op with these bytes refused? *out_reason NULL: no. */
JL_MUST_CHECK enum jl_rc jl_decision_refusal(struct jl_district *district, uint32_t device,
                                             struct jl_bytes op_bytes, const char **out_reason,
                                             struct jl_err *err);

#endif
