/* The deep proof (jielian/books/deep.h): equality shown from the rows themselves, once a month or
 * when somebody asks.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_OFFICE_DEEP_H
#define JIELIAN_CLIENT_BOOKS_OFFICE_DEEP_H

#include "proto/wire.h"

#include "jielian/base/rc.h"

struct jl_office;
struct jl_session_facts;

/* Somebody wants one, or none was made in this month of the district's clock. */
bool jl_office_deep_due(const struct jl_office *office, int64_t district_ms);
/* Both hashes over the rows as they are, in a transaction of its own. *out_same false: the store is
 * no longer what the facts say, and nothing was hashed. Cost: jl_deep_step's of all records. */
JL_MUST_CHECK enum jl_rc jl_office_deep(struct jl_office *office,
                                        const struct jl_session_facts *facts,
                                        struct jl_proof *proof, bool *out_same, struct jl_err *err);
/* The answer; wanted: deep_wanted when it was asked for. NONE: the district is too old to say. */
JL_MUST_CHECK enum jl_rc jl_office_deep_proven(struct jl_office *office, int64_t wall_ms,
                                               enum jl_deep_result result, uint64_t wanted,
                                               struct jl_err *err);

#endif
