/* The device's side of the protocol as a stepped state machine (docs/design.md sections 4 to 8).
 *
 *              timer, link up                Welcome              proof identical
 *    OFFLINE ────────────────> GREETING ─────────────> ACTIVE ─────────────────────> ACTIVE, proven
 *       ^                         │                     │  ^                              │
 *       └── no answer, Refuse ────┴─────────────────────┘  └──── local op, Poke, page ────┘
 *
 *    Refuse revoked, version → STOPPED          Welcome.suspended → SUSPENDED (pushes only)
 *
 * Events carry time and the facts of the store as values; actions say what the driver must do, in
 * order, before the next step. The session never touches a socket, a file or a clock, so the
 * simulator runs the very same code. Liveness: whenever something is due, either a request is in
 * flight with a deadline, or `wake_ms` names when the session acts again.
 *
 * Requests in flight: at most JL_SESSION_PUSHES batches, one Pull per feed (up to
 * JL_CREDIT_MAX_PAGES pages), one Proof or one Ask.
 * Thread: one at a time. Cost of a step: no allocation. */
#ifndef JIELIAN_SESSION_H
#define JIELIAN_SESSION_H

#include "proto/wire.h"

enum {
    JL_SESSION_PUSHES = 2,
    JL_SESSION_ACTIONS_MAX = 8,
    JL_SESSION_ANSWER_MS = 20000, /* with requests in flight and no answer for so long: stalled */
    /* A request passed over for so long, while others are answered, is lost: longer than the pages
     * of one Pull may keep a verdict waiting on the worst line. */
    JL_SESSION_LOST_MS = 6 * JL_SESSION_ANSWER_MS,
    /* A deep proof has the district read all records between other devices' questions. */
    JL_SESSION_DEEP_MS = JL_SESSION_LOST_MS,
    JL_SESSION_BACKOFF_MIN_MS = 250,
    JL_SESSION_BACKOFF_MAX_MS = 60000,
    JL_SESSION_FAULT_MS = 30000,       /* at least, after a Refuse that time alone will not fix */
    JL_SESSION_RETRY_MAX_MS = 3600000, /* at most, whatever a Refuse asks for */
    JL_SESSION_GREET_MS = 300000,      /* Hello again, so that the district's numbers stay fresh */
    JL_SESSION_REPAIRS_MAX = 3,        /* repair rounds for one proof before a person is notified */
    /* Rounds that ended for their size, with more to do, are counted apart: a quarter of a million
     * rows, each round half a second on a slow line. */
    JL_SESSION_FULL_REPAIRS_MAX = 256,
    /* Sizes after silence: from 64 KiB to 1 KiB in three steps, which is a minute. */
    JL_SESSION_SHRINK = 4,
    JL_SESSION_QUICK = 8, /* quick answers before a size that met silence is tried again */
    /* Frames so small go one at a time: TCP would join several into packets as large as those that
     * may have been lost for their size. */
    JL_SESSION_ALONE_BYTES = 4096,
};

enum jl_session_phase {
    JL_SESSION_OFFLINE = 0,
    JL_SESSION_GREETING,
    JL_SESSION_ACTIVE,
    JL_SESSION_SUSPENDED,
    JL_SESSION_STOPPED,
};

/* The store as it stands, read by the driver before each step. */
struct jl_session_facts {
    bool has_epoch;
    uint8_t epoch[16];
    uint64_t head, confirmed; /* outbox seqs in this incarnation */
    uint64_t cursor[2];
    uint64_t catalogue;
    uint32_t suite; /* of the device's keys */
    bool deep;      /* the next proof shall be a deep one */
};

enum jl_event_kind {
    JL_EVENT_TICK = 1,  /* time passed, the link came up, or a local op was committed */
    JL_EVENT_MESSAGE,   /* decoded message */
    JL_EVENT_CHAIN,     /* answer to ACTION_CHECK_CHAIN: chain_same */
    JL_EVENT_DIFFERENT, /* answer to ACTION_COMPARE_*: compared */
    JL_EVENT_NOT_SENT,  /* the transport took none of the last SEND: try by timer */
};

/* So much differs that reading everything anew is cheaper and surer than a repair. */
enum jl_reread {
    JL_REREAD_NONE = 0,
    JL_REREAD_DUE,   /* do it */
    JL_REREAD_SPENT, /* it has been done within a day and did not help: a person looks */
};

/* What a comparison found. */
struct jl_compared {
    size_t different; /* buckets whose ids, or rows, to ask for */
    size_t parts;     /* parts to ask for first: they hold what differs */
    bool more;        /* than one round may ask for: another one goes on */
    enum jl_reread reread;
};

struct jl_event {
    enum jl_event_kind kind;
    int64_t now_ms; /* steady */
    const struct jl_message *message;
    bool chain_same;
    struct jl_compared compared;
};

enum jl_action_kind {
    JL_ACTION_HELLO = 1,
    JL_ACTION_PUSH,  /* ops from first_seq, about max_bytes */
    JL_ACTION_PULL,  /* feed, max_bytes, pages */
    JL_ACTION_PROOF, /* deep: with the deep hashes, when the store still is as the facts say */
    JL_ACTION_ASK_BUCKETS, /* feed; the whole of it as one part */
    JL_ACTION_ASK_PARTS,   /* feed; for the parts that the last comparison found */
    JL_ACTION_ASK_IDS,     /* feed; for the buckets that it found, of a district without parts */
    JL_ACTION_ASK_ROWS,    /* feed; for the records that the comparisons found */
    JL_ACTION_CHECK_CHAIN, /* is our chain hash at Welcome.last_seq the one it names? → CHAIN */
    JL_ACTION_NEW_INCARNATION, /* re-number what has no verdict from 1; forget nothing */
    JL_ACTION_TAKE_EPOCH,      /* confirmed back to last_seq, both cursors to 0, store the epoch */
    JL_ACTION_TAKE_VERDICTS,   /* message */
    JL_ACTION_TAKE_PAGE,       /* message */
    JL_ACTION_COMPARE_BUCKETS, /* message → DIFFERENT; parts: sets aside what only we have */
    JL_ACTION_COMPARE_IDS,     /* message → DIFFERENT; sets aside what only we have */
    JL_ACTION_REREAD,          /* both cursors to 0, note when; wall_ms is the district's */
    JL_ACTION_PROVEN,          /* store and show it; wall_ms is the district's; deep_result */
    JL_ACTION_RECONNECT,       /* the connection carries nothing any more: make a new one */
    JL_ACTION_TELL,            /* phase, refusal or trouble changed: show it to people */
};

struct jl_action {
    enum jl_action_kind kind;
    uint64_t first_seq;
    uint32_t feed;
    uint32_t max_bytes;
    uint32_t pages;
    bool echo; /* PULL: own changes too */
    bool deep; /* PROOF */
    enum jl_deep_result deep_result;
    int64_t wall_ms;
};

struct jl_actions {
    struct jl_action items[JL_SESSION_ACTIONS_MAX];
    size_t count;
};

/* What may wait for an answer, each on its own; a feed's lane has the feed's number. */
enum jl_session_lane { JL_LANE_SHARED = 0, JL_LANE_OFFICE, JL_LANE_PUSH, JL_LANE_PROOF };
enum { JL_SESSION_LANES = JL_LANE_PROOF + 1 };

struct jl_session {
    enum jl_session_phase phase;
    enum jl_refuse_code refused; /* the last Refuse; 0: none */
    uint32_t version_needed;
    uint32_t suite_needed; /* as in Refuse, or the one that Welcome named; 0: not that */
    bool proven; /* the store as it stood at proven_head and proven_cursor is proven identical */
    bool repair_failed;
    int64_t wake_ms; /* steady: step with TICK at the latest then */

    uint64_t heads[2]; /* the district's feed heads as last heard */
    bool heads_known;
    bool reread;         /* another epoch: at the next Welcome echo_to is set */
    uint64_t echo_to[2]; /* up to here own changes are read again, for the district may lack some */
    uint64_t push_next;  /* next op seq to send */
    uint64_t pushed[JL_SESSION_PUSHES]; /* first seqs in flight, oldest first; 0: free */
    bool pulling[2];
    uint32_t pages_due[2];
    bool checking; /* CHECK_CHAIN is with the driver: nothing is sent before its answer */
    bool proving;
    bool deep;       /* the proof in flight is a deep one */
    uint32_t asking; /* enum jl_ask_step in flight; 0: none */
    uint32_t repair_feed, repair_rounds, repair_full;
    bool repair_more;       /* the round under way has more to do than it may ask for */
    bool by_parts;          /* the district tells parts; an older one, buckets and their ids */
    int64_t repair_wall_ms; /* the district's clock at the proof that is repaired */
    uint64_t proof_head, proof_cursor[2];   /* what the Proof in flight, or its repair, is about */
    uint64_t proven_head, proven_cursor[2]; /* what the last proof covered */
    uint32_t batch_bytes, page_bytes;
    uint32_t batch_most, page_most;      /* they grow up to here */
    uint32_t batches_quick, pages_quick; /* answers since that last changed */
    int64_t deadline_ms; /* some answer must have come by then; 0: nothing in flight */
    int64_t since_ms[JL_SESSION_LANES]; /* its oldest request or its last answer, when in flight */
    int64_t greet_ms;                   /* when to say Hello again */
    uint32_t failures;                  /* without progress in between: drives back-off */
    uint32_t renewals;                  /* new incarnations without a verdict or proof in between */
    uint64_t random;                    /* jitter (splitmix64) */
    uint64_t chain_seq;                 /* Welcome.last_seq under CHECK_CHAIN */
    bool epoch_changed;
};

/* seed: any random number; only for jitter. */
void jl_session_init(struct jl_session *session, uint64_t seed);
void jl_session_step(struct jl_session *session, const struct jl_session_facts *facts,
                     const struct jl_event *event, struct jl_actions *out_actions);
/* The driver loaded and sent the batch of ACTION_PUSH up to next_seq − 1. */
void jl_session_sent(struct jl_session *session, uint64_t next_seq);
/* The set hashes may have changed without an op (scrub): neither what was proven nor a proof or
 * repair on its way is about the store as it is. */
void jl_session_prove_again(struct jl_session *session);
/* Is anything left to do or in flight? false: proven, and nothing new. */
bool jl_session_busy(const struct jl_session *session, const struct jl_session_facts *facts);

#endif
