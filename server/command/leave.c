/* leave: the district lets an office enter old books, with statuses that only the district may
 * give, until a day. A record of the office's feed, so that its desk knows it, too. */
#include "district_commands.h"

#include "server/books/own_ops.h"

#include "jielian/base/fault.h"
#include "jielian/books/leave.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/cli/print.h"
#include "jielian/record/check.h"
#include "jielian/record/parse.h"

#include <string.h>

static enum jl_rc put(struct jl_row *row, uint32_t field, struct jl_value value,
                      struct jl_arena *arena, struct jl_err *err) {
    bool empty = value.kind == JL_VALUE_TEXT && value.bytes.size == 0;
    return empty ? JL_OK : jl_row_set(row, field, &value, arena, err);
}

static enum jl_rc read_until(const struct jl_cli *cli, const struct jl_desk_session *session,
                             struct jl_arena *arena, struct jl_value *out_until,
                             struct jl_err *err) {
    const struct jl_type *type = jl_books_layout(session->desk.books, JL_TYPE_LEAVE)->type;
    const struct jl_check_context context = {
        .catalogue = session->desk.books->catalogue, .today = INT32_MAX, .language = cli->language};
    const char *text = jl_cli_value(cli, "until");
    struct jl_problems problems;
    jl_problems_reset(&problems);
    if (text == NULL) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_LEAVE_UNTIL);
    }
    enum jl_rc rc = jl_parse_field(&context, jl_type_field(type, JL_LEAVE_UNTIL),
                                   jl_bytes_text(text), arena, out_until, &problems, err);
    return rc == JL_OK && problems.errors > 0
               ? jl_fault_at(err, JL_MISUSE, JL_FAULT_TEXT, "%s", problems.items[0].text)
               : rc;
}

/* Name of the type that the leave is for; empty: all of them. */
static enum jl_rc read_type(const struct jl_cli *cli, const struct jl_desk_session *session,
                            struct jl_value *out_name, struct jl_err *err) {
    const char *wanted = jl_cli_value(cli, "type");
    const struct jl_type *type = NULL;
    *out_name = jl_value_cstr("");
    enum jl_rc rc = wanted != NULL ? jl_desk_session_type(session, wanted, &type, err) : JL_OK;
    if (rc == JL_OK && type != NULL) {
        *out_name = jl_value_cstr(type->name);
    }
    return rc;
}

static enum jl_rc fill(const struct jl_cli *cli, struct jl_desk_session *session,
                       struct jl_arena *arena, struct jl_row *row, struct jl_err *err) {
    const char *reason = jl_cli_value(cli, "reason");
    struct jl_value until;
    struct jl_value name;
    enum jl_rc rc = read_until(cli, session, arena, &until, err);
    if (rc == JL_OK) {
        rc = read_type(cli, session, &name, err);
    }
    if (rc == JL_OK) {
        rc = put(row, JL_LEAVE_TYPE, name, arena, err);
    }
    if (rc == JL_OK) {
        rc = put(row, JL_LEAVE_UNTIL, until, arena, err);
    }
    if (rc == JL_OK) {
        rc = put(row, JL_LEAVE_REASON, jl_value_cstr(reason != NULL ? reason : ""), arena, err);
    }
    return rc == JL_OK ? put(row, JL_LEAVE_STAFF, jl_value_cstr(session->staff), arena, err) : rc;
}

static enum jl_rc give(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_change change = {.kind = JL_OP_CREATE, .after = {.type = JL_TYPE_LEAVE}};
    enum jl_rc rc = jl_desk_session_open(cli, JL_STORE_WRITE, session, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_district *district = session->district;
    const struct jl_office_entry *office = jl_roster_office_coded(district, cli->words[0]);
    if (office == NULL) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_OFFICE_CODE_UNKNOWN, "%s", cli->words[0]);
    }
    change.after.owner = office->number;
    change.after.id =
        jl_id_next(&session->desk.ids, district->clock.wall_ms(district->clock.context));
    rc = fill(cli, session, &arena, &change.after, err);
    if (rc == JL_OK) {
        rc = jl_own_ops_save(district, NULL, &change, 1, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(&change.after.id, id);
    jl_desk_session_ring(session);
    if (cli->json) {
        return jl_print_answer(json_pack("{s:s, s:s}", "id", id, "office", cli->words[0]), err);
    }
    printf(JL_ZH_EN(cli->language,
                    "%s 下次同步后就可以补录旧账；要提前收回：delete old_books_leave %s\n",
                    "%s may enter old books after its next sync; to end it sooner: delete "
                    "old_books_leave %s\n"),
           cli->words[0], id);
    return JL_OK;
}

int jl_cmd_leave(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"until", "DATE", "最后一天，如 2026-12-31 / the last day"},
        {"type", "TYPE", "只限一种记录 / for one type of records only"},
        {"reason", "TEXT", "事由 / why"}};
    static const struct jl_cli_spec spec = {
        .arguments = "CODE", .least = 1, .most = 1, .options = options, .option_count = 3};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, give);
}
