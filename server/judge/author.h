/* Who wrote what: the author of each field's value, and the standing of the author of an op.
 *
 * An author is the last op whose value of the field stood (table `author`, rules 2); before that,
 * lines of the journal are read, a bounded number of them.
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_AUTHOR_H
#define JIELIAN_SERVER_JUDGE_AUTHOR_H

#include "jielian/base/limits.h"
#include "jielian/base/rc.h"
#include "jielian/catalogue/type.h"
#include "jielian/op/merge.h"

struct jl_apply;
struct jl_touched;

/* standing and moved of the input. */
JL_MUST_CHECK enum jl_rc jl_author_standing(struct jl_apply *apply, const struct jl_type *type,
                                            const struct jl_op *op, struct jl_touched *touched,
                                            struct jl_merge_input *input, struct jl_err *err);

enum {
    /* Lines of the journal that are read for who wrote something before the rules had number 2: so
     * many for each op of a batch, and this for the batch. */
    JL_OLD_READS_PER_OP = 8,
    JL_OLD_READS = 256,
};
struct jl_author {
    uint64_t journal_seq; /* UINT64_MAX: an op of the batch itself; 0: nobody, or not known */
    enum jl_side side;
    uint32_t office;
    char staff[JL_STAFF_MAX_BYTES + 1];
    int64_t made_ms;
};
void jl_author_of_op(const struct jl_apply *apply, const struct jl_op *op,
                     struct jl_author *out_author);
/* Who wrote this value of a field, which it had before the op under way. One that is not found is
 * the district. Cost: a lookup; see JL_OLD_READS. */
JL_MUST_CHECK enum jl_rc jl_author_of(struct jl_apply *apply, struct jl_touched *touched,
                                      uint32_t field, const struct jl_value *value,
                                      struct jl_author *out_author, struct jl_err *err);
/* Op `index` was accepted, and had this effect: note what of it stands in its record. */
JL_MUST_CHECK enum jl_rc jl_author_note(struct jl_apply *apply, size_t index,
                                        const struct jl_type *type, struct jl_touched *touched,
                                        enum jl_merge_effect effect, struct jl_err *err);
/* Keep what was noted. The rows are written, and the entry is in the journal. */
JL_MUST_CHECK enum jl_rc jl_author_keep(struct jl_apply *apply, struct jl_err *err);

#endif
