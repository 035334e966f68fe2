/* What the machine is like: cores, load, and how long the disk takes to keep a page. */
#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { SYNCS = 200, PAGE_BYTES = 8192 };

void bench_fsync_open(const char *folder, struct bench_fsync *probe) {
    *probe = (struct bench_fsync){0};
    bench_path(folder, "fsync", probe->path);
    probe->fd = open(probe->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (probe->fd < 0) {
        bench_fail("%s: cannot be made", probe->path);
    }
}

double bench_fsync_ms(struct bench_fsync *probe) {
    static const char page[PAGE_BYTES] = {1};
    double start = bench_now();
    if (pwrite(probe->fd, page, sizeof page, (off_t)probe->pages++ * PAGE_BYTES) != PAGE_BYTES ||
        fsync(probe->fd) != 0) {
        bench_fail("%s: cannot be written", probe->path);
    }
    return (bench_now() - start) * 1000;
}

void bench_fsync_close(struct bench_fsync *probe) {
    (void)close(probe->fd);
    (void)unlink(probe->path);
}

void bench_measure_machine(const char *folder, struct bench_machine *out_machine) {
    static double times[SYNCS];
    struct bench_fsync probe;
    double load = 0;
    bench_fsync_open(folder, &probe);
    for (int i = 0; i < SYNCS; i++) {
        times[i] = bench_fsync_ms(&probe);
    }
    bench_fsync_close(&probe);
    qsort(times, SYNCS, sizeof times[0], bench_compare_doubles);
    out_machine->fsync_ms = times[SYNCS / 2];
    out_machine->fsync_p99_ms = times[SYNCS * 99 / 100];
    out_machine->cores = sysconf(_SC_NPROCESSORS_ONLN);
    out_machine->load = getloadavg(&load, 1) == 1 ? load : -1;
}
