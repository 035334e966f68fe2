/* Search words: tables in word order, and beside each head its words as one blob, so that they can
 * be taken back without a second index by rid:  words := { varint(size) bytes }
 *
 *   put ──> word_new ── when there are a million, in one go, in order ──> word
 *
 * Words lie in no order of time, so in a large table each lands on a page of its own, and a commit
 * of 5,000 records would rewrite 80 MiB. New words lie close together in the small table; when they
 * join the others, each page of the large one is met once. A search looks at both. */
#include "words.h"
#include "snapshot.h"
#include "sql.h"
#include "store.h"

#include "jielian/base/assert.h"
#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/store/words.h"

#include <stdlib.h>
#include <string.h>

enum jl_rc jl_words_pack(const struct jl_bytes *words, size_t count, struct jl_buf *out,
                         struct jl_err *err) {
    for (size_t i = 0; i < count; i++) {
        if (words[i].size == 0) {
            continue;
        }
        enum jl_rc rc = jl_buf_put_varint(out, words[i].size, err);
        if (rc == JL_OK) {
            rc = jl_buf_put(out, words[i].data, words[i].size, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* A statement with the parameters of the table's key. */
static enum jl_rc run_one(struct jl_sql *sql, uint32_t type, struct jl_bytes word, int64_t rid,
                          struct jl_err *err) {
    jl_sql_int(sql, type);
    jl_sql_text(sql, word);
    jl_sql_int(sql, rid);
    return jl_sql_run(sql, err);
}

enum jl_rc jl_words_put(struct jl_store *store, uint32_t type, int64_t rid,
                        const struct jl_bytes *words, size_t count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_WORD_PUT, &sql, err);
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        if (words[i].size > 0) {
            rc = run_one(&sql, type, words[i], rid, err);
        }
    }
    return rc;
}

/* ---- Words of many records ---- */

void jl_words_rows_fini(struct jl_words_rows *rows) {
    if (rows == NULL) {
        return;
    }
    free(rows->items);
    *rows = (struct jl_words_rows){0};
}

enum jl_rc jl_words_rows_reserve(struct jl_words_rows *rows, size_t capacity, struct jl_err *err) {
    rows->items = calloc(capacity + 1, sizeof *rows->items);
    if (rows->items == NULL) {
        return jl_fault_memory(err);
    }
    rows->capacity = capacity;
    return JL_OK;
}

void jl_words_rows_keep(struct jl_words_rows *rows, uint32_t type, int64_t rid,
                        const struct jl_bytes *words, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (words[i].size == 0) {
            continue;
        }
        JL_ASSERT(rows->count < rows->capacity);
        struct jl_words_row *row = &rows->items[rows->count++];
        *row = (struct jl_words_row){.word = words[i], .type = type, .rid = rid};
        for (size_t b = 0; b < sizeof row->prefix; b++) {
            row->prefix = row->prefix << 8 | (b < words[i].size ? words[i].data[b] : 0);
        }
    }
}

/* The order of the table's key; its text is compared as bytes. */
static int compare_rows(const void *a, const void *b) {
    const struct jl_words_row *left = a;
    const struct jl_words_row *right = b;
    if (left->type != right->type) {
        return left->type < right->type ? -1 : 1;
    }
    if (left->prefix != right->prefix) {
        return left->prefix < right->prefix ? -1 : 1;
    }
    int order = jl_bytes_compare(left->word, right->word);
    return order != 0 ? order : (left->rid > right->rid) - (left->rid < right->rid);
}

static enum jl_rc count_new(struct jl_store *store, int64_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    bool row = false;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_WORD_COUNT_NEW, &sql, err);
    if (rc == JL_OK) {
        rc = jl_sql_row(&sql, &row, err);
    }
    if (rc == JL_OK) {
        *out_count = row ? jl_sql_get_int(&sql, 0) : 0;
    }
    return rc;
}

/* One by one: a single INSERT … SELECT would keep what its pages were in memory until its end. */
static enum jl_rc join(struct jl_store *store, struct jl_err *err) {
    JL_AUTO(jl_sql) all = {0};
    JL_AUTO(jl_sql) put = {0};
    bool row = false;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_WORD_ALL_NEW, &all, err);
    if (rc == JL_OK) {
        rc = jl_sql_open(store, JL_SQL_WORD_JOIN, &put, err);
    }
    while (rc == JL_OK && (rc = jl_sql_row(&all, &row, err)) == JL_OK && row) {
        rc = run_one(&put, jl_sql_get_u32(&all, 0), jl_sql_get_bytes(&all, 1),
                     jl_sql_get_int(&all, 2), err);
    }
    return rc == JL_OK ? jl_sql_do(store, JL_SQL_WORD_CLEAR_NEW, err) : rc;
}

static enum jl_rc join_when_many(struct jl_store *store, size_t more, struct jl_err *err) {
    enum { COUNT_FROM = 1000 }; /* for fewer it is not worth counting what is there */
    enum jl_rc rc = JL_OK;
    if (store->words_new < 0 && more < COUNT_FROM) {
        return JL_OK;
    }
    if (store->words_new < 0) {
        rc = count_new(store, &store->words_new, err);
    } else {
        store->words_new += (int64_t)more;
    }
    if (rc != JL_OK || store->words_new < store->words_new_max) {
        return rc;
    }
    rc = join(store, err);
    store->words_new = rc == JL_OK ? 0 : -1;
    return rc;
}

enum jl_rc jl_words_rows_put(struct jl_store *store, struct jl_words_rows *rows,
                             struct jl_err *err) {
    if (rows->count == 0) {
        return JL_OK;
    }
    qsort(rows->items, rows->count, sizeof *rows->items, compare_rows);
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_WORD_PUT, &sql, err);
    for (size_t i = 0; i < rows->count && rc == JL_OK; i++) {
        const struct jl_words_row *row = &rows->items[i];
        rc = run_one(&sql, row->type, row->word, row->rid, err);
    }
    return rc == JL_OK ? join_when_many(store, rows->count, err) : rc;
}

enum jl_rc jl_words_drop(struct jl_store *store, uint32_t type, int64_t rid, struct jl_bytes packed,
                         struct jl_err *err) {
    JL_AUTO(jl_sql) old = {0};
    JL_AUTO(jl_sql) new = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_WORD_DELETE, &old, err);
    if (rc == JL_OK) {
        rc = jl_sql_open(store, JL_SQL_WORD_DELETE_NEW, &new, err);
    }
    struct jl_reader reader = {.rest = packed};
    while (rc == JL_OK && reader.rest.size > 0) {
        uint64_t size = 0;
        struct jl_bytes word = {0};
        struct jl_err ignored; /* the reader's text would speak of a message, not of a record */
        if (jl_reader_varint(&reader, &size, &ignored) != JL_OK ||
            jl_reader_take(&reader, size, &word, &ignored) != JL_OK) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED, "%s" JL_AND "%s",
                               store->path, "a record's words cannot be read");
        }
        rc = run_one(&old, type, word, rid, err);
        if (rc == JL_OK) {
            rc = run_one(&new, type, word, rid, err);
        }
    }
    return rc;
}

/* ---- Search ---- */

struct search {
    struct jl_bytes word;
    struct jl_bytes above; /* the first text after all that start with word; empty: there is none */
    bool exact;
    size_t limit;
    int64_t *rids;
    size_t count;
};

static enum jl_rc search_type(struct jl_store *store, uint32_t type, struct search *search,
                              struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc =
        jl_sql_open(store, search->exact ? JL_SQL_WORD_EXACT : JL_SQL_WORD_PREFIX, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, type);
    jl_sql_text(&sql, search->word);
    if (!search->exact && search->above.size > 0) {
        jl_sql_text(&sql, search->above);
    } else if (!search->exact) {
        jl_sql_blob(&sql, search->above); /* SQLite orders every blob after every text */
    }
    jl_sql_int(&sql, jl_sql_clamp(search->limit - search->count));
    bool row = false;
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        search->rids[search->count++] = jl_sql_get_int(&sql, 0);
    }
    return rc;
}

/* The next type after *type that has words; *out_more false at the end. */
static enum jl_rc next_type(struct jl_store *store, int64_t *type, bool *out_more,
                            struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_WORD_NEXT_TYPE, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, *type);
    bool row = false;
    rc = jl_sql_row(&sql, &row, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_more = row && sqlite3_column_type(sql.stmt, 0) == SQLITE_INTEGER;
    if (*out_more) {
        *type = jl_sql_get_int(&sql, 0);
    }
    return JL_OK;
}

static enum jl_rc search_all_types(struct jl_store *store, struct search *search,
                                   struct jl_err *err) {
    int64_t type = -1;
    bool more = true;
    while (search->count < search->limit) {
        enum jl_rc rc = next_type(store, &type, &more, err);
        if (rc != JL_OK || !more) {
            return rc;
        }
        rc = search_type(store, (uint32_t)type, search, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

enum jl_rc jl_words_search(struct jl_store *store, uint32_t type, struct jl_bytes word, bool exact,
                           size_t limit, int64_t *out_rids, size_t *out_count, struct jl_err *err) {
    struct search search = {.word = word, .exact = exact, .limit = limit, .rids = out_rids};
    JL_AUTO(jl_buf) above = {0};
    if (!exact) {
        enum jl_rc rc = jl_buf_put(&above, word.data, word.size, err);
        if (rc != JL_OK) {
            return rc;
        }
        while (above.size > 0 && above.data[above.size - 1] == 0xff) {
            above.size--;
        }
        if (above.size > 0) {
            above.data[above.size - 1]++;
        }
        search.above = jl_buf_bytes(&above);
    }
    JL_AUTO(jl_snapshot) snapshot = {0};
    enum jl_rc rc = jl_snapshot_take(store, &snapshot, err);
    if (rc == JL_OK && limit > 0) {
        rc = type == 0 ? search_all_types(store, &search, err)
                       : search_type(store, type, &search, err);
    }
    *out_count = rc == JL_OK ? search.count : 0;
    return rc;
}
