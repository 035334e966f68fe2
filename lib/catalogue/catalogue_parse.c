/* A catalogue's life: the built-in text, then the given one, layer by layer; then the indexes.
 *
 * Bounds: the text's size is checked before parsing; jansson bounds the depth; every array is
 * bounded where it is read, so memory stays proportional to the text. */
#include "built_in.h"
#include "catalogue.h"
#include "entry.h"
#include "known.h"
#include "layer.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/base/program.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/json/json.h"

#include <stdlib.h>
#include <string.h>

static enum jl_rc new_catalogue(struct jl_catalogue **out_catalogue, struct jl_err *err) {
    JL_AUTO_PTR(jl_catalogue) catalogue = calloc(1, sizeof *catalogue);
    if (catalogue == NULL) {
        return jl_fault_memory(err);
    }
    /* Arrays keep their place, because fields point to lists and measures name types. */
    catalogue->types = jl_entry_zalloc(catalogue, JL_TYPES_MAX, sizeof *catalogue->types, err);
    catalogue->by_number =
        jl_entry_zalloc(catalogue, JL_TYPES_MAX, sizeof *catalogue->by_number, err);
    catalogue->by_name = jl_entry_zalloc(catalogue, JL_TYPES_MAX, sizeof *catalogue->by_name, err);
    catalogue->lists = jl_entry_zalloc(catalogue, JL_CODE_LISTS_MAX, sizeof *catalogue->lists, err);
    if (catalogue->types == NULL || catalogue->by_number == NULL || catalogue->by_name == NULL ||
        catalogue->lists == NULL) {
        return JL_NOMEM;
    }
    *out_catalogue = catalogue;
    catalogue = NULL;
    return JL_OK;
}

static int compare_numbers(const void *left, const void *right) {
    const struct jl_type *a = *(const struct jl_type *const *)left;
    const struct jl_type *b = *(const struct jl_type *const *)right;
    return a->number < b->number ? -1 : a->number > b->number ? 1 : 0;
}

static int compare_names(const void *left, const void *right) {
    const struct jl_type *a = *(const struct jl_type *const *)left;
    const struct jl_type *b = *(const struct jl_type *const *)right;
    return strcmp(a->name, b->name);
}

static void index_types(struct jl_catalogue *catalogue) {
    for (size_t i = 0; i < catalogue->type_count; i++) {
        catalogue->by_number[i] = &catalogue->types[i];
        catalogue->by_name[i] = &catalogue->types[i];
    }
    qsort(catalogue->by_number, catalogue->type_count, sizeof(const struct jl_type *),
          compare_numbers);
    qsort(catalogue->by_name, catalogue->type_count, sizeof(const struct jl_type *), compare_names);
}

static enum jl_rc parse_head(struct jl_catalogue *catalogue, const json_t *root, bool built_in,
                             struct jl_err *err) {
    static const int64_t formats[2] = {1, 1};
    const int64_t versions[2] = {built_in ? 0 : 1, INT64_C(1) << 53};
    int64_t format = 0;
    int64_t version = 0;
    enum jl_rc rc = jl_entry_object(root, jl_known_root, err);
    if (rc == JL_OK) {
        rc = jl_entry_number(root, "format", JL_REQUIRED, formats, &format, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_number(root, "version", JL_REQUIRED, versions, &version, err);
    }
    if (rc == JL_OK) {
        catalogue->version = (uint64_t)version;
    }
    return rc;
}

/* Fields of every new type, then the rules, which may look at fields of any type. */
static enum jl_rc parse_types(struct jl_catalogue *catalogue, const json_t *types, bool built_in,
                              struct jl_err *err) {
    size_t first = catalogue->type_count;
    enum jl_rc rc = jl_layer_heads(catalogue, types, built_in, err);
    if (rc != JL_OK) {
        return rc;
    }
    index_types(catalogue);
    for (size_t i = 0; i < json_array_size(types); i++) {
        const json_t *entry = json_array_get(types, i);
        rc = jl_layer_fields(catalogue, &catalogue->types[first + i], entry, err);
        if (rc != JL_OK) {
            return jl_entry_wrap(err, "types", i, entry, "name");
        }
    }
    for (size_t i = 0; i < json_array_size(types); i++) {
        const json_t *entry = json_array_get(types, i);
        rc = jl_layer_rules(catalogue, &catalogue->types[first + i], entry, err);
        if (rc != JL_OK) {
            return jl_entry_wrap(err, "types", i, entry, "name");
        }
    }
    return JL_OK;
}

/* "needs": the oldest program that understands this catalogue, "0.2.0". */
static enum jl_rc parse_needs(const json_t *root, char out_needs[static JL_PROGRAM_BYTES],
                              struct jl_err *err) {
    const json_t *value = json_object_get(root, "needs");
    const char *needs = json_string_value(value);
    out_needs[0] = '\0';
    if (value == NULL) {
        return JL_OK;
    }
    if (needs == NULL || strlen(needs) >= JL_PROGRAM_BYTES || !jl_program_is_version(needs)) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_NEEDS_FORM, "%s", jl_known_program);
    }
    memcpy(out_needs, needs, strlen(needs) + 1);
    return jl_program_at_least(jl_known_program, needs)
               ? JL_OK
               : jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_NEEDS, "%s" JL_AND "%s", needs,
                             jl_known_program);
}

static enum jl_rc parse_root(struct jl_catalogue *catalogue, const json_t *root, bool built_in,
                             struct jl_err *err) {
    if (!json_is_object(root)) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_OBJECT);
    }
    enum jl_rc rc = parse_needs(root, catalogue->needs, err);
    if (rc == JL_OK) {
        rc = parse_head(catalogue, root, built_in, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_layer_code_lists(catalogue, json_object_get(root, "code_lists"), err);
    if (rc != JL_OK) {
        return rc;
    }
    const json_t *types = NULL;
    rc = jl_entry_array(root, "types", JL_REQUIRED, JL_TYPES_MAX - catalogue->type_count, &types,
                        err);
    if (rc == JL_OK) {
        rc = parse_types(catalogue, types, built_in, err);
    }
    const json_t *figures = NULL;
    if (rc == JL_OK) {
        rc = jl_entry_array(root, "figures", JL_OPTIONAL, JL_FIGURES_MAX, &figures, err);
    }
    if (rc == JL_OK && figures != NULL) {
        rc = jl_layer_figures(catalogue, figures, err);
    }
    return rc;
}

static enum jl_rc parse_built_in(struct jl_catalogue *catalogue, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    json_t *root = NULL;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && jl_built_in_texts[i] != NULL; i++) {
        rc = jl_buf_put_text(&text, jl_built_in_texts[i], err);
    }
    if (rc == JL_OK) {
        rc = jl_json_load(jl_buf_bytes(&text), &root, err);
    }
    if (rc == JL_OK) {
        rc = parse_root(catalogue, root, true, err);
    }
    json_decref(root);
    return rc;
}

enum jl_rc jl_catalogue_builtin(struct jl_catalogue **out_catalogue, struct jl_err *err) {
    struct jl_err local = {.rc = JL_OK};
    err = err == NULL ? &local : err;
    JL_AUTO_PTR(jl_catalogue) catalogue = NULL;
    enum jl_rc rc = new_catalogue(&catalogue, err);
    if (rc == JL_OK) {
        rc = parse_built_in(catalogue, err);
    }
    if (rc != JL_OK) {
        return jl_fault_wrap(err, JL_FAULT_PART, "%s", "");
    }
    *out_catalogue = catalogue;
    catalogue = NULL;
    return JL_OK;
}

/* The catalogue of a text, or JL_UNKNOWN, JL_LIMIT for what a newer program may understand.
 * out_needs: what the text says it needs, whatever comes of the rest. */
static enum jl_rc parse(struct jl_bytes text, const char *source,
                        struct jl_catalogue **out_catalogue,
                        char out_needs[static JL_PROGRAM_BYTES], struct jl_err *err) {
    out_needs[0] = '\0';
    if (text.size > JL_CATALOGUE_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_CATALOGUE_LONG, "%s" JL_AND "%zu" JL_AND "%d",
                           source, text.size, (int)JL_CATALOGUE_MAX_BYTES);
    }
    /* First what costs least: a text that is no JSON is refused before the built-in types are laid.
     */
    json_t *root = NULL;
    enum jl_rc rc = jl_json_load(text, &root, err);
    if (rc != JL_OK) {
        return jl_fault_wrap(err, JL_FAULT_AT, "%s", source);
    }
    JL_AUTO_PTR(jl_catalogue) catalogue = NULL;
    rc = jl_catalogue_builtin(&catalogue, err);
    if (rc == JL_OK) {
        rc = parse_root(catalogue, root, false, err);
        memcpy(out_needs, catalogue->needs, JL_PROGRAM_BYTES);
        rc = rc == JL_OK ? rc : jl_fault_wrap(err, JL_FAULT_AT, "%s", source);
    }
    json_decref(root);
    if (rc != JL_OK) {
        return rc;
    }
    *out_catalogue = catalogue;
    catalogue = NULL;
    return JL_OK;
}

static enum jl_rc as(struct jl_err *err, enum jl_rc rc) {
    err->rc = rc;
    return rc;
}

enum jl_rc jl_catalogue_parse(struct jl_bytes text, const char *source,
                              struct jl_catalogue **out_catalogue, struct jl_err *err) {
    struct jl_err local = {.rc = JL_OK};
    char needs[JL_PROGRAM_BYTES];
    err = err == NULL ? &local : err;
    enum jl_rc rc = parse(text, source, out_catalogue, needs, err);
    return rc == JL_UNKNOWN ? as(err, JL_PROTO) : rc;
}

enum jl_rc jl_catalogue_parse_synced(struct jl_bytes text, const char *source,
                                     struct jl_catalogue **out_catalogue,
                                     char out_needs[static JL_PROGRAM_BYTES], struct jl_err *err) {
    struct jl_err local = {.rc = JL_OK};
    err = err == NULL ? &local : err;
    enum jl_rc rc = parse(text, source, out_catalogue, out_needs, err);
    bool named = out_needs[0] != '\0' && !jl_program_at_least(jl_known_program, out_needs);
    bool newer = rc == JL_UNKNOWN || rc == JL_LIMIT || (rc == JL_PROTO && named);
    if (newer && !named) {
        out_needs[0] = '\0'; /* what it names is here, and did not help */
    }
    return newer ? as(err, JL_CONFLICT) : rc;
}

const char *jl_catalogue_needs(const struct jl_catalogue *catalogue) {
    return catalogue->needs;
}

void jl_catalogue_free(struct jl_catalogue *catalogue) {
    if (catalogue != NULL) {
        jl_arena_fini(&catalogue->arena);
        free(catalogue);
    }
}
