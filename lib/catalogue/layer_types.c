/* Heads of types: everything that needs no other entry, so that later layers find every type. */
#include "catalogue.h"
#include "entry.h"
#include "known.h"
#include "layer.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"
#include "jielian/catalogue/type.h"

#include <string.h>

static enum jl_rc parse_side(const json_t *entry, const char *key, enum jl_side *out_side,
                             struct jl_err *err) {
    static const char *const choices[] = {"office", "district", NULL};
    static const enum jl_side sides[] = {JL_SIDE_OFFICE, JL_SIDE_DISTRICT};
    const char *word = NULL;
    size_t index = 0;
    enum jl_rc rc = jl_entry_word(entry, key, JL_REQUIRED, &word, err);
    if (rc == JL_OK) {
        rc = jl_entry_choice(key, word, choices, &index, err);
    }
    if (rc == JL_OK) {
        *out_side = sides[index];
    }
    return rc;
}

static enum jl_rc parse_name(struct jl_catalogue *catalogue, const json_t *entry, bool built_in,
                             struct jl_type *type, struct jl_err *err) {
    const char *name = NULL;
    enum jl_rc rc = jl_entry_word(entry, "name", JL_REQUIRED, &name, err);
    if (rc == JL_OK) {
        rc = built_in ? jl_entry_check_name(name, err) : jl_entry_check_table(name, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_text(catalogue, json_object_get(entry, "name"), JL_ENTRY_NAME_BYTES,
                           &type->name, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_label(catalogue, entry, JL_ENTRY_LABEL_BYTES, &type->label, err);
    }
    return rc;
}

static enum jl_rc parse_head(struct jl_catalogue *catalogue, const json_t *entry, bool built_in,
                             struct jl_type *type, struct jl_err *err) {
    enum jl_rc rc = jl_entry_object(entry, jl_known_type, err);
    if (rc == JL_OK) {
        rc = jl_entry_own_number(entry, JL_TYPE_NUMBER_MAX, &type->number, err);
    }
    if (rc == JL_OK) {
        rc = parse_name(catalogue, entry, built_in, type, err);
    }
    if (rc == JL_OK) {
        rc = parse_side(entry, "owner", &type->owner, err);
    }
    if (rc == JL_OK) {
        rc = parse_side(entry, "decides", &type->decides, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_bool(entry, "append_only", &type->append_only, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_bool(entry, "confined", &type->confined, err);
    }
    type->built_in = built_in;
    return rc;
}

static enum jl_rc check_head(const struct jl_catalogue *catalogue, const struct jl_type *type,
                             struct jl_err *err) {
    if ((type->number <= JL_BUILT_IN_LAST) != type->built_in) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_TYPE_NUMBER, "%d" JL_AND "%d",
                           (int)JL_BUILT_IN_LAST, (int)JL_BUILT_IN_LAST + 1);
    }
    if (type->confined && type->owner == JL_SIDE_DISTRICT) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_CONFINED);
    }
    for (size_t i = 0; i < catalogue->type_count; i++) {
        const struct jl_type *other = &catalogue->types[i];
        const char *same = other->number == type->number                  ? "number"
                           : strcmp(other->name, type->name) == 0         ? "name"
                           : strcmp(other->label.zh, type->label.zh) == 0 ? "label \"zh\""
                           : strcmp(other->label.en, type->label.en) == 0 ? "label \"en\""
                                                                          : NULL;
        if (same != NULL) {
            return jl_fault_at(err, JL_PROTO,
                               other->built_in ? JL_FAULT_CATALOGUE_TYPE_BUILT_IN
                                               : JL_FAULT_CATALOGUE_TYPE_TAKEN,
                               "%s" JL_AND "%s", same, other->name);
        }
    }
    return JL_OK;
}

enum jl_rc jl_layer_heads(struct jl_catalogue *catalogue, const json_t *types, bool built_in,
                          struct jl_err *err) {
    for (size_t i = 0; i < json_array_size(types); i++) {
        const json_t *entry = json_array_get(types, i);
        struct jl_type *type = &catalogue->types[catalogue->type_count];
        enum jl_rc rc = parse_head(catalogue, entry, built_in, type, err);
        if (rc == JL_OK) {
            rc = check_head(catalogue, type, err);
        }
        if (rc != JL_OK) {
            return jl_entry_wrap(err, "types", i, entry, "name");
        }
        catalogue->type_count++;
    }
    return JL_OK;
}
