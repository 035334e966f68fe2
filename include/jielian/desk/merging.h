/* Merging two records into one: looked at first, then done, as one change set. The district merges
 * any two, an office two of its own with all that refers to the one that goes (jl_may_merge).
 *
 *   jl_merging_plan   read both records, choose each field, find every reference
 *   jl_merging_save   one transaction: DELETE of the one that goes, its references moved, MERGE of
 *                     the one that is kept, and the change_set record
 *   jl_merging_fini
 *
 * A field in which both have a value and differ must be decided; a blank one is filled from the
 * other record. A record whose natural key holds the reference can't be edited: it is deleted and
 * made again under its new key, or, when there is such a one already, fills that one's blanks.
 *
 * Merging the same two once more moves the references that arrived late.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_MERGING_H
#define JIELIAN_MERGING_H

#include "jielian/desk/desk.h"

enum {
    /* References that one merge moves: bounds its memory and its transaction (some seconds, during
     * which no office is answered). An office's: JL_OWN_MERGE_REFS_MAX. */
    JL_MERGING_REFS_MAX = 10000,
};

enum jl_merging_side { JL_MERGING_BOTH = 0, JL_MERGING_KEPT, JL_MERGING_GONE, JL_MERGING_TYPED };

struct jl_merging_field { /* one that at least one of them has */
    uint32_t field;
    struct jl_value kept, gone, stands; /* NULL values: none */
    enum jl_merging_side side;          /* where the value that stands is from */
    bool open;                          /* not decided */
};

struct jl_merging_group { /* references of one type in one office */
    uint32_t type;
    uint32_t office;
    size_t references; /* records that refer to the one that goes */
    size_t duplicates; /* … of which so many became one with another record */
    size_t fixed;      /* … and so many stay as they are: their type only grows */
};

struct jl_merging_choice { /* field=kept, field=gone or field=VALUE, as typed */
    const char *field;
    const char *value;
};

struct jl_merging {
    struct jl_desk *desk;
    uint32_t type_number;
    const struct jl_type *type; /* borrowed from the catalogue, until the next transaction */
    struct jl_id kept_id, gone_id;
    const struct jl_merging_choice *choices; /* borrowed */
    size_t choice_count;
    enum jl_merging_side prefer; /* of undecided fields; BOTH: none, ask */
    /* What the plan found; all lives in the arena. */
    struct jl_arena arena;
    struct jl_book_record kept, gone;
    bool again; /* they were merged before: only late references move */
    struct jl_row after;
    struct jl_merging_field *fields;
    size_t field_count;
    struct jl_merging_group *groups; /* no more than references */
    size_t group_count;
    size_t references, duplicates, fixed;
    /* At an office, of the one that goes: something that refers to it is not the office's alone; it
     * is in a transfer under way, or the one that is kept is; the district looks into it. */
    bool elsewhere, transfer, checked;
    bool late;        /* looking for what came during the save: what stays as it is was counted */
    size_t differing; /* duplicates that had another value than the record that stays */
    struct jl_change *changes;
    size_t change_count, change_capacity;
};

void jl_merging_fini(struct jl_merging *merging);

/* Set desk, type_number, both ids, choices and prefer; the rest is zero. Reads only.
 * JL_MISUSE: the type can't be merged, the two are one, a field is not decided: names what to do.
 * JL_NOT_FOUND, JL_CONFLICT: a record is not there, or deleted. JL_DENIED: not this desk's to
 * merge; says why, and who can. JL_LIMIT: too many references. */
JL_MUST_CHECK enum jl_rc jl_merging_plan(struct jl_merging *merging, struct jl_err *err);
/* Do it. JL_CONFLICT: something changed since the plan; plan again. References that arrived while
 * it was saved are moved as well and counted. */
JL_MUST_CHECK enum jl_rc jl_merging_save(struct jl_merging *merging, struct jl_id *out_change_set,
                                         struct jl_err *err);

/* A value as people see it: masked, a reference by its title and id. */
JL_MUST_CHECK enum jl_rc jl_merging_show(const struct jl_merging *merging, uint32_t field,
                                         const struct jl_value *value, struct jl_buf *out,
                                         struct jl_err *err);

#endif
