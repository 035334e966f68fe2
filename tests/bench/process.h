/* Processes of the benchmark: the two programs, as a person or a supervisor would start them.
 *
 * Every process that was started and not waited for is stopped when the benchmark ends, however it
 * ends. What a process prints goes to a file in the benchmark's folder; the last of it is shown
 * when the process fails. Thread: the main thread. */
#ifndef JIELIAN_TESTS_BENCH_PROCESS_H
#define JIELIAN_TESTS_BENCH_PROCESS_H

#include "bench.h"

#include <sys/types.h>

enum { PROCESS_WORDS_MAX = 20 };

struct process {
    pid_t pid; /* 0: none */
    double start;
    char log[BENCH_PATH_BYTES];
    char name[64];
};

struct process_result {
    int exit_code; /* 128 + signal when one ended it */
    double seconds;
    double cpu_seconds;
    double peak_mib; /* the most memory it ever had (VmHWM) */
};

/* program: "jielian-office" or "jielian-district"; words end with NULL. */
void process_start(const struct bench *bench, struct process *process, const char *program,
                   const char *const *words);
void process_wait(struct process *process, struct process_result *out_result);
/* SIGTERM, then wait. */
void process_stop(struct process *process, struct process_result *out_result);
/* So far, of a process that runs. */
double process_peak_mib(const struct process *process);
/* Start, wait, and end the benchmark unless it exits with 0. result may be NULL. */
void process_must(const struct bench *bench, const char *program, const char *const *words,
                  struct process_result *result);
#define PROCESS_MUST(bench, result, program, ...)                                                  \
    process_must(bench, program, (const char *const[]){__VA_ARGS__, NULL}, result)
/* End the benchmark, showing the last of what the process printed. */
_Noreturn void process_fail(const struct process *process, int exit_code);
/* The text that a process printed; freed by the caller. */
char *process_output(const struct process *process);

/* ---- A district that serves ---- */

struct serving {
    struct process process;
    char folder[BENCH_PATH_BYTES];
    int sync_port, http_port;
    char endpoint[64];
};
/* Start `serve` and wait until it is ready; a zeroed serving picks its ports, another start keeps
 * them. */
void serving_start(const struct bench *bench, const char *folder, struct serving *serving);
void serving_stop(struct serving *serving, struct process_result *out_result);
/* A counter of /metrics, by the whole name with labels. */
uint64_t serving_metric(const struct serving *serving, const char *name);
/* Bytes of all messages in both directions so far. */
uint64_t serving_bytes(const struct serving *serving);
/* The same once nothing has moved for a while. */
uint64_t serving_quiet_bytes(const struct serving *serving);

#endif
