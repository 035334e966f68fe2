/* Import at one office, and what an office needs of memory.
 *
 * The members of all twelve offices are one file for one office: 189,000 rows at scale 1. Its
 * unions and units are imported before; no district is running. */
#include "plain.h"
#include "site.h"

static void join_alone(struct bench *bench, struct bench_site *site, const char *folder) {
    serving_start(bench, site->district, &site->serving);
    site_join(bench, site, 0, folder, NULL);
    serving_stop(&site->serving, NULL);
}

static void import_before_members(struct bench *bench, const char *folder) {
    char path[BENCH_PATH_BYTES];
    struct site_import import;
    for (int table = 0; table < SITE_MEMBERS; table++) {
        site_joined_file(bench, (enum site_table)table, 0, path);
        site_import_all(bench, folder, (enum site_table)table, path, &import);
    }
}

void bench_import(struct bench *bench) {
    struct bench_site site = {0};
    struct plain_mark before;
    struct plain_result plain;
    struct site_import import;
    char folder[BENCH_PATH_BYTES];
    char path[BENCH_PATH_BYTES];
    site_init(bench, &site, "import", 1);
    site_data(&site, "office", folder);
    join_alone(bench, &site, folder);
    import_before_members(bench, folder);
    plain_mark(folder, &before);
    site_joined_file(bench, SITE_MEMBERS, 0, path);
    site_import_all(bench, folder, SITE_MEMBERS, path, &import);
    plain_run(bench, folder, PLAIN_OFFICE, &before, &plain);
    bench_figure(bench,
                 &(struct bench_figure){.name = "import",
                                        .label = "office import of the full member file",
                                        .unit = "× plain",
                                        .value = plain.seconds / import.process.seconds,
                                        .must = 0.4,
                                        .aim = 0.67,
                                        .at_least = true},
                 "%llu rows in %.2f s, plain %.2f s, CPU %.2f s", (unsigned long long)import.rows,
                 import.process.seconds, plain.seconds, import.process.cpu_seconds);
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

void bench_memory(struct bench *bench) {
    struct bench_site site = {0};
    struct site_import import;
    struct process_result sync;
    struct process_result join;
    char folder[BENCH_PATH_BYTES];
    char path[BENCH_PATH_BYTES];
    site_init(bench, &site, "memory", 1);
    site_data(&site, "office", folder);
    join_alone(bench, &site, folder);
    import_before_members(bench, folder);
    site_joined_file(bench, SITE_MEMBERS, bench_scaled(bench, 50000, 100), path);
    site_import_all(bench, folder, SITE_MEMBERS, path, &import);
    serving_start(bench, site.district, &site.serving);
    site_sync(bench, folder, &sync);
    site_data(&site, "second", folder);
    site_join(bench, &site, 0, folder, &join);
    serving_stop(&site.serving, NULL);
    bench_figure(bench,
                 &(struct bench_figure){
                     .name = "memory_office",
                     .label = "peak memory of an office with 50,000 records",
                     .unit = "MiB",
                     .value = larger(larger(import.process.peak_mib, sync.peak_mib), join.peak_mib),
                     .must = 96,
                     .aim = 48},
                 "%llu members: import %.0f, sync %.0f, join %.0f MiB",
                 (unsigned long long)import.rows, import.process.peak_mib, sync.peak_mib,
                 join.peak_mib);
}
