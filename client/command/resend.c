/* `resend [ID…] [--state parked|set_aside] [--dry-run]`: everything that the district refused or
 * does not have goes out once more, as one change set. What still does not fit comes back parked,
 * with its reason. */
#include "office_commands.h"

#include "client/books/office.h"
#include "client/books/resend.h"

#include "jielian/base/fault.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/print.h"
#include "jielian/cli/terminal.h"
#include "jielian/command/desk_session.h"
#include "jielian/desk/titles.h"

#include <inttypes.h>
#include <string.h>

struct resending {
    struct jl_cli *cli;
    struct jl_desk_session *session;
    struct jl_id ids[JL_CLI_WORDS_MAX];
    bool found[JL_CLI_WORDS_MAX];
    struct jl_titles titles;
    json_t *records; /* [{"type", "label", "id", "title", "state", "kept"}] */
    uint64_t parked, set_aside, kept;
};

static void resending_fini(struct resending *resending) {
    jl_titles_fini(&resending->titles);
    json_decref(resending->records);
}

/* ---- Words ---- */

static enum jl_rc take_states(const struct jl_cli *cli, unsigned *out_states, struct jl_err *err) {
    const char *state = jl_cli_value(cli, "state");
    *out_states = JL_RESEND_PARKED | JL_RESEND_SET_ASIDE;
    if (state == NULL) {
        return JL_OK;
    }
    if (strcmp(state, "parked") == 0) {
        *out_states = JL_RESEND_PARKED;
    } else if (strcmp(state, "set_aside") == 0) {
        *out_states = JL_RESEND_SET_ASIDE;
    } else {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_RESEND_STATE, "%s", state);
    }
    return JL_OK;
}

static enum jl_rc refuse_unfound(const struct resending *resending, struct jl_err *err) {
    const struct jl_cli *cli = resending->cli;
    for (size_t i = 0; i < cli->word_count; i++) {
        if (!resending->found[i]) {
            return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_RESEND_RECORD, "%s", cli->words[i]);
        }
    }
    return JL_OK;
}

/* ---- One record ---- */

static enum jl_rc visit(void *context, const struct jl_resent *resent, struct jl_err *err) {
    struct resending *resending = context;
    struct jl_desk *desk = &resending->session->desk;
    const struct jl_head *head = &resent->record->head;
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, head->type);
    JL_AUTO(jl_buf) title = {0};
    char id[JL_ID_TEXT_BYTES];
    bool aside = resent->state == JL_RESEND_SET_ASIDE;
    enum jl_rc rc = type != NULL && head->rid != 0
                        ? jl_titles_put(desk, &resending->titles, type, resent->record, &title, err)
                        : JL_OK;
    if (rc != JL_OK) {
        return rc;
    }
    for (size_t i = 0; i < resending->cli->word_count; i++) {
        resending->found[i] = resending->found[i] || jl_id_equal(&resending->ids[i], &head->id);
    }
    resending->kept += resent->kept ? 1 : 0;
    resending->set_aside += aside && !resent->kept ? 1 : 0;
    resending->parked += aside ? 0 : 1;
    jl_id_format(&head->id, id);
    json_t *item =
        json_pack("{s:s, s:s, s:s, s:s%, s:s, s:b}", "type", type != NULL ? type->name : "",
                  "label", type != NULL ? jl_desk_label(desk, &type->label) : "", "id", id, "title",
                  title.size > 0 ? (const char *)title.data : "", title.size, "state",
                  aside ? "set_aside" : "parked", "kept", (int)resent->kept);
    return item != NULL && json_array_append_new(resending->records, item) == 0
               ? JL_OK
               : jl_fault_memory(err);
}

/* ---- Answers ---- */

static enum jl_rc print_json(const struct resending *resending,
                             const struct jl_resend_options *options, struct jl_err *err) {
    char set[JL_ID_TEXT_BYTES];
    uint64_t resent = resending->parked + resending->set_aside;
    bool made = !options->dry_run && resent > 0;
    jl_id_format(&options->change_set, set);
    return jl_print_answer(
        json_pack("{s:I, s:I, s:I, s:I, s:O, s:s?, s:b}", "resent", (json_int_t)resent, "parked",
                  (json_int_t)resending->parked, "set_aside", (json_int_t)resending->set_aside,
                  "kept", (json_int_t)resending->kept, "records", resending->records, "change_set",
                  made ? set : NULL, "dry_run", (int)options->dry_run),
        err);
}

static enum jl_rc print_records(const struct resending *resending, bool kept, struct jl_err *err) {
    size_t index = 0;
    const json_t *item = NULL;
    json_array_foreach(resending->records, index, item) {
        JL_AUTO(jl_buf) title = {0};
        if (json_is_true(json_object_get(item, "kept")) != kept) {
            continue;
        }
        enum jl_rc rc = jl_terminal_fit(
            jl_bytes_text(json_string_value(json_object_get(item, "title"))), 0, &title, err);
        if (rc != JL_OK) {
            return rc;
        }
        printf("  %s %s %.*s\n", json_string_value(json_object_get(item, "label")),
               json_string_value(json_object_get(item, "id")), (int)title.size,
               title.size > 0 ? (const char *)title.data : "");
    }
    return JL_OK;
}

static enum jl_rc print_text(const struct resending *resending,
                             const struct jl_resend_options *options, struct jl_err *err) {
    const struct jl_cli *cli = resending->cli;
    uint64_t resent = resending->parked + resending->set_aside;
    enum jl_rc rc = JL_OK;
    if (options->dry_run) {
        printf(JL_ZH_EN(cli->language,
                        "预览：将重新报送 %" PRIu64 " 条（被退回 %" PRIu64 "，已搁置 %" PRIu64
                        "），未作任何修改\n",
                        "would send %" PRIu64 " again (%" PRIu64 " parked, %" PRIu64
                        " set aside); nothing is changed\n"),
               resent, resending->parked, resending->set_aside);
        rc = print_records(resending, false, err);
    } else if (resent == 0) {
        printf("%s\n", JL_ZH_EN(cli->language, "没有要重新报送的", "nothing to send again"));
    } else {
        char set[JL_ID_TEXT_BYTES];
        jl_id_format(&options->change_set, set);
        printf(JL_ZH_EN(cli->language,
                        "重新报送 %" PRIu64 " 条（被退回 %" PRIu64 "，已搁置 %" PRIu64
                        "），变更集 %s；下次同步时送出\n",
                        "%" PRIu64 " are sent again (%" PRIu64 " parked, %" PRIu64
                        " set aside) as change set %s; they go out with the next sync\n"),
               resent, resending->parked, resending->set_aside, set);
    }
    if (rc == JL_OK && resending->kept > 0) {
        printf(JL_ZH_EN(cli->language,
                        "另有 %" PRIu64
                        " 条只能由区总工会重新登记，仍搁置在本机；请告诉区总工会：\n",
                        "%" PRIu64 " more can only be made again by the district and stay set "
                        "aside here; tell the district:\n"),
               resending->kept);
        rc = print_records(resending, true, err);
    }
    return rc;
}

/* ---- The command ---- */

static enum jl_rc run(struct resending *resending, struct jl_resend_options *options,
                      struct jl_err *err) {
    struct jl_office *office = resending->session->office;
    enum jl_rc rc = JL_OK;
    if (options->id_count > 0 && !options->dry_run) {
        /* All ids must fit before the first is sent. */
        struct jl_resend_options rehearsal = *options;
        rehearsal.dry_run = true;
        rc = jl_resend_records(office, &rehearsal, err);
        rc = rc == JL_OK ? refuse_unfound(resending, err) : rc;
        json_array_clear(resending->records);
        resending->parked = resending->set_aside = resending->kept = 0;
    }
    if (rc == JL_OK) {
        rc = jl_resend_records(office, options, err);
    }
    return rc == JL_OK && options->dry_run ? refuse_unfound(resending, err) : rc;
}

static enum jl_rc resend(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    JL_AUTO(resending) resending = {.cli = cli, .session = session, .records = json_array()};
    struct jl_resend_options options = {.ids = resending.ids,
                                        .id_count = cli->word_count,
                                        .dry_run = jl_cli_has(cli, "dry-run"),
                                        .label = JL_ZH_EN(cli->language, "重新报送", "sent again"),
                                        .visit = visit,
                                        .context = &resending};
    if (resending.records == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = take_states(cli, &options.states, err);
    for (size_t i = 0; rc == JL_OK && i < cli->word_count; i++) {
        rc = jl_cli_id(cli, i, &resending.ids[i], err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_session_open(cli, options.dry_run ? JL_STORE_READ : JL_STORE_WRITE, session,
                                  err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_clock *clock = &session->desk.clock;
    options.change_set = jl_id_next(&session->desk.ids, clock->wall_ms(clock->context));
    rc = run(&resending, &options, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (!options.dry_run) {
        jl_desk_session_ring(session);
    }
    session->attention = resending.kept > 0;
    return cli->json ? print_json(&resending, &options, err)
                     : print_text(&resending, &options, err);
}

int jl_cmd_resend(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"state", "STATE", "只重发这一种：parked、set_aside / only these"},
        {"dry-run", NULL, "只预览，不修改 / say what it would do, change nothing"},
    };
    static const struct jl_cli_spec spec = {.arguments = "[ID…]",
                                            .most = JL_CLI_WORDS_MAX,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, resend);
}
