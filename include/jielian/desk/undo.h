/* Undo: take back what one change set did (an import, a merge, a bulk edit), as one new change set.
 *
 *   the op was   the record now                         it becomes
 *   create       as it was created                      deleted
 *   edit, merge  a field still has the op's new value   the field gets its old value
 *   delete       deleted                                restored, at the office that had it
 *   restore      as it was restored                     deleted
 *   transfer     where the op put it                    back at the office it came from
 *   any          changed since, field or record         stays, and is named
 *
 * Values are compared, not times, so a later change counts wherever it was made. The ops of a
 * record are taken newest first; a record that was merged into another comes back before all else,
 * for what is to refer to it again must find it. What the validator would not let back (a status
 * that moves in one direction only) stays and is named with its reason. The bookkeeping of an
 * import (types change_set, import_batch, access_log) stays; its change set is marked as undone,
 * and can't be undone again. The undo is a change set like any other: it can be undone itself.
 *
 * Thread: that of the desk. */
#ifndef JIELIAN_UNDO_H
#define JIELIAN_UNDO_H

#include "jielian/desk/desk.h"

/* One op of a change set, as the books that made it keep it. */
struct jl_undo_op {
    struct jl_record_key key;
    uint64_t place;        /* where it stands among the ops of its record: higher is newer */
    struct jl_bytes bytes; /* as the desk decodes them */
    bool parts;            /* found here: it merged its record into another */
};

struct jl_undo_options {
    struct jl_id change_set;
    struct jl_undo_op *ops; /* are put in order here */
    size_t op_count;
    bool dry_run; /* the same answer, nothing changed */
    jl_progress_fn progress;
    void *progress_context;
};

struct jl_undo_result {
    uint64_t undone, kept;   /* records; one whose fields were changed in part counts in both */
    struct jl_id change_set; /* the undo's own; zero when nothing was undone or in a dry run */
    json_t *actions;         /* [{"type", "label", "what", "records"}], by type */
    json_t *kept_records;    /* [{"type", "label", "id", "title", "why"}] */
};
void jl_undo_result_fini(struct jl_undo_result *result);

/* JL_CONFLICT: the change set is undone already; a record was changed during the undo (what is done
 * is done: undo again, and the rest follows). Codes of the desk's save otherwise. */
JL_MUST_CHECK enum jl_rc jl_undo_run(struct jl_desk *desk, const struct jl_undo_options *options,
                                     struct jl_undo_result *out_result, struct jl_err *err);

#endif
