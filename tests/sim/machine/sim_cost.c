/* I22, watched all along: what serving one frame takes is bounded by the frame and, where the
 * question is about a whole feed, by one pass over that feed; never by what was there before.
 *
 * Work is counted: steps of SQLite's machine, and entries of the journal that are opened. Each
 * bound is about twice the most that was seen in a hundred runs of 300 steps. */
#include "sim.h"

#include "jielian/store/feeds.h"
#include "tests/said.h"

#include <inttypes.h>
#include <string.h>

const char *const sim_served_names[SIM_SERVED_KINDS] = {SIM_SERVED_LIST(SIM_NAME)};

/* Steps of SQLite's machine. */
enum {
    GREETING_STEPS = 6000,
    BATCH_STEPS = 3000,
    OP_STEPS = 1500,   /* of a batch */
    HELD_STEPS = 1500, /* per op that waits after a restore: each batch may let it go */
    PAGE_STEPS = 8000,
    ENTRY_STEPS = 400, /* per entry of the feed that a page passes */
    PROOF_STEPS = 6000,
    RECORD_STEPS = 400, /* per record of the district, of a deep proof */
    QUESTION_STEPS = 4000,
    COUNTED_STEPS = 40,        /* per entry of the feed, in one pass */
    ASKED_STEPS = 300,         /* per row asked for */
    COLUMNS_STEPS = 80 * 1000, /* what is read once after the books were opened */
};

/* Entries of the journal. */
enum {
    BATCH_ENTRIES = 8,
    OP_ENTRIES = 2,
    HELD_ENTRIES = 12, /* it is looked at again in each round that lets another go */
};

/* ---- What there is ---- */

static uint64_t entries_of(struct sim *sim, uint32_t feed) {
    enum { CHUNK = 256 };
    struct jl_feed_entry entries[CHUNK];
    struct jl_err err = {0};
    uint64_t all = 0;
    uint64_t after = 0;
    size_t count = CHUNK;
    while (count == CHUNK) {
        if (jl_feeds_page(sim->world.district->books->store, feed, after, CHUNK, entries, &count,
                          &err) != JL_OK) {
            sim_fail(sim, "step %zu: a feed can't be counted: %s", sim->step, err_said(&err));
            return 0;
        }
        all += count;
        after = count > 0 ? entries[count - 1].seq : after;
    }
    return all;
}

static enum jl_rc count_one(void *context, const struct jl_stored *stored, struct jl_err *err) {
    uint64_t *count = context;
    (void)stored;
    (void)err;
    (*count)++;
    return JL_OK;
}

static uint64_t records_of(struct sim *sim) {
    const struct jl_books *books = sim->world.district->books;
    struct jl_err err = {0};
    uint64_t count = 0;
    for (size_t i = 0; i < jl_catalogue_type_count(books->catalogue); i++) {
        const struct jl_scan scan = {.type = jl_catalogue_type_at(books->catalogue, i)->number,
                                     .all_states = true};
        if (jl_records_scan(books->store, &scan, count_one, &count, &err) != JL_OK) {
            sim_fail(sim, "step %zu: records can't be counted: %s", sim->step, err_said(&err));
        }
    }
    return count;
}

/* ---- What it may take ---- */

struct allowed {
    enum sim_served kind;
    uint64_t steps, entries;
};

static struct allowed of_page(struct sim *sim, uint32_t office) {
    const struct sim_told *told = &sim->told;
    uint64_t all = entries_of(sim, told->feed == 0 ? 0 : office);
    uint64_t passed = told->to - told->from < all ? told->to - told->from : all;
    uint64_t counted = told->from == 0 ? all : 0; /* the first one says how much there is */
    return (struct allowed){.kind = SIM_SERVED_PAGE,
                            .steps = PAGE_STEPS + passed * ENTRY_STEPS + counted * COUNTED_STEPS};
}

static struct allowed of_batch(const struct sim *sim, const struct jl_push *push) {
    uint64_t held = sim->held_before;
    return (struct allowed){.kind = SIM_SERVED_BATCH,
                            .steps = BATCH_STEPS + push->count * OP_STEPS + held * HELD_STEPS,
                            .entries =
                                BATCH_ENTRIES + push->count * OP_ENTRIES + held * HELD_ENTRIES};
}

static struct allowed of_question(struct sim *sim, uint32_t office, const struct jl_ask *ask) {
    uint64_t asked = ask->record_count + ask->hashes.size / JL_SHORT_SUM_BYTES;
    uint64_t passed = entries_of(sim, ask->feed == 0 ? 0 : office);
    return (struct allowed){.kind = SIM_SERVED_QUESTION,
                            .steps = QUESTION_STEPS + passed * COUNTED_STEPS + asked * ASKED_STEPS};
}

static struct allowed allowed(struct sim *sim, const struct world_device *device,
                              const struct jl_message *in) {
    switch (in != NULL ? (int)in->kind : JL_MESSAGE_PULL) {
    case JL_MESSAGE_PUSH:
        return of_batch(sim, &in->as.push);
    case JL_MESSAGE_PULL:
        return of_page(sim, device->office_number);
    case JL_MESSAGE_ASK:
        return of_question(sim, device->office_number, &in->as.ask);
    case JL_MESSAGE_PROOF:
        return (struct allowed){
            .kind = SIM_SERVED_PROOF,
            .steps = PROOF_STEPS + (in->as.proof.has_deep ? records_of(sim) * RECORD_STEPS : 0)};
    default:
        return (struct allowed){.kind = SIM_SERVED_GREETING, .steps = GREETING_STEPS};
    }
}

/* ---- Watching ---- */

void sim_cost_told(struct sim *sim, const struct jl_message *message) {
    const struct jl_page *page = &message->as.page;
    sim->told = (struct sim_told){0};
    if (message->kind == JL_MESSAGE_PAGE) {
        sim->told = (struct sim_told){.feed = page->feed, .from = page->from, .to = page->to};
    }
}

void sim_cost_served(struct sim *sim, const struct world_device *device,
                     const struct jl_message *in, const struct world_work *work) {
    struct allowed most = allowed(sim, device, in);
    if (sim->world.unread > 0 && work->sql_steps > most.steps) {
        most.steps += COLUMNS_STEPS;
        sim->world.unread--;
    }
    uint64_t part = work->sql_steps * 1000 / most.steps;
    uint64_t *worst = &sim->out->cost_permille[most.kind];
    *worst = part > *worst ? part : *worst;
    sim->told = (struct sim_told){0};
    if (work->sql_steps > most.steps || work->entries > most.entries) {
        sim_fail(sim,
                 "I22: step %zu: a %s took %" PRIu64 " steps (at most %" PRIu64 ") and %" PRIu64
                 " entries (at most %" PRIu64 ")",
                 sim->step, sim_served_names[most.kind], work->sql_steps, most.steps, work->entries,
                 most.entries);
    }
}
