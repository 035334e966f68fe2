/* Names that become table and column names.
 *
 * The keywords are those of SQLite 3.40 and the reserved ones of PostgreSQL 15: SQL quotes all
 * names, but a person at a `sqlite3` prompt should not have to. Built-in names are not checked
 * against this list. */
#include "entry.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"

#include <stdlib.h>
#include <string.h>

/* Sorted. */
static const char *const keywords[] = {
    "abort",
    "action",
    "add",
    "after",
    "all",
    "alter",
    "always",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "attach",
    "authorization",
    "autoincrement",
    "before",
    "begin",
    "between",
    "binary",
    "both",
    "by",
    "cascade",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "commit",
    "concurrently",
    "conflict",
    "constraint",
    "create",
    "cross",
    "current",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "database",
    "default",
    "deferrable",
    "deferred",
    "delete",
    "desc",
    "detach",
    "distinct",
    "do",
    "drop",
    "each",
    "else",
    "end",
    "escape",
    "except",
    "exclude",
    "exclusive",
    "exists",
    "explain",
    "fail",
    "false",
    "fetch",
    "filter",
    "first",
    "following",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "generated",
    "glob",
    "grant",
    "group",
    "groups",
    "having",
    "if",
    "ignore",
    "ilike",
    "immediate",
    "in",
    "index",
    "indexed",
    "initially",
    "inner",
    "insert",
    "instead",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "key",
    "last",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "match",
    "materialized",
    "natural",
    "no",
    "not",
    "nothing",
    "notnull",
    "null",
    "nulls",
    "of",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "others",
    "outer",
    "over",
    "overlaps",
    "partition",
    "placing",
    "plan",
    "pragma",
    "preceding",
    "primary",
    "query",
    "raise",
    "range",
    "recursive",
    "references",
    "regexp",
    "reindex",
    "release",
    "rename",
    "replace",
    "restrict",
    "returning",
    "right",
    "rollback",
    "row",
    "rows",
    "savepoint",
    "select",
    "session_user",
    "set",
    "similar",
    "some",
    "symmetric",
    "table",
    "tablesample",
    "temp",
    "temporary",
    "then",
    "ties",
    "to",
    "trailing",
    "transaction",
    "trigger",
    "true",
    "unbounded",
    "union",
    "unique",
    "update",
    "user",
    "using",
    "vacuum",
    "values",
    "variadic",
    "verbose",
    "view",
    "virtual",
    "when",
    "where",
    "window",
    "with",
    "without",
};

/* Columns of the store's own, and the system columns of SQLite and PostgreSQL. */
static const char *const own_columns[] = {
    "rid", "id",       "type", "owner", "deleted", "hash", "extra", "rowid",
    "oid", "tableoid", "xmin", "xmax",  "cmin",    "cmax", "ctid",  NULL,
};

/* Tables of the store's own. Later ones are not refused, for a catalogue in use may have a type of
 * that name: the store sets its table aside (jl_schema_name_later). */
static const char *const own_tables[] = {
    "record",  "loose",    "word",   "feed",   "meta",       "outbox",     "base",     "journal",
    "history", "received", "device", "origin", "invitation", "quarantine", "word_new", NULL,
};

static int compare_keyword(const void *name, const void *keyword) {
    return strcmp(name, *(const char *const *)keyword);
}

enum jl_rc jl_entry_check_name(const char *name, struct jl_err *err) {
    size_t size = strlen(name);
    bool good = size <= JL_ENTRY_NAME_BYTES && name[0] >= 'a' && name[0] <= 'z';
    for (size_t i = 0; good && i < size; i++) {
        char c = name[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    if (!good) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_NAME, "%.*s" JL_AND "%d",
                           jl_entry_cut(name), name, (int)JL_ENTRY_NAME_BYTES);
    }
    return JL_OK;
}

static enum jl_rc check_keyword(const char *name, struct jl_err *err) {
    if (bsearch(name, keywords, sizeof keywords / sizeof keywords[0], sizeof keywords[0],
                compare_keyword) != NULL) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_NAME_SQL, "%s", name);
    }
    return JL_OK;
}

static bool is_in(const char *name, const char *const *list) {
    for (size_t i = 0; list[i] != NULL; i++) {
        if (strcmp(list[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

static bool ends_with(const char *text, const char *end) {
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

enum jl_rc jl_entry_check_column(const char *name, struct jl_err *err) {
    enum jl_rc rc = jl_entry_check_name(name, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (is_in(name, own_columns) || ends_with(name, "_tag")) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_NAME_COLUMN, "%s", name);
    }
    return check_keyword(name, err);
}

enum jl_rc jl_entry_check_table(const char *name, struct jl_err *err) {
    enum jl_rc rc = jl_entry_check_name(name, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (is_in(name, own_tables) || starts_with(name, "jl_") || starts_with(name, "ix_") ||
        starts_with(name, "sqlite_") || starts_with(name, "pg_")) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_NAME_TABLE, "%s", name);
    }
    return check_keyword(name, err);
}
