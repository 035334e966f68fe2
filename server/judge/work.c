/* The records that a batch touches: a hash table of working copies, each loaded once; and when
 * there are enough of them for one turn. */
#include "server/books/district_internal.h"

#include "jielian/base/assert.h"

static size_t slot_of(const struct jl_apply *apply, uint32_t type, const struct jl_id *id) {
    /* FNV-1a (Fowler, Noll, Vo); ids come from devices, so the table is bounded by its own fill. */
    uint64_t hash = 0xcbf29ce484222325u ^ type;
    for (size_t i = 0; i < JL_ID_BYTES; i++) {
        hash = (hash ^ id->bytes[i]) * 0x100000001b3u;
    }
    return (size_t)(hash & (apply->work_slots - 1));
}

static struct jl_work **find_slot(struct jl_apply *apply, uint32_t type, const struct jl_id *id) {
    size_t slot = slot_of(apply, type, id);
    while (apply->work[slot] != NULL &&
           (apply->work[slot]->key.type != type || !jl_id_equal(&apply->work[slot]->key.id, id))) {
        slot = (slot + 1) & (apply->work_slots - 1);
    }
    return &apply->work[slot];
}

static void fill_work(struct jl_work *work, const struct jl_book_record *record) {
    work->record = *record;
    work->before = record->head;
    work->row_before = record->row;
    work->was_there = record->head.rid != 0;
    if (!work->was_there) {
        work->record.row =
            (struct jl_row){.type = work->key.type, .id = work->key.id, .deleted = false};
    }
}

static enum jl_rc make_tables(struct jl_apply *apply, size_t capacity, struct jl_err *err) {
    size_t slots = 64;
    while (slots < 2 * capacity) { /* at most half full */
        slots *= 2;
    }
    apply->list_capacity = capacity;
    apply->work_slots = slots;
    apply->work = jl_arena_zalloc(apply->arena, slots, sizeof(struct jl_work *));
    apply->list = jl_arena_zalloc(apply->arena, capacity, sizeof(struct jl_work *));
    return apply->work != NULL && apply->list != NULL
               ? JL_OK
               : jl_fail(err, JL_NOMEM, "no memory for a batch of %zu records", capacity);
}

static enum jl_rc grow_tables(struct jl_apply *apply, struct jl_err *err) {
    struct jl_work **list = apply->list;
    enum jl_rc rc = make_tables(apply, 2 * apply->list_capacity, err);
    for (size_t i = 0; rc == JL_OK && i < apply->list_count; i++) {
        apply->list[i] = list[i];
        *find_slot(apply, list[i]->key.type, &list[i]->key.id) = list[i];
    }
    return rc;
}

static enum jl_rc new_work(struct jl_apply *apply, const struct jl_record_key *key,
                           struct jl_work **slot, struct jl_err *err) {
    struct jl_work *work = jl_arena_zalloc(apply->arena, 1, sizeof *work);
    if (work == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a batch");
    }
    JL_ASSERT(apply->list_count < apply->list_capacity);
    work->key = *key;
    *slot = work;
    apply->list[apply->list_count++] = work;
    return JL_OK;
}

const struct jl_work *jl_apply_work_in(struct jl_apply *apply, uint32_t type,
                                       const struct jl_id *id) {
    return *find_slot(apply, type, id);
}

enum jl_rc jl_apply_work(struct jl_apply *apply, uint32_t type, const struct jl_id *id,
                         struct jl_work **out_work, struct jl_err *err) {
    struct jl_work **slot = find_slot(apply, type, id);
    if (*slot == NULL) {
        struct jl_record_key key = {.type = type, .id = *id};
        struct jl_book_record record = {0};
        enum jl_rc rc = JL_OK;
        if (apply->list_count == apply->list_capacity) {
            rc = grow_tables(apply, err);
            slot = find_slot(apply, type, id);
        }
        if (rc == JL_OK) {
            rc = new_work(apply, &key, slot, err);
        }
        if (rc == JL_OK) {
            rc = jl_books_load(apply->district->books, &key, 1, apply->arena, &record, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        fill_work(*slot, &record);
    }
    *out_work = *slot;
    return JL_OK;
}

enum jl_rc jl_apply_preload(struct jl_apply *apply, struct jl_err *err) {
    /* Most ops touch their own record only; cases and follow-ups may make the tables grow. */
    enum jl_rc rc = make_tables(apply, 2 * apply->op_count + 16, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_record_key *keys = jl_arena_zalloc(apply->arena, apply->op_count, sizeof *keys);
    struct jl_book_record *records =
        jl_arena_zalloc(apply->arena, apply->op_count, sizeof *records);
    if (keys == NULL || records == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a batch of %zu ops", apply->op_count);
    }
    size_t count = 0;
    for (size_t i = 0; i < apply->op_count; i++) {
        struct jl_record_key key = {.type = apply->ops[i].type, .id = apply->ops[i].id};
        struct jl_work **slot = find_slot(apply, key.type, &key.id);
        if (*slot == NULL) {
            rc = new_work(apply, &key, slot, err);
            if (rc != JL_OK) {
                return rc;
            }
            keys[count++] = key;
        }
    }
    rc = jl_books_load(apply->district->books, keys, count, apply->arena, records, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        fill_work(apply->list[i], &records[i]);
    }
    return rc;
}

bool jl_apply_enough(const struct jl_apply *apply, size_t judged) {
    const struct jl_district *district = apply->district;
    const struct jl_slice *slice = &district->slice;
    if (apply->upto != 0 || !apply->cuts || judged == 0) {
        return apply->upto != 0 && judged == apply->upto;
    }
    return judged >= slice->ops || apply->arena->used_bytes - apply->arena_before >= slice->bytes ||
           district->clock.steady_ms(district->clock.context) - apply->began_ms >= slice->ms;
}
