/* jielian-sim-planted: the simulator on a product with a mistake in it.
 *
 *   jielian-sim-planted [-j N]                   every mistake must be found; prints the table
 *   jielian-sim-planted --shrink [-j N]          … and how few steps are enough to show each
 *   jielian-sim-planted --list                   the mistakes, one sentence each
 *   jielian-sim-planted --bug NAME [ARGUMENT…]   as jielian-sim, with that mistake in the product
 *
 * For each mistake seeds are run until one fails, from the one that found it before on; the same
 * seed must pass without it. Past the bound on seeds (planted_list.c) the test fails. */
#include "planted.h"
#include "tests/sim/machine/apart.h"
#include "tests/sim/machine/shrink.h"

#include "jielian/base/assert.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STEPS = 300,      /* of a run */
    RUN_SECONDS = 20, /* of CPU; a run needs less than one, under a sanitizer five */
    SHRINK_TRIALS_EACH = 300,
    JOBS_MAX = 16, /* mistakes looked for at a time */
};

struct found {
    uint64_t seed;      /* 0: none */
    uint64_t unsound;   /* a seed that fails without the mistake too; 0: none was met */
    size_t steps, runs; /* after shrinking; 0: not asked for */
    char failure[SIM_FAILURE_BYTES];
};

struct search {
    pid_t process;
    int from;
};

static struct world frozen;

/* ---- One mistake, in a process of its own ---- */

static void shrink_found(const struct sim_plan *plan, struct found *found) {
    static uint8_t kept[SHRINK_KEPT_BYTES];
    const struct shrink_limits limits = {
        .trials = SHRINK_TRIALS_EACH, .seconds = RUN_SECONDS, .jobs = 1};
    struct shrink_result result;
    memset(kept, 0xff, sizeof kept);
    shrink(plan, &limits, kept, &result);
    found->steps = result.to;
    found->runs = result.trials;
}

static void search(const struct planted_bug *bug, bool shorten, struct found *out_found) {
    struct sim_outcome outcome;
    *out_found = (struct found){0};
    for (uint64_t seed = bug->first; seed < bug->first + bug->seeds_max; seed++) {
        const struct sim_plan plan = {
            .seed = seed, .steps = STEPS, .rogue = bug->rogue, .frozen = &frozen};
        (void)planted_choose(bug->name);
        apart_run(&plan, RUN_SECONDS, &outcome);
        if (outcome.passed) {
            continue;
        }
        memcpy(out_found->failure, outcome.failure, sizeof out_found->failure);
        (void)planted_choose(NULL);
        apart_run(&plan, RUN_SECONDS, &outcome);
        if (!outcome.passed) {
            out_found->unsound = seed;
            continue;
        }
        (void)planted_choose(bug->name);
        out_found->seed = seed;
        if (shorten) {
            shrink_found(&plan, out_found);
        }
        return;
    }
}

static void start(const struct planted_bug *bug, bool shorten, struct search *out_search) {
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0 || (out_search->process = fork()) < 0) {
        perror("fork");
        exit(1);
    }
    if (out_search->process == 0) {
        struct found found;
        close(ends[0]);
        search(bug, shorten, &found);
        ssize_t written = write(ends[1], &found, sizeof found); /* fits into an empty pipe */
        _exit(written == (ssize_t)sizeof found ? 0 : 1);
    }
    close(ends[1]);
    out_search->from = ends[0];
}

static void take(struct search *search, struct found *out_found) {
    if (read(search->from, out_found, sizeof *out_found) != (ssize_t)sizeof *out_found) {
        *out_found = (struct found){.failure = "the search itself failed"};
    }
    close(search->from);
    waitpid(search->process, NULL, 0);
}

/* ---- The table ---- */

static int by_size(const void *a, const void *b) {
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

/* What failed, without the folder that a message may name. */
static int size_to_show(const char *failure) {
    enum { SHOWN_MAX = 90 };
    size_t size = strcspn(failure, "/");
    return size < SHOWN_MAX ? (int)size : SHOWN_MAX;
}

static bool tell(const struct planted_bug *bug, const struct found *found) {
    char steps[24] = "";
    if (found->steps > 0) {
        snprintf(steps, sizeof steps, "%zu", found->steps);
    }
    if (found->seed == 0) {
        printf("| `%s` | %s | NOT FOUND in %" PRIu64 " seeds %s| | |\n", bug->name, bug->sentence,
               (uint64_t)bug->seeds_max, found->failure);
    } else {
        printf("| `%s` | %s | %" PRIu64 " (%" PRIu64 ") | %.*s | %s |\n", bug->name, bug->sentence,
               found->seed, bug->seeds_max, size_to_show(found->failure), found->failure, steps);
    }
    if (found->unsound != 0) {
        printf("seed %" PRIu64 " fails without any mistake: jielian-sim --first %" PRIu64
               " --seeds 1 --steps %d%s\n",
               found->unsound, found->unsound, (int)STEPS, bug->rogue ? " --rogue" : "");
    }
    fflush(stdout);
    return found->seed != 0 && found->unsound == 0;
}

static int run_table(bool shorten, size_t jobs) {
    struct search running[JOBS_MAX];
    size_t sizes[64];
    size_t count = planted_count();
    size_t missed = 0;
    size_t started = 0;
    JL_ASSERT(count <= sizeof sizes / sizeof *sizes);
    printf(
        "| name | mistake | seed (seeds at most) | what failed | steps |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        struct found found;
        for (; started < count && started < i + jobs; started++) {
            start(planted_at(started), shorten, &running[started % jobs]);
        }
        take(&running[i % jobs], &found);
        missed += tell(planted_at(i), &found) ? 0 : 1;
        sizes[i] = found.steps;
    }
    qsort(sizes, count, sizeof *sizes, by_size);
    printf("\n%zu of %zu found", count - missed, count);
    if (shorten) {
        printf("; steps after shrinking from %d: median %zu, most %zu", (int)STEPS,
               sizes[count / 2], sizes[count - 1]);
    }
    printf("\n");
    return missed == 0 ? 0 : 1;
}

static int run_all(bool shorten, size_t jobs) {
    char folder[200];
    char command[240];
    const char *where = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.150s/jielian-planted-XXXXXX",
             where != NULL ? where : "/tmp");
    if (mkdtemp(folder) == NULL || setenv("TMPDIR", folder, 1) != 0) {
        fprintf(stderr, "%s: %s\n", folder, strerror(errno));
        return 1;
    }
    sim_prepare(&frozen);
    int code = run_table(shorten, jobs);
    sim_unprepare(&frozen);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) == 0 ? code : 1;
}

static void list(void) {
    for (size_t i = 0; i < planted_count(); i++) {
        printf("%-22s %s\n", planted_at(i)->name, planted_at(i)->sentence);
    }
}

/* --shrink and -j N, in any order; false: something else. */
static bool read_arguments(int argc, char **argv, bool *out_shorten, size_t *out_jobs) {
    *out_shorten = false;
    *out_jobs = 2;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--shrink") == 0) {
            *out_shorten = true;
        } else if (strcmp(argv[i], "-j") == 0 && i + 1 < argc) {
            *out_jobs = strtoul(argv[++i], NULL, 10);
        } else {
            return false;
        }
    }
    return *out_jobs >= 1 && *out_jobs <= JOBS_MAX;
}

int main(int argc, char **argv) {
    bool shorten = false;
    size_t jobs = 0;
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        list();
        return 0;
    }
    if (argc >= 3 && strcmp(argv[1], "--bug") == 0) {
        if (!planted_choose(argv[2])) {
            fprintf(stderr, "no mistake is called %s; see --list\n", argv[2]);
            return 2;
        }
        return sim_main(argc - 2, argv + 2);
    }
    if (!read_arguments(argc, argv, &shorten, &jobs)) {
        fprintf(stderr,
                "jielian-sim-planted [[--shrink] [-j N] | --list | --bug NAME [ARGUMENT…]]\n");
        return 2;
    }
    return run_all(shorten, jobs);
}
