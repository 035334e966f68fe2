/* What the district refused, to whom, and when it last did: for people who run it.
 *
 * Kept per device, and once for strangers (device 0), in the store's meta as `refused<device>`, one
 * line a kind: "malformed 12 1790000000123 -". Names, records and messages are not kept; of
 * strangers the address, as far as the transport knew it.
 * Thread: values; any. */
#ifndef JIELIAN_SERVER_REFUSALS_H
#define JIELIAN_SERVER_REFUSALS_H

#include "proto/wire.h"

#include "jielian/base/bytes.h"
#include "jielian/base/language.h"
#include "jielian/net/net.h"
#include "jielian/net/server.h"

struct jl_district;

enum jl_refusal { /* up to SUSPENDED the numbers of enum jl_refuse_code */
                  JL_REFUSAL_REVOKED = JL_REFUSE_REVOKED,
                  JL_REFUSAL_VERSION = JL_REFUSE_VERSION,
                  JL_REFUSAL_CHAIN = JL_REFUSE_CHAIN,
                  JL_REFUSAL_BUSY = JL_REFUSE_BUSY,
                  JL_REFUSAL_MALFORMED = JL_REFUSE_MALFORMED,
                  JL_REFUSAL_INVITATION = JL_REFUSE_INVITATION,
                  JL_REFUSAL_HELLO = JL_REFUSE_HELLO,
                  JL_REFUSAL_SUSPENDED = JL_REFUSE_SUSPENDED,
                  JL_REFUSAL_FLOOD,    /* messages passed over unread: refused too often
                                          (server/serve/budgets.c) */
                  JL_REFUSAL_CROWD,    /* connections cut: too many at once */
                  JL_REFUSAL_ENDLESS,  /* connections cut: a message without end */
                  JL_REFUSAL_PARKED,   /* ops that were not taken; they wait at the office */
                  JL_REFUSAL_KEY,      /* strangers: a key that is not enrolled */
                  JL_REFUSAL_PROTOCOL, /* strangers: something else than our protocol */
                  JL_REFUSAL_TIMEOUT,  /* strangers: connected and said nothing */
                  JL_REFUSAL_QUOTA,    /* batches: the day's quota is used up (quota.h) */
                  JL_REFUSAL_KINDS,
};

struct jl_refusal_count {
    uint64_t count;
    int64_t last_ms;                /* wall; 0: never */
    char address[JL_ADDRESS_BYTES]; /* strangers; "": not known */
};
struct jl_refusals {
    struct jl_refusal_count of[JL_REFUSAL_KINDS]; /* 0 is not used */
};

const char *jl_refusal_word(enum jl_refusal kind); /* "malformed": the name in JSON and metrics */
const char *jl_refusal_text(enum jl_language language, enum jl_refusal kind); /* a sentence */
/* Does it mean that something is wrong, or is it part of every day (a restart, a crowd)? */
bool jl_refusal_trouble(enum jl_refusal kind);
/* The kind that happened last; 0: none. */
enum jl_refusal jl_refusals_last(const struct jl_refusals *refusals);
/* address may be NULL. */
void jl_refusals_note(struct jl_refusals *refusals, enum jl_refusal kind, uint64_t count,
                      int64_t at_ms, const char *address);
void jl_refusals_add(struct jl_refusals *refusals, const struct jl_refusals *more);

JL_MUST_CHECK enum jl_rc jl_refusals_encode(const struct jl_refusals *refusals, struct jl_buf *out,
                                            struct jl_err *err);
/* Lines that a newer program wrote are passed over. JL_CORRUPT: not such lines. */
JL_MUST_CHECK enum jl_rc jl_refusals_decode(struct jl_bytes text, struct jl_refusals *out_refusals,
                                            struct jl_err *err);
/* Count what was refused to a device (0: to strangers). One write, however many they were. */
JL_MUST_CHECK enum jl_rc jl_refusals_keep(struct jl_district *district, uint32_t device,
                                          const struct jl_refusals *more, struct jl_err *err);

/* All that was ever refused to a device (0: to strangers). */
JL_MUST_CHECK enum jl_rc jl_refusals_of(struct jl_district *district, uint32_t device,
                                        struct jl_refusals *out_refusals, struct jl_err *err);

#endif
