/* The kinds of fields.  Thread: any. */
#ifndef JIELIAN_CATALOGUE_KIND_H
#define JIELIAN_CATALOGUE_KIND_H

enum jl_kind {
    JL_KIND_TEXT = 1,
    JL_KIND_INT,
    JL_KIND_MONEY, /* integer 分 */
    JL_KIND_DATE,
    JL_KIND_MONTH,
    JL_KIND_BOOL,
    JL_KIND_CODE,
    JL_KIND_REF,
    JL_KIND_ID_NO,
    JL_KIND_USCC,
    JL_KIND_PHONE,
};

/* "text", "money", …; NULL for a number that is no kind. */
const char *jl_kind_name(enum jl_kind kind);

#endif
