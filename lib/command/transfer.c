/* `transfer request|release|receive|return|withdraw`: the desk's add and set, with the words of the
 * transfer. Which moves are allowed, and by whom, the flow says. */
#include "jielian/desk/transfer.h"
#include "jielian/base/assignment.h"
#include "jielian/base/fault.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/cli/print.h"
#include "jielian/command/commands.h"
#include "jielian/command/desk_session.h"

#include <string.h>

enum { OWN_ITEMS = 3 };

struct moving {
    struct jl_cli *cli;
    struct jl_desk_session *session;
    const struct jl_type *type;
    struct jl_arena arena;
    struct jl_assignment *items;
    size_t count;
};

static enum jl_rc open_moving(struct moving *moving, struct jl_err *err) {
    enum jl_rc rc = jl_desk_session_open(moving->cli, JL_STORE_WRITE, moving->session, err);
    if (rc != JL_OK) {
        return rc;
    }
    moving->type = jl_transfer_type(moving->session->desk.books->catalogue);
    if (moving->type == NULL) {
        return jl_fault(err, JL_NOT_FOUND, JL_FAULT_TRANSFER_NONE);
    }
    moving->items =
        jl_arena_zalloc(&moving->arena, moving->cli->word_count + OWN_ITEMS, sizeof *moving->items);
    return moving->items != NULL ? JL_OK : jl_fault_memory(err);
}

static void put(struct moving *moving, const char *field, const char *value) {
    moving->items[moving->count++] = (struct jl_assignment){.field = field, .value = value};
}

static const char *name_of(const struct moving *moving, uint32_t field) {
    return jl_type_field(moving->type, field)->name;
}

/* A field of what moves, as people call it there: 所属工会 for the transfer's 转入基层工会. */
static const char *carried(const struct moving *moving, const char *name) {
    const struct jl_type *type = moving->type;
    const struct jl_type *subject =
        jl_catalogue_type(moving->session->desk.books->catalogue,
                          jl_type_field(type, type->transfer_subject)->ref_type);
    if (jl_type_field_named(type, name) != NULL || subject == NULL) {
        return name;
    }
    for (size_t i = 0; i < type->carry_count; i++) {
        const struct jl_field *to = jl_type_field(subject, type->carries[i].to);
        if (to != NULL && (strcmp(to->name, name) == 0 || strcmp(to->label.zh, name) == 0)) {
            return name_of(moving, type->carries[i].from);
        }
    }
    return name;
}

/* The rest of the words: field=value, and one that is neither is the note. */
static enum jl_rc take_words(struct moving *moving, size_t first, struct jl_err *err) {
    const struct jl_cli *cli = moving->cli;
    bool noted = false;
    for (size_t i = first; i < cli->word_count; i++) {
        const char *equals = strchr(cli->words[i], '=');
        const char *name =
            equals != NULL
                ? jl_arena_text(&moving->arena,
                                jl_bytes(cli->words[i], (size_t)(equals - cli->words[i])))
                : "note";
        if (name == NULL) {
            return jl_fault_memory(err);
        }
        if (equals == NULL && noted) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_TRANSFER_NOTE, "%s", cli->words[i]);
        }
        noted = noted || equals == NULL;
        put(moving, carried(moving, name), equals != NULL ? equals + 1 : cli->words[i]);
    }
    return JL_OK;
}

static enum jl_rc answer(struct moving *moving, const struct jl_id *id, struct jl_err *err) {
    char text[JL_ID_TEXT_BYTES];
    jl_id_format(id, text);
    jl_desk_session_ring(moving->session);
    if (moving->cli->json) {
        return jl_print_answer(json_pack("{s:s}", "id", text), err);
    }
    printf("%s\n", text);
    return JL_OK;
}

static enum jl_rc finish(struct moving *moving, enum jl_rc rc, uint32_t type,
                         const struct jl_problems *problems, const struct jl_id *id,
                         struct jl_err *err) {
    if (rc == JL_OK || problems->count > 1) {
        jl_desk_session_note_problems(moving->cli, moving->session, type, problems);
    }
    return rc == JL_OK ? answer(moving, id, err) : rc;
}

/* ---- request ---- */

static enum jl_rc ask(struct moving *moving, struct jl_err *err) {
    struct jl_id id = {{0}};
    struct jl_problems problems = {0};
    enum jl_rc rc = open_moving(moving, err);
    if (rc == JL_OK) {
        put(moving, name_of(moving, moving->type->transfer_subject), moving->cli->words[0]);
        put(moving, name_of(moving, moving->type->transfer_to), moving->cli->words[1]);
        rc = take_words(moving, 2, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    uint32_t number = moving->type->number;
    struct jl_desk desk = moving->session->desk;
    if (desk.owner == 0 && desk.books->side == JL_SIDE_DISTRICT) {
        rc = jl_transfer_holder(&moving->session->desk, moving->type, moving->cli->words[0],
                                &desk.owner, err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_add(&desk, moving->type, moving->items, moving->count, &id, &problems, err);
        moving->session->desk.ids = desk.ids; /* no id is given out twice */
    }
    return finish(moving, rc, number, &problems, &id, err);
}

static enum jl_rc request(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    struct moving moving = {.cli = cli, .session = session};
    enum jl_rc rc = ask(&moving, err);
    jl_arena_fini(&moving.arena);
    return rc;
}

int jl_cmd_transfer_request(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "MEMBER TO_OFFICE [field=value…]",
                                            .least = 2,
                                            .most = JL_CLI_WORDS_MAX - OWN_ITEMS};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, request);
}

/* ---- release, receive, return, withdraw ---- */

static enum jl_rc step(struct moving *moving, const char *status, struct jl_err *err) {
    struct jl_id id = {{0}};
    struct jl_problems problems = {0};
    enum jl_rc rc = jl_cli_id(moving->cli, 0, &id, err);
    if (rc == JL_OK) {
        rc = open_moving(moving, err);
    }
    if (rc == JL_OK) {
        put(moving, name_of(moving, moving->type->flow.field), status);
        rc = take_words(moving, 1, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    uint32_t number = moving->type->number;
    rc = jl_desk_set(&moving->session->desk, moving->type, &id, moving->items, moving->count,
                     &problems, err);
    return finish(moving, rc, number, &problems, &id, err);
}

static enum jl_rc move(struct jl_cli *cli, struct jl_desk_session *session, const char *status,
                       struct jl_err *err) {
    struct moving moving = {.cli = cli, .session = session};
    enum jl_rc rc = step(&moving, status, err);
    jl_arena_fini(&moving.arena);
    return rc;
}

static enum jl_rc release(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    return move(cli, session, "released", err);
}
static enum jl_rc receive(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    return move(cli, session, "received", err);
}
static enum jl_rc send_back(struct jl_cli *cli, struct jl_desk_session *session,
                            struct jl_err *err) {
    return move(cli, session, "returned", err);
}
static enum jl_rc withdraw(struct jl_cli *cli, struct jl_desk_session *session,
                           struct jl_err *err) {
    return move(cli, session, "withdrawn", err);
}

static const struct jl_cli_spec step_spec = {
    .arguments = "ID [NOTE] [field=value…]", .least = 1, .most = JL_CLI_WORDS_MAX - OWN_ITEMS};

int jl_cmd_transfer_release(struct jl_cli *cli) {
    return jl_desk_session_run(cli, &step_spec, JL_DESK_SESSION_NAMED, release);
}
int jl_cmd_transfer_receive(struct jl_cli *cli) {
    return jl_desk_session_run(cli, &step_spec, JL_DESK_SESSION_NAMED, receive);
}
int jl_cmd_transfer_return(struct jl_cli *cli) {
    return jl_desk_session_run(cli, &step_spec, JL_DESK_SESSION_NAMED, send_back);
}
int jl_cmd_transfer_withdraw(struct jl_cli *cli) {
    return jl_desk_session_run(cli, &step_spec, JL_DESK_SESSION_NAMED, withdraw);
}
