/* Commands and options.
 *
 *   PROGRAM [shared option]… COMMAND [word | option]…
 *
 * Shared options before the command are put before the words behind it, so that one reader sees all
 * of them. A command of two words is found by both before a command of one word by the first. */
#include "jielian/cli/cli.h"
#include "jielian/base/assert.h"
#include "jielian/base/log.h"
#include "jielian/message/fault_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_MAX_BYTES = 64, /* of a command or option while looking for the nearest */
    ARGUMENTS_MAX = 1024 /* words of one command line */
};

static const struct jl_option shared_options[] = {
    {"data", "DIR", "数据目录，也可用环境变量 JIELIAN_DATA / data folder"},
    {"json", NULL, "输出一个 JSON 文档 / print one JSON document"},
    {"lang", "zh|en", "提示语言，默认 zh / language, default zh"},
    {"help", NULL, "显示用法 / show usage"},
};
enum { SHARED_COUNT = sizeof shared_options / sizeof shared_options[0] };

/* ---- The nearest name ---- */

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Levenshtein distance; names longer than the bound are far from everything. */
static size_t distance(const char *a, const char *b) {
    size_t a_size = strlen(a);
    size_t b_size = strlen(b);
    size_t line[NAME_MAX_BYTES + 1];
    if (a_size > NAME_MAX_BYTES || b_size > NAME_MAX_BYTES) {
        return NAME_MAX_BYTES;
    }
    for (size_t j = 0; j <= b_size; j++) {
        line[j] = j;
    }
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = line[0];
        line[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t above = line[j];
            size_t best = smaller(line[j] + 1, line[j - 1] + 1);
            line[j] = smaller(best, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
            diagonal = above;
        }
    }
    return line[b_size];
}

/* NULL when nothing is near enough to be meant. */
static const char *nearer(const char *typed, const char *candidate, const char *best) {
    size_t bound = 1 + strlen(typed) / 3;
    size_t far = distance(typed, candidate);
    if (far > bound || (best != NULL && far >= distance(typed, best))) {
        return best;
    }
    return candidate;
}

/* ---- The table of commands ---- */

static enum jl_language language_named(const char *name, bool *out_known) {
    *out_known = name != NULL && (strcmp(name, "zh") == 0 || strcmp(name, "en") == 0);
    return name != NULL && strcmp(name, "en") == 0 ? JL_LANGUAGE_EN : JL_LANGUAGE_ZH;
}

static void print_commands(const struct jl_cli_program *program, FILE *out) {
    const struct jl_command *commands = program->commands;
    size_t count = program->count;
    size_t widest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(commands[i].name);
        widest = size > widest ? size : widest;
    }
    (void)fprintf(out, "用法 / usage: %s COMMAND [--data DIR] [--json] [--lang zh|en] …\n\n",
                  program->name);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, "  %-*s  %s\n", (int)widest, commands[i].name, commands[i].help);
    }
    (void)fprintf(out,
                  "\n%s COMMAND --help\n"
                  "退出码 / exit code: 0 完成 done, 1 失败 failed, 2 用法有误 misuse, "
                  "3 未同步或需人处理 not in step or needs a person\n",
                  program->name);
}

/* How many of the words name the command: 0 when it is not it. */
static int words_matched(const char *name, int count, char **words) {
    size_t first = strcspn(name, " ");
    if (count < 1 || strlen(words[0]) != first || strncmp(words[0], name, first) != 0) {
        return 0;
    }
    if (name[first] == '\0') {
        return 1;
    }
    return count >= 2 && strcmp(words[1], name + first + 1) == 0 ? 2 : 0;
}

static const struct jl_command *find_command(const struct jl_cli_program *program, int word_count,
                                             char **words, int *out_taken) {
    const struct jl_command *found = NULL;
    *out_taken = 0;
    for (size_t i = 0; i < program->count; i++) {
        int taken = words_matched(program->commands[i].name, word_count, words);
        if (taken > *out_taken) {
            *out_taken = taken;
            found = &program->commands[i];
        }
    }
    return found;
}

static int refuse_command(const struct jl_cli *cli, const char *first, const char *second) {
    const char *near = NULL;
    char both[NAME_MAX_BYTES];
    bool pair = second != NULL && second[0] != '-' &&
                snprintf(both, sizeof both, "%s %s", first, second) < (int)sizeof both;
    for (size_t i = 0; i < cli->program->count; i++) {
        const char *name = cli->program->commands[i].name;
        near = nearer(pair && strchr(name, ' ') != NULL ? both : first, name, near);
        if (near == NULL && strncmp(name, first, strlen(first)) == 0 &&
            name[strlen(first)] == ' ') {
            near = name;
        }
    }
    if (near != NULL) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "没有命令“%s”；是“%s”吗？用 --help 看全部命令",
                             "no command \"%s\"; did you mean \"%s\"? --help lists them"),
                    first, near);
    } else {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "没有命令“%s”；用 --help 看全部命令",
                             "no command \"%s\"; --help lists them"),
                    first);
    }
    return JL_EXIT_MISUSE;
}

/* How many words an option before the command takes: 0 for a word that is none of them. */
static int leading_words(const char *word) {
    if (strncmp(word, "--", 2) != 0) {
        return 0;
    }
    for (size_t i = 0; i < SHARED_COUNT; i++) {
        size_t size = strlen(shared_options[i].name);
        if (strncmp(word + 2, shared_options[i].name, size) != 0) {
            continue;
        }
        if (word[2 + size] == '=') {
            return 1;
        }
        if (word[2 + size] == '\0') {
            return shared_options[i].value != NULL ? 2 : 1;
        }
    }
    return 0;
}

static int finish(const struct jl_cli *cli, int exit_code) {
    if ((fflush(stdout) != 0 || ferror(stdout)) &&
        (exit_code == JL_EXIT_DONE || exit_code == JL_EXIT_ATTENTION)) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "结果没有写完：%s；请检查磁盘或管道",
                             "the output was cut off: %s; check the disk or the pipe"),
                    strerror(errno));
        return JL_EXIT_FAILED;
    }
    return exit_code;
}

static int run_command(struct jl_cli *cli, int leading, int taken, int argc, char **argv) {
    char *words[ARGUMENTS_MAX + 1];
    int count = 0;
    if (argc > ARGUMENTS_MAX) {
        jl_cli_note(cli, JL_ZH_EN(cli->language, "参数超过 %d 个", "more than %d words"),
                    ARGUMENTS_MAX);
        return JL_EXIT_MISUSE;
    }
    for (int i = 1; i < argc; i++) {
        if (i < 1 + leading || i >= 1 + leading + taken) {
            words[count++] = argv[i];
        }
    }
    words[count] = NULL;
    cli->argc = count;
    cli->argv = words;
    return finish(cli, cli->command->run(cli));
}

/* The language is wanted before the options are read: for messages about them. */
static enum jl_language early_language(int argc, char **argv) {
    bool known = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            break;
        }
        if (strncmp(argv[i], "--lang=", 7) == 0) {
            return language_named(argv[i] + 7, &known);
        }
        if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
            return language_named(argv[i + 1], &known);
        }
    }
    return JL_LANGUAGE_ZH;
}

/* The log is English, whatever language people are spoken to in. */
static const char *log_text(const struct jl_err *err, char *out_text) {
    _Static_assert((int)JL_LOG_TEXT_BYTES >= (int)JL_FAULT_TEXT_BYTES, "a sentence fits");
    return jl_fault_text(err, JL_LANGUAGE_EN, out_text);
}

int jl_cli_main(const struct jl_cli_program *program, int argc, char **argv) {
    jl_log_set_text(log_text);
    struct jl_cli cli = {.program = program, .language = early_language(argc, argv)};
    int leading = 0;
    while (1 + leading < argc) {
        const char *word = argv[1 + leading];
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            print_commands(program, stdout);
            return finish(&cli, JL_EXIT_DONE);
        }
        if (strcmp(word, "--version") == 0) {
            printf("%s %s\n", program->name, JIELIAN_VERSION);
            return finish(&cli, JL_EXIT_DONE);
        }
        int words = leading_words(word);
        if (words == 0 || 1 + leading + words > argc) {
            break;
        }
        leading += words;
    }
    if (1 + leading >= argc) {
        print_commands(program, stderr);
        return JL_EXIT_MISUSE;
    }
    int taken = 0;
    char **rest = argv + 1 + leading;
    cli.command = find_command(program, argc - 1 - leading, rest, &taken);
    if (cli.command == NULL) {
        return refuse_command(&cli, rest[0], rest[1]);
    }
    return run_command(&cli, leading, taken, argc, argv);
}

/* ---- Options of one command ---- */

static void print_option(const struct jl_option *option) {
    char name[NAME_MAX_BYTES];
    (void)snprintf(name, sizeof name, "--%s%s%s", option->name, option->value != NULL ? " " : "",
                   option->value != NULL ? option->value : "");
    printf("  %-20s %s\n", name, option->help);
}

static void print_usage(const struct jl_cli *cli) {
    printf("用法 / usage: %s %s %s%s\n  %s\n\n", cli->program->name, cli->command->name,
           cli->spec->arguments, cli->spec->option_count > 0 ? " [option]…" : "",
           cli->command->help);
    for (size_t i = 0; i < cli->spec->option_count; i++) {
        print_option(&cli->spec->options[i]);
    }
    for (size_t i = 0; i < SHARED_COUNT; i++) {
        print_option(&shared_options[i]);
    }
}

static bool refuse_option(const struct jl_cli *cli, const char *name) {
    const char *near = NULL;
    for (size_t i = 0; i < cli->spec->option_count; i++) {
        near = nearer(name, cli->spec->options[i].name, near);
    }
    for (size_t i = 0; i < SHARED_COUNT; i++) {
        near = nearer(name, shared_options[i].name, near);
    }
    if (near != NULL) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "没有选项 --%s；是 --%s 吗？用 %s --help 看用法",
                             "no option --%s; did you mean --%s? See %s --help"),
                    name, near, cli->command->name);
    } else {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "没有选项 --%s；用 %s --help 看用法",
                             "no option --%s; see %s --help"),
                    name, cli->command->name);
    }
    return false;
}

static bool take_shared(struct jl_cli *cli, size_t index, const char *value) {
    bool known = true;
    switch (index) {
    case 0:
        cli->folder = value;
        break;
    case 1:
        cli->json = true;
        break;
    case 2:
        cli->language = language_named(value, &known);
        break;
    default:
        break;
    }
    if (!known) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "--lang 只有 zh 和 en，没有“%s”",
                             "--lang is zh or en, not \"%s\""),
                    value);
    }
    return known;
}

/* The option at *index and, when it has one, its value. */
static bool take_option(struct jl_cli *cli, int *index) {
    const char *word = cli->argv[*index] + 2;
    size_t size = strcspn(word, "=");
    char name[NAME_MAX_BYTES];
    (void)snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : sizeof name - 1),
                   word);
    const struct jl_option *option = NULL;
    size_t place = 0;
    for (place = 0; place < cli->spec->option_count + SHARED_COUNT; place++) {
        const struct jl_option *candidate = place < cli->spec->option_count
                                                ? &cli->spec->options[place]
                                                : &shared_options[place - cli->spec->option_count];
        if (strcmp(candidate->name, name) == 0) {
            option = candidate;
            break;
        }
    }
    if (option == NULL) {
        return refuse_option(cli, name);
    }
    const char *value = word[size] == '=' ? word + size + 1 : NULL;
    if (option->value == NULL && value != NULL) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "--%s 不带值，请去掉 = 和后面的内容",
                             "--%s takes no value; drop the = and what follows"),
                    name);
        return false;
    }
    if (option->value != NULL && value == NULL) {
        if (*index + 1 >= cli->argc) {
            jl_cli_note(cli, JL_ZH_EN(cli->language, "--%s 后面要写 %s", "--%s needs a %s"), name,
                        option->value);
            return false;
        }
        value = cli->argv[++*index];
    }
    if (place >= cli->spec->option_count) {
        return take_shared(cli, place - cli->spec->option_count, value);
    }
    cli->values[place] = value != NULL ? value : "";
    return true;
}

static bool take_word(struct jl_cli *cli, const char *word) {
    if (cli->word_count == JL_CLI_WORDS_MAX) {
        jl_cli_note(cli, JL_ZH_EN(cli->language, "参数超过 %d 个", "more than %d words"),
                    JL_CLI_WORDS_MAX);
        return false;
    }
    cli->words[cli->word_count++] = word;
    return true;
}

static bool count_words(const struct jl_cli *cli) {
    if (cli->word_count >= cli->spec->least && cli->word_count <= cli->spec->most) {
        return true;
    }
    if (cli->word_count < cli->spec->least) {
        jl_cli_note(
            cli,
            JL_ZH_EN(cli->language, "参数不够，用法：%s %s %s", "too few words; usage: %s %s %s"),
            cli->program->name, cli->command->name, cli->spec->arguments);
    } else {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "多了参数“%s”，用法：%s %s %s",
                             "unexpected word \"%s\"; usage: %s %s %s"),
                    cli->words[cli->spec->most], cli->program->name, cli->command->name,
                    cli->spec->arguments);
    }
    return false;
}

bool jl_cli_parse(struct jl_cli *cli, const struct jl_cli_spec *spec, int *out_exit) {
    JL_ASSERT(spec->option_count <= JL_CLI_OPTIONS_MAX && spec->most <= JL_CLI_WORDS_MAX);
    bool only_words = false;
    cli->spec = spec;
    const char *folder = getenv("JIELIAN_DATA");
    cli->folder = folder != NULL && folder[0] != '\0' ? folder : NULL;
    *out_exit = JL_EXIT_MISUSE;
    for (int i = 0; i < cli->argc; i++) {
        const char *word = cli->argv[i];
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (!only_words && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            print_usage(cli);
            *out_exit = JL_EXIT_DONE;
            return false;
        } else if (!only_words && strncmp(word, "--", 2) == 0) {
            if (!take_option(cli, &i)) {
                return false;
            }
        } else if (!take_word(cli, word)) {
            return false;
        }
    }
    return count_words(cli);
}
