/* A clerk's hand: single edits in an office's folder, as the pages make them, while `run` is at
 * work on the same folder. Thread: the main thread. */
#ifndef JIELIAN_TESTS_BENCH_OFFICE_PEN_H
#define JIELIAN_TESTS_BENCH_OFFICE_PEN_H

#include "bench.h"

#include "client/books/office.h"

struct office_pen {
    struct jl_office *office;
    struct jl_desk desk;
    struct jl_id member; /* the record that is edited */
    unsigned edits;
    char bell[BENCH_PATH_BYTES];
};

/* Takes a member and makes a first edit. */
void office_pen_take(const char *folder, struct office_pen *pen);
/* Change one field of the member and ring; returns after the commit. */
void office_pen_edit(struct office_pen *pen);
void office_pen_drop(struct office_pen *pen);

#endif
