/* What the router knows of a device whatever connections it comes by: its patience, and what was
 * refused to it and is not in the books yet. Number 0 stands for everybody without a device.
 *
 *   patience   JL_PATIENCE tokens, one more every JL_PATIENCE_MS. Each refusal and each Hello takes
 *              one, a new incarnation JL_PATIENCE_INCARNATION. When they are used up, the device is
 *              slow for JL_SLOW_MS: its messages are passed over unread.
 *
 * An honest device says Hello every five minutes and meets a refusal now and then, so it never
 * comes near the end; one that keeps making mistakes, or makes them on purpose, costs the district
 * a fixed share, and the other devices of its office nothing. */
#include "budgets.h"

#include "server/books/refusals.h"

#include "jielian/base/assert.h"
#include "jielian/base/limits.h"

#include <stdlib.h>
#include <string.h>

struct jl_budget *jl_budgets_of(struct jl_budgets *budgets, uint32_t device) {
    JL_ASSERT(device < JL_DEVICES_MAX);
    if (device >= budgets->count) {
        size_t count = device + 8 + budgets->count / 2;
        struct jl_budget *list = realloc(budgets->list, count * sizeof *list);
        if (list == NULL) {
            return NULL;
        }
        memset(list + budgets->count, 0, (count - budgets->count) * sizeof *list);
        for (size_t i = budgets->count; i < count; i++) {
            list[i].tokens = JL_PATIENCE;
        }
        budgets->list = list;
        budgets->count = count;
    }
    return &budgets->list[device];
}

void jl_budgets_fini(struct jl_budgets *budgets) {
    for (size_t i = 0; i < budgets->count; i++) {
        free(budgets->list[i].fresh);
    }
    free(budgets->list);
    *budgets = (struct jl_budgets){0};
}

void jl_budget_charge(struct jl_budget *budget, uint32_t tokens, int64_t now_ms) {
    int64_t more = (now_ms - budget->refilled_ms) / JL_PATIENCE_MS;
    if (more > 0) {
        int64_t room = JL_PATIENCE - (int64_t)budget->tokens;
        budget->tokens += (uint32_t)(more < room ? more : room);
        budget->refilled_ms = more < room ? budget->refilled_ms + more * JL_PATIENCE_MS : now_ms;
    }
    if (tokens == 0 || budget->tokens > tokens) {
        budget->tokens -= tokens;
        return;
    }
    budget->tokens = 0;
    budget->slow_until_ms = now_ms + JL_SLOW_MS;
}

int64_t jl_budget_slow_ms(const struct jl_budget *budget, int64_t now_ms) {
    return budget->slow_until_ms > now_ms ? budget->slow_until_ms - now_ms : 0;
}

void jl_budget_note(struct jl_budget *budget, enum jl_refusal kind, uint64_t count, int64_t wall_ms,
                    const char *address) {
    if (budget->fresh == NULL) {
        budget->fresh = calloc(1, sizeof *budget->fresh);
    }
    if (budget->fresh != NULL) { /* else this one goes uncounted: no memory */
        jl_refusals_note(budget->fresh, kind, count, wall_ms, address);
    }
}
