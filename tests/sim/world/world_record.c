/* Records through the desk, and the comparison of both sides that knows nothing of proofs. */
#include "client/books/save.h"
#include "server/books/verify.h"
#include "world_internal.h"

#include "jielian/base/assert.h"
#include "jielian/base/assignment.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/record/format.h"
#include "tests/said.h"

#include <string.h>

static size_t split(char *text, struct jl_assignment *out_assignments, size_t capacity) {
    size_t count = 0;
    char *rest = NULL;
    for (char *part = strtok_r(text, "|", &rest); part != NULL && count < capacity;
         part = strtok_r(NULL, "|", &rest)) {
        char *equals = strchr(part, '=');
        JL_ASSERT(equals != NULL);
        *equals = '\0';
        out_assignments[count++] = (struct jl_assignment){.field = part, .value = equals + 1};
    }
    return count;
}

enum { ASSIGNMENTS_MAX = 32, TEXT_MAX = 2048 };

struct jl_id world_add(struct jl_desk *desk, const char *type, const char *assignments) {
    char text[TEXT_MAX];
    struct jl_assignment list[ASSIGNMENTS_MAX];
    struct jl_problems problems;
    struct jl_id id;
    snprintf(text, sizeof text, "%s", assignments);
    size_t count = split(text, list, ASSIGNMENTS_MAX);
    MUST(jl_desk_add(desk, world_type(desk->books, type), list, count, &id, &problems, &err));
    return id;
}

void world_set(struct jl_desk *desk, const char *type, const struct jl_id *id,
               const char *assignments) {
    char text[TEXT_MAX];
    struct jl_assignment list[ASSIGNMENTS_MAX];
    struct jl_problems problems;
    snprintf(text, sizeof text, "%s", assignments);
    size_t count = split(text, list, ASSIGNMENTS_MAX);
    MUST(jl_desk_set(desk, world_type(desk->books, type), id, list, count, &problems, &err));
}

void world_close_case(struct jl_desk *desk, const struct jl_id *id, const char *resolution) {
    char text[TEXT_MAX];
    snprintf(text, sizeof text, "status=已处理|resolved_by=%.*s%s%s", (int)desk->staff.size,
             (const char *)desk->staff.data, resolution != NULL ? "|resolution=" : "",
             resolution != NULL ? resolution : "");
    desk->program = true;
    world_set(desk, "case", id, text);
    desk->program = false;
}

void world_set_unchecked(struct world_device *device, const char *type, const struct jl_id *id,
                         const char *field, struct jl_value value) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before = {0};
    const struct jl_type *of = world_type(device->office->books, type);
    const struct jl_record_key key = {.type = of->number, .id = *id};
    MUST(jl_books_load(device->office->books, &key, 1, &arena, &before, &err));
    struct jl_change change = {.kind = JL_OP_EDIT, .before = &before};
    MUST(jl_row_dup(&arena, &before.row, &change.after, &err));
    MUST(jl_row_set(&change.after, jl_type_field_named(of, field)->number, &value, &arena, &err));
    MUST(jl_save_changes(device->office, NULL, &change, 1, &err));
}

void world_delete(struct jl_desk *desk, const char *type, const struct jl_id *id) {
    MUST(jl_desk_delete(desk, world_type(desk->books, type), id, &err));
}

const char *world_get(struct jl_books *books, const char *type, const struct jl_id *id,
                      const char *field_name) {
    static char text[TEXT_MAX];
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) out = {0};
    struct jl_book_record record = {0};
    const struct jl_type *of = world_type(books, type);
    const struct jl_field *field = jl_type_field_named(of, field_name);
    struct jl_record_key key = {.type = of->number, .id = *id};
    MUST(jl_books_load(books, &key, 1, &arena, &record, &err));
    text[0] = '\0';
    const struct jl_value *value = jl_row_get(&record.row, field->number);
    if (record.head.rid == 0 || record.row.deleted || value == NULL ||
        record.head.state == JL_RECORD_LEFT) {
        return text;
    }
    MUST(jl_format_field(field, value, JL_LANGUAGE_ZH, &out, &err));
    snprintf(text, sizeof text, "%.*s", (int)out.size, (const char *)out.data);
    return text;
}

static enum jl_rc keep_first(void *context, const struct jl_stored *record, struct jl_err *err) {
    (void)err;
    *(struct jl_id *)context = record->head.id;
    return JL_LIMIT;
}

const char *world_get_first(struct jl_books *books, const char *type, const char *field) {
    struct jl_id id = {{0}};
    struct jl_err err;
    struct jl_scan scan = {.type = world_type(books, type)->number};
    JL_ASSERT(jl_records_scan(books->store, &scan, keep_first, &id, &err) == JL_LIMIT);
    return world_get(books, type, &id, field);
}

static enum jl_rc count_one(void *context, const struct jl_stored *record, struct jl_err *err) {
    (void)record;
    (void)err;
    ++*(size_t *)context;
    return JL_OK;
}

size_t world_count(struct jl_books *books, const char *type) {
    size_t count = 0;
    struct jl_scan scan = {.type = world_type(books, type)->number};
    MUST(jl_records_scan(books->store, &scan, count_one, &count, &err));
    return count;
}

static enum jl_rc count_live(void *context, const struct jl_stored *stored, struct jl_err *err) {
    (void)err;
    *(size_t *)context += stored->head.state == JL_RECORD_LIVE ? 1 : 0;
    return JL_OK;
}

size_t world_count_live(struct jl_books *books, const char *type) {
    size_t count = 0;
    struct jl_scan scan = {.type = world_type(books, type)->number};
    MUST(jl_records_scan(books->store, &scan, count_live, &count, &err));
    return count;
}

/* ---- Independent comparison ---- */

struct compare {
    struct world_device *device;
    size_t count;
    bool same;
    char *text; /* the first difference, for people; NULL: not wanted */
    size_t capacity;
};

/* The office that a ref names, by the list of offices; 0: none. */
static uint32_t office_of(const struct jl_district *district, const struct jl_value *ref) {
    for (size_t i = 0; ref != NULL && i < district->office_count; i++) {
        if (ref->bytes.size == JL_ID_BYTES &&
            memcmp(ref->bytes.data, district->offices[i].id.bytes, JL_ID_BYTES) == 0) {
            return district->offices[i].number;
        }
    }
    return 0;
}

/* What an office may see: its own, what the district shares, and the transfers from and to it. */
static bool may_see(const struct compare *compare, const struct jl_type *type,
                    const struct jl_row *row) {
    uint32_t office = compare->device->office_number;
    const struct jl_district *district = compare->device->world->district;
    return type->owner == JL_SIDE_DISTRICT || row->owner == office ||
           (type->transfer_subject != 0 &&
            (office_of(district, jl_row_get(row, type->transfer_from)) == office ||
             office_of(district, jl_row_get(row, type->transfer_to)) == office));
}

static bool same_row(const struct jl_row *a, const struct jl_row *b) {
    bool same = a->owner == b->owner && a->field_count == b->field_count;
    for (size_t i = 0; same && i < a->field_count; i++) {
        same = a->fields[i].field == b->fields[i].field &&
               jl_value_equal(&a->fields[i].value, &b->fields[i].value);
    }
    return same;
}

static void note_difference(struct compare *compare, const struct jl_book_record *theirs,
                            const struct jl_book_record *ours) {
    const struct jl_type *type =
        jl_catalogue_type(compare->device->world->district->books->catalogue, theirs->head.type);
    char id[JL_ID_TEXT_BYTES];
    int used = 0;
    jl_id_format(&theirs->head.id, id);
    if (compare->same && compare->text != NULL) {
        used = snprintf(compare->text, compare->capacity,
                        "%s %s: state %d, owner %u here and %u there, differing fields", type->name,
                        id, ours->head.rid == 0 ? -1 : (int)ours->head.state, ours->row.owner,
                        theirs->row.owner);
    }
    for (size_t i = 0; compare->same && compare->text != NULL && i < type->field_count; i++) {
        const struct jl_value *a = jl_row_get(&theirs->row, type->fields[i].number);
        const struct jl_value *b = jl_row_get(&ours->row, type->fields[i].number);
        bool same = a == b || (a != NULL && b != NULL && jl_value_equal(a, b));
        if (!same && (size_t)used < compare->capacity) {
            used += snprintf(compare->text + used, compare->capacity - (size_t)used, " %s",
                             type->fields[i].name);
        }
    }
    compare->same = false;
}

static enum jl_rc compare_record(void *context, const struct jl_stored *stored,
                                 struct jl_err *err) {
    struct compare *compare = context;
    struct jl_books *district = compare->device->world->district->books;
    struct jl_books *office = compare->device->office->books;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record theirs;
    struct jl_book_record ours = {0};
    const struct jl_type *type = jl_catalogue_type(district->catalogue, stored->head.type);
    enum jl_rc rc = jl_books_unseal(district, stored, &arena, &theirs, err);
    if (rc != JL_OK || !may_see(compare, type, &theirs.row)) {
        return rc;
    }
    struct jl_record_key key = {.type = stored->head.type, .id = stored->head.id};
    rc = jl_books_load(office, &key, 1, &arena, &ours, err);
    compare->count++;
    if (rc == JL_OK && (ours.head.state != JL_RECORD_LIVE || !same_row(&theirs.row, &ours.row))) {
        note_difference(compare, &theirs, &ours);
    }
    return rc;
}

bool world_compare(struct world_device *device, char *out_text, size_t capacity) {
    struct compare compare = {
        .device = device, .same = true, .text = out_text, .capacity = capacity};
    struct jl_books *district = device->world->district->books;
    size_t here = 0;
    if (capacity > 0) {
        out_text[0] = '\0';
    }
    for (size_t i = 0; i < district->layout_count; i++) {
        size_t before = here;
        size_t expected = compare.count;
        struct jl_scan scan = {.type = district->layouts[i].type->number};
        MUST(jl_records_scan(district->store, &scan, compare_record, &compare, &err));
        MUST(jl_records_scan(device->office->books->store, &scan, count_live, &here, &err));
        if (compare.same && here - before != compare.count - expected) {
            compare.same = false;
            snprintf(out_text, capacity, "%zu records of %s here, %zu there", here - before,
                     district->layouts[i].type->name, compare.count - expected);
        }
    }
    return compare.same;
}

bool world_same(struct world_device *device) {
    return world_compare(device, NULL, 0);
}

const char *world_replay_fault(struct world *world) {
    static char fault[sizeof(struct jl_err)];
    struct jl_verify_result result = {0};
    struct jl_err err = {0};
    enum jl_rc rc = jl_verify_replay(world->district, NULL, &result, &err);
    const char *text = rc != JL_OK   ? err_said(&err)
                       : result.same ? ""
                                     : err_said(&result.difference);
    (void)snprintf(fault, sizeof fault, "%s", text);
    return fault;
}
