/* Case records: every value, by whom and when, for a person to decide.
 *
 * A case is put into the batch's work like any other record, for the office that sees it.
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_CASE_H
#define JIELIAN_SERVER_JUDGE_CASE_H

#include "jielian/base/id.h"
#include "jielian/base/row.h"
#include "jielian/catalogue/type.h"
#include "jielian/message/remark.h"
#include "jielian/op/merge.h"

struct jl_ahead;
struct jl_apply;
struct jl_touched;

enum { JL_CONFLICTS_SHOWN_MAX = 128 };
struct jl_case_note {
    int kind; /* enum jl_case_kind */
    const struct jl_op *op;
    uint64_t seq;
    const struct jl_row *subject;
    uint32_t owner; /* the office that sees the case */
    const struct jl_conflict *conflicts;
    size_t conflict_count;
    size_t late_from; /* conflicts from here on are references to records that were merged */
    const struct jl_id *other; /* the possible duplicate; NULL: none */
    uint32_t other_owner;      /* … whose it is, and the unique field that both have alike */
    const struct jl_field *field;
    const char *reason;    /* why it was not taken; NULL: it was, or is not decided */
    struct jl_remark said; /* the same for every language; code 0: the text is all there is */
};

/* Can a case of these values be kept? If not, the op can't be taken: a case holds every value. To
 * be asked before the op touches its record. */
JL_MUST_CHECK enum jl_rc jl_case_fits(struct jl_apply *apply, const struct jl_case_note *note,
                                      bool *out_fits, struct jl_err *err);
/* Put a case record among those that the batch touches: one for one op. */
JL_MUST_CHECK enum jl_rc jl_case_put(struct jl_apply *apply, const struct jl_case_note *note,
                                     struct jl_err *err);
/* The same under another id; a case that is there already is written anew. */
JL_MUST_CHECK enum jl_rc jl_case_put_at(struct jl_apply *apply, const struct jl_id *id,
                                        const struct jl_case_note *note, struct jl_err *err);

/* Close a case for the author of the op. resolution: NULL when the op itself says it. */
JL_MUST_CHECK enum jl_rc jl_case_close(struct jl_apply *apply, const struct jl_op *op,
                                       struct jl_touched *touched, const char *resolution,
                                       struct jl_err *err);

/* Dates that lie ahead are taken, and shown to a person: the result gets a case of them, unless it
 * has one. */
JL_MUST_CHECK enum jl_rc jl_case_dates(struct jl_apply *apply, const struct jl_ahead *ahead,
                                       struct jl_merge_result *result, struct jl_err *err);

#endif
