/* Looking through the books of an office, whatever state they are in. */
#include "office_verify.h"
#include "office.h"

#include "jielian/base/clock.h"
#include "jielian/json/document.h"

void jl_office_verify_fini(struct jl_office_verify *verify) {
    jl_salvage_fini(&verify->salvage);
    jl_arena_fini(&verify->arena);
}

enum jl_rc jl_office_verify_read(const char *folder, struct jl_bytes passphrase,
                                 struct jl_office_verify *verify, struct jl_err *err) {
    struct jl_keys keys = {0};
    enum jl_rc rc = jl_keys_load(folder, passphrase, &keys, err);
    if (rc == JL_OK) {
        rc = jl_salvage_read(folder, &keys, &verify->salvage, err);
    }
    jl_keys_fini(&keys);
    return rc;
}

static enum jl_rc count_head(void *context, const struct jl_head *head, struct jl_err *err) {
    struct jl_office_verify *verify = context;
    (void)err;
    jl_setsum_add(&verify->sums[head->owner == 0 ? 0 : 1], &head->id, head->hash);
    return JL_OK;
}

static enum jl_rc check_rows(struct jl_office_verify *verify, struct jl_office *office,
                             struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    for (int feed = 0; feed < 2; feed++) {
        jl_setsum_init(&verify->sums[feed]);
    }
    rc = jl_books_scrub_check(office->books, count_head, verify, &verify->rows, err);
    verify->sums_same = rc == JL_OK && jl_setsum_equal(&verify->sums[0], &office->sums[0]) &&
                        jl_setsum_equal(&verify->sums[1], &office->sums[1]);
    jl_store_rollback(office->books->store);
    return rc;
}

static bool is_damage(enum jl_rc rc) {
    return rc == JL_CORRUPT || rc == JL_PROTO || rc == JL_NOT_FOUND || rc == JL_MISUSE;
}

enum jl_rc jl_office_verify_look(const char *folder, struct jl_bytes passphrase,
                                 enum jl_language language, struct jl_office_verify *verify,
                                 struct jl_err *err) {
    const struct jl_office_options options = {
        .mode = JL_STORE_READ, .passphrase = passphrase, .clock = jl_clock_system()};
    JL_AUTO_PTR(jl_office) office = NULL;
    enum jl_rc opened = jl_office_open(folder, &options, &office, err);
    if (opened != JL_OK && !is_damage(opened)) {
        return opened;
    }
    enum jl_rc rc =
        jl_damage_find(folder, JL_STORE_OFFICE_ID, office != NULL ? office->books->catalogue : NULL,
                       language, &verify->arena, &verify->damage, err);
    if (rc != JL_OK || opened != JL_OK) {
        return rc;
    }
    rc = check_rows(verify, office, err);
    verify->opened = rc == JL_OK;
    return is_damage(rc) ? JL_OK : rc;
}

enum jl_office_verify_next jl_office_verify_next(const struct jl_office_verify *verify) {
    const struct jl_salvage *salvage = &verify->salvage;
    if (verify->damage.count > 0 || !verify->opened || salvage->unreadable > 0 ||
        salvage->breaks > 0 || verify->deep == JL_DEEP_DIFFERENT) {
        return JL_OFFICE_VERIFY_REBUILD;
    }
    return verify->rows > 0 || !verify->sums_same ? JL_OFFICE_VERIFY_SYNC : JL_OFFICE_VERIFY_GOOD;
}

static void write_outbox(const struct jl_salvage *salvage, struct jl_document *document) {
    jl_document_object(document, "outbox");
    jl_document_count(document, "kept", salvage->count);
    jl_document_count(document, "unsent", salvage->unsent);
    jl_document_count(document, "unreadable", salvage->unreadable);
    if (salvage->state_read) {
        jl_document_count(document, "unsent_unreadable", salvage->unsent_unreadable);
    } else {
        jl_document_null(document, "unsent_unreadable");
    }
    jl_document_count(document, "chain_breaks", salvage->breaks);
    jl_document_end(document);
}

void jl_office_verify_write(const struct jl_office_verify *verify, const char *folder,
                            const char *next, struct jl_document *document) {
    jl_document_bool(document, "good", next == NULL);
    jl_document_string(document, "folder", folder);
    jl_damage_write(&verify->damage, "findings", document);
    jl_document_count(document, "damaged_rows", verify->rows);
    jl_document_bool(document, "readable", verify->opened);
    write_outbox(&verify->salvage, document);
    if (verify->deep == JL_DEEP_NONE) {
        jl_document_null(document, "deep_equal");
    } else {
        jl_document_bool(document, "deep_equal", verify->deep == JL_DEEP_IDENTICAL);
    }
    jl_document_string(document, "next", next);
}
