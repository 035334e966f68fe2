/* Jobs: what passes between the threads of `serve`. A job belongs to one thread at a time, and
 * carries the message that it came with and the answer that goes back.
 *
 * Thread: its present owner's. */
#ifndef JIELIAN_SERVER_SERVE_JOB_H
#define JIELIAN_SERVER_SERVE_JOB_H

#include "metrics.h"

#include "proto/wire.h"
#include "server/books/quota.h"

#include "jielian/base/arena.h"
#include "jielian/base/buf.h"
#include "jielian/books/deep.h"
#include "jielian/net/curve.h"
#include "jielian/net/frame.h"
#include "jielian/net/server.h"

struct jl_allowlist;
struct jl_refusing;
struct jl_wire;

enum {
    JL_JOBS_BYTES_MAX = 256 * 1024 * 1024, /* frames and decoded messages under way */
};

enum jl_job_kind {
    /* router → writer, and back with an answer */
    JL_JOB_HELLO = 1,
    JL_JOB_PUSH,
    JL_JOB_ENROL,
    /* router → writer: to be noted some time soon */
    JL_JOB_PROVEN,
    JL_JOB_BYE,
    JL_JOB_REFUSED,
    /* router → reader, and back with an answer */
    JL_JOB_PULL,
    JL_JOB_PROOF,
    JL_JOB_ASK,
    JL_JOB_HISTORY,
    JL_JOB_LOOK, /* somebody rang: look whether the books moved */
    /* worker → router */
    JL_JOB_PAGE,   /* one page of a pull that goes on */
    JL_JOB_HEADS,  /* feeds moved */
    JL_JOB_ADMIT,  /* who may talk, as of now */
    JL_JOB_JOINED, /* a device was enrolled: let it in before its answer goes out */
    /* both ways */
    JL_JOB_START, /* worker → router: open, or failed with err */
    JL_JOB_STOP,  /* router → worker: finish; worker → router: done, err says why */
};

struct jl_feed_head {
    uint32_t feed;
    uint64_t head;
};

struct jl_job {
    enum jl_job_kind kind;
    struct jl_job *next; /* in a list of its present owner */
    struct jl_peer_id peer;
    uint64_t caller; /* serial of the session: an answer to one that is gone is dropped */
    uint32_t device, office, origin;
    uint32_t budget; /* whose limits it counts for */
    uint8_t key[JL_CURVE_KEY_BYTES];

    struct jl_frame frame; /* as received; message borrows from it and from arena */
    struct jl_arena arena;
    struct jl_message message;
    size_t bytes; /* what it counts for in JL_JOBS_BYTES_MAX */

    struct jl_buf answer;         /* an encoded frame, empty: none */
    enum jl_refuse_code refused;  /* the answer is a Refuse of this code */
    bool tells[2];                /* the answer tells the device a feed's head … */
    uint64_t told[2];             /* … namely this */
    bool suspended;               /* HELLO: greeted as such */
    bool identical;               /* PROOF: worth noting */
    struct jl_deep deep;          /* PROOF: how far its deep hashes are */
    bool unfinished;              /* PROOF: another turn is needed */
    bool fresh;                   /* HELLO: with a new incarnation */
    bool first;                   /* HELLO: it begins a session */
    struct jl_refusals *refusals; /* REFUSED; owned, may be NULL */
    struct jl_unknown *unknown;   /* REFUSED; owned, may be NULL */
    uint32_t tally[JL_METRIC_VERDICTS], quarantined; /* PUSH: counted once committed */
    struct jl_quota used;                            /* PUSH: of its device's quota */
    bool over_quota;                                 /* PUSH: refused for it */

    struct jl_feed_head *heads; /* HEADS, START; owned */
    size_t head_count;
    struct jl_allowlist *allowlist; /* ADMIT, START; owned */
    struct jl_err err;              /* STOP: why */
    bool failed;
    int worker; /* STOP: which */
};
struct jl_job *jl_job_new(enum jl_job_kind kind); /* NULL: no memory */
void jl_job_free(struct jl_job *job);
JL_DEFINE_AUTO_PTR(jl_job, jl_job_free)

/* Make the answer a Refuse (replacing what was there). */
JL_MUST_CHECK enum jl_rc jl_job_refuse(struct jl_job *job, struct jl_wire *wire,
                                       const struct jl_refusing *refusing, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_job_answer(struct jl_job *job, struct jl_wire *wire,
                                       const struct jl_message *message, struct jl_err *err);

#endif
