/* What a device says of itself is what the district knows of it:
 *
 *   I9  nothing was damaged, so nothing needed a repair: rows, sums and cursors always moved
 *       together (copied PCs and those of a restored district may need one); and the deep hashes of
 *       both sides, made of the rows alone, are the same;
 *   I10 the mark of every op in an outbox is a verdict that the journal gave it, unless that
 *       journal was lost;
 *   I12 what was typed at a device and has no verdict yet is what it shows (after every talk);
 *   I11 no device works by an older catalogue than the district. */
#include "client/books/office_deep.h"
#include "client/books/office_outbox.h"
#include "sim.h"

#include "jielian/base/assert.h"
#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <inttypes.h>
#include <string.h>

/* May an op with this mark have got this verdict? */
static bool fits(enum jl_outbox_state mark, enum jl_verdict_code verdict) {
    switch (mark) {
    case JL_OUTBOX_APPLIED:
        return verdict == JL_VERDICT_APPLIED;
    case JL_OUTBOX_MERGED:
        return verdict == JL_VERDICT_MERGED;
    case JL_OUTBOX_CASE:
        return verdict == JL_VERDICT_CASE;
    case JL_OUTBOX_PARKED:
    case JL_OUTBOX_SUPERSEDED:
        return verdict == JL_VERDICT_PARKED;
    case JL_OUTBOX_PENDING:
        break;
    }
    return false;
}

static bool check_mark(struct sim *sim, size_t number, const struct jl_outbox_entry *mark,
                       struct jl_bytes op) {
    const struct sim_oracle *oracle = &sim->oracle;
    uint8_t hash[JL_HASH_BYTES];
    struct jl_err err;
    bool judged = false;
    JL_ASSERT(jl_hasher_digest(sim->world.district->books->hasher, &op, 1, hash, &err) == JL_OK);
    for (size_t i = 0; i < oracle->entry_count; i++) {
        const struct sim_entry *entry = &oracle->entries[i];
        if (memcmp(entry->hash, hash, JL_HASH_BYTES) == 0) {
            judged = true;
            if (fits(mark->state, entry->verdict)) {
                return true;
            }
        }
    }
    return !judged /* I3 answers for it */ || sim->restores > 0 ||
           sim_fail(sim, "I10: device %zu marks op %" PRIu64 " as %d, which no verdict says",
                    number, mark->pos, (int)mark->state);
}

static bool check_marks(struct sim *sim, size_t number) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_books *books = sim->world.devices[number].office->books;
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err = {0};
    enum jl_rc rc =
        jl_outbox_range(books->store, 1, SIZE_MAX, SIZE_MAX, &arena, &entries, &count, &err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        JL_AUTO(jl_buf) plain = {0};
        rc = jl_books_unseal_bytes(books, "outbox", entries[i].pos, entries[i].body, &plain, &err);
        if (rc == JL_OK &&
            !check_mark(sim, number, &entries[i],
                        jl_bytes(plain.data + JL_HASH_BYTES, plain.size - JL_HASH_BYTES))) {
            return false;
        }
    }
    return rc == JL_OK || sim_fail(sim, "the outbox of device %zu: %s", number, err_said(&err));
}

static bool is_copied(struct sim *sim, size_t number) {
    size_t same = 0;
    for (size_t i = 0; i < sim->world.device_count; i++) {
        same += sim->world.devices[i].number == sim->world.devices[number].number ? 1 : 0;
    }
    return same > 1;
}

/* A district that was restored may lack what a PC holds: that is set aside there, and counted. And
 * of two PCs that go by one incarnation one takes the other's changes for its own until they have
 * parted: the proof finds out. */
static bool check_repairs(struct sim *sim, size_t number) {
    const struct world_device *device = &sim->world.devices[number];
    uint64_t repairs = device->office->state.repairs;
    bool expected =
        sim->restores > 0 || sim->out->tally.faults[SIM_DAMAGE] > 0 || is_copied(sim, number);
    return expected || repairs == 0 ||
           sim_fail(sim, "I9: device %zu had %" PRIu64 " repairs", number, repairs);
}

static bool check_deep(struct sim *sim, size_t number) {
    struct world_device *device = &sim->world.devices[number];
    struct jl_district *district = sim->world.district;
    struct jl_session_facts facts;
    struct jl_proof proof;
    struct jl_deep deep;
    struct jl_err err;
    bool same = false;
    jl_office_facts(device->office, &facts);
    enum jl_rc rc = jl_office_deep(device->office, &facts, &proof, &same, &err);
    if (rc == JL_OK) {
        rc = jl_district_begin(district, false, NULL, &err);
    }
    if (rc == JL_OK) {
        rc = jl_deep_begin(district->books, &deep, &err);
        if (rc == JL_OK) {
            rc = jl_deep_step(district->books, device->office_number, SIZE_MAX, &deep, &err);
        }
        jl_store_rollback(district->books->store);
    }
    if (rc != JL_OK) {
        return sim_fail(sim, "the deep hashes of device %zu: %s", number, err_said(&err));
    }
    return (same && memcmp(deep.hash, proof.deep, sizeof deep.hash) == 0) ||
           sim_fail(sim, "I9: device %zu has other deep hashes than the district", number);
}

/* ---- What is shown ---- */

static bool sets(const struct jl_op *op, uint32_t field) {
    for (size_t i = 0; i < op->new_count; i++) {
        if (op->new_fields[i].field == field) {
            return true;
        }
    }
    return op->kind == JL_OP_DELETE || op->kind == JL_OP_RESTORE || op->kind == JL_OP_CREATE;
}

static bool is_shown(struct sim *sim, struct world_device *device, const struct jl_op *ops,
                     size_t count, size_t at) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record = {0};
    struct jl_err err;
    const struct jl_op *op = &ops[at];
    struct jl_record_key key = {.type = op->type, .id = op->id};
    if (jl_books_load(device->office->books, &key, 1, &arena, &record, &err) != JL_OK ||
        record.head.state != JL_RECORD_LIVE) {
        return true; /* it was deleted or left meanwhile: its verdict tells */
    }
    for (size_t f = 0; f < op->new_count; f++) {
        const struct jl_field_value *entered = &op->new_fields[f];
        const struct jl_value *shown = jl_row_get(&record.row, entered->field);
        const struct jl_value none = jl_value_null();
        bool later = false;
        for (size_t i = at + 1; i < count; i++) {
            later = later || (ops[i].type == op->type && jl_id_equal(&ops[i].id, &op->id) &&
                              sets(&ops[i], entered->field));
        }
        if (!later && !jl_value_equal(shown != NULL ? shown : &none, &entered->value)) {
            return sim_fail(sim, "I12: device %zu does not show what was typed there",
                            sim_number_of(sim, device));
        }
    }
    return true;
}

bool sim_check_shown(struct sim *sim, struct world_device *device) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_office *office = device->office;
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err;
    /* After a restore old ops wait again for verdicts under rows that moved on long ago. */
    if (office == NULL || sim->restores > 0 ||
        office->state.head_pos == office->state.confirmed_pos) {
        return true;
    }
    if (jl_outbox_range(office->books->store, office->state.confirmed_pos + 1, SIZE_MAX, SIZE_MAX,
                        &arena, &entries, &count, &err) != JL_OK) {
        return sim_fail(sim, "an outbox can't be read: %s", err_said(&err));
    }
    struct jl_op *ops = jl_arena_zalloc(&arena, count + 1, sizeof *ops);
    bool good = ops != NULL;
    for (size_t i = 0; good && i < count; i++) {
        good = jl_office_outbox_op(office, &entries[i], &arena, &ops[i], &err) == JL_OK ||
               sim_fail(sim, "an op can't be read: %s", err_said(&err));
    }
    for (size_t i = 0; good && i < count; i++) {
        good = is_shown(sim, device, ops, count, i);
    }
    return good;
}

/* ---- All ---- */

bool sim_check_agreement(struct sim *sim) {
    uint64_t catalogue = jl_catalogue_version(sim->world.district->books->catalogue);
    for (size_t i = 0; i < sim->world.device_count; i++) {
        struct world_device *device = &sim->world.devices[i];
        if (world_state(device) == JL_DEVICE_REVOKED) {
            continue;
        }
        if (!check_repairs(sim, i) || !check_deep(sim, i)) {
            return false;
        }
        if (jl_catalogue_version(device->office->books->catalogue) < catalogue) {
            return sim_fail(sim, "I11: device %zu works by an older catalogue", i);
        }
        if (!check_marks(sim, i)) {
            return false;
        }
    }
    return true;
}
