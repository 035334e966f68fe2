/* add, set, delete, list, show, find: one record or a list of them at the desk. */
#include "record_print.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/command/commands.h"
#include "jielian/command/desk_session.h"
#include "jielian/desk/find.h"
#include "jielian/desk/list.h"
#include "jielian/desk/show.h"
#include "jielian/json/document.h"

enum { LIST_LIMIT_MAX = 100000000, FIND_LIMIT = 50 };

static const struct jl_option limit_options[] = {{"limit", "N", "最多几条 / at most N"}};
static const struct jl_option list_options[] = {
    {"limit", "N", "最多几条 / at most N"},
    {"state", "STATE",
     "只列这种状态的：parked set_aside held case unsent deleted left / only records in this state"},
};

/* {"id": …, "warnings": […]}; warnings only when there are any. */
static enum jl_rc answer_id(struct jl_cli *cli, const struct jl_id *id,
                            const struct jl_problems *problems, struct jl_err *err) {
    JL_AUTO(jl_document) document = {0};
    if (!cli->json) {
        char text[JL_ID_TEXT_BYTES];
        jl_id_format(id, text);
        printf("%s\n", text);
        return JL_OK;
    }
    jl_document_object(&document, NULL);
    jl_document_id(&document, "id", id);
    if (problems->count > 0) {
        jl_document_array(&document, "warnings");
        for (size_t i = 0; i < problems->count; i++) {
            jl_document_string(&document, NULL, problems->items[i].text);
        }
        jl_document_end(&document);
    }
    jl_document_end(&document);
    return jl_print_document(&document, err);
}

/* ---- add, set ---- */

static enum jl_rc write_record(struct jl_cli *cli, struct jl_desk_session *session, bool add,
                               struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *type = NULL;
    struct jl_assignment *items = NULL;
    size_t count = 0;
    struct jl_problems problems = {0};
    struct jl_id id;
    enum jl_rc rc = add ? JL_OK : jl_cli_id(cli, 1, &id, err);
    if (rc == JL_OK) {
        rc = jl_cli_assignments(cli, add ? 1 : 2, &arena, &items, &count, err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_session_open_type(cli, JL_STORE_WRITE, session, &type, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    uint32_t number = type->number;
    rc = add ? jl_desk_add(&session->desk, type, items, count, &id, &problems, err)
             : jl_desk_set(&session->desk, type, &id, items, count, &problems, err);
    if (rc == JL_OK || problems.count > 1) {
        /* One error alone is what err says already. */
        jl_desk_session_note_problems(cli, session, number, &problems);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    return answer_id(cli, &id, &problems, err);
}

static enum jl_rc add_record(struct jl_cli *cli, struct jl_desk_session *session,
                             struct jl_err *err) {
    return write_record(cli, session, true, err);
}

static enum jl_rc set_record(struct jl_cli *cli, struct jl_desk_session *session,
                             struct jl_err *err) {
    return write_record(cli, session, false, err);
}

int jl_cmd_record_add(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {
        .arguments = "TYPE field=value…", .least = 2, .most = JL_CLI_WORDS_MAX};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_MAKES, add_record);
}

int jl_cmd_record_set(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {
        .arguments = "TYPE ID field=value…", .least = 3, .most = JL_CLI_WORDS_MAX};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, set_record);
}

/* ---- The rest: one call of the desk each ---- */

static enum jl_rc delete_record(struct jl_cli *cli, struct jl_desk_session *session,
                                struct jl_err *err) {
    const struct jl_problems none = {0};
    const struct jl_type *type = NULL;
    struct jl_id id;
    enum jl_rc rc = jl_cli_id(cli, 1, &id, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open_type(cli, JL_STORE_WRITE, session, &type, err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_delete(&session->desk, type, &id, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    return answer_id(cli, &id, &none, err);
}

enum jl_rc jl_cmd_record_do_restore(struct jl_cli *cli, struct jl_desk_session *session,
                                    struct jl_err *err) {
    struct jl_problems problems;
    const struct jl_type *type = NULL;
    struct jl_id id;
    jl_problems_reset(&problems);
    enum jl_rc rc = jl_cli_id(cli, 1, &id, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open_type(cli, JL_STORE_WRITE, session, &type, err);
    }
    uint32_t number = rc == JL_OK ? type->number : 0;
    if (rc == JL_OK) {
        rc = jl_desk_restore(&session->desk, type, &id, &problems, err);
    }
    if (number != 0) {
        jl_desk_session_note_problems(cli, session, number, &problems);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    return answer_id(cli, &id, &problems, err);
}

/* What to list, by the words and options. */
static enum jl_rc take_list(struct jl_cli *cli, struct jl_arena *arena,
                            struct jl_list_options *out_options, struct jl_err *err) {
    struct jl_assignment *filters = NULL;
    const int64_t range[2] = {1, LIST_LIMIT_MAX};
    int64_t limit = 0;
    enum jl_rc rc = jl_cli_assignments(cli, 1, arena, &filters, &out_options->filter_count, err);
    if (rc == JL_OK) {
        rc = jl_cli_number(cli, "limit", range, 0, &limit, err);
    }
    if (rc == JL_OK && cli->word_count == 0 && !jl_cli_has(cli, "state")) {
        rc = jl_fault(err, JL_MISUSE, JL_FAULT_RECORD_TYPE);
    }
    out_options->filters = filters;
    out_options->limit = (size_t)limit;
    out_options->fields_max = cli->json ? 0 : JL_RECORD_PRINT_FIELDS;
    return rc;
}

static enum jl_rc list_records(struct jl_cli *cli, struct jl_desk_session *session,
                               struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO_PTR(jl_list) list = NULL;
    const struct jl_type *type = NULL;
    const char *state = jl_cli_value(cli, "state");
    struct jl_list_options options = {0};
    enum jl_rc rc = take_list(cli, &arena, &options, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open(cli, JL_STORE_READ, session, err);
    }
    if (rc == JL_OK && cli->word_count > 0) {
        rc = jl_desk_session_type(session, cli->words[0], &type, err);
    }
    if (rc == JL_OK && state != NULL) {
        rc = jl_list_state_named(&session->desk, state, &options.state, err);
    }
    if (rc == JL_OK) {
        rc = jl_list_open(&session->desk, type, &options, &list, err);
    }
    return rc == JL_OK ? jl_record_print_list(cli, &session->desk, list, err) : rc;
}

static enum jl_rc show_record(struct jl_cli *cli, struct jl_desk_session *session,
                              struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *type = NULL;
    struct jl_shown shown;
    struct jl_id id;
    enum jl_rc rc = jl_cli_id(cli, 1, &id, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open_type(cli, JL_STORE_READ, session, &type, err);
    }
    if (rc == JL_OK) {
        rc = jl_show_record(&session->desk, type, &id, &arena, &shown, err);
    }
    return rc == JL_OK ? jl_record_print_shown(cli, &session->desk, &shown, err) : rc;
}

static enum jl_rc find_text(struct jl_cli *cli, struct jl_desk_session *session,
                            struct jl_err *err) {
    const int64_t range[2] = {1, LIST_LIMIT_MAX};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_found found;
    int64_t limit = 0;
    enum jl_rc rc = jl_cli_number(cli, "limit", range, FIND_LIMIT, &limit, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open(cli, JL_STORE_READ, session, err);
    }
    if (rc == JL_OK) {
        rc = jl_find_records(&session->desk, cli->words[0], (size_t)limit, &arena, &found, err);
    }
    return rc == JL_OK ? jl_record_print_found(cli, &session->desk, &found, err) : rc;
}

int jl_cmd_record_delete(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "TYPE ID", .least = 2, .most = 2};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, delete_record);
}

int jl_cmd_record_restore(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "TYPE ID", .least = 2, .most = 2};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, jl_cmd_record_do_restore);
}

int jl_cmd_record_list(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "TYPE [field=value…]",
                                            .most = JL_CLI_WORDS_MAX,
                                            .options = list_options,
                                            .option_count =
                                                sizeof list_options / sizeof *list_options};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, list_records);
}

int jl_cmd_record_show(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "TYPE ID", .least = 2, .most = 2};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, show_record);
}

int jl_cmd_record_find(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {
        .arguments = "TEXT", .least = 1, .most = 1, .options = limit_options, .option_count = 1};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, find_text);
}
