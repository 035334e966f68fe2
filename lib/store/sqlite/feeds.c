/* Feeds. */
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/store/feeds.h"
#include "jielian/store/store.h"

enum jl_rc jl_feeds_put(struct jl_store *store, const struct jl_feed_entry *entries, size_t count,
                        struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_FEED_PUT, &sql, err);
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        jl_sql_int(&sql, entries[i].feed);
        jl_sql_seq(&sql, entries[i].seq);
        jl_sql_int(&sql, entries[i].rid);
        jl_sql_int(&sql, (int64_t)entries[i].kind);
        jl_sql_int(&sql, entries[i].origin);
        rc = jl_sql_run(&sql, err);
    }
    return rc;
}

static enum jl_rc read_entries(struct jl_sql *sql, size_t capacity,
                               struct jl_feed_entry *out_entries, size_t *out_count,
                               struct jl_err *err) {
    size_t count = 0;
    bool row = false;
    enum jl_rc rc = JL_OK;
    while (count < capacity && (rc = jl_sql_row(sql, &row, err)) == JL_OK && row) {
        int64_t kind = jl_sql_get_int(sql, 3);
        if (kind < JL_FEED_ENTER || kind > JL_FEED_DELETE) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED, "%s" JL_AND "%s",
                               sql->store->path, "a feed entry is of no known kind");
        }
        out_entries[count++] = (struct jl_feed_entry){
            .feed = jl_sql_get_u32(sql, 0),
            .seq = jl_sql_get_u64(sql, 1),
            .rid = jl_sql_get_int(sql, 2),
            .kind = (enum jl_feed_kind)kind,
            .origin = jl_sql_get_u32(sql, 4),
        };
    }
    if (rc == JL_OK) {
        *out_count = count;
    }
    return rc;
}

enum jl_rc jl_feeds_page(struct jl_store *store, uint32_t feed, uint64_t after, size_t limit,
                         struct jl_feed_entry *out_entries, size_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_FEED_PAGE, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, feed);
    jl_sql_int(&sql, jl_sql_clamp(after));
    jl_sql_int(&sql, jl_sql_clamp(limit));
    return read_entries(&sql, limit, out_entries, out_count, err);
}

enum jl_rc jl_feeds_of(struct jl_store *store, int64_t rid, struct jl_feed_entry *out_entries,
                       size_t capacity, size_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_FEEDS_OF, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    jl_sql_int(&sql, jl_sql_clamp(capacity));
    return read_entries(&sql, capacity, out_entries, out_count, err);
}

static enum jl_rc open_counted(struct jl_store *store, uint32_t feed, struct jl_sql *out_sql,
                               struct jl_err *err) {
    if (store->application_id == JL_STORE_OFFICE_ID) {
        return jl_sql_open(store, feed == 0 ? JL_SQL_COUNTED_DISTRICT : JL_SQL_COUNTED_OFFICE,
                           out_sql, err);
    }
    enum jl_rc rc = jl_sql_open(store, JL_SQL_COUNTED_OF_FEED, out_sql, err);
    if (rc == JL_OK) {
        jl_sql_int(out_sql, feed);
    }
    return rc;
}

enum jl_rc jl_feeds_counted(struct jl_store *store, uint32_t feed, jl_counted_fn visit,
                            void *context, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    bool row = false;
    enum jl_rc rc = open_counted(store, feed, &sql, err);
    while (rc == JL_OK && (rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        struct jl_counted record = {.rid = jl_sql_get_int(&sql, 0),
                                    .type = jl_sql_get_u32(&sql, 1)};
        rc = jl_sql_get_fixed(&sql, 2, record.id.bytes, sizeof record.id.bytes, false, err);
        if (rc == JL_OK) {
            rc = jl_sql_get_fixed(&sql, 3, record.hash, sizeof record.hash, true, err);
        }
        if (rc == JL_OK) {
            rc = visit(context, &record, err);
        }
    }
    return rc;
}

/* ---- In order ---- */

static enum jl_rc open_ordered(struct jl_store *store, uint32_t office_feed,
                               const struct jl_record_key *after, size_t limit,
                               struct jl_sql *out_sql, struct jl_err *err) {
    bool office = store->application_id == JL_STORE_OFFICE_ID;
    enum jl_rc rc =
        jl_sql_open(store, office ? JL_SQL_ORDERED : JL_SQL_ORDERED_OF_FEEDS, out_sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(out_sql, after->type);
    jl_sql_blob(out_sql, jl_bytes(after->id.bytes, sizeof after->id.bytes));
    jl_sql_int(out_sql, jl_sql_clamp(limit));
    if (!office) {
        jl_sql_int(out_sql, office_feed);
    }
    return JL_OK;
}

enum jl_rc jl_feeds_ordered(struct jl_store *store, uint32_t office_feed,
                            const struct jl_record_key *after, size_t limit,
                            struct jl_ordered *out_heads, size_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    size_t count = 0;
    bool row = false;
    enum jl_rc rc = open_ordered(store, office_feed, after, limit, &sql, err);
    while (rc == JL_OK && count < limit && (rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        struct jl_ordered *head = &out_heads[count++];
        *head = (struct jl_ordered){.rid = jl_sql_get_int(&sql, 0),
                                    .key.type = jl_sql_get_u32(&sql, 1),
                                    .feeds = jl_sql_get_u32(&sql, 3)};
        rc = jl_sql_get_fixed(&sql, 2, head->key.id.bytes, sizeof head->key.id.bytes, false, err);
    }
    if (rc == JL_OK) {
        *out_count = count;
    }
    return rc;
}

enum jl_rc jl_feeds_types(struct jl_store *store, uint32_t feed, struct jl_arena *arena,
                          struct jl_feeds_type_count **out_counts, size_t *out_count,
                          struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    struct jl_feeds_type_count *counts = NULL;
    size_t count = 0;
    size_t capacity = 0;
    bool row = false;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_TYPES_OF_FEED, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, feed);
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        counts = jl_arena_grow(arena, counts, count, &capacity, sizeof *counts);
        if (counts == NULL) {
            return jl_fault_memory(err);
        }
        counts[count++] = (struct jl_feeds_type_count){.type = jl_sql_get_u32(&sql, 0),
                                                       .count = jl_sql_get_u64(&sql, 1)};
    }
    if (rc == JL_OK) {
        *out_counts = counts;
        *out_count = count;
    }
    return rc;
}
