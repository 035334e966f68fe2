/* `case resolve ID current|offered|different|field=current|field=offered|field=VALUE…`
 *
 *   the subject changes     RESOLVE on the subject, naming the case; the district closes the case
 *   the subject stays       EDIT of the case: status resolved, how, by whom
 *   two different records   the same: the district remembers it of the pair
 *
 * Choosing field by field must cover every field of the case: none is decided by being left out. */
#include "case.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/cli/print.h"
#include "jielian/command/commands.h"
#include "jielian/desk/ref.h"
#include "jielian/op/merge.h"
#include "jielian/record/parse.h"

#include <stdlib.h>
#include <string.h>

struct resolving {
    struct jl_cli *cli;
    struct jl_desk_session *session;
    struct jl_arena arena;
    struct jl_case item;
    const struct jl_type *type; /* of the subject */
    struct jl_book_record subject;
    struct jl_row after;
};

static const char *text_at(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

/* The choice for one field: the whole case's word, or its own; NULL when there is none. */
static const char *choice_for(const struct jl_cli *cli, const char *field, const char *label) {
    const char *first = cli->words[1];
    if (cli->word_count == 2 && (strcmp(first, "current") == 0 || strcmp(first, "offered") == 0)) {
        return first;
    }
    for (size_t i = 1; i < cli->word_count; i++) {
        const char *word = cli->words[i];
        size_t name = strcspn(word, "=");
        bool named = (strlen(field) == name && strncmp(word, field, name) == 0) ||
                     (label != NULL && strlen(label) == name && strncmp(word, label, name) == 0);
        if (named && word[name] == '=') {
            return word + name + 1;
        }
    }
    return NULL;
}

/* The text that the choice stands for; NULL: no value. */
static const char *chosen_text(const json_t *item, const char *choice) {
    if (strcmp(choice, "current") == 0 || strcmp(choice, "offered") == 0) {
        return text_at(json_object_get(item, choice), "value");
    }
    return choice;
}

static bool at_office(const struct resolving *resolving) {
    return resolving->session->desk.books->side == JL_SIDE_OFFICE;
}

static enum jl_rc unknown_field(const struct resolving *resolving, const char *name,
                                struct jl_err *err) {
    if (at_office(resolving)) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_RESOLVE_FIELD_UNKNOWN_HERE, "%s", name);
    }
    return jl_fault_at(err, JL_CONFLICT, JL_FAULT_RESOLVE_FIELD_UNKNOWN, "%s", name);
}

/* A reference to a record that was merged: its own record can only be made again by the merge. */
static enum jl_rc refuse_key(const struct resolving *resolving, const struct jl_field *field,
                             struct jl_err *err) {
    const struct jl_type *type = resolving->type;
    for (size_t i = 0; i < type->natural_key_count; i++) {
        if (type->natural_key[i] == field->number) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_RESOLVE_NATURAL_KEY, "%s", field->name);
        }
    }
    return JL_OK;
}

static enum jl_rc parse_choice(struct resolving *resolving, const struct jl_field *field,
                               const char *text, struct jl_value *out_value, struct jl_err *err) {
    struct jl_desk *desk = &resolving->session->desk;
    struct jl_problems problems = {0};
    const struct jl_check_context context = {.catalogue = desk->books->catalogue,
                                             .today = jl_desk_today(desk),
                                             .language = resolving->cli->language};
    *out_value = jl_value_null();
    if (field->kind == JL_KIND_REF && text != NULL && text[0] != '\0') {
        struct jl_id *id = jl_arena_zalloc(&resolving->arena, 1, sizeof *id);
        if (id == NULL) {
            return jl_fault_memory(err);
        }
        enum jl_rc rc = jl_ref_resolve_one(desk, field, jl_bytes_text(text), id, err);
        *out_value = jl_value_ref(id);
        return rc;
    }
    enum jl_rc rc = jl_parse_field(&context, field, jl_bytes_text(text != NULL ? text : ""),
                                   &resolving->arena, out_value, &problems, err);
    return rc == JL_OK && problems.errors > 0
               ? jl_fault_at(err, JL_MISUSE, JL_FAULT_TEXT, "%s", problems.items[0].text)
               : rc;
}

static enum jl_rc set_field(struct resolving *resolving, const json_t *item, const char *choice,
                            struct jl_err *err) {
    const char *name = text_at(item, "field");
    const struct jl_field *field = name != NULL ? jl_type_field_named(resolving->type, name) : NULL;
    struct jl_value value = jl_value_null();
    if (field == NULL) {
        return unknown_field(resolving, name != NULL ? name : "", err);
    }
    enum jl_rc rc = refuse_key(resolving, field, err);
    if (rc == JL_OK) {
        rc = parse_choice(resolving, field, chosen_text(item, choice), &value, err);
    }
    return rc == JL_OK
               ? jl_row_set(&resolving->after, field->number, &value, &resolving->arena, err)
               : rc;
}

static enum jl_rc choose_all(struct resolving *resolving, struct jl_err *err) {
    const struct jl_cli *cli = resolving->cli;
    const json_t *fields = json_object_get(resolving->item.detail, "fields");
    size_t index = 0;
    const json_t *item = NULL;
    enum jl_rc rc = JL_OK;
    if (json_array_size(fields) == 0 && strcmp(cli->words[1], "current") != 0) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_RESOLVE_NO_VALUES);
    }
    json_array_foreach(fields, index, item) {
        const char *name = text_at(item, "field");
        const char *choice = choice_for(cli, name != NULL ? name : "", text_at(item, "label"));
        if (choice == NULL) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_RESOLVE_UNDECIDED, "%s",
                               name != NULL ? name : "");
        }
        /* "current" of a record that has moved on since is what stands now. */
        if (strcmp(choice, "current") != 0) {
            rc = set_field(resolving, item, choice, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static bool word_names_field(const char *word, const json_t *fields) {
    size_t name = strcspn(word, "=");
    size_t index = 0;
    const json_t *item = NULL;
    json_array_foreach(fields, index, item) {
        const char *field = text_at(item, "field");
        const char *label = text_at(item, "label");
        if ((field != NULL && strlen(field) == name && strncmp(word, field, name) == 0) ||
            (label != NULL && strlen(label) == name && strncmp(word, label, name) == 0)) {
            return true;
        }
    }
    return false;
}

static bool says_different(const struct resolving *resolving) {
    const struct jl_cli *cli = resolving->cli;
    return cli->word_count == 2 && strcmp(cli->words[1], JL_CASE_DIFFERENT) == 0;
}

static enum jl_rc check_words(const struct resolving *resolving, struct jl_err *err) {
    const struct jl_cli *cli = resolving->cli;
    const json_t *fields = json_object_get(resolving->item.detail, "fields");
    bool elsewhere = resolving->item.kind == JL_CASE_DUPLICATE && resolving->item.other[0] == '\0';
    if (elsewhere && strcmp(cli->words[1], "current") != 0) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_RESOLVE_DISTRICTS);
    }
    if (says_different(resolving)) {
        return resolving->item.kind == JL_CASE_DUPLICATE
                   ? JL_OK
                   : jl_fault(err, JL_MISUSE, JL_FAULT_RESOLVE_DIFFERENT);
    }
    for (size_t i = 1; i < cli->word_count; i++) {
        const char *word = cli->words[i];
        bool whole =
            cli->word_count == 2 && (strcmp(word, "current") == 0 || strcmp(word, "offered") == 0);
        if (!whole && (strchr(word, '=') == NULL || !word_names_field(word, fields))) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_RESOLVE_WORD, "%s", word);
        }
    }
    return JL_OK;
}

static enum jl_rc subject_gone(const struct resolving *resolving, struct jl_err *err) {
    return jl_fault(err, JL_CONFLICT,
                    at_office(resolving) ? JL_FAULT_RESOLVE_NOT_HERE : JL_FAULT_RESOLVE_DELETED);
}

static enum jl_rc load_subject(struct resolving *resolving, struct jl_err *err) {
    const struct jl_case *item = &resolving->item;
    const struct jl_books *books = resolving->session->desk.books;
    enum jl_rc rc =
        jl_catalogue_type(books->catalogue, item->subject_type) == NULL
            ? JL_NOT_FOUND
            : jl_desk_session_load(resolving->session, item->subject_type, &item->subject,
                                   &resolving->arena, &resolving->subject, err);
    if (rc != JL_OK && rc != JL_NOT_FOUND) {
        return rc;
    }
    /* After the load, which may have taken a newer catalogue. */
    resolving->type = jl_catalogue_type(books->catalogue, item->subject_type);
    bool here = rc == JL_OK && (resolving->subject.head.state == JL_RECORD_LIVE ||
                                resolving->subject.head.state == JL_RECORD_PARKED);
    if (!here) {
        resolving->subject = (struct jl_book_record){0};
        return strcmp(resolving->cli->words[1], "current") == 0 ? JL_OK
                                                                : subject_gone(resolving, err);
    }
    return jl_row_dup(&resolving->arena, &resolving->subject.row, &resolving->after, err);
}

static enum jl_rc check_after(const struct resolving *resolving, struct jl_err *err) {
    struct jl_problems problems = {0};
    const struct jl_check_context context = {.catalogue = resolving->session->desk.books->catalogue,
                                             .today = jl_desk_today(&resolving->session->desk),
                                             .language = resolving->cli->language};
    jl_check_edit(&context, resolving->type, &resolving->subject.row, &resolving->after, &problems);
    for (size_t i = 0; i < problems.count; i++) {
        if (problems.items[i].severity == JL_PROBLEM_ERROR) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_TEXT, "%s", problems.items[i].text);
        }
    }
    return JL_OK;
}

/* What was chosen, without values: the sealed detail holds those. */
static enum jl_rc resolution_text(const struct resolving *resolving, struct jl_buf *out,
                                  struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 1; rc == JL_OK && i < resolving->cli->word_count; i++) {
        const char *word = resolving->cli->words[i];
        rc = jl_buf_printf(out, err, "%s%.*s", i > 1 ? " " : "", (int)strlen(word), word);
    }
    return rc;
}

static enum jl_rc close_case(struct resolving *resolving, struct jl_change *change,
                             struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    struct jl_bytes copy = {0};
    struct jl_value resolved = jl_value_int(JL_CASE_RESOLVED);
    struct jl_value staff = jl_value_cstr(resolving->session->staff);
    *change = (struct jl_change){.kind = JL_OP_EDIT, .before = &resolving->item.record};
    enum jl_rc rc = jl_row_dup(&resolving->arena, &resolving->item.record.row, &change->after, err);
    if (rc == JL_OK) {
        rc = resolution_text(resolving, &text, err);
    }
    if (rc == JL_OK) {
        rc = jl_arena_dup(&resolving->arena, jl_buf_bytes(&text), &copy, err);
    }
    struct jl_value how = jl_value_text(copy);
    if (rc == JL_OK) {
        rc = jl_row_set(&change->after, JL_CASE_STATUS, &resolved, &resolving->arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_row_set(&change->after, JL_CASE_RESOLUTION, &how, &resolving->arena, err);
    }
    return rc == JL_OK
               ? jl_row_set(&change->after, JL_CASE_RESOLVED_BY, &staff, &resolving->arena, err)
               : rc;
}

/* Closing a case is the program's to write, for its people; what is decided of the subject is
 * theirs. */
static enum jl_rc check_right(struct resolving *resolving, const struct jl_change *change,
                              struct jl_err *err) {
    struct jl_desk *desk = &resolving->session->desk;
    desk->program = change->kind == JL_OP_EDIT;
    enum jl_rc rc = jl_desk_begin(desk, NULL, err);
    if (rc == JL_OK) {
        rc = jl_desk_check_may(desk, change, &resolving->arena, err);
        jl_desk_end(desk);
    }
    return rc;
}

static enum jl_rc resolve(struct resolving *resolving, struct jl_err *err) {
    struct jl_change change;
    enum jl_rc rc = jl_desk_session_open(resolving->cli, JL_STORE_WRITE, resolving->session, err);
    if (rc == JL_OK) {
        rc = jl_case_load(resolving->cli, resolving->session, &resolving->arena, &resolving->item,
                          err);
    }
    if (rc == JL_OK && resolving->item.status == JL_CASE_RESOLVED) {
        rc =
            jl_fault_at(err, JL_CONFLICT, JL_FAULT_RESOLVE_DONE, "%s", resolving->item.resolved_by);
    }
    if (rc == JL_OK) {
        rc = check_words(resolving, err);
    }
    bool different = rc == JL_OK && says_different(resolving);
    if (rc == JL_OK && !different) {
        rc = load_subject(resolving, err);
    }
    if (rc == JL_OK && !different) {
        rc = choose_all(resolving, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (different || jl_row_same_fields(&resolving->subject.row, &resolving->after)) {
        rc = close_case(resolving, &change, err);
    } else {
        change = (struct jl_change){.kind = JL_OP_RESOLVE,
                                    .before = &resolving->subject,
                                    .after = resolving->after,
                                    .other = resolving->item.record.head.id};
        rc = check_after(resolving, err);
    }
    struct jl_desk *desk = &resolving->session->desk;
    if (rc == JL_OK) {
        rc = check_right(resolving, &change, err);
    }
    return rc == JL_OK ? desk->save(desk->save_context, NULL, &change, 1, err) : rc;
}

static enum jl_rc answer(const struct resolving *resolving, struct jl_err *err) {
    if (!resolving->cli->json) {
        printf("%s\n", JL_ZH_EN(resolving->cli->language, "已处理", "resolved"));
        return JL_OK;
    }
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(&resolving->item.record.head.id, id);
    return jl_print_answer(json_pack("{s:s, s:b}", "id", id, "resolved", 1), err);
}

static enum jl_rc resolve_case(struct jl_cli *cli, struct jl_desk_session *session,
                               struct jl_err *err) {
    struct resolving resolving = {.cli = cli, .session = session};
    enum jl_rc rc = resolve(&resolving, err);
    if (rc == JL_OK) {
        jl_desk_session_ring(session);
        rc = answer(&resolving, err);
    }
    jl_case_fini(&resolving.item);
    jl_arena_fini(&resolving.arena);
    return rc;
}

int jl_cmd_case_resolve(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {
        .arguments = "ID current|offered|different|field=current|field=offered|field=VALUE…",
        .least = 2,
        .most = JL_CLI_WORDS_MAX};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, resolve_case);
}
