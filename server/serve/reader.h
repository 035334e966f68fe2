/* The reader: pages, proofs and asks, and a look for what moved.
 *
 * Thread: its own. */
#ifndef JIELIAN_SERVER_SERVE_READER_H
#define JIELIAN_SERVER_SERVE_READER_H

enum {
    JL_LOOK_MS = 1000, /* how soon a change by a command is seen if the bell was missed */
};

void *jl_reader_main(void *worker);

#endif
