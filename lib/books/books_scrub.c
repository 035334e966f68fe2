/* Scrubbing: is what the cells hold what the heads say? Records of types that the catalogue in use
 * does not know count like all others, for the other side's sums have them. */
#include "books.h"

#include "jielian/base/fault.h"

#include <string.h>

struct scrub {
    struct jl_books *books;
    struct jl_arena arena;
    jl_scrub_fn visit;
    void *context;
    int64_t *damaged; /* rids whose content is not what the head's hash says */
    uint8_t (*hashes)[JL_CONTENT_HASH_BYTES];
    size_t damaged_count;
    bool fix;
};
enum { SCRUB_DAMAGED_MAX = 4096 };

/* A row that can't be unsealed any more hashes to nothing that the other side could have. */
static enum jl_rc true_hash(struct scrub *scrub, const struct jl_stored *stored,
                            uint8_t out_hash[static JL_CONTENT_HASH_BYTES], struct jl_err *err) {
    struct jl_book_record record;
    jl_arena_reset(&scrub->arena);
    enum jl_rc rc = jl_books_unseal(scrub->books, stored, &scrub->arena, &record, err);
    if (rc == JL_CORRUPT || rc == JL_PROTO) {
        memset(out_hash, 0xff, JL_CONTENT_HASH_BYTES);
        return JL_OK;
    }
    if (rc != JL_OK) {
        return rc;
    }
    return jl_content_hash(scrub->books->hasher, &scrub->books->proof_key, &record.row,
                           &scrub->books->scratch, out_hash, err);
}

static enum jl_rc scrub_record(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct scrub *scrub = context;
    if (stored->head.state != JL_RECORD_LIVE) {
        return JL_OK;
    }
    struct jl_head head = stored->head;
    uint8_t hash[JL_CONTENT_HASH_BYTES];
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
    JL_AUTO(jl_arena) arena = {0};
    uint32_t *types = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_books_types(books, &arena, &types, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_scan scan = {.type = types[i]};
        rc = jl_records_scan(books->store, &scan, scrub_record, scrub, err);
    }
    for (size_t i = 0; rc == JL_OK && scrub->fix && i < scrub->damaged_count; i++) {
        rc = jl_records_set_hash(books->store, scrub->damaged[i], scrub->hashes[i], err);
    }
    return rc;
}

static enum jl_rc run_scrub(struct jl_books *books, bool fix, jl_scrub_fn visit, void *context,
                            uint64_t *out_damaged, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    if (books->newer.state == JL_NEWER_BEYOND) { /* cells that this program can't read count too */
        return jl_books_too_old(&books->newer, err);
    }
    struct scrub scrub = {.books = books, .visit = visit, .context = context, .fix = fix};
    scrub.damaged = jl_arena_alloc(&arena, SCRUB_DAMAGED_MAX * sizeof *scrub.damaged);
    scrub.hashes = jl_arena_alloc(&arena, SCRUB_DAMAGED_MAX * sizeof *scrub.hashes);
    if (scrub.damaged == NULL || scrub.hashes == NULL) {
        return jl_fault_memory(err);
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
