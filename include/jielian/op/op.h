/* Ops, verdicts and feed rows: what travels, in memory form.
 *
 * An op is one staff member's change to one record. Its bytes are made once, at the local commit,
 * are hashed into the device's chain, and never change afterwards; the pair (incarnation, seq) is
 * its identity for ever.
 *
 *   kind      old                     new             other            owner
 *   CREATE    –                       every field     – (merge: old)   0, or the office (district)
 *   EDIT      changed fields as seen  changed fields  – (merge: gone)  –
 *   DELETE    the whole row as seen   –               – (merge: kept)  –
 *   RESTORE   –                       every field     – (merge: below) –
 *   TRANSFER  –                       –               –                the office it goes to
 *   MERGE     the whole row as seen   changed fields  the one merged   –
 *   RESOLVE   fields as seen          chosen fields   the case         –
 *
 * A merge of two records is a change set: DELETE of the one that goes, EDIT of what refers to it,
 * MERGE of the one that is kept; both rows as they were stand in it. A record whose natural key
 * refers to it is deleted and made again (or filled into the one that is there). `other` ties them:
 *
 *   DELETE    the record that is kept; of one with a natural key: the record under its new key
 *   EDIT      the record that goes; of one that is filled: the double that goes
 *   CREATE    of one with a natural key: the record under its old key
 *   RESTORE   likewise; of any other: what it was merged into, for this undoes the merge
 *
 * A NULL value inside old or new says "no value". Everything is borrowed. */
#ifndef JIELIAN_OP_H
#define JIELIAN_OP_H

#include "jielian/base/limits.h"
#include "jielian/base/row.h"
#include "jielian/base/value.h"
#include "jielian/message/remark.h"

enum jl_op_kind {
    JL_OP_CREATE = 1,
    JL_OP_EDIT,
    JL_OP_DELETE,
    JL_OP_RESTORE,
    JL_OP_TRANSFER,
    JL_OP_MERGE,
    JL_OP_RESOLVE,
};

struct jl_op {
    enum jl_op_kind kind;
    uint32_t type;
    struct jl_id id;
    int64_t made_ms;         /* the author's wall clock: a label */
    struct jl_bytes staff;   /* login, at most JL_STAFF_MAX_BYTES */
    uint64_t cursor;         /* how far the author's device had read its office's feed */
    uint64_t number;         /* position in the author's outbox: no two ops have the same bytes */
    struct jl_id change_set; /* zero: a single change */
    struct jl_id other;
    uint32_t owner;
    uint32_t owner_before;  /* TRANSFER: the office it was at, for undo */
    struct jl_bytes reason; /* why a warning was overridden; may be empty */
    struct jl_field_value *old_fields;
    size_t old_count;
    struct jl_field_value *new_fields;
    size_t new_count;
};

enum jl_verdict_code {
    JL_VERDICT_APPLIED = 1,
    JL_VERDICT_MERGED,  /* applied, and other fields had moved meanwhile: the row is echoed */
    JL_VERDICT_CASE,    /* a person must decide: a case record holds every value */
    JL_VERDICT_PARKED,  /* not taken; the reason says what the clerk can do */
    JL_VERDICT_ALREADY, /* was taken before; on the wire the first verdict is repeated instead */
};

struct jl_verdict {
    uint64_t seq;
    enum jl_verdict_code code;
    struct jl_bytes reason; /* PARKED; in Chinese; with the arguments JL_REASON_MAX_BYTES */
    struct jl_remark said;  /* the same for every language; code 0: a person's own words */
};

/* One row of a page: a record at its latest change, as one feed sees it. */
struct jl_feed_row {
    int kind;          /* enum jl_feed_kind of store.h */
    struct jl_row row; /* ENTER, UPDATE: all fields; LEAVE, DELETE: type, id, owner only */
    int64_t changed_ms;
    uint32_t by_device;
    struct jl_bytes by_staff;
    struct jl_bytes title; /* LEAVE: what it was, for the stub */
};

/* Lay an op over a row, as the author's own device does: no questions asked. row may be empty for
 * CREATE; CREATE and RESTORE replace a deleted row and are laid over a live one (M5). Used for
 * local changes and for pending ops over a page's row. */
JL_MUST_CHECK enum jl_rc jl_op_lay(const struct jl_op *op, struct jl_row *row,
                                   struct jl_arena *arena, struct jl_err *err);

#endif
