/* From what people write in a reference to the record meant. Tried in this order, each way for all
 * texts that are still open:
 *
 *   id           0190…-…, also at the end in brackets: 张三（0190…-…），as exports write it
 *   unique       ID number, credit code, name of a union, code of an office …
 *   natural key  of one field: the login of a member of staff, the number of an office
 *   title        the first title field that is searchable
 *   title's ref  困难家庭 by its 户主, who is resolved in the same ways
 *
 * Texts are the same that fold to the same (base/fold.h). Of several records with the same value
 * those are meant that have it exactly as written, if there are any; of these the only living one;
 * otherwise nobody guesses. */
#include "jielian/desk/ref.h"
#include "jielian/base/fault.h"
#include "jielian/base/fold.h"
#include "jielian/base/language.h"
#include "jielian/books/books.h"
#include "jielian/desk/desk.h"
#include "jielian/record/natural_key.h"
#include "jielian/record/parse.h"
#include "jielian/record/search.h"
#include "jielian/record/text.h"
#include "jielian/store/words.h"

#include <string.h>

enum {
    HOLDERS_MAX = 8, /* of one unique value; tombstones may be among them */
    NAMESAKES_MAX = 32,
    DEPTH_MAX = 2,
};

struct resolving {
    struct jl_desk *desk;
    const struct jl_type *type;
    struct jl_check_context context;
    struct jl_ref_query *queries;
    size_t count;
    int depth;
    struct jl_arena arena;
};

static void resolving_fini(struct resolving *resolving) {
    jl_arena_fini(&resolving->arena);
}

/* ---- By id ---- */

/* The id that the text is, or that stands in brackets at its end. */
static bool read_id(struct jl_bytes text, struct jl_id *out_id) {
    static const char wide[] = "）";
    char id[JL_ID_TEXT_BYTES];
    size_t wide_size = sizeof wide - 1;
    if (text.size > wide_size && memcmp(text.data + text.size - wide_size, wide, wide_size) == 0) {
        text.size -= wide_size;
    } else if (text.size > 1 && text.data[text.size - 1] == ')') {
        text.size--;
    }
    if (text.size < sizeof id - 1) {
        return false;
    }
    memcpy(id, text.data + text.size - (sizeof id - 1), sizeof id - 1);
    id[sizeof id - 1] = '\0';
    return jl_id_parse(id, out_id, NULL) == JL_OK;
}

static enum jl_rc by_id(struct resolving *resolving, struct jl_err *err) {
    struct jl_record_key *keys =
        jl_arena_zalloc(&resolving->arena, resolving->count + 1, sizeof *keys);
    struct jl_head *heads = jl_arena_zalloc(&resolving->arena, resolving->count + 1, sizeof *heads);
    size_t *places = jl_arena_zalloc(&resolving->arena, resolving->count + 1, sizeof *places);
    if (keys == NULL || heads == NULL || places == NULL) {
        return jl_fault_memory(err);
    }
    size_t count = 0;
    for (size_t i = 0; i < resolving->count; i++) {
        struct jl_ref_query *query = &resolving->queries[i];
        if (read_id(query->text, &query->id)) {
            keys[count] = (struct jl_record_key){.type = resolving->type->number, .id = query->id};
            places[count++] = i;
        }
    }
    enum jl_rc rc = count == 0 ? JL_OK
                               : jl_records_heads(resolving->desk->books->store, keys, count,
                                                  &resolving->arena, heads, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_ref_query *query = &resolving->queries[places[i]];
        query->rc = JL_OK;
        query->open = false;
        query->unseen = heads[i].rid == 0;
    }
    return rc;
}

/* ---- By the records that hold a value ---- */

/* Has the record just this value? Of a sealed one nobody can say. */
static bool has_exactly(const struct jl_stored *stored, const struct jl_layout_column *column,
                        const struct jl_value *value) {
    return stored->cells != NULL && column != NULL && !column->field->sensitive &&
           jl_value_equal(&stored->cells[column->cell], value);
}

/* Which of the records is meant. None shown: the query stays open. */
static void pick(const struct resolving *resolving, struct jl_ref_query *query, uint32_t field,
                 const struct jl_value *value, const struct jl_stored *stored, size_t count) {
    const struct jl_layout_column *column =
        jl_desk_column(resolving->desk->books, resolving->type->number, field);
    size_t shown = 0;
    size_t living = 0;
    struct jl_id id = {{0}};
    bool exact = false;
    for (size_t i = 0; i < count; i++) {
        exact = exact ||
                (jl_books_head_shown(&stored[i].head) && has_exactly(&stored[i], column, value));
    }
    for (size_t i = 0; i < count; i++) {
        if (!jl_books_head_shown(&stored[i].head) ||
            (exact && !has_exactly(&stored[i], column, value))) {
            continue;
        }
        bool lives = jl_desk_living(resolving->desk->books, resolving->type, &stored[i]);
        if (shown == 0 || (lives && living == 0)) {
            id = stored[i].head.id;
        }
        shown++;
        living += lives ? 1 : 0;
    }
    if (shown == 0) {
        return;
    }
    query->open = false;
    query->rc = shown == 1 || living == 1 ? JL_OK : JL_CONFLICT;
    query->id = id;
}

struct sought { /* values of a field, for the queries at places */
    uint32_t field;
    const struct jl_value *values;
    const size_t *places;
    size_t count;
};

static enum jl_rc pick_each(struct resolving *resolving, const struct sought *sought,
                            const int64_t *rids, const size_t *counts, struct jl_err *err) {
    size_t count = sought->count;
    size_t total = 0;
    int64_t *packed = jl_arena_alloc(&resolving->arena, (count * HOLDERS_MAX + 1) * sizeof *packed);
    if (packed == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < counts[i]; j++) {
            packed[total++] = rids[i * HOLDERS_MAX + j];
        }
    }
    struct jl_stored *stored = jl_arena_zalloc(&resolving->arena, total + 1, sizeof *stored);
    if (stored == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_records_load_rids(resolving->desk->books->store, packed, total,
                                         &resolving->arena, stored, err);
    const struct jl_stored *next = stored;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        pick(resolving, &resolving->queries[sought->places[i]], sought->field, &sought->values[i],
             next, counts[i]);
        next += counts[i];
    }
    return rc;
}

static enum jl_rc find_and_pick(struct resolving *resolving, const struct sought *sought,
                                struct jl_err *err) {
    size_t count = sought->count;
    int64_t *rids = jl_arena_alloc(&resolving->arena, (count * HOLDERS_MAX + 1) * sizeof *rids);
    size_t *counts = jl_arena_zalloc(&resolving->arena, count + 1, sizeof *counts);
    if (rids == NULL || counts == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_books_find(resolving->desk->books, resolving->type->number, sought->field,
                                  sought->values, count, HOLDERS_MAX, rids, counts, err);
    return rc == JL_OK ? pick_each(resolving, sought, rids, counts, err) : rc;
}

/* The open texts read as values of the field; those that can't be are left out. */
static enum jl_rc read_open(struct resolving *resolving, const struct jl_field *field,
                            struct sought *out_sought, struct jl_err *err) {
    struct jl_problems ignored; /* the text may well be meant for another field */
    struct jl_value *values =
        jl_arena_zalloc(&resolving->arena, resolving->count + 1, sizeof *values);
    size_t *places = jl_arena_zalloc(&resolving->arena, resolving->count + 1, sizeof *places);
    size_t count = 0;
    if (values == NULL || places == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < resolving->count; i++) {
        const struct jl_ref_query *query = &resolving->queries[i];
        if (!query->open) {
            continue;
        }
        jl_problems_reset(&ignored);
        enum jl_rc rc = jl_parse_field(&resolving->context, field, query->text, &resolving->arena,
                                       &values[count], &ignored, err);
        if (rc != JL_OK) {
            return rc;
        }
        if (values[count].kind != JL_VALUE_NULL) {
            places[count++] = i;
        }
    }
    *out_sought =
        (struct sought){.field = field->number, .values = values, .places = places, .count = count};
    return JL_OK;
}

static enum jl_rc by_unique(struct resolving *resolving, struct jl_err *err) {
    for (size_t i = 0; i < resolving->type->field_count; i++) {
        const struct jl_field *field = &resolving->type->fields[i];
        struct sought sought = {0};
        if (!field->unique || field->kind == JL_KIND_REF) {
            continue;
        }
        enum jl_rc rc = read_open(resolving, field, &sought, err);
        if (rc == JL_OK && sought.count > 0) {
            rc = find_and_pick(resolving, &sought, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* ---- By natural key ---- */

static enum jl_rc by_natural_key(struct resolving *resolving, struct jl_err *err) {
    const struct jl_type *type = resolving->type;
    const struct jl_field *field =
        type->natural_key_count == 1 ? jl_type_field(type, type->natural_key[0]) : NULL;
    struct sought sought = {0};
    if (field == NULL || field->kind == JL_KIND_REF || type->natural_key_has_owner) {
        return JL_OK;
    }
    enum jl_rc rc = read_open(resolving, field, &sought, err);
    if (rc == JL_OK && sought.count > 0 &&
        jl_books_findable(resolving->desk->books, type->number, field)) {
        return find_and_pick(resolving, &sought, err); /* a text, however it is written */
    }
    for (size_t i = 0; rc == JL_OK && i < sought.count; i++) {
        struct jl_field_value only = {.field = field->number, .value = sought.values[i]};
        struct jl_row row = {.type = type->number, .fields = &only, .field_count = 1};
        struct jl_record_key key = {.type = type->number};
        struct jl_head head;
        rc = jl_natural_key_id(resolving->desk->books->hasher, type, &row, &key.id, err);
        if (rc == JL_OK) {
            rc = jl_records_heads(resolving->desk->books->store, &key, 1, &resolving->arena, &head,
                                  err);
        }
        if (rc == JL_OK && jl_books_head_shown(&head)) {
            resolving->queries[sought.places[i]].open = false;
            resolving->queries[sought.places[i]].rc = JL_OK;
            resolving->queries[sought.places[i]].id = key.id;
        }
    }
    return rc;
}

/* ---- By title ---- */

static enum jl_rc by_one_title(struct resolving *resolving, const struct jl_field *field,
                               const struct jl_value *value, struct jl_ref_query *query,
                               struct jl_err *err) {
    int64_t rids[NAMESAKES_MAX];
    struct jl_stored stored[NAMESAKES_MAX];
    struct jl_bytes word;
    size_t found = 0;
    const struct jl_layout_column *column =
        jl_desk_column(resolving->desk->books, resolving->type->number, field->number);
    enum jl_rc rc = jl_search_word(value->bytes, &resolving->arena, &word, err);
    if (rc != JL_OK || word.size == 0 || column == NULL) {
        return rc;
    }
    rc = jl_words_search(resolving->desk->books->store, resolving->type->number, word, true,
                         NAMESAKES_MAX, rids, &found, err);
    if (rc == JL_OK) {
        rc = jl_records_load_rids(resolving->desk->books->store, rids, found, &resolving->arena,
                                  stored, err);
    }
    size_t same = 0;
    for (size_t i = 0; rc == JL_OK && i < found; i++) {
        bool has = false;
        if (stored[i].cells != NULL) {
            rc = jl_fold_same(&stored[i].cells[column->cell], value, &has, err);
        }
        if (has) {
            stored[same++] = stored[i];
        }
    }
    if (rc == JL_OK) {
        pick(resolving, query, field->number, value, stored, same);
    }
    if (rc == JL_OK && found == NAMESAKES_MAX && query->rc == JL_OK) {
        query->rc = JL_CONFLICT; /* there may be more than were looked at */
    }
    return rc;
}

static enum jl_rc by_title(struct resolving *resolving, struct jl_err *err) {
    const struct jl_field *field = jl_ref_title_field(resolving->type, JL_KIND_TEXT);
    struct sought sought = {0};
    if (field == NULL) {
        return JL_OK;
    }
    enum jl_rc rc = read_open(resolving, field, &sought, err);
    for (size_t i = 0; rc == JL_OK && i < sought.count; i++) {
        rc = by_one_title(resolving, field, &sought.values[i],
                          &resolving->queries[sought.places[i]], err);
    }
    return rc;
}

static enum jl_rc resolve_at(struct jl_desk *desk, uint32_t ref_type, int depth,
                             struct jl_ref_query *queries, size_t count, struct jl_err *err);

static enum jl_rc by_title_ref(struct resolving *resolving, struct jl_err *err) {
    const struct jl_field *field = jl_ref_title_field(resolving->type, JL_KIND_REF);
    struct jl_ref_query *inner =
        jl_arena_zalloc(&resolving->arena, resolving->count + 1, sizeof *inner);
    struct jl_value *values =
        jl_arena_zalloc(&resolving->arena, resolving->count + 1, sizeof *values);
    size_t *places = jl_arena_zalloc(&resolving->arena, resolving->count + 1, sizeof *places);
    size_t count = 0;
    if (inner == NULL || values == NULL || places == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < resolving->count; i++) {
        if (resolving->queries[i].open) {
            inner[count].text = resolving->queries[i].text;
            places[count++] = i;
        }
    }
    if (field == NULL || count == 0 || resolving->depth + 1 >= DEPTH_MAX) {
        return JL_OK;
    }
    enum jl_rc rc =
        resolve_at(resolving->desk, field->ref_type, resolving->depth + 1, inner, count, err);
    size_t named = 0;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        if (inner[i].rc == JL_OK) {
            values[named] = jl_value_ref(&inner[i].id);
            places[named++] = places[i];
        }
    }
    const struct sought sought = {
        .field = field->number, .values = values, .places = places, .count = named};
    return rc == JL_OK && named > 0 ? find_and_pick(resolving, &sought, err) : rc;
}

/* ---- All ways ---- */

static enum jl_rc resolve_at(struct jl_desk *desk, uint32_t ref_type, int depth,
                             struct jl_ref_query *queries, size_t count, struct jl_err *err) {
    JL_AUTO(resolving)
    resolving = {.desk = desk,
                 .type = jl_catalogue_type(desk->books->catalogue, ref_type),
                 .context = jl_desk_context(desk),
                 .queries = queries,
                 .count = count,
                 .depth = depth};
    for (size_t i = 0; i < count; i++) {
        queries[i].text = jl_text_trim(queries[i].text);
        queries[i].rc = JL_NOT_FOUND;
        queries[i].open = true;
        queries[i].unseen = false;
    }
    if (resolving.type == NULL) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_INTERNAL,
                           "the catalogue refers to type %u, which is not there", ref_type);
    }
    static enum jl_rc (*const ways[])(struct resolving *, struct jl_err *) = {
        by_id, by_unique, by_natural_key, by_title, by_title_ref};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        enum jl_rc rc = ways[i](&resolving, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

enum jl_rc jl_ref_resolve(struct jl_desk *desk, uint32_t ref_type, struct jl_ref_query *queries,
                          size_t count, struct jl_err *err) {
    return resolve_at(desk, ref_type, 0, queries, count, err);
}

const struct jl_field *jl_ref_title_field(const struct jl_type *type, enum jl_kind kind) {
    const struct jl_field *field =
        type->title_count == 0 ? NULL : jl_type_field(type, type->title[0]);
    if (field == NULL || field->sensitive || field->kind != kind ||
        (kind == JL_KIND_TEXT && !field->search)) {
        return NULL;
    }
    return field;
}

/* The fields a person may name the record by: 姓名、证件号码 */
static enum jl_rc put_ways(const struct jl_desk *desk, const struct jl_type *type,
                           struct jl_buf *out, struct jl_err *err) {
    size_t before = out->size;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        if (!field->unique && field != jl_ref_title_field(type, JL_KIND_TEXT)) {
            continue;
        }
        if (out->size > before) {
            rc = jl_buf_put_text(out, JL_ZH_EN(desk->language, "、", ", "), err);
        }
        if (rc == JL_OK) {
            rc = jl_buf_put_text(out, jl_desk_label(desk, &field->label), err);
        }
    }
    return rc == JL_OK && out->size == before
               ? jl_buf_put_text(out, JL_ZH_EN(desk->language, "系统编号", "id"), err)
               : rc;
}

enum jl_rc jl_ref_explain(const struct jl_desk *desk, const struct jl_field *field, enum jl_rc rc,
                          struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, field->ref_type);
    const char *label = jl_desk_label(desk, &field->label);
    const char *target = type == NULL ? "?" : jl_desk_label(desk, &type->label);
    JL_AUTO(jl_buf) ways = {0};
    enum jl_rc put = type == NULL ? JL_OK : put_ways(desk, type, &ways, err);
    if (put != JL_OK) {
        return put;
    }
    return jl_fault_at(err, rc, rc == JL_CONFLICT ? JL_FAULT_REF_SEVERAL : JL_FAULT_REF_MISSING,
                       "%s" JL_AND "%s" JL_AND "%.*s", label, target, (int)ways.size,
                       (const char *)ways.data);
}

enum jl_rc jl_ref_resolve_one(struct jl_desk *desk, const struct jl_field *field,
                              struct jl_bytes text, struct jl_id *out_id, struct jl_err *err) {
    /* No transaction of its own: the field must stay what it is, and each read is a snapshot. */
    struct jl_ref_query query = {.text = text};
    enum jl_rc rc = jl_ref_resolve(desk, field->ref_type, &query, 1, err);
    if (rc != JL_OK || query.rc == JL_OK) {
        *out_id = rc == JL_OK ? query.id : *out_id;
        return rc;
    }
    return jl_ref_explain(desk, field, query.rc, err);
}
