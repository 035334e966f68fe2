/* The command line of both programs: a table of commands, options, errors, output for people.
 *
 *   int main(int argc, char **argv) {
 *       static const struct jl_cli_program office = {"jielian-office", commands, count, …};
 *       return jl_cli_main(&office, argc, argv);
 *   }
 *   static int run_list(struct jl_cli *cli) {
 *       int exit_code = 0;
 *       if (!jl_cli_parse(cli, &list_spec, &exit_code)) return exit_code;
 *       …
 *       return jl_cli_fail(cli, &err);
 *   }
 *
 * Results go to stdout, everything else to stderr. With --json stdout holds one JSON document and
 * nothing else. Every command takes --data DIR (or JIELIAN_DATA), --json, --lang zh|en and --help;
 * these may stand before the command too.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLI_H
#define JIELIAN_CLI_H

#include "jielian/base/arena.h"
#include "jielian/base/buf.h"
#include "jielian/base/clock.h"
#include "jielian/base/id.h"
#include "jielian/base/language.h"

#include <jansson.h>
#include <stdio.h>

enum jl_exit {
    JL_EXIT_DONE = 0,
    JL_EXIT_FAILED = 1,
    JL_EXIT_MISUSE = 2,
    JL_EXIT_ATTENTION = 3, /* done, but not in step or something needs a person */
};

enum {
    JL_CLI_OPTIONS_MAX = 16, /* of one command */
    JL_CLI_WORDS_MAX = 512,  /* positional words: field=value for every field of the widest type */
};

struct jl_cli;

struct jl_command {
    const char *name;               /* one word, or two: "office add" */
    int (*run)(struct jl_cli *cli); /* answers an enum jl_exit */
    const char *help;               /* one line for --help */
};

struct jl_desk_program; /* jielian/command/desk_session.h */

struct jl_cli_program {
    const char *name; /* of the program, as it is typed */
    const struct jl_command *commands;
    size_t count;
    const struct jl_desk_program *desk; /* what its desk sessions are opened with; NULL: none */
};

struct jl_option {
    const char *name;  /* without the dashes */
    const char *value; /* what the value is called in --help; NULL: a switch */
    const char *help;
};

struct jl_cli_spec {
    const char *arguments; /* for --help: "TYPE ID field=value…" */
    size_t least, most;    /* how many positional words */
    const struct jl_option *options;
    size_t option_count;
};

struct jl_cli {
    const struct jl_cli_program *program;
    const struct jl_command *command;
    enum jl_language language;
    bool json;
    const char *folder; /* --data or JIELIAN_DATA; NULL: neither */
    const char *words[JL_CLI_WORDS_MAX];
    size_t word_count;
    /* What follows belongs to cli.c. */
    const struct jl_cli_spec *spec;
    const char *values[JL_CLI_OPTIONS_MAX]; /* NULL: not given; "": a switch that was */
    int argc;
    char **argv;
};

/* Find the command and run it; the answer is what main returns. --help and --version go to stdout
 * with 0; no command or an unknown one to stderr with 2, naming the nearest. Output that could not
 * be written makes 0 and 3 into 1. */
int jl_cli_main(const struct jl_cli_program *program, int argc, char **argv);

/* Sort the words behind the command into options and positionals. false: the command ends now with
 * *out_exit (--help was answered, or what is wrong stands on stderr). `--` ends the options. */
bool jl_cli_parse(struct jl_cli *cli, const struct jl_cli_spec *spec, int *out_exit);

/* The value of a declared option, NULL when it was not given. */
const char *jl_cli_value(const struct jl_cli *cli, const char *name);
bool jl_cli_has(const struct jl_cli *cli, const char *name);
/* A whole number in lowest..highest; fallback when not given. JL_MISUSE otherwise. */
JL_MUST_CHECK enum jl_rc jl_cli_number(const struct jl_cli *cli, const char *name,
                                       const int64_t range[static 2], int64_t fallback,
                                       int64_t *out_number, struct jl_err *err);
/* A day as 2021-01-05 or 20210105 → yyyymmdd. */
JL_MUST_CHECK enum jl_rc jl_cli_date(const struct jl_cli *cli, const char *name, int64_t fallback,
                                     int64_t *out_date, struct jl_err *err);
/* The data folder, or JL_MISUSE saying how to name it. */
JL_MUST_CHECK enum jl_rc jl_cli_folder(const struct jl_cli *cli, const char **out_folder,
                                       struct jl_err *err);
/* Words from `first` on as field=value pairs, in the arena. JL_MISUSE names a word without =. */
struct jl_assignment; /* jielian/base/assignment.h */
JL_MUST_CHECK enum jl_rc jl_cli_assignments(const struct jl_cli *cli, size_t first,
                                            struct jl_arena *arena,
                                            struct jl_assignment **out_items, size_t *out_count,
                                            struct jl_err *err);

/* A record id as typed; JL_MISUSE says where to find it. */
JL_MUST_CHECK enum jl_rc jl_cli_id(const struct jl_cli *cli, size_t word, struct jl_id *out_id,
                                   struct jl_err *err);

/* ---- Answers ---- */

/* JL_OK 0, JL_MISUSE 2, every other code 1. */
int jl_cli_exit_of(enum jl_rc rc);
/* "jielian-office: what, where, what next" to stderr; returns the exit code of err->rc. */
int jl_cli_fail(const struct jl_cli *cli, const struct jl_err *err);
/* The same line for a remark that is no failure. */
void jl_cli_note(const struct jl_cli *cli, const char *format, ...) JL_PRINTF(2, 3);

/* ---- Tables ---- */

enum {
    JL_TABLE_WIDTH_MAX = 48, /* places of one column; longer cells are cut with … */
    JL_TABLE_SAMPLE_ROWS = 200 /* columns are as wide as these rows need; later ones follow */,
};

#endif
