/* What a natural key names must be seen by its author: else an office could take, ahead of the one
 * that it concerns, the only record that there can be of it. Seen is what stands in the office's
 * feed or in the shared one, stubs included, and what the batch itself made. Of the offices, only
 * the author's own may be named.
 *
 * The records that a batch's new keys name are looked up in one question to the store. */
#include "sight.h"
#include "apply.h"
#include "objection.h"

#include "server/books/roster.h"
#include "server/books/visibility.h"

#include "jielian/base/fault.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/op/op.h"
#include "jielian/store/feeds.h"

#include <stdlib.h>

struct jl_sight {
    struct jl_record_key *keys; /* sorted */
    struct jl_head *heads;      /* of each; rid 0: not there */
    size_t count;
};

static const struct jl_field *named_field(const struct jl_type *type, size_t index) {
    const struct jl_field *field = jl_type_field(type, type->natural_key[index]);
    return field != NULL && field->kind == JL_KIND_REF ? field : NULL;
}

static bool names(const struct jl_row *row, const struct jl_field *field,
                  struct jl_record_key *out_key) {
    struct jl_err ignored;
    const struct jl_value *value = jl_row_get(row, field->number);
    out_key->type = field->ref_type;
    /* What is no id is the validator's to name. */
    return value != NULL && value->kind == JL_VALUE_BYTES &&
           jl_id_from_bytes(value->bytes, &out_key->id, &ignored) == JL_OK;
}

static int compare_keys(const void *a, const void *b) {
    const struct jl_record_key *left = a;
    const struct jl_record_key *right = b;
    if (left->type != right->type) {
        return left->type < right->type ? -1 : 1;
    }
    return jl_id_compare(&left->id, &right->id);
}

static bool makes(const struct jl_op *op) {
    return op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE;
}

static size_t gather(const struct jl_apply *apply, struct jl_record_key *keys) {
    size_t count = 0;
    for (size_t i = 0; i < apply->op_count; i++) {
        const struct jl_op *op = &apply->ops[i];
        const struct jl_layout *layout = jl_books_layout(apply->district->books, op->type);
        const struct jl_row row = {.fields = op->new_fields, .field_count = op->new_count};
        for (size_t k = 0; layout != NULL && makes(op) && k < layout->type->natural_key_count;
             k++) {
            const struct jl_field *field = named_field(layout->type, k);
            if (field != NULL && field->ref_type != JL_TYPE_OFFICE &&
                names(&row, field, &keys[count])) {
                count++;
            }
        }
    }
    return count;
}

enum jl_rc jl_sight_find(struct jl_apply *apply, struct jl_err *err) {
    if (apply->author == JL_SIDE_DISTRICT || apply->head->rules == 0) {
        return JL_OK;
    }
    size_t most = 1;
    for (size_t i = 0; i < apply->op_count; i++) {
        const struct jl_layout *layout =
            jl_books_layout(apply->district->books, apply->ops[i].type);
        most += layout != NULL ? layout->type->natural_key_count : 0;
    }
    struct jl_sight *sight = jl_arena_zalloc(apply->arena, 1, sizeof *sight);
    struct jl_record_key *keys = jl_arena_zalloc(apply->arena, most, sizeof *keys);
    if (sight == NULL || keys == NULL) {
        return jl_fault_memory(err);
    }
    size_t count = gather(apply, keys);
    apply->sight = sight;
    if (count == 0) {
        return JL_OK;
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < count; i++) {
        if (sight->count == 0 || compare_keys(&keys[sight->count - 1], &keys[i]) != 0) {
            keys[sight->count++] = keys[i];
        }
    }
    sight->keys = keys;
    sight->heads = jl_arena_zalloc(apply->arena, sight->count, sizeof *sight->heads);
    return sight->heads == NULL ? jl_fault_memory(err)
                                : jl_records_heads(apply->district->books->store, keys,
                                                   sight->count, apply->arena, sight->heads, err);
}

/* Does a feed that the author reads hold it, or a stub of it? */
static enum jl_rc in_its_feeds(struct jl_apply *apply, const struct jl_head *head, bool *out_sees,
                               struct jl_err *err) {
    struct jl_feed_entry entries[JL_FEED_ENTRIES_MAX];
    size_t count = 0;
    *out_sees = head->owner == apply->office && head->state == JL_RECORD_LIVE;
    if (*out_sees) {
        return JL_OK; /* the common case */
    }
    enum jl_rc rc = jl_feeds_of(apply->district->books->store, head->rid, entries,
                                JL_FEED_ENTRIES_MAX, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        *out_sees = *out_sees || entries[i].feed == 0 || entries[i].feed == apply->office;
    }
    return rc;
}

/* Made by this very batch: it is among its working copies. */
static enum jl_rc made_here(struct jl_apply *apply, const struct jl_record_key *key, bool *out_sees,
                            struct jl_err *err) {
    struct jl_touched *touched = NULL;
    enum jl_rc rc = jl_touched_get(apply, key->type, &key->id, &touched, err);
    *out_sees = rc == JL_OK && !touched->was_there && touched->dirty;
    return rc;
}

static enum jl_rc sees(struct jl_apply *apply, const struct jl_record_key *key, bool *out_sees,
                       struct jl_err *err) {
    const struct jl_sight *sight = apply->sight;
    const struct jl_record_key *found =
        sight->count > 0
            ? bsearch(key, sight->keys, sight->count, sizeof *sight->keys, compare_keys)
            : NULL;
    if (found != NULL && sight->heads[found - sight->keys].rid != 0) {
        return in_its_feeds(apply, &sight->heads[found - sight->keys], out_sees, err);
    }
    return made_here(apply, key, out_sees, err);
}

enum jl_rc jl_sight_check(struct jl_apply *apply, const struct jl_type *type,
                          const struct jl_row *row, struct jl_objection *out_objection,
                          struct jl_err *err) {
    for (size_t k = 0; apply->sight != NULL && k < type->natural_key_count; k++) {
        const struct jl_field *field = named_field(type, k);
        struct jl_record_key key;
        bool fine = true;
        enum jl_rc rc = JL_OK;
        if (field == NULL || !names(row, field, &key)) {
            continue;
        }
        if (key.type == JL_TYPE_OFFICE) {
            fine = jl_roster_office_of_ref(apply->district, jl_row_get(row, field->number)) ==
                   apply->office;
        } else {
            rc = sees(apply, &key, &fine, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        if (!fine) {
            jl_objection_say(out_objection, JL_SAY_UNSEEN);
            out_objection->may_come = key.type != JL_TYPE_OFFICE;
            out_objection->misses = key;
            return JL_OK;
        }
    }
    return JL_OK;
}
