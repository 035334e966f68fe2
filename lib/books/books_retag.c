/* Tags of earlier books were made of texts as they were written, and plain texts had none. At the
 * first open for writing they are made anew, in one transaction that also notes by which table
 * (meta `folded`: JL_FOLD_VERSION); so does a program with a newer table. Cut off anywhere, the
 * books are as they were.
 *
 * Written anew are only records in which something changes: an ID number of digits has the tag that
 * it had. Search words are made of folded text too, and go the same way. */
#include "books.h"

#include "jielian/base/fold.h"
#include "jielian/books/meta.h"

enum { RETAG_ROWS = 256 };

static const char folded_name[] = "folded";

struct retag {
    struct jl_books *books;
    const struct jl_layout *layout;
    struct jl_arena arena;
    struct jl_book_record *records;
    size_t count;
    size_t seen;
    int64_t after_rid;
    struct jl_buf scratch;
};

static void retag_fini(struct retag *retag) {
    jl_arena_fini(&retag->arena);
    jl_buf_fini(&retag->scratch);
}

static enum jl_rc other_tag(struct retag *retag, const struct jl_field *field,
                            const struct jl_value *value, const struct jl_value *tag,
                            bool *out_other, struct jl_err *err) {
    uint8_t now[JL_TAG_BYTES];
    enum jl_rc rc =
        jl_books_tag(retag->books, retag->layout->type->number, field->number, value, now, err);
    *out_other = rc == JL_OK && (tag->kind != JL_VALUE_BYTES ||
                                 !jl_bytes_equal(tag->bytes, jl_bytes(now, sizeof now)));
    return rc;
}

/* Words of a text that stays as it is are the words that it had. */
static enum jl_rc other_words(struct retag *retag, const struct jl_value *value, bool *out_other,
                              struct jl_err *err) {
    jl_buf_reset(&retag->scratch);
    enum jl_rc rc = jl_fold(value->bytes, JL_FOLD_WORDS, &retag->scratch, err);
    *out_other = rc == JL_OK && !jl_bytes_equal(jl_buf_bytes(&retag->scratch), value->bytes);
    return rc;
}

/* Is there a tag, or are there words, that this program would make otherwise? */
static enum jl_rc is_due(struct retag *retag, const struct jl_stored *stored,
                         const struct jl_row *row, bool *out_due, struct jl_err *err) {
    const struct jl_layout *layout = retag->layout;
    enum jl_rc rc = JL_OK;
    *out_due = false;
    for (size_t i = 0; rc == JL_OK && !*out_due && i < layout->column_count; i++) {
        const struct jl_layout_column *column = &layout->columns[i];
        const struct jl_value *value = jl_row_get(row, column->field->number);
        if (value == NULL || value->kind != JL_VALUE_TEXT) {
            continue;
        }
        if (column->tag != SIZE_MAX) {
            rc = other_tag(retag, column->field, value, &stored->cells[column->tag], out_due, err);
        }
        if (rc == JL_OK && !*out_due && column->field->search && !column->field->sensitive) {
            rc = other_words(retag, value, out_due, err);
        }
    }
    return rc;
}

/* A record that can't be unsealed stays as it is: `verify` finds it, and repair brings it anew. */
static enum jl_rc gather(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct retag *retag = context;
    struct jl_stored copy = *stored;
    struct jl_book_record *record = &retag->records[retag->count];
    bool due = false;
    retag->seen++;
    retag->after_rid = stored->head.rid;
    if (stored->cells == NULL || stored->head.state == JL_RECORD_LEFT) {
        return JL_OK;
    }
    enum jl_rc rc = jl_arena_dup(&retag->arena, stored->head.by_staff, &copy.head.by_staff, err);
    if (rc == JL_OK) {
        rc = jl_books_unseal(retag->books, &copy, &retag->arena, record, err);
    }
    if (rc == JL_CORRUPT || rc == JL_PROTO) {
        return JL_OK;
    }
    if (rc == JL_OK) {
        rc = is_due(retag, stored, &record->row, &due, err);
    }
    if (rc != JL_OK || !due) {
        return rc;
    }
    struct jl_row row = {0};
    rc = jl_row_dup(&retag->arena, &record->row, &row, err);
    record->row = row;
    retag->count += rc == JL_OK ? 1 : 0;
    return rc;
}

/* The next RETAG_ROWS records of the type. */
static enum jl_rc retag_some(struct retag *retag, struct jl_err *err) {
    struct jl_book_write writes[RETAG_ROWS];
    const struct jl_scan scan = {.type = retag->layout->type->number,
                                 .all_states = true,
                                 .after_rid = retag->after_rid,
                                 .limit = RETAG_ROWS};
    jl_arena_reset(&retag->arena);
    retag->count = 0;
    retag->seen = 0;
    enum jl_rc rc = jl_records_scan(retag->books->store, &scan, gather, retag, err);
    for (size_t i = 0; rc == JL_OK && i < retag->count; i++) {
        writes[i] = (struct jl_book_write){.record = &retag->records[i], .keep_hash = true};
    }
    return rc == JL_OK && retag->count > 0
               ? jl_books_write(retag->books, writes, retag->count, &retag->arena, err)
               : rc;
}

static bool has_texts(const struct jl_layout *layout) {
    bool any = false;
    for (size_t i = 0; i < layout->column_count; i++) {
        any = any || layout->columns[i].tag != SIZE_MAX || layout->columns[i].field->search;
    }
    return any;
}

static enum jl_rc retag_all(struct jl_books *books, struct jl_err *err) {
    struct jl_book_record records[RETAG_ROWS];
    JL_AUTO(retag) retag = {.books = books, .records = records};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < books->layout_count; i++) {
        retag.layout = &books->layouts[i];
        retag.after_rid = 0;
        retag.seen = has_texts(retag.layout) ? RETAG_ROWS : 0;
        while (rc == JL_OK && retag.seen == RETAG_ROWS) {
            rc = retag_some(&retag, err);
        }
    }
    return rc == JL_OK ? jl_meta_put_number(books->store, folded_name, JL_FOLD_VERSION, err) : rc;
}

enum jl_rc jl_books_see_folded(struct jl_books *books, struct jl_err *err) {
    uint64_t version = 0;
    enum jl_rc rc = jl_meta_get_number(books->store, folded_name, 0, &version, err);
    books->folded = rc == JL_OK && version == JL_FOLD_VERSION;
    return rc;
}

enum jl_rc jl_books_retag(struct jl_books *books, struct jl_err *err) {
    enum jl_rc rc = jl_books_see_folded(books, err);
    if (rc != JL_OK || books->folded || books->read_only) {
        return rc;
    }
    rc = jl_store_begin(books->store, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_books_see_folded(books, err); /* another program may have been quicker */
    if (rc == JL_OK && !books->folded) {
        books->folded = true; /* how the tags are made from here on */
        rc = retag_all(books, err);
    }
    if (rc == JL_OK) {
        rc = jl_store_commit(books->store, err);
    }
    if (rc != JL_OK) {
        books->folded = false;
        jl_store_rollback(books->store);
    }
    return rc;
}
