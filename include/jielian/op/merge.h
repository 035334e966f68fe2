/* Merge: what the district does with one op. A pure function; this table is its specification, and
 * each row is a test (tests/unit/op/test_merge.c).
 *
 *   row  op                       the district's record   result
 *   M1   edit old→new             field = old             set new: APPLIED; MERGED if moved
 *   M2   edit old→new             field = new             nothing to do: as M1
 *   M3   edit old→new             field is something      CASE; office against district: the value
 *                                 else                    of the side that `decides` stands; same
 *                                                         side: the current one stands
 *   M4   create, restore          absent                  insert: APPLIED
 *   M5   create, restore          live                    as edit from null, field by field
 *   M6   create, restore          deleted                 comes back as the op has it: MERGED; a
 *                                                         natural key is free again: what a create
 *                                                         makes of one is its author's
 *   M7   delete                   as seen                 tombstone: APPLIED
 *   M8   delete                   changed since           stays: CASE
 *   M9   delete                   deleted or absent       nothing to do: APPLIED
 *   M10  edit, resolve            deleted                 comes back, edited: CASE
 *   M11  any                      left this office, and   not touched; offered to the new owner:
 *                                 the author could not    CASE
 *                                 know it
 *   M12  any                      another office's, and   PARKED
 *                                 the author could know
 *   M13  edit, resolve, transfer  absent                  PARKED: its create did not arrive
 *   M14  edit, resolve, delete    append_only type        PARKED
 *   M15  edit of a natural key    any                     PARKED
 *   M16  transfer                 live                    by the district: owner changes: APPLIED;
 *                                                         by an office: PARKED
 *   M17  resolve                  live                    as edit, M1 to M3
 *   M18  merge                    live                    as edit, M1 to M3; not live, or by an
 *                                                         office before rules 3: PARKED. Whether an
 *                                                         office's delete of the other one was
 *                                                         taken is asked before
 *   M19  edit, resolve            deleted: merged into    not touched; what that record does not
 *                                 a record that lives     have yet is offered to it: CASE; else
 *                                                         nothing to do: APPLIED
 *
 *   M20  any, while a restore     missing, or what the    CASE: held, judged again when what it
 *        is open                  op builds on is not     builds on is there, or the restore is
 *                                 there yet               closed
 *
 * M20 by how the op is received: any op waits for a record that is absent or not yet its author's;
 * one that the lost books had confirmed waits for all that it was laid on: each old value, the row
 * that it deletes, the tombstone that it restores. Closing judges what is still held, and then what
 * comes back later, by the other rows, but for these: a record of another office is offered to that
 * one as in M11, and a conflict with a value that nobody wrote since the restore is won by the op,
 * for it was in effect before.
 *
 * A field whose old and new value are the same was not changed by its author: nothing to do.
 * "Moved": the record's latest change was not seen by the author (its feed seq is past the op's
 * cursor) and was not the author's own. Uniqueness needs other records and is judged by the caller.
 *
 * Pure: no clock, file, socket or randomness.  Thread: any. */
#ifndef JIELIAN_MERGE_H
#define JIELIAN_MERGE_H

#include "jielian/base/row.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/message/say.h"
#include "jielian/op/op.h"

enum { JL_RULES_OWN_MERGE = 3 }; /* by these and later rules an office merges records of its own */

/* How the op's author stands to the record. */
enum jl_standing {
    JL_STANDING_OWN = 1, /* may change it */
    JL_STANDING_LEFT,    /* it left the author's office, and the author could not know yet */
    JL_STANDING_FOREIGN, /* another office's */
};

enum jl_presence { JL_PRESENCE_ABSENT = 1, JL_PRESENCE_LIVE, JL_PRESENCE_DELETED };

/* Which side wrote the value that a field has now. Called for conflicting fields only. */
typedef enum jl_rc (*jl_side_fn)(void *context, uint32_t field, enum jl_side *out_side,
                                 struct jl_err *err);

/* How long an op may wait for what it builds on; see M20. */
enum jl_waits {
    JL_WAITS_NOT = 0, /* no restore is open */
    JL_WAITS_RECORD,  /* a restore is open */
    JL_WAITS_ALL,     /* … and the lost books had confirmed the op */
    JL_WAITS_NO_MORE, /* it was held, or comes back, and the restore is closed */
};

/* Was the field written since the restore? */
typedef enum jl_rc (*jl_since_fn)(void *context, uint32_t field, bool *out_since,
                                  struct jl_err *err);

struct jl_merge_input {
    uint32_t rules; /* by which its journal entry is judged: M6 of a natural key and M20 from 1 on,
                       M18 of an office from 3 on */
    const struct jl_type *type;
    const struct jl_op *op;
    enum jl_side author; /* office or district */
    enum jl_standing standing;
    enum jl_presence presence;
    const struct jl_row *current;     /* NULL when absent; a tombstone's last row when deleted */
    const struct jl_row *merged_into; /* what lives of a deleted record that was merged; or NULL */
    bool moved;
    enum jl_waits waits;
    /* Asked of a delete only. behind: an earlier op of its device waits for the record, and must
     * not be overtaken, for it would undo the delete. */
    bool behind;
    bool by_other_since; /* another device wrote the record last, and since the restore */
    jl_side_fn side_of;
    jl_since_fn written_since; /* asked with JL_WAITS_NO_MORE only */
    void *side_context;
};

enum jl_case_kind { /* numbers of the built-in code list case_kind */
                    JL_CASE_NONE = 0,
                    JL_CASE_FIELD = 1,
                    JL_CASE_DELETED = 2,
                    JL_CASE_LEFT = 3,
                    JL_CASE_DUPLICATE = 4,
                    JL_CASE_TRANSFER = 5,
                    JL_CASE_MERGED = 6,
                    JL_CASE_HELD = 7,      /* closes itself when the op is judged */
                    JL_CASE_DATE = 8,      /* a date that lies ahead of the district's day */
                    JL_CASE_NOT_TAKEN = 9, /* held until the restore was closed, and does not fit */
};

struct jl_conflict {
    uint32_t field;
    struct jl_value old;     /* as the author saw it */
    struct jl_value current; /* the district's */
    struct jl_value offered; /* the author's */
    bool offered_stands;
};

enum jl_merge_effect {
    JL_EFFECT_NONE = 1, /* the record stays as it is */
    JL_EFFECT_INSERT,
    JL_EFFECT_UPDATE,
    JL_EFFECT_DELETE,
};

/* Why not, as the code that says it. MERGE: merging was the district's (rules 2), and is of records
 * that live.
 * KIND: an op kind that this program does not carry out. */
enum jl_park_reason {
    JL_PARK_NONE = JL_SAY_NOTHING,
    JL_PARK_FOREIGN = JL_SAY_FOREIGN,
    JL_PARK_ABSENT = JL_SAY_ABSENT,
    JL_PARK_APPEND_ONLY = JL_SAY_APPEND_ONLY,
    JL_PARK_NATURAL_KEY = JL_SAY_NATURAL_KEY,
    JL_PARK_MERGE = JL_SAY_MERGE_DISTRICTS,
    JL_PARK_KIND = JL_SAY_OP_UNKNOWN,
};

struct jl_merge_result {
    enum jl_verdict_code verdict;
    enum jl_merge_effect effect;
    struct jl_row row; /* INSERT, UPDATE: the whole new row, in the arena */
    bool new_owner;    /* whose the row is, the caller says: it is made now */
    bool as_sent;      /* the author's device holds exactly this row already: no echo */
    enum jl_case_kind case_kind;
    struct jl_conflict *conflicts; /* in the arena */
    size_t conflict_count;
    enum jl_park_reason park;
};

/* JL_OK always has a verdict; JL_NOMEM; or what side_of answered. Cost: a pass over the fields. */
JL_MUST_CHECK enum jl_rc jl_merge(const struct jl_merge_input *input, struct jl_arena *arena,
                                  struct jl_merge_result *out_result, struct jl_err *err);

#endif
