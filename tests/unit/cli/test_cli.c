/* The command line: dispatch, options, exit codes, and text that fits a terminal.
 *
 * Method: a small table of commands writes down what it was given; stdout and stderr go to files
 * and are read back. */
#include "jielian/base/assignment.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/table.h"
#include "jielian/cli/terminal.h"
#include "jielian/desk/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char seen[512];

static const struct jl_option options[] = {{"limit", "N", "at most"},
                                           {"watch", NULL, "again and again"}};
static const struct jl_cli_spec spec = {.arguments = "TYPE [field=value…]",
                                        .least = 1,
                                        .most = 8,
                                        .options = options,
                                        .option_count = 2};

static int run_list(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    const int64_t range[2] = {1, 100};
    int64_t limit = 0;
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    if (jl_cli_number(cli, "limit", range, 50, &limit, &err) != JL_OK) {
        return jl_cli_fail(cli, &err);
    }
    JL_AUTO(jl_arena) arena = {0};
    struct jl_assignment *items = NULL;
    size_t count = 0;
    if (jl_cli_assignments(cli, 1, &arena, &items, &count, &err) != JL_OK) {
        return jl_cli_fail(cli, &err);
    }
    size_t at = (size_t)snprintf(seen, sizeof seen, "%s|%s|%d|%d|%d", cli->words[0],
                                 cli->folder == NULL ? "" : cli->folder, cli->json, (int)limit,
                                 jl_cli_has(cli, "watch"));
    for (size_t i = 0; i < count; i++) {
        at +=
            (size_t)snprintf(seen + at, sizeof seen - at, "|%s=%s", items[i].field, items[i].value);
    }
    return JL_EXIT_ATTENTION;
}

static int run_office(struct jl_cli *cli) {
    const char *folder = NULL;
    struct jl_err err = {0};
    int exit_code = 0;
    static const struct jl_cli_spec none = {.arguments = "CODE NAME", .least = 2, .most = 2};
    if (!jl_cli_parse(cli, &none, &exit_code)) {
        return exit_code;
    }
    if (jl_cli_folder(cli, &folder, &err) != JL_OK) {
        return jl_cli_fail(cli, &err);
    }
    snprintf(seen, sizeof seen, "office %s %s in %s", cli->words[0], cli->words[1], folder);
    return JL_EXIT_DONE;
}

static const struct jl_command commands[] = {{"list", run_list, "list records"},
                                             {"office add", run_office, "add an office"}};

struct outcome {
    int exit_code;
    char out[4096];
    char err[4096];
};

static void read_back(FILE *file, char *text, size_t capacity) {
    rewind(file);
    size_t size = fread(text, 1, capacity - 1, file);
    text[size] = '\0';
    fclose(file);
}

/* Run a command line (words split at spaces) with stdout and stderr caught. */
static struct outcome run(const char *line) {
    static char words[512];
    char *argv[32] = {"prog"};
    int argc = 1;
    struct outcome outcome;
    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    seen[0] = '\0';
    fflush(NULL);
    int kept_out = dup(STDOUT_FILENO);
    int kept_err = dup(STDERR_FILENO);
    FILE *out = tmpfile();
    FILE *err = tmpfile();
    assert_true(kept_out >= 0 && kept_err >= 0 && out != NULL && err != NULL);
    dup2(fileno(out), STDOUT_FILENO);
    dup2(fileno(err), STDERR_FILENO);
    const struct jl_cli_program program = {.name = "prog", .commands = commands, .count = 2};
    outcome.exit_code = jl_cli_main(&program, argc, argv);
    fflush(NULL);
    dup2(kept_out, STDOUT_FILENO);
    dup2(kept_err, STDERR_FILENO);
    close(kept_out);
    close(kept_err);
    read_back(out, outcome.out, sizeof outcome.out);
    read_back(err, outcome.err, sizeof outcome.err);
    return outcome;
}

static void test_a_command_gets_its_words_and_options_in_any_order(void **state) {
    static const struct {
        const char *line;
        int exit_code;
        const char *seen;
    } table[] = {
        {"list member", 3, "member||0|50|0"},
        {"list member --limit 7 --json a=1", 3, "member||1|7|0|a=1"},
        {"list --limit=7 --watch member a=b=c d=", 3, "member||0|7|1|a=b=c|d="},
        {"--data D --json list member", 3, "member|D|1|50|0"},
        {"--data=D list member --data E", 3, "member|E|0|50|0"},
        {"list -- --odd", 3, "--odd||0|50|0"},
        {"office add GD X --data D", 0, "office GD X in D"},
    };
    (void)state;
    unsetenv("JIELIAN_DATA");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct outcome outcome = run(table[i].line);
        if (outcome.exit_code != table[i].exit_code || strcmp(seen, table[i].seen) != 0) {
            fail_msg("%s: %d %s %s", table[i].line, outcome.exit_code, seen, outcome.err);
        }
        assert_string_equal(outcome.err, "");
    }
}

static void test_misuse_goes_to_stderr_with_2_and_names_the_nearest(void **state) {
    static const struct {
        const char *line;
        const char *part;
    } table[] = {
        {"", "list"},
        {"lisst member", "“list”"},
        {"office ad GD X", "“office add”"},
        {"office", "“office add”"},
        {"quux", "--help"},
        {"list", "TYPE"},
        {"list member --limt 3", "--limit"},
        {"list member --limit", "N"},
        {"list member --limit x", "1"},
        {"list member --limit 101", "100"},
        {"list member --watch=3", "--watch"},
        {"list member --lang fr", "zh"},
        {"list member name", "字段=值"},
        {"list member --lang en name", "field=value"},
        {"office add GD X Y --data D", "“Y”"},
        {"office add GD X", "JIELIAN_DATA"},
    };
    (void)state;
    unsetenv("JIELIAN_DATA");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct outcome outcome = run(table[i].line);
        if (outcome.exit_code != 2 || strstr(outcome.err, table[i].part) == NULL ||
            outcome.out[0] != '\0') {
            fail_msg("%s: %d [%s] [%s]", table[i].line, outcome.exit_code, outcome.out,
                     outcome.err);
        }
    }
}

static void test_help_and_version_go_to_stdout_with_0(void **state) {
    static const struct {
        const char *line;
        const char *part;
    } table[] = {
        {"--help", "office add"},           {"--lang en --help", "office add"},
        {"--version", JIELIAN_VERSION},     {"list --help", "--limit N"},
        {"office add --help", "CODE NAME"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct outcome outcome = run(table[i].line);
        if (outcome.exit_code != 0 || strstr(outcome.out, table[i].part) == NULL ||
            outcome.err[0] != '\0') {
            fail_msg("%s: %d %s %s", table[i].line, outcome.exit_code, outcome.out, outcome.err);
        }
    }
}

static void test_the_environment_names_the_folder_unless_an_option_does(void **state) {
    (void)state;
    setenv("JIELIAN_DATA", "/env", 1);
    (void)run("list member");
    assert_string_equal(seen, "member|/env|0|50|0");
    (void)run("list member --data /own");
    assert_string_equal(seen, "member|/own|0|50|0");
    unsetenv("JIELIAN_DATA");
}

static void test_codes_become_exit_codes(void **state) {
    (void)state;
    assert_int_equal(jl_cli_exit_of(JL_OK), 0);
    assert_int_equal(jl_cli_exit_of(JL_MISUSE), 2);
    assert_int_equal(jl_cli_exit_of(JL_NOT_FOUND), 1);
    assert_int_equal(jl_cli_exit_of(JL_IO), 1);
}

static void test_text_is_as_wide_as_it_looks(void **state) {
    static const struct {
        const char *text;
        size_t width;
    } table[] = {{"", 0},
                 {"abc", 3},
                 {"张三", 4},
                 {"古丽·艾", 7},
                 {"Ａ", 2},
                 {"e\xCC\x81", 1},
                 {"\xF0\xA0\x80\x80", 2},
                 {"，", 2}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t width = jl_terminal_width(jl_bytes_text(table[i].text));
        /* The middle dot is one place on most terminals, two on some. */
        if (width != table[i].width) {
            fail_msg("%s: %zu instead of %zu", table[i].text, width, table[i].width);
        }
    }
}

static void test_no_value_can_drive_the_terminal(void **state) {
    JL_AUTO(jl_buf) out = {0};
    /* An escape sequence, a tab, a right-to-left override, a C1 control, a stray byte. */
    static const uint8_t text[] = {'a',  0x1b, '[',  '3',  '1',  'm', '\t',
                                   0xE2, 0x80, 0xAE, 0xC2, 0x9B, 0xFF};
    static const uint8_t turning[] = {0xE2, 0x80, 0xAE};
    (void)state;
    assert_int_equal(jl_terminal_fit(jl_bytes(text, sizeof text), 0, &out, NULL), JL_OK);
    for (size_t i = 0; i < out.size; i++) {
        assert_true(out.data[i] >= ' ');
    }
    assert_null(memmem(out.data, out.size, turning, sizeof turning));
    jl_buf_reset(&out);
    assert_int_equal(jl_terminal_fit(jl_bytes_text("古荡街道总工会"), 7, &out, NULL), JL_OK);
    assert_true(jl_bytes_is(jl_buf_bytes(&out), "古荡街…"));
}

static void test_columns_line_up_beneath_each_other(void **state) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    static const char *const headers[] = {"姓名", "人数", "备注"};
    static const char *const cells[] = {"张三", "7", "好", "古丽米热", "1200", ""};
    struct jl_err err;
    JL_AUTO(jl_table) table = {0};
    (void)state;
    assert_non_null(out);
    assert_int_equal(jl_table_init(&table, out, headers, 3, &err), JL_OK);
    table.right[1] = true;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        assert_int_equal(jl_table_cell(&table, jl_bytes_text(cells[i]), &err), JL_OK);
    }
    assert_int_equal(jl_table_end(&table, &err), JL_OK);
    fclose(out);
    assert_string_equal(text, "姓名      人数  备注\n"
                              "张三         7  好\n"
                              "古丽米热  1200\n");
    free(text);
}

static void test_a_long_table_flows(void **state) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    static const char *const headers[] = {"a"};
    struct jl_err err;
    JL_AUTO(jl_table) table = {0};
    (void)state;
    assert_non_null(out);
    assert_int_equal(jl_table_init(&table, out, headers, 1, &err), JL_OK);
    for (int i = 0; i < 3 * JL_TABLE_SAMPLE_ROWS; i++) {
        assert_int_equal(jl_table_cell(&table, jl_bytes_text("x"), &err), JL_OK);
    }
    assert_int_equal(jl_table_end(&table, &err), JL_OK);
    fclose(out);
    assert_int_equal(size, 2 * (3 * JL_TABLE_SAMPLE_ROWS + 1));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_command_gets_its_words_and_options_in_any_order),
        cmocka_unit_test(test_misuse_goes_to_stderr_with_2_and_names_the_nearest),
        cmocka_unit_test(test_help_and_version_go_to_stdout_with_0),
        cmocka_unit_test(test_the_environment_names_the_folder_unless_an_option_does),
        cmocka_unit_test(test_codes_become_exit_codes),
        cmocka_unit_test(test_text_is_as_wide_as_it_looks),
        cmocka_unit_test(test_no_value_can_drive_the_terminal),
        cmocka_unit_test(test_columns_line_up_beneath_each_other),
        cmocka_unit_test(test_a_long_table_flows),
    };
    return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
