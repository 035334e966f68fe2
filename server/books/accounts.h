/* Staff accounts: their passwords' verifiers, which are in these books alone, and the lock that a
 * restore puts on all that are living.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_ACCOUNTS_H
#define JIELIAN_SERVER_BOOKS_ACCOUNTS_H

#include "jielian/base/bytes.h"

struct jl_arena;
struct jl_book_record;
struct jl_district;
struct jl_id;

/* The verifier of an account's password, in these books alone: no office gets it. Opens its own
 * transaction. */
JL_MUST_CHECK enum jl_rc jl_account_keep(struct jl_district *district, const struct jl_id *account,
                                         struct jl_bytes verifier, struct jl_err *err);

/* Locked: whoever asks for a sign-in is refused until a person confirms the account. */
bool jl_account_locked(const struct jl_district *district, const struct jl_book_record *account);
/* All of them, in the arena. Cost: a scan of the staff records. */
JL_MUST_CHECK enum jl_rc jl_accounts_locked(struct jl_district *district, struct jl_arena *arena,
                                            struct jl_book_record **out_accounts, size_t *out_count,
                                            struct jl_err *err);
/* Unlock these, in a transaction of its own. JL_CONFLICT: one was changed since it was read. */
JL_MUST_CHECK enum jl_rc jl_accounts_confirm(struct jl_district *district,
                                             const struct jl_book_record *accounts, size_t count,
                                             struct jl_err *err);

/* In the same transaction: every living account is locked until jl_accounts_confirm.
 * accounts.c */
JL_MUST_CHECK enum jl_rc jl_accounts_lock(struct jl_district *district, struct jl_err *err);

#endif
