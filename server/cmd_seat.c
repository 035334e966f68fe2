/* What the district's program brings to the seat: who, district, office; and how its commands
 * answer. */
#include "cmd.h"

#include "jielian/net.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Seat ---- */

struct jl_seat_options jl_seat_options(enum jl_seat_use use) {
    /* One list for all: spreadsheets are first of all an office's. */
    static const struct jl_option options[] = {JL_STAFF_OPTION, JL_OFFICE_OPTION, JL_STAFF_OPTION};
    switch (use) {
    case JL_SEAT_LOOKS:
        break;
    case JL_SEAT_NAMED:
        return (struct jl_seat_options){options, 1};
    case JL_SEAT_MAKES:
        return (struct jl_seat_options){options, 2};
    case JL_SEAT_FILES:
        return (struct jl_seat_options){options + 1, 2};
    }
    return (struct jl_seat_options){options, 0};
}

/* The value of an option that not every command has. */
static const char *value_of(const struct jl_cli *cli, const char *name) {
    for (size_t i = 0; i < cli->spec->option_count; i++) {
        if (strcmp(cli->spec->options[i].name, name) == 0) {
            return jl_cli_value(cli, name);
        }
    }
    return NULL;
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
    const char *const names[] = {value_of(cli, "as"), getenv("JIELIAN_STAFF"), "district"};
    const char *folder = NULL;
    uint8_t random[16];
    *seat = (struct jl_seat){0};
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) {
        rc = jl_seat_take_staff(seat, names, sizeof names / sizeof *names, err);
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

void jl_seat_ring(const struct jl_seat *seat) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_err ignored; /* a path too long for a bell: `serve` looks once a second anyway */
    if (jl_path_join(seat->district->folder, "run.bell", path, sizeof path, &ignored) == JL_OK) {
        jl_bell_ring(path);
    }
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

json_t *jl_json_time(int64_t wall_ms) {
    char text[JL_ISO_TIME_BYTES];
    if (wall_ms == 0) {
        return json_null();
    }
    jl_iso_time(wall_ms, text);
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
