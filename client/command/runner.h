/* The runner: lock, office, network and engine of join, sync and run.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_RUNNER_H
#define JIELIAN_CLIENT_COMMAND_RUNNER_H

#include "client/books/office.h"
#include "client/books/office_past.h"
#include "client/engine/engine.h"

#include "jielian/base/file.h"
#include "jielian/cli/cli.h"

struct jl_bell;
struct jl_net;
struct jl_office_status;

struct jl_runner {
    const struct jl_cli *cli;
    const char *folder;
    struct jl_bytes passphrase; /* borrowed */
    struct jl_file_lock lock;   /* DIR/run.lock */
    struct jl_net *net;
    struct jl_bell *bell;
    struct jl_office *office;
    struct jl_engine *engine;
    bool staged;     /* the first download is not finished */
    bool rebuilding; /* `rebuild`: staged books beside those that are damaged */
    bool deep;       /* `sync --deep`: with a deep proof */
    bool at_work;    /* the books say so, and past is what they said before */
    struct jl_past past;
};

/* Take the lock; JL_BUSY when another run or sync holds it after wait_ms. */
JL_MUST_CHECK enum jl_rc jl_runner_lock(struct jl_runner *runner, int64_t wait_ms,
                                        struct jl_err *err);
/* Open bell, office (staged books when the first download is not finished) and engine. */
JL_MUST_CHECK enum jl_rc jl_runner_open(struct jl_runner *runner, struct jl_err *err);
/* The staged books are proven: into place, and open them again there. */
JL_MUST_CHECK enum jl_rc jl_runner_settle(struct jl_runner *runner, struct jl_err *err);
/* Recount the set hashes from the rows; damaged ones are reported and fetched at the next proof. */
JL_MUST_CHECK enum jl_rc jl_runner_scrub(struct jl_runner *runner, struct jl_err *err);
/* One sync: run until proven, settle, print the status, say why not. Returns the exit code
 * (*out_end tells 3 of a proof apart from 3 without one), or -1 with err set. */
int jl_runner_sync(struct jl_runner *runner, const struct jl_engine_limits *limits,
                   enum jl_engine_end *out_end, struct jl_err *err);
/* What stands in the books of the runner's office (client/books/office_status.h). */
JL_MUST_CHECK enum jl_rc jl_runner_status(const struct jl_runner *runner, bool staged, bool alive,
                                          struct jl_office_status *out_status, struct jl_err *err);
/* Someone wants a fresh proof, a deep one where runner->deep says so. The wish stands in the books
 * until a proof fulfils it, so that after a sync that failed or was killed nobody takes an earlier
 * proof for one of now. */
JL_MUST_CHECK enum jl_rc jl_runner_wish(const struct jl_runner *runner, struct jl_err *err);
void jl_runner_fini(struct jl_runner *runner);

/* `sync --deep` has ended, and there was no deep proof since before_ms: why. */
void jl_runner_note_not_deep(const struct jl_cli *cli, int64_t before_ms, int64_t deep_ms);
/* Proven, and what still needs a person: the exit code, and one line to stderr. */
int jl_runner_proven(const struct jl_cli *cli, const struct jl_office_status *status);

#endif
