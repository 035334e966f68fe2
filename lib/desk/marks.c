/* Marks: records and why they are in a state, for `list --state` (the table of list_state.c). They
 * ascend by rid, each record once. Of several reasons the latest stands. */
#include "marks.h"

#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/list.h"
#include "jielian/op/merge.h"
#include "jielian/store/outbox.h"

#include <stdlib.h>
#include <string.h>

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
        return jl_fault_memory(err);
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
        return jl_fault_memory(err);
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
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "state %d is found in the heads",
                           (int)state);
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
