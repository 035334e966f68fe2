/* The oracle: every op that anyone ever committed, what the district's journal says of it, and
 * where copies of it are.
 *
 * Copies: the journal, the quarantine, the outboxes of PCs that are not revoked. When a disk is
 * lost or put back to an earlier state, an op whose last copy goes with it is lost, and nobody is
 * asked for it any more. Everything else must be found in the end. */
#include "server/books/entry.h"
#include "server/books/journal.h"
#include "server/books/verdicts.h"
#include "sim.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/store/journal.h"
#include "jielian/store/quarantined.h"
#include "tests/said.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Sets of hashes ---- */

void sim_hashes_add(struct sim_hashes *hashes, const uint8_t hash[static JL_HASH_BYTES]) {
    if (hashes->count == hashes->capacity) {
        hashes->capacity = 2 * hashes->capacity + 64;
        hashes->items = realloc(hashes->items, hashes->capacity * JL_HASH_BYTES);
        JL_ASSERT(hashes->items != NULL);
    }
    memcpy(hashes->items[hashes->count++], hash, JL_HASH_BYTES);
    hashes->sorted = false;
}

static int by_bytes(const void *a, const void *b) {
    return memcmp(a, b, JL_HASH_BYTES);
}

bool sim_hashes_have(struct sim_hashes *hashes, const uint8_t hash[static JL_HASH_BYTES]) {
    if (hashes->count == 0) {
        return false;
    }
    if (!hashes->sorted) {
        qsort(hashes->items, hashes->count, JL_HASH_BYTES, by_bytes);
        hashes->sorted = true;
    }
    return bsearch(hash, hashes->items, hashes->count, JL_HASH_BYTES, by_bytes) != NULL;
}

void sim_hashes_fini(struct sim_hashes *hashes) {
    free(hashes->items);
    *hashes = (struct sim_hashes){0};
}

void sim_oracle_hash(const struct sim *sim, struct jl_bytes op,
                     uint8_t out_hash[static JL_HASH_BYTES]) {
    struct jl_err err;
    JL_ASSERT(jl_hasher_digest(sim->world.district->books->hasher, &op, 1, out_hash, &err) ==
              JL_OK);
}

/* ---- What was committed ---- */

static struct sim_op *new_op(struct sim_oracle *oracle) {
    if (oracle->op_count == oracle->op_capacity) {
        oracle->op_capacity = 2 * oracle->op_capacity + 64;
        oracle->ops = realloc(oracle->ops, oracle->op_capacity * sizeof *oracle->ops);
        JL_ASSERT(oracle->ops != NULL);
    }
    struct sim_op *op = &oracle->ops[oracle->op_count++];
    *op = (struct sim_op){0};
    return op;
}

static bool note_op(struct sim *sim, struct jl_bytes bytes, size_t device, uint64_t pos) {
    struct sim_oracle *oracle = &sim->oracle;
    struct sim_op *op = new_op(oracle);
    struct jl_err err = {0};
    sim_oracle_hash(sim, bytes, op->hash);
    op->device = device;
    op->pos = pos;
    op->step = sim->step;
    op->lost =
        device != SIM_AT_DISTRICT && world_state(&sim->world.devices[device]) == JL_DEVICE_REVOKED;
    sim->out->tally.ops++;
    return (jl_arena_dup(&oracle->arena, bytes, &op->bytes, &err) == JL_OK &&
            jl_wire_op_decode(op->bytes, &oracle->arena, &op->op, &err) == JL_OK) ||
           sim_fail(sim, "step %zu: an op that was committed can't be read: %s", sim->step,
                    err_said(&err));
}

static bool note_device(struct sim *sim, size_t number) {
    JL_AUTO(jl_arena) arena = {0};
    struct world_device *device = &sim->world.devices[number];
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err = {0};
    uint64_t *noted = &sim->oracle.noted[number];
    if (device->office == NULL || device->office->state.head_pos <= *noted) {
        return true;
    }
    struct jl_books *books = device->office->books;
    if (jl_outbox_range(books->store, *noted + 1, SIZE_MAX, SIZE_MAX, &arena, &entries, &count,
                        &err) != JL_OK) {
        return sim_fail(sim, "the outbox of device %zu can't be read: %s", number, err_said(&err));
    }
    for (size_t i = 0; i < count; i++) {
        JL_AUTO(jl_buf) plain = {0};
        if (jl_books_unseal_bytes(books, "outbox", entries[i].pos, entries[i].body, &plain, &err) !=
            JL_OK) {
            return sim_fail(sim, "an op of device %zu can't be read: %s", number, err_said(&err));
        }
        if (!note_op(sim, jl_bytes(plain.data + JL_HASH_BYTES, plain.size - JL_HASH_BYTES), number,
                     entries[i].pos)) {
            return false;
        }
    }
    *noted = device->office->state.head_pos;
    return true;
}

/* ---- The journal ---- */

static struct sim_entry *new_entry(struct sim_oracle *oracle) {
    if (oracle->entry_count == oracle->entry_capacity) {
        oracle->entry_capacity = 2 * oracle->entry_capacity + 64;
        oracle->entries =
            realloc(oracle->entries, oracle->entry_capacity * sizeof *oracle->entries);
        JL_ASSERT(oracle->entries != NULL);
    }
    return &oracle->entries[oracle->entry_count++];
}

static struct sim_op *find_op(struct sim *sim, const uint8_t hash[static JL_HASH_BYTES]) {
    for (size_t i = sim->oracle.op_count; i > 0; i--) {
        if (memcmp(sim->oracle.ops[i - 1].hash, hash, JL_HASH_BYTES) == 0) {
            return &sim->oracle.ops[i - 1];
        }
    }
    return NULL;
}

/* Parked because a person refused it, not because it does not fit. */
static bool is_refusal(const struct jl_verdict *verdicts, size_t count, uint64_t seq) {
    static const char begins[] = "区总工会审定不接收";
    for (size_t i = 0; i < count; i++) {
        if (verdicts[i].seq == seq) {
            return verdicts[i].reason.size > strlen(begins) &&
                   memcmp(verdicts[i].reason.data, begins, strlen(begins)) == 0;
        }
    }
    return false;
}

static enum jl_rc take_entry(struct sim *sim, const struct jl_journal_entry *entry,
                             const struct jl_push *push, const struct jl_verdict *verdicts,
                             size_t verdict_count, struct jl_err *err) {
    struct sim_oracle *oracle = &sim->oracle;
    for (size_t i = 0; i < push->count; i++) {
        struct sim_entry *to = new_entry(oracle);
        *to = (struct sim_entry){.origin = entry->origin,
                                 .seq = entry->first_op + i,
                                 .verdict = JL_VERDICT_APPLIED,
                                 .judged_at = oracle->entry_count};
        sim_oracle_hash(sim, push->ops[i], to->hash);
        enum jl_rc rc = jl_wire_op_decode(push->ops[i], &oracle->journal_arena, &to->op, err);
        if (rc != JL_OK) {
            return rc;
        }
        for (size_t v = 0; v < verdict_count; v++) {
            to->verdict = verdicts[v].seq == to->seq ? verdicts[v].code : to->verdict;
        }
        struct sim_op *known = find_op(sim, to->hash);
        if (known == NULL && (entry->origin == 0 || sim_is_rogues(sim, entry->origin))) {
            if (!note_op(sim, push->ops[i], SIM_AT_DISTRICT, to->seq)) {
                return jl_fault_at(err, JL_CORRUPT, JL_FAULT_TEXT, "%s", "an op of the district");
            }
            known = &oracle->ops[oracle->op_count - 1];
        }
        if (known == NULL) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_TEXT, "%s",
                               "the journal has an op that nobody made");
        }
        known->by_person = known->by_person || (to->verdict == JL_VERDICT_PARKED &&
                                                is_refusal(verdicts, verdict_count, to->seq));
        if (known->refused && to->verdict != JL_VERDICT_PARKED) {
            sim_fail(sim, "I13: the op of step %zu was refused, and took effect", known->step);
        }
        if (known->admitted && to->verdict == JL_VERDICT_PARKED &&
            is_refusal(verdicts, verdict_count, to->seq)) {
            sim_fail(sim, "I13: the op of step %zu was admitted, and refused", known->step);
        }
        if (known->accepted_ms == 0) {
            known->accepted_ms = sim->world.now_ms;
        }
    }
    oracle->journal_seq = entry->seq;
    return JL_OK;
}

/* What was held is judged again: the entry that brought the op has its verdict from now on. */
static void take_release(struct sim *sim, const struct jl_journal_opened *opened,
                         const struct jl_verdict *verdicts, size_t verdict_count) {
    struct sim_oracle *oracle = &sim->oracle;
    for (size_t i = 0; i < opened->push.count; i++) {
        const struct jl_verdict *verdict =
            jl_verdict_of(verdicts, verdict_count, opened->push.first_seq + i);
        uint8_t hash[JL_HASH_BYTES];
        sim_oracle_hash(sim, opened->push.ops[i], hash);
        for (size_t e = 0; e < oracle->entry_count; e++) {
            struct sim_entry *entry = &oracle->entries[e];
            if (entry->verdict == JL_VERDICT_CASE && entry->seq == opened->seqs[i] &&
                memcmp(entry->hash, hash, JL_HASH_BYTES) == 0) {
                entry->verdict = verdict != NULL ? verdict->code : JL_VERDICT_APPLIED;
                entry->judged_at = oracle->entry_count;
                entry->waited = true;
            }
        }
    }
}

static enum jl_rc read_entry(void *context, const struct jl_journal_entry *entry,
                             struct jl_err *err) {
    struct sim *sim = context;
    struct jl_journal_opened opened;
    struct jl_verdict *verdicts = NULL;
    size_t count = 0;
    struct jl_arena *arena = &sim->oracle.journal_arena;
    enum jl_rc rc = jl_journal_open(sim->world.district, entry, arena, &opened, err);
    if (rc == JL_OK) {
        rc = jl_verdicts_decode(entry->verdicts, arena, &verdicts, &count, err);
    }
    if (rc == JL_OK && opened.head.kind == JL_ENTRY_RELEASE) {
        take_release(sim, &opened, verdicts, count);
        sim->oracle.journal_seq = entry->seq;
        return JL_OK;
    }
    return rc == JL_OK ? take_entry(sim, entry, &opened.push, verdicts, count, err) : rc;
}

static bool note_journal(struct sim *sim) {
    struct jl_district *district = sim->world.district;
    struct jl_err err = {0};
    if (district->state.journal_seq <= sim->oracle.journal_seq) {
        return true;
    }
    return jl_journal_entry_read(district->books->store, sim->oracle.journal_seq + 1, 0, read_entry,
                                 sim, &err) == JL_OK ||
           sim_fail(sim, "step %zu: %s", sim->step, err_said(&err));
}

void sim_oracle_forget_journal(struct sim *sim) {
    sim->oracle.entry_count = 0;
    sim->oracle.journal_seq = 0;
    jl_arena_reset(&sim->oracle.journal_arena);
    for (size_t i = 0; i < sim->oracle.op_count; i++) {
        /* the decision may be lost with the books */
        sim->oracle.ops[i].refused = sim->oracle.ops[i].admitted = false;
    }
}

/* A delete that comes before the record does (a restored district gets things in another order) is
 * judged again when it is sent again: the first time there was nothing to delete. */
static bool had_nothing(const struct sim_oracle *oracle, const struct sim_entry *entry) {
    bool nothing = entry->op.kind == JL_OP_DELETE && entry->verdict == JL_VERDICT_APPLIED;
    for (const struct sim_entry *each = oracle->entries; nothing && each < entry; each++) {
        nothing = each->verdict == JL_VERDICT_PARKED || each->op.type != entry->op.type ||
                  !jl_id_equal(&each->op.id, &entry->op.id);
    }
    return nothing;
}

/* The first one that was judged for good, else the last. */
const struct sim_entry *sim_oracle_entry(const struct sim *sim,
                                         const uint8_t hash[static JL_HASH_BYTES]) {
    const struct sim_entry *found = NULL;
    for (size_t i = 0; i < sim->oracle.entry_count; i++) {
        const struct sim_entry *entry = &sim->oracle.entries[i];
        if (memcmp(entry->hash, hash, JL_HASH_BYTES) == 0) {
            found = entry;
            if (entry->waited ||
                (entry->verdict != JL_VERDICT_PARKED && !had_nothing(&sim->oracle, entry))) {
                break;
            }
        }
    }
    return found;
}

/* What had a verdict already, under another incarnation, keeps it: the journal is read by now. */
void sim_oracle_decided(struct sim *sim, const uint8_t hash[static JL_HASH_BYTES], bool refused) {
    struct sim_op *op = find_op(sim, hash);
    const struct sim_entry *entry = sim_oracle_entry(sim, hash);
    uint64_t *tally = refused ? &sim->out->tally.turned_down : &sim->out->tally.admitted;
    ++*tally;
    if (op != NULL) { /* else it was forged */
        op->admitted = !refused;
        op->refused = refused && (entry == NULL || entry->verdict == JL_VERDICT_PARKED);
    }
}

void sim_oracle_discarded(struct sim *sim, const uint8_t hash[static JL_HASH_BYTES]) {
    struct sim_op *op = find_op(sim, hash);
    if (op != NULL) {
        op->discarded = true;
    }
}

bool sim_oracle_note(struct sim *sim) {
    for (size_t i = 0; i < sim->world.device_count; i++) {
        if (!note_device(sim, i) || !sim_keep_note(sim, i)) {
            return false;
        }
    }
    return note_journal(sim);
}

/* ---- Copies ---- */

static bool copies_on_disk(struct sim *sim, struct world_device *device, struct sim_hashes *out) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err = {0};
    if (device->office == NULL) { /* whoever looks has room */
        bool full = device->disk_full;
        device->disk_full = false;
        world_reopen_device(device);
        device->disk_full = full;
    }
    if (device->office == NULL) {
        return false; /* the world is broken and says so */
    }
    struct jl_books *books = device->office->books;
    enum jl_rc rc =
        jl_outbox_range(books->store, 1, SIZE_MAX, SIZE_MAX, &arena, &entries, &count, &err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        JL_AUTO(jl_buf) plain = {0};
        uint8_t hash[JL_HASH_BYTES];
        rc = jl_books_unseal_bytes(books, "outbox", entries[i].pos, entries[i].body, &plain, &err);
        if (rc == JL_OK) {
            sim_oracle_hash(sim, jl_bytes(plain.data + JL_HASH_BYTES, plain.size - JL_HASH_BYTES),
                            hash);
            sim_hashes_add(out, hash);
        }
    }
    return rc == JL_OK || sim_fail(sim, "an outbox can't be read: %s", err_said(&err));
}

bool sim_copies_on_disks(struct sim *sim, struct sim_hashes *out) {
    for (size_t i = 0; i < sim->world.device_count; i++) {
        struct world_device *device = &sim->world.devices[i];
        if (world_state(device) != JL_DEVICE_REVOKED && !copies_on_disk(sim, device, out)) {
            return false;
        }
    }
    return true;
}

struct held {
    struct sim *sim;
    struct sim_hashes *out;
};

static enum jl_rc read_held(void *context, const struct jl_quarantined *batch, struct jl_err *err) {
    struct held *held = context;
    struct jl_district *district = held->sim->world.district;
    JL_AUTO(jl_buf) frame = {0};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message message = {0};
    uint8_t hash[JL_HASH_BYTES];
    enum jl_rc rc = jl_books_unseal_bytes(district->books, "quarantine",
                                          (uint64_t)batch->origin << 32 ^ batch->first_seq,
                                          batch->body, &frame, err);
    if (rc == JL_OK) {
        rc = jl_wire_decode(district->wire, jl_buf_bytes(&frame), &arena, &message, err);
    }
    for (size_t i = 0; rc == JL_OK && i < message.as.push.count; i++) {
        sim_oracle_hash(held->sim, message.as.push.ops[i], hash);
        sim_hashes_add(held->out, hash);
    }
    return rc;
}

bool sim_copies_in_quarantine(struct sim *sim, struct sim_hashes *out) {
    struct held held = {.sim = sim, .out = out};
    struct jl_district *district = sim->world.district;
    struct jl_err err = {0};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->origin_count; i++) {
        rc = jl_quarantined_of(district->books->store, district->origins[i].number, read_held,
                               &held, &err);
    }
    return rc == JL_OK || sim_fail(sim, "the quarantine can't be read: %s", err_said(&err));
}

static bool gather(struct sim *sim, struct sim_hashes *out) {
    bool good =
        sim_oracle_note(sim) && sim_copies_on_disks(sim, out) && sim_copies_in_quarantine(sim, out);
    for (size_t i = 0; good && i < sim->oracle.entry_count; i++) {
        sim_hashes_add(out, sim->oracle.entries[i].hash);
    }
    return good;
}

bool sim_oracle_excused(const struct sim *sim, const struct sim_op *op) {
    (void)sim;
    return op->lost || (op->missed && op->trimmed);
}

bool sim_oracle_before_loss(struct sim *sim) {
    struct sim_hashes all = {0};
    bool good = gather(sim, &all);
    for (size_t i = 0; good && i < sim->oracle.op_count; i++) {
        const struct sim_op *op = &sim->oracle.ops[i];
        good = sim_oracle_excused(sim, op) || sim_hashes_have(&all, op->hash) ||
               sim_fail(sim, "step %zu: the op of step %zu has no copy left", sim->step, op->step);
    }
    sim_hashes_fini(&all);
    return good;
}

void sim_oracle_after_loss(struct sim *sim, bool restored) {
    struct sim_hashes all = {0};
    bool good = gather(sim, &all);
    for (size_t i = 0; good && i < sim->oracle.op_count; i++) {
        struct sim_op *op = &sim->oracle.ops[i];
        op->missed = op->missed ||
                     (restored && op->accepted_ms != 0 && sim_oracle_entry(sim, op->hash) == NULL);
        if (op->lost || sim_hashes_have(&all, op->hash)) {
            continue;
        }
        op->lost = true;
        sim->out->tally.lost++;
        sim_trace(sim, "the op of step %zu is lost", op->step);
        bool kept = op->device != SIM_AT_DISTRICT && !op->off_disk &&
                    world_state(&sim->world.devices[op->device]) != JL_DEVICE_REVOKED;
        if (restored && kept && !op->trimmed) {
            good = sim_fail(sim, "step %zu: a PC does not have the op of step %zu any more",
                            sim->step, op->step);
        }
    }
    sim_hashes_fini(&all);
}

/* ---- Nothing happens twice ---- */

struct sim_guard { /* a record that a batch may not change: all that it says of it is known */
    struct jl_record_key key;
    uint8_t hash[16];
    bool there;
};

static size_t count_cases(struct sim *sim) {
    return world_count(sim->world.district->books, "case");
}

static void look_at(struct sim *sim, const struct jl_record_key *key, struct sim_guard *out) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_head head;
    struct jl_err err;
    JL_ASSERT(jl_records_heads(sim->world.district->books->store, key, 1, &arena, &head, &err) ==
              JL_OK);
    *out = (struct sim_guard){.key = *key, .there = head.rid != 0};
    memcpy(out->hash, head.hash, sizeof out->hash);
}

/* What could not be taken when a restore was closed stands in no record's history: each time that
 * it comes again it is judged anew, and may have one case more. */
static bool known(struct sim *sim, struct jl_bytes op) {
    uint8_t hash[JL_HASH_BYTES];
    struct sim_guard record = {0};
    sim_oracle_hash(sim, op, hash);
    const struct sim_entry *entry = sim_oracle_entry(sim, hash);
    if (entry == NULL || entry->verdict == JL_VERDICT_PARKED || had_nothing(&sim->oracle, entry)) {
        return false;
    }
    const struct jl_record_key key = {.type = entry->op.type, .id = entry->op.id};
    look_at(sim, &key, &record);
    return record.there || entry->verdict != JL_VERDICT_CASE;
}

static void before_push(void *context, struct world_device *device, const struct jl_push *push) {
    struct sim *sim = context;
    struct sim_oracle *oracle = &sim->oracle;
    oracle->guard_count = 0;
    oracle->guard_all = true;
    sim->held_before = sim->world.district->holding.held;
    if (device == &sim->rogue.line || !sim_oracle_note(sim)) {
        return; /* the rogue's ops have an oracle of their own (sim_sight.c) */
    }
    sim_owner_before(sim, device, push);
    for (size_t i = 0; i < push->count; i++) {
        bool is_known = known(sim, push->ops[i]);
        sim->out->tally.again += is_known ? 1 : 0;
        oracle->guard_all = oracle->guard_all && is_known;
    }
    if (!oracle->guard_all) {
        return;
    }
    oracle->guard_cases = count_cases(sim);
    oracle->guards = realloc(oracle->guards, (push->count + 1) * sizeof *oracle->guards);
    JL_ASSERT(oracle->guards != NULL);
    for (size_t i = 0; i < push->count; i++) {
        JL_AUTO(jl_arena) arena = {0};
        struct jl_op op;
        struct jl_err err;
        if (jl_wire_op_decode(push->ops[i], &arena, &op, &err) == JL_OK) {
            struct jl_record_key key = {.type = op.type, .id = op.id};
            look_at(sim, &key, &oracle->guards[oracle->guard_count++]);
        }
    }
}

static void after_push(void *context, struct world_device *device, const struct jl_push *push) {
    struct sim *sim = context;
    struct sim_oracle *oracle = &sim->oracle;
    (void)push;
    if (device == &sim->rogue.line) {
        return;
    }
    sim_owner_after(sim, device);
    for (size_t i = 0; i < oracle->guard_count; i++) {
        const struct sim_guard *before = &oracle->guards[i];
        struct sim_guard after;
        look_at(sim, &before->key, &after);
        if (after.there != before->there ||
            memcmp(after.hash, before->hash, sizeof after.hash) != 0) {
            sim_fail(sim, "step %zu: an op of device %zu took effect twice", sim->step,
                     sim_number_of(sim, device));
        }
    }
    if (oracle->guard_count > 0 && count_cases(sim) != oracle->guard_cases) {
        sim_fail(sim, "step %zu: an op of device %zu made a case twice", sim->step,
                 sim_number_of(sim, device));
    }
    oracle->guard_count = 0;
}

/* ---- Life ---- */

static void told(void *context, struct world_device *device, const struct jl_message *message) {
    sim_cost_told(context, message);
    sim_sight_told(context, device, message);
}

static void served(void *context, struct world_device *device, const struct jl_message *in,
                   const struct world_work *work) {
    sim_cost_served(context, device, in, work);
}

void sim_oracle_init(struct sim *sim) {
    for (size_t i = 0; i < sim->world.device_count; i++) {
        sim->oracle.noted[i] = sim->world.devices[i].office->state.head_pos;
    }
    sim->world.watch = (struct world_watch){
        .context = sim, .before = before_push, .after = after_push, .told = told, .served = served};
}

void sim_oracle_fini(struct sim *sim) {
    jl_arena_fini(&sim->oracle.arena);
    jl_arena_fini(&sim->oracle.journal_arena);
    free(sim->oracle.ops);
    free(sim->oracle.entries);
    free(sim->oracle.guards);
    free(sim->oracle.promises);
}
