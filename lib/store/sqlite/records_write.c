/* Insert, replace, purge.
 *
 * What is replaced is read first: cells that are as they were cost no write, and while no indexed
 * column changes no index is touched. */
#include "sql.h"
#include "store.h"
#include "words.h"

#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/base/value.h"
#include "jielian/store/records.h"
#include "jielian/store/store.h"

#include <string.h>

/* ---- Heads ---- */

/* Parameters 1 to 12 of the three statements that write a head; 13 is the words. */
static void bind_head(struct jl_sql *sql, const struct jl_head *head, int64_t rid) {
    static const uint8_t not_counted[sizeof head->hash];
    jl_sql_int(sql, rid);
    jl_sql_int(sql, head->type);
    jl_sql_blob(sql, jl_bytes(head->id.bytes, sizeof head->id.bytes));
    jl_sql_int(sql, head->owner);
    jl_sql_int(sql, (int64_t)head->state);
    if (memcmp(head->hash, not_counted, sizeof head->hash) == 0) {
        jl_sql_null(sql);
    } else {
        jl_sql_blob(sql, jl_bytes(head->hash, sizeof head->hash));
    }
    jl_sql_int(sql, head->changed_ms);
    jl_sql_int(sql, head->by_device);
    jl_sql_text_or_null(sql, head->by_staff);
    jl_sql_int(sql, (int64_t)head->last);
    jl_sql_int(sql, (int64_t)head->feed_seq);
    jl_sql_text_or_null(sql, head->title);
}

static enum jl_rc insert_head(struct jl_store *store, const struct jl_record_write *write,
                              int64_t rid, struct jl_words_rows *words, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HEAD_INSERT, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    size_t count = write->words_same ? 0 : write->word_count;
    jl_buf_reset(&store->scratch);
    rc = jl_words_pack(write->words, count, &store->scratch, err);
    if (rc != JL_OK) {
        return rc;
    }
    bind_head(&sql, &write->record->head, rid);
    jl_sql_blob_or_null(&sql, jl_buf_bytes(&store->scratch));
    jl_words_rows_keep(words, write->record->head.type, rid, write->words, count);
    return jl_sql_run(&sql, err);
}

/* Take the record's old words back unless they are the new ones (which lie packed in scratch). */
static enum jl_rc drop_other_words(struct jl_store *store, int64_t rid, bool *out_same,
                                   struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HEAD_WORDS, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    bool row = false;
    rc = jl_sql_row(&sql, &row, err);
    *out_same = true;
    if (rc != JL_OK || !row) {
        return rc; /* no such record: the update finds out */
    }
    struct jl_bytes old = jl_sql_get_bytes(&sql, 1);
    *out_same = jl_bytes_equal(old, jl_buf_bytes(&store->scratch));
    return *out_same ? JL_OK : jl_words_drop(store, jl_sql_get_u32(&sql, 0), rid, old, err);
}

static enum jl_rc update_head(struct jl_store *store, const struct jl_record_write *write,
                              struct jl_err *err) {
    const struct jl_head *head = &write->record->head;
    bool same = write->words_same;
    enum jl_rc rc = JL_OK;
    if (!same) {
        jl_buf_reset(&store->scratch);
        rc = jl_words_pack(write->words, write->word_count, &store->scratch, err);
        if (rc == JL_OK) {
            rc = drop_other_words(store, head->rid, &same, err);
        }
    }
    JL_AUTO(jl_sql) sql = {0};
    if (rc == JL_OK) {
        rc = jl_sql_open(store, same ? JL_SQL_HEAD_UPDATE : JL_SQL_HEAD_UPDATE_WORDS, &sql, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    bind_head(&sql, head, head->rid);
    if (!same) {
        jl_sql_blob_or_null(&sql, jl_buf_bytes(&store->scratch));
    }
    rc = jl_sql_run(&sql, err);
    if (rc == JL_OK && sqlite3_changes(store->db) != 1) {
        rc = jl_fault_at(err, JL_CONFLICT, JL_FAULT_STORE_MOVED_ON,
                         "a record of type %u is not there any more under its rid",
                         (unsigned)head->type);
    }
    return rc == JL_OK && !same
               ? jl_words_put(store, head->type, head->rid, write->words, write->word_count, err)
               : rc;
}

/* ---- Bodies ---- */

/* STRICT would turn the text "5" into the number 5 for an INTEGER column; kinds must match. */
static enum jl_rc check_kinds(const struct jl_typed *typed, const struct jl_value *cells,
                              struct jl_err *err) {
    for (size_t i = 0; i < typed->column_count; i++) {
        if (cells[i].kind != JL_VALUE_NULL && cells[i].kind != typed->columns[i].kind) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL,
                               "table %s: column %s: a value of another kind", typed->name,
                               typed->columns[i].name);
        }
    }
    return JL_OK;
}

/* One of the statements with the parameters rid, columns, extra. */
static enum jl_rc run_typed(struct jl_store *store, struct jl_typed *typed, enum jl_typed_sql which,
                            const struct jl_stored *record, int64_t rid, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_typed_open(store, typed, which, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    for (size_t i = 0; i < typed->column_count; i++) {
        jl_sql_value(&sql, &record->cells[i]);
    }
    jl_sql_blob_or_null(&sql, record->extra);
    return jl_sql_run(&sql, err);
}

static enum jl_rc put_loose(struct jl_store *store, const struct jl_stored *record, int64_t rid,
                            struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_LOOSE_PUT, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, record->head.type);
    jl_sql_int(&sql, rid);
    jl_sql_blob_or_null(&sql, record->extra);
    return jl_sql_run(&sql, err);
}

static enum jl_rc delete_loose(struct jl_store *store, uint32_t type, int64_t rid,
                               struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_LOOSE_DELETE, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, type);
    jl_sql_int(&sql, rid);
    return jl_sql_run(&sql, err);
}

static enum jl_rc delete_typed(struct jl_store *store, struct jl_typed *typed, int64_t rid,
                               struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_typed_open(store, typed, JL_TYPED_DELETE, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    return jl_sql_run(&sql, err);
}

static bool cell_same(const struct jl_sql *sql, int column, const struct jl_value *value) {
    int kind = sqlite3_column_type(sql->stmt, column);
    switch (value->kind) {
    case JL_VALUE_NULL:
        return kind == SQLITE_NULL;
    case JL_VALUE_INT:
        return kind == SQLITE_INTEGER && jl_sql_get_int(sql, column) == value->number;
    case JL_VALUE_TEXT:
        return kind == SQLITE_TEXT && jl_bytes_equal(jl_sql_get_bytes(sql, column), value->bytes);
    case JL_VALUE_BYTES:
        return kind == SQLITE_BLOB && jl_bytes_equal(jl_sql_get_bytes(sql, column), value->bytes);
    }
    return false;
}

struct difference {
    bool there; /* the record has a row in its type's table */
    bool plain; /* extra or a column without an index differs */
    bool indexed;
};

static enum jl_rc compare_row(struct jl_store *store, struct jl_typed *typed,
                              const struct jl_stored *record, struct difference *out_difference,
                              struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_typed_open(store, typed, JL_TYPED_GET, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, record->head.rid);
    rc = jl_sql_row(&sql, &out_difference->there, err);
    if (rc != JL_OK || !out_difference->there) {
        return rc;
    }
    out_difference->plain = !jl_bytes_equal(jl_sql_get_bytes(&sql, 0), record->extra);
    for (size_t i = 0; i < typed->column_count && !out_difference->indexed; i++) {
        if (!cell_same(&sql, (int)i + 1, &record->cells[i])) {
            out_difference->plain = true;
            out_difference->indexed = typed->columns[i].indexed;
        }
    }
    return JL_OK;
}

static enum jl_rc update_body(struct jl_store *store, const struct jl_stored *record,
                              struct jl_err *err) {
    int64_t rid = record->head.rid;
    struct jl_typed *typed = jl_typed_of(store, record->head.type);
    if (typed == NULL || record->cells == NULL) {
        enum jl_rc rc = typed == NULL ? JL_OK : delete_typed(store, typed, rid, err);
        return rc == JL_OK ? put_loose(store, record, rid, err) : rc;
    }
    struct difference difference = {0};
    enum jl_rc rc = compare_row(store, typed, record, &difference, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (!difference.there) {
        rc = run_typed(store, typed, JL_TYPED_INSERT, record, rid, err);
        return rc == JL_OK ? delete_loose(store, record->head.type, rid, err) : rc;
    }
    if (!difference.plain) {
        return JL_OK;
    }
    return run_typed(store, typed, difference.indexed ? JL_TYPED_UPDATE_ALL : JL_TYPED_UPDATE_PLAIN,
                     record, rid, err);
}

/* ---- Write ---- */

static enum jl_rc insert_record(struct jl_store *store, struct jl_record_write *write,
                                struct jl_words_rows *words, struct jl_err *err) {
    struct jl_stored *record = write->record;
    int64_t rid = store->next_rid;
    enum jl_rc rc = insert_head(store, write, rid, words, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_typed *typed = jl_typed_of(store, record->head.type);
    if (typed != NULL && record->cells != NULL) {
        rc = run_typed(store, typed, JL_TYPED_INSERT, record, rid, err);
    } else {
        rc = put_loose(store, record, rid, err);
    }
    if (rc == JL_OK) {
        record->head.rid = rid;
        store->next_rid = rid + 1;
    }
    return rc;
}

static enum jl_rc write_record(struct jl_store *store, struct jl_record_write *write,
                               struct jl_words_rows *words, struct jl_err *err) {
    const struct jl_stored *record = write->record;
    struct jl_typed *typed = jl_typed_of(store, record->head.type);
    enum jl_rc rc = JL_OK;
    if (record->cells != NULL && typed == NULL) {
        rc = jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL,
                         "type %u has no table: its fields go into extra",
                         (unsigned)record->head.type);
    } else if (record->cells != NULL) {
        rc = check_kinds(typed, record->cells, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (record->head.rid == 0) {
        return insert_record(store, write, words, err);
    }
    rc = update_head(store, write, err);
    return rc == JL_OK ? update_body(store, record, err) : rc;
}

enum jl_rc jl_records_write(struct jl_store *store, struct jl_record_write *writes, size_t count,
                            struct jl_err *err) {
    JL_AUTO(jl_words_rows) words = {0};
    size_t word_count = 0;
    enum jl_rc rc = jl_store_writable(store, err);
    if (rc != JL_OK) {
        return rc;
    }
    for (size_t i = 0; i < count; i++) {
        word_count += writes[i].record->head.rid == 0 ? writes[i].word_count : 0;
    }
    rc = jl_words_rows_reserve(&words, word_count, err);
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        rc = write_record(store, &writes[i], &words, err);
    }
    if (rc == JL_OK) {
        rc = jl_words_rows_put(store, &words, err);
    }
    return jl_store_spoil(store, rc);
}

enum jl_rc jl_records_set_hash(struct jl_store *store, int64_t rid, const uint8_t hash[static 16],
                               struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_HEAD_HASH, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    jl_sql_blob(&sql, jl_bytes(hash, 16));
    return jl_sql_run(&sql, err);
}

/* ---- Purge ---- */

/* Keep the highest rid in meta: without its record the next transaction would give it again. */
static enum jl_rc mark_last_rid(struct jl_store *store, struct jl_err *err) {
    uint8_t mark[8];
    uint64_t last = (uint64_t)(store->next_rid - 1);
    for (size_t i = 0; i < sizeof mark; i++) {
        mark[i] = (uint8_t)(last >> (56 - 8 * i));
    }
    return jl_store_meta_put(store, JL_STORE_LAST_RID_NAME, jl_bytes(mark, sizeof mark), err);
}

static enum jl_rc purge_words_and_body(struct jl_store *store, int64_t rid, bool *out_there,
                                       struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HEAD_WORDS, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    rc = jl_sql_row(&sql, out_there, err);
    if (rc != JL_OK || !*out_there) {
        return rc;
    }
    uint32_t type = jl_sql_get_u32(&sql, 0);
    rc = jl_words_drop(store, type, rid, jl_sql_get_bytes(&sql, 1), err);
    struct jl_typed *typed = jl_typed_of(store, type);
    if (rc == JL_OK && typed != NULL) {
        rc = delete_typed(store, typed, rid, err);
    }
    return rc == JL_OK ? delete_loose(store, type, rid, err) : rc;
}

static enum jl_rc purge_record(struct jl_store *store, int64_t rid, struct jl_err *err) {
    static const enum jl_sql_id forget[] = {JL_SQL_HEAD_DELETE,   JL_SQL_FEED_FORGET,
                                            JL_SQL_BASE_DROP,     JL_SQL_HISTORY_FORGET,
                                            JL_SQL_AUTHOR_FORGET, JL_SQL_RECEIVED_FORGET};
    bool there = false;
    enum jl_rc rc = purge_words_and_body(store, rid, &there, err);
    if (rc != JL_OK || !there) {
        return rc;
    }
    for (size_t i = 0; i < sizeof forget / sizeof forget[0] && rc == JL_OK; i++) {
        JL_AUTO(jl_sql) sql = {0};
        rc = jl_sql_open(store, forget[i], &sql, err);
        if (rc == JL_OK) {
            jl_sql_int(&sql, rid);
            rc = jl_sql_run(&sql, err);
        }
    }
    return rc;
}

enum jl_rc jl_records_purge(struct jl_store *store, const int64_t *rids, size_t count,
                            struct jl_err *err) {
    enum jl_rc rc = jl_store_writable(store, err);
    if (rc == JL_OK && count > 0) {
        rc = mark_last_rid(store, err);
    }
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        rc = purge_record(store, rids[i], err);
    }
    return jl_store_spoil(store, rc);
}
