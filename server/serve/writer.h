/* The writer: what changes the books, in groups that are committed together.
 *
 * Thread: its own. */
#ifndef JIELIAN_SERVER_SERVE_WRITER_H
#define JIELIAN_SERVER_SERVE_WRITER_H

enum {
    JL_GROUP_JOBS_MAX = 64,
    JL_GROUP_OPS_MAX = 20000, /* the size of transaction at which the store is fastest */
    /* Then a group ends with the job under way, and others have their turn. Not shorter: each
     * commit writes the pages of the random indexes once more. */
    JL_GROUP_MS = 500,
    JL_NOTES_GAP_MS = 20, /* commits for proofs and refusals alone are at least so far apart */
};

void *jl_writer_main(void *worker);

#endif
