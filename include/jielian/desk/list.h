/* Lists of records: of one type, or of every type that are in one state.
 *
 *   JL_AUTO_PTR(jl_list) list = NULL;
 *   rc = jl_list_open(desk, type, &options, &list, err);
 *   do {
 *       rc = rc == JL_OK ? jl_list_next(list, &rows, &count, err) : rc;
 *       …write them: no transaction is open, so a slow reader holds nobody up…
 *   } while (rc == JL_OK && count > 0);
 *
 * Memory: one page of rows, whatever the length of the list; in a state of list --state also a mark
 * for each record that is in it. Types are those of the catalogue that the desk had at the start:
 * no other call of the desk until the list is closed. Thread: that of the books. */
#ifndef JIELIAN_DESK_LIST_H
#define JIELIAN_DESK_LIST_H

#include "jielian/base/assignment.h"
#include "jielian/base/bytes.h"

struct jl_book_record;
struct jl_desk;
struct jl_document;
struct jl_field;
struct jl_list;
struct jl_type;

/* What has become of records; the table in list_state.c says where it is read. */
enum jl_list_state {
    JL_LIST_ANY =
        0, /* what is shown as ever: live ones, and those that the district has not taken */
    JL_LIST_UNSENT,
    JL_LIST_PARKED,
    JL_LIST_SET_ASIDE,
    JL_LIST_HELD,
    JL_LIST_CASE,
    JL_LIST_DELETED,
    JL_LIST_LEFT,
};
/* By the word of --state. JL_MISUSE names those that have a meaning in these books. */
JL_MUST_CHECK enum jl_rc jl_list_state_named(const struct jl_desk *desk, const char *word,
                                             enum jl_list_state *out_state, struct jl_err *err);
const char *jl_list_state_word(enum jl_list_state state); /* "" for JL_LIST_ANY */
/* Is it found by marks, each of which says why? Any other stands in the heads. */
bool jl_list_state_marked(enum jl_list_state state);

enum { JL_LIST_FIELDS_MAX = 16 };

struct jl_list_options {
    /* field=value, all must hold; "" means without a value; also office=CODE where the type has no
     * field of that name. Sealed fields can be filtered too. */
    const struct jl_assignment *filters;
    size_t filter_count;
    size_t limit;             /* 0: no bound */
    enum jl_list_state state; /* only these, each with its reason */
    size_t fields_max;        /* give the texts of so many fields (jl_list_fields) with each row */
};

struct jl_list_row { /* lives until the next page */
    const struct jl_book_record *record;
    const struct jl_type *type;
    const char *owner;     /* the office's name */
    const char *label;     /* of the type, in lists of every type; NULL in others */
    struct jl_bytes title; /* likewise */
    enum jl_list_state state;
    struct jl_bytes reason;
    uint32_t code;                /* of the reason (message.h); 0: none */
    const struct jl_bytes *texts; /* of jl_list_fields, as people read them: masked, references by
                                     their titles */
};

/* type NULL: of every type, in a state that is marked (JL_MISUSE for others); filters are ignored
 * then. JL_MISUSE, JL_NOT_FOUND, JL_LIMIT: a filter names what is not there. */
JL_MUST_CHECK enum jl_rc jl_list_open(struct jl_desk *desk, const struct jl_type *type,
                                      const struct jl_list_options *options,
                                      struct jl_list **out_list, struct jl_err *err);
const struct jl_type *jl_list_type(const struct jl_list *list); /* NULL: every type */
enum jl_list_state jl_list_state(const struct jl_list *list);
/* What tells one record from another, most telling first; then in the order of the form. */
const struct jl_field *const *jl_list_fields(const struct jl_list *list, size_t *out_count);
/* The next page, in a transaction of its own; *out_count 0: that was all. */
JL_MUST_CHECK enum jl_rc jl_list_next(struct jl_list *list, const struct jl_list_row **out_rows,
                                      size_t *out_count, struct jl_err *err);
void jl_list_close(struct jl_list *list);
JL_DEFINE_AUTO_PTR(jl_list, jl_list_close)

/* The row's members, into the open object. In a list of one type those of the record (show.h), and
 * in a state `state`, `reason` and its number `code` (null: none) beside them (`state_reason`,
 * `state_code` where the type has such a field). In a list of every type "type", "label", "id",
 * "title", in a state "state", "reason", "code", then "record". */
void jl_list_write(const struct jl_desk *desk, const struct jl_list_row *row,
                   struct jl_document *document);

#endif
