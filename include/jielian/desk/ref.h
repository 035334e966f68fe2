/* References: from what a person wrote to the record that is meant. Inside the caller's
 * transaction, but for jl_ref_resolve_one.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_DESK_REF_H
#define JIELIAN_DESK_REF_H

#include "jielian/base/bytes.h"
#include "jielian/base/id.h"
#include "jielian/catalogue/kind.h"

struct jl_buf;
struct jl_desk;
struct jl_field;
struct jl_type;

/* Text of a ref cell → the record's id. JL_NOT_FOUND (nothing), JL_CONFLICT (several: say how to be
 * exact). Never creates. */
JL_MUST_CHECK enum jl_rc jl_ref_resolve_one(struct jl_desk *desk, const struct jl_field *field,
                                            struct jl_bytes text, struct jl_id *out_id,
                                            struct jl_err *err);

struct jl_ref_query {
    struct jl_bytes text;
    enum jl_rc rc;   /* out: JL_OK, JL_NOT_FOUND, JL_CONFLICT (several) */
    struct jl_id id; /* out, with JL_OK */
    bool unseen;     /* out: named by its id, and not in these books */
    bool open;       /* while resolving: no way has answered it yet */
};
/* Resolve many texts to records of one type. JL_OK also when some were not found. */
JL_MUST_CHECK enum jl_rc jl_ref_resolve(struct jl_desk *desk, uint32_t ref_type,
                                        struct jl_ref_query *queries, size_t count,
                                        struct jl_err *err);
/* The type's first title field when it is of this kind (a text: also searchable); NULL otherwise.
 */
const struct jl_field *jl_ref_title_field(const struct jl_type *type, enum jl_kind kind);
/* What to tell the clerk about a query that failed with rc: recorded in err, and rc returned. Any
 * other code: there was no memory for it. */
JL_MUST_CHECK enum jl_rc jl_ref_explain(const struct jl_desk *desk, const struct jl_field *field,
                                        enum jl_rc rc, struct jl_err *err);

#endif
