/* The seat of one command: who, district, desk; and how commands answer. */
#include "cmd.h"

#include "jielian/net.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Seat ---- */

/* The value of an option that not every command has. */
static const char *value_of(const struct jl_cli *cli, const char *name) {
    for (size_t i = 0; i < cli->spec->option_count; i++) {
        if (strcmp(cli->spec->options[i].name, name) == 0) {
            return jl_cli_value(cli, name);
        }
    }
    return NULL;
}

static enum jl_rc take_staff(const struct jl_cli *cli, struct jl_seat *seat, struct jl_err *err) {
    const char *names[] = {value_of(cli, "as"), getenv("JIELIAN_STAFF"), "district"};
    const char *login = NULL;
    for (size_t i = 0; login == NULL || login[0] == '\0'; i++) {
        login = names[i];
    }
    if (strlen(login) > JL_STAFF_MAX_BYTES) {
        return jl_fail(err, JL_MISUSE, "a login has at most %d bytes; give a shorter one with --as",
                       JL_STAFF_MAX_BYTES);
    }
    memcpy(seat->staff, login, strlen(login) + 1);
    return JL_OK;
}

static enum jl_rc take_owner(const struct jl_cli *cli, struct jl_seat *seat, struct jl_err *err) {
    const char *code = value_of(cli, "office");
    const struct jl_office_entry *office =
        code != NULL ? jl_district_office_coded(seat->district, code) : NULL;
    if (code != NULL && office == NULL) {
        return jl_fail(err, JL_NOT_FOUND,
                       JL_ZH_EN(cli->language, "没有代码为 %s 的镇街；请用 office list 查看",
                                "there is no office %s; see `office list`"),
                       code);
    }
    seat->desk.owner = office != NULL ? office->number : 0;
    return JL_OK;
}

enum jl_rc jl_seat_open(const struct jl_cli *cli, enum jl_store_mode mode, struct jl_seat *seat,
                        struct jl_err *err) {
    const struct jl_district_options options = {.mode = mode, .clock = jl_clock_system()};
    const char *folder = NULL;
    uint8_t random[16];
    *seat = (struct jl_seat){0};
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) {
        rc = take_staff(cli, seat, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_open(folder, &options, &seat->district, err);
    }
    if (rc == JL_OK) {
        rc = jl_random(random, sizeof random, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    seat->district->staff = jl_bytes_text(seat->staff);
    seat->desk = (struct jl_desk){.books = seat->district->books,
                                  .save = jl_district_save,
                                  .save_context = seat->district,
                                  .movers = 1u << JL_MOVER_DISTRICT,
                                  .staff = seat->district->staff,
                                  .clock = seat->district->clock,
                                  .language = cli->language};
    jl_id_source_init(&seat->desk.ids, random);
    return take_owner(cli, seat, err);
}

void jl_seat_fini(struct jl_seat *seat) {
    jl_district_close(seat->district);
    seat->district = NULL;
}

enum jl_rc jl_seat_type(const struct jl_seat *seat, const char *name,
                        const struct jl_type **out_type, struct jl_err *err) {
    const struct jl_catalogue *catalogue = seat->desk.books->catalogue;
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
        return jl_fail(err, JL_MISUSE,
                       JL_ZH_EN(seat->desk.language, "没有记录类型“%s”；有：%.*s",
                                "no record type \"%s\"; there are: %.*s"),
                       name, (int)names.size, (const char *)names.data);
    }
    *out_type = type;
    return JL_OK;
}

enum jl_rc jl_seat_load(struct jl_seat *seat, uint32_t type, const struct jl_id *id,
                        struct jl_arena *arena, struct jl_book_record *out_record,
                        struct jl_err *err) {
    const struct jl_record_key key = {.type = type, .id = *id};
    enum jl_rc rc = jl_district_begin(seat->district, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_books_load(seat->desk.books, &key, 1, arena, out_record, err);
    jl_store_rollback(seat->desk.books->store);
    if (rc == JL_OK && out_record->head.rid == 0) {
        char text[JL_ID_TEXT_BYTES];
        jl_id_format(id, text);
        rc = jl_fail(err, JL_NOT_FOUND,
                     JL_ZH_EN(seat->desk.language, "没有记录 %s；请用 list 或 find 查编号",
                              "no record %s; look its id up with list or find"),
                     text);
    }
    return rc;
}

void jl_seat_ring(const struct jl_seat *seat) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_err ignored; /* a path too long for a bell: `serve` looks once a second anyway */
    if (jl_path_join(seat->district->folder, "run.bell", path, sizeof path, &ignored) == JL_OK) {
        jl_bell_ring(path);
    }
}

void jl_seat_note_problems(const struct jl_cli *cli, const struct jl_seat *seat, uint32_t type,
                           const struct jl_problems *problems) {
    const struct jl_type *of = jl_catalogue_type(seat->desk.books->catalogue, type);
    for (size_t i = 0; i < problems->count; i++) {
        const struct jl_problem *problem = &problems->items[i];
        const struct jl_field *field =
            of != NULL && problem->field != 0 ? jl_type_field(of, problem->field) : NULL;
        bool warning = problem->severity == JL_PROBLEM_WARNING;
        jl_cli_note(cli, "%s%s%s%s",
                    warning ? JL_ZH_EN(cli->language, "请核对：", "please check: ") : "",
                    field != NULL ? field->name : "", field != NULL ? ": " : "", problem->text);
    }
    if (problems->dropped > 0) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "还有 %zu 处问题没有列出", "%zu more are not shown"),
                    problems->dropped);
    }
}

static void iso_time(int64_t wall_ms, char out_text[static 32]) {
    char text[JL_TIME_TEXT_BYTES];
    jl_time_format(wall_ms, text);
    text[10] = 'T';
    snprintf(out_text, 32, "%s+08:00", text);
}

enum jl_rc jl_seat_log_access(struct jl_seat *seat, const char *action, const char *subject,
                              const char *reason, struct jl_err *err) {
    char at[32];
    struct jl_id id;
    struct jl_problems problems = {0};
    struct jl_desk desk = seat->desk;
    const struct jl_type *type = jl_catalogue_type(desk.books->catalogue, JL_TYPE_ACCESS_LOG);
    JL_ASSERT(type != NULL);
    iso_time(desk.clock.wall_ms(desk.clock.context), at);
    const struct jl_assignment items[] = {{.field = "at", .value = at},
                                          {.field = "staff", .value = seat->staff},
                                          {.field = "action", .value = action},
                                          {.field = "subject", .value = subject},
                                          {.field = "reason", .value = reason}};
    desk.owner = 0; /* the district's own log stays at the district */
    enum jl_rc rc =
        jl_desk_add(&desk, type, items, sizeof items / sizeof *items, &id, &problems, err);
    seat->desk.ids = desk.ids;
    return rc == JL_OK ? rc : jl_wrap(err, "access log");
}

enum jl_rc jl_word_id(const struct jl_cli *cli, size_t word, struct jl_id *out_id,
                      struct jl_err *err) {
    if (jl_id_parse(cli->words[word], out_id, err) != JL_OK) {
        return jl_fail(err, JL_MISUSE,
                       JL_ZH_EN(cli->language, "“%s”不是记录编号；请用 list 或 find 查编号",
                                "\"%s\" is no record id; look it up with list or find"),
                       cli->words[word]);
    }
    return JL_OK;
}

int jl_run_seated(struct jl_cli *cli, const struct jl_cli_spec *spec, enum jl_store_mode mode,
                  jl_seated_fn work) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_seat seat = {0};
    if (!jl_cli_parse(cli, spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = jl_seat_open(cli, mode, &seat, &err);
    if (rc == JL_OK) {
        rc = work(cli, &seat, &err);
    }
    jl_seat_fini(&seat);
    return rc == JL_OK ? JL_EXIT_DONE : jl_cli_fail(cli, &err);
}

/* ---- Answers ---- */

enum jl_rc jl_answer_json(json_t *document, struct jl_err *err) {
    enum jl_rc rc = document != NULL ? jl_json_print(document, stdout, err)
                                     : jl_fail(err, JL_NOMEM, "no memory for the answer");
    json_decref(document);
    return rc;
}

json_t *jl_json_time(int64_t wall_ms) {
    char text[32];
    if (wall_ms == 0) {
        return json_null();
    }
    iso_time(wall_ms, text);
    return json_string(text);
}

static enum jl_rc put_cell(struct jl_table *table, const json_t *value, struct jl_err *err) {
    char number[32];
    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return jl_table_cell(table, jl_bytes_text(number), err);
    }
    const char *text = json_string_value(value);
    return jl_table_cell(table, jl_bytes_text(text != NULL ? text : ""), err);
}

enum jl_rc jl_answer_table(const struct jl_cli *cli, const json_t *rows,
                           const struct jl_answer_column *columns, size_t count,
                           struct jl_err *err) {
    const char *headers[JL_TABLE_COLUMNS_MAX] = {0};
    JL_AUTO(jl_table) table = {0};
    size_t index = 0;
    const json_t *row = NULL;
    JL_ASSERT(count <= JL_TABLE_COLUMNS_MAX);
    for (size_t i = 0; i < count; i++) {
        headers[i] = cli->language == JL_LANGUAGE_EN ? columns[i].en : columns[i].zh;
    }
    enum jl_rc rc = jl_table_init(&table, stdout, headers, count, err);
    for (size_t i = 0; i < count; i++) {
        table.right[i] = columns[i].right;
    }
    json_array_foreach(rows, index, row) {
        for (size_t i = 0; rc == JL_OK && i < count; i++) {
            rc = put_cell(&table, json_object_get(row, columns[i].key), err);
        }
    }
    return rc == JL_OK ? jl_table_end(&table, err) : rc;
}
