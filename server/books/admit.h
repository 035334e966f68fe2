/* The district's own admission log, kept in step with its books and with its backups
 * (admissions.h has its form).
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_ADMIT_H
#define JIELIAN_SERVER_BOOKS_ADMIT_H

#include "admissions.h"

#include "jielian/base/rc.h"

struct jl_district;
struct jl_sealer;

enum { JL_PLACES_MAX = 4 }; /* backups whose admission logs are kept up to date */

/* The newest event in the log at places[index]; 0: it can't be reached, or does not serve. */
JL_MUST_CHECK enum jl_rc jl_admit_place(struct jl_district *district, size_t index,
                                        int64_t *out_until_ms, struct jl_err *err);

/* A log from its file. Errors as jl_admissions_decode, and of the file; they name it and say what
 * to do. */
JL_MUST_CHECK enum jl_rc jl_admit_read(const char *path, struct jl_sealer *sealer,
                                       const struct jl_keys *keys, struct jl_admissions *log,
                                       struct jl_err *err);
/* All of a log into a new file. JL_CONFLICT: there is one. */
JL_MUST_CHECK enum jl_rc jl_admit_write(const char *path, struct jl_sealer *sealer,
                                        const struct jl_keys *keys, const struct jl_admissions *log,
                                        struct jl_err *err);
/* The district's own, with the numbers that its events have there, into a new file. In a
 * transaction. */
JL_MUST_CHECK enum jl_rc jl_admit_copy(struct jl_district *district, const char *to,
                                       struct jl_err *err);
/* The district's own, with what the books say and it does not; nothing is written. In a
 * transaction. */
JL_MUST_CHECK enum jl_rc jl_admit_load(struct jl_district *district, struct jl_admissions *log,
                                       struct jl_err *err);
/* Put behind it, synced, what the tables now say: the last thing in a write transaction that
 * changed offices, invitations or devices. Cost: reads the log (30 KB for 60 PCs), one fsync. */
JL_MUST_CHECK enum jl_rc jl_admit_note(struct jl_district *district, struct jl_err *err);
/* The same in a restore: numbers go on from the floors. */
JL_MUST_CHECK enum jl_rc jl_admit_restored(struct jl_district *district,
                                           const uint32_t floors[static JL_NUMBERED],
                                           struct jl_err *err);
/* Its newest event when the books were last committed; 0: never. */
JL_MUST_CHECK enum jl_rc jl_admit_last(struct jl_district *district, uint64_t *out_last,
                                       struct jl_err *err);
/* A folder of an earlier program gets its log, from the books. Opens its own transaction. */
JL_MUST_CHECK enum jl_rc jl_admit_begin(struct jl_district *district, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_admit_load_places(struct jl_district *district, struct jl_err *err);
/* In a write transaction: this file too gets what comes. JL_NOT_FOUND: no such file; JL_LIMIT: its
 * whole path is too long. */
JL_MUST_CHECK enum jl_rc jl_admit_add_place(struct jl_district *district, const char *path,
                                            struct jl_err *err);
/* In a write transaction: a device is in session with these books. */
JL_MUST_CHECK enum jl_rc jl_admit_serve(struct jl_district *district, struct jl_err *err);
/* After a commit that moved the log: bring the backups' up to date, as far as they can be reached.
 */
void jl_admit_mirror(struct jl_district *district);

#endif
