/* What a type says about its fields together: natural key, title, living, transfer, checks; the
 * flow stands in layer_flow.c. All fields of all types are there by now. */
#include "catalogue.h"
#include "entry.h"
#include "known.h"
#include "layer.h"

#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/base/rc.h"
#include "jielian/catalogue/kind.h"
#include "jielian/catalogue/type.h"

#include <string.h>

struct names {
    uint32_t *fields;
    size_t count;
    bool owner_allowed; /* "@owner" may stand among the names */
    bool has_owner;
};

/* A list of field names. */
static enum jl_rc parse_names(struct jl_catalogue *catalogue, const struct jl_type *type,
                              const json_t *array, struct names *names, struct jl_err *err) {
    size_t most = json_array_size(array);
    names->fields = jl_entry_zalloc(catalogue, most, sizeof *names->fields, err);
    if (names->fields == NULL) {
        return JL_NOMEM;
    }
    for (size_t i = 0; i < most; i++) {
        const char *name = json_string_value(json_array_get(array, i));
        if (name == NULL) {
            return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_FIELD_NAME, "%zu", i);
        }
        if (names->owner_allowed && !names->has_owner && strcmp(name, "@owner") == 0) {
            names->has_owner = true;
            continue;
        }
        const struct jl_field *field = NULL;
        enum jl_rc rc = jl_entry_find_field(type, name, &field, err);
        for (size_t k = 0; rc == JL_OK && k < names->count; k++) {
            if (names->fields[k] == field->number) {
                rc = jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_TWICE, "%s", name);
            }
        }
        if (rc != JL_OK) {
            return rc;
        }
        names->fields[names->count++] = field->number;
    }
    return JL_OK;
}

static enum jl_rc parse_natural_key(struct jl_catalogue *catalogue, struct jl_type *type,
                                    const json_t *entry, struct jl_err *err) {
    const json_t *array = NULL;
    struct names names = {.owner_allowed = true};
    enum jl_rc rc =
        jl_entry_array(entry, "natural_key", JL_OPTIONAL, JL_FIELDS_PER_TYPE_MAX, &array, err);
    if (rc != JL_OK || array == NULL) {
        return rc;
    }
    if (parse_names(catalogue, type, array, &names, err) != JL_OK) {
        return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_NATURAL_KEY, "%s", "");
    }
    type->natural_key = names.fields;
    type->natural_key_count = names.count;
    type->natural_key_has_owner = names.has_owner;
    if (type->natural_key_count == 0) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_KEY_EMPTY);
    }
    if (type->natural_key_has_owner && type->owner == JL_SIDE_DISTRICT) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_KEY_OWNER);
    }
    for (size_t i = 0; i < type->natural_key_count; i++) {
        const struct jl_field *field = jl_type_field(type, names.fields[i]);
        if (!field->required || field->sensitive) {
            return jl_fault_at(err, JL_UNKNOWN,
                               field->sensitive ? JL_FAULT_CATALOGUE_KEY_SENSITIVE
                                                : JL_FAULT_CATALOGUE_KEY_NOT_REQUIRED,
                               "%s", field->name);
        }
    }
    return JL_OK;
}

static enum jl_rc parse_title(struct jl_catalogue *catalogue, struct jl_type *type,
                              const json_t *entry, struct jl_err *err) {
    const json_t *array = NULL;
    struct names names = {.owner_allowed = false};
    enum jl_rc rc =
        jl_entry_array(entry, "title", JL_REQUIRED, JL_FIELDS_PER_TYPE_MAX, &array, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (json_array_size(array) == 0) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_TITLE_EMPTY);
    }
    if (parse_names(catalogue, type, array, &names, err) != JL_OK) {
        return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_TITLE, "%s", "");
    }
    type->title = names.fields;
    type->title_count = names.count;
    return JL_OK;
}

/* The field named by a key of an entry. */
static enum jl_rc parse_field_name(const struct jl_type *type, const json_t *entry, const char *key,
                                   const struct jl_field **out_field, struct jl_err *err) {
    const char *name = NULL;
    enum jl_rc rc = jl_entry_word(entry, key, JL_REQUIRED, &name, err);
    if (rc == JL_OK) {
        rc = jl_entry_find_field(type, name, out_field, err);
    }
    return rc;
}

static enum jl_rc parse_living_codes(struct jl_catalogue *catalogue, struct jl_type *type,
                                     const struct jl_field *field, const json_t *keys,
                                     struct jl_err *err) {
    size_t count = json_array_size(keys);
    uint32_t *codes = jl_entry_zalloc(catalogue, count, sizeof *codes, err);
    if (codes == NULL) {
        return JL_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        const char *key = json_string_value(json_array_get(keys, i));
        enum jl_rc rc = jl_entry_find_code(field->codes, key == NULL ? "" : key, &codes[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    type->living_field = field->number;
    type->living_codes = codes;
    type->living_code_count = count;
    return JL_OK;
}

static enum jl_rc parse_living(struct jl_catalogue *catalogue, struct jl_type *type,
                               const json_t *living, struct jl_err *err) {
    const struct jl_field *field = NULL;
    const json_t *keys = NULL;
    enum jl_rc rc = jl_entry_object(living, jl_known_living, err);
    if (rc == JL_OK) {
        rc = parse_field_name(type, living, "field", &field, err);
    }
    if (rc == JL_OK && (field->kind != JL_KIND_CODE || field->sensitive)) {
        rc = jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_LIVING_FIELD);
    }
    if (rc == JL_OK) {
        rc = jl_entry_array(living, "codes", JL_REQUIRED, JL_CODES_PER_LIST_MAX, &keys, err);
    }
    if (rc == JL_OK && json_array_size(keys) == 0) {
        rc = jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_LIVING_EMPTY);
    }
    return rc == JL_OK ? parse_living_codes(catalogue, type, field, keys, err) : rc;
}

static bool is_ordered(enum jl_kind kind) {
    return kind == JL_KIND_INT || kind == JL_KIND_MONEY || kind == JL_KIND_DATE ||
           kind == JL_KIND_MONTH;
}

static enum jl_rc parse_check(struct jl_catalogue *catalogue, const struct jl_type *type,
                              const json_t *entry, struct jl_check *check, struct jl_err *err) {
    const struct jl_field *field = NULL;
    const struct jl_field *other = NULL;
    enum jl_rc rc = jl_entry_object(entry, jl_known_check, err);
    if (rc == JL_OK) {
        rc = parse_field_name(type, entry, "field", &field, err);
    }
    if (rc == JL_OK) {
        rc = parse_field_name(type, entry, "at_most", &other, err);
    }
    if (rc == JL_OK && (!is_ordered(field->kind) || field->kind != other->kind || field == other)) {
        rc = jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_CHECK_KIND);
    }
    if (rc == JL_OK) {
        rc = jl_entry_bool(entry, "warning", &check->warning, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_label(catalogue, entry, JL_ENTRY_PHRASE_BYTES, &check->message, err);
    }
    if (rc == JL_OK) {
        check->field = field->number;
        check->other = other->number;
    }
    return rc;
}

static enum jl_rc parse_checks(struct jl_catalogue *catalogue, struct jl_type *type,
                               const json_t *entry, struct jl_err *err) {
    const json_t *entries = NULL;
    enum jl_rc rc =
        jl_entry_array(entry, "checks", JL_OPTIONAL, JL_CHECKS_PER_TYPE_MAX, &entries, err);
    if (rc != JL_OK || entries == NULL) {
        return rc;
    }
    size_t count = json_array_size(entries);
    struct jl_check *checks = jl_entry_zalloc(catalogue, count, sizeof *checks, err);
    if (checks == NULL) {
        return JL_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *check = json_array_get(entries, i);
        rc = parse_check(catalogue, type, check, &checks[i], err);
        for (size_t k = 0; rc == JL_OK && k < i; k++) {
            if (checks[k].field == checks[i].field && checks[k].other == checks[i].other) {
                rc = jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_CHECK_TWICE, "%zu", k);
            }
        }
        if (rc != JL_OK) {
            return jl_entry_wrap(err, "checks", i, check, "field");
        }
    }
    type->checks = checks;
    type->check_count = count;
    return JL_OK;
}

enum jl_rc jl_layer_rules(struct jl_catalogue *catalogue, struct jl_type *type, const json_t *entry,
                          struct jl_err *err) {
    const json_t *living = json_object_get(entry, "living");
    const json_t *transfer = json_object_get(entry, "transfer");
    const json_t *flow = json_object_get(entry, "flow");
    enum jl_rc rc = parse_natural_key(catalogue, type, entry, err);
    if (rc == JL_OK) {
        rc = parse_title(catalogue, type, entry, err);
    }
    if (rc == JL_OK && living != NULL && parse_living(catalogue, type, living, err) != JL_OK) {
        rc = jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_LIVING, "%s", "");
    }
    if (rc == JL_OK && transfer != NULL &&
        jl_layer_transfer(catalogue, type, transfer, err) != JL_OK) {
        rc = jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_TRANSFER, "%s", "");
    }
    if (rc == JL_OK && flow != NULL && jl_layer_flow(catalogue, type, flow, err) != JL_OK) {
        rc = jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_FLOW, "%s", "");
    }
    if (rc == JL_OK) {
        rc = parse_checks(catalogue, type, entry, err);
    }
    return rc;
}
