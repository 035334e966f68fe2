/* What the office's program brings to the seat: passphrase, clerk, office. */
#include "client.h"

#include <stdlib.h>

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

/* Every command may open sealed books, so every one may need the passphrase. */
struct jl_seat_options jl_seat_options(enum jl_seat_use use) {
    static const struct jl_option options[] = {JL_STAFF_OPTION, JL_PASSPHRASE_OPTION};
    (void)use;
    return (struct jl_seat_options){options, sizeof options / sizeof *options};
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
    const char *const names[] = {jl_cli_value(cli, "as"), getenv("JIELIAN_STAFF"), getenv("USER"),
                                 "clerk"};
    uint8_t random[16];
    *seat = (struct jl_seat){0};
    enum jl_rc rc = jl_seat_take_staff(seat, names, sizeof names / sizeof *names, err);
    if (rc == JL_OK) {
        rc = open_office(cli, mode, &seat->office, err);
    }
    if (rc == JL_OK) {
        rc = jl_random(random, sizeof random, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    seat->log_owner = seat->office->identity.office;
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

void jl_seat_ring(const struct jl_seat *seat) {
    char path[JL_PATH_MAX_BYTES];
    jl_place_path(seat->office->folder, "run.bell", path);
    jl_bell_ring(path);
}
