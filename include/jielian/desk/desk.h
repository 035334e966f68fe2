/* The desk: what people do with records, the same at the office and at the district.
 *
 * A desk is the books plus one way to save changes, which each program brings: the office makes ops
 * for its outbox, the district applies them at once as its own. Commands, import and the pages go
 * through these calls, so one validator and one history serve every path.
 *
 * Every call that changes records opens its own transactions, so none may be open; a catalogue that
 * arrived meanwhile is taken then, after which earlier jl_type pointers are gone: look types up
 * again after each call. Errors and problems are texts for a clerk in the desk's language and hold
 * no personal data.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_DESK_H
#define JIELIAN_DESK_H

#include "jielian/base/clock.h"
#include "jielian/base/progress.h"
#include "jielian/books/books.h"
#include "jielian/op/change.h"
#include "jielian/op/may.h"
#include "jielian/record/check.h"
#include "jielian/record/problems.h"

#include <jansson.h>
#include <stdio.h>

struct jl_assignment;

/* What was this deleted record merged into? *out_kept zero: into nothing, as far as these books
 * tell. context: that of save. Inside a transaction. */
typedef enum jl_rc (*jl_merged_fn)(void *context, uint32_t type, const struct jl_id *gone,
                                   struct jl_id *out_kept, struct jl_err *err);

/* An op as it is kept and sent; the protocol, which stands beside this library, knows its bytes
 * (jl_wire_op_decode). */
typedef enum jl_rc (*jl_desk_decode_fn)(struct jl_bytes bytes, struct jl_arena *arena,
                                        struct jl_op *out_op, struct jl_err *err);

struct jl_desk {
    struct jl_books *books;
    jl_save_fn save;
    void *save_context;
    jl_desk_decode_fn decode; /* of kept ops, for undo */
    jl_merged_fn merged;      /* NULL: these books know of no merge */
    bool merges;              /* the district takes merges from here */
    uint32_t owner;           /* office number that new records get; 0 at the district's own desk */
    unsigned movers;          /* bits 1 << enum jl_mover of this desk's people */
    bool program;          /* a command records what its people did: more than they may by hand */
    struct jl_bytes staff; /* login of who is at the desk */
    struct jl_clock clock;
    int64_t known_ms; /* a time that others have shown: the district's last proof, or its journal */
    struct jl_id_source ids;
    enum jl_language language;
};

/* yyyymmdd, for the rules about dates. Not before the time that others have shown: a clock that is
 * behind refuses nothing that was true then. */
int64_t jl_desk_today(const struct jl_desk *desk);

/* ---- One record ---- */

/* Validate and create; problems gets errors and warnings. JL_MISUSE when there are errors (nothing
 * changed; err names the first). A ref value may be an id, a unique value of the referred type (ID
 * number, credit code, activity code …) or an exact title. JL_CONFLICT: the natural key exists. */
JL_MUST_CHECK enum jl_rc jl_desk_add(struct jl_desk *desk, const struct jl_type *type,
                                     const struct jl_assignment *assignments, size_t count,
                                     struct jl_id *out_id, struct jl_problems *problems,
                                     struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_desk_set(struct jl_desk *desk, const struct jl_type *type,
                                     const struct jl_id *id,
                                     const struct jl_assignment *assignments, size_t count,
                                     struct jl_problems *problems, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_desk_delete(struct jl_desk *desk, const struct jl_type *type,
                                        const struct jl_id *id, struct jl_err *err);
/* A deleted record as it was. JL_NOT_FOUND; JL_CONFLICT: it lives, or these books don't keep what
 * it was; JL_DENIED: it was merged into one that lives, the merge must be undone; JL_MISUSE: it
 * does not fit the rules of now, the problems say why. */
JL_MUST_CHECK enum jl_rc jl_desk_restore(struct jl_desk *desk, const struct jl_type *type,
                                         const struct jl_id *id, struct jl_problems *problems,
                                         struct jl_err *err);

/* ---- Spreadsheets ---- */

enum {
    JL_IMPORT_CHUNK_ROWS = 2500,
};

struct jl_check_context jl_desk_context(const struct jl_desk *desk);
/* context->old_books: may a record that goes on from `before` (NULL: is new) start with a status
 * that is the district's to give? Asked of the books only where it matters. */
JL_MUST_CHECK enum jl_rc jl_desk_find_leave(const struct jl_desk *desk, const struct jl_type *type,
                                            const struct jl_row *before, const struct jl_row *after,
                                            struct jl_check_context *context, struct jl_err *err);
const char *jl_desk_label(const struct jl_desk *desk, const struct jl_label *label);
/* Begin to read. *type is looked up again: the catalogue may have changed since the caller got it.
 */
JL_MUST_CHECK enum jl_rc jl_desk_begin(struct jl_desk *desk, const struct jl_type **type,
                                       struct jl_err *err);
void jl_desk_end(struct jl_desk *desk);
/* Shared entry for calls that read: begin, then end whatever happens. */
#define JL_DESK_READING(desk)                                                                      \
    __attribute__((cleanup(jl_desk_end_ptr), unused)) struct jl_desk *reading = desk
static inline void jl_desk_end_ptr(struct jl_desk **desk) {
    jl_desk_end(*desk);
}

/* Whose new records of the type are: JL_DENIED when they are not this desk's to make. */
JL_MUST_CHECK enum jl_rc jl_desk_owner(const struct jl_desk *desk, const struct jl_type *type,
                                       uint32_t *out_owner, struct jl_err *err);
/* May this desk change the record? JL_NOT_FOUND, JL_CONFLICT (deleted, left), JL_DENIED. */
JL_MUST_CHECK enum jl_rc jl_desk_may_change(struct jl_desk *desk, const struct jl_type *type,
                                            const struct jl_book_record *record,
                                            struct jl_err *err);
/* The desk's movers, and FROM and TO where the transfer names the desk's office. */
JL_MUST_CHECK enum jl_rc jl_desk_movers(struct jl_desk *desk, const struct jl_type *type,
                                        const struct jl_row *row, unsigned *out_movers,
                                        struct jl_err *err);
/* A copy whose field list may be changed without touching the other's; values are shared. */
JL_MUST_CHECK enum jl_rc jl_desk_fork_row(struct jl_arena *arena, const struct jl_row *row,
                                          struct jl_row *out_row, struct jl_err *err);
const struct jl_layout_column *jl_desk_column(const struct jl_books *books, uint32_t type,
                                              uint32_t field); /* NULL: none */
/* Does a stored record, still sealed, live as jl_books_living says? */
bool jl_desk_living(const struct jl_books *books, const struct jl_type *type,
                    const struct jl_stored *stored);

/* May this desk make the change? *out_not NULL: yes. */
JL_MUST_CHECK enum jl_rc jl_desk_may(struct jl_desk *desk, const struct jl_change *change,
                                     struct jl_arena *arena, const struct jl_may_not **out_not,
                                     uint32_t *out_field, struct jl_err *err);
/* The same; JL_DENIED says why not, and which command is right. */
JL_MUST_CHECK enum jl_rc jl_desk_check_may(struct jl_desk *desk, const struct jl_change *change,
                                           struct jl_arena *arena, struct jl_err *err);
static inline const char *jl_desk_why_not(const struct jl_desk *desk, const struct jl_may_not *no) {
    return jl_say_sentence((uint32_t)no->code, desk->language);
}

#endif
