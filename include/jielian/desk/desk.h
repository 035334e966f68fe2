/* The desk: what people do with records, the same at the office and at the district.
 *
 * A desk is the books plus one way to save changes, which each program brings: the office makes ops
 * for its outbox, the district applies them at once as its own. Commands, import and the pages go
 * through these calls, so one validator and one history serve every path.
 *
 * Every call opens its own transactions, so none may be open; a catalogue that arrived meanwhile is
 * taken then, after which earlier jl_type pointers are gone: look types up again after each call.
 * Errors and problems are texts for a clerk in the desk's language and hold no personal data.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_DESK_H
#define JIELIAN_DESK_H

#include "jielian/base/clock.h"
#include "jielian/books/books.h"
#include "jielian/op/change.h"
#include "jielian/record/problems.h"

#include <jansson.h>
#include <stdio.h>

/* Commit all changes in one durable transaction, or none. changes were validated. change_set: NULL
 * for single changes. Opens its own transaction; none is open when it is called. JL_CONFLICT when a
 * record is no longer as `before` says (reload and try again). */
typedef enum jl_rc (*jl_save_fn)(void *context, const struct jl_id *change_set,
                                 const struct jl_change *changes, size_t count, struct jl_err *err);

/* What was this deleted record merged into? *out_kept zero: into nothing, as far as these books
 * tell. context: that of save. Inside a transaction. */
typedef enum jl_rc (*jl_merged_fn)(void *context, uint32_t type, const struct jl_id *gone,
                                   struct jl_id *out_kept, struct jl_err *err);

struct jl_desk {
    struct jl_books *books;
    jl_save_fn save;
    void *save_context;
    jl_merged_fn merged;   /* NULL: these books know of no merge */
    bool merges;           /* the district takes merges from here */
    uint32_t owner;        /* office number that new records get; 0 at the district's own desk */
    unsigned movers;       /* bits 1 << enum jl_mover of this desk's people */
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

struct jl_assignment { /* field=value, as typed */
    const char *field; /* name or label */
    const char *value; /* "" clears */
};

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

/* Text of a ref cell → the record's id. JL_NOT_FOUND (nothing), JL_CONFLICT (several: say how to be
 * exact). Never creates. */
JL_MUST_CHECK enum jl_rc jl_desk_resolve_ref(struct jl_desk *desk, const struct jl_field *field,
                                             struct jl_bytes text, struct jl_id *out_id,
                                             struct jl_err *err);

/* Which office has what a transfer would move: 0 when the text names nothing, which jl_desk_add
 * then says. */
JL_MUST_CHECK enum jl_rc jl_desk_holder(struct jl_desk *desk, const struct jl_type *transfer,
                                        const char *text, uint32_t *out_owner, struct jl_err *err);

/* ---- Reading ---- */

/* The JSON object of a record: "id", then every field that is not hidden by its name (null when it
 * has no value): text, numbers and bools as such, codes by label, dates "2021-01-05", money as text
 * in 元 ("12.50"), refs as id text; sensitive values masked. */
JL_MUST_CHECK enum jl_rc jl_record_json(struct jl_desk *desk, const struct jl_book_record *record,
                                        json_t **out_object, struct jl_err *err);

/* What has become of records; the table in desk_state.c says where it is read. */
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

struct jl_list_options {
    /* field=value, all must hold; "" means without a value; also office=CODE where the type has no
     * field of that name. Sealed fields can be filtered too. */
    const struct jl_assignment *filters;
    size_t filter_count;
    size_t limit; /* 0: no bound */
    bool json;
    enum jl_list_state state; /* only these, each with its reason; JSON: `state`, `reason` and its
                                 number `code` (message.h; null: none) beside the fields
                                 (`state_reason`, `state_code` where the type has such a field) */
};
JL_MUST_CHECK enum jl_rc jl_desk_list(struct jl_desk *desk, const struct jl_type *type,
                                      const struct jl_list_options *options, FILE *out,
                                      struct jl_err *err);
/* Records of every type in options->state, which is neither ANY, DELETED nor LEFT (JL_MISUSE for
 * the last two); filters are ignored. JSON: an array of {"type", "label", "id", "title", "state",
 * "reason", "code", "record"}. */
JL_MUST_CHECK enum jl_rc jl_desk_list_state(struct jl_desk *desk,
                                            const struct jl_list_options *options, FILE *out,
                                            struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_desk_show(struct jl_desk *desk, const struct jl_type *type,
                                      const struct jl_id *id, bool json, FILE *out,
                                      struct jl_err *err);
/* By name, pinyin, initials, ID number, phone, title: every type. JSON: an array of {"type",
 * "label", "id", "title", "record"}, the record as jl_record_json makes it. limit 0: 200. */
JL_MUST_CHECK enum jl_rc jl_desk_find(struct jl_desk *desk, const char *text, size_t limit,
                                      bool json, FILE *out, struct jl_err *err);

/* ---- Spreadsheets ---- */

enum jl_import_policy {                          /* when a row's record exists already */
                        JL_IMPORT_OVERWRITE = 0, /* 覆盖: non-blank cells replace */
                        JL_IMPORT_SKIP,          /* 跳过 */
                        JL_IMPORT_FILL,          /* 只补空白 */
                        JL_IMPORT_NO_MATCH,      /* 不查重: every row is new */
};

struct jl_import_problem {
    uint64_t row;      /* line of the file, 1..; 0: a note about the file as a whole */
    const char *field; /* name, "" for the row */
    const char *message;
};

struct jl_import_result {
    uint64_t rows, added, updated, unchanged, doubtful, failed; /* the last five add up to rows */
    struct jl_import_problem *problems; /* at most JL_IMPORT_PROBLEMS_MAX, in row order */
    size_t problem_count;
    uint64_t problems_dropped;
    struct jl_id change_set; /* what `undo` takes */
    struct jl_arena arena;   /* owns the problems */
};
enum { JL_IMPORT_PROBLEMS_MAX = 100000, JL_IMPORT_CHUNK_ROWS = 2500 };
void jl_import_result_fini(struct jl_import_result *result);

typedef void (*jl_progress_fn)(void *context, uint64_t done, uint64_t total);

struct jl_import_options {
    bool dry_run; /* rehearse: the same outcomes, nothing changed */
    enum jl_import_policy policy;
    const char
        *problems_path; /* write the user's own failed rows plus a 原因 column; NULL: don't */
    jl_progress_fn progress; /* may be NULL */
    void *progress_context;
};
/* Rows are matched by the 系统编号 column of an export, the natural key, a unique field, or for
 * types without these by title and required fields (lib/sheet/import_same.c). A doubtful row looks
 * like another record and waits aside; it is not saved. Warnings do not stop a row: they are summed
 * up by field in notes (row 0), as are columns that are unknown or missing and lines taken for
 * notes. JL_PROTO: no header found or a required column missing, nothing changed. JL_IO and others
 * in the middle: the chunks before are saved and recorded, err says so; the file may be imported
 * again. */
JL_MUST_CHECK enum jl_rc jl_desk_import(struct jl_desk *desk, const struct jl_type *type,
                                        const char *path, const struct jl_import_options *options,
                                        struct jl_import_result *out_result, struct jl_err *err);
/* CSV in the template's layout, sensitive values unmasked only when unmask is set. *out_rows: how
 * many. The file (0600) appears whole or not at all and replaces one of that name. Comes back by
 * import as 未变 throughout, masked or not. The caller writes the access log. */
JL_MUST_CHECK enum jl_rc jl_desk_export(struct jl_desk *desk, const struct jl_type *type,
                                        const char *path, bool unmask, uint64_t *out_rows,
                                        struct jl_err *err);
/* The header row only. */
JL_MUST_CHECK enum jl_rc jl_desk_template(struct jl_desk *desk, const struct jl_type *type,
                                          const char *path, struct jl_err *err);

#endif
