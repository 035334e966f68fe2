/* The district's journal, history and authors; the office's list of what it received.
 *
 * The journal is dense from 1, and an origin's ops never overlap: both are checked at append, so
 * that a batch taken twice is an error here even if every check before it failed. Origin 0 is the
 * district's own and may number its ops as it likes. */
#include "store_internal.h"

/* ---- Journal ---- */

/* The one number that a statement gives; 0 when it gives none. */
static enum jl_rc read_number(struct jl_sql *sql, uint64_t *out_number, struct jl_err *err) {
    bool row = false;
    enum jl_rc rc = jl_sql_row(sql, &row, err);
    if (rc == JL_OK) {
        *out_number = row ? jl_sql_get_u64(sql, 0) : 0;
    }
    return rc;
}

static enum jl_rc check_place(struct jl_store *store, const struct jl_journal_entry *entry,
                              struct jl_err *err) {
    JL_AUTO(jl_sql) last = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_JOURNAL_LAST, &last, err);
    uint64_t seq = 0;
    if (rc == JL_OK) {
        rc = read_number(&last, &seq, err);
    }
    if (rc == JL_OK && entry->seq != seq + 1) {
        rc = jl_fail(err, JL_CONFLICT, "journal: entry %llu does not follow %llu: read it again",
                     (unsigned long long)entry->seq, (unsigned long long)seq);
    }
    if (rc != JL_OK || entry->origin == 0) {
        return rc;
    }
    JL_AUTO(jl_sql) last_of = {0};
    rc = jl_sql_open(store, JL_SQL_JOURNAL_LAST_OF, &last_of, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&last_of, entry->origin);
    uint64_t next_op = 0;
    rc = read_number(&last_of, &next_op, err);
    if (rc == JL_OK && entry->first_op < next_op) {
        rc = jl_fail(err, JL_CONFLICT, "journal: origin %u: op %llu is in it already",
                     (unsigned)entry->origin, (unsigned long long)entry->first_op);
    }
    return rc;
}

enum jl_rc jl_store_journal_append(struct jl_store *store, const struct jl_journal_entry *entry,
                                   struct jl_err *err) {
    enum jl_rc rc = check_place(store, entry, err);
    JL_AUTO(jl_sql) sql = {0};
    if (rc == JL_OK) {
        rc = jl_sql_open(store, JL_SQL_JOURNAL_APPEND, &sql, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_seq(&sql, entry->seq);
    jl_sql_int(&sql, entry->origin);
    jl_sql_seq(&sql, entry->first_op);
    jl_sql_int(&sql, entry->op_count);
    jl_sql_int(&sql, entry->at_ms);
    jl_sql_blob(&sql, entry->body);
    jl_sql_blob(&sql, entry->verdicts);
    jl_sql_blob(&sql, entry->seal);
    jl_sql_blob(&sql, entry->head);
    return jl_sql_run(&sql, err);
}

/* Bytes are borrowed from the row. */
static struct jl_journal_entry get_entry(const struct jl_sql *sql) {
    return (struct jl_journal_entry){
        .seq = jl_sql_get_u64(sql, 0),
        .origin = jl_sql_get_u32(sql, 1),
        .first_op = jl_sql_get_u64(sql, 2),
        .op_count = jl_sql_get_u32(sql, 3),
        .at_ms = jl_sql_get_int(sql, 4),
        .body = jl_sql_get_bytes(sql, 5),
        .verdicts = jl_sql_get_bytes(sql, 6),
        .seal = jl_sql_get_bytes(sql, 7),
        .head = jl_sql_get_bytes(sql, 8),
    };
}

enum jl_rc jl_store_journal_read(struct jl_store *store, uint64_t from, size_t limit,
                                 jl_journal_fn visit, void *context, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_make(store,
                                "SELECT " JL_JOURNAL_COLUMNS " FROM journal WHERE seq >= ?1"
                                " ORDER BY seq LIMIT ?2",
                                "reading journal", &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, jl_sql_clamp(from));
    jl_sql_int(&sql, limit == 0 ? INT64_MAX : jl_sql_clamp(limit));
    bool row = false;
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        struct jl_journal_entry entry = get_entry(&sql);
        rc = visit(context, &entry, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return rc;
}

/* A copy whose bytes live in the arena. */
static enum jl_rc dup_entry(const struct jl_sql *sql, struct jl_arena *arena,
                            struct jl_journal_entry *out_entry, struct jl_err *err) {
    struct jl_journal_entry entry = get_entry(sql);
    struct jl_bytes *const parts[] = {&entry.body, &entry.verdicts, &entry.seal, &entry.head};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        enum jl_rc rc = jl_arena_dup(arena, *parts[i], parts[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    *out_entry = entry;
    return JL_OK;
}

enum jl_rc jl_store_journal_latest(struct jl_store *store, int64_t *out_ms, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    uint64_t latest = 0;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_JOURNAL_LATEST, &sql, err);
    if (rc == JL_OK) {
        rc = read_number(&sql, &latest, err);
    }
    if (rc == JL_OK) {
        *out_ms = (int64_t)latest;
    }
    return rc;
}

enum jl_rc jl_store_journal_get(struct jl_store *store, uint64_t seq, struct jl_arena *arena,
                                struct jl_journal_entry *out_entry, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    bool row = false;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_JOURNAL_GET, &sql, err);
    if (rc == JL_OK) {
        jl_sql_int(&sql, jl_sql_clamp(seq));
        rc = jl_sql_row(&sql, &row, err);
    }
    if (rc == JL_OK && !row) {
        rc = jl_fail(err, JL_NOT_FOUND, "journal: no entry %llu", (unsigned long long)seq);
    }
    return rc == JL_OK ? dup_entry(&sql, arena, out_entry, err) : rc;
}

enum jl_rc jl_store_journal_find(struct jl_store *store, uint32_t origin, uint64_t seq,
                                 struct jl_arena *arena, struct jl_journal_entry *out_entry,
                                 struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_JOURNAL_FIND, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, origin);
    jl_sql_int(&sql, jl_sql_clamp(seq));
    bool row = false;
    rc = jl_sql_row(&sql, &row, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (!row || seq - jl_sql_get_u64(&sql, 2) >= jl_sql_get_u32(&sql, 3)) {
        return jl_fail(err, JL_NOT_FOUND, "journal: origin %u: no op %llu", (unsigned)origin,
                       (unsigned long long)seq);
    }
    return dup_entry(&sql, arena, out_entry, err);
}

/* ---- History ---- */

enum jl_rc jl_store_history_append(struct jl_store *store, const struct jl_history_entry *entries,
                                   size_t count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_HISTORY_APPEND, &sql, err);
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        jl_sql_int(&sql, entries[i].rid);
        jl_sql_seq(&sql, entries[i].journal_seq);
        jl_sql_int(&sql, entries[i].index);
        jl_sql_int(&sql, entries[i].tag);
        rc = jl_sql_run(&sql, err);
    }
    return rc;
}

/* The lines that a statement gives; without tags: up to the first that has one. */
static enum jl_rc read_lines(struct jl_sql *sql, bool untagged, struct jl_arena *arena,
                             struct jl_history_entry **out_entries, size_t *out_count,
                             struct jl_err *err) {
    struct jl_history_entry *entries = NULL;
    size_t count = 0;
    size_t capacity = 0;
    bool row = false;
    enum jl_rc rc = JL_OK;
    while ((rc = jl_sql_row(sql, &row, err)) == JL_OK && row) {
        const struct jl_history_entry entry = {
            .rid = jl_sql_get_int(sql, 0),
            .journal_seq = jl_sql_get_u64(sql, 1),
            .index = jl_sql_get_u32(sql, 2),
            .tag = jl_sql_get_u32(sql, 3),
        };
        if (untagged && entry.tag != 0) {
            break;
        }
        entries = jl_arena_grow(arena, entries, count, &capacity, sizeof *entries);
        if (entries == NULL) {
            return jl_fail(err, JL_NOMEM, "no memory for a record's history");
        }
        entries[count++] = entry;
    }
    if (rc == JL_OK) {
        *out_entries = entries;
        *out_count = count;
    }
    return rc;
}

enum jl_rc jl_store_history_of(struct jl_store *store, int64_t rid, struct jl_arena *arena,
                               struct jl_history_entry **out_entries, size_t *out_count,
                               struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HISTORY_OF, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    return read_lines(&sql, false, arena, out_entries, out_count, err);
}

enum jl_rc jl_store_history_before(struct jl_store *store, int64_t rid, uint64_t journal_seq,
                                   uint32_t index, size_t limit, struct jl_arena *arena,
                                   struct jl_history_entry **out_entries, size_t *out_count,
                                   struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HISTORY_BEFORE, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    jl_sql_int(&sql, jl_sql_clamp(journal_seq));
    jl_sql_int(&sql, index);
    jl_sql_int(&sql, jl_sql_clamp(limit));
    return read_lines(&sql, false, arena, out_entries, out_count, err);
}

enum jl_rc jl_store_history_untagged(struct jl_store *store, int64_t rid, struct jl_arena *arena,
                                     struct jl_history_entry **out_entries, size_t *out_count,
                                     struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HISTORY_OF, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    return read_lines(&sql, true, arena, out_entries, out_count, err);
}

enum jl_rc jl_store_history_tagged(struct jl_store *store, int64_t rid, uint32_t tag,
                                   struct jl_arena *arena, struct jl_history_entry **out_entries,
                                   size_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HISTORY_TAGGED, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    jl_sql_int(&sql, tag);
    return read_lines(&sql, false, arena, out_entries, out_count, err);
}

/* ---- Authors ---- */

enum jl_rc jl_store_author_put(struct jl_store *store, const struct jl_author_entry *author,
                               struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_AUTHOR_PUT, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, author->rid);
    jl_sql_int(&sql, author->field);
    jl_sql_seq(&sql, author->journal_seq);
    jl_sql_int(&sql, author->device);
    jl_sql_int(&sql, author->office);
    jl_sql_int(&sql, author->made_ms);
    jl_sql_blob(&sql, author->staff);
    return jl_sql_run(&sql, err);
}

enum jl_rc jl_store_author_forget(struct jl_store *store, int64_t rid, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_AUTHOR_FORGET, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    return jl_sql_run(&sql, err);
}

enum jl_rc jl_store_author_of(struct jl_store *store, int64_t rid, struct jl_arena *arena,
                              struct jl_author_entry **out_authors, size_t *out_count,
                              struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    struct jl_author_entry *authors = NULL;
    size_t count = 0;
    size_t capacity = 0;
    bool row = false;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_AUTHOR_OF, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        authors = jl_arena_grow(arena, authors, count, &capacity, sizeof *authors);
        if (authors == NULL) {
            return jl_fail(err, JL_NOMEM, "no memory for a record's authors");
        }
        struct jl_author_entry *author = &authors[count++];
        *author = (struct jl_author_entry){.rid = rid,
                                           .field = jl_sql_get_u32(&sql, 1),
                                           .journal_seq = jl_sql_get_u64(&sql, 2),
                                           .device = jl_sql_get_u32(&sql, 3),
                                           .office = jl_sql_get_u32(&sql, 4),
                                           .made_ms = jl_sql_get_int(&sql, 5)};
        rc = jl_arena_dup(arena, jl_sql_get_bytes(&sql, 6), &author->staff, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    if (rc == JL_OK) {
        *out_authors = authors;
        *out_count = count;
    }
    return rc;
}

/* ---- Received ---- */

enum jl_rc jl_store_received_append(struct jl_store *store, int64_t rid, int64_t at_ms,
                                    struct jl_bytes body, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_RECEIVED_APPEND, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    jl_sql_int(&sql, at_ms);
    jl_sql_blob(&sql, body);
    return jl_sql_run(&sql, err);
}

enum jl_rc jl_store_received_of(struct jl_store *store, int64_t rid, jl_received_fn visit,
                                void *context, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_make(store, "SELECT at_ms, body FROM received WHERE rid = ?1 ORDER BY n",
                                "reading received", &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    bool row = false;
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        rc = visit(context, jl_sql_get_int(&sql, 0), jl_sql_get_bytes(&sql, 1), err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return rc;
}
