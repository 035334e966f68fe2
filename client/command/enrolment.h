/* Enrolling: one question to the district at the invitation's endpoint, and its answer.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_ENROLMENT_H
#define JIELIAN_CLIENT_COMMAND_ENROLMENT_H

#include "client/books/identity.h"

#include "jielian/cli/cli.h"
#include "jielian/crypto/invitation.h"
#include "jielian/crypto/keys.h"

struct jl_net;

struct jl_enrolment {
    const struct jl_cli *cli; /* --name: what operators call this device */
    struct jl_net *net;
    const struct jl_invitation_text *invitation;
    struct jl_keys *keys;        /* the proof key is filled in */
    uint32_t office;             /* whose records are here; 0: none yet */
    int64_t timeout_ms;          /* without a connection */
    int64_t met_ms;              /* with one; 0: as timeout_ms */
    bool asked;                  /* out: Enrol has gone out, and no plain no has come back */
    struct jl_identity identity; /* out */
};
/* secret: the invitation's key, or (after a lost answer) the device's own, &keys->curve.
 * *out_refused: the district does not admit that key. JL_BUSY: no answer in time; JL_DENIED:
 * refused, says why. */
JL_MUST_CHECK enum jl_rc jl_enrolment_ask(struct jl_enrolment *enrolment,
                                          const struct jl_secret *secret, bool *out_refused,
                                          struct jl_err *err);

/* Does the district at the invitation's endpoint know this key? Asked by a handshake alone. */
enum jl_membership { JL_MEMBER_UNKNOWN = 1, JL_MEMBER_KNOWN, JL_MEMBER_REVOKED };
/* JL_BUSY: no answer in time. An older district calls revoked keys unknown. */
JL_MUST_CHECK enum jl_rc jl_enrolment_probe(struct jl_enrolment *enrolment,
                                            const struct jl_secret *secret,
                                            enum jl_membership *out_standing, struct jl_err *err);

#endif
