/* What a command reads from its options and words, and how it says what went wrong. */
#include "jielian/base/assert.h"
#include "jielian/base/assignment.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/terminal.h"
#include "jielian/message/fault_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *jl_cli_value(const struct jl_cli *cli, const char *name) {
    for (size_t i = 0; i < cli->spec->option_count; i++) {
        if (strcmp(cli->spec->options[i].name, name) == 0) {
            return cli->values[i];
        }
    }
    bool declared = false;
    JL_ASSERT(declared);
    return NULL;
}

bool jl_cli_has(const struct jl_cli *cli, const char *name) {
    return jl_cli_value(cli, name) != NULL;
}

enum jl_rc jl_cli_number(const struct jl_cli *cli, const char *name, const int64_t range[static 2],
                         int64_t fallback, int64_t *out_number, struct jl_err *err) {
    const char *text = jl_cli_value(cli, name);
    char *end = NULL;
    if (text == NULL) {
        *out_number = fallback;
        return JL_OK;
    }
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < range[0] || number > range[1]) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_CLI_NUMBER,
                           "%s" JL_AND "%" PRId64 JL_AND "%" PRId64, name, range[0], range[1]);
    }
    *out_number = number;
    return JL_OK;
}

enum jl_rc jl_cli_date(const struct jl_cli *cli, const char *name, int64_t fallback,
                       int64_t *out_date, struct jl_err *err) {
    const char *text = jl_cli_value(cli, name);
    if (text == NULL) {
        *out_date = fallback;
        return JL_OK;
    }
    size_t size = strlen(text);
    bool dashed = size == 10 && text[4] == '-' && text[7] == '-';
    int64_t date = 0;
    size_t digits = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] >= '0' && text[i] <= '9' && digits < 8) {
            date = date * 10 + (text[i] - '0');
            digits++;
        }
    }
    if (digits != 8 || !(dashed || size == 8) || !jl_date_valid(date)) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_CLI_DAY, "%s", name);
    }
    *out_date = date;
    return JL_OK;
}

enum jl_rc jl_cli_folder(const struct jl_cli *cli, const char **out_folder, struct jl_err *err) {
    if (cli->folder == NULL || cli->folder[0] == '\0') {
        return jl_fault(err, JL_MISUSE, JL_FAULT_CLI_FOLDER);
    }
    *out_folder = cli->folder;
    return JL_OK;
}

enum jl_rc jl_cli_assignments(const struct jl_cli *cli, size_t first, struct jl_arena *arena,
                              struct jl_assignment **out_items, size_t *out_count,
                              struct jl_err *err) {
    size_t count = cli->word_count > first ? cli->word_count - first : 0;
    struct jl_assignment *items = jl_arena_zalloc(arena, count + 1, sizeof *items);
    if (items == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *word = cli->words[first + i];
        size_t size = strcspn(word, "=");
        if (size == 0 || word[size] != '=') {
            /* The word may be a value that slipped, so it is not repeated. */
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_CLI_ASSIGNMENT, "%zu", first + i + 1);
        }
        items[i].field = jl_arena_text(arena, jl_bytes(word, size));
        items[i].value = word + size + 1;
        if (items[i].field == NULL) {
            return jl_fault_memory(err);
        }
    }
    *out_items = items;
    *out_count = count;
    return JL_OK;
}

enum jl_rc jl_cli_id(const struct jl_cli *cli, size_t word, struct jl_id *out_id,
                     struct jl_err *err) {
    if (jl_id_parse(cli->words[word], out_id, err) != JL_OK) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_CLI_ID, "%s", cli->words[word]);
    }
    return JL_OK;
}

/* ---- Answers ---- */

int jl_cli_exit_of(enum jl_rc rc) {
    switch (rc) {
    case JL_OK:
        return JL_EXIT_DONE;
    case JL_MISUSE:
        return JL_EXIT_MISUSE;
    case JL_BUSY:
    case JL_NOMEM:
    case JL_IO:
    case JL_CORRUPT:
    case JL_PROTO:
    case JL_DENIED:
    case JL_LIMIT:
    case JL_CONFLICT:
    case JL_NOT_FOUND:
        break;
    }
    return JL_EXIT_FAILED;
}

void jl_cli_note(const struct jl_cli *cli, const char *format, ...) {
    char text[2 * JL_ERR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    JL_AUTO(jl_buf) line = {0};
    if (written < 0 || jl_terminal_fit(jl_bytes_text(text), 0, &line, NULL) != JL_OK) {
        (void)fprintf(stderr, "%s: %s\n", cli->program->name, "no memory for a message");
        return;
    }
    (void)fprintf(stderr, "%s: %.*s\n", cli->program->name, (int)line.size,
                  (const char *)line.data);
}

int jl_cli_fail(const struct jl_cli *cli, const struct jl_err *err) {
    char text[JL_FAULT_TEXT_BYTES];
    jl_cli_note(cli, "%s", jl_fault_text(err, cli->language, text));
    if (err->rc == JL_CORRUPT && strcmp(cli->command->name, "verify") != 0) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language,
                             "存储的数据可能已经损坏；运行 %s verify，它会说哪里受损、下一步怎么办",
                             "stored data may be damaged; run %s verify: it says what is affected "
                             "and what to do next"),
                    cli->program->name);
    }
    return jl_cli_exit_of(err->rc == JL_OK ? JL_IO : err->rc);
}
