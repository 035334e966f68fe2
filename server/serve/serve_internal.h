/* Shared by the files of server/serve only: the jobs that pass between the threads, and who may
 * talk. */
#ifndef JIELIAN_SERVER_SERVE_INTERNAL_H
#define JIELIAN_SERVER_SERVE_INTERNAL_H

#include "jielian/http/http.h"
#include "jielian/net/frame.h"
#include "jielian/net/net.h"
#include "metrics.h"
#include "serve.h"
#include "server/books/quota.h"
#include "server/quarantine/quarantine.h"

#include <pthread.h>

enum {
    JL_CALLERS_MAX = 8192, /* connections; memory of one is about 200 bytes */
    /* A device has JL_SESSION_PUSHES batches in flight; after "resend from" or a silence it may
     * send as many again while the first are still on their way. */
    JL_CALLER_PUSHES_MAX = 4,
    JL_CALLER_READS_MAX = 6,            /* pulls, proofs and asks that wait in the reader */
    JL_CALLER_IDLE_MS = 15 * 60 * 1000, /* devices greet every 5 minutes */
    JL_CALLER_SILENT_MS = 60 * 1000,    /* connected, but never said Hello */
    JL_POKE_GAP_MS = 100, /* a burst of commits is one Poke to a device, not hundreds */
    /* The same for a device over all its connections: it may have come back while its first ones
     * are still being served, and no more of the reader's line than that is its own. */
    JL_GUEST_PUSHES_MAX = 2 * JL_CALLER_PUSHES_MAX,
    JL_GUEST_READS_MAX = 2 * JL_CALLER_READS_MAX,
    JL_PATIENCE = 256,             /* refusals and Hellos that a device may meet at once … */
    JL_PATIENCE_MS = 125,          /* … and how soon one of them is forgotten */
    JL_PATIENCE_INCARNATION = 32,  /* an honest device waits 20 s before its second new one */
    JL_PATIENCE_DEEP = 32,         /* a deep proof reads all records; one a month is honest */
    JL_PATIENCE_HISTORY = 4,       /* up to a MiB of journal; a person opens a record in seconds */
    JL_SLOW_MS = 8 * 1000,         /* then 64 are forgotten */
    JL_REFUSALS_GAP_MS = 5 * 1000, /* a flood of refusals is one commit in so long */
    JL_JOBS_BYTES_MAX = 256 * 1024 * 1024, /* frames and decoded messages under way */
    JL_GROUP_JOBS_MAX = 64,
    JL_GROUP_OPS_MAX = 20000, /* the size of transaction at which the store is fastest */
    /* Then a group ends with the job under way, and others have their turn. Not shorter: each
     * commit writes the pages of the random indexes once more. */
    JL_GROUP_MS = 500,
    JL_NOTES_GAP_MS = 20, /* commits for proofs and refusals alone are at least so far apart */
    JL_LOOK_MS = 1000,    /* how soon a change by a command is seen if the bell was missed */
    JL_TURN_MS = 200,     /* the router's longest wait: bounds how soon it stops */
    JL_RETRY_MS = 1000,   /* Refuse BUSY: a passing crowd */
    JL_RETRY_FAULT_MS = 30 * 1000, /* Refuse BUSY: disk full, a broken row */
    JL_RETRY_SUSPENDED_MS = 60 * 1000,
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

struct jl_admission; /* admission.c */

struct jl_job {
    enum jl_job_kind kind;
    struct jl_job *next; /* in a list of its present owner */
    struct jl_peer_id peer;
    uint64_t caller; /* serial of the session: an answer to one that is gone is dropped */
    uint32_t device, office, origin;
    uint32_t guest; /* whose limits it counts for */
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
    struct jl_admission *admission; /* ADMIT, START; owned */
    struct jl_err err;              /* STOP: why */
    bool failed;
    int worker; /* STOP: which */
};
struct jl_job *jl_job_new(enum jl_job_kind kind); /* NULL: no memory */
void jl_job_free(struct jl_job *job);
JL_DEFINE_AUTO_PTR(jl_job, jl_job_free)
struct jl_refusing {
    enum jl_refuse_code code; /* what the device shall do */
    enum jl_say_code cause;   /* why, in particular; JL_SAY_NOTHING: not said */
    uint64_t retry_ms;
    uint32_t suite;     /* VERSION: the one that this district is in; 0: it is the version */
    const char *detail; /* in English, for the cause's place and as the text; borrowed, or NULL */
};
/* Because of err: its own cause and text, where it has one. */
struct jl_refusing jl_refusing_of(enum jl_refuse_code code, uint64_t retry_ms,
                                  const struct jl_err *err);
/* Append the Refuse to out. */
JL_MUST_CHECK enum jl_rc jl_refusing_encode(const struct jl_refusing *refusing,
                                            struct jl_wire *wire, struct jl_buf *out,
                                            struct jl_err *err);
/* Make the answer a Refuse (replacing what was there). */
JL_MUST_CHECK enum jl_rc jl_job_refuse(struct jl_job *job, struct jl_wire *wire,
                                       const struct jl_refusing *refusing, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_job_answer(struct jl_job *job, struct jl_wire *wire,
                                       const struct jl_message *message, struct jl_err *err);

/* ---- Who may talk ---- */

struct jl_admitted { /* a device as its key was enrolled */
    uint8_t key[JL_CURVE_KEY_BYTES];
    uint32_t number, office;
    enum jl_device_state state;
};
/* From the tables of an open transaction; sorted by key, then never changed. */
JL_MUST_CHECK enum jl_rc jl_admission_new(struct jl_district *district,
                                          struct jl_admission **out_admission, struct jl_err *err);
void jl_admission_free(struct jl_admission *admission);
/* NULL: not enrolled. Cost: binary search. */
const struct jl_admitted *jl_admission_device(const struct jl_admission *admission,
                                              const uint8_t key[static JL_CURVE_KEY_BYTES]);
/* The key of an invitation that may still be used. */
bool jl_admission_invited(const struct jl_admission *admission,
                          const uint8_t key[static JL_CURVE_KEY_BYTES], int64_t now_ms);
size_t jl_admission_devices(const struct jl_admission *admission);

/* ---- Sessions ---- */

struct jl_caller { /* a connected device */
    struct jl_caller *next;
    struct jl_peer_id peer;
    uint64_t serial;
    uint8_t key[JL_CURVE_KEY_BYTES];
    uint32_t device, office, origin;
    bool greeted, suspended;
    int64_t heard_ms, poked_ms; /* steady */
    uint64_t told[2];           /* the heads that the device knows of */
    uint32_t pushes, reads;     /* jobs under way */
    int64_t told_ms;            /* when it last heard "malformed" or that it is slow */
    int64_t malformed_log_ms;
};
enum { JL_CALLER_SLOTS = 2048 };
struct jl_callers {
    struct jl_caller *slots[JL_CALLER_SLOTS];
    size_t count;
    uint64_t serial;
};
struct jl_caller *jl_callers_find(const struct jl_callers *callers, const struct jl_peer_id *peer);
/* At most JL_CONNECTIONS_PER_KEY of a key, and JL_CALLERS_MAX of all: those that have been silent
 * longest make room, and are told to say Hello should they still be there. NULL: no memory. */
struct jl_caller *jl_callers_add(struct jl_callers *callers, const struct jl_peer_id *peer,
                                 const uint8_t key[static JL_CURVE_KEY_BYTES]);
void jl_callers_drop(struct jl_callers *callers, struct jl_caller *caller);
void jl_callers_fini(struct jl_callers *callers);

/* ---- Guests: devices, by number ---- */

struct jl_guest {
    uint32_t tokens;                    /* patience left, as of refilled_ms */
    uint32_t pushes, reads;             /* jobs under way */
    int64_t refilled_ms, slow_until_ms; /* steady */
    struct jl_refusals *fresh;          /* not in the books yet; NULL: none */
};
struct jl_guests {
    struct jl_guest *list; /* by number */
    size_t count;
};
/* NULL: no memory. Valid until the next call. */
struct jl_guest *jl_guests_of(struct jl_guests *guests, uint32_t device);
void jl_guests_fini(struct jl_guests *guests);
void jl_guest_charge(struct jl_guest *guest, uint32_t tokens, int64_t now_ms);
/* How long its messages will be passed over; 0: they are read. */
int64_t jl_guest_slow_ms(const struct jl_guest *guest, int64_t now_ms);
void jl_guest_note(struct jl_guest *guest, enum jl_refusal kind, uint64_t count, int64_t wall_ms,
                   const char *address);

/* ---- Quarantine: the writer's, inside its transaction ---- */

/* Keep a suspended device's batch and answer it. */
JL_MUST_CHECK enum jl_rc jl_quarantine_take(struct jl_quarantine *quarantine,
                                            struct jl_district *district, struct jl_job *job,
                                            struct jl_err *err);
const struct jl_origin *jl_origin_of(const struct jl_district *district, uint32_t number);

/* ---- Workers ---- */

enum { JL_READER, JL_WRITER, JL_WORKERS };
struct jl_worker { /* what a thread is given; the router waits for it before it goes away */
    const struct jl_serve_options *options;
    struct jl_metrics *metrics;
    struct jl_pipe *pipe; /* the worker's end */
    int which;            /* JL_READER or JL_WRITER */
};
void *jl_writer_main(void *worker);
void *jl_reader_main(void *worker);
/* To the router, which always drains its end: a full pipe passes. Takes the job. */
void jl_worker_send(struct jl_worker *worker, struct jl_job *job);
/* The last word of a thread. */
void jl_worker_stopped(struct jl_worker *worker, enum jl_rc rc, const struct jl_err *err);

/* ---- Router ---- */

struct jl_router {
    const struct jl_serve_options *options;
    struct jl_metrics *metrics;
    struct jl_server *server;
    struct jl_bell *bell;
    struct jl_pipe *writer, *reader; /* the router's ends */
    struct jl_wire *wire;
    struct jl_callers callers;
    struct jl_guests guests;
    struct jl_strangers strangers; /* as counted into guest 0 */
    struct jl_unknown *unknown;    /* keys that called and are not known; NULL: none since */
    struct jl_admission *admission;
    struct jl_admitted *joined; /* enrolled since the admission was made */
    size_t joined_count, joined_capacity;
    uint64_t heads[JL_OFFICES_MAX]; /* by feed */
    bool heads_moved, pokes_due;
    struct jl_job *late; /* notes that the writer's pipe had no room for */
    size_t jobs_bytes;
    int64_t swept_ms, refusals_ms;
    bool runs[JL_WORKERS];
    int started; /* workers that have their books open */
    bool failed; /* a worker gave up; err says why */
    struct jl_err err;
};
/* router.c: what devices say. */
void jl_router_receive(struct jl_router *router);
enum jl_admit jl_router_admits(void *router, const uint8_t curve_public[static JL_CURVE_KEY_BYTES]);
const struct jl_admitted *jl_router_device(const struct jl_router *router,
                                           const uint8_t key[static JL_CURVE_KEY_BYTES]);
/* deliver.c: what the workers say, Pokes and time. */
void jl_router_deliver(struct jl_router *router, struct jl_job *job);
void jl_router_poke(struct jl_router *router);
void jl_router_sweep(struct jl_router *router, int64_t now_ms);
/* Refuse to a peer; caller may be NULL. */
void jl_router_refuse(struct jl_router *router, const struct jl_peer_id *peer,
                      struct jl_caller *caller, const struct jl_refusing *refusing);
/* Count a refusal, in the metrics and for the books, and charge the device for it. caller may be
 * NULL. */
void jl_router_count(struct jl_router *router, struct jl_caller *caller, enum jl_refuse_code code);
/* Charge and count for a device; 0: everybody without one. */
void jl_router_note_refusal(struct jl_router *router, uint32_t device, enum jl_refusal kind,
                            uint64_t count, uint32_t tokens);
void jl_router_charge(struct jl_router *router, uint32_t device, uint32_t tokens);
void jl_router_dropped(void *router, const uint8_t curve_public[static JL_CURVE_KEY_BYTES],
                       enum jl_drop why); /* a jl_drop_fn */
/* Hand what was refused to the writer, all of it; at the end, and by jl_router_sweep. false: there
 * was nothing. */
bool jl_router_flush_refusals(struct jl_router *router);
/* false: the peer is gone, and caller (may be NULL) with it. */
bool jl_router_send(struct jl_router *router, const struct jl_peer_id *peer,
                    struct jl_caller *caller, struct jl_bytes frame);
/* A note for the writer; waits in `late` when the pipe is full. */
void jl_router_note(struct jl_router *router, struct jl_job *job);
int64_t jl_router_now(const struct jl_router *router); /* steady */

/* ---- HTTP ---- */

struct jl_board; /* what HTTP shows; its books belong to the HTTP server's thread */
struct jl_board *jl_board_new(const struct jl_serve_options *options, struct jl_metrics *metrics);
/* After jl_http_stop: nobody asks any more. */
void jl_board_free(struct jl_board *board);
void jl_board_answer(void *board, const struct jl_http_request *request,
                     struct jl_http_response *response); /* a jl_http_fn */

#endif
