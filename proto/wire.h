/* Messages: encode to and decode from frames. The only code that sees generated protobuf types.
 *
 * Decoding treats bytes as hostile: every size is checked against limits.h, bodies are decompressed
 * only after their declared size is within bounds, ids and hashes must have their exact sizes.
 * Decoded messages borrow from the frame and from the arena that is passed in.
 *
 * Thread: a jl_wire (compression contexts) belongs to one thread. */
#ifndef JIELIAN_WIRE_H
#define JIELIAN_WIRE_H

#include "jielian/base/buf.h"
#include "jielian/crypto/hasher.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/suite.h"
#include "jielian/op/op.h"

enum {
    JL_PROTOCOL_VERSION = 1,
    JL_PROTOCOL_OLDEST = 1,
};

enum jl_message_kind {
    JL_MESSAGE_HELLO = 1,
    JL_MESSAGE_WELCOME,
    JL_MESSAGE_PUSH,
    JL_MESSAGE_VERDICTS,
    JL_MESSAGE_PULL,
    JL_MESSAGE_PAGE,
    JL_MESSAGE_PROOF,
    JL_MESSAGE_PROVED,
    JL_MESSAGE_ASK,
    JL_MESSAGE_BUCKETS,
    JL_MESSAGE_IDS,
    JL_MESSAGE_POKE,
    JL_MESSAGE_REFUSE,
    JL_MESSAGE_ENROL,
    JL_MESSAGE_ENROLLED,
    JL_MESSAGE_BYE = 17, /* 16 is Envelope.needs */
    JL_MESSAGE_HISTORY = 18,
    JL_MESSAGE_LINES = 19,
};
enum {
    JL_MESSAGE_KINDS = JL_MESSAGE_LINES + 1,
    /* Hello.knows and Welcome.knows: a message with a higher number would be malformed to the other
     * side, so it is not sent. */
    JL_MESSAGE_KNOWN = JL_MESSAGE_LINES,
    JL_MESSAGE_KNOWN_FIRST = JL_MESSAGE_ENROLLED, /* of programs that do not say */
};

enum jl_refuse_code {
    JL_REFUSE_REVOKED = 1,    /* this device is out: stop, tell the clerk */
    JL_REFUSE_VERSION = 2,    /* update the program to the version named */
    JL_REFUSE_CHAIN = 3,      /* this chain is not the one we know: take a new incarnation */
    JL_REFUSE_BUSY = 4,       /* come back after retry_after_ms */
    JL_REFUSE_MALFORMED = 5,  /* the message broke the protocol: an error in a program */
    JL_REFUSE_INVITATION = 6, /* used, expired or unknown */
    JL_REFUSE_HELLO = 7,      /* say Hello first (the district was restarted) */
    JL_REFUSE_SUSPENDED = 8,  /* no data for a suspended device */
};

/* How a cycle ended, as the device saw it. */
enum jl_cycle_end {
    JL_CYCLE_PROVEN = 1,
    JL_CYCLE_SILENT,    /* no answer, or the line broke */
    JL_CYCLE_REFUSED,   /* why: enum jl_refuse_code */
    JL_CYCLE_DIFFERENT, /* repair did not help, or the last deep proof found a difference */
    JL_CYCLE_STOPPED,   /* by a person, or with the PC */
    JL_CYCLE_GAVE_UP,   /* its time was up, or it did not get on */
    JL_CYCLE_TROUBLE,   /* its own books could not be read or written */
};
/* Cycles that ended alike, one after another. Of a later program end may be another number. */
struct jl_cycle {
    uint32_t end; /* enum jl_cycle_end; never 0 */
    uint32_t why;
    uint64_t count;             /* 1.. */
    int64_t began_ms, ended_ms; /* the device's clock: of the first, of the last */
    uint64_t longest_ms;
};
enum {
    JL_CYCLES_MAX = 8, /* in a Hello: what a person would read, in 300 bytes */
};

enum jl_last_stop { JL_STOP_UNKNOWN = 0, JL_STOP_CLEAN, JL_STOP_CUT_OFF };

struct jl_hello {
    uint32_t version, oldest;
    uint8_t incarnation[16];
    bool has_epoch;
    uint8_t epoch[16];
    uint64_t head, confirmed;
    uint64_t confirmed_number; /* jl_op.number of the newest op with a verdict; 0: none, not said */
    uint8_t confirmed_hash[JL_HASH_BYTES];
    uint64_t cursor[2];
    uint64_t catalogue, oldest_unsent_s, parked, cases, repairs, disk_free_mib;
    int64_t wall_ms;
    char program[16]; /* printable ASCII */
    uint32_t knows;   /* highest message number it understands; 0: not said */
    enum jl_last_stop last_stop;
    struct jl_cycle cycles[JL_CYCLES_MAX]; /* oldest first */
    size_t cycle_count;
    uint32_t suites; /* jl_suite_offered; 0 (not said): suite 1 */
    uint32_t told;   /* jl_welcome.mark of what the device keeps; 0: nothing */
};

enum {
    JL_WELCOME_ENDPOINTS_MAX = 4, /* an address inside, one outside, a spare of each */
    JL_ENDPOINT_MAX_BYTES = 255,
    JL_WELCOME_PCS_MAX = 16, /* an office has one to five PCs; revoked ones stay in the list */
    JL_PC_NAME_MAX_BYTES = 63,
};
struct jl_pc { /* as the district knows it */
    uint32_t device;
    struct jl_bytes name;
    uint32_t state; /* 1 active 2 suspended 3 revoked, or another number of a later program */
    int64_t last_seen_ms, proven_ms;
    uint64_t unsent;
    struct jl_bytes program; /* as jl_hello.program; empty: not known */
};

struct jl_welcome {
    uint32_t version;
    uint8_t epoch[16];
    uint64_t last_seq;
    uint8_t last_hash[JL_HASH_BYTES];
    uint64_t head[2];
    int64_t wall_ms;
    bool suspended, again;
    uint32_t knows;
    struct jl_bytes program; /* as jl_hello.program; empty: not said */
    const struct jl_bytes *endpoints;
    size_t endpoint_count;
    const struct jl_pc *pcs;
    size_t pc_count;
    uint32_t suite; /* the one that all of this district is in; not said: 1 */
    uint32_t rules; /* by which it judges; 0: not said */
    uint32_t mark;  /* names what program, endpoints and pcs say; they are left out where
                       jl_hello.told is the same; 0: none */
};

struct jl_push {
    uint64_t first_seq;
    uint8_t signature[JL_SIGNATURE_MAX_BYTES]; /* as long as the wire's suite says */
    struct jl_bytes *ops;                      /* op bytes as they were hashed */
    size_t count;                              /* 1 .. JL_BATCH_OPS_MAX */
};

struct jl_verdicts {
    uint64_t first_seq, last_seq;
    struct jl_verdict *exceptions; /* ascending by seq */
    size_t exception_count;
    uint64_t own_from, own_to, office_head;
};

struct jl_pull {
    uint32_t feed; /* 0 shared, 1 own */
    uint64_t from;
    uint32_t max_bytes; /* JL_PAGE_MIN_BYTES .. JL_PAGE_MAX_BYTES, before compression */
    uint32_t pages;     /* 1 .. JL_CREDIT_MAX_PAGES */
    bool echo;
};

struct jl_type_count {
    uint32_t type;
    uint64_t count; /* 1.. */
};
enum { JL_PAGE_TYPES_MAX = JL_TYPES_MAX };

struct jl_page {
    uint32_t feed;
    uint64_t from, to, head;
    bool repair;
    struct jl_bytes *rows; /* Row bytes: jl_wire_row_decode each */
    size_t count;
    const struct jl_type_count *types; /* with from = 0: what the feed has at head; by type */
    size_t type_count;                 /* 0: not said */
};

struct jl_proof {
    uint64_t cursor[2];
    uint8_t root[16];
    bool has_deep;
    uint8_t deep[2][JL_HASH_BYTES];
};

enum jl_proof_result { JL_PROOF_IDENTICAL = 1, JL_PROOF_DIFFERENT, JL_PROOF_MOVED };
enum jl_deep_result { JL_DEEP_NONE = 0, JL_DEEP_IDENTICAL, JL_DEEP_DIFFERENT };
struct jl_proved {
    enum jl_proof_result result;
    int64_t wall_ms;
    uint64_t head[2];
    enum jl_deep_result deep; /* NONE: not asked for, or an older district */
};

enum jl_ask_step { JL_ASK_BUCKETS = 1, JL_ASK_IDS, JL_ASK_ROWS };
enum {
    JL_SHORT_SUM_BYTES = 8,
    JL_ASK_ROWS_MAX = 1024,
    /* Records in one Ids: what a body holds, of types that take two bytes. */
    JL_IDS_MAX = JL_BODY_MAX_BYTES / (2 + JL_ID_BYTES + JL_SHORT_SUM_BYTES),
};
struct jl_known { /* a record as the other side knows it */
    uint32_t type;
    struct jl_id id;
    uint8_t hash[JL_SHORT_SUM_BYTES];
};
enum {
    JL_PLACE_BYTES = JL_ID_BYTES + 4, /* id and type (jielian/sync/parts.h) */
    JL_PLACE_DEPTH = 2 * JL_PLACE_BYTES,
    JL_PART_WAYS = 16,
    JL_PART_LIST_MAX = 16,
    JL_ASK_PARTS_MAX = 1024, /* the answer takes at most 160 KiB, as little as a page */
};
struct jl_part {
    uint8_t depth;                 /* half bytes of `begin` that count: 0 .. JL_PLACE_DEPTH */
    uint8_t begin[JL_PLACE_BYTES]; /* all behind them is zero */
};
struct jl_told_part {
    struct jl_part part;
    uint64_t count; /* records in it */
    /* Up to JL_PART_LIST_MAX records: so many short hashes, ascending; more: JL_PART_WAYS sums. */
    const uint8_t *sums;
};
struct jl_ask {
    uint32_t feed;
    enum jl_ask_step step;
    struct jl_bytes buckets;  /* IDS: one byte each, ascending */
    struct jl_known *records; /* ROWS: type and id */
    size_t record_count;
    struct jl_part *parts; /* BUCKETS: ascending, none within another; 0: all buckets are meant */
    size_t part_count;
    struct jl_bytes hashes; /* ROWS, instead of records: short hashes, ascending */
};
struct jl_buckets {
    uint32_t feed;
    struct jl_bytes sums;       /* JL_BUCKETS × JL_SHORT_SUM_BYTES; empty with parts */
    struct jl_told_part *parts; /* as asked, in that order */
    size_t part_count;
};
struct jl_ids {
    uint32_t feed;
    struct jl_bytes buckets;
    struct jl_known *records;
    size_t record_count;
};

struct jl_poke {
    uint64_t head[2];
};

enum jl_bye_reason {
    JL_BYE_DONE = 1, /* in step, nothing left to do */
    JL_BYE_STOPPED,  /* the program is stopped, in step or not */
    JL_BYE_GAVE_UP,  /* not in step, and tries no more */
};
struct jl_bye {
    uint32_t reason; /* enum jl_bye_reason, or another number of a later program; never 0 */
};

/* ---- The history of one record ---- */

enum {
    JL_LINES_MAX = 32,             /* of one answer: a screen */
    JL_LINES_PLACE_MAX_BYTES = 64, /* where to go on: 17 bytes, sealed */
};
struct jl_history_ask {
    uint32_t type;
    struct jl_id id;
    struct jl_bytes from; /* jl_lines.next of the answer before; empty: from the newest on */
    uint32_t most;        /* 1 .. JL_LINES_MAX */
};
/* What a change was part of: the codes of change_set_kind, or a number of a later program. */
enum jl_line_by {
    JL_LINE_ALONE = 0,
    JL_LINE_IMPORT,
    JL_LINE_BULK_EDIT,
    JL_LINE_MERGE,
    JL_LINE_TRANSFER,
    JL_LINE_UNDO,
};
struct jl_told_line {
    int64_t received_ms; /* the district's clock */
    enum jl_verdict_code verdict;
    uint32_t office;    /* 0: the district */
    uint32_t device;    /* 0: the district, or not told */
    uint32_t by;        /* enum jl_line_by */
    uint32_t *withheld; /* field numbers, ascending */
    size_t withheld_count;
    struct jl_bytes op; /* jl_wire_op_decode */
};
struct jl_lines {
    uint32_t type;
    struct jl_id id;
    bool held; /* false: not there, or not at this office */
    struct jl_bytes next;
    struct jl_told_line *lines; /* newest first */
    size_t count;
};

struct jl_refuse {
    enum jl_refuse_code code;
    struct jl_bytes text;
    uint64_t retry_after_ms;
    uint32_t version;
    struct jl_remark said; /* what exactly; code 0: not said */
    uint32_t suite; /* VERSION: a program that knows this suite is needed; 0: it is the version */
};

struct jl_enrol {
    uint8_t curve_public[32];
    uint32_t suite; /* of the next two, which are zeros if it is not the wire's; not said: 1 */
    uint8_t sign_public[JL_SIGN_PUBLIC_MAX_BYTES];
    uint8_t signature[JL_SIGNATURE_MAX_BYTES];
    struct jl_bytes name;
    uint32_t office; /* whose records the PC has; 0: none. Another's invitation is not for it */
};
struct jl_enrolled {
    uint32_t device, office;
    struct jl_bytes office_code, office_name;
    struct jl_secret proof_key;
};

struct jl_message {
    enum jl_message_kind kind;
    union {
        struct jl_hello hello;
        struct jl_welcome welcome;
        struct jl_push push;
        struct jl_verdicts verdicts;
        struct jl_pull pull;
        struct jl_page page;
        struct jl_proof proof;
        struct jl_proved proved;
        struct jl_ask ask;
        struct jl_buckets buckets;
        struct jl_ids ids;
        struct jl_poke poke;
        struct jl_bye bye;
        struct jl_history_ask history;
        struct jl_lines lines;
        struct jl_refuse refuse;
        struct jl_enrol enrol;
        struct jl_enrolled enrolled;
    } as;
};

/* suite: the district's, which says how long keys and signatures are. */
struct jl_wire;
JL_MUST_CHECK enum jl_rc jl_wire_new(const struct jl_suite *suite, struct jl_wire **out_wire,
                                     struct jl_err *err);
void jl_wire_free(struct jl_wire *wire);
JL_DEFINE_AUTO_PTR(jl_wire, jl_wire_free)

/* Append the frame to out. JL_LIMIT when a part is over its bound, JL_MISUSE for a message that the
 * other side would refuse; out is then as it was. */
JL_MUST_CHECK enum jl_rc jl_wire_encode(struct jl_wire *wire, const struct jl_message *message,
                                        struct jl_buf *out, struct jl_err *err);
/* JL_PROTO: not ours, cut off or a wrong size; JL_DENIED: it `needs` a later protocol version,
 * which the text names; JL_LIMIT: over a bound. Nothing needs freeing but the arena, of which a
 * hostile frame takes at most twice its size, one body and 3 MiB. An Enrolled message and its frame
 * hold a key: wipe both. */
JL_MUST_CHECK enum jl_rc jl_wire_decode(struct jl_wire *wire, struct jl_bytes frame,
                                        struct jl_arena *arena, struct jl_message *out_message,
                                        struct jl_err *err);

/* Op and row bytes; op bytes are made once. Whether an op makes sense for its kind (op.h's table)
 * is not judged here. Cost with 22 fields: encode 0.2 µs, decode 0.45 µs; no malloc but the growth
 * of out and of the arena. */
JL_MUST_CHECK enum jl_rc jl_wire_op_encode(const struct jl_op *op, struct jl_buf *out,
                                           struct jl_err *err);
/* Is it the one form of an op that decodes (docs/protocol.md 6.4)? Asked of what a device sends:
 * two forms of one op would be two ops by their bytes. Fields of a later version pass. JL_PROTO
 * says what is wrong. Cost: a walk over some 14 fields, 0.05 µs. */
JL_MUST_CHECK enum jl_rc jl_wire_op_canonical(struct jl_bytes bytes, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_wire_op_decode(struct jl_bytes bytes, struct jl_arena *arena,
                                           struct jl_op *out_op, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_wire_row_encode(const struct jl_feed_row *row, struct jl_buf *out,
                                            struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_wire_row_decode(struct jl_bytes bytes, struct jl_arena *arena,
                                            struct jl_feed_row *out_row, struct jl_err *err);

/* "hello", "push", …: for logs and metrics. */
const char *jl_wire_message_name(enum jl_message_kind kind);
/* "revoked", "busy", …: what Refuse.text says, for logs, metrics and JSON. */
const char *jl_wire_refuse_word(enum jl_refuse_code code);

#endif
