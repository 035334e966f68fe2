/* jielian-sim: run many seeds, or one again.
 *
 *   jielian-sim [--seeds N] [--first SEED] [--steps N] [-j N] [--keep LIST | --skip LIST] [--trace]
 *               [--shrink] [--rogue]
 *
 * --rogue: it goes along in every run, and does more (sim_rogue.c); else in one run of eight.
 * LIST: step numbers and ranges, "3,17-40". Each seed runs in a process of its own, so that one
 * that ends in an assertion fails alone; with -j 0 all run in this one, for a debugger. A failing
 * seed prints one line that reproduces it; with --shrink the first of them is run with ever fewer
 * steps, until none can be spared, and those are told one by one. */
#include "apart.h"
#include "shrink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { JOBS_MAX = SHRINK_JOBS_MAX };

struct request {
    uint64_t seeds, first, steps, jobs;
    const char *keep, *skip;
    bool trace, shrink, rogue;
    uint8_t kept[SHRINK_KEPT_BYTES];
    char folder[200];
    struct world frozen;
};

struct totals {
    struct sim_tally tally;
    uint64_t failed, settle_steps, settle_ms, beside_steps, beside_ms;
    uint64_t cost_permille[SIM_SERVED_KINDS];
    uint64_t first_failed; /* seed */
};

/* ---- Arguments ---- */

static void misuse(const char *text) {
    fprintf(stderr,
            "%s\njielian-sim [--seeds N] [--first SEED] [--steps N] [-j N] [--keep LIST | --skip "
            "LIST] [--trace] [--shrink] [--rogue]\n",
            text);
    exit(2);
}

static uint64_t number(const char *text) {
    char *end = NULL;
    uint64_t value = text != NULL ? strtoull(text, &end, 10) : 0;
    if (text == NULL || end == text || *end != '\0') {
        misuse("a number is missing");
    }
    return value;
}

static void mark(struct request *request, const char *list, bool kept) {
    while (*list != '\0') {
        char *end = NULL;
        uint64_t from = strtoull(list, &end, 10);
        uint64_t to = from;
        if (end != list && *end == '-') {
            list = end + 1;
            to = strtoull(list, &end, 10);
        }
        if (end == list || (*end != '\0' && *end != ',') || to < from || to >= SIM_STEPS_MAX) {
            misuse("a list of steps looks like 3,17-40");
        }
        for (uint64_t i = from; i <= to; i++) {
            uint8_t bit = (uint8_t)(1u << i % 8);
            request->kept[i / 8] =
                (uint8_t)(kept ? request->kept[i / 8] | bit : request->kept[i / 8] & ~bit);
        }
        list = *end == ',' ? end + 1 : end;
    }
}

static void read_arguments(int argc, char **argv, struct request *out) {
    *out = (struct request){.seeds = 20, .first = 1, .steps = 300, .jobs = 1};
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--trace") == 0) {
            out->trace = true;
            continue;
        }
        if (strcmp(argv[i], "--shrink") == 0) {
            out->shrink = true;
            continue;
        }
        if (strcmp(argv[i], "--rogue") == 0) {
            out->rogue = true;
            continue;
        }
        if (next == NULL) {
            misuse("not understood");
        }
        if (strcmp(argv[i], "--seeds") == 0) {
            out->seeds = number(next);
        } else if (strcmp(argv[i], "--first") == 0) {
            out->first = number(next);
        } else if (strcmp(argv[i], "--steps") == 0) {
            out->steps = number(next);
        } else if (strcmp(argv[i], "-j") == 0) {
            out->jobs = number(next);
        } else if (strcmp(argv[i], "--keep") == 0) {
            out->keep = next;
        } else if (strcmp(argv[i], "--skip") == 0) {
            out->skip = next;
        } else {
            misuse("not understood");
        }
        i++;
    }
    if (out->steps > SIM_STEPS_MAX || out->jobs > JOBS_MAX ||
        (out->keep != NULL && out->skip != NULL)) {
        misuse("too many steps or jobs, or both --keep and --skip");
    }
    memset(out->kept, out->keep == NULL ? 0xff : 0, sizeof out->kept);
    mark(out,
         out->keep != NULL   ? out->keep
         : out->skip != NULL ? out->skip
                             : "",
         out->keep != NULL);
}

/* ---- Seeds ---- */

static void keep_most(uint64_t *most, uint64_t value) {
    *most = value > *most ? value : *most;
}

static void tell(const struct request *request, uint64_t seed, const struct sim_outcome *outcome,
                 struct totals *totals) {
    const uint64_t *from = (const uint64_t *)&outcome->tally;
    uint64_t *to = (uint64_t *)&totals->tally;
    for (size_t i = 0; i < sizeof outcome->tally / sizeof *from; i++) {
        to[i] += from[i];
    }
    keep_most(&totals->settle_steps, outcome->settle_steps);
    keep_most(&totals->settle_ms, outcome->settle_ms);
    keep_most(&totals->beside_steps, outcome->beside_steps);
    keep_most(&totals->beside_ms, outcome->beside_ms);
    for (int i = 0; i < SIM_SERVED_KINDS; i++) {
        keep_most(&totals->cost_permille[i], outcome->cost_permille[i]);
    }
    if (outcome->passed) {
        return;
    }
    if (totals->failed == 0 || seed < totals->first_failed) {
        totals->first_failed = seed;
    }
    totals->failed++;
    printf("FAILED %s: jielian-sim --first %" PRIu64 " --seeds 1 --steps %" PRIu64 "%s%s%s\n",
           outcome->failure, seed, request->steps, request->rogue ? " --rogue" : "",
           request->keep != NULL   ? " --keep "
           : request->skip != NULL ? " --skip "
                                   : "",
           request->keep != NULL   ? request->keep
           : request->skip != NULL ? request->skip
                                   : "");
    fflush(stdout);
}

static void plan_of(const struct request *request, uint64_t seed, struct sim_plan *out_plan) {
    *out_plan = (struct sim_plan){.seed = seed,
                                  .steps = request->steps,
                                  .kept = request->kept,
                                  .trace = request->trace,
                                  .rogue = request->rogue,
                                  .frozen = &request->frozen};
}

static void take(const struct request *request, struct apart *job, struct totals *totals) {
    struct sim_outcome outcome;
    apart_end(job, &outcome);
    tell(request, job->plan.seed, &outcome, totals);
}

static struct apart *find(struct apart *jobs, size_t count, pid_t process) {
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].process == process) {
            return &jobs[i];
        }
    }
    return NULL;
}

static void run_all(const struct request *request, struct totals *totals) {
    struct apart jobs[JOBS_MAX] = {0};
    struct sim_plan plan;
    size_t running = 0;
    for (uint64_t seed = request->first; seed < request->first + request->seeds; seed++) {
        plan_of(request, seed, &plan);
        if (request->jobs == 0) {
            struct sim_outcome outcome;
            sim_run(&plan, &outcome);
            tell(request, seed, &outcome, totals);
            continue;
        }
        if (running == request->jobs) {
            siginfo_t ended = {0};
            if (waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT) != 0) {
                perror("waitid");
                exit(1);
            }
            take(request, find(jobs, request->jobs, ended.si_pid), totals);
            running--;
        }
        apart_start(&plan, APART_SECONDS, find(jobs, request->jobs, 0));
        running++;
    }
    for (size_t i = 0; i < request->jobs; i++) {
        if (jobs[i].process != 0) {
            take(request, &jobs[i], totals);
        }
    }
}

/* ---- The summary ---- */

static void summarise_rogue(const struct totals *totals) {
    const struct sim_tally *tally = &totals->tally;
    printf("rogue:");
    for (int i = 0; i < SIM_ROGUERIES; i++) {
        printf(" %s %" PRIu64, sim_roguery_names[i], tally->roguery[i]);
    }
    printf("; by built-in type:");
    for (int i = 1; i <= JL_TYPE_ASK; i++) {
        printf(" %" PRIu64, tally->rogue_types[i]);
    }
    printf("\nbeside it: %" PRIu64 " edits in step, within %" PRIu64 " frames and %" PRIu64
           " s\ncost, of what it may be:",
           tally->beside, totals->beside_steps, totals->beside_ms / 1000);
    for (int i = 0; i < SIM_SERVED_KINDS; i++) {
        printf(" %s %" PRIu64 " %%", sim_served_names[i], totals->cost_permille[i] / 10);
    }
    printf("\n");
}

static void summarise(const struct request *request, const struct totals *totals) {
    static const char *const verdicts[] = {"", "applied", "merged", "case", "parked", "already"};
    const struct sim_tally *tally = &totals->tally;
    printf("%" PRIu64 " seeds, %" PRIu64 " steps\nactions:", request->seeds, tally->steps);
    for (int i = 0; i < SIM_ACTIONS; i++) {
        printf(" %s %" PRIu64, sim_action_names[i], tally->actions[i]);
    }
    printf("; %" PRIu64 " of them refused at the desk\nfaults:", tally->refused);
    for (int i = 0; i < SIM_FAULTS; i++) {
        printf(" %s %" PRIu64, sim_fault_names[i], tally->faults[i]);
    }
    printf("\nops: %" PRIu64 " with %" PRIu64 " values;", tally->ops, tally->values);
    for (int i = JL_VERDICT_APPLIED; i < JL_VERDICT_ALREADY; i++) {
        printf(" %s %" PRIu64, verdicts[i], tally->verdicts[i]);
    }
    printf(" sent again %" PRIu64 " quarantined %" PRIu64 " admitted %" PRIu64 " refused %" PRIu64
           " lost with their disks %" PRIu64 "; rows repaired %" PRIu64 "; waited %" PRIu64
           ", judged by closing %" PRIu64 ", in effect again %" PRIu64 ", kept long enough %" PRIu64
           "\n",
           tally->again, tally->quarantined, tally->admitted, tally->turned_down, tally->lost,
           tally->repaired, tally->held, tally->released, tally->promises, tally->trimmed);
    summarise_rogue(totals);
    printf("liveness: at most %" PRIu64 " steps of a device and %" PRIu64
           " s until everything rested\n%" PRIu64 " passed, %" PRIu64 " failed\n",
           totals->settle_steps, totals->settle_ms / 1000, request->seeds - totals->failed,
           totals->failed);
}

/* Everything that a seed leaves behind, even one that ended in an assertion, lies in here. */
static void make_folder(struct request *request) {
    const char *where = getenv("TMPDIR");
    snprintf(request->folder, sizeof request->folder, "%.150s/jielian-sim-XXXXXX",
             where != NULL ? where : "/tmp");
    if (mkdtemp(request->folder) == NULL || setenv("TMPDIR", request->folder, 1) != 0) {
        fprintf(stderr, "%s: %s\n", request->folder, strerror(errno));
        exit(1);
    }
}

static void remove_folder(const struct request *request) {
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", request->folder);
    if (system(command) != 0) {
        fprintf(stderr, "could not remove %s\n", request->folder);
    }
}

int sim_main(int argc, char **argv) {
    static struct request request;
    struct totals totals = {0};
    read_arguments(argc, argv, &request);
    make_folder(&request);
    sim_prepare(&request.frozen);
    run_all(&request, &totals);
    if (request.shrink && totals.failed > 0) {
        struct sim_plan plan;
        const struct shrink_limits limits = {.trials = SHRINK_TRIALS,
                                             .seconds = APART_SECONDS,
                                             .jobs = request.jobs > 0 ? request.jobs : 1};
        plan_of(&request, totals.first_failed, &plan);
        shrink_tell(&plan, &limits, request.kept);
    }
    sim_unprepare(&request.frozen);
    remove_folder(&request);
    summarise(&request, &totals);
    return totals.failed == 0 ? 0 : 1;
}
