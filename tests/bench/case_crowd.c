/* A thousand devices that return at once, and the district when it holds a million records. */
#include "crowd.h"
#include "plain.h"
#include "site.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/resource.h>

enum { OPS_EACH = 20, UPLOADERS = 12, FILES_PER_CLIENT = 4 };

static int64_t district_number(const char *folder, const char *sql) {
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    char path[BENCH_PATH_BYTES];
    bench_path(folder, "jielian.db", path);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        bench_fail("%s: %s", path, sqlite3_errmsg(db));
    }
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

/* Every op once, none lost, none doubled. */
static void check_all_there(const char *folder, size_t ops) {
    int64_t members = district_number(folder, "SELECT count(*) FROM member m JOIN record r"
                                              " ON r.rid = m.rid WHERE r.state = 0");
    int64_t journal = district_number(folder, "SELECT coalesce(sum(op_count), 0) FROM journal"
                                              " WHERE origin <> 0");
    if (members != (int64_t)ops || journal != (int64_t)ops) {
        bench_fail("%zu ops were confirmed; the district has %lld members and %lld ops", ops,
                   (long long)members, (long long)journal);
    }
}

/* For our own side of the connections only: the district lives with what the system gives it. */
static void allow_files(size_t clients) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        bench_fail("the limit of open files is not known");
    }
    rlim_t need = clients * FILES_PER_CLIENT + 256;
    if (limit.rlim_cur < need) {
        limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void bench_crowd(struct bench *bench) {
    struct bench_site site = {0};
    struct crowd crowd;
    size_t devices = bench_scaled(bench, 1000, 20);
    devices = devices > 1000 ? 1000 : devices;
    site_init(bench, &site, "crowd", bench->offices);
    crowd_enrol(&crowd, site.district, devices, bench->offices);
    crowd_add_ops(&crowd, OPS_EACH);
    serving_start(bench, site.district, &site.serving);
    allow_files(devices);
    double start = bench_now();
    crowd_connect(&crowd, site.serving.endpoint);
    (void)crowd_run(&crowd);
    double seconds = bench_now() - start;
    uint64_t busy = crowd.refused_busy;
    double peak_mib = process_peak_mib(&site.serving.process);
    crowd_fini(&crowd);
    serving_stop(&site.serving, NULL);
    check_all_there(site.district, devices * OPS_EACH);
    bench_figure(bench,
                 &(struct bench_figure){.name = "returning",
                                        .label = "1,000 devices return at once with 20 ops each",
                                        .unit = "s",
                                        .value = seconds,
                                        .aim = 10},
                 "%zu devices, %zu ops, all confirmed and counted; %llu told to wait; district "
                 "%.0f MiB",
                 devices, devices * OPS_EACH, (unsigned long long)busy, peak_mib);
}

/* ---- Growth ---- */

/* Ops a second, from the first batch to the last verdict; connecting is not counted. */
static double upload_rate(struct crowd *crowd, const struct serving *serving, size_t ops) {
    static const char commits[] = "jielian_group_commit_ops_count";
    size_t each = ops / UPLOADERS;
    crowd_connect(crowd, serving->endpoint);
    crowd_greet(crowd);
    crowd_add_ops(crowd, each);
    uint64_t before = serving_metric(serving, commits);
    double seconds = crowd_run(crowd);
    uint64_t groups = serving_metric(serving, commits) - before;
    crowd_disconnect(crowd);
    bench_say("%zu ops in %.2f s, %llu commits", each * UPLOADERS, seconds,
              (unsigned long long)groups);
    return (double)(each * UPLOADERS) / seconds;
}

static void start_district(struct bench *bench, const char *name, struct bench_site *site,
                           struct crowd *crowd, size_t few) {
    site_init(bench, site, name, bench->offices);
    crowd_enrol(crowd, site->district, UPLOADERS, bench->offices);
    serving_start(bench, site->district, &site->serving);
    (void)upload_rate(crowd, &site->serving, few);
}

static void stop_district(struct bench_site *site, struct crowd *crowd) {
    size_t all = crowd->maker.made;
    crowd_fini(crowd);
    serving_stop(&site->serving, NULL);
    check_all_there(site->district, all);
}

/* The same probe several times on districts with few records, then on one with many. */
void bench_growth(struct bench *bench) {
    struct bench_site site = {0};
    struct crowd crowd;
    double early[BENCH_ROUNDS];
    double late[BENCH_ROUNDS];
    char name[32];
    size_t few = bench_scaled(bench, 10000, 240);
    size_t many = bench_scaled(bench, 1000000, 1200);
    size_t probe = bench_scaled(bench, 30000, 240);
    for (size_t i = 0; i < bench->rounds; i++) {
        (void)snprintf(name, sizeof name, "growth%zu", i + 1);
        if (i > 0) {
            stop_district(&site, &crowd);
            site = (struct bench_site){0};
        }
        start_district(bench, name, &site, &crowd, few);
        early[i] = upload_rate(&crowd, &site.serving, probe);
    }
    (void)upload_rate(&crowd, &site.serving, many - few - probe);
    for (size_t i = 0; i < bench->rounds; i++) {
        late[i] = upload_rate(&crowd, &site.serving, probe);
    }
    double peak_mib = process_peak_mib(&site.serving.process);
    size_t all = crowd.maker.made;
    stop_district(&site, &crowd);
    double early_rate = bench_middle(early, bench->rounds);
    double late_rate = bench_middle(late, bench->rounds);
    bench_figure(bench,
                 &(struct bench_figure){.name = "growth",
                                        .label = "upload rate with 1 M records there ÷ with 10 k",
                                        .unit = "×",
                                        .value = late_rate / early_rate,
                                        .must = 0.6,
                                        .aim = 0.9,
                                        .at_least = true},
                 "%zu ops on top of %zu: %.0f a second; on top of %zu: %.0f; middles of %zu", probe,
                 many, late_rate, few, early_rate, bench->rounds);
    bench_figure(bench,
                 &(struct bench_figure){.name = "memory_district",
                                        .label = "peak memory of the district with 1 M records",
                                        .unit = "MiB",
                                        .value = peak_mib,
                                        .must = 384,
                                        .aim = 192},
                 "`serve` through the whole of it, %zu records", all);
}
