/* `case list` and `case show`. Values are masked like everywhere; --unmask needs a reason and is
 * written into the access log before anything is shown. */
#include "case.h"

#include "jielian/base/fault.h"
#include "jielian/base/hex.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/cli/print.h"
#include "jielian/cli/table.h"
#include "jielian/cli/terminal.h"
#include "jielian/command/commands.h"
#include "jielian/json/json.h"
#include "jielian/op/merge.h"
#include "jielian/record/check.h"
#include "jielian/record/format.h"
#include "jielian/record/parse.h"

#include <inttypes.h>
#include <string.h>

/* ---- Reading ---- */

void jl_case_fini(struct jl_case *item) {
    json_decref(item->detail);
    item->detail = NULL;
}

static enum jl_rc take_case(const struct jl_desk_session *session,
                            const struct jl_book_record *record, struct jl_arena *arena,
                            struct jl_case *out_case, struct jl_err *err) {
    const struct jl_row *row = &record->row;
    struct jl_case item = {.record = *record,
                           .subject_type = (uint32_t)jl_row_number(row, JL_CASE_SUBJECT_TYPE),
                           .kind = jl_row_number(row, JL_CASE_KIND),
                           .opened_on = jl_row_number(row, JL_CASE_OPENED_ON),
                           .status = jl_row_number(row, JL_CASE_STATUS),
                           .title = jl_arena_text(arena, jl_row_text(row, JL_CASE_TITLE)),
                           .other = jl_arena_text(arena, jl_row_text(row, JL_CASE_OTHER_ID)),
                           .resolution = jl_arena_text(arena, jl_row_text(row, JL_CASE_RESOLUTION)),
                           .resolved_by =
                               jl_arena_text(arena, jl_row_text(row, JL_CASE_RESOLVED_BY))};
    const char *subject = jl_arena_text(arena, jl_row_text(row, JL_CASE_SUBJECT_ID));
    const char *detail = jl_arena_text(arena, jl_row_text(row, JL_CASE_DETAIL));
    if (item.title == NULL || item.other == NULL || item.resolution == NULL ||
        item.resolved_by == NULL || subject == NULL || detail == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_id_parse(subject, &item.subject, err);
    if (rc == JL_OK) {
        rc = jl_json_load(jl_bytes_text(detail), &item.detail, err);
    }
    if (rc == JL_NOMEM) {
        return rc;
    }
    if (rc != JL_OK) {
        char id[JL_ID_TEXT_BYTES];
        jl_id_format(&record->head.id, id);
        return jl_fault_at(err, JL_CORRUPT,
                           session->desk.books->side == JL_SIDE_OFFICE
                               ? JL_FAULT_CASE_UNREADABLE
                               : JL_FAULT_CASE_UNREADABLE_HERE,
                           "%s", id);
    }
    *out_case = item;
    return JL_OK;
}

enum jl_rc jl_case_load(const struct jl_cli *cli, struct jl_desk_session *session,
                        struct jl_arena *arena, struct jl_case *out_case, struct jl_err *err) {
    struct jl_id id;
    struct jl_book_record record = {0};
    if (jl_id_parse(cli->words[0], &id, err) != JL_OK) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_CASE_ID, "%s", cli->words[0]);
    }
    enum jl_rc rc = jl_desk_session_load(session, JL_TYPE_CASE, &id, arena, &record, err);
    if (rc == JL_OK && record.head.state != JL_RECORD_LIVE) {
        bool office = session->desk.books->side == JL_SIDE_OFFICE;
        rc = jl_fault(err, JL_NOT_FOUND, office ? JL_FAULT_CASE_GONE : JL_FAULT_CASE_GONE_HERE);
    }
    return rc == JL_OK ? take_case(session, &record, arena, out_case, err) : rc;
}

/* ---- As JSON ---- */

struct showing {
    const struct jl_cli *cli;
    struct jl_desk_session *session;
    bool unmask;
    struct jl_arena arena;
};

/* A value of the detail, masked when its field is sensitive. */
static json_t *masked(struct showing *showing, const struct jl_field *field, const json_t *value) {
    struct jl_err ignored;
    struct jl_problems problems = {0};
    struct jl_value parsed = jl_value_null();
    JL_AUTO(jl_buf) text = {0};
    const char *plain = json_string_value(value);
    if (plain == NULL || showing->unmask || (field != NULL && !field->sensitive)) {
        return json_deep_copy(value != NULL ? value : json_null());
    }
    const struct jl_check_context context = {.catalogue = showing->session->desk.books->catalogue,
                                             .today = 99991231,
                                             .language = showing->cli->language};
    bool good = field != NULL &&
                jl_parse_field(&context, field, jl_bytes_text(plain), &showing->arena, &parsed,
                               &problems, &ignored) == JL_OK &&
                parsed.kind != JL_VALUE_NULL &&
                jl_format_masked(field, &parsed, showing->cli->language, &text, &ignored) == JL_OK;
    return good ? json_stringn((const char *)text.data, text.size) : json_string("***");
}

static json_t *side_json(struct showing *showing, const struct jl_field *field,
                         const json_t *side) {
    json_t *copy = side != NULL ? json_copy((json_t *)(uintptr_t)side) : json_object();
    if (copy != NULL &&
        json_object_set_new(copy, "value",
                            masked(showing, field, json_object_get(side, "value"))) != 0) {
        json_decref(copy);
        return NULL;
    }
    return copy;
}

static json_t *field_json(struct showing *showing, const struct jl_type *type, const json_t *item) {
    const char *name = json_string_value(json_object_get(item, "field"));
    const struct jl_field *field =
        type != NULL && name != NULL ? jl_type_field_named(type, name) : NULL;
    return json_pack("{s:s?, s:O?, s:o, s:o, s:o, s:O?}", "field", name, "label",
                     json_object_get(item, "label"), "old",
                     masked(showing, field, json_object_get(item, "old")), "current",
                     side_json(showing, field, json_object_get(item, "current")), "offered",
                     side_json(showing, field, json_object_get(item, "offered")), "stands",
                     json_object_get(item, "stands"));
}

static const char *kind_label(const struct showing *showing, const char *field_name,
                              int64_t number) {
    const struct jl_type *type =
        jl_catalogue_type(showing->session->desk.books->catalogue, JL_TYPE_CASE);
    const struct jl_field *field = jl_type_field_named(type, field_name);
    const struct jl_code *code = jl_code_list_code(field->codes, (uint32_t)number);
    if (code == NULL) {
        return "";
    }
    return showing->cli->language == JL_LANGUAGE_EN ? code->label.en : code->label.zh;
}

/* Single words hold no values. */
static bool plain_resolution(const char *text) {
    static const char *const words[] = {"", "current", "offered", JL_CASE_DIFFERENT,
                                        JL_CASE_MERGED_WORD};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* What the case says, in the language that is asked for. *out_code: its number; 0: none. NULL: the
 * case says nothing, or there is no memory. */
static json_t *reason_json(const struct showing *showing, const struct jl_case *item,
                           const struct jl_type *type, json_int_t *out_code) {
    const char *reason = json_string_value(json_object_get(item->detail, "reason"));
    const char *hex = json_string_value(json_object_get(item->detail, "arguments"));
    const struct jl_listener listener = {.language = showing->cli->language, .type = type};
    uint8_t bytes[JL_ARGUMENTS_MAX_BYTES];
    size_t size = hex != NULL ? strlen(hex) / 2 : 0;
    struct jl_sentence sentence;
    struct jl_err ignored;
    *out_code = json_integer_value(json_object_get(item->detail, "cause"));
    if (reason == NULL) {
        return NULL;
    }
    bool fits = *out_code > 0 && *out_code <= UINT32_MAX && size <= sizeof bytes &&
                (size == 0 || jl_hex_decode(hex, bytes, size, &ignored) == JL_OK);
    const struct jl_remark said = {.code = fits ? (uint32_t)*out_code : JL_SAY_NOTHING,
                                   .arguments = jl_bytes(bytes, size)};
    struct jl_bytes text = jl_remark_text(&said, jl_bytes_text(reason), &listener, &sentence);
    return json_stringn((const char *)text.data, text.size);
}

static json_t *case_json(struct showing *showing, const struct jl_case *item) {
    char id[JL_ID_TEXT_BYTES];
    char subject[JL_ID_TEXT_BYTES];
    char opened[64];
    size_t index = 0;
    const json_t *each = NULL;
    const struct jl_type *type =
        jl_catalogue_type(showing->session->desk.books->catalogue, item->subject_type);
    json_int_t code = 0;
    json_t *fields = json_array();
    jl_id_format(&item->record.head.id, id);
    jl_id_format(&item->subject, subject);
    snprintf(opened, sizeof opened, "%04" PRId64 "-%02" PRId64 "-%02" PRId64,
             item->opened_on / 10000, item->opened_on / 100 % 100, item->opened_on % 100);
    json_array_foreach(json_object_get(item->detail, "fields"), index, each) {
        json_t *made = field_json(showing, type, each);
        if (made == NULL || json_array_append_new(fields, made) != 0) {
            json_decref(fields);
            return NULL;
        }
    }
    json_t *reason = reason_json(showing, item, type, &code);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:o, s:O?, s:o?, s:o, s:s, s:s}",
                     "id", id, "kind", kind_label(showing, "kind", item->kind), "status",
                     kind_label(showing, "status", item->status), "title", item->title, "opened_on",
                     opened, "subject_type", type != NULL ? type->name : "", "subject_id", subject,
                     "other_id", item->other[0] != '\0' ? item->other : NULL, "fields", fields,
                     "author", json_object_get(item->detail, "author"), "reason", reason, "code",
                     code != 0 ? json_integer(code) : json_null(), "resolution",
                     plain_resolution(item->resolution) || showing->unmask ? item->resolution
                                                                           : "***",
                     "resolved_by", item->resolved_by);
}

/* ---- case list ---- */

struct listing {
    struct showing *showing;
    json_t *cases;
    bool all;
};

static enum jl_rc list_one(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct listing *listing = context;
    struct jl_arena *arena = &listing->showing->arena;
    struct jl_book_record record = {0};
    struct jl_case item = {0};
    const struct jl_desk_session *session = listing->showing->session;
    enum jl_rc rc = jl_books_unseal(session->desk.books, stored, arena, &record, err);
    if (rc == JL_OK) {
        rc = take_case(session, &record, arena, &item, err);
    }
    if (rc == JL_OK && (listing->all || item.status == JL_CASE_OPEN)) {
        json_t *made = case_json(listing->showing, &item);
        if (made == NULL || json_array_append_new(listing->cases, made) != 0) {
            rc = jl_fault_memory(err);
        }
    }
    jl_case_fini(&item);
    return rc;
}

static enum jl_rc print_table(const struct jl_cli *cli, const json_t *cases, struct jl_err *err) {
    static const char *const zh[] = {"编号", "类别", "标题", "产生日期", "字段"};
    static const char *const en[] = {"id", "kind", "title", "opened", "fields"};
    static const char *const names[] = {"id", "kind", "title", "opened_on"};
    JL_AUTO(jl_table) table = {0};
    size_t index = 0;
    const json_t *item = NULL;
    enum jl_rc rc =
        jl_table_init(&table, stdout, cli->language == JL_LANGUAGE_EN ? en : zh, 5, err);
    json_array_foreach(cases, index, item) {
        size_t at = 0;
        const json_t *field = NULL;
        JL_AUTO(jl_buf) fields = {0};
        for (size_t i = 0; rc == JL_OK && i < 4; i++) {
            rc = jl_table_cell(
                &table, jl_bytes_text(json_string_value(json_object_get(item, names[i]))), err);
        }
        json_array_foreach(json_object_get(item, "fields"), at, field) {
            const char *label = json_string_value(json_object_get(field, "label"));
            rc = rc == JL_OK ? jl_buf_printf(&fields, err, "%s%s", at > 0 ? " " : "",
                                             label != NULL ? label : "")
                             : rc;
        }
        rc = rc == JL_OK ? jl_table_cell(&table, jl_buf_bytes(&fields), err) : rc;
    }
    return rc == JL_OK ? jl_table_end(&table, err) : rc;
}

static enum jl_rc scan_cases(struct listing *listing, struct jl_err *err) {
    struct jl_books *books = listing->showing->session->desk.books;
    const struct jl_scan scan = {.type = JL_TYPE_CASE};
    enum jl_rc rc = jl_books_begin(books, false, NULL, err);
    if (rc == JL_OK) {
        rc = jl_records_scan(books->store, &scan, list_one, listing, err);
        jl_store_rollback(books->store);
    }
    return rc;
}

static enum jl_rc list_cases(struct jl_cli *cli, struct jl_desk_session *session,
                             struct jl_err *err) {
    struct showing showing = {.cli = cli, .session = session};
    struct listing listing = {.showing = &showing, .all = jl_cli_has(cli, "all")};
    enum jl_rc rc = jl_desk_session_open(cli, JL_STORE_READ, session, err);
    if (rc != JL_OK) {
        return rc;
    }
    listing.cases = json_array();
    rc = listing.cases != NULL ? scan_cases(&listing, err) : jl_fault_memory(err);
    if (rc == JL_OK) {
        rc = cli->json ? jl_print_json(listing.cases, stdout, err)
                       : print_table(cli, listing.cases, err);
    }
    json_decref(listing.cases);
    jl_arena_fini(&showing.arena);
    return rc;
}

int jl_cmd_case_list(struct jl_cli *cli) {
    static const struct jl_option options[] = {{"all", NULL, "也列已处理的 / resolved ones too"}};
    static const struct jl_cli_spec spec = {
        .arguments = "", .options = options, .option_count = sizeof options / sizeof *options};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, list_cases);
}

/* ---- case show ---- */

static enum jl_rc print_value(const char *label, const json_t *value, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    const char *plain = json_string_value(value);
    enum jl_rc rc = jl_terminal_fit(jl_bytes_text(plain != NULL ? plain : "—"), 0, &text, err);
    if (rc == JL_OK) {
        printf("  %s%.*s", label, (int)text.size, (const char *)text.data);
    }
    return rc;
}

static enum jl_rc print_side(const char *label, const json_t *side, struct jl_err *err) {
    static const char *const names[] = {"staff", "office", "at"};
    enum jl_rc rc = print_value(label, json_object_get(side, "value"), err);
    for (size_t i = 0; rc == JL_OK && i < 3; i++) {
        const char *text = json_string_value(json_object_get(side, names[i]));
        if (text != NULL && text[0] != '\0') {
            rc = print_value("", json_object_get(side, names[i]), err);
        }
    }
    printf("\n");
    return rc;
}

static void print_ways(const struct jl_cli *cli, int64_t kind, bool elsewhere) {
    if (elsewhere) {
        printf(
            "%s\n",
            JL_ZH_EN(cli->language,
                     "处理：区级核对中，由区总工会判定；录错了的，改正后 case resolve 编号 current",
                     "the district looks into it; if you mistyped it, correct it, then case "
                     "resolve ID current"));
        return;
    }
    if (kind == JL_CASE_DUPLICATE) {
        printf("%s\n",
               JL_ZH_EN(cli->language,
                        "处理：case resolve 编号 "
                        "different（不是同一个，不再提示）；是同一个的，由区总工会办理 "
                        "merge；已改好的，case resolve 编号 current",
                        "decide with: case resolve ID different (not the same, never asked again); "
                        "if they are one, the district runs merge; if corrected, case resolve ID "
                        "current"));
        return;
    }
    printf("%s\n", JL_ZH_EN(cli->language, "处理：case resolve 编号 current|offered|字段=值……",
                            "decide with: case resolve ID current|offered|field=VALUE…"));
}

static enum jl_rc print_case(const struct jl_cli *cli, const json_t *item, struct jl_err *err) {
    static const struct {
        const char *name, *zh, *en;
    } heads[] = {{"title", "关于　", "about    "},      {"kind", "类别　", "kind     "},
                 {"status", "状态　", "status   "},     {"opened_on", "产生　", "opened   "},
                 {"subject_id", "记录　", "record   "}, {"other_id", "另一条", "other    "},
                 {"reason", "说明　", "why      "},     {"id", "事项　", "case     "}};
    bool en = cli->language == JL_LANGUAGE_EN;
    size_t index = 0;
    const json_t *field = NULL;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < sizeof heads / sizeof *heads; i++) {
        if (json_string_value(json_object_get(item, heads[i].name)) != NULL) {
            printf("%s", en ? heads[i].en : heads[i].zh);
            rc = print_value("", json_object_get(item, heads[i].name), err);
            printf("\n");
        }
    }
    json_array_foreach(json_object_get(item, "fields"), index, field) {
        const char *stands = json_string_value(json_object_get(field, "stands"));
        bool offered = stands != NULL && strcmp(stands, "offered") == 0;
        rc = rc == JL_OK ? print_value("", json_object_get(field, "label"), err) : rc;
        printf(" (%s)\n", json_string_value(json_object_get(field, "field")));
        rc = rc == JL_OK
                 ? print_value(en ? "  before   " : "  原值　", json_object_get(field, "old"), err)
                 : rc;
        printf("\n");
        rc = rc == JL_OK ? print_side(offered ? (en ? "  current  " : "  现值　")
                                              : (en ? "* current  " : "* 现值　"),
                                      json_object_get(field, "current"), err)
                         : rc;
        rc = rc == JL_OK ? print_side(offered ? (en ? "* offered  " : "* 提交　")
                                              : (en ? "  offered  " : "  提交　"),
                                      json_object_get(field, "offered"), err)
                         : rc;
    }
    return rc;
}

static enum jl_rc show_loaded(struct showing *showing, const struct jl_case *item,
                              struct jl_err *err) {
    json_t *document = case_json(showing, item);
    if (document == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = showing->cli->json ? jl_print_json(document, stdout, err)
                                       : print_case(showing->cli, document, err);
    if (rc == JL_OK && !showing->cli->json) {
        print_ways(showing->cli, item->kind,
                   item->kind == JL_CASE_DUPLICATE && item->other[0] == '\0');
    }
    json_decref(document);
    return rc;
}

static enum jl_rc show_case(struct jl_cli *cli, struct jl_desk_session *session,
                            struct jl_err *err) {
    const char *reason = jl_cli_value(cli, "reason");
    struct showing showing = {.cli = cli, .session = session, .unmask = jl_cli_has(cli, "unmask")};
    struct jl_case item = {0};
    if (showing.unmask && (reason == NULL || reason[0] == '\0')) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_UNMASK_REASON);
    }
    enum jl_rc rc =
        jl_desk_session_open(cli, showing.unmask ? JL_STORE_WRITE : JL_STORE_READ, session, err);
    if (rc == JL_OK) {
        rc = jl_case_load(cli, session, &showing.arena, &item, err);
    }
    if (rc == JL_OK && showing.unmask) {
        rc = jl_desk_session_log_access(session, "unmask", cli->words[0], reason, err);
        jl_desk_session_ring(session);
    }
    if (rc == JL_OK) {
        rc = show_loaded(&showing, &item, err);
    }
    jl_case_fini(&item);
    jl_arena_fini(&showing.arena);
    return rc;
}

int jl_cmd_case_show(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"unmask", NULL, "显示完整的值，须写事由 / sensitive values in full; needs --reason"},
        {"reason", "TEXT", "事由，记入访问记录 / why; goes into the access log"},
    };
    static const struct jl_cli_spec spec = {.arguments = "ID",
                                            .least = 1,
                                            .most = 1,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, show_case);
}
