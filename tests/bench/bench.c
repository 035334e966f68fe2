#include "bench.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void bench_fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("jielian-bench: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    exit(1); /* processes and folder are seen to by what atexit knows (process.c, main.c) */
}

void *bench_alloc(size_t count, size_t size) {
    void *memory = calloc(count > 0 ? count : 1, size);
    if (memory == NULL) {
        bench_fail("no memory for %zu × %zu bytes", count, size);
    }
    return memory;
}

void bench_say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("  ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
}

double bench_now(void) {
    struct timespec time;
    if (clock_gettime(CLOCK_MONOTONIC, &time) != 0) {
        bench_fail("no monotonic clock");
    }
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void bench_nap_ms(double ms) {
    const struct timespec time = {.tv_sec = (time_t)(ms / 1000),
                                  .tv_nsec = (long)(fmod(ms, 1000) * 1e6)};
    (void)nanosleep(&time, NULL);
}

size_t bench_scaled(const struct bench *bench, size_t n, size_t least) {
    size_t scaled = (size_t)llround(bench->scale * (double)n);
    return scaled > least ? scaled : least;
}

void bench_path(const char *folder, const char *name, char out_path[static BENCH_PATH_BYTES]) {
    int size = snprintf(out_path, BENCH_PATH_BYTES, "%s/%s", folder, name);
    if (size < 0 || size >= BENCH_PATH_BYTES) {
        bench_fail("%s/%s: the path is too long", folder, name);
    }
}

int bench_compare_doubles(const void *a, const void *b) {
    double left = *(const double *)a;
    double right = *(const double *)b;
    return left < right ? -1 : left > right;
}

double bench_middle(double *values, size_t count) {
    qsort(values, count, sizeof *values, bench_compare_doubles);
    return values[count / 2];
}

void bench_figure(struct bench *bench, const struct bench_figure *figure, const char *format, ...) {
    if (bench->figure_count == BENCH_FIGURES_MAX) {
        bench_fail("more than %d figures", BENCH_FIGURES_MAX);
    }
    struct bench_figure *kept = &bench->figures[bench->figure_count++];
    va_list arguments;
    *kept = *figure;
    va_start(arguments, format);
    (void)vsnprintf(kept->detail, sizeof kept->detail, format, arguments);
    va_end(arguments);
    bench_say("%s: %.4g %s (%s)", kept->label, kept->value, kept->unit, kept->detail);
}
