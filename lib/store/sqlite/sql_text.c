/* The texts of the fixed statements, and what each does in the words of an error. */
#include "sql.h"

/* No op of this file stands for the record as refused; 4 is JL_OUTBOX_PARKED. */
#define JL_NOT_REFUSED "NOT EXISTS (SELECT 1 FROM outbox o WHERE o.rid = r.rid AND +o.state = 4)"

const struct jl_sql_text jl_sql_texts[JL_SQL_COUNT] = {
    [JL_SQL_BEGIN_READ] = {"BEGIN", "beginning to read"},
    [JL_SQL_BEGIN_WRITE] = {"BEGIN IMMEDIATE", "beginning to write"},
    [JL_SQL_COMMIT] = {"COMMIT", "commit"},
    [JL_SQL_ROLLBACK] = {"ROLLBACK", "rollback"},
    [JL_SQL_DATA_VERSION] = {"PRAGMA data_version", "reading the version"},

    [JL_SQL_LAST_RID] = {"SELECT max(rid) FROM record", "reading record"},
    [JL_SQL_HEAD_BY_KEY] = {"SELECT " JL_HEAD_COLUMNS " FROM record r WHERE type = ?1 AND id = ?2",
                            "reading record"},
    [JL_SQL_HEAD_BY_RID] = {"SELECT " JL_HEAD_COLUMNS " FROM record r WHERE rid = ?1",
                            "reading record"},
    /* The three statements that write a head share their numbering (records_write.c). */
    [JL_SQL_HEAD_INSERT] = {"INSERT INTO record(rid, type, id, owner, state, hash, changed_ms,"
                            " by_device, by_staff, last, feed_seq, title, words)"
                            " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                            "writing record"},
    [JL_SQL_HEAD_UPDATE] = {"UPDATE record SET owner = ?4, state = ?5, hash = ?6, changed_ms = ?7,"
                            " by_device = ?8, by_staff = ?9, last = ?10, feed_seq = ?11,"
                            " title = ?12 WHERE rid = ?1 AND type = ?2 AND id = ?3",
                            "writing record"},
    [JL_SQL_HEAD_UPDATE_WORDS] = {"UPDATE record SET owner = ?4, state = ?5, hash = ?6,"
                                  " changed_ms = ?7, by_device = ?8, by_staff = ?9, last = ?10,"
                                  " feed_seq = ?11, title = ?12, words = ?13"
                                  " WHERE rid = ?1 AND type = ?2 AND id = ?3",
                                  "writing record"},
    [JL_SQL_HEAD_WORDS] = {"SELECT type, words FROM record WHERE rid = ?1", "reading record"},
    [JL_SQL_HEAD_HASH] = {"UPDATE record SET hash = ?2 WHERE rid = ?1", "writing record"},
    [JL_SQL_HEAD_DELETE] = {"DELETE FROM record WHERE rid = ?1", "purging record"},
    /* The state is written out, so that an index of these records alone can be used. */
    [JL_SQL_ASIDE] = {"SELECT r.rid FROM record r WHERE r.state = 3 AND " JL_NOT_REFUSED
                      " ORDER BY r.rid",
                      "reading record"},
    [JL_SQL_ASIDE_COUNT] = {"SELECT count(*) FROM record r WHERE r.state = 3 AND " JL_NOT_REFUSED,
                            "counting record"},
    [JL_SQL_LOOSE_GET] = {"SELECT extra FROM loose WHERE type = ?1 AND rid = ?2", "reading loose"},
    [JL_SQL_LOOSE_PUT] = {"INSERT INTO loose(type, rid, extra) VALUES(?1, ?2, ?3)"
                          " ON CONFLICT(type, rid) DO UPDATE SET extra = excluded.extra",
                          "writing loose"},
    [JL_SQL_LOOSE_DELETE] = {"DELETE FROM loose WHERE type = ?1 AND rid = ?2", "writing loose"},
    [JL_SQL_LOOSE_TYPE] = {"SELECT type FROM loose WHERE type > ?1 ORDER BY type LIMIT 1",
                           "reading loose"},

    [JL_SQL_WORD_PUT] = {"INSERT OR IGNORE INTO word_new(type, word, rid) VALUES(?1, ?2, ?3)",
                         "writing word"},
    [JL_SQL_WORD_DELETE] = {"DELETE FROM word WHERE type = ?1 AND word = ?2 AND rid = ?3",
                            "writing word"},
    [JL_SQL_WORD_DELETE_NEW] = {"DELETE FROM word_new WHERE type = ?1 AND word = ?2 AND rid = ?3",
                                "writing word"},
    [JL_SQL_WORD_COUNT_NEW] = {"SELECT count(*) FROM word_new", "counting word"},
    [JL_SQL_WORD_ALL_NEW] = {"SELECT type, word, rid FROM word_new ORDER BY type, word, rid",
                             "reading word"},
    [JL_SQL_WORD_JOIN] = {"INSERT OR IGNORE INTO word(type, word, rid) VALUES(?1, ?2, ?3)",
                          "writing word"},
    [JL_SQL_WORD_CLEAR_NEW] = {"DELETE FROM word_new", "writing word"},
    /* The inner queries run one behind the other, and end when there are enough. */
    [JL_SQL_WORD_PREFIX] = {"SELECT DISTINCT rid FROM ("
                            "SELECT rid FROM word WHERE type = ?1 AND word >= ?2 AND word < ?3"
                            " UNION ALL SELECT rid FROM word_new"
                            " WHERE type = ?1 AND word >= ?2 AND word < ?3) LIMIT ?4",
                            "searching word"},
    [JL_SQL_WORD_EXACT] = {"SELECT DISTINCT rid FROM ("
                           "SELECT rid FROM word WHERE type = ?1 AND word = ?2"
                           " UNION ALL SELECT rid FROM word_new WHERE type = ?1 AND word = ?2)"
                           " LIMIT ?3",
                           "searching word"},
    [JL_SQL_WORD_NEXT_TYPE] = {"SELECT min(type) FROM ("
                               "SELECT min(type) AS type FROM word WHERE type > ?1"
                               " UNION ALL SELECT min(type) FROM word_new WHERE type > ?1)",
                               "searching word"},

    [JL_SQL_FEED_PUT] = {"INSERT INTO feed(feed, seq, rid, kind, origin)"
                         " VALUES(?1, ?2, ?3, ?4, ?5)"
                         " ON CONFLICT(rid, feed) DO UPDATE SET seq = excluded.seq,"
                         " kind = excluded.kind, origin = excluded.origin",
                         "writing feed"},
    [JL_SQL_FEED_PAGE] = {"SELECT feed, seq, rid, kind, origin FROM feed"
                          " WHERE feed = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
                          "reading feed"},
    [JL_SQL_FEEDS_OF] = {"SELECT feed, seq, rid, kind, origin FROM feed WHERE rid = ?1"
                         " ORDER BY feed LIMIT ?2",
                         "reading feed"},
    [JL_SQL_FEED_FORGET] = {"DELETE FROM feed WHERE rid = ?1", "purging feed"},
    [JL_SQL_COUNTED_OF_FEED] = {"SELECT r.rid, r.type, r.id, r.hash FROM feed f"
                                " CROSS JOIN record r ON r.rid = f.rid"
                                " WHERE f.feed = ?1 AND f.kind IN (1, 2) AND r.state = 0",
                                "reading a feed"},
    [JL_SQL_COUNTED_DISTRICT] = {"SELECT rid, type, id, hash FROM record"
                                 " WHERE state = 0 AND owner = 0",
                                 "reading a feed"},
    [JL_SQL_COUNTED_OFFICE] = {"SELECT rid, type, id, hash FROM record"
                               " WHERE state = 0 AND owner <> 0",
                               "reading a feed"},
    [JL_SQL_ORDERED_OF_FEEDS] = {"SELECT r.rid, r.type, r.id, CASE WHEN r.state <> 0 THEN 0 ELSE"
                                 " (SELECT coalesce(sum(CASE f.feed WHEN 0 THEN 1 ELSE 2 END), 0)"
                                 " FROM feed f WHERE f.rid = r.rid AND f.feed IN (0, ?4)"
                                 " AND f.kind IN (1, 2)) END FROM record r"
                                 " WHERE (r.type, r.id) > (?1, ?2) ORDER BY r.type, r.id LIMIT ?3",
                                 "reading record"},
    [JL_SQL_ORDERED] = {"SELECT rid, type, id, CASE WHEN state <> 0 THEN 0 WHEN owner = 0 THEN 1"
                        " ELSE 2 END FROM record WHERE (type, id) > (?1, ?2)"
                        " ORDER BY type, id LIMIT ?3",
                        "reading record"},
    [JL_SQL_TYPES_OF_FEED] = {"SELECT r.type, COUNT(*) FROM feed f CROSS JOIN record r"
                              " ON r.rid = f.rid WHERE f.feed = ?1 AND f.kind IN (1, 2)"
                              " AND r.state = 0 GROUP BY r.type ORDER BY r.type",
                              "counting a feed"},
    [JL_SQL_META_GET] = {"SELECT value FROM meta WHERE name = ?1", "reading meta"},
    [JL_SQL_META_PUT] = {"INSERT INTO meta(name, value) VALUES(?1, ?2)"
                         " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                         "writing meta"},

    [JL_SQL_OUTBOX_APPEND] = {"INSERT INTO outbox(" JL_OUTBOX_COLUMNS ")"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                              "writing outbox"},
    [JL_SQL_OUTBOX_RANGE] = {"SELECT " JL_OUTBOX_COLUMNS " FROM outbox WHERE pos >= ?1"
                             " ORDER BY pos LIMIT ?2",
                             "reading outbox"},
    [JL_SQL_OUTBOX_OF] = {"SELECT " JL_OUTBOX_COLUMNS " FROM outbox WHERE rid = ?1 ORDER BY pos",
                          "reading outbox"},
    [JL_SQL_OUTBOX_OF_CHANGE_SET] = {"SELECT " JL_OUTBOX_COLUMNS " FROM outbox"
                                     " WHERE change_set = ?1 ORDER BY pos",
                                     "reading outbox"},
    [JL_SQL_OUTBOX_IN] =
        {"SELECT pos, rid, change_set, made_ms, state, x'', reason, said FROM outbox"
         " WHERE state = ?1 AND state <> 1 ORDER BY pos",
         "reading outbox"},
    /* The plus keeps the range of positions as the way in. */
    [JL_SQL_OUTBOX_CONFIRM] = {"UPDATE outbox SET state = 1"
                               " WHERE pos BETWEEN ?1 AND ?2 AND +state = 0",
                               "confirming outbox"},
    [JL_SQL_OUTBOX_REOPEN] = {"UPDATE outbox SET state = 0, reason = NULL, said = NULL"
                              " WHERE pos BETWEEN ?1 AND ?2 AND +state <> 5",
                              "reopening outbox"},
    [JL_SQL_OUTBOX_SET] = {"UPDATE outbox SET state = ?2, reason = ?3, said = ?4 WHERE pos = ?1",
                           "writing outbox"},
    [JL_SQL_OUTBOX_BODY] = {"UPDATE outbox SET body = ?2 WHERE pos = ?1", "writing outbox"},
    /* The second condition says that the partial index may be used. */
    [JL_SQL_OUTBOX_COUNT] = {"SELECT count(*), min(made_ms) FROM outbox"
                             " WHERE state = ?1 AND state <> 1",
                             "counting outbox"},
    [JL_SQL_OUTBOX_COUNT_APPLIED] = {"SELECT count(*), min(made_ms) FROM outbox WHERE state = 1",
                                     "counting outbox"},
    [JL_SQL_OUTBOX_TRIM] = {"DELETE FROM outbox WHERE pos <= ?1 AND pos < coalesce("
                            "(SELECT min(pos) FROM outbox WHERE state IN (0, 4)), ?1 + 1)",
                            "trimming outbox"},
    [JL_SQL_BASE_GET] = {"SELECT body FROM base WHERE rid = ?1", "reading base"},
    [JL_SQL_BASE_PUT] = {"INSERT INTO base(rid, body) VALUES(?1, ?2)"
                         " ON CONFLICT(rid) DO UPDATE SET body = excluded.body",
                         "writing base"},
    [JL_SQL_BASE_TRIM] = {"DELETE FROM base WHERE rid IN (SELECT b.rid FROM base b"
                          " JOIN record r ON r.rid = b.rid WHERE r.last <= ?1)",
                          "trimming base"},
    [JL_SQL_BASE_DROP] = {"DELETE FROM base WHERE rid = ?1", "writing base"},

    [JL_SQL_JOURNAL_LAST] = {"SELECT max(seq) FROM journal", "reading journal"},
    [JL_SQL_JOURNAL_LAST_OF] = {"SELECT first_op + op_count FROM journal WHERE origin = ?1"
                                " ORDER BY first_op DESC LIMIT 1",
                                "reading journal"},
    [JL_SQL_JOURNAL_LATEST] = {"SELECT max(at_ms) FROM journal WHERE at_ms > 0", "reading journal"},
    [JL_SQL_JOURNAL_APPEND] = {"INSERT INTO journal(" JL_JOURNAL_COLUMNS ")"
                               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                               "writing journal"},
    [JL_SQL_JOURNAL_GET] = {"SELECT " JL_JOURNAL_COLUMNS " FROM journal WHERE seq = ?1",
                            "reading journal"},
    [JL_SQL_JOURNAL_FIND] = {"SELECT " JL_JOURNAL_COLUMNS " FROM journal"
                             " WHERE origin = ?1 AND first_op <= ?2 ORDER BY first_op DESC LIMIT 1",
                             "reading journal"},
    [JL_SQL_HISTORY_APPEND] = {"INSERT INTO history(rid, journal_seq, n, tag)"
                               " VALUES(?1, ?2, ?3, ?4)",
                               "writing history"},
    [JL_SQL_HISTORY_OF] = {"SELECT rid, journal_seq, n, tag FROM history WHERE rid = ?1"
                           " ORDER BY journal_seq, n",
                           "reading history"},
    [JL_SQL_HISTORY_BEFORE] = {"SELECT rid, journal_seq, n, tag FROM history WHERE rid = ?1"
                               " AND (journal_seq, n) < (?2, ?3)"
                               " ORDER BY journal_seq DESC, n DESC LIMIT ?4",
                               "reading history"},
    [JL_SQL_HISTORY_TAGGED] = {"SELECT rid, journal_seq, n, tag FROM history WHERE rid = ?1"
                               " AND tag = ?2 AND tag <> 0 ORDER BY journal_seq, n",
                               "reading history"},
    [JL_SQL_HISTORY_FORGET] = {"DELETE FROM history WHERE rid = ?1", "purging history"},
    [JL_SQL_AUTHOR_PUT] = {"INSERT OR REPLACE INTO author(" JL_AUTHOR_COLUMNS ")"
                           " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                           "writing authors"},
    [JL_SQL_AUTHOR_OF] = {"SELECT " JL_AUTHOR_COLUMNS " FROM author WHERE rid = ?1 ORDER BY field",
                          "reading authors"},
    [JL_SQL_AUTHOR_FORGET] = {"DELETE FROM author WHERE rid = ?1", "forgetting authors"},
    [JL_SQL_HELD_PUT] = {"INSERT INTO held(" JL_HELD_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                         "writing held"},
    [JL_SQL_HELD_DROP] = {"DELETE FROM held WHERE journal_seq = ?1 AND n = ?2", "writing held"},
    [JL_SQL_HELD_OF] = {"SELECT " JL_HELD_COLUMNS " FROM held WHERE type = ?1 AND id = ?2"
                        " ORDER BY journal_seq, n",
                        "reading held"},
    [JL_SQL_HELD_ALL] = {"SELECT " JL_HELD_COLUMNS " FROM held WHERE (journal_seq, n) > (?1, ?2)"
                         " ORDER BY journal_seq, n LIMIT ?3",
                         "reading held"},
    [JL_SQL_HELD_COUNT] = {"SELECT count(*) FROM held WHERE ?1 = 0 OR office = ?1",
                           "counting held"},
    [JL_SQL_RECEIVED_APPEND] = {"INSERT INTO received(rid, at_ms, body) VALUES(?1, ?2, ?3)",
                                "writing received"},
    [JL_SQL_RECEIVED_FORGET] = {"DELETE FROM received WHERE rid = ?1", "purging received"},

    [JL_SQL_DEVICES] = {"SELECT number, office, state, curve_public, sign_public, name,"
                        " last_seen_ms, proven_ms, unsent, oldest_unsent_s, parked, cases, repairs,"
                        " refused, disk_free_mib, clock_offset_ms, version, suite"
                        " FROM device ORDER BY number",
                        "reading device"},
    [JL_SQL_DEVICE_PUT] = {"INSERT OR REPLACE INTO device(number, office, state, curve_public,"
                           " sign_public, name, last_seen_ms, proven_ms, unsent, oldest_unsent_s,"
                           " parked, cases, repairs, refused, disk_free_mib, clock_offset_ms,"
                           " version, suite) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
                           " ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
                           "writing device"},
    [JL_SQL_ORIGINS] = {"SELECT number, device, incarnation, last_seq, last_hash, cursor_shared,"
                        " cursor_office, retired FROM origin ORDER BY number",
                        "reading origin"},
    [JL_SQL_ORIGIN_PUT] = {"INSERT INTO origin(number, device, incarnation, last_seq, last_hash,"
                           " cursor_shared, cursor_office, retired)"
                           " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                           " ON CONFLICT(number) DO UPDATE SET device = excluded.device,"
                           " incarnation = excluded.incarnation, last_seq = excluded.last_seq,"
                           " last_hash = excluded.last_hash,"
                           " cursor_shared = excluded.cursor_shared,"
                           " cursor_office = excluded.cursor_office, retired = excluded.retired",
                           "writing origin"},
    [JL_SQL_INVITATIONS] = {"SELECT number, office, curve_public, expires_ms, used_ms, device"
                            " FROM invitation ORDER BY number",
                            "reading invitation"},
    [JL_SQL_INVITATION_PUT] = {"INSERT OR REPLACE INTO invitation(number, office, curve_public,"
                               " expires_ms, used_ms, device) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                               "writing invitation"},
    [JL_SQL_QUARANTINE_HAS] = {"SELECT 1 FROM quarantine WHERE origin = ?1 AND first_seq = ?2"
                               " AND op_count = ?3 AND body = ?4 LIMIT 1",
                               "reading quarantine"},
    [JL_SQL_QUARANTINE_PUT] = {"INSERT INTO quarantine(origin, first_seq, op_count, at_ms, body)"
                               " VALUES(?1, ?2, ?3, ?4, ?5)",
                               "writing quarantine"},
    [JL_SQL_QUARANTINE_DROP] = {"DELETE FROM quarantine WHERE origin = ?1", "writing quarantine"},

    [JL_SQL_TABLE_COLUMNS] = {"SELECT name, type FROM pragma_table_info(?1, 'main')",
                              "reading the schema"},
    [JL_SQL_TABLE_INDEXES] = {"SELECT name FROM sqlite_schema WHERE type = 'index'"
                              " AND tbl_name = ?1",
                              "reading the schema"},
};
