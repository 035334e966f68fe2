/* The stored catalogue and what follows when it changes; scrubbing.
 *
 * The catalogue in force is the newest that these books ever took, and a copy of it is kept beside
 * the record: a district restored from an older backup sends its older record again, while the
 * columns, and what is in them, stay. */
#include "books_internal.h"

#include <string.h>

enum jl_rc jl_books_catalogue_key(struct jl_books *books, struct jl_record_key *out_key,
                                  struct jl_err *err) {
    const struct jl_layout *layout = jl_books_layout(books, JL_TYPE_CATALOGUE);
    JL_ASSERT(layout != NULL);
    const struct jl_field *name = jl_type_field_named(layout->type, "name");
    JL_ASSERT(name != NULL);
    struct jl_field_value field = {.field = name->number, .value = jl_value_cstr("district")};
    struct jl_row row = {.type = JL_TYPE_CATALOGUE, .fields = &field, .field_count = 1};
    out_key->type = JL_TYPE_CATALOGUE;
    return jl_row_natural_id(books->hasher, layout->type, &row, &out_key->id, err);
}

static const char newest[] = "catalogue"; /* meta: version (u64be) ‖ body */

/* *body becomes the kept copy, in the arena, when that is newer than version. */
static enum jl_rc newer_kept(struct jl_books *books, uint64_t version, struct jl_arena *arena,
                             struct jl_bytes *body, struct jl_err *err) {
    JL_AUTO(jl_buf) kept = {0};
    uint64_t kept_version = 0;
    enum jl_rc rc = jl_store_meta_get(books->store, newest, &kept, err);
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    struct jl_reader reader = {.rest = jl_buf_bytes(&kept)};
    rc = jl_reader_u64be(&reader, &kept_version, err);
    return rc == JL_OK && kept_version > version ? jl_arena_dup(arena, reader.rest, body, err) : rc;
}

static enum jl_rc keep_newest(struct jl_books *books, uint64_t version, struct jl_bytes body,
                              struct jl_err *err) {
    JL_AUTO(jl_buf) kept = {0};
    enum jl_rc rc = jl_buf_put_u64be(&kept, version, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(&kept, body.data, body.size, err);
    }
    return rc == JL_OK ? jl_store_meta_put(books->store, newest, jl_buf_bytes(&kept), err) : rc;
}

/* keep: the transaction is open for writing, and what is read is kept as the newest. */
static enum jl_rc read_newest(struct jl_books *books, bool keep,
                              struct jl_catalogue **out_catalogue, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_record_key key;
    struct jl_book_record record = {0};
    enum jl_rc rc = jl_books_catalogue_key(books, &key, err);
    if (rc == JL_OK) {
        rc = jl_books_load(books, &key, 1, &arena, &record, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_layout *layout = jl_books_layout(books, JL_TYPE_CATALOGUE);
    const struct jl_field *body = jl_type_field_named(layout->type, "body");
    JL_ASSERT(body != NULL);
    const struct jl_value *text = jl_row_get(&record.row, body->number);
    if (record.head.rid == 0 || text == NULL) {
        memcpy(books->catalogue_hash, record.head.hash, sizeof books->catalogue_hash);
        return jl_fail(err, JL_NOT_FOUND, "no catalogue is stored yet");
    }
    const struct jl_value *number =
        jl_row_get(&record.row, jl_type_field_named(layout->type, "version")->number);
    uint64_t version = number != NULL && number->number > 0 ? (uint64_t)number->number : 0;
    struct jl_bytes text_in_force = text->bytes;
    rc = newer_kept(books, version, &arena, &text_in_force, err);
    if (rc == JL_OK && keep && text_in_force.data == text->bytes.data) {
        rc = keep_newest(books, version, text_in_force, err);
    }
    if (rc == JL_OK) {
        rc = jl_catalogue_parse(text_in_force, "the stored catalogue", out_catalogue, err);
        rc = rc == JL_PROTO || rc == JL_LIMIT ? JL_CORRUPT : rc;
    }
    if (rc == JL_OK) {
        memcpy(books->catalogue_hash, record.head.hash, sizeof books->catalogue_hash);
    }
    return rc;
}

enum jl_rc jl_books_read_catalogue(struct jl_books *books, struct jl_catalogue **out_catalogue,
                                   struct jl_err *err) {
    return read_newest(books, false, out_catalogue, err);
}

/* ---- Fields kept in extra move to the columns they have now ---- */

struct rewrite {
    struct jl_books *books;
    struct jl_arena *arena;
    struct jl_book_record *records;
    size_t count;
    int64_t after_rid;
};
enum { REWRITE_ROWS = 256 };

static enum jl_rc gather_extra(void *context, const struct jl_stored *record, struct jl_err *err) {
    struct rewrite *rewrite = context;
    if (record->head.rid <= rewrite->after_rid) {
        return JL_OK;
    }
    if (rewrite->count == REWRITE_ROWS) {
        return JL_LIMIT;
    }
    struct jl_stored copy = *record;
    enum jl_rc rc = jl_arena_dup(rewrite->arena, record->head.by_staff, &copy.head.by_staff, err);
    struct jl_book_record *out = &rewrite->records[rewrite->count];
    if (rc == JL_OK) {
        rc = jl_books_unseal(rewrite->books, &copy, rewrite->arena, out, err);
    }
    struct jl_row row = {0};
    if (rc == JL_OK) {
        rc = jl_row_dup(rewrite->arena, &out->row, &row, err);
        out->row = row;
        rewrite->count++;
    }
    return rc;
}

static enum jl_rc move_extra(struct jl_books *books, uint32_t type, struct jl_err *err) {
    struct jl_book_record records[REWRITE_ROWS];
    struct jl_book_write writes[REWRITE_ROWS];
    JL_AUTO(jl_arena) arena = {0};
    struct rewrite rewrite = {.books = books, .arena = &arena, .records = records};
    for (bool more = true; more;) {
        rewrite.count = 0;
        jl_arena_reset(&arena);
        enum jl_rc rc = jl_store_scan_extra(books->store, type, gather_extra, &rewrite, err);
        more = rc == JL_LIMIT;
        for (size_t i = 0; i < rewrite.count; i++) {
            writes[i] = (struct jl_book_write){.record = &records[i], .keep_hash = true};
            rewrite.after_rid = records[i].head.rid;
        }
        if (rc == JL_OK || more) {
            rc = jl_books_write(books, writes, rewrite.count, &arena, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* Every commit of another connection asks for a look here, and parsing costs milliseconds: the
 * record's content hash says whether there is anything new. */
static enum jl_rc is_as_seen(struct jl_books *books, bool *out_same, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_record_key key;
    struct jl_head head = {0};
    enum jl_rc rc = jl_books_catalogue_key(books, &key, err);
    if (rc == JL_OK) {
        rc = jl_store_heads(books->store, &key, 1, &arena, &head, err);
    }
    *out_same = rc == JL_OK && head.rid != 0 &&
                memcmp(head.hash, books->catalogue_hash, sizeof head.hash) == 0;
    return rc;
}

/* next is taken, whatever comes of it. When nothing does, the record was not seen. */
static enum jl_rc use(struct jl_books *books, struct jl_catalogue *next, struct jl_err *err) {
    enum jl_rc rc = jl_books_use(books, next, err);
    if (rc != JL_OK) {
        jl_catalogue_free(next);
        memset(books->catalogue_hash, 0, sizeof books->catalogue_hash);
    }
    return rc;
}

static bool is_newer(const struct jl_books *books, const struct jl_catalogue *next) {
    return jl_catalogue_version(next) > jl_catalogue_version(books->catalogue);
}

/* The transaction may yet be rolled back: books->unsure until a later begin has looked. */
enum jl_rc jl_books_take_catalogue(struct jl_books *books, struct jl_err *err) {
    struct jl_catalogue *next = NULL;
    bool same = false;
    enum jl_rc rc = is_as_seen(books, &same, err);
    if (rc != JL_OK || same) {
        return rc;
    }
    books->unsure = true;
    rc = read_newest(books, true, &next, err);
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    if (!is_newer(books, next)) {
        jl_catalogue_free(next);
        return JL_OK;
    }
    rc = use(books, next, err);
    for (size_t i = 0; rc == JL_OK && i < books->layout_count; i++) {
        rc = move_extra(books, books->layouts[i].type->number, err);
    }
    return rc;
}

static enum jl_rc see_stored(struct jl_books *books, struct jl_err *err) {
    struct jl_catalogue *next = NULL;
    enum jl_rc rc = jl_books_read_catalogue(books, &next, err);
    if (rc == JL_NOT_FOUND && books->unsure) {
        rc = jl_catalogue_builtin(&next, err);
    }
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    if (!books->unsure && !is_newer(books, next)) {
        jl_catalogue_free(next);
        return JL_OK;
    }
    books->unsure = true; /* should the layouts stay unmade */
    return use(books, next, err);
}

/* What a new catalogue gives columns to has moved there in the transaction that stored it, so
 * there is nothing to write. When one was taken in a transaction that may have been rolled
 * back, the stored one is in force whatever its version, and the store is to be told its tables
 * again. */
enum jl_rc jl_books_see_catalogue(struct jl_books *books, struct jl_err *err) {
    bool same = false;
    enum jl_rc rc = is_as_seen(books, &same, err);
    if (rc == JL_OK && !same) {
        rc = see_stored(books, err);
    } else if (rc == JL_OK && books->unsure) {
        rc = jl_books_use(books, books->catalogue, err);
    }
    if (rc == JL_OK) {
        books->unsure = false;
    }
    return rc;
}

/* ---- Scrub ---- */

struct scrub {
    struct jl_books *books;
    struct jl_arena arena;
    jl_scrub_fn visit;
    void *context;
    int64_t *damaged; /* rids whose content is not what the head's hash says */
    uint8_t (*hashes)[JL_ROW_HASH_BYTES];
    size_t damaged_count;
    bool mend;
};
enum { SCRUB_DAMAGED_MAX = 4096 };

/* A row that can't be unsealed any more hashes to nothing that the other side could have. */
static enum jl_rc true_hash(struct scrub *scrub, const struct jl_stored *stored,
                            uint8_t out_hash[static JL_ROW_HASH_BYTES], struct jl_err *err) {
    struct jl_book_record record;
    jl_arena_reset(&scrub->arena);
    enum jl_rc rc = jl_books_unseal(scrub->books, stored, &scrub->arena, &record, err);
    if (rc == JL_CORRUPT || rc == JL_PROTO) {
        memset(out_hash, 0xff, JL_ROW_HASH_BYTES);
        return JL_OK;
    }
    if (rc != JL_OK) {
        return rc;
    }
    return jl_row_hash(scrub->books->hasher, &scrub->books->proof_key, &record.row,
                       &scrub->books->scratch, out_hash, err);
}

static enum jl_rc scrub_record(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct scrub *scrub = context;
    if (stored->head.state != JL_RECORD_LIVE) {
        return JL_OK;
    }
    struct jl_head head = stored->head;
    uint8_t hash[JL_ROW_HASH_BYTES];
    enum jl_rc rc = true_hash(scrub, stored, hash, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (memcmp(hash, head.hash, sizeof hash) != 0 && scrub->damaged_count < SCRUB_DAMAGED_MAX) {
        memcpy(head.hash, hash, sizeof hash);
        memcpy(scrub->hashes[scrub->damaged_count], hash, sizeof hash);
        scrub->damaged[scrub->damaged_count++] = head.rid;
    }
    return scrub->visit(scrub->context, &head, err);
}

static enum jl_rc scrub_all(struct scrub *scrub, struct jl_err *err) {
    struct jl_books *books = scrub->books;
    for (size_t i = 0; i < books->layout_count; i++) {
        struct jl_scan scan = {.type = books->layouts[i].type->number};
        enum jl_rc rc = jl_store_scan(books->store, &scan, scrub_record, scrub, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    for (size_t i = 0; scrub->mend && i < scrub->damaged_count; i++) {
        enum jl_rc rc = jl_store_head_hash(books->store, scrub->damaged[i], scrub->hashes[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static enum jl_rc run_scrub(struct jl_books *books, bool mend, jl_scrub_fn visit, void *context,
                            uint64_t *out_damaged, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct scrub scrub = {.books = books, .visit = visit, .context = context, .mend = mend};
    scrub.damaged = jl_arena_alloc(&arena, SCRUB_DAMAGED_MAX * sizeof *scrub.damaged);
    scrub.hashes = jl_arena_alloc(&arena, SCRUB_DAMAGED_MAX * sizeof *scrub.hashes);
    if (scrub.damaged == NULL || scrub.hashes == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a scrub");
    }
    enum jl_rc rc = scrub_all(&scrub, err);
    jl_arena_fini(&scrub.arena);
    *out_damaged = scrub.damaged_count;
    return rc;
}

enum jl_rc jl_books_scrub(struct jl_books *books, jl_scrub_fn visit, void *context,
                          uint64_t *out_damaged, struct jl_err *err) {
    return run_scrub(books, true, visit, context, out_damaged, err);
}

enum jl_rc jl_books_scrub_check(struct jl_books *books, jl_scrub_fn visit, void *context,
                                uint64_t *out_damaged, struct jl_err *err) {
    return run_scrub(books, false, visit, context, out_damaged, err);
}
