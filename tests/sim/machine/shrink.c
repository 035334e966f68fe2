#include "shrink.h"

#include "apart.h"

#include "jielian/base/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const struct sim_plan *plan;
    const struct shrink_limits *limits;
    struct shrink_result *result;
    size_t items[SIM_STEPS_MAX]; /* steps that are left, ascending */
    size_t count;
    uint8_t kept[SHRINK_JOBS_MAX][SHRINK_KEPT_BYTES];
};

static bool has(const uint8_t *kept, size_t step) {
    return (kept[step / 8] >> step % 8 & 1) != 0;
}

/* All items but those of [from, to). */
static void mark(const struct search *search, size_t from, size_t to, uint8_t *out_kept) {
    memset(out_kept, 0, SHRINK_KEPT_BYTES);
    for (size_t i = 0; i < search->count; i++) {
        if (i < from || i >= to) {
            size_t step = search->items[i];
            out_kept[step / 8] = (uint8_t)(out_kept[step / 8] | 1u << step % 8);
        }
    }
}

static size_t chunk_at(const struct search *search, size_t parts, size_t part) {
    return search->count * part / parts;
}

/* Leave out one of the parts, several at a time; *out_part: the first without which it fails. */
static bool try_parts(struct search *search, size_t parts, size_t *out_part) {
    struct apart runs[SHRINK_JOBS_MAX];
    for (size_t first = 0; first < parts;) {
        bool found = false;
        size_t left = search->limits->trials - search->result->trials;
        size_t jobs = search->limits->jobs < left ? search->limits->jobs : left;
        jobs = jobs < parts - first ? jobs : parts - first;
        if (jobs == 0) {
            return false;
        }
        for (size_t i = 0; i < jobs; i++) {
            struct sim_plan plan = *search->plan;
            mark(search, chunk_at(search, parts, first + i), chunk_at(search, parts, first + i + 1),
                 search->kept[i]);
            plan.kept = search->kept[i];
            plan.trace = false;
            apart_start(&plan, search->limits->seconds, &runs[i]);
        }
        for (size_t i = 0; i < jobs; i++) {
            struct sim_outcome outcome;
            apart_end(&runs[i], &outcome);
            if (!found && !outcome.passed && apart_same(outcome.failure, search->result->failure)) {
                found = true;
                *out_part = first + i;
            }
        }
        search->result->trials += jobs;
        if (found) {
            return true;
        }
        first += jobs;
    }
    return false;
}

static void remove_part(struct search *search, size_t parts, size_t part) {
    size_t from = chunk_at(search, parts, part);
    size_t to = chunk_at(search, parts, part + 1);
    memmove(search->items + from, search->items + to, (search->count - to) * sizeof *search->items);
    search->count -= to - from;
}

static void minimise(struct search *search) {
    size_t parts = 2;
    while (search->count > 0 && search->result->trials < search->limits->trials) {
        size_t part = 0;
        parts = parts < search->count ? parts : search->count;
        if (try_parts(search, parts, &part)) {
            remove_part(search, parts, part);
            parts = parts > 2 ? parts - 1 : 2;
        } else if (parts == search->count) {
            return; /* no step can be spared */
        } else {
            parts *= 2;
        }
    }
}

void shrink(const struct sim_plan *plan, const struct shrink_limits *limits, uint8_t *kept,
            struct shrink_result *out_result) {
    struct search *search = calloc(1, sizeof *search);
    struct sim_plan whole = *plan;
    struct sim_outcome outcome;
    JL_ASSERT(search != NULL && limits->jobs >= 1 && limits->jobs <= SHRINK_JOBS_MAX);
    *out_result = (struct shrink_result){.trials = 1};
    *search = (struct search){.plan = plan, .limits = limits, .result = out_result};
    for (size_t step = 0; step < plan->steps; step++) {
        if (has(kept, step)) {
            search->items[search->count++] = step;
        }
    }
    out_result->from = out_result->to = search->count;
    whole.kept = kept;
    whole.trace = false;
    apart_run(&whole, limits->seconds, &outcome);
    if (!outcome.passed) {
        out_result->fails = true;
        memcpy(out_result->failure, outcome.failure, sizeof out_result->failure);
        minimise(search);
        mark(search, 0, 0, kept);
        out_result->to = search->count;
    }
    free(search);
}

void shrink_format(const uint8_t *kept, size_t steps, char *out_list, size_t capacity) {
    size_t size = 0;
    out_list[0] = '\0';
    for (size_t step = 0; step < steps; step++) {
        size_t last = step;
        if (!has(kept, step)) {
            continue;
        }
        while (last + 1 < steps && has(kept, last + 1)) {
            last++;
        }
        int more = snprintf(out_list + size, capacity - size, last > step ? "%s%zu-%zu" : "%s%zu",
                            size > 0 ? "," : "", step, last);
        JL_ASSERT(more > 0 && (size_t)more < capacity - size);
        size += (size_t)more;
        step = last;
    }
}

void shrink_tell(const struct sim_plan *plan, const struct shrink_limits *limits, uint8_t *kept) {
    enum { LIST_BYTES = SIM_STEPS_MAX * 7 };
    struct shrink_result result;
    struct sim_plan least = *plan;
    struct sim_outcome outcome;
    char *list = malloc(LIST_BYTES);
    JL_ASSERT(list != NULL);
    shrink(plan, limits, kept, &result);
    if (!result.fails) {
        printf("seed %" PRIu64 " does not fail when it is run again\n", plan->seed);
        free(list);
        return;
    }
    shrink_format(kept, plan->steps, list, LIST_BYTES);
    printf("SHRUNK from %zu to %zu steps in %zu runs: jielian-sim --first %" PRIu64
           " --seeds 1 --steps %zu%s%s%s\n",
           result.from, result.to, result.trials, plan->seed, result.to > 0 ? plan->steps : 0,
           plan->rogue ? " --rogue" : "", result.to > 0 ? " --keep " : "", list);
    least.kept = kept;
    least.trace = true;
    apart_run(&least, limits->seconds, &outcome);
    printf("       %s\n", outcome.failure);
    free(list);
}
