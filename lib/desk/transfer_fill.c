/* A new transfer: what the desk fills in, and who may give away whom. */
#include "jielian/base/arena.h"
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/language.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/offices.h"
#include "jielian/desk/ref.h"
#include "jielian/desk/titles.h"
#include "jielian/desk/transfer.h"

static bool holds(const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = field != 0 ? jl_row_get(row, field) : NULL;
    return value != NULL && value->kind != JL_VALUE_NULL;
}

static const char *label_of(const struct jl_desk *desk, const struct jl_type *type,
                            uint32_t field) {
    return jl_desk_label(desk, &jl_type_field(type, field)->label);
}

static uint32_t number_of(const struct jl_offices *offices, const struct jl_value *ref) {
    for (size_t i = 0; i < offices->count; i++) {
        const struct jl_value id = jl_value_ref(&offices->items[i].id);
        if (ref != NULL && jl_value_equal(ref, &id)) {
            return offices->items[i].number;
        }
    }
    return 0;
}

static void say_why_not(const struct jl_desk *desk, const struct jl_type *type,
                        const struct jl_transfer_ask *ask, struct jl_problems *problems) {
    enum jl_transfer_lacks lacks = JL_LACKS_NOTHING;
    const struct jl_may_not *no = jl_may_transfer(ask, &lacks);
    bool ours = desk->owner == 0 || desk->owner == ask->holder;
    if (no != NULL && lacks == JL_LACKS_OFFICE) {
        jl_problem_add(problems, JL_PROBLEM_ERROR, type->transfer_to, desk->language, JL_FAULT_TEXT,
                       "%s", jl_desk_why_not(desk, no));
    } else if (no != NULL) {
        jl_problem_add(problems, JL_PROBLEM_ERROR, type->transfer_subject, desk->language,
                       JL_FAULT_PROBLEM_NOT_WITH, "%s" JL_AND "%s",
                       label_of(desk, type, type->transfer_subject),
                       ours ? label_of(desk, type, type->transfer_from)
                            : JL_ZH_EN(desk->language, "本镇街", "office"));
    }
}

/* The office that is left is the one that has what moves; a desk's own, unless it says otherwise.
 */
static enum jl_rc fill_from(struct jl_desk *desk, const struct jl_type *type, uint32_t owner,
                            struct jl_arena *arena, struct jl_row *row,
                            struct jl_problems *problems, struct jl_err *err) {
    JL_AUTO(jl_offices) offices = {0};
    enum jl_rc rc = jl_offices_load(desk->books, &offices, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_desk_office *office = jl_offices_numbered(&offices, owner);
    const struct jl_value *from = jl_row_get(row, type->transfer_from);
    const struct jl_value *to = jl_row_get(row, type->transfer_to);
    const struct jl_transfer_ask ask = {
        .by = desk->owner,
        .lives = true,
        .holder = owner,
        .from = holds(row, type->transfer_from) ? number_of(&offices, from)
                : office != NULL                ? owner
                                                : 0,
        .to = holds(row, type->transfer_to) ? number_of(&offices, to)
                                            : owner /* the validator names what is missing */};
    say_why_not(desk, type, &ask, problems);
    struct jl_id *id = jl_arena_alloc(arena, sizeof *id);
    if (id == NULL) {
        return jl_fault_memory(err);
    }
    if (office == NULL) {
        return JL_OK;
    }
    *id = office->id;
    const struct jl_value own = jl_value_ref(id);
    return holds(row, type->transfer_from) ? JL_OK
                                           : jl_row_set(row, type->transfer_from, &own, arena, err);
}

static enum jl_rc fill_facts(struct jl_desk *desk, const struct jl_type *type,
                             const struct jl_book_record *subject, struct jl_arena *arena,
                             struct jl_row *row, struct jl_err *err) {
    JL_AUTO(jl_titles) titles = {0};
    JL_AUTO(jl_buf) title = {0};
    struct jl_bytes copy = {0};
    const struct jl_value today = jl_value_int(jl_desk_today(desk));
    const struct jl_type *of = jl_catalogue_type(desk->books->catalogue, subject->head.type);
    enum jl_rc rc = JL_OK;
    if (type->transfer_asked != 0 && !holds(row, type->transfer_asked)) {
        rc = jl_row_set(row, type->transfer_asked, &today, arena, err);
    }
    if (rc != JL_OK || type->transfer_name == 0 || holds(row, type->transfer_name) || of == NULL) {
        return rc;
    }
    rc = jl_titles_put(desk, &titles, of, subject, &title, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_buf_bytes(&title), &copy, err);
    }
    const struct jl_value name = jl_value_text(copy);
    return rc == JL_OK && copy.size > 0 ? jl_row_set(row, type->transfer_name, &name, arena, err)
                                        : rc;
}

enum jl_rc jl_transfer_fill(struct jl_desk *desk, const struct jl_type *type,
                            struct jl_arena *arena, struct jl_row *row,
                            struct jl_problems *problems, struct jl_err *err) {
    struct jl_book_record subject = {0};
    struct jl_record_key key = {0};
    if (type->transfer_subject == 0 || !holds(row, type->transfer_subject)) {
        return JL_OK; /* the validator names what is missing */
    }
    key.type = jl_type_field(type, type->transfer_subject)->ref_type;
    enum jl_rc rc = jl_id_from_bytes(jl_row_get(row, type->transfer_subject)->bytes, &key.id, err);
    if (rc == JL_OK) {
        rc = jl_books_load(desk->books, &key, 1, arena, &subject, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (!jl_books_head_shown(&subject.head)) {
        bool left = subject.head.rid != 0 && subject.head.state == JL_RECORD_LEFT;
        jl_problem_add(problems, JL_PROBLEM_ERROR, type->transfer_subject, desk->language,
                       left ? JL_FAULT_PROBLEM_LEFT : JL_FAULT_PROBLEM_NOT_THERE, "%s",
                       label_of(desk, type, type->transfer_subject));
        return JL_OK;
    }
    rc = fill_from(desk, type, subject.row.owner, arena, row, problems, err);
    return rc == JL_OK ? fill_facts(desk, type, &subject, arena, row, err) : rc;
}

enum jl_rc jl_transfer_holder(struct jl_desk *desk, const struct jl_type *transfer,
                              const char *text, uint32_t *out_owner, struct jl_err *err) {
    const struct jl_field *field = jl_type_field(transfer, transfer->transfer_subject);
    struct jl_ref_query query = {.text = jl_bytes_text(text)};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_head head = {0};
    struct jl_record_key key = {.type = field->ref_type};
    *out_owner = 0;
    enum jl_rc rc = jl_desk_begin(desk, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_ref_resolve(desk, field->ref_type, &query, 1, err);
    if (rc == JL_OK && query.rc == JL_OK) {
        key.id = query.id;
        rc = jl_records_heads(desk->books->store, &key, 1, &arena, &head, err);
        *out_owner = head.owner;
    }
    jl_desk_end(desk);
    return rc;
}
