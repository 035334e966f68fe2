/* jielian-bench: the benchmark's command line (scripts/bench builds and calls it). */
#include "process.h"
#include "site.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "jielian-bench --office FILE --district FILE [options]\n"
    "\n"
    "Measure the two programs against plain SQLite; docs/performance.md explains the figures.\n"
    "\n"
    "  --scale S     1 is the reference district of 186,000 members; 0.001 to 5 (1)\n"
    "  --only NAME   one case; may be given several times. Cases, in their order:\n"
    "                import upload bootstrap messages repair visible memory crowd growth\n"
    "  --json FILE   write the figures to FILE too\n"
    "  --folder DIR  where the data goes, on the disk to be measured (the temporary folder)\n"
    "  --keep        leave the data there\n"
    "  --check       does the benchmark run? Three offices; only counts of bytes are judged\n"
    "\n"
    "Exit code: 0 every figure is as good as it must be, 3 one is not, 1 could not measure.\n";

static const struct {
    const char *name;
    void (*run)(struct bench *bench);
} cases[] = {
    {"import", bench_import},     {"upload", bench_upload}, {"bootstrap", bench_bootstrap},
    {"messages", bench_messages}, {"repair", bench_repair}, {"visible", bench_visible},
    {"memory", bench_memory},     {"crowd", bench_crowd},   {"growth", bench_growth},
};
enum { CASES = sizeof cases / sizeof cases[0], CHECK_OFFICES = 3 };

static struct bench bench = {.scale = 1, .offices = SITE_OFFICES, .rounds = BENCH_ROUNDS};

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at) {
    (void)info, (void)kind, (void)at;
    return remove(path);
}

static void clean_up(void) {
    if (bench.folder[0] == '\0') {
        return;
    }
    if (bench.keep) {
        bench_say("the data is in %s", bench.folder);
    } else if (nftw(bench.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0) {
        (void)fprintf(stderr, "jielian-bench: %s could not be removed\n", bench.folder);
    }
}

static void make_folder(const char *parent) {
    bench_path(parent, "jielian-bench-XXXXXX", bench.folder);
    if (mkdtemp(bench.folder) == NULL) {
        bench.folder[0] = '\0';
        bench_fail("%s: no folder can be made there", parent);
    }
    if (atexit(clean_up) != 0) {
        bench_fail("no memory");
    }
}

static int misuse(const char *what, const char *word) {
    (void)fprintf(stderr, "jielian-bench: %s%s; see jielian-bench --help\n", what, word);
    return 2;
}

struct request {
    bool wanted[CASES];
    bool any;
    const char *json, *parent;
};

static bool choose(struct request *request, const char *name) {
    for (size_t i = 0; i < CASES; i++) {
        if (strcmp(cases[i].name, name) == 0) {
            return request->any = request->wanted[i] = true;
        }
    }
    return false;
}

static bool parse_scale(const char *text) {
    char *end = NULL;
    bench.scale = strtod(text, &end);
    return end != text && *end == '\0' && bench.scale >= 0.001 && bench.scale <= 5;
}

/* -1: go on. */
static int parse(int argc, char **argv, struct request *request) {
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--help") == 0) {
            return fputs(help, stdout) < 0 ? 1 : 0;
        }
        if (strcmp(word, "--keep") == 0) {
            bench.keep = true;
            continue;
        }
        if (strcmp(word, "--check") == 0) {
            bench.check = true;
            bench.offices = CHECK_OFFICES;
            bench.rounds = 1;
            continue;
        }
        const char *value = ++i < argc ? argv[i] : NULL;
        if (value == NULL) {
            return misuse("no value for ", word);
        }
        if (strcmp(word, "--office") == 0) {
            (void)snprintf(bench.office, sizeof bench.office, "%s", value);
        } else if (strcmp(word, "--district") == 0) {
            (void)snprintf(bench.district, sizeof bench.district, "%s", value);
        } else if (strcmp(word, "--json") == 0) {
            request->json = value;
        } else if (strcmp(word, "--folder") == 0) {
            request->parent = value;
        } else if (strcmp(word, "--scale") == 0) {
            if (!parse_scale(value)) {
                return misuse("the scale must be a number from 0.001 to 5, not ", value);
            }
        } else if (strcmp(word, "--only") != 0) {
            return misuse("unknown option ", word);
        } else if (!choose(request, value)) {
            return misuse("no case ", value);
        }
    }
    if (bench.office[0] == '\0' || bench.district[0] == '\0') {
        return misuse("--office and --district are needed", "");
    }
    return -1;
}

int main(int argc, char **argv) {
    struct request request = {.parent = getenv("TMPDIR")};
    int code = parse(argc, argv, &request);
    if (code >= 0) {
        return code;
    }
    make_folder(request.parent != NULL ? request.parent : "/tmp");
    bench_measure_machine(bench.folder, &bench.machine);
    for (size_t i = 0; i < CASES; i++) {
        if (request.wanted[i] || !request.any) {
            (void)fprintf(stderr, "%s\n", cases[i].name);
            cases[i].run(&bench);
        }
    }
    if (bench.twelve != NULL) {
        serving_stop(&bench.twelve->serving, NULL);
        free(bench.twelve);
    }
    bool good = bench_print_table(&bench);
    if (request.json != NULL) {
        bench_write_json(&bench, request.json);
    }
    return good ? 0 : 3;
}
