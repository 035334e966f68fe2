/* May one catalogue follow another?
 *
 * The rule: every record and every op that was right under the old catalogue is right under the new
 * one, and means the same. So entries stay, numbers and names stay, and rules may only loosen.
 *
 *   may change     labels, synonyms, hidden, order, title, default, due days, figures
 *   may be added   code lists, codes, types, fields (not required), moves, living codes, warnings
 *   may loosen     required → not, range wider, check: error → warning → none, date → future_ok,
 *                  a move's mover → any
 *   all else       JL_CONFLICT
 *
 * An entry that is no longer wanted is hidden. Each fault names the entry and what to do instead.
 */
#include "additive_type.h"
#include "catalogue.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/additive.h"
#include "jielian/catalogue/catalogue.h"

#include <inttypes.h>
#include <string.h>

static const struct jl_code_list *find_list(const struct jl_catalogue *catalogue,
                                            const char *name) {
    for (size_t i = 0; i < catalogue->list_count; i++) {
        if (strcmp(catalogue->lists[i].name, name) == 0) {
            return &catalogue->lists[i];
        }
    }
    return NULL;
}

static enum jl_rc check_list(const struct jl_code_list *current, const struct jl_code_list *next,
                             struct jl_err *err) {
    for (size_t i = 0; i < current->code_count; i++) {
        const struct jl_code *code = &current->codes[i];
        const struct jl_code *same = jl_code_list_code(next, code->number);
        if (same == NULL) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_CODE_GONE,
                               "%" PRIu32 JL_AND "%s", code->number, code->key);
        }
        if (strcmp(same->key, code->key) != 0) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_CODE_REUSED,
                               "%" PRIu32 JL_AND "%s" JL_AND "%s", code->number, code->key,
                               same->key);
        }
    }
    return JL_OK;
}

static enum jl_rc check_lists(const struct jl_catalogue *current, const struct jl_catalogue *next,
                              struct jl_err *err) {
    for (size_t i = 0; i < current->list_count; i++) {
        const struct jl_code_list *list = &current->lists[i];
        const struct jl_code_list *same = find_list(next, list->name);
        if (same == NULL) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_LIST_GONE, "%s", list->name);
        }
        if (check_list(list, same, err) != JL_OK) {
            return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_LIST, "%s", list->name);
        }
    }
    return JL_OK;
}

static enum jl_rc check_types(const struct jl_catalogue *current, const struct jl_catalogue *next,
                              struct jl_err *err) {
    for (size_t i = 0; i < current->type_count; i++) {
        const struct jl_type *type = &current->types[i];
        const struct jl_type *same = jl_catalogue_type(next, type->number);
        if (same == NULL || strcmp(same->name, type->name) != 0) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_TYPE_GONE,
                               "%s" JL_AND "%" PRIu32, type->name, type->number);
        }
        if (jl_additive_type(type, same, err) != JL_OK) {
            return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_TYPE, "%s", type->name);
        }
    }
    return JL_OK;
}

enum jl_rc jl_additive_check(const struct jl_catalogue *current, const struct jl_catalogue *next,
                             struct jl_err *err) {
    struct jl_err local = {.rc = JL_OK};
    err = err == NULL ? &local : err;
    if (next->version <= current->version) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_VERSION,
                           "%" PRIu64 JL_AND "%" PRIu64, next->version, current->version);
    }
    enum jl_rc rc = check_lists(current, next, err);
    return rc == JL_OK ? check_types(current, next, err) : rc;
}
