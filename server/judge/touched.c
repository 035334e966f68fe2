/* The records that a batch touches: a hash table of working copies, each loaded once; and when
 * there are enough of them for one turn. */
#include "apply.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/op/merge.h"

static size_t slot_of(const struct jl_apply *apply, uint32_t type, const struct jl_id *id) {
    /* FNV-1a (Fowler, Noll, Vo); ids come from devices, so the table is bounded by its own fill. */
    uint64_t hash = 0xcbf29ce484222325u ^ type;
    for (size_t i = 0; i < JL_ID_BYTES; i++) {
        hash = (hash ^ id->bytes[i]) * 0x100000001b3u;
    }
    return (size_t)(hash & (apply->touched_slots - 1));
}

static struct jl_touched **find_slot(struct jl_apply *apply, uint32_t type,
                                     const struct jl_id *id) {
    size_t slot = slot_of(apply, type, id);
    while (apply->touched[slot] != NULL && (apply->touched[slot]->key.type != type ||
                                            !jl_id_equal(&apply->touched[slot]->key.id, id))) {
        slot = (slot + 1) & (apply->touched_slots - 1);
    }
    return &apply->touched[slot];
}

static void fill_work(struct jl_touched *touched, const struct jl_book_record *record) {
    touched->record = *record;
    touched->before = record->head;
    touched->row_before = record->row;
    touched->was_there = record->head.rid != 0;
    if (!touched->was_there) {
        touched->record.row =
            (struct jl_row){.type = touched->key.type, .id = touched->key.id, .deleted = false};
    }
}

static enum jl_rc make_tables(struct jl_apply *apply, size_t capacity, struct jl_err *err) {
    size_t slots = 64;
    while (slots < 2 * capacity) { /* at most half full */
        slots *= 2;
    }
    apply->list_capacity = capacity;
    apply->touched_slots = slots;
    apply->touched = jl_arena_zalloc(apply->arena, slots, sizeof(struct jl_touched *));
    apply->list = jl_arena_zalloc(apply->arena, capacity, sizeof(struct jl_touched *));
    return apply->touched != NULL && apply->list != NULL ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc grow_tables(struct jl_apply *apply, struct jl_err *err) {
    struct jl_touched **list = apply->list;
    enum jl_rc rc = make_tables(apply, 2 * apply->list_capacity, err);
    for (size_t i = 0; rc == JL_OK && i < apply->list_count; i++) {
        apply->list[i] = list[i];
        *find_slot(apply, list[i]->key.type, &list[i]->key.id) = list[i];
    }
    return rc;
}

static enum jl_rc new_work(struct jl_apply *apply, const struct jl_record_key *key,
                           struct jl_touched **slot, struct jl_err *err) {
    struct jl_touched *touched = jl_arena_zalloc(apply->arena, 1, sizeof *touched);
    if (touched == NULL) {
        return jl_fault_memory(err);
    }
    JL_ASSERT(apply->list_count < apply->list_capacity);
    touched->key = *key;
    *slot = touched;
    apply->list[apply->list_count++] = touched;
    return JL_OK;
}

const struct jl_touched *jl_touched_in(struct jl_apply *apply, uint32_t type,
                                       const struct jl_id *id) {
    return *find_slot(apply, type, id);
}

enum jl_rc jl_touched_get(struct jl_apply *apply, uint32_t type, const struct jl_id *id,
                          struct jl_touched **out_touched, struct jl_err *err) {
    struct jl_touched **slot = find_slot(apply, type, id);
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
    *out_touched = *slot;
    return JL_OK;
}

enum jl_rc jl_touched_preload(struct jl_apply *apply, struct jl_err *err) {
    /* Most ops jl_touched_change their own record only; cases and follow-ups may make the tables
     * grow. */
    enum jl_rc rc = make_tables(apply, 2 * apply->op_count + 16, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_record_key *keys = jl_arena_zalloc(apply->arena, apply->op_count, sizeof *keys);
    struct jl_book_record *records =
        jl_arena_zalloc(apply->arena, apply->op_count, sizeof *records);
    if (keys == NULL || records == NULL) {
        return jl_fault_memory(err);
    }
    size_t count = 0;
    for (size_t i = 0; i < apply->op_count; i++) {
        struct jl_record_key key = {.type = apply->ops[i].type, .id = apply->ops[i].id};
        struct jl_touched **slot = find_slot(apply, key.type, &key.id);
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

void jl_touched_change(struct jl_apply *apply, size_t index, struct jl_touched *touched,
                       const struct jl_merge_result *result) {
    touched->record.row = result->row;
    touched->record.head.state = result->row.deleted ? JL_RECORD_DELETED : JL_RECORD_LIVE;
    touched->record.head.changed_ms = apply->ops[index].made_ms;
    touched->record.head.by_device = apply->device;
    touched->record.head.by_staff = apply->ops[index].staff;
    touched->echo = touched->echo || !result->as_sent;
    touched->dirty = true;
    touched->last_op = (uint32_t)index + 1;
}

/* Lines that have no tag are read once for each record and batch. */
enum jl_rc jl_touched_lines(struct jl_apply *apply, struct jl_touched *touched,
                            struct jl_err *err) {
    enum jl_rc rc =
        touched->lines_read
            ? JL_OK
            : jl_history_index_untagged(apply->district->books->store, touched->before.rid,
                                        apply->arena, &touched->lines, &touched->line_count, err);
    touched->lines_read = touched->lines_read || rc == JL_OK;
    return rc;
}
