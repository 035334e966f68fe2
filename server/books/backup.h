/* Backups: books, and beside them keys and admission log.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_BACKUP_H
#define JIELIAN_SERVER_BOOKS_BACKUP_H

#include "accept.h"

#include "jielian/base/bytes.h"

struct jl_district;

/* backup: books, and beside them keys and admission log. restore: into a folder that is empty but
 * for an admission log, with a new epoch; cut off at any point it leaves no books that could be
 * taken for the restored ones, and can be done again. Both compare keys and books before they
 * write. JL_DENIED of restore: FILE.keys are another backup's, or their passphrase is needed or
 * wrong; JL_CONFLICT of backup: the key file is not the one any more by which these books were
 * opened. */
JL_MUST_CHECK enum jl_rc jl_backup_write(struct jl_district *district, const char *path,
                                         struct jl_err *err);
/* Are FILE.keys the keys of FILE? Nothing is written. */
JL_MUST_CHECK enum jl_rc jl_backup_check(const char *path, struct jl_bytes passphrase,
                                         struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_backup_restore(const char *folder, const char *path,
                                           struct jl_bytes passphrase, jl_judge_fn judge,
                                           struct jl_err *err);
/* From now on the admission log beside this backup gets every event, while it can be reached; the
 * last JL_PLACES_MAX backups are remembered. Opens its own transaction. */
JL_MUST_CHECK enum jl_rc jl_backup_keep(struct jl_district *district, const char *path,
                                        struct jl_err *err);

#endif
