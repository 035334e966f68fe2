/* Records by what has become of them: `list --state`.
 *
 *   word        where it is read                                 office   district
 *   unsent      outbox: ops without a verdict                      x
 *   parked      outbox: refused ops, each with its reason          x
 *   set_aside   heads: parked, and no op stands for it             x
 *   held        open cases of the kind `held`                      x         x
 *   case        open cases of any other kind                       x         x
 *   deleted     heads: tombstones                                  x         x
 *   left        heads: stubs of what went to another office        x
 *
 * A mark is a record and why it is in that state; marks ascend by rid, each record once. Of several
 * reasons the latest stands. */
#include "desk_internal.h"

#include "jielian/catalogue/built_in.h"
#include "jielian/op/merge.h"
#include "jielian/store/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct state_word {
    enum jl_list_state state;
    bool office_only;
    const char *word;
};
static const struct state_word words[] = {
    {JL_LIST_UNSENT, true, "unsent"},       {JL_LIST_PARKED, true, "parked"},
    {JL_LIST_SET_ASIDE, true, "set_aside"}, {JL_LIST_HELD, false, "held"},
    {JL_LIST_CASE, false, "case"},          {JL_LIST_DELETED, false, "deleted"},
    {JL_LIST_LEFT, true, "left"},
};
enum { WORD_COUNT = sizeof words / sizeof *words };

enum jl_rc jl_list_state_named(const struct jl_desk *desk, const char *word,
                               enum jl_list_state *out_state, struct jl_err *err) {
    JL_AUTO(jl_buf) known = {0};
    bool office = desk->books->side == JL_SIDE_OFFICE;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < WORD_COUNT; i++) {
        if (words[i].office_only && !office) {
            continue;
        }
        if (strcmp(words[i].word, word) == 0) {
            *out_state = words[i].state;
            return JL_OK;
        }
        rc = jl_buf_printf(&known, err, "%s%s", known.size > 0 ? " " : "", words[i].word);
    }
    return rc == JL_OK ? jl_fail(err, JL_MISUSE,
                                 JL_ZH_EN(desk->language, "--state 没有“%s”；有：%.*s",
                                          "--state knows no \"%s\"; there are: %.*s"),
                                 word, (int)known.size, (const char *)known.data)
                       : rc;
}

const char *jl_list_state_word(enum jl_list_state state) {
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (words[i].state == state) {
            return words[i].word;
        }
    }
    return "";
}

/* ---- Marks ---- */

struct marking {
    struct jl_desk *desk;
    struct jl_marks *marks;
    enum jl_list_state state;
    size_t capacity;
    struct jl_record_key *subjects; /* of cases; the mark's rid is filled in by them */
    size_t subject_capacity;
};

void jl_marks_fini(struct jl_marks *marks) {
    if (marks == NULL) {
        return;
    }
    free(marks->items);
    marks->items = NULL;
    marks->count = 0;
    jl_arena_fini(&marks->arena);
}

static enum jl_rc grow(void **items, size_t count, size_t *capacity, size_t size,
                       struct jl_err *err) {
    if (count < *capacity) {
        return JL_OK;
    }
    size_t larger = *capacity == 0 ? 64 : *capacity * 2;
    void *grown = realloc(*items, larger * size);
    if (grown == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a list of %zu records", larger);
    }
    *items = grown;
    *capacity = larger;
    return JL_OK;
}

static enum jl_rc add_mark(struct marking *marking, int64_t rid, struct jl_bytes reason,
                           struct jl_bytes said, struct jl_err *err) {
    struct jl_marks *marks = marking->marks;
    struct jl_mark mark = {.rid = rid, .place = marks->count};
    enum jl_rc rc =
        grow((void **)&marks->items, marks->count, &marking->capacity, sizeof *marks->items, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(&marks->arena, reason, &mark.reason, err);
    }
    if (rc == JL_OK) {
        rc = jl_arena_dup(&marks->arena, said, &mark.said, err);
    }
    if (rc == JL_OK) {
        marks->items[marks->count++] = mark;
    }
    return rc;
}

static enum jl_rc mark_ops(struct marking *marking, enum jl_outbox_state state,
                           struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    const char *unsent = JL_ZH_EN(marking->desk->language, "等待发送", "waits to be sent");
    enum jl_rc rc = jl_outbox_in(marking->desk->books->store, state, &arena, &entries, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        bool parked = state == JL_OUTBOX_PARKED;
        rc = add_mark(marking, entries[i].rid, parked ? entries[i].reason : jl_bytes_text(unsent),
                      parked ? entries[i].said : jl_bytes(NULL, 0), err);
    }
    return rc;
}

static enum jl_rc mark_aside(struct marking *marking, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    int64_t *rids = NULL;
    size_t count = 0;
    const char *reason = JL_ZH_EN(marking->desk->language, "区总工会没有这条记录，只有本机有",
                                  "the district does not have it; only this PC has");
    enum jl_rc rc = jl_outbox_aside(marking->desk->books->store, &arena, &rids, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = add_mark(marking, rids[i], jl_bytes_text(reason), jl_bytes(NULL, 0), err);
    }
    return rc;
}

static const char *kind_label(const struct marking *marking, int64_t kind) {
    const struct jl_type *type = jl_catalogue_type(marking->desk->books->catalogue, JL_TYPE_CASE);
    const struct jl_code *code =
        kind > 0 && kind <= UINT32_MAX
            ? jl_code_list_code(jl_type_field(type, JL_CASE_KIND)->codes, (uint32_t)kind)
            : NULL;
    return code != NULL ? jl_desk_label(marking->desk, &code->label) : "?";
}

static enum jl_rc mark_case(void *context, const struct jl_open_case *found, struct jl_err *err) {
    struct marking *marking = context;
    bool held = found->kind == JL_CASE_HELD;
    char id[JL_ID_TEXT_BYTES];
    JL_AUTO(jl_buf) reason = {0};
    if (held != (marking->state == JL_LIST_HELD) || jl_id_is_zero(&found->subject)) {
        return JL_OK;
    }
    jl_id_format(&found->head->id, id);
    enum jl_rc rc =
        jl_buf_printf(&reason, err, "%s (case show %s)", kind_label(marking, found->kind), id);
    if (rc == JL_OK) {
        rc = grow((void **)&marking->subjects, marking->marks->count, &marking->subject_capacity,
                  sizeof *marking->subjects, err);
    }
    if (rc == JL_OK) {
        marking->subjects[marking->marks->count] =
            (struct jl_record_key){.type = found->subject_type, .id = found->subject};
        rc = add_mark(marking, 0, jl_buf_bytes(&reason), jl_bytes(NULL, 0), err);
    }
    return rc;
}

/* Of cases about records of these books; another office's are not here. */
static enum jl_rc find_subjects(struct marking *marking, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_marks *marks = marking->marks;
    struct jl_head *heads = jl_arena_zalloc(&arena, marks->count + 1, sizeof *heads);
    if (heads == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for %zu cases", marks->count);
    }
    enum jl_rc rc = marks->count == 0
                        ? JL_OK
                        : jl_records_heads(marking->desk->books->store, marking->subjects,
                                           marks->count, &arena, heads, err);
    for (size_t i = 0; rc == JL_OK && i < marks->count; i++) {
        marks->items[i].rid = heads[i].rid;
    }
    return rc;
}

static enum jl_rc mark_cases(struct marking *marking, struct jl_err *err) {
    enum jl_rc rc = jl_books_open_cases(marking->desk->books, mark_case, marking, err);
    if (rc == JL_OK) {
        rc = find_subjects(marking, err);
    }
    free(marking->subjects);
    return rc;
}

static int by_rid(const void *left, const void *right) {
    const struct jl_mark *a = left;
    const struct jl_mark *b = right;
    if (a->rid != b->rid) {
        return a->rid < b->rid ? -1 : 1;
    }
    return a->place < b->place ? -1 : a->place > b->place;
}

/* Ascending, each record once with its latest reason; rid 0 is no record of these books. */
static void put_in_order(struct jl_marks *marks) {
    size_t kept = 0;
    if (marks->count > 1) {
        qsort(marks->items, marks->count, sizeof *marks->items, by_rid);
    }
    for (size_t i = 0; i < marks->count; i++) {
        bool last = i + 1 == marks->count || marks->items[i + 1].rid != marks->items[i].rid;
        if (last && marks->items[i].rid != 0) {
            marks->items[kept++] = marks->items[i];
        }
    }
    marks->count = kept;
}

enum jl_rc jl_marks_load(struct jl_desk *desk, enum jl_list_state state, struct jl_marks *out_marks,
                         struct jl_err *err) {
    struct marking marking = {.desk = desk, .marks = out_marks, .state = state};
    enum jl_rc rc = JL_OK;
    switch (state) {
    case JL_LIST_UNSENT:
        rc = mark_ops(&marking, JL_OUTBOX_PENDING, err);
        break;
    case JL_LIST_PARKED:
        rc = mark_ops(&marking, JL_OUTBOX_PARKED, err);
        break;
    case JL_LIST_SET_ASIDE:
        rc = mark_aside(&marking, err);
        break;
    case JL_LIST_HELD:
    case JL_LIST_CASE:
        rc = mark_cases(&marking, err);
        break;
    case JL_LIST_ANY:
    case JL_LIST_DELETED:
    case JL_LIST_LEFT:
        return jl_fail(err, JL_MISUSE, "state %d is found in the heads", (int)state);
    }
    put_in_order(out_marks);
    return rc;
}

struct jl_bytes jl_mark_reason(const struct jl_desk *desk, const struct jl_mark *mark,
                               const struct jl_type *type, struct jl_sentence *sentence,
                               uint32_t *out_code) {
    const struct jl_remark said = jl_remark_decode(mark != NULL ? mark->said : jl_bytes(NULL, 0));
    const struct jl_listener listener = {.language = desk->language, .type = type};
    *out_code = said.code;
    return jl_remark_text(&said, mark != NULL ? mark->reason : jl_bytes(NULL, 0), &listener,
                          sentence);
}

/* ---- Records of every type ---- */

struct listing {
    struct jl_desk *desk;
    const struct jl_list_options *options;
    struct jl_marks marks;
    struct jl_offices offices;
    struct jl_titles titles;
    struct jl_table table;
    json_t *array;
    size_t shown;
};

static void listing_fini(struct listing *listing) {
    jl_marks_fini(&listing->marks);
    jl_offices_fini(&listing->offices);
    jl_titles_fini(&listing->titles);
    jl_table_fini(&listing->table);
    json_decref(listing->array);
}

static enum jl_rc put_json(struct listing *listing, const struct jl_type *type,
                           const struct jl_book_record *record, struct jl_bytes title,
                           const struct jl_mark *mark, struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    json_t *fields = NULL;
    uint32_t code = 0;
    struct jl_sentence sentence;
    struct jl_bytes reason = jl_mark_reason(listing->desk, mark, type, &sentence, &code);
    enum jl_rc rc = jl_record_json(listing->desk, record, &fields, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_id_format(&record->row.id, id);
    json_t *item = json_pack("{s:s, s:s, s:s, s:s%, s:s, s:s%, s:o, s:o}", "type", type->name,
                             "label", jl_desk_label(listing->desk, &type->label), "id", id, "title",
                             title.size > 0 ? (const char *)title.data : "", title.size, "state",
                             jl_list_state_word(listing->options->state), "reason",
                             reason.size > 0 ? (const char *)reason.data : "", reason.size, "code",
                             code != 0 ? json_integer(code) : json_null(), "record", fields);
    return item != NULL && json_array_append_new(listing->array, item) == 0
               ? JL_OK
               : jl_fail(err, JL_NOMEM, "no memory for the answer");
}

static enum jl_rc put_record(struct listing *listing, const struct jl_book_record *record,
                             const struct jl_mark *mark, struct jl_err *err) {
    struct jl_desk *desk = listing->desk;
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, record->head.type);
    JL_AUTO(jl_buf) title = {0};
    char id[JL_ID_TEXT_BYTES];
    uint32_t code = 0;
    struct jl_sentence sentence;
    if (type == NULL || record->head.rid == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_desk_title(desk, &listing->titles, type, record, &title, err);
    listing->shown++;
    if (rc == JL_OK && listing->options->json) {
        return put_json(listing, type, record, jl_buf_bytes(&title), mark, err);
    }
    jl_id_format(&record->head.id, id);
    const struct jl_bytes cells[] = {
        jl_bytes_text(jl_desk_label(desk, &type->label)), jl_buf_bytes(&title),
        jl_bytes_text(jl_office_name(&listing->offices, record->row.owner, desk->language)),
        jl_mark_reason(desk, mark, type, &sentence, &code), jl_bytes_text(id)};
    for (size_t i = 0; rc == JL_OK && i < sizeof cells / sizeof *cells; i++) {
        rc = jl_table_cell(&listing->table, cells[i], err);
    }
    return rc;
}

static enum jl_rc put_page(struct listing *listing, size_t at, size_t part, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    int64_t rids[JL_PAGE_RECORDS];
    struct jl_book_record records[JL_PAGE_RECORDS];
    const struct jl_list_options *options = listing->options;
    for (size_t i = 0; i < part; i++) {
        rids[i] = listing->marks.items[at + i].rid;
    }
    enum jl_rc rc = jl_books_load_rids(listing->desk->books, rids, part, &arena, records, err);
    for (size_t i = 0; rc == JL_OK && i < part; i++) {
        if (options->limit == 0 || listing->shown < options->limit) {
            rc = put_record(listing, &records[i], &listing->marks.items[at + i], err);
        }
    }
    return rc;
}

static enum jl_rc open_listing(struct listing *listing, FILE *out, struct jl_err *err) {
    enum jl_language language = listing->desk->language;
    const char *headers[] = {
        JL_ZH_EN(language, "类别", "type"), JL_ZH_EN(language, "名称", "title"),
        JL_ZH_EN(language, "所属", "owner"), JL_ZH_EN(language, "原因", "reason"),
        JL_ZH_EN(language, "系统编号", "id")};
    if (!listing->options->json) {
        enum jl_rc rc = jl_offices_load(listing->desk->books, &listing->offices, err);
        return rc == JL_OK ? jl_table_init(&listing->table, out, headers, 5, err) : rc;
    }
    listing->array = json_array();
    return listing->array != NULL ? JL_OK : jl_fail(err, JL_NOMEM, "no memory for the answer");
}

enum jl_rc jl_desk_list_state(struct jl_desk *desk, const struct jl_list_options *options,
                              FILE *out, struct jl_err *err) {
    JL_AUTO(listing) listing = {.desk = desk, .options = options};
    if (options->state == JL_LIST_DELETED || options->state == JL_LIST_LEFT) {
        return jl_fail(err, JL_MISUSE, "%s",
                       JL_ZH_EN(desk->language,
                                "列已删除、已转出的记录要写类别：list 类别 --state …",
                                "name the type of deleted and left records: list TYPE --state …"));
    }
    enum jl_rc rc = jl_desk_begin(desk, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(desk);
    rc = jl_marks_load(desk, options->state, &listing.marks, err);
    if (rc == JL_OK) {
        rc = open_listing(&listing, out, err);
    }
    for (size_t at = 0; rc == JL_OK && at < listing.marks.count; at += JL_PAGE_RECORDS) {
        size_t left = listing.marks.count - at;
        rc = put_page(&listing, at, left < JL_PAGE_RECORDS ? left : JL_PAGE_RECORDS, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_end(desk); /* whoever reads it may be slow */
    return options->json ? jl_json_print(listing.array, out, err)
                         : jl_table_end(&listing.table, err);
}
