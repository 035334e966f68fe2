/* Which catalogue is in force, and what follows when it changes.
 *
 *   the record    what the district says: version, text
 *   meta          what these books follow: `catalogue` version (u64be) ‖ text, no text: built in
 *                 `catalogue_before`  likewise, the one before it that asked for another program
 *                 `catalogue_taken`   number of the one in force, for a quick look
 *
 * The catalogue in force is the newest that these books ever took, and columns are always its
 * columns. It is not the record's: a district restored from an older backup sends its older record
 * again, while the columns, and what is in them, stay; and a record may hold a catalogue that this
 * program does not understand.
 *
 *   record        in force       the books
 *   not newer     understood     work by the one in force                            KNOWN
 *   newer, good   understood     take it at the next open for writing                KNOWN
 *   newer, not    understood     work by the one in force; what it has no columns
 *   understood                   for is kept whole in extra and loose                AHEAD
 *   any           not            were written by a newer program: its columns can't
 *                 understood     be kept up here, so they are only read, by
 *                                `catalogue_before`                                  BEYOND */
#include "books.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/books/meta.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/record/natural_key.h"

#include <inttypes.h>
#include <string.h>

static const char in_force[] = "catalogue";
static const char before[] = "catalogue_before";
static const char taken[] = "catalogue_taken";

/* A catalogue as it lies in the books; not there: neither version nor text. */
struct text {
    bool there;
    uint64_t version;
    struct jl_bytes bytes; /* empty: the built-in types */
};

enum jl_rc jl_books_catalogue_key(struct jl_books *books, struct jl_record_key *out_key,
                                  struct jl_err *err) {
    const struct jl_layout *layout = jl_books_layout(books, JL_TYPE_CATALOGUE);
    JL_ASSERT(layout != NULL);
    const struct jl_field *name = jl_type_field_named(layout->type, "name");
    JL_ASSERT(name != NULL);
    struct jl_field_value field = {.field = name->number, .value = jl_value_cstr("district")};
    struct jl_row row = {.type = JL_TYPE_CATALOGUE, .fields = &field, .field_count = 1};
    out_key->type = JL_TYPE_CATALOGUE;
    return jl_natural_key_id(books->hasher, layout->type, &row, &out_key->id, err);
}

static enum jl_rc read_record(struct jl_books *books, struct jl_arena *arena, struct text *out,
                              uint8_t out_hash[static JL_CONTENT_HASH_BYTES], struct jl_err *err) {
    struct jl_record_key key;
    struct jl_book_record record = {0};
    enum jl_rc rc = jl_books_catalogue_key(books, &key, err);
    if (rc == JL_OK) {
        rc = jl_books_load(books, &key, 1, arena, &record, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_type *type = jl_books_layout(books, JL_TYPE_CATALOGUE)->type;
    const struct jl_value *body =
        jl_row_get(&record.row, jl_type_field_named(type, "body")->number);
    const struct jl_value *number =
        jl_row_get(&record.row, jl_type_field_named(type, "version")->number);
    memcpy(out_hash, record.head.hash, JL_CONTENT_HASH_BYTES);
    *out = (struct text){0};
    if (record.head.rid != 0 && body != NULL) {
        out->there = true;
        out->version = number != NULL && number->number > 0 ? (uint64_t)number->number : 0;
        out->bytes = body->bytes;
    }
    return JL_OK;
}

static enum jl_rc read_meta(struct jl_books *books, const char *name, struct jl_arena *arena,
                            struct text *out, struct jl_err *err) {
    JL_AUTO(jl_buf) kept = {0};
    *out = (struct text){0};
    enum jl_rc rc = jl_store_meta_get(books->store, name, &kept, err);
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    struct jl_reader reader = {.rest = jl_buf_bytes(&kept)};
    rc = jl_reader_u64be(&reader, &out->version, err);
    out->there = rc == JL_OK;
    return rc == JL_OK ? jl_arena_dup(arena, reader.rest, &out->bytes, err) : rc;
}

static enum jl_rc write_meta(struct jl_books *books, const char *name, const struct text *text,
                             struct jl_err *err) {
    JL_AUTO(jl_buf) kept = {0};
    enum jl_rc rc = jl_buf_put_u64be(&kept, text->version, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(&kept, text->bytes.data, text->bytes.size, err);
    }
    return rc == JL_OK ? jl_store_meta_put(books->store, name, jl_buf_bytes(&kept), err) : rc;
}

/* JL_CONFLICT: made for a newer program, which out_needs names if it can. */
static enum jl_rc understand(const struct text *text, struct jl_catalogue **out_catalogue,
                             char out_needs[static JL_PROGRAM_BYTES], struct jl_err *err) {
    out_needs[0] = '\0';
    if (text->bytes.size == 0) {
        return jl_catalogue_builtin(out_catalogue, err);
    }
    enum jl_rc rc = jl_catalogue_parse_synced(text->bytes, "jielian.db: catalogue", out_catalogue,
                                              out_needs, err);
    return rc == JL_PROTO ? err->rc = JL_CORRUPT : rc;
}

/* ---- Looking ---- */

/* What stands in the books now. */
struct look {
    struct jl_arena arena;
    struct text record, kept;
    uint8_t hash[JL_CONTENT_HASH_BYTES];
    uint64_t taken;
    struct jl_catalogue *catalogue; /* in force, or the one that may stand in for it */
    struct jl_newer newer;
    bool due; /* the record's can be taken, or was never kept */
};

static void look_fini(struct look *look) {
    jl_catalogue_free(look->catalogue);
    jl_arena_fini(&look->arena);
}

static struct jl_newer made_newer(enum jl_newer_state state, const struct text *text,
                                  const char needs[static JL_PROGRAM_BYTES]) {
    struct jl_newer newer = {.state = state, .version = text->version};
    memcpy(newer.program, needs, sizeof newer.program);
    return newer;
}

/* The one in force can't be understood: read by the one before it, or by the built-in types. */
static enum jl_rc stand_in(struct jl_books *books, struct look *look, struct jl_err *err) {
    struct text text;
    char needs[JL_PROGRAM_BYTES];
    enum jl_rc rc = read_meta(books, before, &look->arena, &text, err);
    if (rc == JL_OK) {
        rc = understand(&text, &look->catalogue, needs, err);
    }
    return rc == JL_CONFLICT ? jl_catalogue_builtin(&look->catalogue, err) : rc;
}

static enum jl_rc look_at_kept(struct jl_books *books, struct look *look, struct jl_err *err) {
    char needs[JL_PROGRAM_BYTES];
    enum jl_rc rc = understand(&look->kept, &look->catalogue, needs, err);
    if (rc == JL_CONFLICT) {
        look->newer = made_newer(JL_NEWER_BEYOND, &look->kept, needs);
        return stand_in(books, look, err);
    }
    if (rc != JL_OK || !look->record.there || look->record.version <= look->kept.version) {
        return rc;
    }
    struct jl_catalogue *next = NULL;
    rc = understand(&look->record, &next, needs, err);
    jl_catalogue_free(next);
    look->due = rc == JL_OK;
    if (rc == JL_CONFLICT) {
        look->newer = made_newer(JL_NEWER_AHEAD, &look->record, needs);
        rc = JL_OK;
    }
    return rc;
}

/* Nothing is kept: the books never took a catalogue, or a program took it that kept no copy. */
static enum jl_rc look_at_record(struct look *look, struct jl_err *err) {
    char needs[JL_PROGRAM_BYTES];
    enum jl_rc rc = understand(&look->record, &look->catalogue, needs, err);
    look->due = rc == JL_OK && look->record.there;
    if (rc == JL_CONFLICT) {
        look->newer = made_newer(JL_NEWER_AHEAD, &look->record, needs);
        rc = jl_catalogue_builtin(&look->catalogue, err);
    }
    return rc;
}

static enum jl_rc look_up(struct jl_books *books, struct look *look, struct jl_err *err) {
    enum jl_rc rc = read_record(books, &look->arena, &look->record, look->hash, err);
    if (rc == JL_OK) {
        rc = read_meta(books, in_force, &look->arena, &look->kept, err);
    }
    if (rc == JL_OK) {
        rc = jl_meta_get_number(books->store, taken, 0, &look->taken, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    return look->kept.there ? look_at_kept(books, look, err) : look_at_record(look, err);
}

/* The books were looked at: nothing has to be read again until one of these changes. */
static void seen(struct jl_books *books, const struct look *look) {
    memcpy(books->catalogue_hash, look->hash, sizeof books->catalogue_hash);
    books->catalogue_taken = look->taken;
    books->newer = look->newer;
}

/* Every commit of another connection asks for a look here, and parsing costs milliseconds: the
 * record's content hash and the number of the one in force say whether there is anything new. */
static enum jl_rc is_as_seen(struct jl_books *books, bool *out_same, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_record_key key;
    struct jl_head head = {0};
    uint64_t number = 0;
    enum jl_rc rc = jl_books_catalogue_key(books, &key, err);
    if (rc == JL_OK) {
        rc = jl_records_heads(books->store, &key, 1, &arena, &head, err);
    }
    if (rc == JL_OK) {
        rc = jl_meta_get_number(books->store, taken, 0, &number, err);
    }
    *out_same = rc == JL_OK && head.rid != 0 && number == books->catalogue_taken &&
                memcmp(head.hash, books->catalogue_hash, sizeof head.hash) == 0;
    return rc;
}

static bool is_newer(const struct jl_books *books, const struct jl_catalogue *next) {
    return jl_catalogue_version(next) > jl_catalogue_version(books->catalogue);
}

/* *take goes into use. */
static enum jl_rc use(struct jl_books *books, struct jl_catalogue **take, struct jl_err *err) {
    enum jl_rc rc = jl_books_use(books, *take, err);
    if (rc == JL_OK) {
        *take = NULL;
    }
    return rc;
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
        enum jl_rc rc = jl_records_scan_extra(books->store, type, gather_extra, &rewrite, err);
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

/* ---- Taking ---- */

/* The one that goes out of force stays for programs that do not know the next, unless an earlier
 * one that asked for as little does so already. */
static enum jl_rc keep_before(struct jl_books *books, const struct look *look,
                              const struct jl_catalogue *next, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct text earlier;
    bool same = strcmp(jl_catalogue_needs(look->catalogue), jl_catalogue_needs(next)) == 0;
    enum jl_rc rc = read_meta(books, before, &arena, &earlier, err);
    return rc == JL_OK && look->kept.bytes.size > 0 && !(same && earlier.there)
               ? write_meta(books, before, &look->kept, err)
               : rc;
}

/* text becomes the one in force, in the transaction that makes its columns. */
static enum jl_rc keep(struct jl_books *books, const struct text *text, struct look *look,
                       struct jl_err *err) {
    enum jl_rc rc = write_meta(books, in_force, text, err);
    if (rc == JL_OK) {
        look->taken = text->version;
        rc = jl_meta_put_number(books->store, taken, text->version, err);
    }
    return rc;
}

static enum jl_rc take_text(struct jl_books *books, const struct text *text, struct look *look,
                            struct jl_err *err) {
    struct jl_catalogue *next = NULL;
    char needs[JL_PROGRAM_BYTES];
    enum jl_rc rc = understand(text, &next, needs, err);
    if (rc == JL_OK && look->kept.there) {
        rc = keep_before(books, look, next, err);
    }
    if (rc == JL_OK) {
        rc = keep(books, text, look, err);
    }
    if (rc == JL_OK) {
        rc = use(books, &next, err);
    }
    jl_catalogue_free(next);
    for (size_t i = 0; rc == JL_OK && i < books->layout_count; i++) {
        rc = move_extra(books, books->layouts[i].type->number, err);
    }
    return rc;
}

/* Columns that nobody said anything of belong to the built-in types: a newer program that opens
 * these books must not think that it made some. */
static enum jl_rc keep_built_in(struct jl_books *books, struct look *look, struct jl_err *err) {
    const struct text none = {.there = true};
    return keep(books, &none, look, err);
}

/* The transaction may yet be rolled back: books->unsure until a later begin has looked. */
static enum jl_rc take(struct jl_books *books, struct look *look, struct jl_err *err) {
    enum jl_rc rc = look_up(books, look, err);
    if (rc == JL_OK && look->due) {
        rc = take_text(books, &look->record, look, err);
    } else if (rc == JL_OK && look->newer.state == JL_NEWER_AHEAD && !look->kept.there) {
        rc = keep_built_in(books, look, err);
    }
    if (rc == JL_OK) {
        seen(books, look);
    }
    return rc;
}

enum jl_rc jl_books_take_catalogue(struct jl_books *books, struct jl_err *err) {
    struct look look = {0};
    bool same = false;
    enum jl_rc rc = is_as_seen(books, &same, err);
    if (rc != JL_OK || same) {
        return rc;
    }
    books->unsure = true;
    rc = take(books, &look, err);
    look_fini(&look);
    return rc;
}

/* What a newer program left to be taken, before anything else is done with the books. */
static enum jl_rc take_at_open(struct jl_books *books, struct jl_err *err) {
    struct look look = {0};
    enum jl_rc rc = jl_store_begin(books->store, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = take(books, &look, err);
    look_fini(&look);
    if (rc == JL_OK) {
        rc = jl_store_commit(books->store, err);
    }
    if (rc != JL_OK) {
        jl_store_rollback(books->store);
    }
    return rc;
}

enum jl_rc jl_books_open_catalogue(struct jl_books *books, struct jl_err *err) {
    struct look look = {0};
    enum jl_rc rc = look_up(books, &look, err);
    bool due = rc == JL_OK && look.due && !books->read_only;
    if (rc == JL_OK && !due) {
        rc = use(books, &look.catalogue, err);
    }
    if (rc == JL_OK && !due) {
        seen(books, &look);
    }
    look_fini(&look);
    return due ? take_at_open(books, err) : rc;
}

static enum jl_rc see_stored(struct jl_books *books, struct jl_err *err) {
    struct look look = {0};
    enum jl_rc rc = look_up(books, &look, err);
    /* What stands in for a catalogue that nobody here understands is never better than what the
     * books were opened with. */
    bool wanted = rc == JL_OK && (books->unsure || is_newer(books, look.catalogue));
    if (wanted) {
        bool same = jl_catalogue_version(look.catalogue) == jl_catalogue_version(books->catalogue);
        books->unsure = true; /* should the layouts stay unmade */
        /* Callers hold types of the one in memory: it stays when it is the stored one. */
        rc = same ? jl_books_use(books, books->catalogue, err) : use(books, &look.catalogue, err);
    }
    if (rc == JL_OK) {
        seen(books, &look);
    }
    look_fini(&look);
    return rc;
}

/* What a new catalogue gives columns to has moved there in the transaction that stored it, so
 * there is nothing to write. When one was taken in a transaction that may have been rolled
 * back, the stored one is in force whatever its version and whatever was seen: memory may hold
 * the one that went. */
enum jl_rc jl_books_see_catalogue(struct jl_books *books, struct jl_err *err) {
    bool same = false;
    enum jl_rc rc = is_as_seen(books, &same, err);
    if (rc == JL_OK && (books->unsure || !same)) {
        rc = see_stored(books, err);
    }
    if (rc == JL_OK) {
        books->unsure = false;
    }
    return rc;
}

/* ---- A newer program's ---- */

enum jl_rc jl_books_too_old(const struct jl_newer *newer, struct jl_err *err) {
    bool beyond = newer->state == JL_NEWER_BEYOND;
    if (newer->program[0] == '\0') {
        return jl_fault_at(err, JL_DENIED,
                           beyond ? JL_FAULT_BOOKS_BEYOND : JL_FAULT_BOOKS_CATALOGUE_NEWER,
                           "%" PRIu64, newer->version);
    }
    return jl_fault_at(err, JL_DENIED,
                       beyond ? JL_FAULT_BOOKS_BEYOND_NAMED : JL_FAULT_BOOKS_CATALOGUE_NAMED,
                       "%" PRIu64 JL_AND "%s", newer->version, newer->program);
}
