/* The district's journal.
 *
 * The journal is dense from 1, and an origin's ops never overlap: both are checked at append, so
 * that a batch taken twice is an error here even if every check before it failed. Origin 0 is the
 * district's own and may number its ops as it likes. */
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/store/journal.h"

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
        rc = jl_fault_at(err, JL_CONFLICT, JL_FAULT_STORE_MOVED_ON,
                         "journal: entry %llu does not follow %llu", (unsigned long long)entry->seq,
                         (unsigned long long)seq);
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
        rc = jl_fault_at(err, JL_CONFLICT, JL_FAULT_STORE_MOVED_ON,
                         "journal: origin %u: op %llu is in it already", (unsigned)entry->origin,
                         (unsigned long long)entry->first_op);
    }
    return rc;
}

enum jl_rc jl_journal_entry_append(struct jl_store *store, const struct jl_journal_entry *entry,
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

enum jl_rc jl_journal_entry_read(struct jl_store *store, uint64_t from, size_t limit,
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

enum jl_rc jl_journal_entry_latest(struct jl_store *store, int64_t *out_ms, struct jl_err *err) {
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

enum jl_rc jl_journal_entry_get(struct jl_store *store, uint64_t seq, struct jl_arena *arena,
                                struct jl_journal_entry *out_entry, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    bool row = false;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_JOURNAL_GET, &sql, err);
    if (rc == JL_OK) {
        jl_sql_int(&sql, jl_sql_clamp(seq));
        rc = jl_sql_row(&sql, &row, err);
    }
    if (rc == JL_OK && !row) {
        rc = jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_STORE_NO_ENTRY, "%llu",
                         (unsigned long long)seq);
    }
    return rc == JL_OK ? dup_entry(&sql, arena, out_entry, err) : rc;
}

enum jl_rc jl_journal_entry_find(struct jl_store *store, uint32_t origin, uint64_t seq,
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
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_STORE_NO_OP, "%u" JL_AND "%llu",
                           (unsigned)origin, (unsigned long long)seq);
    }
    return dup_entry(&sql, arena, out_entry, err);
}
