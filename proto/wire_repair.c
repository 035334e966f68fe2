/* Finding what differs: Ask, Buckets, Ids.
 *
 *   Ask.ids   { varint(type) id(16) }          at most JL_ASK_ROWS_MAX
 *   Ids.ids   { varint(type) id(16) hash(8) }  as many as fit a body */
#include "wire_internal.h"

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
            return jl_fail(err, JL_PROTO, "bucket %u after bucket %u", buckets.data[i],
                           buckets.data[i - 1]);
        }
    }
    return JL_OK;
}

static enum jl_rc check_records(const struct jl_known *records, size_t count, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = wire_check_range(records[i].type, 1, UINT32_MAX, "record type", err);
    }
    return rc;
}

/* hash_bytes: how much of each record's hash travels. */
static enum jl_rc put_records(struct jl_buf *list, const struct jl_known *records, size_t count,
                              size_t hash_bytes, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (count > JL_BODY_MAX_BYTES / KNOWN_MIN_BYTES) {
        return jl_fail(err, JL_LIMIT, "%zu records in one message", count);
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
        return jl_fail(err, JL_LIMIT, "%zu bytes of ids, at most %d", list->size,
                       (int)JL_BODY_MAX_BYTES);
    }
    return rc;
}

static enum jl_rc read_record(struct jl_reader *reader, size_t hash_bytes,
                              struct jl_known *out_record, struct jl_err *err) {
    uint64_t type = 0;
    struct jl_bytes rest = {0};
    enum jl_rc rc = jl_reader_varint(reader, &type, err);
    if (rc == JL_OK) {
        rc = wire_check_range(type, 1, UINT32_MAX, "record type", err);
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
        return jl_fail(err, JL_LIMIT, "%zu bytes of ids, at most %d", list.size,
                       (int)JL_BODY_MAX_BYTES);
    }
    size_t room = list.size / (KNOWN_MIN_BYTES + hash_bytes);
    struct jl_known *records = jl_arena_alloc(arena, room * sizeof *records);
    if (records == NULL) {
        return wire_no_memory(arena, room * sizeof *records, err);
    }
    struct jl_reader reader = {.rest = list};
    size_t count = 0;
    while (reader.rest.size > 0) {
        if (count == room) {
            return jl_fail(err, JL_PROTO, "ids that are cut off after record %zu", count);
        }
        enum jl_rc rc = read_record(&reader, hash_bytes, &records[count], err);
        if (rc != JL_OK) {
            return jl_wrap(err, "record %zu", count + 1);
        }
        count++;
    }
    *out_records = records;
    *out_count = count;
    return JL_OK;
}

/* ---- Ask ---- */

static enum jl_rc ask_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_ask *ask = &message->as.ask;
    enum jl_rc rc = wire_check_range(ask->feed, 0, 1, "feed", err);
    if (rc == JL_OK) {
        rc = wire_check_range(ask->step, JL_ASK_BUCKETS, JL_ASK_ROWS, "step", err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if ((ask->step == JL_ASK_IDS) != (ask->buckets.size > 0)) {
        return jl_fail(err, JL_PROTO, "step %u with %zu buckets", (unsigned)ask->step,
                       ask->buckets.size);
    }
    if ((ask->step == JL_ASK_ROWS) != (ask->record_count > 0)) {
        return jl_fail(err, JL_PROTO, "step %u with %zu records", (unsigned)ask->step,
                       ask->record_count);
    }
    if (ask->record_count > JL_ASK_ROWS_MAX) {
        return jl_fail(err, JL_LIMIT, "%zu records asked for, at most %d", ask->record_count,
                       (int)JL_ASK_ROWS_MAX);
    }
    rc = check_buckets(ask->buckets, err);
    return rc != JL_OK ? rc : check_records(ask->records, ask->record_count, err);
}

static enum jl_rc ask_put(struct jl_wire *wire, const struct jl_message *message,
                          struct wire_draft *draft, struct jl_err *err) {
    const struct jl_ask *ask = &message->as.ask;
    Jielian__Ask *body = draft->envelope.ask = &draft->body.ask;
    enum jl_rc rc = put_records(&wire->plain, ask->records, ask->record_count, 0, err);
    jielian__ask__init(body);
    body->feed = ask->feed;
    body->step = ask->step;
    body->buckets = wire_lend_bytes(ask->buckets);
    body->ids = wire_lend_bytes(jl_buf_bytes(&wire->plain));
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
    ask->buckets = wire_view(body->buckets);
    return get_records(wire_view(body->ids), 0, arena, &ask->records, &ask->record_count, err);
}

const struct wire_form wire_ask_form = {"ask", ask_check, ask_put, ask_get};

/* ---- Buckets ---- */

static enum jl_rc buckets_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_buckets *buckets = &message->as.buckets;
    enum jl_rc rc = wire_check_range(buckets->feed, 0, 1, "feed", err);
    return rc != JL_OK ? rc
                       : wire_check_range(buckets->sums.size, JL_BUCKETS * JL_SHORT_SUM_BYTES,
                                          JL_BUCKETS * JL_SHORT_SUM_BYTES, "bytes of sums", err);
}

static enum jl_rc buckets_put(struct jl_wire *wire, const struct jl_message *message,
                              struct wire_draft *draft, struct jl_err *err) {
    (void)wire, (void)err;
    Jielian__Buckets *body = draft->envelope.buckets = &draft->body.buckets;
    jielian__buckets__init(body);
    body->feed = message->as.buckets.feed;
    body->sums = wire_lend_bytes(message->as.buckets.sums);
    return JL_OK;
}

static enum jl_rc buckets_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                              struct jl_arena *arena, struct jl_message *out_message,
                              struct jl_err *err) {
    (void)wire, (void)arena, (void)err;
    out_message->as.buckets.feed = envelope->buckets->feed;
    out_message->as.buckets.sums = wire_view(envelope->buckets->sums);
    return JL_OK;
}

const struct wire_form wire_buckets_form = {"buckets", buckets_check, buckets_put, buckets_get};

/* ---- Ids ---- */

static enum jl_rc ids_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_ids *ids = &message->as.ids;
    enum jl_rc rc = wire_check_range(ids->feed, 0, 1, "feed", err);
    if (rc == JL_OK) {
        rc = wire_check_range(ids->buckets.size, 1, JL_BUCKETS, "number of buckets", err);
    }
    if (rc == JL_OK) {
        rc = check_buckets(ids->buckets, err);
    }
    return rc != JL_OK ? rc : check_records(ids->records, ids->record_count, err);
}

static enum jl_rc ids_put(struct jl_wire *wire, const struct jl_message *message,
                          struct wire_draft *draft, struct jl_err *err) {
    const struct jl_ids *ids = &message->as.ids;
    Jielian__Ids *body = draft->envelope.ids = &draft->body.ids;
    enum jl_rc rc =
        put_records(&wire->plain, ids->records, ids->record_count, JL_SHORT_SUM_BYTES, err);
    jielian__ids__init(body);
    body->feed = ids->feed;
    body->buckets = wire_lend_bytes(ids->buckets);
    body->ids = wire_lend_bytes(jl_buf_bytes(&wire->plain));
    return rc;
}

static enum jl_rc ids_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                          struct jl_arena *arena, struct jl_message *out_message,
                          struct jl_err *err) {
    (void)wire;
    const Jielian__Ids *body = envelope->ids;
    struct jl_ids *ids = &out_message->as.ids;
    ids->feed = body->feed;
    ids->buckets = wire_view(body->buckets);
    return get_records(wire_view(body->ids), JL_SHORT_SUM_BYTES, arena, &ids->records,
                       &ids->record_count, err);
}

const struct wire_form wire_ids_form = {"ids", ids_check, ids_put, ids_get};
