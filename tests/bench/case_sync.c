/* Upload by twelve devices at once, and the first download of a fresh device. */
#include "plain.h"
#include "site.h"

#include <stdio.h>

/* All twelve start together; the clock stops when the last one has its proof and has ended, which
 * is later than its last verdict. */
static double sync_all(struct bench *bench, const struct bench_site *site, double *out_cpu) {
    struct process processes[SITE_OFFICES];
    char folder[BENCH_PATH_BYTES];
    double start = bench_now();
    *out_cpu = 0;
    for (size_t i = 0; i < bench->offices; i++) {
        site_data(site, site_office_code(i), folder);
        process_start(bench, &processes[i], "jielian-office",
                      (const char *const[]){"sync", "--data", folder, NULL});
    }
    for (size_t i = 0; i < bench->offices; i++) {
        struct process_result result;
        process_wait(&processes[i], &result);
        *out_cpu += result.cpu_seconds;
        if (result.exit_code != 0) {
            process_fail(&processes[i], result.exit_code);
        }
    }
    return bench_now() - start;
}

static uint64_t sent_members(const struct bench_site *site) {
    uint64_t members = 0;
    for (size_t i = 0; i < SITE_OFFICES; i++) {
        members += site->members[i];
    }
    return members;
}

void bench_upload(struct bench *bench) {
    static const char applied[] = "jielian_ops_total{verdict=\"applied\"}";
    struct bench_site *site = site_twelve(bench);
    struct plain_mark before;
    struct plain_result plain;
    double cpu_seconds = 0;
    if (site->uploaded) {
        bench_fail("the upload comes before what needs uploaded offices");
    }
    plain_mark(site->district, &before);
    uint64_t bytes = serving_quiet_bytes(&site->serving);
    uint64_t ops = serving_metric(&site->serving, applied);
    double seconds = sync_all(bench, site, &cpu_seconds);
    bytes = serving_quiet_bytes(&site->serving) - bytes;
    ops = serving_metric(&site->serving, applied) - ops;
    site->uploaded = true;
    uint64_t members = sent_members(site);
    if (ops < members) {
        bench_fail("%llu members were sent, %llu ops were applied", (unsigned long long)members,
                   (unsigned long long)ops);
    }
    plain_run(bench, site->district, PLAIN_DISTRICT, &before, &plain);
    bench_figure(bench,
                 &(struct bench_figure){.name = "upload",
                                        .label = "upload by twelve devices at once",
                                        .unit = "× plain",
                                        .value = plain.seconds / seconds,
                                        .must = 0.5,
                                        .aim = 0.8,
                                        .at_least = true},
                 "%llu ops in %.2f s, plain %.2f s, CPU of the twelve %.2f s",
                 (unsigned long long)ops, seconds, plain.seconds, cpu_seconds);
    bench_figure(bench,
                 &(struct bench_figure){.name = "bytes_member",
                                        .label = "bytes on the wire per created member",
                                        .unit = "bytes",
                                        .value = (double)bytes / (double)members,
                                        .must = 60,
                                        .aim = 40},
                 "%llu bytes of all messages of the twelve syncs, %llu members",
                 (unsigned long long)bytes, (unsigned long long)members);
}

/* Fresh devices, one after the other; the middle one counts. */
void bench_bootstrap(struct bench *bench) {
    struct bench_site *site = site_twelve_uploaded(bench);
    const struct plain_mark nothing = {0};
    struct plain_result plain;
    struct process_result join;
    char folder[BENCH_PATH_BYTES];
    char name[32];
    double seconds[BENCH_ROUNDS];
    double cpu_seconds = 0;
    uint64_t bytes = serving_quiet_bytes(&site->serving);
    for (size_t i = 0; i < bench->rounds; i++) {
        (void)snprintf(name, sizeof name, "fresh%zu", i + 1);
        site_data(site, name, folder);
        site_join(bench, site, site->largest, folder, &join);
        seconds[i] = join.seconds;
        cpu_seconds += join.cpu_seconds / (double)bench->rounds;
    }
    bytes = serving_quiet_bytes(&site->serving) - bytes;
    double middle = bench_middle(seconds, bench->rounds);
    plain_run(bench, folder, PLAIN_FRESH, &nothing, &plain);
    bench_figure(
        bench,
        &(struct bench_figure){.name = "bootstrap",
                               .label = "bootstrap of a fresh device of the largest office",
                               .unit = "× plain",
                               .value = plain.seconds / middle,
                               .must = 0.5,
                               .aim = 0.8,
                               .at_least = true},
        "%llu records in %.2f s with enrolment and proof, plain %.2f s, CPU %.2f s, %.0f "
        "bytes a record",
        (unsigned long long)plain.records, middle, plain.seconds, cpu_seconds,
        (double)bytes / (double)(plain.records * bench->rounds));
}
