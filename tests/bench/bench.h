/* The benchmark: the real programs against plain SQLite, in one run on one machine.
 *
 * A case measures figures (what, how much, what must be reached, what is aimed at); the report
 * prints them as a table and as JSON. Every figure is a count, or a ratio against something that
 * was measured in the same run, so that runs on different machines can be compared.
 *
 * A benchmark that can't be carried out ends the program at once (bench_fail): half a table is
 * worth nothing. Thread: the main thread. */
#ifndef JIELIAN_TESTS_BENCH_BENCH_H
#define JIELIAN_TESTS_BENCH_BENCH_H

#include "jielian/base/rc.h"
#include "tests/said.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BENCH_FIGURES_MAX = 32,
    BENCH_PATH_BYTES = 512,
    BENCH_DETAIL_BYTES = 192,
    BENCH_ROUNDS = 3,
};

struct bench_figure {
    const char *name;  /* in the JSON */
    const char *label; /* in the table */
    const char *unit;
    double value;
    double must, aim; /* 0: only shown */
    bool at_least;    /* more is better; else less is */
    char detail[BENCH_DETAIL_BYTES];
};

struct bench_machine {
    long cores;
    double load; /* when the run began */
    double fsync_ms, fsync_p99_ms;
};

struct bench {
    char office[BENCH_PATH_BYTES];   /* the program jielian-office */
    char district[BENCH_PATH_BYTES]; /* the program jielian-district */
    char folder[BENCH_PATH_BYTES];   /* everything lies here, removed at the end */
    double scale;                    /* 1: the reference district */
    size_t offices;                  /* 12; fewer to check the benchmark itself */
    size_t rounds;                   /* how often a short measurement is made; the middle counts */
    bool check;                      /* only counts of bytes are judged */
    bool keep;
    struct bench_machine machine;
    struct bench_figure figures[BENCH_FIGURES_MAX];
    size_t figure_count;
    struct bench_site *twelve; /* the district with twelve offices; made when first needed */
};

/* Print why and end with code 1. */
_Noreturn void bench_fail(const char *format, ...) JL_PRINTF(1, 2);
/* A call that must work. */
#define BENCH_MUST(call)                                                                           \
    do {                                                                                           \
        struct jl_err err = {0};                                                                   \
        if ((call) != JL_OK) {                                                                     \
            bench_fail("%s:%d: %s: %s", __FILE__, __LINE__, jl_rc_name(err.rc), err_said(&err));   \
        }                                                                                          \
    } while (0)
void *bench_alloc(size_t count, size_t size); /* zeroed */
/* What is being done, to stderr. */
void bench_say(const char *format, ...) JL_PRINTF(1, 2);

/* Seconds since some start; never goes back. */
double bench_now(void);
void bench_nap_ms(double ms);
/* scale × n, at least least. */
size_t bench_scaled(const struct bench *bench, size_t n, size_t least);
void bench_path(const char *folder, const char *name, char out_path[static BENCH_PATH_BYTES]);
int bench_compare_doubles(const void *a, const void *b); /* for qsort */
/* Sorts. */
double bench_middle(double *values, size_t count);

void bench_figure(struct bench *bench, const struct bench_figure *figure, const char *format, ...)
    JL_PRINTF(3, 4);

/* machine.c: how long the disk takes to keep a page that was appended, as a small commit does. */
struct bench_fsync {
    int fd;
    unsigned pages;
    char path[BENCH_PATH_BYTES];
};
void bench_fsync_open(const char *folder, struct bench_fsync *probe);
double bench_fsync_ms(struct bench_fsync *probe);
void bench_fsync_close(struct bench_fsync *probe);
void bench_measure_machine(const char *folder, struct bench_machine *out_machine);

/* report.c. Answers whether every figure that was measured is as good as it must be. */
bool bench_print_table(const struct bench *bench);
void bench_write_json(const struct bench *bench, const char *path);

/* case_*.c: what is measured, one function a case. */
void bench_import(struct bench *bench);
void bench_upload(struct bench *bench);
void bench_bootstrap(struct bench *bench);
void bench_messages(struct bench *bench);
void bench_repair(struct bench *bench);
void bench_visible(struct bench *bench);
void bench_memory(struct bench *bench);
void bench_crowd(struct bench *bench);
void bench_growth(struct bench *bench);

#endif
