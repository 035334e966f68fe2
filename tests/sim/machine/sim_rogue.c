/* A PC of one office is in wrong hands, and its key with it: a peer that is enrolled and has no
 * rules of ours. It sees what the district has, and sends ops made by hand, of any kind, type,
 * field and number, over records of its own office, of others, of the district; it sends batches
 * again, under other numbers too; it reads feeds and asks for rows. The honest PCs go on beside it.
 *
 *   I20   it changes nothing but its own office's records, transfers that its office is a party
 *         to, and what becomes of a transfer; it asks for no transfer but from its own office; it
 *         makes cases, closes none of another office, and opens none again
 *   I21   it is shown nothing else, either, and of a possible duplicate with a record elsewhere
 *         only its own side
 *
 * That honest offices are in step within their bounds all the same, settling shows (sim_settle.c).
 * The district itself never sends its ops again after a restore, and neither does the rogue: the
 * oracle counts them as made at a desk of the district. */
#include "sim.h"

#include "jielian/op/merge.h"
#include "server/books/district_internal.h"
#include "tests/sim/world/world_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOUR_MS = 60 * 60 * 1000,
    OPS_MAX = 3,    /* of one batch */
    FIELDS_MAX = 3, /* that one op changes */
};

/* ---- What is there ---- */

struct seen { /* a record at the district */
    struct jl_record_key key;
    struct jl_head head;
    bool party;  /* a transfer of the rogue's office */
    bool leaves; /* … which its member leaves */
    bool pair;   /* a case of two offices' records */
    bool closed; /* a case that is, and that finding the same again does not open */
};

struct sight {
    struct sim *sim;
    struct seen *items;
    size_t count, capacity;
};

static uint32_t rogues_office(const struct sim *sim) {
    return sim->rogue.office;
}

/* Does the transfer name the rogue's office in this field? */
static bool names_rogue(struct sim *sim, const struct jl_type *type, const struct jl_row *row,
                        uint32_t field) {
    return type->transfer_subject != 0 &&
           jl_district_office_of_ref(sim->world.district, jl_row_get(row, field)) ==
               rogues_office(sim);
}

static bool is_party(struct sim *sim, const struct jl_type *type, const struct jl_row *row) {
    return names_rogue(sim, type, row, type->transfer_from) ||
           names_rogue(sim, type, row, type->transfer_to);
}

static bool has_number(const struct jl_row *row, uint32_t field, int64_t number) {
    const struct jl_value *value = jl_row_get(row, field);
    return value != NULL && value->number == number;
}

static enum jl_rc note_seen(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct sight *sight = context;
    struct sim *sim = sight->sim;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    struct jl_books *books = sim->world.district->books;
    enum jl_rc rc = jl_books_unseal(books, stored, &arena, &record, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (sight->count == sight->capacity) {
        sight->capacity = 2 * sight->capacity + 256;
        sight->items = realloc(sight->items, sight->capacity * sizeof *sight->items);
        JL_ASSERT(sight->items != NULL);
    }
    const struct jl_type *type = jl_catalogue_type(books->catalogue, record.row.type);
    bool is_case = record.row.type == JL_TYPE_CASE;
    sight->items[sight->count++] = (struct seen){
        .key = {.type = record.row.type, .id = record.row.id},
        .head = record.head,
        .party = type != NULL && is_party(sim, type, &record.row),
        .leaves = type != NULL && names_rogue(sim, type, &record.row, type->transfer_from),
        .pair = is_case && record.row.owner == 0,
        .closed = is_case && has_number(&record.row, JL_CASE_STATUS, JL_CASE_RESOLVED) &&
                  !has_number(&record.row, JL_CASE_KIND, JL_CASE_DUPLICATE)};
    return JL_OK;
}

static bool look(struct sim *sim, struct sight *out_sight) {
    const struct jl_catalogue *catalogue = sim->world.district->books->catalogue;
    struct jl_err err = {0};
    *out_sight = (struct sight){.sim = sim};
    for (size_t i = 0; i < jl_catalogue_type_count(catalogue); i++) {
        const struct jl_scan scan = {.type = jl_catalogue_type_at(catalogue, i)->number,
                                     .all_states = true};
        if (jl_store_scan(sim->world.district->books->store, &scan, note_seen, out_sight, &err) !=
            JL_OK) {
            return sim_fail(sim, "step %zu: the rogue's sight: %s", sim->step, err.text);
        }
    }
    return true;
}

static const struct seen *find_seen(const struct sight *sight, const struct jl_record_key *key) {
    for (size_t i = 0; i < sight->count; i++) {
        if (sight->items[i].key.type == key->type &&
            jl_id_equal(&sight->items[i].key.id, &key->id)) {
            return &sight->items[i];
        }
    }
    return NULL;
}

/* ---- I20 ---- */

/* The subject of a transfer comes and goes with it. */
static bool may_move(const struct sim *sim, const struct seen *before, const struct seen *after) {
    return (before->head.owner == rogues_office(sim) || after->head.owner == rogues_office(sim)) &&
           before->head.owner != after->head.owner;
}

static bool may_change(const struct sim *sim, const struct seen *before, const struct seen *after) {
    const struct jl_type *type =
        jl_catalogue_type(sim->world.district->books->catalogue, after->key.type);
    bool shared = type != NULL && type->owner == JL_SIDE_DISTRICT;
    bool own = after->head.owner == rogues_office(sim) && !shared;
    if (before == NULL) {
        return type != NULL && type->transfer_subject != 0 ? after->leaves
                                                           : own || after->key.type == JL_TYPE_CASE;
    }
    if (after->key.type == JL_TYPE_CASE) {
        return (before->head.owner == rogues_office(sim) && (!before->closed || after->closed)) ||
               (before->pair && after->pair);
    }
    return (own && before->head.owner == rogues_office(sim)) || before->party || after->party ||
           (before->head.state == JL_RECORD_DELETED && own) || may_move(sim, before, after);
}

static bool check_changes(struct sim *sim, const struct sight *before) {
    struct sight after;
    bool good = look(sim, &after);
    for (size_t i = 0; good && i < after.count; i++) {
        const struct seen *is = &after.items[i];
        const struct seen *was = find_seen(before, &is->key);
        bool changed = was == NULL || was->head.last != is->head.last ||
                       was->head.owner != is->head.owner || was->head.state != is->head.state ||
                       memcmp(was->head.hash, is->head.hash, sizeof is->head.hash) != 0;
        if (changed && !may_change(sim, was, is)) {
            good = sim_fail(sim,
                            "I20: step %zu: the rogue of office %" PRIu32
                            " changed a record (type %" PRIu32 ", owner %" PRIu32 ")",
                            sim->step, rogues_office(sim), is->key.type, is->head.owner);
        }
    }
    free(after.items);
    return good;
}

/* ---- I21 ---- */

static bool check_row(struct sim *sim, uint32_t feed, struct jl_bytes bytes) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_feed_row row;
    struct jl_err err;
    struct jl_id other;
    const struct jl_books *books = sim->world.district->books;
    if (jl_wire_row_decode(bytes, &arena, &row, &err) != JL_OK) {
        return sim_fail(sim, "step %zu: a row that does not decode", sim->step);
    }
    const struct jl_type *type = jl_catalogue_type(books->catalogue, row.row.type);
    bool gone = row.kind == JL_FEED_LEAVE || row.kind == JL_FEED_DELETE;
    bool shared = feed == 0 && type != NULL && type->owner == JL_SIDE_DISTRICT;
    bool own = feed != 0 && row.row.owner == rogues_office(sim);
    if (!gone && !shared && !own && (type == NULL || !is_party(sim, type, &row.row))) {
        return sim_fail(sim, "I21: the rogue is shown a record (type %" PRIu32 ") of %" PRIu32,
                        row.row.type, row.row.owner);
    }
    if (row.row.type != JL_TYPE_CASE || gone ||
        !jl_case_names(&row.row, JL_CASE_OTHER_ID, &other)) {
        return true;
    }
    const struct jl_value *of = jl_row_get(&row.row, JL_CASE_SUBJECT_TYPE);
    const struct jl_record_key key = {.type = of != NULL ? (uint32_t)of->number : 0, .id = other};
    struct jl_head head = {0};
    if (jl_store_heads(books->store, &key, 1, &arena, &head, &err) != JL_OK) {
        return sim_fail(sim, "step %zu: %s", sim->step, err.text);
    }
    return head.owner == rogues_office(sim) ||
           sim_fail(sim, "I21: a case of office %" PRIu32 " names a record of %" PRIu32,
                    rogues_office(sim), head.owner);
}

static bool check_page(struct sim *sim, const struct jl_page *page) {
    bool good = true;
    for (size_t i = 0; good && i < page->count; i++) {
        good = check_row(sim, page->feed, page->rows[i]);
    }
    return good;
}

static void read_feed(struct sim *sim) {
    JL_AUTO(jl_arena) arena = {0};
    uint64_t heads[2];
    struct jl_err err = {0};
    struct jl_district *district = sim->world.district;
    struct jl_pull pull = {.feed = (uint32_t)sim_draw(sim, 2),
                           .max_bytes = JL_PAGE_MAX_BYTES,
                           .pages = 1,
                           .echo = true};
    struct jl_page page;
    enum jl_rc rc = jl_district_begin(district, false, NULL, &err);
    if (rc == JL_OK) {
        rc = jl_district_heads(district, rogues_office(sim), heads, &err);
        pull.from = rc == JL_OK ? sim_draw(sim, heads[pull.feed] + 2) : 0;
    }
    if (rc == JL_OK) {
        rc = jl_district_page(district, rogues_office(sim), sim->rogue.origin, &pull, &arena, &page,
                              &err);
    }
    jl_store_rollback(district->books->store);
    if (rc != JL_OK) {
        sim_fail(sim, "step %zu: the rogue's page: %s", sim->step, err.text);
        return;
    }
    (void)check_page(sim, &page);
}

/* Rows by id, of whatever there is. */
static void ask_rows(struct sim *sim, const struct sight *sight) {
    enum { ASKED = 16 };
    JL_AUTO(jl_arena) arena = {0};
    struct jl_known known[ASKED] = {{0}};
    struct jl_message answer;
    struct jl_err err = {0};
    struct jl_ask ask = {.feed = (uint32_t)sim_draw(sim, 2), .step = JL_ASK_ROWS, .records = known};
    struct jl_district *district = sim->world.district;
    for (size_t i = 0; i < ASKED && sight->count > 0; i++) {
        const struct seen *seen = &sight->items[sim_draw(sim, sight->count)];
        known[ask.record_count++] = (struct jl_known){.type = seen->key.type, .id = seen->key.id};
    }
    enum jl_rc rc = jl_district_begin(district, false, NULL, &err);
    if (rc == JL_OK) {
        rc = jl_district_answer(district, rogues_office(sim), &ask, &arena, &answer, &err);
    }
    jl_store_rollback(district->books->store);
    if (rc != JL_OK) {
        sim_fail(sim, "step %zu: the rogue's question: %s", sim->step, err.text);
        return;
    }
    (void)check_page(sim, &answer.as.page);
}

/* ---- Ops made by hand ---- */

/* Of the type, if there is one; else whatever was drawn. */
static const struct seen *any_of(struct sim *sim, const struct sight *sight, uint32_t type) {
    size_t first = (size_t)sim_draw(sim, sight->count);
    for (size_t i = 0; i < sight->count; i++) {
        const struct seen *seen = &sight->items[(first + i) % sight->count];
        if (seen->key.type == type) {
            return seen;
        }
    }
    return &sight->items[first];
}

static int64_t any_code(struct sim *sim, const struct jl_field *field) {
    const struct jl_code_list *codes = field->codes;
    return codes != NULL && codes->code_count > 0
               ? (int64_t)codes->codes[sim_draw(sim, codes->code_count)].number
               : (int64_t)sim_draw(sim, 8);
}

static struct jl_value any_value(struct sim *sim, const struct jl_field *field,
                                 const struct sight *sight, struct jl_arena *arena) {
    static const char *const texts[] = {"张三", "李四", "13800000000", "merged", "different", "1"};
    uint64_t text = sim_draw(sim, sizeof texts / sizeof *texts);
    struct jl_id *id = jl_arena_zalloc(arena, 1, sizeof *id);
    JL_ASSERT(id != NULL);
    *id = any_of(sim, sight, field->ref_type)->key.id;
    switch (field->kind) {
    case JL_KIND_REF:
        return jl_value_ref(id);
    case JL_KIND_INT:
    case JL_KIND_MONEY:
        return jl_value_int((int64_t)sim_draw(sim, 8));
    case JL_KIND_BOOL:
        return jl_value_int((int64_t)sim_draw(sim, 2));
    case JL_KIND_CODE:
        return jl_value_int(any_code(sim, field));
    case JL_KIND_DATE:
        return jl_value_int(20260101 + (int64_t)sim_draw(sim, 28));
    case JL_KIND_MONTH:
        return jl_value_int(202601 + (int64_t)sim_draw(sim, 12));
    case JL_KIND_TEXT:
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
    case JL_KIND_PHONE:
        break;
    }
    return jl_value_cstr(texts[text]);
}

/* A few fields of the record, as they are and as the rogue wants them. */
static void change_fields(struct sim *sim, const struct sight *sight, const struct jl_type *type,
                          const struct jl_row *row, struct jl_arena *arena, struct jl_op *op) {
    struct jl_row was = {0};
    struct jl_row is = {0};
    struct jl_err err;
    size_t count = sim_draw(sim, 4) == 0 ? 1 + (size_t)sim_draw(sim, FIELDS_MAX) : 1;
    bool moves = type->flow.field != 0 && sim_draw(sim, 2) == 0;
    for (size_t i = 0; i < count; i++) {
        const struct jl_field *field = moves && i == 0
                                           ? jl_type_field(type, type->flow.field)
                                           : &type->fields[sim_draw(sim, type->field_count)];
        const struct jl_value none = jl_value_null();
        const struct jl_value value = any_value(sim, field, sight, arena);
        const struct jl_value *old = jl_row_get(row, field->number);
        (void)!jl_row_set(&is, field->number, &value, arena, &err);
        if (old != NULL) {
            (void)!jl_row_set(&was, field->number, old, arena, &err);
        } else {
            (void)!jl_row_set(&was, field->number, &none, arena, &err);
        }
    }
    op->new_fields = is.fields;
    op->new_count = is.field_count;
    op->old_fields = was.fields;
    op->old_count = was.field_count;
}

static void make_op(struct sim *sim, const struct sight *sight, struct jl_arena *arena,
                    struct jl_op *op) {
    const struct jl_catalogue *catalogue = sim->world.district->books->catalogue;
    struct jl_book_record record = {0};
    struct jl_err err;
    /* The types are drawn, for most records are of few; kinds that are the office's more often. */
    size_t at = (size_t)sim_draw(sim, jl_catalogue_type_count(catalogue));
    bool built_in = sim_draw(sim, 2) == 0;
    const struct seen *seen = any_of(sim, sight,
                                     built_in ? 1 + (uint32_t)sim_draw(sim, JL_TYPE_LEAVE)
                                              : jl_catalogue_type_at(catalogue, at)->number);
    const struct jl_type *type = jl_catalogue_type(catalogue, seen->key.type);
    uint64_t numbers = sim_draw(sim, 32);
    uint64_t kind = sim_draw(sim, 3) == 0 ? sim_draw(sim, 7) : sim_draw(sim, 4);
    sim->rogue.number += numbers == 0 ? 2 : numbers == 1 ? 0 : 1;
    *op = (struct jl_op){.kind = (enum jl_op_kind)(JL_OP_CREATE + kind),
                         .type = seen->key.type,
                         .id = seen->key.id,
                         .made_ms = sim->world.now_ms,
                         .staff = jl_bytes_text("nobody"),
                         .cursor = sim_draw(sim, 4) != 0 ? INT64_MAX : sim_draw(sim, 100),
                         .number = numbers == 2 ? 0 : sim->rogue.number,
                         .other = sight->items[sim_draw(sim, sight->count)].key.id,
                         .owner = (uint32_t)sim_draw(sim, SIM_OFFICES_MAX + 1)};
    if (sim_draw(sim, 4) == 0 || type->append_only) {
        (void)!jl_random(op->id.bytes, sizeof op->id.bytes, &err);
    }
    if (jl_books_load(sim->world.district->books, &seen->key, 1, arena, &record, &err) == JL_OK) {
        change_fields(sim, sight, type, &record.row, arena, op);
    }
    bool whole = op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE;
    if (whole && sim_draw(sim, 2) == 0) { /* the record as it is, under the rogue's name */
        op->new_fields = record.row.fields;
        op->new_count = record.row.field_count;
    }
    if (whole || op->kind == JL_OP_DELETE) {
        op->old_fields = op->kind == JL_OP_DELETE ? record.row.fields : NULL;
        op->old_count = op->kind == JL_OP_DELETE ? record.row.field_count : 0;
        op->new_count = op->kind == JL_OP_DELETE ? 0 : op->new_count;
    }
}

/* ---- Batches ---- */

static enum jl_rc sign(struct sim *sim, struct jl_push *push, struct jl_err *err) {
    struct sim_rogue *rogue = &sim->rogue;
    struct jl_hasher *hasher = sim->world.district->books->hasher;
    uint8_t text[JL_BATCH_TEXT_BYTES];
    JL_AUTO_PTR(jl_signer) signer = NULL;
    const struct jl_origin *origin = jl_district_origin(sim->world.district, rogue->origin);
    enum jl_rc rc = JL_OK;
    memcpy(rogue->hash, origin->last_hash, sizeof rogue->hash);
    for (size_t i = 0; rc == JL_OK && i < push->count; i++) {
        rc = jl_chain_step(hasher, rogue->hash, push->ops[i], err);
    }
    if (rc == JL_OK) {
        rc = jl_signer_new(rogue->keys.suite, &rogue->keys.sign, &signer, err);
    }
    jl_batch_text(rogue->incarnation, push->first_seq + push->count - 1, rogue->hash, text);
    return rc == JL_OK ? jl_sign(signer, jl_bytes(text, sizeof text), push->signature, err) : rc;
}

static enum jl_rc push_open(struct sim *sim, struct jl_push *push, struct jl_arena *arena,
                            struct jl_err *err) {
    JL_AUTO(jl_buf) frame = {0};
    struct jl_verdicts verdicts;
    struct jl_district *district = sim->world.district;
    struct jl_message message = {.kind = JL_MESSAGE_PUSH};
    enum jl_rc rc = sign(sim, push, err);
    message.as.push = *push;
    if (rc == JL_OK) {
        rc = jl_wire_encode(sim->world.wire, &message, &frame, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_push(district, sim->rogue.origin, push, jl_buf_bytes(&frame), arena,
                              &verdicts, err);
    }
    /* Refused whole: nothing was changed. */
    bool refused = rc == JL_PROTO || rc == JL_CONFLICT || rc == JL_LIMIT || rc == JL_MISUSE;
    return refused ? JL_PROTO : rc;
}

static void push_ops(struct sim *sim, const struct sight *sight) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err = {0};
    struct jl_bytes ops[OPS_MAX];
    struct jl_district *district = sim->world.district;
    struct jl_push push = {.ops = ops};
    size_t count = 1 + (size_t)sim_draw(sim, OPS_MAX);
    for (size_t i = 0; i < count; i++) {
        JL_AUTO(jl_buf) bytes = {0};
        struct jl_op op;
        make_op(sim, sight, &arena, &op);
        if (jl_wire_op_encode(&op, &bytes, &err) == JL_OK &&
            jl_arena_dup(&arena, jl_buf_bytes(&bytes), &ops[push.count], &err) == JL_OK) {
            push.count++;
            sim_trace(sim, "  op %d of type %" PRIu32, (int)op.kind, op.type);
        }
    }
    enum jl_rc rc = push.count > 0 ? jl_district_begin(district, true, NULL, &err) : JL_PROTO;
    if (rc != JL_OK) {
        return;
    }
    const struct jl_origin *origin = jl_district_origin(district, sim->rogue.origin);
    uint64_t again = sim_draw(sim, 8) == 0 ? sim_draw(sim, origin->last_seq + 1) : 0;
    push.first_seq = origin->last_seq + 1 - again;
    rc = push_open(sim, &push, &arena, &err);
    if (rc == JL_OK) {
        rc = jl_district_commit(district, &err);
    } else {
        jl_district_rollback(district);
    }
    if (rc != JL_OK && rc != JL_PROTO && !world_passes(&sim->world, sim->world.disk_full, rc)) {
        sim_fail(sim, "step %zu: the rogue's batch: %s: %s", sim->step, jl_rc_name(rc), err.text);
    }
}

/* ---- Being there ---- */

static bool enrol(struct sim *sim) {
    struct world_invitation invitation;
    struct jl_identity identity;
    struct jl_err err = {0};
    struct sim_rogue *rogue = &sim->rogue;
    *rogue = (struct sim_rogue){.ever = true};
    if (world_invite(&sim->world, 1, HOUR_MS, &invitation, &err) != JL_OK ||
        world_enrol_keys(&sim->world, &invitation, &rogue->keys, &identity, &err) != JL_OK) {
        return false; /* its disk is full, or the office is not there any more */
    }
    rogue->there = true;
    rogue->office = identity.office;
    rogue->device = identity.device;
    return true;
}

static bool greet(struct sim *sim) {
    struct sim_rogue *rogue = &sim->rogue;
    struct jl_district *district = sim->world.district;
    struct jl_welcome welcome;
    struct jl_err err = {0};
    struct jl_hello hello = {.version = 1, .oldest = 1, .program = "rogue"};
    (void)!jl_random(rogue->incarnation, sizeof rogue->incarnation, &err);
    memcpy(hello.incarnation, rogue->incarnation, sizeof hello.incarnation);
    enum jl_rc rc =
        jl_chain_genesis(district->books->hasher, hello.incarnation, hello.confirmed_hash, &err);
    if (rc == JL_OK) {
        rc = jl_district_begin(district, true, NULL, &err);
    }
    if (rc != JL_OK) {
        return false;
    }
    rc = jl_district_hello(district, rogue->device, &hello, &welcome, &rogue->origin, &err);
    if (rc != JL_OK) {
        jl_district_rollback(district);
        rogue->origin = 0;
        return false;
    }
    rc = jl_district_commit(district, &err);
    rogue->origin = rc == JL_OK ? rogue->origin : 0;
    return rc == JL_OK;
}

/* After a restore its number may be another's, or nobody's, and its chain is gone. */
static bool is_in(struct sim *sim) {
    struct sim_rogue *rogue = &sim->rogue;
    struct jl_district *district = sim->world.district;
    uint8_t curve_public[32];
    struct jl_err err;
    if (!rogue->there || jl_curve_public(&rogue->keys.curve, curve_public, &err) != JL_OK) {
        return enrol(sim) && greet(sim);
    }
    const struct jl_device *device = jl_district_device_keyed(district, curve_public);
    const struct jl_origin *origin =
        rogue->origin != 0 ? jl_district_origin(district, rogue->origin) : NULL;
    if (device == NULL) {
        return enrol(sim) && greet(sim);
    }
    if (device->state != JL_DEVICE_ACTIVE) {
        return false;
    }
    bool known = origin != NULL && origin->device == device->number &&
                 memcmp(origin->incarnation, rogue->incarnation, 16) == 0;
    return known || greet(sim);
}

bool sim_is_rogues(const struct sim *sim, uint32_t origin) {
    const struct jl_origin *is = jl_district_origin(sim->world.district, origin);
    if (!sim->rogue.ever || is == NULL) {
        return false;
    }
    for (size_t i = 0; i < sim->world.device_count; i++) {
        if (sim->world.devices[i].number == is->device) {
            return false;
        }
    }
    return true;
}

void sim_rogue_step(struct sim *sim) {
    enum { RUNS = 8, OF = 7, STEPS = 12 }; /* one run of eight, one step of twelve */
    struct sight sight;
    if (sim->plan->seed % RUNS != OF || sim_draw(sim, STEPS) != 0 || sim->world.disk_full) {
        return;
    }
    world_at_district(&sim->world);
    if (is_in(sim) && look(sim, &sight)) {
        uint64_t what = sim_draw(sim, 8);
        sim->out->tally.actions[SIM_ROGUE]++;
        sim_trace(sim, "the rogue");
        if (what < 6) {
            push_ops(sim, &sight);
            (void)!(sim_failed(sim) || check_changes(sim, &sight));
        } else if (what == 6) {
            read_feed(sim);
        } else {
            ask_rows(sim, &sight);
        }
        free(sight.items);
    }
    world_at_none(&sim->world);
}
