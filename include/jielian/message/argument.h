/* The arguments of a sentence, as values and as bytes.
 *
 *   arguments := { u8(kind) varint(size) payload }, at most JL_ARGUMENTS_MAX and
 *                JL_ARGUMENTS_MAX_BYTES in all; numbers are varints in their shortest form
 *
 *   kind   TEXT     UTF-8, in every language the same        FIELD   number of a field
 *          NUMBER   zigzag                                   CODES   field, then numbers of codes
 *          DATE     yyyymmdd                                 MOVERS  a byte per enum jl_mover
 *          MONTH    yyyymm                                   CHECK   field, other field
 *          WRITTEN  what a person wrote, quoted; empty: not to be shown
 *
 * Fields, codes and checks are those of the record's type, which the reader knows from the op or
 * the record that is spoken of.
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_MESSAGE_ARGUMENT_H
#define JIELIAN_MESSAGE_ARGUMENT_H

#include "jielian/base/bytes.h"

enum {
    JL_ARGUMENTS_MAX = 4,             /* of one sentence */
    JL_ARGUMENTS_MAX_BYTES = 192,     /* encoded; the longest sentence of today takes 156 */
    JL_ARGUMENT_TEXT_MAX_BYTES = 100, /* 24 characters of any kind and an ellipsis */
    JL_ARGUMENT_LIST_MAX = 8,         /* codes or movers */
};

enum jl_argument_kind {
    JL_ARGUMENT_TEXT = 1,
    JL_ARGUMENT_NUMBER = 2,
    JL_ARGUMENT_DATE = 3,
    JL_ARGUMENT_MONTH = 4,
    JL_ARGUMENT_FIELD = 5,
    JL_ARGUMENT_CODES = 6,
    JL_ARGUMENT_MOVERS = 7,
    JL_ARGUMENT_WRITTEN = 8,
    JL_ARGUMENT_CHECK = 9,
};

struct jl_argument {
    enum jl_argument_kind kind;
    struct jl_bytes text;                   /* TEXT, WRITTEN: borrowed */
    int64_t number;                         /* NUMBER, DATE, MONTH */
    uint32_t field;                         /* FIELD, CODES, CHECK */
    uint32_t other;                         /* CHECK: the other field */
    uint32_t numbers[JL_ARGUMENT_LIST_MAX]; /* CODES, MOVERS */
    size_t count;
};

static inline struct jl_argument jl_argument_number(enum jl_argument_kind kind, int64_t number) {
    return (struct jl_argument){.kind = kind, .number = number};
}
static inline struct jl_argument jl_argument_text(struct jl_bytes text) {
    return (struct jl_argument){.kind = JL_ARGUMENT_TEXT, .text = text};
}
static inline struct jl_argument jl_argument_field(uint32_t field) {
    return (struct jl_argument){.kind = JL_ARGUMENT_FIELD, .field = field};
}
/* Add one to the list; false: it is full. */
bool jl_argument_list(struct jl_argument *argument, uint32_t number);

/* Take the next argument off `rest`. *out_argument borrows; of a kind that this program does not
 * know it has the kind only. JL_PROTO: none of the forms above. */
JL_MUST_CHECK enum jl_rc jl_argument_next(struct jl_bytes *rest, struct jl_argument *out_argument,
                                          struct jl_err *err);

#endif
