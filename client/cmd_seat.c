/* The seat of one command: passphrase, clerk, office and desk. */
#include "client.h"

#include <stdlib.h>
#include <string.h>

/* ---- Folder ---- */

void jl_place_path(const char *folder, const char *name, char out_path[static JL_PATH_MAX_BYTES]) {
    struct jl_err ignored;
    if (jl_path_join(folder, name, out_path, JL_PATH_MAX_BYTES, &ignored) != JL_OK) {
        out_path[0] = '\0';
    }
}

bool jl_place_has(const char *folder, const char *name) {
    char path[JL_PATH_MAX_BYTES];
    jl_place_path(folder, name, path);
    return path[0] != '\0' && jl_file_exists(path);
}

void jl_iso_time(int64_t wall_ms, char out_text[static JL_ISO_TIME_BYTES]) {
    char text[JL_TIME_TEXT_BYTES];
    jl_time_format(wall_ms, text);
    text[10] = 'T';
    snprintf(out_text, JL_ISO_TIME_BYTES, "%s+08:00", text);
}

enum jl_rc jl_passphrase_read(const struct jl_cli *cli, struct jl_buf *out, struct jl_err *err) {
    const char *path = jl_cli_value(cli, "passphrase-file");
    if (path == NULL) {
        path = getenv("JIELIAN_PASSPHRASE_FILE");
    }
    if (path == NULL || path[0] == '\0') {
        return JL_OK;
    }
    enum jl_rc rc = jl_file_read(path, JL_PASSPHRASE_MAX_BYTES, out, err);
    while (rc == JL_OK && out->size > 0 &&
           (out->data[out->size - 1] == '\n' || out->data[out->size - 1] == '\r')) {
        out->size--;
    }
    if (rc == JL_OK && out->size == 0) {
        rc = jl_fail(err, JL_MISUSE, "%s: the passphrase file is empty", path);
    }
    return rc;
}

/* ---- Seat ---- */

static enum jl_rc take_staff(const struct jl_cli *cli, struct jl_seat *seat, struct jl_err *err) {
    const char *names[] = {jl_cli_value(cli, "as"), getenv("JIELIAN_STAFF"), getenv("USER"),
                           "clerk"};
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

static enum jl_rc open_office(const struct jl_cli *cli, enum jl_store_mode mode,
                              struct jl_office **out_office, struct jl_err *err) {
    const char *folder = NULL;
    struct jl_buf passphrase = {0};
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (!jl_place_has(folder, "jielian.db") && jl_place_has(folder, "staged/jielian.db")) {
        return jl_fail(
            err, JL_NOT_FOUND, "%s",
            JL_ZH_EN(cli->language, "首次下载还没有完成：请先运行 jielian-office sync，完成后再用",
                     "the first download is not finished: run jielian-office sync first"));
    }
    rc = jl_passphrase_read(cli, &passphrase, err);
    if (rc == JL_OK) {
        const struct jl_office_options options = {
            .mode = mode, .passphrase = jl_buf_bytes(&passphrase), .clock = jl_clock_system()};
        rc = jl_office_open(folder, &options, out_office, err);
    }
    jl_buf_wipe(&passphrase);
    return rc;
}

enum jl_rc jl_seat_open(const struct jl_cli *cli, enum jl_store_mode mode, struct jl_seat *seat,
                        struct jl_err *err) {
    *seat = (struct jl_seat){0};
    uint8_t random[16];
    enum jl_rc rc = take_staff(cli, seat, err);
    if (rc == JL_OK) {
        rc = open_office(cli, mode, &seat->office, err);
    }
    if (rc == JL_OK) {
        rc = jl_random(random, sizeof random, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    seat->office->staff = jl_bytes_text(seat->staff);
    seat->desk = (struct jl_desk){.books = seat->office->books,
                                  .save = jl_office_save,
                                  .save_context = seat->office,
                                  .owner = seat->office->identity.office,
                                  .movers = 1u << JL_MOVER_OFFICE,
                                  .staff = seat->office->staff,
                                  .clock = seat->office->clock,
                                  .language = cli->language};
    jl_id_source_init(&seat->desk.ids, random);
    return JL_OK;
}

void jl_seat_fini(struct jl_seat *seat) {
    jl_office_close(seat->office);
    seat->office = NULL;
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
    enum jl_rc rc = jl_office_begin(seat->office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_books_load(seat->office->books, &key, 1, arena, out_record, err);
    jl_store_rollback(seat->office->books->store);
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

enum jl_rc jl_seat_log_access(struct jl_seat *seat, const char *action, const char *subject,
                              const char *reason, struct jl_err *err) {
    char at[JL_ISO_TIME_BYTES];
    struct jl_id id;
    struct jl_problems problems = {0};
    const struct jl_type *type = jl_catalogue_type(seat->desk.books->catalogue, JL_TYPE_ACCESS_LOG);
    JL_ASSERT(type != NULL);
    jl_iso_time(seat->desk.clock.wall_ms(seat->desk.clock.context), at);
    const struct jl_assignment items[] = {{.field = "at", .value = at},
                                          {.field = "staff", .value = seat->staff},
                                          {.field = "action", .value = action},
                                          {.field = "subject", .value = subject},
                                          {.field = "reason", .value = reason}};
    enum jl_rc rc =
        jl_desk_add(&seat->desk, type, items, sizeof items / sizeof *items, &id, &problems, err);
    return rc == JL_OK ? rc : jl_wrap(err, "access log");
}

void jl_seat_ring(const struct jl_seat *seat) {
    char path[JL_PATH_MAX_BYTES];
    jl_place_path(seat->office->folder, "run.bell", path);
    jl_bell_ring(path);
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
