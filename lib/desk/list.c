/* Lists: filters, then the ways to the records, page by page.
 *
 * A filter on a field with a tag finds the records by the tag, however the text is written
 * (base/fold.h); on another plain column it is the store's work, byte by byte; any other sealed
 * field is compared after unsealing. All filters are tested once more on the row in the clear, so
 * the ways can't differ. */
#include "list_row.h"
#include "marks.h"

#include "jielian/base/fault.h"
#include "jielian/base/fold.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/list.h"
#include "jielian/desk/offices.h"
#include "jielian/desk/pages.h"
#include "jielian/desk/ref.h"
#include "jielian/desk/titles.h"
#include "jielian/record/parse.h"

#include <stdlib.h>
#include <string.h>

enum {
    FILTERS_MAX = 32,
    TAGGED_MAX = 100000, /* records with one sealed value; more are an error, not a cut */
};

struct filter {
    const struct jl_field *field;
    struct jl_value value; /* NULL kind: records without a value */
};

struct jl_list {
    struct jl_desk *desk;
    const struct jl_type *type; /* NULL: every type */
    enum jl_list_state state;
    size_t limit, handed;
    struct filter filters[FILTERS_MAX];
    size_t filter_count;
    bool owner_set;
    uint32_t owner;
    struct jl_arena arena;
    struct jl_list_row_names names;
    struct jl_marks marks; /* of the state, unless that is found in the heads */
    const struct jl_field *fields[JL_LIST_FIELDS_MAX];
    size_t field_count;
    /* The way to the records: by their numbers, or else by a scan. */
    const int64_t *rids;
    size_t rid_count, rid_at;
    struct jl_pages pages;
    struct jl_scan_filter scan_filters[FILTERS_MAX];
    /* The rows under hand. */
    struct jl_arena page;
    struct jl_list_row *rows;
    size_t row_count;
};

void jl_list_close(struct jl_list *list) {
    if (list == NULL) {
        return;
    }
    jl_arena_fini(&list->page);
    jl_pages_fini(&list->pages);
    jl_marks_fini(&list->marks);
    jl_list_row_names_fini(&list->names);
    jl_arena_fini(&list->arena);
    free(list);
}

/* ---- Filters ---- */

static enum jl_rc filter_office(struct jl_list *list, const char *code, struct jl_err *err) {
    const struct jl_desk_office *office = jl_offices_coded(&list->names.offices, code);
    if (office == NULL) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_LIST_NO_OFFICE, "%s", code);
    }
    list->owner_set = true;
    list->owner = office->number;
    return JL_OK;
}

static enum jl_rc filter_value(struct jl_list *list, const struct jl_field *field, const char *text,
                               struct jl_value *out_value, struct jl_err *err) {
    struct jl_problems problems;
    struct jl_check_context context = jl_desk_context(list->desk);
    jl_problems_reset(&problems);
    if (text[0] == '\0') {
        return JL_OK;
    }
    if (field->kind == JL_KIND_REF) {
        struct jl_id *id = jl_arena_alloc(&list->arena, sizeof *id);
        if (id == NULL) {
            return jl_fault_memory(err);
        }
        *out_value = jl_value_ref(id);
        return jl_ref_resolve_one(list->desk, field, jl_bytes_text(text), id, err);
    }
    enum jl_rc rc = jl_parse_field(&context, field, jl_bytes_text(text), &list->arena, out_value,
                                   &problems, err);
    if (rc == JL_OK && problems.errors > 0) {
        rc = jl_fault_at(err, JL_MISUSE, JL_FAULT_TEXT, "%s", problems.items[0].text);
    }
    return rc;
}

static enum jl_rc take_filter(struct jl_list *list, const struct jl_assignment *item,
                              struct jl_err *err) {
    const struct jl_field *field = jl_type_field_named(list->type, item->field);
    if (field == NULL) {
        field = jl_type_field_by_header(list->type, jl_bytes_text(item->field));
    }
    if (field == NULL && strcmp(item->field, "office") == 0) {
        return filter_office(list, item->value, err);
    }
    if (field == NULL || field->hidden) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_LIST_NO_FIELD, "%s" JL_AND "%s",
                           jl_desk_label(list->desk, &list->type->label), item->field);
    }
    if (list->filter_count == FILTERS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_LIST_FILTERS, "%d", FILTERS_MAX);
    }
    struct filter *filter = &list->filters[list->filter_count++];
    filter->field = field;
    return filter_value(list, field, item->value, &filter->value, err);
}

bool jl_list_state_marked(enum jl_list_state state) {
    return state != JL_LIST_ANY && state != JL_LIST_DELETED && state != JL_LIST_LEFT;
}

static bool in_state(const struct jl_list *list, const struct jl_head *head) {
    if (list->state == JL_LIST_DELETED) {
        return head->rid != 0 && head->state == JL_RECORD_DELETED;
    }
    if (list->state == JL_LIST_LEFT) {
        return head->rid != 0 && head->state == JL_RECORD_LEFT;
    }
    return jl_list_state_marked(list->state) ? head->rid != 0 : jl_books_head_shown(head);
}

static enum jl_rc passes(const struct jl_list *list, const struct jl_book_record *record,
                         bool *out_passes, struct jl_err *err) {
    /* Marked records are of any type. */
    const struct jl_type *type = jl_catalogue_type(list->desk->books->catalogue, record->head.type);
    *out_passes = type != NULL && (list->type == NULL || type->number == list->type->number) &&
                  in_state(list, &record->head) &&
                  (!list->owner_set || record->row.owner == list->owner);
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && *out_passes && i < list->filter_count; i++) {
        const struct filter *filter = &list->filters[i];
        const struct jl_value *value = jl_row_get(&record->row, filter->field->number);
        if (value == NULL) {
            *out_passes = filter->value.kind == JL_VALUE_NULL;
        } else if (jl_books_findable(list->desk->books, list->type->number, filter->field)) {
            rc = jl_fold_same(value, &filter->value, out_passes, err);
        } else {
            *out_passes = jl_value_equal(value, &filter->value);
        }
    }
    return rc;
}

/* ---- Rows ---- */

static bool is_title(const struct jl_type *type, uint32_t field) {
    for (size_t i = 0; i < type->title_count; i++) {
        if (type->title[i] == field) {
            return true;
        }
    }
    return false;
}

static void choose_fields(struct jl_list *list, size_t most) {
    const struct jl_type *type = list->type;
    most = most < JL_LIST_FIELDS_MAX ? most : JL_LIST_FIELDS_MAX;
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < type->field_count; i++) {
            const struct jl_field *field = &type->fields[i];
            bool title = is_title(type, field->number);
            bool key = field->required || field->unique || field->number == type->flow.field;
            int rank = title ? 0 : key ? 1 : 2;
            if (rank == pass && !field->hidden && list->field_count < most) {
                list->fields[list->field_count++] = field;
            }
        }
    }
}

const struct jl_type *jl_list_type(const struct jl_list *list) {
    return list->type;
}

enum jl_list_state jl_list_state(const struct jl_list *list) {
    return list->state;
}

const struct jl_field *const *jl_list_fields(const struct jl_list *list, size_t *out_count) {
    *out_count = list->field_count;
    return list->fields;
}

static const struct jl_mark *mark_of(const struct jl_list *list, int64_t rid) {
    size_t low = 0;
    size_t high = list->marks.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->marks.items[middle].rid == rid) {
            return &list->marks.items[middle];
        }
        if (list->marks.items[middle].rid < rid) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static enum jl_rc make_texts(struct jl_list *list, struct jl_list_row *row, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    struct jl_bytes *texts = jl_arena_zalloc(&list->page, list->field_count, sizeof *texts);
    enum jl_rc rc = texts != NULL ? JL_OK : jl_fault_memory(err);
    for (size_t i = 0; rc == JL_OK && i < list->field_count; i++) {
        const struct jl_value *value = jl_row_get(&row->record->row, list->fields[i]->number);
        jl_buf_reset(&text);
        if (value != NULL) {
            rc = jl_titles_put_value(list->desk, &list->names.titles, list->fields[i], value, &text,
                                     err);
        }
        if (rc == JL_OK) {
            rc = jl_arena_dup(&list->page, jl_buf_bytes(&text), &texts[i], err);
        }
    }
    row->texts = texts;
    return rc;
}

static enum jl_rc make_reason(struct jl_list *list, struct jl_list_row *row, struct jl_err *err) {
    struct jl_sentence sentence;
    const struct jl_bytes reason = jl_mark_reason(list->desk, mark_of(list, row->record->head.rid),
                                                  row->type, &sentence, &row->code);
    return jl_arena_dup(&list->page, reason, &row->reason, err);
}

static enum jl_rc make_row(struct jl_list *list, const struct jl_book_record *record,
                           struct jl_list_row *out_row, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    jl_list_row_make(list->desk, &list->names, record, out_row);
    out_row->state = list->state;
    if (list->state != JL_LIST_ANY) {
        rc = make_reason(list, out_row, err);
    }
    if (rc == JL_OK && list->type == NULL) {
        return jl_list_row_name(list->desk, &list->names, out_row, &list->page, err);
    }
    return rc == JL_OK && list->field_count > 0 ? make_texts(list, out_row, err) : rc;
}

static bool is_full(const struct jl_list *list) {
    return list->limit != 0 && list->handed >= list->limit;
}

static enum jl_rc take(struct jl_list *list, const struct jl_book_record *records, size_t count,
                       struct jl_err *err) {
    list->rows = jl_arena_zalloc(&list->page, count + 1, sizeof *list->rows);
    enum jl_rc rc = list->rows != NULL ? JL_OK : jl_fault_memory(err);
    for (size_t i = 0; rc == JL_OK && i < count && !is_full(list); i++) {
        bool passed = false;
        rc = passes(list, &records[i], &passed, err);
        if (rc == JL_OK && passed) {
            rc = make_row(list, &records[i], &list->rows[list->row_count++], err);
            list->handed++;
        }
    }
    return rc;
}

static enum jl_rc next_numbered(struct jl_list *list, bool *out_ended, struct jl_err *err) {
    size_t left = list->rid_count - list->rid_at;
    size_t count = left < JL_PAGE_RECORDS ? left : JL_PAGE_RECORDS;
    const int64_t *rids = list->rids + list->rid_at;
    struct jl_book_record *records = jl_arena_zalloc(&list->page, count + 1, sizeof *records);
    *out_ended = count == 0;
    if (records == NULL) {
        return jl_fault_memory(err);
    }
    list->rid_at += count;
    enum jl_rc rc = jl_books_load_rids(list->desk->books, rids, count, &list->page, records, err);
    return rc == JL_OK ? take(list, records, count, err) : rc;
}

static enum jl_rc next_scanned(struct jl_list *list, bool *out_ended, struct jl_err *err) {
    enum jl_rc rc = jl_pages_next(&list->pages, err);
    *out_ended = list->pages.count == 0;
    return rc == JL_OK ? take(list, list->pages.records, list->pages.count, err) : rc;
}

enum jl_rc jl_list_next(struct jl_list *list, const struct jl_list_row **out_rows,
                        size_t *out_count, struct jl_err *err) {
    enum jl_rc rc = jl_store_begin(list->desk->books->store, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(list->desk);
    bool ended = false;
    list->row_count = 0;
    while (rc == JL_OK && list->row_count == 0 && !ended && !is_full(list)) {
        jl_arena_reset(&list->page);
        rc =
            list->rids != NULL ? next_numbered(list, &ended, err) : next_scanned(list, &ended, err);
    }
    *out_rows = list->rows;
    *out_count = list->row_count;
    return rc;
}

/* ---- Ways to the records ---- */

/* A filter whose value is found by its tag, if there is one. */
static const struct filter *tagged_filter(const struct jl_list *list) {
    for (size_t i = 0; i < list->filter_count; i++) {
        const struct filter *filter = &list->filters[i];
        bool sought = filter->value.kind == JL_VALUE_TEXT ||
                      (filter->field->sensitive && filter->value.kind != JL_VALUE_NULL);
        if (sought && jl_books_findable(list->desk->books, list->type->number, filter->field)) {
            return filter;
        }
    }
    return NULL;
}

/* Only what is in the state is loaded. */
static enum jl_rc find_marked(struct jl_list *list, struct jl_err *err) {
    enum jl_rc rc = jl_marks_load(list->desk, list->state, &list->marks, err);
    size_t count = list->marks.count;
    int64_t *rids = jl_arena_zalloc(&list->arena, count + 1, sizeof *rids);
    if (rc == JL_OK && rids == NULL) {
        rc = jl_fault_memory(err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rids[i] = list->marks.items[i].rid;
    }
    list->rids = rids;
    list->rid_count = count;
    return rc;
}

static enum jl_rc find_tagged(struct jl_list *list, const struct filter *filter,
                              struct jl_err *err) {
    struct jl_books *books = list->desk->books;
    int64_t *rids = jl_arena_alloc(&list->arena, TAGGED_MAX * sizeof *rids);
    if (rids == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_books_find(books, list->type->number, filter->field->number, &filter->value,
                                  1, TAGGED_MAX, rids, &list->rid_count, err);
    if (rc == JL_OK && list->rid_count == TAGGED_MAX) {
        rc = jl_fault_at(err, JL_LIMIT, JL_FAULT_LIST_TAGGED, "%d", TAGGED_MAX);
    }
    list->rids = rids;
    return rc;
}

static void prepare_scan(struct jl_list *list) {
    size_t count = 0;
    for (size_t i = 0; i < list->filter_count; i++) {
        const struct filter *filter = &list->filters[i];
        const struct jl_layout_column *column =
            jl_desk_column(list->desk->books, list->type->number, filter->field->number);
        bool empty = filter->value.kind == JL_VALUE_NULL;
        if (column != NULL && (empty || !filter->field->sensitive)) {
            list->scan_filters[count++] =
                (struct jl_scan_filter){.column = column->cell,
                                        .test = empty ? JL_SCAN_IS_NULL : JL_SCAN_EQUAL,
                                        .value = filter->value};
        }
    }
    list->pages = (struct jl_pages){
        .books = list->desk->books,
        .scan = {.type = list->type->number,
                 .filters = list->scan_filters,
                 .filter_count = count,
                 .owner_set = list->owner_set,
                 .owner = list->owner,
                 .all_states = list->state != JL_LIST_ANY,
                 .limit =
                     count == list->filter_count && list->state == JL_LIST_ANY ? list->limit : 0}};
}

static enum jl_rc choose_way(struct jl_list *list, struct jl_err *err) {
    const struct filter *tagged = tagged_filter(list);
    if (jl_list_state_marked(list->state)) {
        return find_marked(list, err);
    }
    if (tagged != NULL) {
        return find_tagged(list, tagged, err);
    }
    prepare_scan(list);
    return JL_OK;
}

static enum jl_rc start(struct jl_list *list, const struct jl_type *type,
                        const struct jl_list_options *options, struct jl_err *err) {
    enum jl_rc rc = jl_desk_begin(list->desk, type != NULL ? &type : NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(list->desk);
    list->type = type;
    rc = jl_offices_load(list->desk->books, &list->names.offices, err);
    for (size_t i = 0; rc == JL_OK && type != NULL && i < options->filter_count; i++) {
        rc = take_filter(list, &options->filters[i], err);
    }
    if (rc == JL_OK && type != NULL) {
        choose_fields(list, options->fields_max);
    }
    return rc == JL_OK ? choose_way(list, err) : rc;
}

enum jl_rc jl_list_open(struct jl_desk *desk, const struct jl_type *type,
                        const struct jl_list_options *options, struct jl_list **out_list,
                        struct jl_err *err) {
    if (type == NULL && !jl_list_state_marked(options->state)) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_LIST_STATE_TYPE);
    }
    JL_AUTO_PTR(jl_list) list = calloc(1, sizeof *list);
    if (list == NULL) {
        return jl_fault_memory(err);
    }
    list->desk = desk;
    list->state = options->state;
    list->limit = options->limit;
    enum jl_rc rc = start(list, type, options, err);
    if (rc == JL_OK) {
        *out_list = list;
        list = NULL;
    }
    return rc;
}
