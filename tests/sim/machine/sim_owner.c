/* I16, watched all along: a record that was deleted comes back by the office that had it last, or
 * by the district; a natural key is free again, but names only what its author's office sees. What
 * is tried otherwise is parked, or waits for a person. */
#include "server/books/visibility.h"
#include "sim.h"

#include "jielian/base/assert.h"
#include "jielian/store/feeds.h"

#include <inttypes.h>
#include <string.h>

/* Made by one of these ops of the batch. */
static bool is_made(const struct jl_op *ops, size_t count, const struct jl_record_key *key) {
    for (size_t i = 0; i < count; i++) {
        if (ops[i].kind == JL_OP_CREATE && ops[i].type == key->type &&
            jl_id_equal(&ops[i].id, &key->id)) {
            return true;
        }
    }
    return false;
}

static struct jl_head head_of(struct sim *sim, const struct jl_record_key *key) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_head head = {0};
    struct jl_err err;
    JL_ASSERT(jl_records_heads(sim->world.district->books->store, key, 1, &arena, &head, &err) ==
              JL_OK);
    return head;
}

static bool is_seen(struct sim *sim, const struct jl_head *head, uint32_t office) {
    struct jl_feed_entry entries[JL_FEED_ENTRIES_MAX];
    size_t count = 0;
    struct jl_err err;
    bool seen = head->rid != 0 && head->owner == office && head->state == JL_RECORD_LIVE;
    if (head->rid == 0 || seen) {
        return seen;
    }
    JL_ASSERT(jl_feeds_of(sim->world.district->books->store, head->rid, entries,
                          JL_FEED_ENTRIES_MAX, &count, &err) == JL_OK);
    for (size_t i = 0; i < count; i++) {
        seen = seen || entries[i].feed == 0 || entries[i].feed == office;
    }
    return seen;
}

/* What the batch makes further on is seen by then: the op waits for it. */
static bool names_unseen(struct sim *sim, uint32_t office, const struct jl_type *type,
                         const struct jl_op *ops, size_t count, const struct jl_op *op) {
    const struct jl_row row = {.fields = op->new_fields, .field_count = op->new_count};
    for (size_t k = 0; k < type->natural_key_count; k++) {
        const struct jl_field *field = jl_type_field(type, type->natural_key[k]);
        const struct jl_value *value =
            field != NULL && field->kind == JL_KIND_REF && field->ref_type != JL_TYPE_OFFICE
                ? jl_row_get(&row, field->number)
                : NULL;
        if (value == NULL || value->kind != JL_VALUE_BYTES || value->bytes.size != JL_ID_BYTES) {
            continue;
        }
        struct jl_record_key key = {.type = field->ref_type};
        memcpy(key.id.bytes, value->bytes.data, JL_ID_BYTES);
        const struct jl_head head = head_of(sim, &key);
        if (!(head.rid == 0 && is_made(ops, count, &key)) && !is_seen(sim, &head, office)) {
            return true;
        }
    }
    return false;
}

/* May this office have it, as things stand before the batch? */
static bool may(struct sim *sim, uint32_t office, const struct jl_op *ops, size_t count,
                size_t at) {
    const struct jl_op *op = &ops[at];
    const struct jl_type *type = jl_catalogue_type(sim->world.district->books->catalogue, op->type);
    const struct jl_record_key key = {.type = op->type, .id = op->id};
    bool makes = op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE;
    if (type == NULL || !makes || type->owner == JL_SIDE_DISTRICT || is_made(ops, at, &key)) {
        return true;
    }
    const struct jl_head head = head_of(sim, &key);
    bool deleted = head.rid != 0 && head.state == JL_RECORD_DELETED;
    bool free = op->kind == JL_OP_CREATE && type->natural_key_count > 0;
    if (deleted && head.owner != office && !free && type->transfer_subject == 0) {
        return false;
    }
    return (head.rid != 0 && !deleted) || !names_unseen(sim, office, type, ops, count, op);
}

void sim_owner_before(struct sim *sim, const struct world_device *device,
                      const struct jl_push *push) {
    JL_AUTO(jl_arena) arena = {0};
    struct sim_oracle *oracle = &sim->oracle;
    struct jl_op *ops = jl_arena_zalloc(&arena, push->count + 1, sizeof *ops);
    struct jl_err err;
    oracle->intruder_count = 0;
    JL_ASSERT(ops != NULL);
    for (size_t i = 0; i < push->count; i++) {
        if (jl_wire_op_decode(push->ops[i], &arena, &ops[i], &err) != JL_OK) {
            return; /* forged */
        }
    }
    for (size_t i = 0; i < push->count; i++) {
        uint8_t hash[JL_HASH_BYTES];
        sim_oracle_hash(sim, push->ops[i], hash);
        if (oracle->intruder_count < SIM_INTRUDERS_MAX && sim_oracle_entry(sim, hash) == NULL &&
            !may(sim, device->office_number, ops, push->count, i)) {
            memcpy(oracle->intruders[oracle->intruder_count++], hash, JL_HASH_BYTES);
        }
    }
}

void sim_owner_after(struct sim *sim, const struct world_device *device) {
    const struct sim_oracle *oracle = &sim->oracle;
    if (oracle->intruder_count == 0 || !sim_oracle_note(sim)) {
        return;
    }
    for (size_t i = 0; i < oracle->intruder_count; i++) {
        const struct sim_entry *entry = sim_oracle_entry(sim, oracle->intruders[i]);
        if (entry != NULL && entry->verdict != JL_VERDICT_PARKED &&
            entry->verdict != JL_VERDICT_CASE) {
            sim_fail(sim,
                     "I16: device %zu got a record (type %" PRIu32 ") that is not its office's",
                     sim_number_of(sim, device), entry->op.type);
        }
    }
}
