/* `transfer ask NUMBER NAME [REASON]`: somebody has come whom another office has, nobody here knows
 * which. The district looks; whoever it finds is asked for as `transfer request` there would. */
#include "office_commands.h"

#include "jielian/base/assignment.h"
#include "jielian/base/id.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/print.h"
#include "jielian/command/desk_session.h"
#include "jielian/json/document.h"

static enum jl_rc answer(const struct jl_cli *cli, const struct jl_id *id, struct jl_err *err) {
    static const char checking[] = "区级核对中";
    if (cli->json) {
        JL_AUTO(jl_document) document = {0};
        jl_document_object(&document, NULL);
        jl_document_id(&document, "id", id);
        jl_document_string(&document, "answer", checking);
        jl_document_end(&document);
        return jl_print_document(&document, err);
    }
    printf("%s\n", JL_ZH_EN(cli->language,
                            "区级核对中：号码和姓名都对上后，会出现一件转会（transfer list）；"
                            "没有出现的，请与区总工会联系",
                            "the district is checking: once number and name are found, a transfer "
                            "appears (`transfer list`); where none does, ask the federation"));
    return JL_OK;
}

static enum jl_rc ask(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    char day[16];
    struct jl_id id;
    struct jl_problems problems = {0};
    enum jl_rc rc = jl_desk_session_open(cli, JL_STORE_WRITE, session, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_type *type = jl_catalogue_type(session->desk.books->catalogue, JL_TYPE_ASK);
    (void)snprintf(day, sizeof day, "%lld", (long long)jl_desk_today(&session->desk));
    const struct jl_assignment items[] = {
        {.field = "name", .value = cli->words[1]},
        {.field = "id_no", .value = cli->words[0]},
        {.field = "reason", .value = cli->word_count > 2 ? cli->words[2] : ""},
        {.field = "asked_on", .value = day},
        {.field = "staff", .value = session->staff},
        {.field = "answer", .value = "checking"}};
    session->desk.program = true;
    rc =
        jl_desk_add(&session->desk, type, items, sizeof items / sizeof *items, &id, &problems, err);
    if (rc == JL_OK || problems.count > 1) {
        jl_desk_session_note_problems(cli, session, JL_TYPE_ASK, &problems);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    return answer(cli, &id, err);
}

int jl_cmd_transfer_ask(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {
        .arguments = "NUMBER NAME [REASON]", .least = 2, .most = 3};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, ask);
}
