/* `merge TYPE KEPT GONE [field=kept|gone|VALUE…]`: two records become one.
 *
 *   {"type", "kept", "gone", "dry_run", "again", "change_set",
 *    "fields": [{"field", "label", "kept", "gone", "stands", "from": "both|kept|gone|typed"}…],
 *    "references": [{"type", "label", "office", "records", "doubles", "fixed"}…],
 *    "records", "doubles", "differing", "fixed"} */
#include "jielian/base/assignment.h"
#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/command/commands.h"
#include "jielian/command/desk_session.h"
#include "jielian/desk/merging.h"
#include "jielian/desk/offices.h"

#include <string.h>

/* ---- What was asked ---- */

static enum jl_rc take_words(const struct jl_cli *cli, struct jl_merging *merging,
                             struct jl_arena *arena, struct jl_err *err) {
    struct jl_assignment *items = NULL;
    size_t count = 0;
    const char *prefer = jl_cli_value(cli, "prefer");
    enum jl_rc rc = jl_cli_id(cli, 1, &merging->kept_id, err);
    if (rc == JL_OK) {
        rc = jl_cli_id(cli, 2, &merging->gone_id, err);
    }
    if (rc == JL_OK) {
        rc = jl_cli_assignments(cli, 3, arena, &items, &count, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (prefer != NULL && strcmp(prefer, "kept") != 0 && strcmp(prefer, "gone") != 0) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_MERGE_PREFER, "%s", prefer);
    }
    struct jl_merging_choice *choices = jl_arena_zalloc(arena, count + 1, sizeof *choices);
    if (choices == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        choices[i] = (struct jl_merging_choice){.field = items[i].field, .value = items[i].value};
    }
    merging->choices = choices;
    merging->choice_count = count;
    merging->prefer = prefer == NULL     ? JL_MERGING_BOTH
                      : prefer[0] == 'g' ? JL_MERGING_GONE
                                         : JL_MERGING_KEPT;
    return JL_OK;
}

/* ---- The answer ---- */

static const char *side_of(enum jl_merging_side side) {
    switch (side) {
    case JL_MERGING_KEPT:
        return "kept";
    case JL_MERGING_GONE:
        return "gone";
    case JL_MERGING_TYPED:
        return "typed";
    case JL_MERGING_BOTH:
        break;
    }
    return "both";
}

static enum jl_rc set_shown(const struct jl_merging *merging, json_t *item, const char *key,
                            uint32_t field, const struct jl_value *value, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_merging_show(merging, field, value, &text, err);
    json_t *made = value->kind == JL_VALUE_NULL ? json_null()
                                                : json_stringn((const char *)text.data, text.size);
    if (rc == JL_OK && json_object_set_new(item, key, made) != 0) {
        rc = jl_fault_memory(err);
    }
    return rc;
}

static enum jl_rc add_field(const struct jl_merging *merging, const struct jl_merging_field *item,
                            json_t *fields, struct jl_err *err) {
    const struct jl_field *field = jl_type_field(merging->type, item->field);
    if (field->hidden) {
        return JL_OK;
    }
    json_t *made =
        json_pack("{s:s, s:s, s:s}", "field", field->name, "label",
                  jl_desk_label(merging->desk, &field->label), "from", side_of(item->side));
    if (made == NULL || json_array_append_new(fields, made) != 0) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = set_shown(merging, made, "kept", item->field, &item->kept, err);
    if (rc == JL_OK) {
        rc = set_shown(merging, made, "gone", item->field, &item->gone, err);
    }
    return rc == JL_OK ? set_shown(merging, made, "stands", item->field, &item->stands, err) : rc;
}

static enum jl_rc add_group(const struct jl_merging *merging, const struct jl_offices *offices,
                            const struct jl_merging_group *group, json_t *groups,
                            struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(merging->desk->books->catalogue, group->type);
    const struct jl_desk_office *office = jl_offices_numbered(offices, group->office);
    json_t *made =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "type", type->name, "label",
                  jl_desk_label(merging->desk, &type->label), "office",
                  office != NULL ? office->code : "-", "records", (json_int_t)group->references,
                  "doubles", (json_int_t)group->duplicates, "fixed", (json_int_t)group->fixed);
    return made != NULL && json_array_append_new(groups, made) == 0 ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc fill_lists(const struct jl_merging *merging, json_t *document,
                             struct jl_err *err) {
    json_t *fields = json_object_get(document, "fields");
    json_t *groups = json_object_get(document, "references");
    JL_AUTO(jl_offices) offices = {0};
    enum jl_rc rc = jl_offices_load(merging->desk->books, &offices, err);
    for (size_t i = 0; rc == JL_OK && i < merging->field_count; i++) {
        rc = add_field(merging, &merging->fields[i], fields, err);
    }
    for (size_t i = 0; rc == JL_OK && i < merging->group_count; i++) {
        rc = add_group(merging, &offices, &merging->groups[i], groups, err);
    }
    return rc;
}

static json_t *make_document(const struct jl_merging *merging, bool dry_run,
                             const struct jl_id *set) {
    char kept[JL_ID_TEXT_BYTES];
    char gone[JL_ID_TEXT_BYTES];
    char text[JL_ID_TEXT_BYTES];
    jl_id_format(&merging->kept_id, kept);
    jl_id_format(&merging->gone_id, gone);
    jl_id_format(set, text);
    return json_pack("{s:s, s:s, s:s, s:b, s:b, s:s?, s:[], s:[], s:I, s:I, s:I, s:I}", "type",
                     merging->type->name, "kept", kept, "gone", gone, "dry_run", (int)dry_run,
                     "again", (int)merging->again, "change_set", jl_id_is_zero(set) ? NULL : text,
                     "fields", "references", "records", (json_int_t)merging->references, "doubles",
                     (json_int_t)merging->duplicates, "differing", (json_int_t)merging->differing,
                     "fixed", (json_int_t)merging->fixed);
}

static const char *text_at(const json_t *item, const char *name) {
    const char *text = json_string_value(json_object_get(item, name));
    return text != NULL ? text : "";
}

static enum jl_rc print_fields(const struct jl_cli *cli, json_t *fields, struct jl_err *err) {
    static const struct jl_print_column columns[] = {{"label", "字段", "field", false},
                                                     {"kept", "保留的记录", "kept", false},
                                                     {"gone", "并入的记录", "gone", false},
                                                     {"stands", "合并后", "stands", false},
                                                     {"from", "取自", "from", false}};
    static const char *const sides[][2] = {
        {"both", "相同"}, {"kept", "保留的"}, {"gone", "并入的"}, {"typed", "填写"}};
    size_t index = 0;
    json_t *item = NULL;
    json_array_foreach(fields, index, item) {
        for (size_t i = 0; cli->language == JL_LANGUAGE_ZH && i < 4; i++) {
            if (strcmp(text_at(item, "from"), sides[i][0]) == 0 &&
                json_object_set_new(item, "from", json_string(sides[i][1])) != 0) {
                return jl_fault_memory(err);
            }
        }
    }
    return json_array_size(fields) == 0
               ? JL_OK
               : jl_print_table(cli, fields, columns, sizeof columns / sizeof *columns, err);
}

static enum jl_rc print_groups(const struct jl_cli *cli, const json_t *groups, struct jl_err *err) {
    static const struct jl_print_column columns[] = {{"label", "引用它的记录", "records of", false},
                                                     {"office", "镇街", "office", false},
                                                     {"records", "条数", "records", true},
                                                     {"doubles", "其中归并", "collapse", true},
                                                     {"fixed", "其中不变", "stay", true}};
    return json_array_size(groups) == 0
               ? JL_OK
               : jl_print_table(cli, groups, columns, sizeof columns / sizeof *columns, err);
}

static enum jl_rc print_answer(const struct jl_cli *cli, const struct jl_merging *merging,
                               const json_t *document, struct jl_err *err) {
    bool dry_run = json_is_true(json_object_get(document, "dry_run"));
    enum jl_rc rc = print_fields(cli, json_object_get(document, "fields"), err);
    if (rc == JL_OK) {
        rc = print_groups(cli, json_object_get(document, "references"), err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (merging->differing > 0) {
        printf(
            JL_ZH_EN(cli->language,
                     "其中 %zu 条与已有的重复且内容不同：以已有的为准，原内容留在历史里\n",
                     "%zu duplicates differ from the record that stays: that one stands, what they "
                     "said is in the history\n"),
            merging->differing);
    }
    if (merging->again && merging->references == 0) {
        printf("%s\n", JL_ZH_EN(cli->language, "这两条已合并，没有迟到的引用",
                                "these two are merged already; no reference came late"));
    } else if (dry_run) {
        printf("%s\n", JL_ZH_EN(cli->language, "只是预演，什么也没有改；去掉 --dry-run 即办理",
                                "rehearsed only, nothing was changed; without --dry-run it is "
                                "done"));
    } else {
        printf(JL_ZH_EN(cli->language, "已合并，改了 %zu 条引用；如需撤销：undo %s\n",
                        "merged, %zu references moved; to take it back: undo %s\n"),
               merging->references - merging->fixed, text_at(document, "change_set"));
    }
    return JL_OK;
}

static enum jl_rc answer(const struct jl_cli *cli, struct jl_merging *merging,
                         const struct jl_id *set, struct jl_err *err) {
    enum jl_rc rc = jl_desk_begin(merging->desk, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    merging->type = jl_catalogue_type(merging->desk->books->catalogue, merging->type_number);
    json_t *document = make_document(merging, jl_cli_has(cli, "dry-run"), set);
    rc = document != NULL ? fill_lists(merging, document, err) : jl_fault_memory(err);
    jl_desk_end(merging->desk);
    if (rc == JL_OK) {
        rc = cli->json ? jl_print_json(document, stdout, err)
                       : print_answer(cli, merging, document, err);
    }
    json_decref(document);
    return rc;
}

/* The fields that nobody has decided, with both values, for the one who asked. */
static void note_open(const struct jl_cli *cli, const struct jl_merging *merging) {
    struct jl_err ignored; /* the error itself names the fields */
    for (size_t i = 0; i < merging->field_count; i++) {
        const struct jl_merging_field *item = &merging->fields[i];
        JL_AUTO(jl_buf) kept = {0};
        JL_AUTO(jl_buf) gone = {0};
        if (!item->open ||
            jl_merging_show(merging, item->field, &item->kept, &kept, &ignored) != JL_OK ||
            jl_merging_show(merging, item->field, &item->gone, &gone, &ignored) != JL_OK) {
            continue;
        }
        const struct jl_field *field = jl_type_field(merging->type, item->field);
        jl_cli_note(cli, "%s %s  kept: %.*s  gone: %.*s", field->name,
                    jl_desk_label(merging->desk, &field->label), (int)kept.size,
                    (const char *)kept.data, (int)gone.size, (const char *)gone.data);
    }
}

/* ---- The command ---- */

static enum jl_rc run(struct jl_cli *cli, struct jl_desk_session *session,
                      struct jl_merging *merging, struct jl_err *err) {
    enum { TRIES = 3 }; /* an office may change one of the two between the look and the save */
    JL_AUTO(jl_arena) words = {0};
    struct jl_id set = {{0}};
    const struct jl_type *type = NULL;
    bool dry_run = jl_cli_has(cli, "dry-run");
    enum jl_rc rc = take_words(cli, merging, &words, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open_type(cli, dry_run ? JL_STORE_READ : JL_STORE_WRITE, session,
                                       &type, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    merging->desk = &session->desk;
    merging->type_number = type->number;
    rc = jl_merging_plan(merging, err);
    for (int i = 0; rc == JL_OK && !dry_run; i++) {
        rc = jl_merging_save(merging, &set, err);
        if (rc != JL_CONFLICT || i + 1 == TRIES) {
            break;
        }
        rc = jl_merging_plan(merging, err);
    }
    if (rc == JL_OK && !dry_run) {
        jl_desk_session_ring(session);
    }
    if (rc == JL_MISUSE) {
        note_open(cli, merging);
    }
    return rc == JL_OK ? answer(cli, merging, &set, err) : rc;
}

static enum jl_rc merge(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    struct jl_merging merging = {0};
    enum jl_rc rc = run(cli, session, &merging, err);
    jl_merging_fini(&merging);
    return rc;
}

int jl_cmd_merge(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"prefer", "SIDE", "其余不同的字段取 kept 或 gone / kept or gone for all other fields"},
        {"dry-run", NULL, "只预演，不办理 / show what would be done, change nothing"},
    };
    static const struct jl_cli_spec spec = {
        .arguments = "TYPE KEPT GONE [field=kept|field=gone|field=VALUE…]",
        .least = 3,
        .most = JL_CLI_WORDS_MAX,
        .options = options,
        .option_count = sizeof options / sizeof *options};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, merge);
}
