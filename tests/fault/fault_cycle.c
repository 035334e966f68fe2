/* Fail the n-th allocation, write or fsync of a whole sync cycle, for every n until a cycle meets
 * none.
 *
 *   jielian-fault-cycle [--malloc-stride N | --malloc-sites] [--write-stride N] [--turns]
 *                       [--only malloc|write|fsync] [--from N] [--to N] [--loud]
 *
 *   once      the n-th call fails; at the first call of ours that reports it, everything is ended
 *             and started again from disk, and the cycle goes on
 *   until     from the n-th on all calls fail, until everything is ended and started again
 *   go on     the n-th call fails, and the programs go on as the real ones do: the district refuses
 *             and rolls back, an office that meets a full disk is started again
 *
 * Each ends in the proof, with both sides the same by a comparison that knows nothing of proofs,
 * nothing lost and nothing twice (cycle_check), no memory leaked, and in every seventh the journal
 * replayed. Allocations are those of SQLite and of everything linked statically. Prints how many
 * were tried, how many were met, and in how many runs a call of ours reported it: SQLite gets over
 * some by itself.
 *
 *   --malloc-stride N, --write-stride N   every N-th only
 *   --malloc-sites                        allocations that come by another way than those before
 *                                         them (sites.h): every N-th of these
 *   --turns                               each n in one of the three series, not in all */
#include "cycle.h"
#include "faults.h"
#include "heap.h"
#include "sites.h"

#include "jielian/base/assert.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLAY_EVERY = 7 }; /* runs between replays of the journal */

enum series { ONCE, UNTIL, GO_ON };
static const char *const series_names[] = {"once", "until", "go on"};
static const char *const kind_names[] = {"", "malloc", "write", "fsync"};

struct options {
    uint64_t strides[FAULT_SYNC + 1]; /* by kind: every so many-th call */
    bool turns;                       /* each n with one of the series, in turn */
    bool sites;
    enum fault only;
    uint64_t from, to;
    bool loud;
};

struct tally {
    uint64_t tried, met, reported;
};

/* false: the cycle has fewer than n such calls. */
static bool run(const struct cycle *frozen, enum fault kind, enum series series, uint64_t n,
                struct tally *tally) {
    char what[80];
    struct cycle cycle;
    snprintf(what, sizeof what, "%s %" PRIu64 ", %s", kind_names[kind], n, series_names[series]);
    int64_t live = heap_live();
    cycle_open(&cycle, frozen);
    cycle.world.faulty = true;
    faults_arm(kind, n, series == UNTIL);
    bool whole = cycle_run(&cycle, series != GO_ON);
    bool met = faults_met();
    if (!whole) {
        tally->reported++;
        cycle_end_programs(&cycle);
    } else if (cycle.world.passed > 0) {
        tally->reported++;
    }
    (void)faults_disarm();
    if (!whole) {
        cycle_start_programs(&cycle);
        whole = cycle_run(&cycle, true);
        JL_ASSERT(whole);
    }
    cycle_check(&cycle, what, n % REPLAY_EVERY == 0);
    world_fini(&cycle.world);
    if (heap_live() != live) {
        fprintf(stderr, "%s: %" PRId64 " blocks leaked\n", what, heap_live() - live);
        abort();
    }
    tally->tried++;
    tally->met += met ? 1 : 0;
    return met;
}

/* How many calls of a kind a cycle makes that meets no fault. */
static uint64_t calls_of(const struct cycle *frozen, enum fault kind) {
    struct tally ignored = {0};
    JL_ASSERT(!run(frozen, kind, ONCE, UINT64_MAX, &ignored));
    return faults_calls();
}

static void tell(const struct options *options, enum fault kind, enum series series, uint64_t n) {
    if (options->loud) {
        fprintf(stderr, "%s %" PRIu64 ", %s\n", kind_names[kind], n, series_names[series]);
    }
}

static void print_row(enum fault kind, enum series series, uint64_t calls,
                      const struct tally *tally) {
    printf("| %s | %s | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " |\n",
           kind_names[kind], series_names[series], calls, tally->tried, tally->met,
           tally->reported);
    fflush(stdout);
}

static void run_sites(const struct cycle *frozen, const struct options *options) {
    size_t count = 0;
    sites_begin();
    uint64_t calls = calls_of(frozen, FAULT_MALLOC);
    uint64_t *numbers = sites_end(&count);
    for (enum series series = ONCE; series <= GO_ON; series++) {
        struct tally tally = {0};
        uint64_t step = options->strides[FAULT_MALLOC];
        for (size_t i = options->turns ? (size_t)series * step : 0; i < count;
             i += options->turns ? 3 * step : step) {
            tell(options, FAULT_MALLOC, series, numbers[i]);
            (void)run(frozen, FAULT_MALLOC, series, numbers[i], &tally);
        }
        print_row(FAULT_MALLOC, series, calls, &tally);
    }
    printf("ways to an allocation: %zu, of up to %d calls each\n", count, SITES_DEPTH);
    free(numbers);
}

static void run_series(const struct cycle *frozen, const struct options *options, enum fault kind,
                       enum series series) {
    struct tally tally = {0};
    uint64_t calls = calls_of(frozen, kind);
    uint64_t step = options->strides[kind];
    for (uint64_t n = options->from; n <= options->to; n += step) {
        if (options->turns && n / step % 3 != (uint64_t)series) {
            if (n > calls) {
                break;
            }
            continue;
        }
        tell(options, kind, series, n);
        if (!run(frozen, kind, series, n, &tally)) {
            break;
        }
    }
    print_row(kind, series, calls, &tally);
}

static bool parse(int argc, char **argv, struct options *options) {
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        bool *flag = strcmp(argv[i], "--loud") == 0           ? &options->loud
                     : strcmp(argv[i], "--turns") == 0        ? &options->turns
                     : strcmp(argv[i], "--malloc-sites") == 0 ? &options->sites
                                                              : NULL;
        if (flag != NULL) {
            *flag = true;
            continue;
        }
        uint64_t number = strtoull(value, NULL, 10);
        if (strcmp(argv[i], "--malloc-stride") == 0 && number > 0) {
            options->strides[FAULT_MALLOC] = number;
        } else if (strcmp(argv[i], "--write-stride") == 0 && number > 0) {
            options->strides[FAULT_WRITE] = number;
        } else if (strcmp(argv[i], "--from") == 0 && number > 0) {
            options->from = number;
        } else if (strcmp(argv[i], "--to") == 0 && number > 0) {
            options->to = number;
        } else if (strcmp(argv[i], "--only") == 0) {
            for (enum fault kind = FAULT_MALLOC; kind <= FAULT_SYNC; kind++) {
                options->only = strcmp(value, kind_names[kind]) == 0 ? kind : options->only;
            }
            if (options->only == FAULT_NONE) {
                return false;
            }
        } else {
            return false;
        }
        i++;
    }
    return true;
}

int main(int argc, char **argv) {
    static struct cycle frozen;
    struct options options = {.strides = {1, 1, 1, 1}, .from = 1, .to = UINT64_MAX};
    if (!parse(argc, argv, &options)) {
        fprintf(stderr,
                "usage: %s [--malloc-stride N] [--malloc-sites] [--write-stride N] [--turns] "
                "[--only malloc|write|fsync] [--from N] [--to N] [--loud]\n",
                argv[0]);
        return 2;
    }
    if (!faults_install(true)) {
        fputs("SQLite does not take the faults\n", stderr);
        return 1;
    }
    cycle_prepare(&frozen);
    printf("| what fails | series | calls a cycle | n tried | met | reported |\n"
           "|---|---|---:|---:|---:|---:|\n");
    if (options.sites && (options.only == FAULT_NONE || options.only == FAULT_MALLOC)) {
        run_sites(&frozen, &options);
    }
    for (enum fault kind = options.sites ? FAULT_WRITE : FAULT_MALLOC; kind <= FAULT_SYNC; kind++) {
        for (enum series series = ONCE; series <= GO_ON; series++) {
            if (options.only == FAULT_NONE || options.only == kind) {
                run_series(&frozen, &options, kind, series);
            }
        }
    }
    world_fini(&frozen.world);
    return 0;
}
