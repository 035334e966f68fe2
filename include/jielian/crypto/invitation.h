/* An invitation: what a device needs to enrol, as a text file that is carried to it.
 *
 *   jielian invitation v1
 *   district=<64 hex>     the district's CURVE public key
 *   endpoint=tcp://host:port
 *   office=GD 古荡街道总工会
 *   expires=<ms since 1970>
 *   secret=<64 hex>       one-time CURVE secret key
 *   sum=<16 hex>          first 8 bytes of SHA-256 over everything above this line
 *
 * Of a district of another suite than 1 the first line has the suite's mark behind it, and the sum
 * is of that suite's hash.
 *
 * The sum tells a cut-off or mistyped file from a wrong one; it is no protection against forgers: a
 * forged invitation leads to a district that the office did not mean, which is why the file is
 * handed over in person. Whoever holds the file can enrol one device; keep it like a key. */
#ifndef JIELIAN_INVITATION_H
#define JIELIAN_INVITATION_H

#include "jielian/base/buf.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/suite.h"

enum { JL_INVITATION_MAX_BYTES = 2048 };

struct jl_invitation_text {
    const struct jl_suite *suite; /* the district's: a device that enrols makes keys of it */
    uint8_t district_public[32];
    char endpoint[256];
    char office_code[32];
    char office_name[128];
    int64_t expires_ms;
    struct jl_secret secret;
};
void jl_invitation_text_fini(struct jl_invitation_text *invitation);

/* Append the file's text. */
JL_MUST_CHECK enum jl_rc jl_invitation_encode(const struct jl_invitation_text *invitation,
                                              struct jl_buf *out, struct jl_err *err);
/* JL_PROTO: not an invitation, cut off or changed: the text says which and to ask for a new one; or
 * of a suite that this program does not know. */
JL_MUST_CHECK enum jl_rc jl_invitation_decode(struct jl_bytes text,
                                              struct jl_invitation_text *out_invitation,
                                              struct jl_err *err);

#endif
