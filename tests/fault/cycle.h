/* One whole sync cycle over both sides' real books: local changes, push, verdicts, pages, proof;
 * with a damaged row that is repaired, a restored district that gets back what it lacks, a
 * catalogue that is new, and a case. It can be cut off anywhere, and gone on with after a restart.
 *
 *   make a world (cycle_prepare) → copy it (cycle_open) → cycle_run → cycle_check → world_fini */
#ifndef JIELIAN_TESTS_CYCLE_H
#define JIELIAN_TESTS_CYCLE_H

#include "tests/sim/world/world.h"

enum { CYCLE_CHANGES = 7, CYCLE_DEVICES = 3 };

struct cycle {
    struct world world;
    struct jl_id kept, dropped, shared; /* unions that every copy has */
    bool done[CYCLE_CHANGES];           /* acknowledged */
    bool scrubbed;
    uint64_t back; /* ops that the restored district lacked */
};

/* The world that all copies begin as; frozen. */
void cycle_prepare(struct cycle *frozen);
void cycle_open(struct cycle *cycle, const struct cycle *frozen);
/* Go on where it stands. stop_at_fault: false at the first call that reports a fault (the caller
 * restarts everything); otherwise the programs go on as the real ones do. true: all are proven. */
bool cycle_run(struct cycle *cycle, bool stop_at_fault);
/* All programs end where they are, as with a reset button. */
void cycle_end_programs(struct cycle *cycle);
void cycle_start_programs(struct cycle *cycle);
/* Nothing lost, nothing twice, both sides the same; replay: and the journal gives the same books,
 * which takes longer than all else. Aborts with what is wrong and `what`. */
void cycle_check(struct cycle *cycle, const char *what, bool replay);

#endif
