/* Finding what differs: Ask, Buckets, Ids.
 *
 *   Ask.ids        { varint(type) id(16) }          at most JL_ASK_ROWS_MAX
 *   Ask.hashes     { hash(8) }                      the same
 *   Ask.parts      { part }                         at most JL_ASK_PARTS_MAX
 *   Buckets.parts  { part varint(count) sums }      count ≤ JL_PART_LIST_MAX: count × 8 bytes,
 *                                                   else JL_PART_WAYS × 8
 *   Ids.ids        { varint(type) id(16) hash(8) }  as many as fit a body
 *
 *   part := u8(depth) ‖ the first ⌈depth / 2⌉ bytes of begin */
#include "form.h"

#include "jielian/base/fault.h"
#include "jielian/base/reader.h"

#include <inttypes.h>
#include <string.h>

enum {
    TYPE_MAX_BYTES = 5, /* a varint of 32 bits */
    KNOWN_MIN_BYTES = 1 + JL_ID_BYTES,
};

/* ---- Lists ---- */

static enum jl_rc check_buckets(struct jl_bytes buckets, struct jl_err *err) {
    for (size_t i = 1; i < buckets.size; i++) {
        if (buckets.data[i] <= buckets.data[i - 1]) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "bucket %u after bucket %u",
                               buckets.data[i], buckets.data[i - 1]);
        }
    }
    return JL_OK;
}

static enum jl_rc check_records(const struct jl_known *records, size_t count, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = jl_form_check_range(records[i].type, 1, UINT32_MAX, "record type", err);
    }
    return rc;
}

/* hash_bytes: how much of each record's hash travels. */
static enum jl_rc put_records(struct jl_buf *list, const struct jl_known *records, size_t count,
                              size_t hash_bytes, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (count > JL_BODY_MAX_BYTES / KNOWN_MIN_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu records in one message", count);
    }
    rc = jl_buf_reserve(list, count * (TYPE_MAX_BYTES + JL_ID_BYTES + hash_bytes), err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = jl_buf_put_varint(list, records[i].type, err);
        if (rc == JL_OK) {
            rc = jl_buf_put(list, records[i].id.bytes, JL_ID_BYTES, err);
        }
        if (rc == JL_OK) {
            rc = jl_buf_put(list, records[i].hash, hash_bytes, err);
        }
    }
    if (rc == JL_OK && list->size > JL_BODY_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu bytes of ids, at most %d",
                           list->size, (int)JL_BODY_MAX_BYTES);
    }
    return rc;
}

static enum jl_rc read_record(struct jl_reader *reader, size_t hash_bytes,
                              struct jl_known *out_record, struct jl_err *err) {
    uint64_t type = 0;
    struct jl_bytes rest = {0};
    enum jl_rc rc = jl_reader_varint(reader, &type, err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(type, 1, UINT32_MAX, "record type", err);
    }
    if (rc == JL_OK) {
        rc = jl_reader_take(reader, JL_ID_BYTES + hash_bytes, &rest, err);
    }
    if (rc == JL_OK) {
        *out_record = (struct jl_known){.type = (uint32_t)type};
        memcpy(out_record->id.bytes, rest.data, JL_ID_BYTES);
        memcpy(out_record->hash, rest.data + JL_ID_BYTES, hash_bytes);
    }
    return rc;
}

/* The array is sized by the most records that the bytes can hold. */
static enum jl_rc get_records(struct jl_bytes list, size_t hash_bytes, struct jl_arena *arena,
                              struct jl_known **out_records, size_t *out_count,
                              struct jl_err *err) {
    if (list.size > JL_BODY_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu bytes of ids, at most %d", list.size,
                           (int)JL_BODY_MAX_BYTES);
    }
    size_t room = list.size / (KNOWN_MIN_BYTES + hash_bytes);
    struct jl_known *records = jl_arena_alloc(arena, room * sizeof *records);
    if (records == NULL) {
        return jl_form_no_memory(arena, room * sizeof *records, err);
    }
    struct jl_reader reader = {.rest = list};
    size_t count = 0;
    while (reader.rest.size > 0) {
        if (count == room) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES,
                               "ids that are cut off after record %zu", count);
        }
        enum jl_rc rc = read_record(&reader, hash_bytes, &records[count], err);
        if (rc != JL_OK) {
            return jl_fault_wrap(err, JL_FAULT_PART, "record %zu", count + 1);
        }
        count++;
    }
    *out_records = records;
    *out_count = count;
    return JL_OK;
}

/* ---- Parts ---- */

static size_t begin_bytes(const struct jl_part *part) {
    return (part->depth + 1U) / 2;
}

/* Does b begin where a has ended? */
static bool follows(const struct jl_part *a, const struct jl_part *b) {
    size_t whole = a->depth / 2;
    int order = memcmp(a->begin, b->begin, whole);
    if (order == 0 && a->depth % 2 != 0) {
        order = (a->begin[whole] >> 4) - (b->begin[whole] >> 4);
    }
    return order < 0;
}

static enum jl_rc check_part(const struct jl_part *part, const struct jl_part *before,
                             struct jl_err *err) {
    enum jl_rc rc = jl_form_check_range(part->depth, 0, JL_PLACE_DEPTH, "depth of a part", err);
    for (size_t i = part->depth; rc == JL_OK && i < JL_PLACE_DEPTH; i++) {
        if ((part->begin[i / 2] & (i % 2 == 0 ? 0xf0 : 0x0f)) != 0) {
            rc = jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "a part of depth %u that goes on",
                             part->depth);
        }
    }
    if (rc == JL_OK && before != NULL && !follows(before, part)) {
        rc = jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "parts that do not ascend");
    }
    return rc;
}

static enum jl_rc put_part(struct jl_buf *list, const struct jl_part *part, struct jl_err *err) {
    enum jl_rc rc = jl_buf_put_u8(list, part->depth, err);
    return rc == JL_OK ? jl_buf_put(list, part->begin, begin_bytes(part), err) : rc;
}

static enum jl_rc read_part(struct jl_reader *reader, struct jl_part *out_part,
                            struct jl_err *err) {
    struct jl_bytes begin = {0};
    *out_part = (struct jl_part){0};
    enum jl_rc rc = jl_reader_u8(reader, &out_part->depth, err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(out_part->depth, 0, JL_PLACE_DEPTH, "depth of a part", err);
    }
    if (rc == JL_OK) {
        rc = jl_reader_take(reader, begin_bytes(out_part), &begin, err);
    }
    if (rc == JL_OK && begin.size > 0) {
        memcpy(out_part->begin, begin.data, begin.size);
    }
    return rc;
}

static size_t told_bytes(const struct jl_told_part *told) {
    uint64_t sums = told->count <= JL_PART_LIST_MAX ? told->count : (uint64_t)JL_PART_WAYS;
    return (size_t)sums * JL_SHORT_SUM_BYTES;
}

static enum jl_rc put_told(struct jl_buf *list, const struct jl_told_part *told,
                           struct jl_err *err) {
    enum jl_rc rc = put_part(list, &told->part, err);
    if (rc == JL_OK) {
        rc = jl_buf_put_varint(list, told->count, err);
    }
    return rc == JL_OK ? jl_buf_put(list, told->sums, told_bytes(told), err) : rc;
}

static enum jl_rc read_told(struct jl_reader *reader, struct jl_told_part *out_told,
                            struct jl_err *err) {
    struct jl_bytes sums = {0};
    enum jl_rc rc = read_part(reader, &out_told->part, err);
    if (rc == JL_OK) {
        rc = jl_reader_varint(reader, &out_told->count, err);
    }
    if (rc == JL_OK) {
        rc = jl_reader_take(reader, told_bytes(out_told), &sums, err);
    }
    out_told->sums = sums.data;
    return rc;
}

/* Memory for as many parts of least_bytes each as the list may hold. */
static enum jl_rc part_room(struct jl_bytes list, size_t least_bytes, size_t item_bytes,
                            struct jl_arena *arena, void **out_items, size_t *out_room,
                            struct jl_err *err) {
    size_t room = list.size / least_bytes;
    *out_room = room > JL_ASK_PARTS_MAX ? JL_ASK_PARTS_MAX : room;
    *out_items = jl_arena_zalloc(arena, *out_room + 1, item_bytes);
    return *out_items != NULL ? JL_OK : jl_form_no_memory(arena, (*out_room + 1) * item_bytes, err);
}

static enum jl_rc too_many_parts(struct jl_err *err) {
    return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "more than %d parts", (int)JL_ASK_PARTS_MAX);
}

static enum jl_rc get_parts(struct jl_bytes list, struct jl_arena *arena, struct jl_ask *ask,
                            struct jl_err *err) {
    struct jl_reader reader = {.rest = list};
    void *items = NULL;
    size_t room = 0;
    enum jl_rc rc = part_room(list, 1, sizeof *ask->parts, arena, &items, &room, err);
    ask->parts = items;
    while (rc == JL_OK && reader.rest.size > 0) {
        rc = ask->part_count == room ? too_many_parts(err)
                                     : read_part(&reader, &ask->parts[ask->part_count], err);
        ask->part_count += rc == JL_OK ? 1 : 0;
    }
    return rc;
}

static enum jl_rc get_told(struct jl_bytes list, struct jl_arena *arena, struct jl_buckets *buckets,
                           struct jl_err *err) {
    struct jl_reader reader = {.rest = list};
    void *items = NULL;
    size_t room = 0;
    enum jl_rc rc = part_room(list, 2, sizeof *buckets->parts, arena, &items, &room, err);
    buckets->parts = items;
    while (rc == JL_OK && reader.rest.size > 0) {
        rc = buckets->part_count == room
                 ? too_many_parts(err)
                 : read_told(&reader, &buckets->parts[buckets->part_count], err);
        buckets->part_count += rc == JL_OK ? 1 : 0;
    }
    return rc;
}

/* ---- Ask ---- */

static enum jl_rc check_hashes(struct jl_bytes hashes, struct jl_err *err) {
    if (hashes.size % JL_SHORT_SUM_BYTES != 0) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%zu bytes of hashes", hashes.size);
    }
    if (hashes.size / JL_SHORT_SUM_BYTES > JL_ASK_ROWS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu rows asked for, at most %d",
                           hashes.size / JL_SHORT_SUM_BYTES, (int)JL_ASK_ROWS_MAX);
    }
    for (size_t at = JL_SHORT_SUM_BYTES; at < hashes.size; at += JL_SHORT_SUM_BYTES) {
        if (memcmp(hashes.data + at - JL_SHORT_SUM_BYTES, hashes.data + at, JL_SHORT_SUM_BYTES) >=
            0) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "hashes that do not ascend");
        }
    }
    return JL_OK;
}

static enum jl_rc check_asked_parts(const struct jl_ask *ask, struct jl_err *err) {
    if (ask->part_count > 0 && ask->step != JL_ASK_BUCKETS) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "step %u with %zu parts",
                           (unsigned)ask->step, ask->part_count);
    }
    if (ask->part_count > JL_ASK_PARTS_MAX) {
        return too_many_parts(err);
    }
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < ask->part_count; i++) {
        rc = check_part(&ask->parts[i], i > 0 ? &ask->parts[i - 1] : NULL, err);
    }
    return rc;
}

static enum jl_rc ask_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_ask *ask = &message->as.ask;
    enum jl_rc rc = jl_form_check_range(ask->feed, 0, 1, "feed", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(ask->step, JL_ASK_BUCKETS, JL_ASK_ROWS, "step", err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if ((ask->step == JL_ASK_IDS) != (ask->buckets.size > 0)) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "step %u with %zu buckets",
                           (unsigned)ask->step, ask->buckets.size);
    }
    size_t rows = ask->record_count + ask->hashes.size;
    bool both = ask->record_count > 0 && ask->hashes.size > 0;
    if (both || (ask->step == JL_ASK_ROWS) != (rows > 0)) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES,
                           "step %u with %zu records and %zu bytes of hashes", (unsigned)ask->step,
                           ask->record_count, ask->hashes.size);
    }
    if (ask->record_count > JL_ASK_ROWS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu records asked for, at most %d",
                           ask->record_count, (int)JL_ASK_ROWS_MAX);
    }
    rc = check_buckets(ask->buckets, err);
    if (rc == JL_OK) {
        rc = check_asked_parts(ask, err);
    }
    if (rc == JL_OK) {
        rc = check_hashes(ask->hashes, err);
    }
    return rc != JL_OK ? rc : check_records(ask->records, ask->record_count, err);
}

static enum jl_rc ask_put(struct jl_wire *wire, const struct jl_message *message,
                          struct jl_form_draft *draft, struct jl_err *err) {
    const struct jl_ask *ask = &message->as.ask;
    Jielian__Ask *body = draft->envelope.ask = &draft->body.ask;
    enum jl_rc rc = put_records(&wire->plain, ask->records, ask->record_count, 0, err);
    jielian__ask__init(body);
    body->feed = ask->feed;
    body->step = ask->step;
    body->buckets = jl_form_lend_bytes(ask->buckets);
    body->ids = jl_form_lend_bytes(jl_buf_bytes(&wire->plain));
    body->hashes = jl_form_lend_bytes(ask->hashes);
    for (size_t i = 0; rc == JL_OK && i < ask->part_count; i++) {
        rc = put_part(&wire->packed, &ask->parts[i], err);
    }
    body->parts = jl_form_lend_bytes(jl_buf_bytes(&wire->packed));
    return rc;
}

static enum jl_rc ask_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                          struct jl_arena *arena, struct jl_message *out_message,
                          struct jl_err *err) {
    (void)wire;
    const Jielian__Ask *body = envelope->ask;
    struct jl_ask *ask = &out_message->as.ask;
    ask->feed = body->feed;
    ask->step = (enum jl_ask_step)body->step;
    ask->buckets = jl_form_view(body->buckets);
    ask->hashes = jl_form_view(body->hashes);
    enum jl_rc rc = get_parts(jl_form_view(body->parts), arena, ask, err);
    return rc != JL_OK ? rc
                       : get_records(jl_form_view(body->ids), 0, arena, &ask->records,
                                     &ask->record_count, err);
}

const struct jl_form jl_form_ask = {"ask", ask_check, ask_put, ask_get};

/* ---- Buckets ---- */

static enum jl_rc check_told(const struct jl_buckets *buckets, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (buckets->part_count > JL_ASK_PARTS_MAX) {
        return too_many_parts(err);
    }
    for (size_t i = 0; rc == JL_OK && i < buckets->part_count; i++) {
        const struct jl_told_part *told = &buckets->parts[i];
        const struct jl_form_count counts[] = {{"records of a part", told->count}};
        rc = check_part(&told->part, i > 0 ? &told[-1].part : NULL, err);
        if (rc == JL_OK) {
            rc = jl_form_check_counts(counts, 1, err);
        }
        if (rc == JL_OK && told->part.depth == JL_PLACE_DEPTH) {
            rc = jl_form_check_range(told->count, 0, 1, "records of one place", err);
        }
    }
    return rc;
}

static enum jl_rc buckets_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_buckets *buckets = &message->as.buckets;
    size_t bytes = buckets->part_count > 0 ? 0 : JL_BUCKETS * JL_SHORT_SUM_BYTES;
    enum jl_rc rc = jl_form_check_range(buckets->feed, 0, 1, "feed", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(buckets->sums.size, bytes, bytes, "bytes of sums", err);
    }
    return rc != JL_OK ? rc : check_told(buckets, err);
}

static enum jl_rc buckets_put(struct jl_wire *wire, const struct jl_message *message,
                              struct jl_form_draft *draft, struct jl_err *err) {
    const struct jl_buckets *buckets = &message->as.buckets;
    Jielian__Buckets *body = draft->envelope.buckets = &draft->body.buckets;
    jielian__buckets__init(body);
    body->feed = buckets->feed;
    body->sums = jl_form_lend_bytes(buckets->sums);
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < buckets->part_count; i++) {
        rc = put_told(&wire->plain, &buckets->parts[i], err);
    }
    body->parts = jl_form_lend_bytes(jl_buf_bytes(&wire->plain));
    return rc;
}

static enum jl_rc buckets_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                              struct jl_arena *arena, struct jl_message *out_message,
                              struct jl_err *err) {
    (void)wire;
    out_message->as.buckets.feed = envelope->buckets->feed;
    out_message->as.buckets.sums = jl_form_view(envelope->buckets->sums);
    return get_told(jl_form_view(envelope->buckets->parts), arena, &out_message->as.buckets, err);
}

const struct jl_form jl_form_buckets = {"buckets", buckets_check, buckets_put, buckets_get};

/* ---- Ids ---- */

static enum jl_rc ids_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_ids *ids = &message->as.ids;
    enum jl_rc rc = jl_form_check_range(ids->feed, 0, 1, "feed", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(ids->buckets.size, 1, JL_BUCKETS, "number of buckets", err);
    }
    if (rc == JL_OK) {
        rc = check_buckets(ids->buckets, err);
    }
    return rc != JL_OK ? rc : check_records(ids->records, ids->record_count, err);
}

static enum jl_rc ids_put(struct jl_wire *wire, const struct jl_message *message,
                          struct jl_form_draft *draft, struct jl_err *err) {
    const struct jl_ids *ids = &message->as.ids;
    Jielian__Ids *body = draft->envelope.ids = &draft->body.ids;
    enum jl_rc rc =
        put_records(&wire->plain, ids->records, ids->record_count, JL_SHORT_SUM_BYTES, err);
    jielian__ids__init(body);
    body->feed = ids->feed;
    body->buckets = jl_form_lend_bytes(ids->buckets);
    body->ids = jl_form_lend_bytes(jl_buf_bytes(&wire->plain));
    return rc;
}

static enum jl_rc ids_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                          struct jl_arena *arena, struct jl_message *out_message,
                          struct jl_err *err) {
    (void)wire;
    const Jielian__Ids *body = envelope->ids;
    struct jl_ids *ids = &out_message->as.ids;
    ids->feed = body->feed;
    ids->buckets = jl_form_view(body->buckets);
    return get_records(jl_form_view(body->ids), JL_SHORT_SUM_BYTES, arena, &ids->records,
                       &ids->record_count, err);
}

const struct jl_form jl_form_ids = {"ids", ids_check, ids_put, ids_get};
