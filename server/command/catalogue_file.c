/* The catalogue that `init` and `catalogue apply` store: read, compared with the one in use,
 * stored. */
#include "catalogue_file.h"

#include "server/books/district.h"
#include "server/books/own_ops.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/additive.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/command/desk_session.h"
#include "jielian/json/json.h"
#include "jielian/record/natural_key.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    CATALOGUE_FILE_MAX_BYTES = 4 * 1024 * 1024, /* with the spaces that are taken out */
    FIELD_NAME = 1,                             /* fields of the built-in type catalogue */
    FIELD_VERSION = 2,
    FIELD_BODY = 3,
};

void jl_catalogue_file_fini(struct jl_catalogue_file *file) {
    jl_buf_fini(&file->text);
    jl_catalogue_free(file->catalogue);
    file->catalogue = NULL;
}

static const char *shipped_path(void) {
    const char *named = getenv("JIELIAN_CATALOGUE");
    if (named != NULL && named[0] != '\0') {
        return named;
    }
    return jl_file_exists(JIELIAN_CATALOGUE_INSTALLED) ? JIELIAN_CATALOGUE_INSTALLED
                                                       : JIELIAN_CATALOGUE_SOURCE;
}

/* It travels in every first download and lies in every op that changes it: without the spaces it is
 * a third smaller. */
static enum jl_rc squeeze(struct jl_buf *text, const char *path, struct jl_err *err) {
    json_t *document = NULL;
    enum jl_rc rc = jl_json_load(jl_buf_bytes(text), &document, err);
    if (rc != JL_OK) {
        return jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
    }
    jl_buf_reset(text);
    rc = jl_json_put(document, text, err);
    if (rc == JL_OK && text->size > JL_CATALOGUE_MAX_BYTES) {
        rc = jl_fault_at(err, JL_LIMIT, JL_FAULT_CATALOGUE_FILE_LONG, "%s" JL_AND "%d", path,
                         JL_CATALOGUE_MAX_BYTES);
    }
    return rc;
}

enum jl_rc jl_catalogue_file_read(const char *path, struct jl_catalogue_file *file,
                                  struct jl_err *err) {
    if (path == NULL) {
        path = shipped_path();
    }
    enum jl_rc rc = jl_file_read(path, CATALOGUE_FILE_MAX_BYTES, &file->text, err);
    if (rc == JL_OK) {
        rc = jl_catalogue_parse(jl_buf_bytes(&file->text), path, &file->catalogue, err);
    }
    return rc == JL_OK ? squeeze(&file->text, path, err) : rc;
}

static enum jl_rc load_stored(struct jl_district *district, struct jl_row *key,
                              struct jl_arena *arena, struct jl_book_record *out_record,
                              struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(district->books->catalogue, JL_TYPE_CATALOGUE);
    struct jl_value name = jl_value_cstr("district");
    *key = (struct jl_row){.type = JL_TYPE_CATALOGUE};
    enum jl_rc rc = jl_row_set(key, FIELD_NAME, &name, arena, err);
    if (rc == JL_OK) {
        rc = jl_natural_key_id(district->books->hasher, type, key, &key->id, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_begin(district, false, NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_record_key at = {.type = JL_TYPE_CATALOGUE, .id = key->id};
    rc = jl_books_load(district->books, &at, 1, arena, out_record, err);
    jl_store_rollback(district->books->store);
    return rc;
}

static enum jl_rc check_version(const struct jl_district *district,
                                const struct jl_catalogue_file *file,
                                const struct jl_book_record *stored, bool *out_same,
                                struct jl_err *err) {
    uint64_t now = jl_catalogue_version(district->books->catalogue);
    uint64_t next = jl_catalogue_version(file->catalogue);
    const struct jl_value *body = jl_row_get(&stored->row, FIELD_BODY);
    *out_same = stored->head.rid != 0 && body != NULL &&
                jl_bytes_equal(body->bytes, jl_buf_bytes(&file->text));
    if (*out_same) {
        return JL_OK;
    }
    if (next <= now && stored->head.rid != 0) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_FILE_VERSION,
                           "%" PRIu64 JL_AND "%" PRIu64 JL_AND "%" PRIu64, now, next, now + 1);
    }
    return jl_additive_check(district->books->catalogue, file->catalogue, err);
}

enum jl_rc jl_catalogue_file_store(struct jl_district *district,
                                   const struct jl_catalogue_file *file, bool *out_changed,
                                   struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record stored = {0};
    struct jl_change change = {0};
    bool same = false;
    enum jl_rc rc = load_stored(district, &change.after, &arena, &stored, err);
    if (rc == JL_OK) {
        rc = check_version(district, file, &stored, &same, err);
    }
    *out_changed = false;
    if (rc != JL_OK || same) {
        return rc;
    }
    struct jl_value version = jl_value_int((int64_t)jl_catalogue_version(file->catalogue));
    struct jl_value body = jl_value_text(jl_buf_bytes(&file->text));
    change.kind = stored.head.rid != 0 ? JL_OP_EDIT : JL_OP_CREATE;
    change.before = stored.head.rid != 0 ? &stored : NULL;
    rc = jl_row_set(&change.after, FIELD_VERSION, &version, &arena, err);
    if (rc == JL_OK) {
        rc = jl_row_set(&change.after, FIELD_BODY, &body, &arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_own_ops_save(district, NULL, &change, 1, err);
    }
    *out_changed = rc == JL_OK;
    return rc;
}

enum jl_rc jl_catalogue_file_check(struct jl_desk_session *session,
                                   const struct jl_catalogue_file *file, bool *out_changed,
                                   struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_row key;
    struct jl_book_record stored = {0};
    bool same = false;
    enum jl_rc rc = load_stored(session->district, &key, &arena, &stored, err);
    if (rc == JL_OK) {
        rc = check_version(session->district, file, &stored, &same, err);
    }
    *out_changed = !same;
    return rc;
}
