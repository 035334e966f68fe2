/* add, set, delete, list, show, find: one record or a list of them at the desk. */
#include "client.h"

#include <string.h>

enum { LIST_LIMIT_MAX = 100000000, FIND_LIMIT = 50 };

static const struct jl_option write_options[] = {JL_STAFF_OPTION, JL_PASSPHRASE_OPTION};
static const struct jl_option limit_options[] = {
    {"limit", "N", "最多几条 / at most N"}, JL_STAFF_OPTION, JL_PASSPHRASE_OPTION};
enum { WRITE_OPTIONS = 2, LIMIT_OPTIONS = 3 };

static const struct jl_cli_spec add_spec = {.arguments = "TYPE field=value…",
                                            .least = 2,
                                            .most = JL_CLI_WORDS_MAX,
                                            .options = write_options,
                                            .option_count = WRITE_OPTIONS};
static const struct jl_cli_spec set_spec = {.arguments = "TYPE ID field=value…",
                                            .least = 3,
                                            .most = JL_CLI_WORDS_MAX,
                                            .options = write_options,
                                            .option_count = WRITE_OPTIONS};
static const struct jl_cli_spec one_spec = {.arguments = "TYPE ID",
                                            .least = 2,
                                            .most = 2,
                                            .options = write_options,
                                            .option_count = WRITE_OPTIONS};
static const struct jl_cli_spec list_spec = {.arguments = "TYPE [field=value…]",
                                             .least = 1,
                                             .most = JL_CLI_WORDS_MAX,
                                             .options = limit_options,
                                             .option_count = LIMIT_OPTIONS};
static const struct jl_cli_spec find_spec = {.arguments = "TEXT",
                                             .least = 1,
                                             .most = 1,
                                             .options = limit_options,
                                             .option_count = LIMIT_OPTIONS};

/* {"id": …, "warnings": […]}; warnings only when there are any. */
static enum jl_rc answer_id(struct jl_cli *cli, const struct jl_id *id,
                            const struct jl_problems *problems, struct jl_err *err) {
    char text[JL_ID_TEXT_BYTES];
    jl_id_format(id, text);
    if (!cli->json) {
        printf("%s\n", text);
        return JL_OK;
    }
    json_t *document = json_pack("{s:s}", "id", text);
    json_t *warnings = json_array();
    bool made = document != NULL && warnings != NULL;
    for (size_t i = 0; made && i < problems->count; i++) {
        made = json_array_append_new(warnings, json_string(problems->items[i].text)) == 0;
    }
    if (made && json_array_size(warnings) > 0) {
        made = json_object_set(document, "warnings", warnings) == 0;
    }
    enum jl_rc rc = made ? jl_json_print(document, stdout, err)
                         : jl_fail(err, JL_NOMEM, "no memory for the answer");
    json_decref(warnings);
    json_decref(document);
    return rc;
}

/* words[0] TYPE, words[1] ID. */
static enum jl_rc take_id(const struct jl_cli *cli, struct jl_id *out_id, struct jl_err *err) {
    if (jl_id_parse(cli->words[1], out_id, err) != JL_OK) {
        return jl_fail(err, JL_MISUSE,
                       JL_ZH_EN(cli->language, "“%s”不是记录编号；请用 list 或 find 查编号",
                                "\"%s\" is no record id; look it up with list or find"),
                       cli->words[1]);
    }
    return JL_OK;
}

/* ---- add, set ---- */

struct writing {
    struct jl_seat seat;
    struct jl_arena arena;
    struct jl_assignment *items;
    size_t count;
    struct jl_problems problems;
    struct jl_id id;
};

static enum jl_rc write_record(struct jl_cli *cli, struct writing *writing, bool add,
                               struct jl_err *err) {
    const struct jl_type *type = NULL;
    struct jl_desk *desk = &writing->seat.desk;
    enum jl_rc rc = add ? JL_OK : take_id(cli, &writing->id, err);
    if (rc == JL_OK) {
        rc = jl_cli_assignments(cli, add ? 1 : 2, &writing->arena, &writing->items, &writing->count,
                                err);
    }
    if (rc == JL_OK) {
        rc = jl_seat_open(cli, JL_STORE_WRITE, &writing->seat, err);
    }
    if (rc == JL_OK) {
        rc = jl_seat_type(&writing->seat, cli->words[0], &type, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    uint32_t number = type->number;
    rc = add ? jl_desk_add(desk, type, writing->items, writing->count, &writing->id,
                           &writing->problems, err)
             : jl_desk_set(desk, type, &writing->id, writing->items, writing->count,
                           &writing->problems, err);
    if (rc == JL_OK || writing->problems.count > 1) {
        /* One error alone is what err says already. */
        jl_seat_note_problems(cli, &writing->seat, number, &writing->problems);
    }
    if (rc == JL_OK) {
        jl_seat_ring(&writing->seat);
        rc = answer_id(cli, &writing->id, &writing->problems, err);
    }
    return rc;
}

static int run_write(struct jl_cli *cli, const struct jl_cli_spec *spec, bool add) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct writing writing = {0};
    if (!jl_cli_parse(cli, spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = write_record(cli, &writing, add, &err);
    jl_seat_fini(&writing.seat);
    jl_arena_fini(&writing.arena);
    return rc == JL_OK ? JL_EXIT_DONE : jl_cli_fail(cli, &err);
}

int jl_cmd_add(struct jl_cli *cli) {
    return run_write(cli, &add_spec, true);
}

int jl_cmd_set(struct jl_cli *cli) {
    return run_write(cli, &set_spec, false);
}

/* ---- The rest: one call of the desk each ---- */

typedef enum jl_rc (*seated_fn)(struct jl_cli *cli, struct jl_seat *seat,
                                const struct jl_type *type, struct jl_err *err);

static int run_seated(struct jl_cli *cli, const struct jl_cli_spec *spec, enum jl_store_mode mode,
                      seated_fn work) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_seat seat = {0};
    const struct jl_type *type = NULL;
    if (!jl_cli_parse(cli, spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = jl_seat_open(cli, mode, &seat, &err);
    if (rc == JL_OK && spec != &find_spec) {
        rc = jl_seat_type(&seat, cli->words[0], &type, &err);
    }
    if (rc == JL_OK) {
        rc = work(cli, &seat, type, &err);
    }
    jl_seat_fini(&seat);
    return rc == JL_OK ? JL_EXIT_DONE : jl_cli_fail(cli, &err);
}

static enum jl_rc delete_record(struct jl_cli *cli, struct jl_seat *seat,
                                const struct jl_type *type, struct jl_err *err) {
    const struct jl_problems none = {0};
    struct jl_id id;
    enum jl_rc rc = take_id(cli, &id, err);
    if (rc == JL_OK) {
        rc = jl_desk_delete(&seat->desk, type, &id, err);
    }
    if (rc == JL_OK) {
        jl_seat_ring(seat);
        rc = answer_id(cli, &id, &none, err);
    }
    return rc;
}

static enum jl_rc list_records(struct jl_cli *cli, struct jl_seat *seat, const struct jl_type *type,
                               struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_assignment *filters = NULL;
    size_t count = 0;
    const int64_t range[2] = {1, LIST_LIMIT_MAX};
    int64_t limit = 0;
    enum jl_rc rc = jl_cli_assignments(cli, 1, &arena, &filters, &count, err);
    if (rc == JL_OK) {
        rc = jl_cli_number(cli, "limit", range, 0, &limit, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_list_options options = {
        .filters = filters, .filter_count = count, .limit = (size_t)limit, .json = cli->json};
    return jl_desk_list(&seat->desk, type, &options, stdout, err);
}

static enum jl_rc show_record(struct jl_cli *cli, struct jl_seat *seat, const struct jl_type *type,
                              struct jl_err *err) {
    struct jl_id id;
    enum jl_rc rc = take_id(cli, &id, err);
    return rc == JL_OK ? jl_desk_show(&seat->desk, type, &id, cli->json, stdout, err) : rc;
}

static enum jl_rc find_text(struct jl_cli *cli, struct jl_seat *seat, const struct jl_type *type,
                            struct jl_err *err) {
    const int64_t range[2] = {1, LIST_LIMIT_MAX};
    int64_t limit = 0;
    (void)type;
    enum jl_rc rc = jl_cli_number(cli, "limit", range, FIND_LIMIT, &limit, err);
    return rc == JL_OK
               ? jl_desk_find(&seat->desk, cli->words[0], (size_t)limit, cli->json, stdout, err)
               : rc;
}

int jl_cmd_delete(struct jl_cli *cli) {
    return run_seated(cli, &one_spec, JL_STORE_WRITE, delete_record);
}

int jl_cmd_list(struct jl_cli *cli) {
    return run_seated(cli, &list_spec, JL_STORE_READ, list_records);
}

int jl_cmd_show(struct jl_cli *cli) {
    return run_seated(cli, &one_spec, JL_STORE_READ, show_record);
}

int jl_cmd_find(struct jl_cli *cli) {
    return run_seated(cli, &find_spec, JL_STORE_READ, find_text);
}
