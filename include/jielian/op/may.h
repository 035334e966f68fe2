/* Who may write what. One table (type × field × who × when) for both sides: the desk asks before it
 * saves, the district asks of every op that an office sends. docs/merge.md shows the table; each
 * cell is a test (tests/unit/op/test_may.c).
 *
 * Who writes:
 *
 *   clerk     people at an office: add, set, delete, restore, import, transfer
 *   office    the office's program, for what it records by itself (change sets, imports, the access
 *             log) and for closing a case. The district can't tell it from a clerk with a program
 *             of his own, so this is all that an office's op may say
 *   district  people at the district, by the same commands
 *   command   the district's own commands (user add, office add, catalogue apply, leave, …)
 *
 * Built-in types: a line for the record, and one for each field that is not as the line says.
 * Transfers: who gives whom to whom, and whose turn it is. All other records: by the owner of the
 * type; whose each one is stands in merge.h (M11, M12).
 *
 * Pure: no clock, file, socket or randomness.  Thread: any. */
#ifndef JIELIAN_MAY_H
#define JIELIAN_MAY_H

#include "jielian/base/row.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/message/say.h"
#include "jielian/op/op.h"

enum jl_hand {
    JL_HAND_CLERK = 1 << 0,
    JL_HAND_OFFICE = 1 << 1,
    JL_HAND_DISTRICT = 1 << 2,
    JL_HAND_COMMAND = 1 << 3,
};

struct jl_may_ask {
    const struct jl_type *type;
    enum jl_hand by;
    const struct jl_op *op;      /* kind, staff, old and new fields */
    const struct jl_row *before; /* the record as it stands, deleted or not; NULL: there is none */
    unsigned movers;             /* of a transfer: what the writer is in it, 1 << enum jl_mover */
    bool merged;                 /* before was deleted by a merge into a record that lives */
    bool unmerges; /* … and the op is part of the undo of that merge, by who made it */
};

/* Why not, and what to do instead. */
struct jl_may_not {
    enum jl_say_code code; /* it has no places */
};

/* NULL: it may. *out_field: the field that may not be written; 0: the record. Flows, validators and
 * the owner of a record are asked elsewhere. Cost: a pass over the op's fields. */
const struct jl_may_not *jl_may(const struct jl_may_ask *ask, uint32_t *out_field);

/* Does closing this case come too late: is it closed already? */
bool jl_may_is_closed(const struct jl_row *kept_case);

/* Two records of one type become one. The same is asked at the desk, of what its books have, and at
 * the district, of all there is. */
struct jl_merge_ask {
    const struct jl_type *type;
    uint32_t by;                      /* the office that merges; 0: the district */
    const struct jl_row *kept, *gone; /* as they stand; NULL: not there, or deleted */
    bool as_seen;                     /* gone, and what refers to it, is what the author has read */
    bool transfer;                    /* one of them is the subject of a transfer under way */
    bool checked;                     /* the district looks whether gone is another office's, too */
    bool elsewhere; /* something that refers to gone, and would move, is not the office's alone */
    bool many;      /* more refers to gone than an office's merge moves */
};
/* NULL: it may. The district may merge any two that live. */
const struct jl_may_not *jl_may_merge(const struct jl_merge_ask *ask);
/* May records of the type be merged at all? */
const struct jl_may_not *jl_may_merge_type(const struct jl_type *type);

/* A transfer that is new, or comes back: may it be asked for? */
struct jl_transfer_ask {
    uint32_t by;       /* the office that asks; 0: the district */
    bool lives;        /* what would move is there */
    uint32_t holder;   /* the office that has it */
    uint32_t from, to; /* the offices named; 0: there is no such office */
};
enum jl_transfer_lacks { JL_LACKS_NOTHING = 0, JL_LACKS_SUBJECT, JL_LACKS_OFFICE };
/* NULL: it may. *out_lacks: after a restore, what may yet come. */
const struct jl_may_not *jl_may_transfer(const struct jl_transfer_ask *ask,
                                         enum jl_transfer_lacks *out_lacks);

#endif
