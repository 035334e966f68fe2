/* What small things cost on the wire: an edit, a sync with nothing to do, the repair of one row.
 *
 * Counted at the district by /metrics: all messages of all kinds in both directions while nobody
 * else is connected, without what CURVE and TCP add. */
#include "site.h"

#include "client/books/office.h"
#include "jielian/base/file.h"
#include "jielian/net/net.h"

#include <sqlite3.h>
#include <stdlib.h>

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

static void damage_or_look(const char *folder, bool damage, int64_t *out_damaged) {
    sqlite3 *db = NULL;
    char path[BENCH_PATH_BYTES];
    bench_path(folder, "jielian.db", path);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
        bench_fail("%s: cannot be opened", path);
    }
    if (damage && sqlite3_exec(db,
                               "UPDATE member SET name = 'X' WHERE rid ="
                               " (SELECT rid FROM member ORDER BY rid LIMIT 1 OFFSET"
                               " (SELECT count(*) / 2 FROM member))",
                               NULL, NULL, NULL) != SQLITE_OK) {
        bench_fail("%s: %s", path, sqlite3_errmsg(db));
    }
    *out_damaged = one_number(db, "SELECT count(*) FROM member WHERE name = 'X'");
    sqlite3_close(db);
}

void bench_repair(struct bench *bench) {
    struct bench_site *site = site_twelve_uploaded(bench);
    struct process run;
    struct process_result ended;
    char folder[BENCH_PATH_BYTES];
    int64_t damaged = 0;
    site_data(site, site_office_code(site->largest), folder);
    site_sync(bench, folder, NULL);
    damage_or_look(folder, true, &damaged);
    if (damaged != 1) {
        bench_fail("%lld rows were damaged instead of one", (long long)damaged);
    }
    uint64_t bytes = serving_quiet_bytes(&site->serving);
    uint64_t proven = serving_metric(&site->serving, proofs);
    process_start(bench, &run, "jielian-office",
                  (const char *const[]){"run", "--data", folder, NULL});
    wait_for_proofs(&site->serving, proven);
    bytes = serving_quiet_bytes(&site->serving) - bytes;
    process_stop(&run, &ended);
    damage_or_look(folder, false, &damaged);
    if (damaged != 0) {
        bench_fail("the damaged row was not repaired");
    }
    bench_figure(bench,
                 &(struct bench_figure){.name = "bytes_repair",
                                        .label = "repair of one damaged row",
                                        .unit = "bytes",
                                        .value = (double)bytes,
                                        .must = 20480,
                                        .aim = 10240},
                 "from Hello to the second proof, office of %llu members",
                 (unsigned long long)site->members[site->largest]);
}
