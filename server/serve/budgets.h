/* Budgets: what one device may still cost, over all its connections: refusals and Hellos, jobs
 * under way. One that has used its budget up is slow for a while, and the others notice nothing.
 *
 * Thread: the router's. */
#ifndef JIELIAN_SERVER_SERVE_BUDGETS_H
#define JIELIAN_SERVER_SERVE_BUDGETS_H

#include "callers.h"

#include "server/books/refusals.h"

enum {
    /* The same for a device over all its connections: it may have come back while its first ones
     * are still being served, and no more of the reader's line than that is its own. */
    JL_BUDGET_PUSHES_MAX = 2 * JL_CALLER_PUSHES_MAX,
    JL_BUDGET_READS_MAX = 2 * JL_CALLER_READS_MAX,
    JL_PATIENCE = 256,            /* refusals and Hellos that a device may meet at once … */
    JL_PATIENCE_MS = 125,         /* … and how soon one of them is forgotten */
    JL_PATIENCE_INCARNATION = 32, /* an honest device waits 20 s before its second new one */
    JL_PATIENCE_DEEP = 32,        /* a deep proof reads all records; one a month is honest */
    JL_PATIENCE_HISTORY = 4,      /* up to a MiB of journal; a person opens a record in seconds */
    JL_SLOW_MS = 8 * 1000,        /* then 64 are forgotten */
};

struct jl_budget {
    uint32_t tokens;                    /* patience left, as of refilled_ms */
    uint32_t pushes, reads;             /* jobs under way */
    int64_t refilled_ms, slow_until_ms; /* steady */
    struct jl_refusals *fresh;          /* not in the books yet; NULL: none */
};
struct jl_budgets {
    struct jl_budget *list; /* by number */
    size_t count;
};
/* NULL: no memory. Valid until the next call. */
struct jl_budget *jl_budgets_of(struct jl_budgets *budgets, uint32_t device);
void jl_budgets_fini(struct jl_budgets *budgets);
void jl_budget_charge(struct jl_budget *budget, uint32_t tokens, int64_t now_ms);
/* How long its messages will be passed over; 0: they are read. */
int64_t jl_budget_slow_ms(const struct jl_budget *budget, int64_t now_ms);
void jl_budget_note(struct jl_budget *budget, enum jl_refusal kind, uint64_t count, int64_t wall_ms,
                    const char *address);

#endif
