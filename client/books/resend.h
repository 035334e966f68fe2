/* Sending again what the district does not have.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_RESEND_H
#define JIELIAN_CLIENT_BOOKS_RESEND_H

#include "jielian/base/id.h"
#include "jielian/books/books.h"

struct jl_office;

enum jl_resend_state { JL_RESEND_PARKED = 1, JL_RESEND_SET_ASIDE = 2 }; /* bits */

/* One record that is sent again, or is not. */
struct jl_resent {
    const struct jl_book_record *record; /* head.rid 0: it is not in these books; type and id are */
    enum jl_resend_state state;
    bool kept; /* the district's own to make again: it stays set aside */
};
typedef enum jl_rc (*jl_resent_fn)(void *context, const struct jl_resent *resent,
                                   struct jl_err *err);

struct jl_resend_options {
    unsigned states;
    const struct jl_id *ids; /* of records; only these */
    size_t id_count;         /* 0: all */
    struct jl_id change_set; /* of all ops together */
    const char *label;       /* of the change set, for people */
    bool dry_run;            /* the same calls of visit, nothing changed */
    jl_resent_fn visit;      /* inside the transaction: may read the books */
    void *context;
};

/* One transaction. A refused op goes out once more with what it said, and a record that the
 * district does not have as a whole create with what it holds now; the refused ops are then
 * superseded, so a second call finds nothing. Records that only the district can make (its own,
 * cases, another office's) are visited as kept. JL_MISUSE: dry_run is needed where the books are
 * open for reading. Cost: about what saving each change costs. */
JL_MUST_CHECK enum jl_rc jl_resend_records(struct jl_office *office,
                                           const struct jl_resend_options *options,
                                           struct jl_err *err);

#endif
