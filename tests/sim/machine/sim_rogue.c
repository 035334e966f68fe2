/* A PC of one office is in wrong hands, and its key with it: a peer that is enrolled and has no
 * rules of ours. It knows all that the district has, and says whatever the wire can carry, by the
 * very frames that PCs send; the honest PCs go on beside it.
 *
 *   batches       ops made by hand (sim_rogue_op.c)
 *   stale         … edits of values that never were, of one record, few or many at a time
 *   repeated      the bytes of its last batch again
 *   broken        … with some of them changed
 *   numbers       ops and batches under numbers that are not next
 *   feeds         pages from anywhere
 *   repairs       questions about rows, buckets, parts and hashes, also of others
 *   proofs        that don't hold
 *
 * What it may not see or change is watched in sim_sight.c (I20, I21), what it may cost in
 * sim_cost.c (I22), and that honest offices are in step all the same in sim_beside.c (I23).
 * The district itself never sends its ops again after a restore, and neither does the rogue: the
 * oracle counts them as made at a desk of the district. */
#include "sim_rogue.h"

#include "server/serve/callers.h"
#include "tests/sim/world/world_internal.h"

#include "jielian/base/assert.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/signer.h"
#include "jielian/crypto/suite.h"
#include "jielian/sync/chain.h"

#include <inttypes.h>
#include <string.h>

const char *const sim_roguery_names[SIM_ROGUERIES] = {SIM_ROGUERY_LIST(SIM_NAME)};

enum {
    HOUR_MS = 60 * 60 * 1000,
    FEW_OPS = 3,   /* of a batch */
    MANY_OPS = 40, /* … of stale edits */
    ASKED_MAX = 16,
};

static void note(struct sim *sim, enum sim_roguery what) {
    sim->out->tally.roguery[what]++;
}

/* ---- The line ---- */

static void say_bytes(struct sim *sim, struct jl_bytes frame) {
    world_serve(&sim->rogue.line, frame);
    world_drop_queues(&sim->rogue.line);
}

static bool encode(struct sim *sim, const struct jl_message *message, struct jl_buf *out) {
    struct jl_err err = {0};
    out->size = 0;
    return jl_wire_encode(sim->world.wire, message, out, &err) == JL_OK;
}

static void say(struct sim *sim, const struct jl_message *message) {
    JL_AUTO(jl_buf) frame = {0};
    if (encode(sim, message, &frame)) {
        say_bytes(sim, jl_buf_bytes(&frame));
    }
}

/* ---- Batches ---- */

static bool sign(struct sim *sim, struct jl_push *push) {
    struct sim_rogue *rogue = &sim->rogue;
    struct jl_hasher *hasher = sim->world.district->books->hasher;
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    uint8_t hash[JL_HASH_BYTES];
    struct jl_err err = {0};
    JL_AUTO_PTR(jl_signer) signer = NULL;
    const struct jl_origin *origin = jl_roster_origin(sim->world.district, rogue->line.origin);
    enum jl_rc rc = JL_OK;
    memcpy(hash, origin->last_hash, sizeof hash);
    for (size_t i = 0; rc == JL_OK && i < push->count; i++) {
        rc = jl_chain_step(hasher, hash, push->ops[i], &err);
    }
    if (rc == JL_OK) {
        rc = jl_signer_new(rogue->keys.suite, &rogue->keys.sign, &signer, &err);
    }
    jl_chain_batch_text(rogue->incarnation, push->first_seq + push->count - 1, hash, text);
    return rc == JL_OK &&
           jl_signer_sign(signer, jl_bytes(text, sizeof text), push->signature, &err) == JL_OK;
}

/* Mostly the next number; ops that the district has, or far beyond them. */
static uint64_t first_number(struct sim *sim, uint64_t last_seq) {
    static const uint64_t far[] = {0, 2, 1000, INT64_MAX, UINT64_MAX - 1};
    uint64_t what = sim_draw(sim, 8);
    if (what > 1) {
        return last_seq + 1;
    }
    note(sim, SIM_ROGUE_NUMBERS);
    if (what == 0) {
        return last_seq + 1 - sim_draw(sim, last_seq + 1);
    }
    uint64_t ahead = far[sim_draw(sim, sizeof far / sizeof *far)];
    return ahead < 2 ? ahead : ahead > INT64_MAX / 2 ? ahead : last_seq + ahead;
}

static void push_ops(struct sim *sim, const struct sim_sight *sight, enum sim_roguery aim) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err = {0};
    struct jl_bytes ops[MANY_OPS];
    struct jl_message message = {.kind = JL_MESSAGE_PUSH, .as.push.ops = ops};
    struct jl_push *push = &message.as.push;
    const struct jl_origin *origin = jl_roster_origin(sim->world.district, sim->rogue.line.origin);
    bool many = aim == SIM_ROGUE_STALE && sim_draw(sim, 2) == 0;
    size_t count = many ? MANY_OPS : 1 + (size_t)sim_draw(sim, FEW_OPS);
    for (size_t i = 0; i < count; i++) {
        JL_AUTO(jl_buf) bytes = {0};
        struct jl_op op;
        sim_rogue_op(sim, sight, aim, &arena, &op);
        if (jl_wire_op_encode(&op, &bytes, &err) == JL_OK &&
            jl_arena_dup(&arena, jl_buf_bytes(&bytes), &ops[push->count], &err) == JL_OK) {
            push->count++;
            sim_trace(sim, "  op %d of type %" PRIu32, (int)op.kind, op.type);
        }
    }
    push->first_seq = first_number(sim, origin->last_seq);
    if (push->count > 0 && sign(sim, push) && encode(sim, &message, &sim->rogue.last)) {
        note(sim, aim == SIM_ROGUE_STALE ? SIM_ROGUE_STALE : SIM_ROGUE_BATCHES);
        say_bytes(sim, jl_buf_bytes(&sim->rogue.last));
    }
}

/* The bytes of its last batch again, as they were or broken. */
static void repeat(struct sim *sim, bool broken) {
    JL_AUTO(jl_buf) frame = {0};
    struct jl_err err;
    struct jl_buf *last = &sim->rogue.last;
    if (last->size == 0 || jl_buf_put(&frame, last->data, last->size, &err) != JL_OK) {
        return;
    }
    for (uint64_t i = broken ? 1 + sim_draw(sim, 4) : 0; i > 0; i--) {
        frame.data[sim_draw(sim, frame.size)] ^= (uint8_t)(1 + sim_draw(sim, 255));
    }
    if (broken && sim_draw(sim, 4) == 0) {
        frame.size = sim_draw(sim, frame.size);
    }
    note(sim, broken ? SIM_ROGUE_BROKEN : SIM_ROGUE_REPEATED);
    say_bytes(sim, jl_buf_bytes(&frame));
}

/* ---- Questions ---- */

static void read_feed(struct sim *sim) {
    static const uint32_t sizes[] = {JL_PAGE_MIN_BYTES, JL_PAGE_MAX_BYTES};
    struct jl_message message = {.kind = JL_MESSAGE_PULL};
    uint64_t last = sim->world.district->state.journal_seq;
    message.as.pull = (struct jl_pull){.feed = (uint32_t)sim_draw(sim, 2),
                                       .from = sim_draw(sim, 4) == 0 ? 0 : sim_draw(sim, last + 2),
                                       .max_bytes = sizes[sim_draw(sim, 2)],
                                       .pages = 1,
                                       .echo = sim_draw(sim, 2) == 0};
    note(sim, SIM_ROGUE_FEEDS);
    say(sim, &message);
}

/* Rows by id, and by hash, of whatever there is. */
static void ask_rows(struct sim *sim, const struct sim_sight *sight, struct jl_arena *arena,
                     struct jl_ask *ask) {
    uint8_t *hashes = jl_arena_alloc(arena, ASKED_MAX * JL_SHORT_SUM_BYTES);
    bool by_hash = sim_draw(sim, 2) == 0;
    ask->step = JL_ASK_ROWS;
    ask->records = jl_arena_zalloc(arena, ASKED_MAX, sizeof *ask->records);
    JL_ASSERT(hashes != NULL && ask->records != NULL);
    for (size_t i = 0; i < ASKED_MAX && !by_hash; i++) {
        const struct sim_seen *seen = &sight->items[sim_draw(sim, sight->count)];
        ask->records[ask->record_count++] =
            (struct jl_known){.type = seen->key.type, .id = seen->key.id};
    }
    if (by_hash) { /* ascending: one of somebody, and what can't be */
        const struct sim_seen *seen = &sight->items[sim_draw(sim, sight->count)];
        memset(hashes, 0, JL_SHORT_SUM_BYTES);
        memcpy(hashes + JL_SHORT_SUM_BYTES, seen->head.hash, JL_SHORT_SUM_BYTES);
        ask->hashes = jl_bytes(hashes, 2 * JL_SHORT_SUM_BYTES);
    }
}

static void ask(struct sim *sim, const struct sim_sight *sight) {
    JL_AUTO(jl_arena) arena = {0};
    uint8_t buckets[JL_BUCKETS];
    struct jl_part parts[JL_PART_WAYS] = {{0}};
    struct jl_message message = {.kind = JL_MESSAGE_ASK};
    struct jl_ask *asked = &message.as.ask;
    asked->feed = (uint32_t)sim_draw(sim, 2);
    asked->step = JL_ASK_BUCKETS;
    switch (sim_draw(sim, 4)) {
    case 0: /* all sums */
        break;
    case 1: /* all parts of the first half byte */
        for (size_t i = 0; i < JL_PART_WAYS; i++) {
            parts[i].depth = 1;
            parts[i].begin[0] = (uint8_t)(i << 4);
        }
        asked->parts = parts;
        asked->part_count = JL_PART_WAYS;
        break;
    case 2: /* all ids */
        for (size_t i = 0; i < JL_BUCKETS; i++) {
            buckets[i] = (uint8_t)i;
        }
        asked->step = JL_ASK_IDS;
        asked->buckets = jl_bytes(buckets, JL_BUCKETS);
        break;
    default:
        ask_rows(sim, sight, &arena, asked);
    }
    note(sim, SIM_ROGUE_REPAIRS);
    say(sim, &message);
}

static void prove(struct sim *sim) {
    struct jl_message message = {.kind = JL_MESSAGE_PROOF};
    struct jl_proof *proof = &message.as.proof;
    struct jl_err err = {0};
    if (sim_draw(sim, 2) == 0 &&
        jl_district_begin(sim->world.district, false, NULL, &err) == JL_OK) {
        (void)!jl_feed_state_heads(sim->world.district, sim->rogue.line.office_number,
                                   proof->cursor, &err);
        jl_store_rollback(sim->world.district->books->store);
    }
    (void)!jl_random(proof->root, sizeof proof->root, &err);
    proof->has_deep = sim_draw(sim, 2) == 0;
    note(sim, SIM_ROGUE_PROOFS);
    say(sim, &message);
}

/* ---- Being there ---- */

static bool enrol(struct sim *sim) {
    struct world_invitation invitation;
    struct jl_identity identity;
    struct jl_err err = {0};
    struct sim_rogue *rogue = &sim->rogue;
    sim_rogue_fini(sim);
    *rogue = (struct sim_rogue){.ever = true, .line.world = &sim->world};
    if (world_invite(&sim->world, 1, HOUR_MS, &invitation, &err) != JL_OK ||
        world_enrol_keys(&sim->world, &invitation, &rogue->keys, &identity, &err) != JL_OK ||
        jl_curve_public(&rogue->keys.curve, rogue->line.curve_public, &err) != JL_OK) {
        return false; /* its disk is full, or the office is not there any more */
    }
    rogue->there = true;
    rogue->line.office_number = identity.office;
    rogue->line.number = identity.device;
    return true;
}

static bool greet(struct sim *sim, bool anew) {
    struct sim_rogue *rogue = &sim->rogue;
    struct jl_err err = {0};
    struct jl_message message = {.kind = JL_MESSAGE_HELLO};
    struct jl_hello *hello = &message.as.hello;
    *hello = (struct jl_hello){
        .version = 1, .oldest = 1, .program = "rogue", .suites = jl_suite_offered()};
    if (anew) {
        (void)!jl_random(rogue->incarnation, sizeof rogue->incarnation, &err);
    }
    memcpy(hello->incarnation, rogue->incarnation, sizeof hello->incarnation);
    if (jl_chain_genesis(sim->world.district->books->hasher, hello->incarnation,
                         hello->confirmed_hash, &err) == JL_OK) {
        say(sim, &message);
    }
    return rogue->line.origin != 0;
}

/* After a restore its number may be another's, or nobody's, and its chain is gone. */
static bool is_in(struct sim *sim) {
    struct sim_rogue *rogue = &sim->rogue;
    struct jl_district *district = sim->world.district;
    if (!rogue->there || !world_knows(&rogue->line)) {
        return enrol(sim) && greet(sim, true);
    }
    if (world_state(&rogue->line) != JL_DEVICE_ACTIVE) {
        return false;
    }
    if (sim->world.now_ms - rogue->line.heard_ms > JL_CALLER_IDLE_MS) {
        rogue->line.origin = 0;
    }
    const struct jl_origin *origin =
        rogue->line.origin != 0 ? jl_roster_origin(district, rogue->line.origin) : NULL;
    bool known = origin != NULL && origin->device == rogue->line.number &&
                 memcmp(origin->incarnation, rogue->incarnation, 16) == 0;
    return known ? sim_draw(sim, 16) != 0 || greet(sim, true) : greet(sim, sim_draw(sim, 2) == 0);
}

void sim_rogue_fini(struct sim *sim) {
    jl_keys_fini(&sim->rogue.keys);
    jl_buf_fini(&sim->rogue.last);
}

bool sim_is_rogues(const struct sim *sim, uint32_t origin) {
    const struct jl_origin *is = jl_roster_origin(sim->world.district, origin);
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

static void act(struct sim *sim, const struct sim_sight *sight) {
    static const enum sim_roguery aims[] = {
        SIM_ROGUERIES,      SIM_ROGUERIES,         SIM_ROGUE_BUILT_IN,    SIM_ROGUE_FILLED,
        SIM_ROGUE_STATUS,   SIM_ROGUE_STATUS,      SIM_ROGUE_TOMBSTONE,   SIM_ROGUE_TOMBSTONE,
        SIM_ROGUE_BUILT_IN, SIM_ROGUE_NATURAL_KEY, SIM_ROGUE_NATURAL_KEY, SIM_ROGUE_STALE,
        SIM_ROGUE_STALE,    SIM_ROGUE_REQUESTS,    SIM_ROGUE_REQUESTS};
    enum {
        AIMS = sizeof aims / sizeof *aims,
        READ = AIMS,
        ASK,
        ASK_AGAIN,
        PROVE,
        REPEAT,
        BREAK,
        ALL
    };
    uint64_t what = sim_draw(sim, ALL);
    switch (what) {
    case READ:
        read_feed(sim);
        return;
    case ASK:
    case ASK_AGAIN:
        ask(sim, sight);
        return;
    case PROVE:
        prove(sim);
        return;
    case REPEAT:
    case BREAK:
        repeat(sim, what == BREAK);
        break;
    default:
        push_ops(sim, sight, aims[what]);
    }
    (void)!(sim_failed(sim) || sim_sight_changed(sim, sight));
}

void sim_rogue_act(struct sim *sim) {
    struct sim_sight sight;
    if (is_in(sim) && sim_look(sim, &sight)) {
        sim->out->tally.actions[SIM_ROGUE]++;
        sim_trace(sim, "the rogue");
        act(sim, &sight);
        sim_sight_fini(&sight);
    }
}

bool sim_has_rogue(const struct sim *sim) {
    enum { RUNS = 8, OF = 7 }; /* one run of eight */
    return sim->plan->rogue || sim->plan->seed % RUNS == OF;
}

void sim_rogue_step(struct sim *sim) {
    enum { STEPS = 12, OFTEN = 6 }; /* one step of twelve; of six where it is asked for */
    if (sim_has_rogue(sim) && sim_draw(sim, sim->plan->rogue ? OFTEN : STEPS) == 0 &&
        !sim->world.disk_full) {
        sim_rogue_act(sim);
    }
}
