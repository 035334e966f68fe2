/* Import: records from a spreadsheet that people filled in.
 *
 * Opens its own transactions, one a chunk.  Thread: that of the books. */
#ifndef JIELIAN_SHEET_IMPORT_H
#define JIELIAN_SHEET_IMPORT_H

#include "jielian/base/arena.h"
#include "jielian/base/id.h"
#include "jielian/base/progress.h"

struct jl_desk;
struct jl_type;

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
enum {
    JL_IMPORT_PROBLEMS_MAX = 100000,
};

void jl_import_result_fini(struct jl_import_result *result);

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
JL_MUST_CHECK enum jl_rc jl_import_run(struct jl_desk *desk, const struct jl_type *type,
                                       const char *path, const struct jl_import_options *options,
                                       struct jl_import_result *out_result, struct jl_err *err);

#endif
