/* jielian-sample: write a sample district to a folder. */
#include "sample.h"
#include "tests/said.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "jielian-sample --out DIR [--seed N] [--scale X]\n"
    "\n"
    "Write the CSV files that the clerks of twelve offices would bring, and the figures that must\n"
    "come out of them (expected.json), into DIR. All people are invented. The same seed and scale\n"
    "give the same bytes.\n"
    "\n"
    "  --out DIR    made if missing; files of an earlier run are replaced\n"
    "  --seed N     a whole number (1)\n"
    "  --scale X    1: the reference district, about 320,000 records; 0.001 to 20 (1)\n"
    "  --version    print the version\n"
    "  --help       print this text\n";

static int misuse(const char *what, const char *word) {
    (void)fprintf(stderr, "jielian-sample: %s%s; see jielian-sample --help\n", what, word);
    return 2;
}

static bool parse_seed(const char *text, uint64_t *out_seed) {
    char *end = NULL;
    errno = 0;
    *out_seed = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}

int main(int argc, char **argv) {
    struct jl_sample_options options = {.seed = 1, .scale_millionths = JL_SCALE_ONE};
    struct jl_err err = {0};
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--help") == 0) {
            return fputs(help, stdout) < 0 ? 1 : 0;
        }
        if (strcmp(word, "--version") == 0) {
            return puts("jielian-sample " JIELIAN_VERSION) < 0 ? 1 : 0;
        }
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (value == NULL) {
            return misuse("no value for ", word);
        }
        i++;
        if (strcmp(word, "--out") == 0) {
            options.out = value;
        } else if (strcmp(word, "--seed") == 0) {
            if (!parse_seed(value, &options.seed)) {
                return misuse("the seed must be a whole number, not ", value);
            }
        } else if (strcmp(word, "--scale") == 0) {
            if (jl_sample_parse_scale(value, &options.scale_millionths, &err) != JL_OK) {
                return misuse(err_said(&err), "");
            }
        } else {
            return misuse("unknown option ", word);
        }
    }
    if (options.out == NULL) {
        return misuse("no folder: --out DIR is needed", "");
    }
    struct jl_sample_summary summary;
    if (jl_sample_write(&options, &summary, &err) != JL_OK) {
        (void)fprintf(stderr, "jielian-sample: %s\n", err_said(&err));
        return 1;
    }
    return printf("%" PRIu64 " records in %s\n", summary.records, options.out) < 0 ? 1 : 0;
}
