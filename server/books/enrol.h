/* Invitations, and the devices that they make.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_ENROL_H
#define JIELIAN_SERVER_BOOKS_ENROL_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_buf;
struct jl_district;
struct jl_enrol;
struct jl_enrolled;
struct jl_office_entry;

/* The text of an invitation file: good for one device, until it expires. */
JL_MUST_CHECK enum jl_rc jl_enrol_invite(struct jl_district *district,
                                         const struct jl_office_entry *office, const char *endpoint,
                                         int64_t valid_ms, struct jl_buf *out_text,
                                         struct jl_err *err);

/* Inside an open write transaction: use an invitation. A key that is known and not revoked keeps
 * its number, so a PC may enrol again in the same folder; with its own key as invitation_public it
 * asks who it is. JL_DENIED with the reason for people; JL_MISUSE: keys of another suite than this
 * district's, jl_district_suite_needed says which. */
JL_MUST_CHECK enum jl_rc jl_enrol_device(struct jl_district *district,
                                         const uint8_t invitation_public[static 32],
                                         const struct jl_enrol *enrol,
                                         struct jl_enrolled *out_enrolled, struct jl_err *err);
/* Is this the key of an invitation that is unused and has not expired? (admission) */
JL_MUST_CHECK enum jl_rc jl_enrol_invited(struct jl_district *district,
                                          const uint8_t curve_public[static 32], bool *out_invited,
                                          struct jl_err *err);

#endif
