/* Any bytes as a catalogue. What is taken answers every question that is asked of a catalogue; what
 * is not leaves nothing half made. The built-in types, which are laid below every catalogue and
 * take most of the time, are a single one here. */
#include "fuzz.h"
#include "lib/catalogue/built_in.h"
#include "lib/catalogue/catalogue.h"

#include "jielian/base/assert.h"
#include "jielian/base/limits.h"
#include "jielian/catalogue/additive.h"
#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <string.h>

const char *const jl_built_in_texts[] = {
    "{\"format\":1,\"version\":0,\"code_lists\":{},\"types\":[{\"number\":1,\"name\":\"office\","
    "\"zh\":\"镇街\","
    "\"en\":\"Office\",\"owner\":\"district\",\"decides\":\"district\",\"title\":[\"name\"],"
    "\"fields\":[{\"number\":3,\"name\":\"name\",\"kind\":\"text\",\"zh\":\"名称\",\"en\":\"Name\","
    "\"required\":true}]}]}",
    NULL};

static void ask_type(const struct jl_catalogue *catalogue, const struct jl_type *type) {
    JL_ASSERT(jl_catalogue_type(catalogue, type->number) == type);
    JL_ASSERT(jl_catalogue_type_named(catalogue, type->name) == type);
    JL_ASSERT(type->field_count <= JL_FIELDS_PER_TYPE_MAX);
    for (size_t i = 0; i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        JL_ASSERT(jl_type_field(type, field->number) == field);
        JL_ASSERT(jl_type_field_named(type, field->name) == field);
        JL_ASSERT(jl_type_field_by_header(type, jl_bytes_text(field->label.zh)) == field);
        JL_ASSERT((field->kind == JL_KIND_CODE) == (field->codes != NULL));
        JL_ASSERT(field->kind != JL_KIND_REF ||
                  jl_catalogue_type(catalogue, field->ref_type) != NULL);
        JL_ASSERT(field->lowest <= field->highest);
    }
    for (size_t i = 0; i < type->natural_key_count; i++) {
        JL_ASSERT(jl_type_field(type, type->natural_key[i]) != NULL);
    }
    for (size_t i = 0; i < type->title_count; i++) {
        JL_ASSERT(jl_type_field(type, type->title[i]) != NULL);
    }
}

static void ask_figure(const struct jl_catalogue *catalogue, const struct jl_figure *figure) {
    static const int64_t values[] = {0, 1, 9999, 186214, INT64_MAX, INT64_MIN};
    JL_AUTO(jl_buf) phrase = {0};
    JL_ASSERT(jl_catalogue_type(catalogue, figure->measure.type) != NULL);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        JL_ASSERT(jl_figure_phrase(figure, values[i], &phrase, NULL) == JL_OK);
    }
}

/* What came by sync is taken when a file of the same text is; else it is a newer program's, or
 * broken. */
static void ask_synced(const uint8_t *data, size_t size, enum jl_rc strict) {
    JL_AUTO_PTR(jl_catalogue) catalogue = NULL;
    char needs[JL_PROGRAM_BYTES];
    enum jl_rc rc =
        jl_catalogue_parse_synced(jl_bytes(data, size), "fuzz", &catalogue, needs, NULL);
    JL_ASSERT((rc == JL_OK) == (strict == JL_OK) && (catalogue != NULL) == (rc == JL_OK));
    JL_ASSERT(rc == JL_OK || rc == JL_PROTO || rc == JL_CONFLICT);
    JL_ASSERT(memchr(needs, '\0', sizeof needs) != NULL);
    JL_ASSERT(needs[0] == '\0' || jl_program_is_version(needs));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    JL_AUTO_PTR(jl_catalogue) catalogue = NULL;
    struct jl_err err = {.rc = JL_OK};
    enum jl_rc rc = jl_catalogue_parse(jl_bytes(data, size), "fuzz", &catalogue, &err);
    ask_synced(data, size, rc);
    if (rc != JL_OK) {
        JL_ASSERT(catalogue == NULL);
        JL_ASSERT((rc == JL_PROTO || rc == JL_LIMIT) && err.rc == rc && err_said(&err)[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < jl_catalogue_type_count(catalogue); i++) {
        ask_type(catalogue, jl_catalogue_type_at(catalogue, i));
    }
    for (size_t i = 0; i < jl_catalogue_figure_count(catalogue); i++) {
        ask_figure(catalogue, jl_catalogue_figure_at(catalogue, i));
    }
    /* Not newer than itself. */
    JL_ASSERT(jl_additive_check(catalogue, catalogue, &err) == JL_CONFLICT);
    return 0;
}
