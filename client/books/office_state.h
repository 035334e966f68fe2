/* The counters of an office's books: positions, chain, cursors, proofs. They are read at the
 * beginning of every write transaction and written at its end.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_OFFICE_STATE_H
#define JIELIAN_CLIENT_BOOKS_OFFICE_STATE_H

#include "jielian/base/bytes.h"
#include "jielian/crypto/hasher.h"

struct jl_office;

enum { JL_TROUBLE_DIFFERENT = 100 }; /* repair did not bring both sides together */

struct jl_office_state {
    uint8_t incarnation[16];
    bool has_epoch;
    uint8_t epoch[16];
    uint64_t seq_base;      /* pos of seq 0 */
    uint64_t head_pos;      /* newest op */
    uint64_t confirmed_pos; /* newest op with a verdict */
    uint8_t head_hash[JL_HASH_BYTES];
    uint8_t confirmed_hash[JL_HASH_BYTES];
    uint64_t cursor[2];
    uint64_t repairs;
    int64_t proven_ms;                 /* the district's clock at the last proof; 0: never */
    uint64_t proven_pos;               /* what that proof covered: newest op, */
    uint64_t proven_cursor[2];         /* and both cursors */
    uint64_t proof_wanted, proof_done; /* `sync` asks the running process for a fresh proof */
    uint32_t trouble;                  /* enum jl_refuse_code of the last refusal, or
                                          JL_TROUBLE_DIFFERENT; 0: none */
    uint32_t phase;                    /* enum jl_session_phase as last told */
    uint32_t version_needed;
    uint32_t suite_needed; /* the district's cipher suite, where these keys are of another; or 0 */
    int64_t reread_ms;     /* the district's clock when all was last read anew; 0: never */
    uint64_t reread_to[2]; /* the cursors of then: up to there own changes are read, too */
    int64_t deep_ms;       /* the district's clock at the last deep proof; 0: never */
    uint32_t deep_result;  /* enum jl_deep_result: what it said */
    uint64_t deep_wanted, deep_done; /* as proof_wanted, for deep proofs */
};

JL_MUST_CHECK enum jl_rc jl_office_state_get(struct jl_bytes bytes, struct jl_office_state *state,
                                             struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_state_save(struct jl_office *office, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_state_load(struct jl_office *office, struct jl_err *err);

#endif
