/* Change sets and what undoes them; cases and who decides them. */
#include "sim.h"

#include "jielian/catalogue/catalogue.h"
#include "jielian/record/check.h"
#include "jielian/record/parse.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { BATCH_MAX = 24, CASES_MAX = 64, CASE_OPEN = 1, CASE_RESOLVED = 2 };

static struct jl_check_context check_context(const struct sim_desk *at) {
    return (struct jl_check_context){
        .catalogue = at->desk->books->catalogue, .today = 20260101, .language = JL_LANGUAGE_ZH};
}

/* What people wrote, into a row; false: it is no value of that field. */
static bool put(const struct sim_desk *at, const struct jl_type *type, const char *name,
                const char *text, struct jl_row *row, struct jl_arena *arena) {
    struct jl_check_context context = check_context(at);
    struct jl_problems problems = {0};
    struct jl_value value = jl_value_null();
    struct jl_err err;
    const struct jl_field *field = jl_type_field_named(type, name);
    return field != NULL &&
           jl_parse_field(&context, field, jl_bytes_text(text), arena, &value, &problems, &err) ==
               JL_OK &&
           problems.errors == 0 && jl_row_set(row, field->number, &value, arena, &err) == JL_OK;
}

/* ---- Change sets ---- */

struct batch {
    struct jl_arena arena;
    struct jl_id change_set;
    struct jl_change changes[BATCH_MAX];
    struct jl_book_record before[BATCH_MAX];
    size_t count;
};

static bool has(const struct batch *batch, const struct jl_id *id) {
    for (size_t i = 0; i < batch->count; i++) {
        if (jl_id_equal(&batch->changes[i].after.id, id)) {
            return true;
        }
    }
    return false;
}

static void batch_add(struct sim *sim, const struct sim_desk *at, struct batch *batch) {
    char values[4][64];
    struct jl_assignment form[8];
    size_t count = 0;
    const struct jl_type *type = sim_type(at, "member");
    struct jl_change *change = &batch->changes[batch->count];
    if (!sim_member_form(sim, at, values, form, &count)) {
        return;
    }
    *change = (struct jl_change){.kind = JL_OP_CREATE};
    change->after = (struct jl_row){.type = type->number, .owner = at->desk->owner};
    change->after.id = jl_id_next(&at->desk->ids, sim->world.now_ms);
    for (size_t i = 0; i < count; i++) {
        if (!put(at, type, form[i].field, form[i].value, &change->after, &batch->arena)) {
            return;
        }
    }
    batch->count++;
}

static void batch_edit(struct sim *sim, const struct sim_desk *at, struct batch *batch) {
    char value[64];
    const char *field = NULL;
    struct jl_err err;
    const struct sim_record *record = sim_any_record(sim, 0);
    struct jl_change *change = &batch->changes[batch->count];
    struct jl_book_record *before = &batch->before[batch->count];
    const struct jl_type *type =
        record != NULL ? jl_catalogue_type(at->desk->books->catalogue, record->type) : NULL;
    if (type == NULL || has(batch, &record->id) ||
        !sim_any_assignment(sim, at, type, &field, value, sizeof value) ||
        sim_load(at, record->type, &record->id, &batch->arena, before, &err) != JL_OK ||
        before->head.rid == 0 || before->head.state != JL_RECORD_LIVE) {
        return;
    }
    *change = (struct jl_change){.kind = JL_OP_EDIT, .before = before};
    if (jl_row_dup(&batch->arena, &before->row, &change->after, &err) == JL_OK &&
        put(at, type, field, value, &change->after, &batch->arena)) {
        batch->count++;
    }
}

void sim_batch(struct sim *sim, const struct sim_desk *at) {
    struct batch batch = {.change_set = jl_id_next(&at->desk->ids, sim->world.now_ms)};
    struct jl_err err = {0};
    size_t wanted = 2 + (size_t)sim_draw(sim, BATCH_MAX - 2);
    bool adds = at->device != NULL && sim_draw(sim, 2) == 0;
    for (size_t i = 0; i < wanted; i++) {
        if (adds) {
            batch_add(sim, at, &batch);
        } else {
            batch_edit(sim, at, &batch);
        }
    }
    if (batch.count > 0) {
        enum jl_rc rc = at->desk->save(at->desk->save_context, &batch.change_set, batch.changes,
                                       batch.count, &err);
        sim_done(sim, at, SIM_BATCH, rc, &err);
        sim_trace(sim, "  %zu changes", batch.count);
        for (size_t i = 0; rc == JL_OK && i < batch.count; i++) {
            if (batch.changes[i].kind == JL_OP_CREATE) {
                sim_remember(sim, at, batch.changes[i].after.type, &batch.changes[i].after.id,
                             &batch.change_set);
            }
        }
    }
    jl_arena_fini(&batch.arena);
}

/* Take back what an import added: those of its records that are there go again, in one change set.
 */
void sim_undo(struct sim *sim, const struct sim_desk *at) {
    struct batch batch = {.change_set = jl_id_next(&at->desk->ids, sim->world.now_ms)};
    static const struct jl_id none;
    struct jl_err err = {0};
    const struct sim_record *first = sim_any_record(sim, sim_type(at, "member")->number);
    bool set = first != NULL && !jl_id_equal(&first->change_set, &none);
    for (size_t i = 0; set && i < sim->record_count && batch.count < BATCH_MAX; i++) {
        const struct sim_record *record = &sim->records[i];
        struct jl_book_record *before = &batch.before[batch.count];
        if (!jl_id_equal(&record->change_set, &first->change_set) ||
            sim_load(at, record->type, &record->id, &batch.arena, before, &err) != JL_OK ||
            before->head.rid == 0 || before->head.state != JL_RECORD_LIVE) {
            continue;
        }
        batch.changes[batch.count] =
            (struct jl_change){.kind = JL_OP_DELETE, .before = before, .after = before->row};
        batch.changes[batch.count++].after.deleted = true;
    }
    if (batch.count > 0) {
        enum jl_rc rc = at->desk->save(at->desk->save_context, &batch.change_set, batch.changes,
                                       batch.count, &err);
        sim_done(sim, at, SIM_UNDO, rc, &err);
        sim_trace(sim, "  %zu changes", batch.count);
    }
    jl_arena_fini(&batch.arena);
}

/* ---- Cases ---- */

struct cases {
    const struct sim_desk *at;
    struct jl_id open[CASES_MAX];
    size_t count;
};

static enum jl_rc note_case(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct cases *cases = context;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    const struct jl_type *type = sim_type(cases->at, "case");
    enum jl_rc rc = jl_books_unseal(cases->at->desk->books, stored, &arena, &record, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_value *status =
        jl_row_get(&record.row, jl_type_field_named(type, "status")->number);
    if (status != NULL && status->number == CASE_OPEN && cases->count < CASES_MAX) {
        cases->open[cases->count++] = stored->head.id;
    }
    return JL_OK;
}

struct deciding {
    struct jl_arena arena;
    struct jl_book_record item, subject;
    const struct jl_type *case_type, *type;
    json_t *detail;
    struct jl_change change;
};

static const char *text_of(const struct deciding *deciding, const char *name,
                           struct jl_arena *arena) {
    struct jl_bytes copy = {0};
    struct jl_err err;
    const struct jl_value *value =
        jl_row_get(&deciding->item.row, jl_type_field_named(deciding->case_type, name)->number);
    char *text = value != NULL && value->kind == JL_VALUE_TEXT
                     ? jl_arena_zalloc(arena, value->bytes.size + 1, 1)
                     : NULL;
    (void)copy;
    (void)err;
    if (text != NULL) {
        memcpy(text, value->bytes.data, value->bytes.size);
    }
    return text;
}

static bool load_case(const struct sim_desk *at, const struct jl_id *id,
                      struct deciding *deciding) {
    struct jl_err err;
    struct jl_id subject;
    deciding->case_type = sim_type(at, "case");
    if (sim_load(at, JL_TYPE_CASE, id, &deciding->arena, &deciding->item, &err) != JL_OK) {
        return false;
    }
    const char *subject_id = text_of(deciding, "subject_id", &deciding->arena);
    const char *detail = text_of(deciding, "detail", &deciding->arena);
    const struct jl_value *number = jl_row_get(
        &deciding->item.row, jl_type_field_named(deciding->case_type, "subject_type")->number);
    deciding->detail = detail != NULL ? json_loads(detail, 0, NULL) : NULL;
    if (subject_id == NULL || number == NULL || deciding->detail == NULL ||
        jl_id_parse(subject_id, &subject, &err) != JL_OK) {
        return false;
    }
    deciding->type = jl_catalogue_type(at->desk->books->catalogue, (uint32_t)number->number);
    return deciding->type != NULL && sim_load(at, deciding->type->number, &subject,
                                              &deciding->arena, &deciding->subject, &err) == JL_OK;
}

/* As `case resolve` asks: what is decided of the subject is the person's own to write. */
static bool may_take(const struct sim_desk *at, struct deciding *deciding) {
    struct jl_err err;
    bool program = at->desk->program;
    at->desk->program = false;
    enum jl_rc rc = jl_desk_begin(at->desk, NULL, &err);
    if (rc == JL_OK) {
        rc = jl_desk_check_may(at->desk, &deciding->change, &deciding->arena, &err);
        jl_desk_end(at->desk);
    }
    at->desk->program = program;
    return rc == JL_OK;
}

/* The subject gets the offered values: one RESOLVE that names the case. false: nothing to set, or
 * nobody may. */
static bool take_offered(const struct sim_desk *at, struct deciding *deciding) {
    struct jl_change *change = &deciding->change;
    const json_t *fields = json_object_get(deciding->detail, "fields");
    const json_t *item = NULL;
    size_t i = 0;
    bool any = false;
    struct jl_err err;
    if (deciding->subject.head.rid == 0 || deciding->subject.head.state != JL_RECORD_LIVE) {
        return false;
    }
    *change = (struct jl_change){
        .kind = JL_OP_RESOLVE, .before = &deciding->subject, .other = deciding->item.head.id};
    if (jl_row_dup(&deciding->arena, &deciding->subject.row, &change->after, &err) != JL_OK) {
        return false;
    }
    json_array_foreach(fields, i, item) {
        const char *name = json_string_value(json_object_get(item, "field"));
        const char *value =
            json_string_value(json_object_get(json_object_get(item, "offered"), "value"));
        any = (name != NULL && put(at, deciding->type, name, value != NULL ? value : "",
                                   &change->after, &deciding->arena)) ||
              any;
    }
    return any && may_take(at, deciding);
}

static bool close_only(const struct sim_desk *at, struct deciding *deciding) {
    struct jl_change *change = &deciding->change;
    struct jl_value resolved = jl_value_int(CASE_RESOLVED);
    struct jl_value how = jl_value_cstr("current");
    struct jl_value by = jl_value_text(at->desk->staff);
    const struct jl_type *type = deciding->case_type;
    struct jl_err err;
    *change = (struct jl_change){.kind = JL_OP_EDIT, .before = &deciding->item};
    struct jl_row *row = &change->after;
    struct jl_arena *arena = &deciding->arena;
    return jl_row_dup(arena, &deciding->item.row, row, &err) == JL_OK &&
           jl_row_set(row, jl_type_field_named(type, "status")->number, &resolved, arena, &err) ==
               JL_OK &&
           jl_row_set(row, jl_type_field_named(type, "resolution")->number, &how, arena, &err) ==
               JL_OK &&
           jl_row_set(row, jl_type_field_named(type, "resolved_by")->number, &by, arena, &err) ==
               JL_OK;
}

void sim_resolve(struct sim *sim, const struct sim_desk *at) {
    struct cases cases = {.at = at};
    struct deciding deciding = {0};
    struct jl_err err = {0};
    struct jl_scan scan = {.type = JL_TYPE_CASE};
    uint64_t which = sim_draw(sim, CASES_MAX);
    bool offered = sim_draw(sim, 2) == 0;
    enum jl_rc rc = jl_records_scan(at->desk->books->store, &scan, note_case, &cases, &err);
    if (rc != JL_OK) {
        sim_done(sim, at, SIM_RESOLVE, rc, &err);
        return;
    }
    if (cases.count > 0 && load_case(at, &cases.open[which % cases.count], &deciding) &&
        ((offered && take_offered(at, &deciding)) || close_only(at, &deciding))) {
        rc = at->desk->save(at->desk->save_context, NULL, &deciding.change, 1, &err);
        sim_done(sim, at, SIM_RESOLVE, rc, &err);
        sim_trace(sim, "  %s",
                  deciding.change.kind == JL_OP_RESOLVE ? "offered" : "closed as it is");
    }
    json_decref(deciding.detail);
    jl_arena_fini(&deciding.arena);
}
