/* Transfers whose next step is overdue: a case for the office whose turn it is, one a step. Made as
 * ordinary changes of the district's own, so that the journal has them and replay makes the same.
 */
#include "overdue.h"
#include "district.h"
#include "own_ops.h"

#include "jielian/base/assert.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/desk/transfer.h"
#include "jielian/json/json.h"
#include "jielian/op/change.h"
#include "jielian/op/merge.h"
#include "jielian/sync/case_id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CASES_MAX = 1000, /* in one transaction; what is over waits for the next look */
    TITLE_BYTES = 512,
};

struct overdue {
    struct jl_district *district;
    const struct jl_type *type;
    int64_t today;
    int64_t now_ms;
    struct jl_change *changes;
    size_t count;
    struct jl_arena arena;
};

/* "张三：转会应于 2026-12-04 前办理（转出同意）" */
static enum jl_rc title_of(struct overdue *overdue, const struct jl_row *row,
                           struct jl_value *out_title, struct jl_err *err) {
    const struct jl_type *type = overdue->type;
    const struct jl_value *name = jl_row_get(row, type->transfer_name);
    const struct jl_field *status = jl_type_field(type, type->flow.field);
    const struct jl_code *code =
        jl_code_list_code(status->codes, (uint32_t)jl_row_number(row, type->flow.field));
    int64_t due = jl_row_number(row, type->flow.due_field);
    bool named = name != NULL && name->kind == JL_VALUE_TEXT;
    char *text = jl_arena_alloc(&overdue->arena, TITLE_BYTES);
    if (text == NULL) {
        return jl_fault_memory(err);
    }
    /* A name is cut at a character by the check of names: at most 30. */
    (void)snprintf(text, TITLE_BYTES, "%.*s：%s应于 %04d-%02d-%02d 前办理（%s）",
                   named ? (int)name->bytes.size : 0, named ? (const char *)name->bytes.data : "",
                   type->label.zh, (int)(due / 10000), (int)(due / 100 % 100), (int)(due % 100),
                   code != NULL ? code->label.zh : "");
    *out_title = jl_value_cstr(text);
    return JL_OK;
}

/* In the form of every case (server/judge/case.c): there are no values to choose from. */
static enum jl_rc detail_of(struct overdue *overdue, uint32_t office, struct jl_value *out_detail,
                            struct jl_err *err) {
    char when[JL_DATE_TIME_BYTES];
    const struct jl_office_entry *turn = jl_roster_office(overdue->district, office);
    jl_date_format_time(overdue->now_ms, when);
    json_t *detail = json_pack("{s:[], s:{s:s, s:s, s:s}}", "fields", "author", "staff", "",
                               "office", turn != NULL ? turn->code : "", "at", when);
    JL_AUTO(jl_buf) text = {0};
    struct jl_bytes copy = {0};
    enum jl_rc rc = jl_json_put(detail, &text, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(&overdue->arena, jl_buf_bytes(&text), &copy, err);
    }
    *out_detail = jl_value_text(copy);
    return rc;
}

static enum jl_rc fill_case(struct overdue *overdue, const struct jl_row *transfer,
                            struct jl_row *row, struct jl_err *err) {
    const struct jl_type *type = jl_books_layout(overdue->district->books, JL_TYPE_CASE)->type;
    struct jl_value title;
    struct jl_value detail;
    char *subject = jl_arena_alloc(&overdue->arena, JL_ID_TEXT_BYTES);
    if (subject == NULL) {
        return jl_fault_memory(err);
    }
    jl_id_format(&transfer->id, subject);
    enum jl_rc rc = title_of(overdue, transfer, &title, err);
    if (rc == JL_OK) {
        rc = detail_of(overdue, row->owner, &detail, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct {
        const char *name;
        struct jl_value value;
    } fields[] = {
        {"kind", jl_value_int(JL_CASE_TRANSFER)},
        {"subject_type", jl_value_int(overdue->type->number)},
        {"subject_id", jl_value_cstr(subject)},
        {"title", title},
        {"detail", detail},
        {"opened_on", jl_value_int(overdue->today)},
        {"status", jl_value_int(JL_CASE_OPEN)},
    };
    for (size_t i = 0; rc == JL_OK && i < sizeof fields / sizeof *fields; i++) {
        const struct jl_field *field = jl_type_field_named(type, fields[i].name);
        JL_ASSERT(field != NULL);
        rc = jl_row_set(row, field->number, &fields[i].value, &overdue->arena, err);
    }
    return rc;
}

static enum jl_rc look_at(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct overdue *overdue = context;
    struct jl_district *district = overdue->district;
    const struct jl_type *type = overdue->type;
    struct jl_book_record record;
    struct jl_head known = {0};
    struct jl_record_key key = {.type = JL_TYPE_CASE};
    if (overdue->count == CASES_MAX || stored->head.state != JL_RECORD_LIVE) {
        return JL_OK;
    }
    enum jl_rc rc = jl_books_unseal(district->books, stored, &overdue->arena, &record, err);
    if (rc != JL_OK) {
        return rc;
    }
    int64_t status = jl_row_number(&record.row, type->flow.field);
    uint32_t turn = jl_transfer_turn(type, status);
    uint32_t office =
        turn != 0 ? jl_roster_office_of_ref(district, jl_row_get(&record.row, turn)) : 0;
    if (office == 0) {
        return JL_OK; /* nobody's turn */
    }
    rc = jl_case_id_of_step(district->books->hasher, &record.row.id, status, &key.id, err);
    if (rc == JL_OK) {
        rc = jl_records_heads(district->books->store, &key, 1, &overdue->arena, &known, err);
    }
    if (rc != JL_OK || known.rid != 0) {
        return rc;
    }
    struct jl_change *change = &overdue->changes[overdue->count];
    *change = (struct jl_change){.kind = JL_OP_CREATE,
                                 .after = {.type = JL_TYPE_CASE, .id = key.id, .owner = office}};
    rc = fill_case(overdue, &record.row, &change->after, err);
    overdue->count += rc == JL_OK;
    return rc;
}

static enum jl_rc look(struct overdue *overdue, struct jl_err *err) {
    struct jl_district *district = overdue->district;
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    overdue->type = jl_transfer_type(district->books->catalogue);
    overdue->changes = jl_arena_zalloc(&overdue->arena, CASES_MAX, sizeof *overdue->changes);
    if (overdue->changes == NULL) {
        rc = jl_fault_memory(err);
    } else if (overdue->type != NULL && overdue->type->flow.due_field != 0) {
        size_t column = 0;
        const struct jl_layout *layout = jl_books_layout(district->books, overdue->type->number);
        while (column < layout->column_count &&
               layout->columns[column].field->number != overdue->type->flow.due_field) {
            column++;
        }
        JL_ASSERT(column < layout->column_count);
        const struct jl_scan_filter filter = {.column = layout->columns[column].cell,
                                              .test = JL_SCAN_AT_MOST,
                                              .value = jl_value_int(overdue->today - 1)};
        const struct jl_scan scan = {
            .type = overdue->type->number, .filters = &filter, .filter_count = 1};
        rc = jl_records_scan(district->books->store, &scan, look_at, overdue, err);
    }
    jl_store_rollback(district->books->store);
    return rc;
}

enum jl_rc jl_overdue_note(struct jl_district *district, size_t *out_cases, struct jl_err *err) {
    struct overdue overdue = {.district = district,
                              .now_ms = district->clock.wall_ms(district->clock.context)};
    overdue.today = jl_date_of_ms(overdue.now_ms);
    enum jl_rc rc = look(&overdue, err);
    if (rc == JL_OK && overdue.count > 0) {
        rc = jl_own_ops_save(district, NULL, overdue.changes, overdue.count, err);
    }
    *out_cases = rc == JL_OK ? overdue.count : 0;
    jl_arena_fini(&overdue.arena);
    return rc;
}
