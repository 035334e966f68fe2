/* The kinds of fields by name. */
#include "jielian/catalogue/kind.h"

#include <stddef.h>

const char *jl_kind_name(enum jl_kind kind) {
    static const char *const names[] = {
        [JL_KIND_TEXT] = "text", [JL_KIND_INT] = "int",     [JL_KIND_MONEY] = "money",
        [JL_KIND_DATE] = "date", [JL_KIND_MONTH] = "month", [JL_KIND_BOOL] = "bool",
        [JL_KIND_CODE] = "code", [JL_KIND_REF] = "ref",     [JL_KIND_ID_NO] = "id_no",
        [JL_KIND_USCC] = "uscc", [JL_KIND_PHONE] = "phone",
    };
    size_t index = (size_t)kind;
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}
