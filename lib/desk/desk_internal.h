/* Shared by the files of lib/desk and lib/sheet, lib/command/merge.c and transfer*.c, and
 * client/command/resend.c. Unless it says
 * otherwise, a call here works inside the transaction that its caller has opened. */
#ifndef JIELIAN_COMMON_DESK_INTERNAL_H
#define JIELIAN_COMMON_DESK_INTERNAL_H

#include "jielian/base/map.h"

#include "jielian/cli/cli.h"
#include "jielian/desk/desk.h"
#include "jielian/op/may.h"
#include "jielian/record/check.h"

/* ---- desk_common.c ---- */

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
JL_MUST_CHECK enum jl_rc jl_row_fork(struct jl_arena *arena, const struct jl_row *row,
                                     struct jl_row *out_row, struct jl_err *err);
const struct jl_layout_column *jl_desk_column(const struct jl_books *books, uint32_t type,
                                              uint32_t field); /* NULL: none */
/* Does a stored record, still sealed, live as jl_books_living says? */
bool jl_desk_living(const struct jl_books *books, const struct jl_type *type,
                    const struct jl_stored *stored);
static inline bool jl_head_shown(const struct jl_head *head) {
    return head->rid != 0 && (head->state == JL_RECORD_LIVE || head->state == JL_RECORD_PARKED);
}

/* ---- desk_unique.c ---- */

/* A natural key that is one text: does another living record have it in another form? *out_id: that
 * one; zero: none. */
JL_MUST_CHECK enum jl_rc jl_desk_find_twin(struct jl_desk *desk, const struct jl_type *type,
                                           const struct jl_row *row, struct jl_id *out_id,
                                           struct jl_err *err);

/* ---- desk_office.c ---- */

struct jl_desk_office {
    uint32_t number;
    struct jl_id id;
    const char *code;
    const char *name;
};
struct jl_offices {
    struct jl_desk_office *items; /* ascending by number */
    size_t count;
    struct jl_arena arena;
};
void jl_offices_fini(struct jl_offices *offices);
JL_MUST_CHECK enum jl_rc jl_offices_load(struct jl_books *books, struct jl_offices *out_offices,
                                         struct jl_err *err);
const struct jl_desk_office *jl_office_numbered(const struct jl_offices *offices, uint32_t number);
const struct jl_desk_office *jl_office_coded(const struct jl_offices *offices, const char *code);
/* The office's name, "区总工会" for 0. */
const char *jl_office_name(const struct jl_offices *offices, uint32_t number,
                           enum jl_language language);

/* ---- desk_ref.c ---- */

struct jl_ref_query {
    struct jl_bytes text;
    enum jl_rc rc;   /* out: JL_OK, JL_NOT_FOUND, JL_CONFLICT (several) */
    struct jl_id id; /* out, with JL_OK */
    bool unseen;     /* out: named by its id, and not in these books */
    bool open;       /* while resolving: no way has answered it yet */
};
/* Resolve many texts to records of one type. JL_OK also when some were not found. */
JL_MUST_CHECK enum jl_rc jl_desk_resolve(struct jl_desk *desk, uint32_t ref_type,
                                         struct jl_ref_query *queries, size_t count,
                                         struct jl_err *err);
/* The type's first title field when it is of this kind (a text: also searchable); NULL otherwise.
 */
const struct jl_field *jl_desk_title_field(const struct jl_type *type, enum jl_kind kind);
/* What to tell the clerk about a query that failed. */
JL_MUST_CHECK enum jl_rc jl_desk_explain_ref(const struct jl_desk *desk,
                                             const struct jl_field *field, enum jl_rc rc,
                                             struct jl_buf *out, struct jl_err *err);

/* ---- desk_state.c ---- */

struct jl_mark {
    int64_t rid;
    size_t place; /* in the order in which they were found */
    struct jl_bytes reason;
    struct jl_bytes said; /* the same as a code with arguments; may be empty */
};
struct jl_marks {
    struct jl_mark *items; /* ascending by rid, each once */
    size_t count;
    struct jl_arena arena;
};
void jl_marks_fini(struct jl_marks *marks);
/* JL_MISUSE: a state that is found in the heads. Cost: of what is in that state, not of the books.
 */
JL_MUST_CHECK enum jl_rc jl_marks_load(struct jl_desk *desk, enum jl_list_state state,
                                       struct jl_marks *out_marks, struct jl_err *err);
/* The reason in the desk's language; type: of the record. *out_code: its number, 0: none. mark may
 * be NULL. */
struct jl_bytes jl_mark_reason(const struct jl_desk *desk, const struct jl_mark *mark,
                               const struct jl_type *type, struct jl_sentence *sentence,
                               uint32_t *out_code);

/* ---- desk_title.c ---- */

struct jl_titles {
    struct jl_map map;
    struct jl_arena arena;
};
void jl_titles_fini(struct jl_titles *titles);
/* The title of a record of these books, references by their titles. */
JL_MUST_CHECK enum jl_rc jl_desk_title(struct jl_desk *desk, struct jl_titles *titles,
                                       const struct jl_type *type,
                                       const struct jl_book_record *record, struct jl_buf *out,
                                       struct jl_err *err);
/* A field as a list shows it: masked, references by their titles. Appends. */
JL_MUST_CHECK enum jl_rc jl_desk_show_value(struct jl_desk *desk, struct jl_titles *titles,
                                            const struct jl_field *field,
                                            const struct jl_value *value, struct jl_buf *out,
                                            struct jl_err *err);

/* ---- desk_pages.c ---- */

enum { JL_PAGE_RECORDS = 500 };

/* Records of a scan, page by page, in the clear; other statements may run between pages. */
struct jl_pages {
    struct jl_books *books;
    struct jl_scan scan; /* limit: of all pages together; 0: no bound */
    struct jl_book_record *records;
    size_t count;
    struct jl_arena arena; /* of the page */
    uint64_t handed;
    bool ended;
};
/* The next page into records and count; count 0 at the end. */
JL_MUST_CHECK enum jl_rc jl_pages_next(struct jl_pages *pages, struct jl_err *err);
void jl_pages_fini(struct jl_pages *pages);

/* ---- desk_may.c ---- */

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

/* ---- desk_transfer.c ---- */

/* Fill in what a transfer that is new, or comes back, says of itself; problems tells why it can't
 * be asked for here. */
JL_MUST_CHECK enum jl_rc jl_desk_fill_transfer(struct jl_desk *desk, const struct jl_type *type,
                                               struct jl_arena *arena, struct jl_row *row,
                                               struct jl_problems *problems, struct jl_err *err);

/* ---- desk_unique.c ---- */

enum {
    JL_PHONE_SHARED = 3
}; /* docs/domain.md section 2: more people than this on one phone is a warning */

/* Warnings about values that another living record holds, for fields that differ from `before`
 * (NULL: all). Phones warn when more than three people share one. */
JL_MUST_CHECK enum jl_rc jl_desk_warn_unique(struct jl_desk *desk, const struct jl_type *type,
                                             const struct jl_row *before, const struct jl_row *row,
                                             struct jl_problems *problems, struct jl_err *err);

/* ---- lib/sheet/export.c ---- */

/* Headers that are no fields of the type. */
extern const char jl_header_id[];     /* 系统编号: the record's id; blank for new ones */
extern const char jl_header_reason[]; /* 原因: what was wrong with the row */

#endif
