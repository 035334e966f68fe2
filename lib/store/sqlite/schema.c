/* The fixed tables, in the order of store.h.
 *
 * STRICT everywhere, so that a wrong kind is an error and not a quiet conversion. What is
 * append-only or read by key range is WITHOUT ROWID, which saves a second tree. Partial indexes
 * hold only what is looked for: an applied outbox entry leaves its index. */
#include "schema.h"

#include <stddef.h>
#include <string.h>

const char *const jl_schema_text =
    "CREATE TABLE record("
    "rid INTEGER PRIMARY KEY, type INTEGER NOT NULL, id BLOB NOT NULL, owner INTEGER NOT NULL,"
    " state INTEGER NOT NULL, hash BLOB, changed_ms INTEGER NOT NULL, by_device INTEGER NOT NULL,"
    " by_staff TEXT, last INTEGER NOT NULL, feed_seq INTEGER NOT NULL, title TEXT, words BLOB"
    ") STRICT;"
    "CREATE UNIQUE INDEX ix_record_key ON record(type, id);"

    "CREATE TABLE loose("
    "type INTEGER NOT NULL, rid INTEGER NOT NULL, extra BLOB,"
    " PRIMARY KEY(type, rid)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE word("
    "type INTEGER NOT NULL, word TEXT NOT NULL, rid INTEGER NOT NULL,"
    " PRIMARY KEY(type, word, rid)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE word_new(" /* see words.c */
    "type INTEGER NOT NULL, word TEXT NOT NULL, rid INTEGER NOT NULL,"
    " PRIMARY KEY(type, word, rid)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE feed("
    "feed INTEGER NOT NULL, seq INTEGER NOT NULL, rid INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " origin INTEGER NOT NULL, PRIMARY KEY(feed, seq)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX ix_feed_rid ON feed(rid, feed);"

    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE outbox("
    "pos INTEGER PRIMARY KEY, rid INTEGER NOT NULL, change_set BLOB, made_ms INTEGER NOT NULL,"
    " state INTEGER NOT NULL, body BLOB NOT NULL, reason TEXT, said BLOB) STRICT;"
    "CREATE INDEX ix_outbox_rid ON outbox(rid);"
    "CREATE INDEX ix_outbox_change_set ON outbox(change_set) WHERE change_set IS NOT NULL;"
    "CREATE INDEX ix_outbox_state ON outbox(state, made_ms) WHERE state <> 1;"

    "CREATE TABLE base(rid INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"

    "CREATE TABLE journal("
    "seq INTEGER PRIMARY KEY, origin INTEGER NOT NULL, first_op INTEGER NOT NULL,"
    " op_count INTEGER NOT NULL, at_ms INTEGER NOT NULL, body BLOB NOT NULL,"
    " verdicts BLOB NOT NULL, seal BLOB NOT NULL, head BLOB NOT NULL) STRICT;"
    "CREATE INDEX ix_journal_op ON journal(origin, first_op);"

    "CREATE TABLE held("
    "journal_seq INTEGER NOT NULL, n INTEGER NOT NULL, device INTEGER NOT NULL,"
    " office INTEGER NOT NULL, type INTEGER NOT NULL, id BLOB NOT NULL,"
    " PRIMARY KEY(journal_seq, n)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX ix_held_record ON held(type, id);"

    "CREATE TABLE history("
    "rid INTEGER NOT NULL, journal_seq INTEGER NOT NULL, n INTEGER NOT NULL,"
    " tag INTEGER NOT NULL, PRIMARY KEY(rid, journal_seq, n)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX ix_history_tag ON history(rid, tag) WHERE tag <> 0;"

    "CREATE TABLE author("
    "rid INTEGER NOT NULL, field INTEGER NOT NULL, journal_seq INTEGER NOT NULL,"
    " device INTEGER NOT NULL, office INTEGER NOT NULL, made_ms INTEGER NOT NULL,"
    " staff BLOB NOT NULL, PRIMARY KEY(rid, field)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE received("
    "n INTEGER PRIMARY KEY, rid INTEGER NOT NULL, at_ms INTEGER NOT NULL, body BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX ix_received_rid ON received(rid);"

    "CREATE TABLE device("
    "number INTEGER PRIMARY KEY, office INTEGER NOT NULL, state INTEGER NOT NULL,"
    " curve_public BLOB NOT NULL, sign_public BLOB NOT NULL, name TEXT NOT NULL,"
    " last_seen_ms INTEGER NOT NULL, proven_ms INTEGER NOT NULL, unsent INTEGER NOT NULL,"
    " oldest_unsent_s INTEGER NOT NULL, parked INTEGER NOT NULL, cases INTEGER NOT NULL,"
    " repairs INTEGER NOT NULL, refused INTEGER NOT NULL, disk_free_mib INTEGER NOT NULL,"
    " clock_offset_ms INTEGER NOT NULL, version TEXT NOT NULL, suite INTEGER NOT NULL DEFAULT 1"
    ") STRICT;"

    "CREATE TABLE origin("
    "number INTEGER PRIMARY KEY, device INTEGER NOT NULL, incarnation BLOB NOT NULL UNIQUE,"
    " last_seq INTEGER NOT NULL, last_hash BLOB NOT NULL, cursor_shared INTEGER NOT NULL,"
    " cursor_office INTEGER NOT NULL, retired INTEGER NOT NULL) STRICT;"

    "CREATE TABLE invitation("
    "number INTEGER PRIMARY KEY, office INTEGER NOT NULL, curve_public BLOB NOT NULL,"
    " expires_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL, device INTEGER NOT NULL) STRICT;"

    "CREATE TABLE quarantine("
    "n INTEGER PRIMARY KEY, origin INTEGER NOT NULL, first_seq INTEGER NOT NULL,"
    " op_count INTEGER NOT NULL, at_ms INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE INDEX ix_quarantine_op ON quarantine(origin, first_seq);";

static bool is_in(const char *name, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The tables of schema 1: no catalogue has a type of such a name. */
bool jl_schema_name_taken(const char *name) {
    static const char *const taken[] = {
        "record",  "loose",   "word",     "feed",   "meta",   "outbox",     "base",
        "journal", "history", "received", "device", "origin", "invitation", "quarantine",
    };
    return is_in(name, taken, sizeof taken / sizeof taken[0]) || strncmp(name, "sqlite_", 7) == 0 ||
           strncmp(name, "ix_", 3) == 0;
}

/* The tables that came later: a catalogue may have had a type of that name before. */
bool jl_schema_name_later(const char *name) {
    static const char *const later[] = {"word_new", "held", "author"};
    return is_in(name, later, sizeof later / sizeof later[0]);
}
