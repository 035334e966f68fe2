/* The records that a batch touches: one working copy of each, loaded once, written at the end.
 *
 * A copy holds the record as it stands with what the batch did so far, beside the row as stored.
 * All of them live in the batch's arena.
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_TOUCHED_H
#define JIELIAN_SERVER_JUDGE_TOUCHED_H

#include "server/books/visibility.h"

#include "jielian/base/rc.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/store/authors.h"
#include "jielian/store/history_index.h"

struct jl_apply;
struct jl_merge_result;

struct jl_wrote { /* a field, or the whole record (0), that an op of the batch set */
    uint32_t field;
    size_t op;
};

struct jl_touched { /* one record that the batch touches */
    struct jl_record_key key;
    struct jl_book_record record; /* as it stands, with what the batch did so far */
    struct jl_head before;        /* as stored */
    struct jl_row row_before;
    bool was_there, dirty;
    bool echo;            /* the author's device does not hold exactly this row */
    uint64_t feed_seq;    /* latest change in the author's feed, 0: none */
    bool by_other;        /* … and it was not the author's own */
    bool left;            /* the author's feed holds a LEAVE for it */
    bool ended;           /* … or a DELETE */
    bool judged;          /* the four above were looked up */
    uint32_t *stub_feeds; /* offices that shall have a stub of it: a record of theirs was merged */
    size_t stub_count;
    /* Who sees it before and after the batch; made when it is written. */
    struct jl_visibility seen_before, seen_after;
    uint32_t last_op; /* 1 + index of the newest op of this batch that touched it; 0: none */
    /* Who wrote its fields (server/judge/author.c): by this batch, before it, and before the
     * journal had authors. */
    struct jl_wrote *wrote;
    size_t wrote_count, wrote_capacity;
    struct jl_author_entry *authors;
    size_t author_count;
    struct jl_history_entry *lines;
    size_t line_count;
    bool authors_read, lines_read;
};

static inline bool jl_touched_there(const struct jl_touched *touched) {
    return touched->was_there || touched->dirty;
}
static inline bool jl_touched_lives(const struct jl_touched *touched) {
    return jl_touched_there(touched) && !touched->record.row.deleted;
}

/* The records of the batch's ops, in one go; and one of them, or another. */
JL_MUST_CHECK enum jl_rc jl_touched_preload(struct jl_apply *apply, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_touched_get(struct jl_apply *apply, uint32_t type,
                                        const struct jl_id *id, struct jl_touched **out_touched,
                                        struct jl_err *err);
/* One that is in memory already; NULL: it is not. */
const struct jl_touched *jl_touched_in(struct jl_apply *apply, uint32_t type,
                                       const struct jl_id *id);

/* The lines of the record's history that have no tag: touched->lines. */
JL_MUST_CHECK enum jl_rc jl_touched_lines(struct jl_apply *apply, struct jl_touched *touched,
                                          struct jl_err *err);

/* Op `index` gave it this result. */
void jl_touched_change(struct jl_apply *apply, size_t index, struct jl_touched *touched,
                       const struct jl_merge_result *result);

#endif
