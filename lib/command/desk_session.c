/* What a command does at its session besides its work: options, types, records, access log. */
#include "jielian/command/desk_session.h"
#include "jielian/base/assert.h"
#include "jielian/base/assignment.h"
#include "jielian/base/fault.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/cli/iso_time.h"

#include <string.h>

/* ---- What the program brings ---- */

enum jl_rc jl_desk_session_open(const struct jl_cli *cli, enum jl_store_mode mode,
                                struct jl_desk_session *session, struct jl_err *err) {
    const struct jl_desk_program *program = cli->program->desk;
    JL_ASSERT(program != NULL);
    *session = (struct jl_desk_session){.program = program};
    return program->open(cli, mode, session, err);
}

void jl_desk_session_fini(struct jl_desk_session *session) {
    if (session->program != NULL) {
        session->program->close(session);
    }
}

enum jl_rc jl_desk_session_change_set(struct jl_desk_session *session,
                                      const struct jl_id *change_set, struct jl_arena *arena,
                                      struct jl_undo_op **out_ops, size_t *out_count,
                                      struct jl_err *err) {
    return session->program->change_set(session, change_set, arena, out_ops, out_count, err);
}

void jl_desk_session_ring(const struct jl_desk_session *session) {
    session->program->ring(session);
}

/* ---- A command's work ---- */

int jl_desk_session_run(struct jl_cli *cli, const struct jl_cli_spec *spec,
                        enum jl_desk_session_use use, jl_desk_session_fn work) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_desk_session session = {0};
    struct jl_option options[JL_CLI_OPTIONS_MAX];
    struct jl_cli_spec whole = *spec;
    const struct jl_desk_session_options shared = cli->program->desk->options(use);
    JL_ASSERT(spec->option_count + shared.count <= JL_CLI_OPTIONS_MAX);
    whole.options = options;
    whole.option_count = 0;
    for (size_t i = 0; i < spec->option_count; i++) {
        options[whole.option_count++] = spec->options[i];
    }
    for (size_t i = 0; i < shared.count; i++) {
        options[whole.option_count++] = shared.items[i];
    }
    if (jl_cli_parse(cli, &whole, &exit_code)) {
        enum jl_rc rc = work(cli, &session, &err);
        exit_code = rc != JL_OK         ? jl_cli_fail(cli, &err)
                    : session.attention ? JL_EXIT_ATTENTION
                                        : JL_EXIT_DONE;
        jl_desk_session_fini(&session);
    }
    cli->spec = NULL; /* it ends here */
    return exit_code;
}

enum jl_rc jl_desk_session_take_staff(struct jl_desk_session *session, const char *const *names,
                                      size_t count, struct jl_err *err) {
    const char *login = NULL;
    for (size_t i = 0; i < count && (login == NULL || login[0] == '\0'); i++) {
        login = names[i];
    }
    JL_ASSERT(login != NULL);
    if (strlen(login) > JL_STAFF_MAX_BYTES) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_LOGIN_LONG, "%d", JL_STAFF_MAX_BYTES);
    }
    memcpy(session->staff, login, strlen(login) + 1);
    return JL_OK;
}

enum jl_rc jl_desk_session_type(const struct jl_desk_session *session, const char *name,
                                const struct jl_type **out_type, struct jl_err *err) {
    const struct jl_catalogue *catalogue = session->desk.books->catalogue;
    const struct jl_type *type = jl_catalogue_type_named(catalogue, name);
    JL_AUTO(jl_buf) names = {0};
    for (size_t i = 0; type == NULL && i < jl_catalogue_type_count(catalogue); i++) {
        const struct jl_type *each = jl_catalogue_type_at(catalogue, i);
        if (strcmp(each->label.zh, name) == 0 || strcmp(each->label.en, name) == 0) {
            type = each;
        }
        enum jl_rc rc = jl_buf_printf(&names, err, "%s%s", i == 0 ? "" : " ", each->name);
        if (rc != JL_OK) {
            return rc;
        }
    }
    if (type == NULL) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_SESSION_TYPE, "%s" JL_AND "%.*s", name,
                           (int)names.size, (const char *)names.data);
    }
    *out_type = type;
    return JL_OK;
}

enum jl_rc jl_desk_session_open_type(const struct jl_cli *cli, enum jl_store_mode mode,
                                     struct jl_desk_session *session,
                                     const struct jl_type **out_type, struct jl_err *err) {
    enum jl_rc rc = jl_desk_session_open(cli, mode, session, err);
    return rc == JL_OK ? jl_desk_session_type(session, cli->words[0], out_type, err) : rc;
}

enum jl_rc jl_desk_session_load(struct jl_desk_session *session, uint32_t type,
                                const struct jl_id *id, struct jl_arena *arena,
                                struct jl_book_record *out_record, struct jl_err *err) {
    const struct jl_record_key key = {.type = type, .id = *id};
    struct jl_books *books = session->desk.books;
    enum jl_rc rc = jl_books_begin(books, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_books_load(books, &key, 1, arena, out_record, err);
    jl_store_rollback(books->store);
    if (rc == JL_OK && out_record->head.rid == 0) {
        char text[JL_ID_TEXT_BYTES];
        jl_id_format(id, text);
        rc = jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_SESSION_RECORD, "%s", text);
    }
    return rc;
}

enum jl_rc jl_desk_session_log_access(struct jl_desk_session *session, const char *action,
                                      const char *subject, const char *reason, struct jl_err *err) {
    char at[JL_ISO_TIME_BYTES];
    struct jl_id id;
    struct jl_problems problems = {0};
    struct jl_desk desk = session->desk;
    const struct jl_type *type = jl_catalogue_type(desk.books->catalogue, JL_TYPE_ACCESS_LOG);
    JL_ASSERT(type != NULL);
    jl_iso_time(desk.clock.wall_ms(desk.clock.context), at);
    const struct jl_assignment items[] = {{.field = "at", .value = at},
                                          {.field = "staff", .value = session->staff},
                                          {.field = "action", .value = action},
                                          {.field = "subject", .value = subject},
                                          {.field = "reason", .value = reason}};
    desk.owner = session->log_owner;
    desk.program = true;
    enum jl_rc rc =
        jl_desk_add(&desk, type, items, sizeof items / sizeof *items, &id, &problems, err);
    session->desk.ids = desk.ids; /* no id is given out twice */
    return rc == JL_OK ? rc : jl_fault_wrap(err, JL_FAULT_SESSION_ACCESS_LOG, "%s", "");
}

void jl_desk_session_note_problems(const struct jl_cli *cli, const struct jl_desk_session *session,
                                   uint32_t type, const struct jl_problems *problems) {
    const struct jl_type *of = jl_catalogue_type(session->desk.books->catalogue, type);
    bool en = cli->language == JL_LANGUAGE_EN;
    for (size_t i = 0; i < problems->count; i++) {
        const struct jl_problem *problem = &problems->items[i];
        const struct jl_field *field =
            of != NULL && problem->field != 0 ? jl_type_field(of, problem->field) : NULL;
        bool warning = problem->severity == JL_PROBLEM_WARNING;
        jl_cli_note(cli, "%s%s%s%s",
                    warning ? JL_ZH_EN(cli->language, "请核对：", "please check: ") : "",
                    field == NULL ? ""
                    : en          ? field->label.en
                                  : field->label.zh,
                    field == NULL ? ""
                    : en          ? ": "
                                  : "：",
                    problem->text);
    }
    if (problems->dropped > 0) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "还有 %zu 处问题没有列出", "%zu more are not shown"),
                    problems->dropped);
    }
}
