/* What small things cost on the wire: an edit, a sync with nothing to do, the repair of one row and
 * of a hundred.
 *
 * Counted at the district by /metrics: all messages of all kinds in both directions while nobody
 * else is connected, without what CURVE and TCP add. */
#include "site.h"

#include "client/books/office.h"
#include "jielian/base/file.h"
#include "jielian/net/net.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "client/books/repair.h"
#include "office_pen.h"

enum { EDITS = 5 };

static const char proofs[] = "jielian_proofs_total{result=\"identical\"}";

static void wait_for_proofs(const struct serving *serving, uint64_t more_than) {
    double start = bench_now();
    while (serving_metric(serving, proofs) <= more_than) {
        if (bench_now() - start > 60) {
            bench_fail("no proof within 60 s");
        }
        bench_nap_ms(5);
    }
}

static void measure_step(struct bench *bench, struct bench_site *site, const char *folder) {
    uint64_t bytes = serving_quiet_bytes(&site->serving);
    site_sync(bench, folder, NULL);
    bytes = serving_quiet_bytes(&site->serving) - bytes;
    bench_figure(bench,
                 &(struct bench_figure){.name = "bytes_in_step",
                                        .label = "sync of an office already in step",
                                        .unit = "bytes",
                                        .value = (double)bytes,
                                        .must = 800,
                                        .aim = 400},
                 "Hello, Welcome, Proof, Proved of `sync`");
}

static void measure_edit(struct bench *bench, struct bench_site *site, const char *folder) {
    struct process run;
    struct process_result ended;
    struct office_pen pen;
    double bytes[EDITS];
    uint64_t proven = serving_metric(&site->serving, proofs);
    process_start(bench, &run, "jielian-office",
                  (const char *const[]){"run", "--data", folder, NULL});
    wait_for_proofs(&site->serving, proven);
    office_pen_take(folder, &pen);
    for (int i = 0; i < EDITS; i++) {
        uint64_t before = serving_quiet_bytes(&site->serving);
        proven = serving_metric(&site->serving, proofs);
        office_pen_edit(&pen);
        wait_for_proofs(&site->serving, proven);
        bytes[i] = (double)(serving_quiet_bytes(&site->serving) - before);
    }
    office_pen_drop(&pen);
    process_stop(&run, &ended);
    qsort(bytes, EDITS, sizeof bytes[0], bench_compare_doubles);
    bench_figure(bench,
                 &(struct bench_figure){.name = "bytes_edit",
                                        .label = "one-field edit, all messages both ways",
                                        .unit = "bytes",
                                        .value = bytes[EDITS / 2],
                                        .must = 400,
                                        .aim = 150},
                 "Push, Verdicts, Proof, Proved of a connected `run`; the middle of %d", EDITS);
}

void bench_messages(struct bench *bench) {
    struct bench_site *site = site_twelve_uploaded(bench);
    char folder[BENCH_PATH_BYTES];
    site_data(site, site_office_code(site->largest), folder);
    site_sync(bench, folder, NULL);
    measure_step(bench, site, folder);
    measure_edit(bench, site, folder);
}

/* ---- Repair ---- */

static int64_t one_number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        bench_fail("%s: %s", sql, sqlite3_errmsg(db));
    }
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

enum { ROWS_MANY = 100 };

/* Every so many-th member gets another name; counts those that have it. */
static int64_t damage_or_look(const char *folder, int rows) {
    sqlite3 *db = NULL;
    char path[BENCH_PATH_BYTES];
    char sql[256];
    bench_path(folder, "jielian.db", path);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
        bench_fail("%s: cannot be opened", path);
    }
    snprintf(sql, sizeof sql,
             "UPDATE member SET name = 'X' WHERE rid IN (SELECT rid FROM (SELECT rid, row_number()"
             " OVER (ORDER BY rid) AS n, count(*) OVER () AS members FROM member)"
             " WHERE n %% (members / %d) = 1 LIMIT %d)",
             rows, rows);
    if (rows > 0 && sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        bench_fail("%s: %s", path, sqlite3_errmsg(db));
    }
    int64_t damaged = one_number(db, "SELECT count(*) FROM member WHERE name = 'X'");
    sqlite3_close(db);
    return damaged;
}

/* All messages from Hello to the proof after the repair. */
static double repair(struct bench *bench, struct bench_site *site, const char *folder, int rows) {
    struct process run;
    struct process_result ended;
    if (damage_or_look(folder, rows) != rows) {
        bench_fail("not %d rows were damaged", rows);
    }
    uint64_t bytes = serving_quiet_bytes(&site->serving);
    uint64_t proven = serving_metric(&site->serving, proofs);
    process_start(bench, &run, "jielian-office",
                  (const char *const[]){"run", "--data", folder, NULL});
    wait_for_proofs(&site->serving, proven);
    bytes = serving_quiet_bytes(&site->serving) - bytes;
    process_stop(&run, &ended);
    if (damage_or_look(folder, 0) != 0) {
        bench_fail("damaged rows were not repaired");
    }
    return (double)bytes;
}

void bench_repair(struct bench *bench) {
    struct bench_site *site = site_twelve_uploaded(bench);
    char folder[BENCH_PATH_BYTES];
    unsigned long long members = site->members[site->largest];
    site_data(site, site_office_code(site->largest), folder);
    site_sync(bench, folder, NULL);
    double one = repair(bench, site, folder, 1);
    bench_figure(bench,
                 &(struct bench_figure){.name = "bytes_repair",
                                        .label = "repair of one damaged row",
                                        .unit = "bytes",
                                        .value = one,
                                        .must = 2500,
                                        .aim = 1500},
                 "from Hello to the second proof, office of %llu members", members);
    if (members < ROWS_MANY * JL_REREAD_SHARE) {
        return; /* so many would be read anew */
    }
    double many = repair(bench, site, folder, ROWS_MANY);
    bench_figure(bench,
                 &(struct bench_figure){.name = "bytes_repair_100",
                                        .label = "repair of 100 damaged rows",
                                        .unit = "bytes",
                                        .value = many,
                                        .must = 40000,
                                        .aim = 30000},
                 "the same, spread over all members");
}
