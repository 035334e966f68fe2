/* Lists: filters, then a table or a JSON array, page by page.
 *
 * A filter on a field with a tag finds the records by the tag, however the text is written
 * (base/fold.h); on another plain column it is the store's work, byte by byte; any other sealed
 * field is compared after unsealing. All filters are tested once more on the row in the clear, so
 * the ways can't differ. */
#include "marks.h"

#include "jielian/base/fault.h"
#include "jielian/base/fold.h"
#include "jielian/base/language.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/cli/table.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/list.h"
#include "jielian/desk/offices.h"
#include "jielian/desk/pages.h"
#include "jielian/desk/ref.h"
#include "jielian/desk/show.h"
#include "jielian/desk/titles.h"
#include "jielian/record/parse.h"

#include <errno.h>
#include <string.h>

enum {
    FILTERS_MAX = 32,
    COLUMNS_MAX = 9,     /* of a table: what fits a wide terminal */
    TAGGED_MAX = 100000, /* records with one sealed value; more are an error, not a cut */
};

struct filter {
    const struct jl_field *field;
    struct jl_value value; /* NULL kind: records without a value */
};

struct list {
    struct jl_desk *desk;
    const struct jl_type *type;
    const struct jl_list_options *options;
    FILE *out;
    /* JSON is written here first, and handed over between two pages: whoever reads it may be slow,
     * and nobody's snapshot waits for a pipe. A table is written when all is read. */
    FILE *page;
    char *page_text;
    size_t page_size;
    struct filter filters[FILTERS_MAX];
    size_t filter_count;
    bool owner_set;
    uint32_t owner;
    struct jl_arena arena;
    struct jl_offices offices;
    struct jl_marks marks; /* of options->state, unless that is found in the heads */
    /* output */
    const struct jl_field *columns[COLUMNS_MAX];
    size_t column_count;
    bool show_office;
    struct jl_titles titles;
    struct jl_table table;
    struct jl_buf scratch;
    size_t shown;
};

static void list_fini(struct list *list) {
    if (list->page != NULL) {
        (void)fclose(list->page);
        free(list->page_text);
    }
    jl_arena_fini(&list->arena);
    jl_offices_fini(&list->offices);
    jl_marks_fini(&list->marks);
    jl_titles_fini(&list->titles);
    jl_table_fini(&list->table);
    jl_buf_fini(&list->scratch);
}

/* ---- Filters ---- */

static enum jl_rc filter_office(struct list *list, const char *code, struct jl_err *err) {
    const struct jl_desk_office *office = jl_offices_coded(&list->offices, code);
    if (office == NULL) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_LIST_NO_OFFICE, "%s", code);
    }
    list->owner_set = true;
    list->owner = office->number;
    return JL_OK;
}

static enum jl_rc filter_value(struct list *list, const struct jl_field *field, const char *text,
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

static enum jl_rc take_filter(struct list *list, const struct jl_assignment *item,
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

static bool is_marked(const struct list *list) {
    enum jl_list_state state = list->options->state;
    return state != JL_LIST_ANY && state != JL_LIST_DELETED && state != JL_LIST_LEFT;
}

static bool in_state(const struct list *list, const struct jl_head *head) {
    if (list->options->state == JL_LIST_DELETED) {
        return head->rid != 0 && head->state == JL_RECORD_DELETED;
    }
    if (list->options->state == JL_LIST_LEFT) {
        return head->rid != 0 && head->state == JL_RECORD_LEFT;
    }
    return is_marked(list) ? head->rid != 0 : jl_books_head_shown(head);
}

static enum jl_rc passes(const struct list *list, const struct jl_book_record *record,
                         bool *out_passes, struct jl_err *err) {
    *out_passes = record->head.type == list->type->number && /* marked records are of any type */
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

/* ---- Output ---- */

static bool is_title(const struct jl_type *type, uint32_t field) {
    for (size_t i = 0; i < type->title_count; i++) {
        if (type->title[i] == field) {
            return true;
        }
    }
    return false;
}

/* What tells one record from another, most telling first; then in the order of the form. */
static void choose_columns(struct list *list) {
    const struct jl_type *type = list->type;
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < type->field_count; i++) {
            const struct jl_field *field = &type->fields[i];
            bool title = is_title(type, field->number);
            bool key = field->required || field->unique || field->number == type->flow.field;
            int rank = title ? 0 : key ? 1 : 2;
            if (rank == pass && !field->hidden && list->column_count < COLUMNS_MAX) {
                list->columns[list->column_count++] = field;
            }
        }
    }
}

static enum jl_rc open_table(struct list *list, struct jl_err *err) {
    const char *headers[COLUMNS_MAX + 3];
    size_t count = 0;
    choose_columns(list);
    list->show_office = list->desk->books->side == JL_SIDE_DISTRICT;
    for (size_t i = 0; i < list->column_count; i++) {
        headers[count++] = jl_desk_label(list->desk, &list->columns[i]->label);
    }
    if (list->show_office) {
        headers[count++] = JL_ZH_EN(list->desk->language, "所属", "owner");
    }
    if (is_marked(list)) {
        headers[count++] = JL_ZH_EN(list->desk->language, "原因", "reason");
    }
    headers[count++] = JL_ZH_EN(list->desk->language, "系统编号", "id");
    enum jl_rc rc = jl_table_init(&list->table, list->out, headers, count, err);
    for (size_t i = 0; i < list->column_count; i++) {
        enum jl_kind kind = list->columns[i]->kind;
        list->table.right[i] = kind == JL_KIND_INT || kind == JL_KIND_MONEY;
    }
    return rc;
}

static const struct jl_mark *mark_of(const struct list *list, int64_t rid) {
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

static enum jl_rc put_row(struct list *list, const struct jl_book_record *record,
                          struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < list->column_count; i++) {
        const struct jl_value *value = jl_row_get(&record->row, list->columns[i]->number);
        jl_buf_reset(&list->scratch);
        if (value != NULL) {
            rc = jl_titles_put_value(list->desk, &list->titles, list->columns[i], value,
                                     &list->scratch, err);
        }
        if (rc == JL_OK) {
            rc = jl_table_cell(&list->table, jl_buf_bytes(&list->scratch), err);
        }
    }
    if (rc == JL_OK && list->show_office) {
        const char *name = jl_offices_name(&list->offices, record->row.owner, list->desk->language);
        rc = jl_table_cell(&list->table, jl_bytes_text(name), err);
    }
    if (rc == JL_OK && is_marked(list)) {
        uint32_t code = 0;
        struct jl_sentence sentence;
        rc = jl_table_cell(&list->table,
                           jl_mark_reason(list->desk, mark_of(list, record->head.rid), list->type,
                                          &sentence, &code),
                           err);
    }
    jl_id_format(&record->row.id, id);
    return rc == JL_OK ? jl_table_cell(&list->table, jl_bytes_text(id), err) : rc;
}

/* Beside the fields, never in place of one. */
static bool add_state(const struct list *list, const struct jl_book_record *record,
                      json_t *object) {
    uint32_t code = 0;
    struct jl_sentence sentence;
    struct jl_bytes reason =
        jl_mark_reason(list->desk, mark_of(list, record->head.rid), list->type, &sentence, &code);
    bool taken = jl_type_field_named(list->type, "reason") != NULL;
    bool code_taken = jl_type_field_named(list->type, "code") != NULL;
    return (jl_type_field_named(list->type, "state") != NULL ||
            json_object_set_new(object, "state",
                                json_string(jl_list_state_word(list->options->state))) == 0) &&
           json_object_set_new(
               object, taken ? "state_reason" : "reason",
               json_stringn(reason.size > 0 ? (const char *)reason.data : "", reason.size)) == 0 &&
           json_object_set_new(object, code_taken ? "state_code" : "code",
                               code != 0 ? json_integer(code) : json_null()) == 0;
}

static enum jl_rc open_page(struct list *list, struct jl_err *err) {
    list->page = open_memstream(&list->page_text, &list->page_size);
    return list->page != NULL ? JL_OK : jl_fault_memory(err);
}

/* What the page holds, without a snapshot; then another one, if more is to be read. */
static enum jl_rc hand_over(struct list *list, bool more, struct jl_err *err) {
    if (list->page == NULL) {
        return JL_OK;
    }
    if (fflush(list->page) != 0) {
        return jl_fault_memory(err);
    }
    jl_desk_end(list->desk);
    if (fwrite(list->page_text, 1, list->page_size, list->out) != list->page_size) {
        return jl_fault_system(err, JL_IO, JL_FAULT_OUTPUT, errno, "%s", "");
    }
    rewind(list->page);
    return more ? jl_store_begin(list->desk->books->store, false, err) : JL_OK;
}

static enum jl_rc put_object(struct list *list, const struct jl_book_record *record,
                             struct jl_err *err) {
    json_t *object = NULL;
    enum jl_rc rc = jl_show_json(list->desk, record, &object, err);
    if (rc == JL_OK && list->options->state != JL_LIST_ANY && !add_state(list, record, object)) {
        rc = jl_fault_memory(err);
    }
    if (rc == JL_OK && (fputs(list->shown == 0 ? "\n  " : ",\n  ", list->page) == EOF ||
                        json_dumpf(object, list->page, 0) != 0)) {
        rc = jl_fault_memory(err);
    }
    json_decref(object);
    return rc;
}

static bool is_full(const struct list *list) {
    return list->options->limit != 0 && list->shown >= list->options->limit;
}

static enum jl_rc put_page(struct list *list, const struct jl_book_record *records, size_t count,
                           struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count && !is_full(list); i++) {
        bool shown = false;
        rc = passes(list, &records[i], &shown, err);
        if (rc != JL_OK || !shown) {
            continue;
        }
        rc = list->options->json ? put_object(list, &records[i], err)
                                 : put_row(list, &records[i], err);
        list->shown++;
    }
    return rc == JL_OK ? hand_over(list, true, err) : rc;
}

/* ---- Ways to the records ---- */

/* A filter whose value is found by its tag, if there is one. */
static const struct filter *tagged_filter(const struct list *list) {
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

static enum jl_rc put_rids(struct list *list, const int64_t *rids, size_t count,
                           struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t at = 0; rc == JL_OK && at < count; at += JL_PAGE_RECORDS) {
        JL_AUTO(jl_arena) arena = {0};
        struct jl_book_record records[JL_PAGE_RECORDS];
        size_t part = count - at < JL_PAGE_RECORDS ? count - at : JL_PAGE_RECORDS;
        rc = jl_books_load_rids(list->desk->books, rids + at, part, &arena, records, err);
        if (rc == JL_OK) {
            rc = put_page(list, records, part, err);
        }
    }
    return rc;
}

/* Only what is in the state is loaded. */
static enum jl_rc run_marked(struct list *list, struct jl_err *err) {
    enum jl_rc rc = jl_marks_load(list->desk, list->options->state, &list->marks, err);
    size_t count = list->marks.count;
    int64_t *rids = jl_arena_alloc(&list->arena, (count + 1) * sizeof *rids);
    if (rc == JL_OK && rids == NULL) {
        rc = jl_fault_memory(err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rids[i] = list->marks.items[i].rid;
    }
    return rc == JL_OK ? put_rids(list, rids, count, err) : rc;
}

static enum jl_rc run_tagged(struct list *list, const struct filter *filter, struct jl_err *err) {
    struct jl_books *books = list->desk->books;
    int64_t *rids = jl_arena_alloc(&list->arena, TAGGED_MAX * sizeof *rids);
    size_t count = 0;
    if (rids == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_books_find(books, list->type->number, filter->field->number, &filter->value,
                                  1, TAGGED_MAX, rids, &count, err);
    if (rc == JL_OK && count == TAGGED_MAX) {
        rc = jl_fault_at(err, JL_LIMIT, JL_FAULT_LIST_TAGGED, "%d", TAGGED_MAX);
    }
    return rc == JL_OK ? put_rids(list, rids, count, err) : rc;
}

static enum jl_rc run_scan(struct list *list, struct jl_err *err) {
    struct jl_scan_filter filters[FILTERS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < list->filter_count; i++) {
        const struct filter *filter = &list->filters[i];
        const struct jl_layout_column *column =
            jl_desk_column(list->desk->books, list->type->number, filter->field->number);
        bool empty = filter->value.kind == JL_VALUE_NULL;
        if (column != NULL && (empty || !filter->field->sensitive)) {
            filters[count++] =
                (struct jl_scan_filter){.column = column->cell,
                                        .test = empty ? JL_SCAN_IS_NULL : JL_SCAN_EQUAL,
                                        .value = filter->value};
        }
    }
    JL_AUTO(jl_pages)
    pages = {.books = list->desk->books,
             .scan = {.type = list->type->number,
                      .filters = filters,
                      .filter_count = count,
                      .owner_set = list->owner_set,
                      .owner = list->owner,
                      .all_states = list->options->state != JL_LIST_ANY,
                      .limit = count == list->filter_count && list->options->state == JL_LIST_ANY
                                   ? list->options->limit
                                   : 0}};
    enum jl_rc rc = jl_pages_next(&pages, err);
    while (rc == JL_OK && pages.count > 0 && !is_full(list)) {
        rc = put_page(list, pages.records, pages.count, err);
        if (rc == JL_OK) {
            rc = jl_pages_next(&pages, err);
        }
    }
    return rc;
}

static enum jl_rc run(struct list *list, struct jl_err *err) {
    const struct filter *tagged = tagged_filter(list);
    bool json = list->options->json;
    enum jl_rc rc = JL_OK;
    if (!json) {
        rc = open_table(list, err);
    } else {
        rc = open_page(list, err);
        if (rc == JL_OK && fputs("[", list->page) == EOF) {
            rc = jl_fault_memory(err);
        }
    }
    if (rc == JL_OK) {
        rc = is_marked(list)  ? run_marked(list, err)
             : tagged != NULL ? run_tagged(list, tagged, err)
                              : run_scan(list, err);
    }
    if (rc == JL_OK && !json) {
        jl_desk_end(list->desk);
        return jl_table_end(&list->table, err);
    }
    if (rc == JL_OK && fputs(list->shown == 0 ? "]\n" : "\n]\n", list->page) == EOF) {
        rc = jl_fault_memory(err);
    }
    return rc == JL_OK ? hand_over(list, false, err) : rc;
}

enum jl_rc jl_list_records(struct jl_desk *desk, const struct jl_type *type,
                           const struct jl_list_options *options, FILE *out, struct jl_err *err) {
    JL_AUTO(list) list = {.desk = desk, .options = options, .out = out};
    enum jl_rc rc = jl_desk_begin(desk, &type, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(desk);
    list.type = type;
    rc = jl_offices_load(desk->books, &list.offices, err);
    for (size_t i = 0; rc == JL_OK && i < options->filter_count; i++) {
        rc = take_filter(&list, &options->filters[i], err);
    }
    return rc == JL_OK ? run(&list, err) : rc;
}
