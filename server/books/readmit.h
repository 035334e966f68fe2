/* What a restore takes from the admission log: offices, devices and invitations that the backup
 * lacks, and what it locks for want of a log.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_READMIT_H
#define JIELIAN_SERVER_BOOKS_READMIT_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_district;
struct jl_keys;

struct jl_readmitted { /* meta `readmitted`: what the last restore took from the admission log */
    bool there;        /* false: these books were not restored, or by an earlier program */
    bool known;        /* false: there was no log, or an older one: everything was locked */
    uint64_t offices, devices; /* given out after the backup, here again */
    uint64_t revoked;          /* good in the backup, and revoked since */
    uint64_t locked, voided;   /* devices and invitations, for want of a log */
    int64_t until_ms;          /* its newest event; 0: there was no log */
};

JL_MUST_CHECK enum jl_rc jl_readmit_result(struct jl_district *district,
                                           struct jl_readmitted *out_done, struct jl_err *err);

/* The logs beside the backup and in the folder, put together into STAGED/admissions. *out_found
 * false: there is none. JL_CONFLICT: another district's; JL_CORRUPT: damaged. */
JL_MUST_CHECK enum jl_rc jl_readmit_stage(const char *staged, const char *folder,
                                          const char *backup, const struct jl_keys *keys,
                                          bool *out_found, struct jl_err *err);
/* In the transaction that makes restored books the district's: offices, devices and invitations as
 * the staged log has them; without one everything is locked. */
JL_MUST_CHECK enum jl_rc jl_readmit(struct jl_district *district, bool found, const char *backup,
                                    struct jl_err *err);

/* Somebody has decided about this device. *out_locked: until now the restore's lock was on it. In a
 * write transaction. */
JL_MUST_CHECK enum jl_rc jl_readmit_unlock(struct jl_district *district, uint32_t number,
                                           bool *out_locked, struct jl_err *err);

#endif
