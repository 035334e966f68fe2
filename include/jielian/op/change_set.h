/* The record that a change set has: what it was, whose, of how many records. It is made when the
 * set is done, so that `history` and `undo` know it.
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_OP_CHANGE_SET_H
#define JIELIAN_OP_CHANGE_SET_H

#include "jielian/base/row.h"
#include "jielian/catalogue/built_in_field.h"

enum { JL_CHANGE_SET_FIELDS = 5 };

struct jl_change_set { /* texts are borrowed; an empty one is left out */
    enum jl_change_set_kind kind;
    struct jl_bytes label, staff;
    uint64_t records;
};
/* Its fields, in `fields`, which must live as long as the row. */
void jl_change_set_fill(const struct jl_change_set *set, struct jl_row *row,
                        struct jl_field_value fields[static JL_CHANGE_SET_FIELDS]);

#endif
