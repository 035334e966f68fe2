/* Finding what an entry names, with a message when it is not there. */

#include "catalogue.h"
#include "entry.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/catalogue/code_list.h"
#include "jielian/catalogue/type.h"

#include <string.h>

enum jl_rc jl_entry_find_type(const struct jl_catalogue *catalogue, const char *name,
                              const struct jl_type **out_type, struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type_named(catalogue, name);
    if (type == NULL) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_NO_TYPE, "%.*s", jl_entry_cut(name),
                           name);
    }
    *out_type = type;
    return JL_OK;
}

enum jl_rc jl_entry_find_field(const struct jl_type *type, const char *name,
                               const struct jl_field **out_field, struct jl_err *err) {
    const struct jl_field *field = jl_type_field_named(type, name);
    if (field == NULL) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_NO_FIELD, "%s" JL_AND "%.*s",
                           type->name, jl_entry_cut(name), name);
    }
    *out_field = field;
    return JL_OK;
}

enum jl_rc jl_entry_find_code(const struct jl_code_list *list, const char *key,
                              uint32_t *out_number, struct jl_err *err) {
    for (size_t i = 0; i < list->code_count; i++) {
        if (strcmp(list->codes[i].key, key) == 0) {
            *out_number = list->codes[i].number;
            return JL_OK;
        }
    }
    return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_NO_CODE, "%s" JL_AND "%.*s", list->name,
                       jl_entry_cut(key), key);
}
