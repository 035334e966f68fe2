/* A catalogue's inside, and the bounds of its parts. Inside lib/catalogue only.
 *
 * Thread: one while parsing, then any. */
#ifndef JIELIAN_LIB_CATALOGUE_CATALOGUE_H
#define JIELIAN_LIB_CATALOGUE_CATALOGUE_H

#include "jielian/base/arena.h"
#include "jielian/base/program.h"
#include "jielian/catalogue/code_list.h"
#include "jielian/catalogue/figure.h"
#include "jielian/catalogue/type.h"

enum {
    JL_CODE_LISTS_MAX = 256,          /* bounds memory; one list per type is plenty */
    JL_FIGURES_MAX = 512,             /* bounds memory */
    JL_CHECKS_PER_TYPE_MAX = 64,      /* bounds the cost of checking one record */
    JL_MOVES_PER_FLOW_MAX = 1024,     /* bounds the cost of checking one move */
    JL_CARRIES_PER_TRANSFER_MAX = 16, /* bounds the cost of one move */
    JL_FILTERS_PER_MEASURE_MAX = 16,  /* bounds the length of one query */
    JL_BUILT_IN_LAST = 999,           /* the last type number of the built-in range */
    JL_TYPE_NUMBER_MAX = 99999,
    JL_FIELD_NUMBER_MAX = 9999,
    JL_CODE_NUMBER_MAX = 999999,
};
#define JL_RANGE_LIMIT INT64_C(1000000000000000) /* 10^15: ten trillion 元 in 分 */

struct jl_catalogue {
    struct jl_arena arena; /* owns everything below */
    uint64_t version;
    char needs[JL_PROGRAM_BYTES]; /* "": not said */
    struct jl_type *types;        /* built-in ones first, then in the order of the text */
    size_t type_count;
    const struct jl_type **by_number;
    const struct jl_type **by_name;
    struct jl_code_list *lists;
    size_t list_count;
    struct jl_figure *figures;
    size_t figure_count;
};

#endif
