/* Opening, layouts and transactions of the books. A layout is made from the catalogue alone, so two
 * processes with the same catalogue have the same columns in the same order. */
#include "books.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/fold.h"
#include "jielian/base/path.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/record/pinyin.h"

#include <stdlib.h>
#include <string.h>

static enum jl_rc check_keys(struct jl_books *books, const struct jl_keys *keys,
                             enum jl_store_mode mode, bool *out_held, struct jl_err *err) {
    if (mode != JL_STORE_CREATE) {
        return jl_books_check_keys(books, keys, out_held, err);
    }
    *out_held = true;
    return jl_books_hold_keys(books, keys, err);
}

/* Books of an earlier program, now that their rows can be asked too. Where another program holds
 * the lock or the disk is full, the fingerprint waits for a later open: the keys are the right
 * ones, and what is to be written will say for itself what hinders it. */
static enum jl_rc adopt_keys(struct jl_books *books, const struct jl_keys *keys,
                             struct jl_err *err) {
    bool held = false;
    enum jl_rc rc = jl_books_check_keys(books, keys, &held, err);
    if (rc != JL_OK || held || books->read_only) {
        return rc;
    }
    rc = jl_books_hold_keys(books, keys, err);
    return rc == JL_BUSY || rc == JL_IO ? JL_OK : rc;
}

static enum jl_rc open_parts(struct jl_books *books, const char *folder,
                             const struct jl_books_options *options, const struct jl_keys *keys,
                             bool *out_held, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_catalogue *built_in = NULL;
    struct jl_store_options store_options = {.mode = options->mode,
                                             .application_id = options->side == JL_SIDE_OFFICE
                                                                   ? JL_STORE_OFFICE_ID
                                                                   : JL_STORE_DISTRICT_ID,
                                             .cache_kib = options->cache_kib,
                                             .relaxed = options->relaxed};
    enum jl_rc rc = jl_path_join(folder, "jielian.db", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_store_open(path, &store_options, &books->store, err);
    }
    if (rc == JL_OK) {
        rc = jl_sealer_new(books->suite, &keys->data, &books->sealer, err);
    }
    if (rc == JL_OK) {
        rc = jl_hasher_new(books->suite, &books->hasher, err);
    }
    if (rc == JL_OK) { /* before tables are made: foreign keys change nothing */
        rc = check_keys(books, keys, options->mode, out_held, err);
    }
    if (rc == JL_OK) {
        rc = jl_catalogue_builtin(&built_in, err);
    }
    if (rc == JL_OK) {
        rc = jl_books_use(books, built_in, err);
    }
    if (rc != JL_OK) {
        jl_catalogue_free(built_in);
    }
    return rc;
}

/* Opening a file of an older schema for writing migrates it, and foreign keys must change nothing:
 * so they are found before. What else hinders this look hinders the opening too, which says it. */
static enum jl_rc look_first(const char *folder, const struct jl_books_options *options,
                             const struct jl_keys *keys, struct jl_err *err) {
    const struct jl_books_options reading = {.side = options->side, .mode = JL_STORE_READ};
    JL_AUTO_PTR(jl_books) books = NULL;
    char path[JL_PATH_MAX_BYTES];
    bool held = false;
    enum jl_rc rc = jl_path_join(folder, "jielian.db", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_books_check_keys_of(path, options->side, keys, &held, err);
    }
    if (rc == JL_OK && !held) {
        rc = jl_books_open(folder, &reading, keys, &books, err);
    }
    return rc == JL_DENIED ? rc : JL_OK;
}

enum jl_rc jl_books_open(const char *folder, const struct jl_books_options *options,
                         const struct jl_keys *keys, struct jl_books **out_books,
                         struct jl_err *err) {
    JL_AUTO_PTR(jl_books) books = calloc(1, sizeof *books);
    if (books == NULL) {
        return jl_fault_memory(err);
    }
    books->side = options->side;
    books->read_only = options->mode == JL_STORE_READ || options->mode == JL_STORE_READ_COPY;
    books->suite = keys->suite;
    books->proof_key = keys->proof;
    bool held = false;
    enum jl_rc rc =
        options->mode == JL_STORE_WRITE ? look_first(folder, options, keys, err) : JL_OK;
    if (rc == JL_OK) {
        rc = open_parts(books, folder, options, keys, &held, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_books_open_catalogue(books, err);
    if (rc == JL_OK && !books->read_only && books->newer.state == JL_NEWER_BEYOND) {
        rc = jl_books_too_old(&books->newer, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = held ? JL_OK : adopt_keys(books, keys, err);
    if (rc == JL_OK) {
        rc = jl_books_retag(books, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_books = books;
    books = NULL;
    return JL_OK;
}

void jl_books_close(struct jl_books *books) {
    if (books == NULL) {
        return;
    }
    jl_store_close(books->store);
    jl_sealer_free(books->sealer);
    jl_hasher_free(books->hasher);
    jl_pinyin_free(books->pinyin);
    jl_books_drop_layouts(books->layouts, books->layout_count);
    jl_catalogue_free(books->catalogue);
    jl_secret_fini(&books->proof_key);
    jl_buf_wipe(&books->scratch);
    free(books);
}

enum jl_rc jl_books_begin(struct jl_books *books, bool write, bool *out_changed,
                          struct jl_err *err) {
    bool changed = false;
    enum jl_rc rc = jl_store_begin(books->store, write, err);
    if (rc == JL_OK) {
        rc = jl_store_changed(books->store, &changed, err);
    }
    books->changed = books->changed || changed;
    if (rc == JL_OK && (changed || books->unsure)) {
        rc = jl_books_see_catalogue(books, err);
    }
    if (rc == JL_OK && changed && !books->folded) {
        rc = jl_books_see_folded(books, err);
    }
    if (rc != JL_OK) {
        books->unsure = books->unsure || changed;
        jl_store_rollback(books->store);
        return rc;
    }
    if (write && books->newer.state == JL_NEWER_BEYOND) {
        jl_store_rollback(books->store);
        return jl_books_too_old(&books->newer, err);
    }
    if (out_changed != NULL) {
        *out_changed = books->changed;
        books->changed = false;
    }
    return JL_OK;
}

bool jl_books_living(const struct jl_type *type, const struct jl_row *row) {
    if (row->deleted) {
        return false;
    }
    if (type->living_field == 0) {
        return true;
    }
    const struct jl_value *value = jl_row_get(row, type->living_field);
    if (value == NULL) {
        return true; /* a status that was never filled in does not hide a record */
    }
    for (size_t i = 0; i < type->living_code_count; i++) {
        if (value->number == (int64_t)type->living_codes[i]) {
            return true;
        }
    }
    return false;
}
