/* The engine: drives the session (session.h) against the office's books and the transport.
 *
 *   read the store's facts → jl_session_step → carry out its actions in order
 *
 * once for every message, when wake_ms has come, and whenever the store may have moved: the
 * doorbell rang, the link came up, or a second has passed (so that another process's change is seen
 * even if its ring was lost).
 *
 * What goes wrong in the store is sorted here: JL_IO and JL_CORRUPT end the engine with that code;
 * everything else (another process holds the file, a page that can't be taken) is written down in
 * `trouble`, the session is notified that nothing was sent, and the timer tries again.
 *
 * Thread: that of the office. Logs (engine*.c are part of the program, not a library of its own).
 */
#ifndef JIELIAN_CLIENT_ENGINE_H
#define JIELIAN_CLIENT_ENGINE_H

#include "client/books/office.h"
#include "client/books/office_past.h"
#include "client/books/repair.h"

#include "jielian/base/buf.h"
#include "jielian/net/client.h"
#include "jielian/net/link.h"
#include "jielian/net/net.h"

#include <signal.h>

enum {
    JL_ENGINE_SILENT_MS = 30000, /* no connection in so long since the start */
    /* There was one, but nothing came in so long: room to notice that, connect anew, shake hands on
     * a line that loses a third of all packets, and be answered. */
    JL_ENGINE_LOST_MS = 75000,
    JL_ENGINE_ROUND_SPARE_MS = 5000, /* added where a round over several endpoints takes longer */
    JL_ENGINE_STUCK_MS = 120000, /* it answers, but nothing was committed: room for the page size
                                    to shrink from 64 KiB to what a bad line can carry */
    JL_ENGINE_REFUSED_MS = 3000, /* a handshake refused for so long is no passing state */
    JL_ENGINE_LOOK_MS = 1000,    /* look at the store at least so often */
    JL_ENGINE_TROUBLE_MAX_MS = 60000,
    JL_ENGINE_DEEP_GAP_MS = 5000, /* after a deep proof that could not be made or that came too
                                     late: a busy office's feed moves all the time */
};
_Static_assert(JL_ENGINE_LOST_MS > JL_SESSION_ANSWER_MS + JL_CONNECT_MS + JL_HANDSHAKE_MS,
               "a connection that has died can be replaced by another in time");

enum jl_engine_end {
    JL_ENGINE_PROVEN = 1, /* identical, and nothing left to send */
    JL_ENGINE_TIME,       /* overall_ms is up */
    JL_ENGINE_SILENT,     /* no answer from the district, or none any more */
    JL_ENGINE_STUCK,      /* answers, but no progress */
    JL_ENGINE_REFUSED,    /* revoked, or the program is too old: session.refused says which */
    JL_ENGINE_SUSPENDED,  /* what was unsent is delivered; no data comes */
    JL_ENGINE_DIFFERENT,  /* repair did not help */
    JL_ENGINE_DEEP,       /* the sums are the same, and the records are not */
    JL_ENGINE_SIGNAL,     /* *stop was set */
};

struct jl_engine_limits {
    bool until_proven; /* end with PROVEN; else go on for ever */
    bool patient;      /* REFUSED, SUSPENDED and DIFFERENT are tried again, not an end */
    int64_t overall_ms, silent_ms, lost_ms, stuck_ms; /* 0: no bound */
    const volatile sig_atomic_t *stop;                /* may be NULL */
};

struct jl_engine {
    struct jl_office *office;
    struct jl_client *client;
    struct jl_bell *bell; /* borrowed, may be NULL */
    bool staged;
    struct jl_session session;
    struct jl_session_facts facts;
    struct jl_arena arena; /* lives for one message */
    struct jl_buf frame;
    enum jl_link link;

    /* Of the message under way. */
    const struct jl_message *message;
    enum jl_event_kind next; /* an action's answer to the session; 0: none */
    bool chain_same;
    struct jl_compared compared;
    bool pushed; /* a batch went out: step again for the next one */
    bool acted;

    struct jl_welcome welcome; /* the last one */
    struct jl_past past;       /* set by the caller after jl_engine_new; kept in the books */
    bool past_moved;           /* … not yet */
    bool past_sent, past_told; /* it is in a Hello, and that was answered */
    bool in_cycle;             /* since cycle_ms (steady) */
    int64_t cycle_ms, cycle_wall_ms;
    struct jl_repair repair;

    uint64_t wanted_seen; /* proof_wanted that the session was notified of */
    uint64_t wanted_sent; /* proof_wanted when the proof in flight was made */
    uint64_t deep_sent;   /* deep_wanted of then; the proof in flight is a deep one: has_deep */
    bool has_deep;
    bool deep_unanswered;  /* by an older district: not asked again by this process */
    int64_t deep_after_ms; /* steady: no deep proof before */
    int64_t heard_ms;      /* steady: the last message of the district; 0: none yet */
    int64_t progress_ms;   /* steady: the last commit */
    int64_t refused_ms;    /* steady: since when the handshake is refused; 0: it is not */
    int64_t trouble_ms;    /* how long to wait after the next trouble */
    int64_t heard_wall_ms; /* as heard_ms, for people */
    struct jl_err trouble; /* the last thing that went wrong here; rc JL_OK: nothing */
    uint64_t dropped;      /* frames that were no messages */
};

/* office and bell are borrowed and must outlive the engine; staged as in jl_office_options. Starts
 * to connect. */
JL_MUST_CHECK enum jl_rc jl_engine_new(struct jl_office *office, struct jl_net *net,
                                       struct jl_bell *bell, bool staged,
                                       struct jl_engine **out_engine, struct jl_err *err);
void jl_engine_free(struct jl_engine *engine);
JL_DEFINE_AUTO_PTR(jl_engine, jl_engine_free)

/* May be called again to go on. JL_IO, JL_CORRUPT: the store or the transport failed; stop. */
JL_MUST_CHECK enum jl_rc jl_engine_run(struct jl_engine *engine,
                                       const struct jl_engine_limits *limits,
                                       enum jl_engine_end *out_end, struct jl_err *err);
/* The set hashes may have changed without an op (scrub): what was proven is not any more. */
void jl_engine_prove_again(struct jl_engine *engine);
/* The program's orderly end, and why: say Bye, and store that nothing is connected any more and
 * nobody is at work. Bye goes out while engine and net are being freed (JL_FAREWELL_MS). */
JL_MUST_CHECK enum jl_rc jl_engine_hang_up(struct jl_engine *engine, enum jl_engine_end end,
                                           struct jl_err *err);

/* engine_cycle.c: look at the session after each step; keep the past when there is news. */
void jl_engine_watch_cycle(struct jl_engine *engine);
JL_MUST_CHECK enum jl_rc jl_engine_keep_past(struct jl_engine *engine, struct jl_err *err);
/* Are batches on their way? */
bool jl_engine_sending(const struct jl_session *session);

/* engine_act.c: carry out one action. JL_BUSY: nothing could be sent. */
JL_MUST_CHECK enum jl_rc jl_engine_act(struct jl_engine *engine, const struct jl_action *action,
                                       struct jl_err *err);

#endif
