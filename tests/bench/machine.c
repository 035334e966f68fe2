/* What the machine is like: cores, load, and how long the disk takes to keep a page. */
#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { SYNCS = 200, PAGE_BYTES = 8192 };

/* A page appended and synced, as a small commit to a WAL does. */
static void measure_fsync(const char *folder, struct bench_machine *machine) {
    static const char page[PAGE_BYTES] = {1};
    static double times[SYNCS];
    char path[BENCH_PATH_BYTES];
    bench_path(folder, "fsync", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        bench_fail("%s: cannot be made", path);
    }
    for (int i = 0; i < SYNCS; i++) {
        double start = bench_now();
        if (pwrite(fd, page, sizeof page, (off_t)i * PAGE_BYTES) != PAGE_BYTES || fsync(fd) != 0) {
            bench_fail("%s: cannot be written", path);
        }
        times[i] = (bench_now() - start) * 1000;
    }
    (void)close(fd);
    (void)unlink(path);
    qsort(times, SYNCS, sizeof times[0], bench_compare_doubles);
    machine->fsync_ms = times[SYNCS / 2];
    machine->fsync_p99_ms = times[SYNCS * 99 / 100];
}

void bench_measure_machine(const char *folder, struct bench_machine *out_machine) {
    double load = 0;
    out_machine->cores = sysconf(_SC_NPROCESSORS_ONLN);
    out_machine->load = getloadavg(&load, 1) == 1 ? load : -1;
    measure_fsync(folder, out_machine);
}
