/* Files are looked at again after the failure: that keeps the words, which are for people, out of
 * the libraries that open them. */
#include "jielian/command/folder.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/books/books.h"

#include <string.h>

struct place {
    const struct jl_cli *cli;
    enum jl_side side;
    const char *folder;
    char keys[JL_PATH_MAX_BYTES];
    char books[JL_PATH_MAX_BYTES]; /* those that are here, or that should be */
    enum jl_rc keys_look, books_look;
};

static bool joining(const struct place *place) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_err ignored; /* a path too long is no file */
    return place->side == JL_SIDE_OFFICE &&
           jl_path_join(place->folder, "joining/keys", path, sizeof path, &ignored) == JL_OK &&
           jl_file_exists(path);
}

static enum jl_rc look(struct place *place, struct jl_err *err) {
    char staged[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_keys_path(place->folder, place->keys, err);
    if (rc == JL_OK) {
        rc = jl_path_join(place->folder, "jielian.db", place->books, sizeof place->books, err);
    }
    if (rc == JL_OK) {
        rc = jl_path_join(place->folder, "staged/jielian.db", staged, sizeof staged, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    place->keys_look = jl_file_look(place->keys, err);
    place->books_look = jl_file_look(place->books, err);
    if (place->side == JL_SIDE_OFFICE && place->books_look == JL_NOT_FOUND &&
        jl_file_exists(staged)) {
        place->books_look = jl_file_look(staged, err);
        memcpy(place->books, staged, sizeof staged);
    }
    return JL_OK;
}

/* ---- By the files ---- */

static enum jl_rc fail_closed(const char *path, struct jl_err *err) {
    return jl_fault_at(err, JL_DENIED, JL_FAULT_FOLDER_CLOSED, "%s", path);
}

static enum jl_rc fail_no_keys(const struct place *place, struct jl_err *err) {
    if (place->side == JL_SIDE_OFFICE) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_FOLDER_KEYS_GONE, "%s" JL_AND "%s",
                           place->books, place->keys);
    }
    return jl_fault_at(err, JL_DENIED, JL_FAULT_FOLDER_KEYS_GONE_SYSTEMD, "%s" JL_AND "%s",
                       place->books, place->keys);
}

static enum jl_rc fail_no_books(const struct place *place, struct jl_err *err) {
    if (joining(place)) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_FOLDER_JOINING, "%s", place->folder);
    }
    if (place->side == JL_SIDE_OFFICE) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_FOLDER_BOOKS_GONE, "%s" JL_AND "%s",
                           place->folder, place->keys);
    }
    return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_FOLDER_BOOKS_GONE_DISTRICT, "%s" JL_AND "%s",
                       place->folder, place->keys);
}

static enum jl_rc fail_nothing(const struct place *place, struct jl_err *err) {
    if (joining(place)) {
        return fail_no_books(place, err);
    }
    return jl_fault_at(err, JL_NOT_FOUND,
                       place->side == JL_SIDE_OFFICE ? JL_FAULT_FOLDER_EMPTY
                                                     : JL_FAULT_FOLDER_EMPTY_DISTRICT,
                       "%s", place->folder);
}

static enum jl_rc check(const struct place *place, struct jl_err *err) {
    if (place->books_look == JL_DENIED) {
        return fail_closed(place->books, err);
    }
    if (place->keys_look == JL_DENIED) {
        return fail_closed(place->keys, err);
    }
    bool no_keys = place->keys_look == JL_NOT_FOUND;
    bool no_books = place->books_look == JL_NOT_FOUND;
    if (no_keys || no_books) {
        return !no_books  ? fail_no_keys(place, err)
               : !no_keys ? fail_no_books(place, err)
                          : fail_nothing(place, err);
    }
    if (place->keys_look != JL_OK || place->books_look != JL_OK) {
        return jl_file_look(place->keys_look != JL_OK ? place->keys : place->books, err);
    }
    return JL_OK;
}

enum jl_rc jl_folder_check(const struct jl_cli *cli, enum jl_side side, const char *folder,
                           struct jl_err *err) {
    struct place place = {.cli = cli, .side = side, .folder = folder};
    enum jl_rc rc = look(&place, err);
    return rc == JL_OK ? check(&place, err) : rc;
}

/* ---- By the keys ---- */

static enum jl_rc fail_wrapped(const struct place *place, bool given, struct jl_err *err) {
    if (place->side == JL_SIDE_DISTRICT) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_FOLDER_PASSPHRASE_DISTRICT, "%s", place->keys);
    }
    return jl_fault_at(err, JL_DENIED,
                       given ? JL_FAULT_FOLDER_PASSPHRASE_WRONG : JL_FAULT_FOLDER_PASSPHRASE_WANTED,
                       "%s", place->keys);
}

static enum jl_rc fail_damaged(const struct place *place, struct jl_err *err) {
    return jl_fault_at(err, JL_DENIED, JL_FAULT_FOLDER_KEYS_DAMAGED, "%s" JL_AND "%s", place->keys,
                       place->side == JL_SIDE_OFFICE
                           ? ""
                           : JL_ZH_EN(place->cli->language, "（备份的 .keys 就是）",
                                      " (a backup's .keys is one)"));
}

static enum jl_rc fail_suite(const struct place *place, struct jl_err *err) {
    return jl_fault_at(err, JL_DENIED, JL_FAULT_FOLDER_KEYS_SUITE, "%s", place->keys);
}

static enum jl_rc fail_foreign(const struct place *place, struct jl_err *err) {
    return jl_fault_at(err, JL_DENIED, JL_FAULT_FOLDER_KEYS_OTHER, "%s" JL_AND "%s" JL_AND "%s",
                       place->keys, place->books,
                       place->side == JL_SIDE_OFFICE
                           ? ""
                           : JL_ZH_EN(place->cli->language, "（这份数据的备份的 .keys 就是）",
                                      " (the .keys of their backups is it)"));
}

/* Not every JL_DENIED of a command is about keys: the books are asked once more. */
static bool are_foreign(const struct place *place, const struct jl_keys *keys) {
    const struct jl_books_options options = {.side = place->side, .mode = JL_STORE_READ};
    JL_AUTO_PTR(jl_books) books = NULL;
    char folder[JL_PATH_MAX_BYTES];
    struct jl_err ignored; /* what else hinders the opening is in the error that there is */
    memcpy(folder, place->books, sizeof folder);
    *strrchr(folder, '/') = '\0';
    return jl_books_open(folder, &options, keys, &books, &ignored) == JL_DENIED;
}

static enum jl_rc explain_keys(const struct place *place, struct jl_bytes passphrase,
                               struct jl_err *err) {
    struct jl_keys keys = {0};
    struct jl_err why = {0};
    enum jl_rc rc = jl_keys_load(place->folder, passphrase, &keys, &why);
    bool foreign = rc == JL_OK && err->rc == JL_DENIED && are_foreign(place, &keys);
    jl_keys_fini(&keys);
    if (rc == JL_DENIED) {
        return fail_wrapped(place, passphrase.size > 0, err);
    }
    if (rc == JL_CORRUPT) {
        return fail_damaged(place, err);
    }
    if (rc == JL_PROTO) {
        return fail_suite(place, err);
    }
    return foreign ? fail_foreign(place, err) : err->rc;
}

static bool may_be_the_folder(enum jl_rc rc) {
    return rc == JL_NOT_FOUND || rc == JL_DENIED || rc == JL_CORRUPT || rc == JL_PROTO ||
           rc == JL_IO;
}

enum jl_rc jl_folder_explain(const struct jl_cli *cli, enum jl_side side, const char *folder,
                             struct jl_bytes passphrase, struct jl_err *err) {
    struct place place = {.cli = cli, .side = side, .folder = folder};
    struct jl_err why = {0};
    if (!may_be_the_folder(err->rc) || look(&place, &why) != JL_OK) {
        return err->rc;
    }
    if (check(&place, &why) != JL_OK) {
        *err = why;
        return err->rc;
    }
    return explain_keys(&place, passphrase, err);
}
