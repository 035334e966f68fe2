/* Whose keys these are.
 *
 *   meta `keys`   the fingerprint of the keys that the books were made with (crypto/keys.h)
 *        `suite`  number (u32be) of the cipher suite that they are for; not there: 1
 *
 * Books of earlier programs hold none. What they sealed, signed and hashed is asked instead, a
 * bounded sample of each, oldest first:
 *
 *   data key    journal bodies, outbox bodies, sealed cells, and where none came up received rows
 *   sign key    the district's signatures in the journal
 *   proof key   content hashes of live records
 *
 * A damaged page must not look like foreign keys, and a few rows that foreign keys have written
 * must not make those the right ones: the greater part decides, and where both are equal the
 * oldest, which is what the books were made with. */
#include "books.h"

#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/books/meta.h"
#include "jielian/crypto/signer.h"
#include "jielian/store/journal.h"
#include "jielian/store/outbox.h"
#include "jielian/store/received.h"

#include <inttypes.h>
#include <string.h>

enum {
    SAMPLE_BODIES = 8, /* of journal or outbox */
    SAMPLE_ROWS = 8,   /* of one type */
    SAMPLE_ENOUGH = 32 /* rows of all types, once each key has been tried */
};

static const char held[] = "keys";
static const char suite_name[] = "suite";

/* What a sample says of one key. */
struct evidence {
    unsigned right, wrong;
    bool oldest_right;
};

struct sample {
    struct jl_books *books;
    const struct jl_keys *keys;
    struct evidence data, proof, sign;
};

static unsigned total(const struct evidence *evidence) {
    return evidence->right + evidence->wrong;
}

static void count(struct evidence *evidence, bool right) {
    if (total(evidence) == 0) {
        evidence->oldest_right = right;
    }
    evidence->right += right ? 1 : 0;
    evidence->wrong += right ? 0 : 1;
}

static bool speaks_against(const struct evidence *evidence) {
    return evidence->wrong > evidence->right ||
           (evidence->wrong == evidence->right && evidence->wrong > 0 && !evidence->oldest_right);
}

static enum jl_rc fail_foreign(struct jl_err *err) {
    return jl_fault(err, JL_DENIED, JL_FAULT_KEYS_OTHER_BOOKS);
}

/* What can't be read says nothing about the keys. */
static bool says_nothing(enum jl_rc rc) {
    return rc == JL_CORRUPT || rc == JL_NOT_FOUND || rc == JL_PROTO || rc == JL_LIMIT;
}

static enum jl_rc try_body(struct sample *sample, const char *what, uint64_t where,
                           struct jl_bytes body, struct jl_err *err) {
    struct jl_buf plain = {0};
    enum jl_rc rc = jl_books_unseal_bytes(sample->books, what, where, body, &plain, err);
    jl_buf_wipe(&plain);
    if (rc != JL_OK && rc != JL_CORRUPT) {
        return rc;
    }
    count(&sample->data, rc == JL_OK);
    return JL_OK;
}

/* ---- Bodies ---- */

static enum jl_rc try_entry(void *context, const struct jl_journal_entry *entry,
                            struct jl_err *err) {
    struct sample *sample = context;
    enum jl_rc rc = try_body(sample, "journal", entry->seq, entry->body, err);
    const struct jl_suite *suite = sample->keys->suite;
    if (rc != JL_OK || entry->seal.size != JL_HASH_BYTES + suite->sign->signature_bytes) {
        return rc;
    }
    rc = jl_signer_verify(suite, sample->keys->sign_public,
                          jl_bytes(entry->seal.data, JL_HASH_BYTES),
                          entry->seal.data + JL_HASH_BYTES, err);
    if (rc != JL_OK && rc != JL_DENIED) {
        return rc;
    }
    count(&sample->sign, rc == JL_OK);
    return JL_OK;
}

static enum jl_rc try_outbox(struct sample *sample, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t entry_count = 0;
    enum jl_rc rc = jl_outbox_range(sample->books->store, 1, SAMPLE_BODIES, SIZE_MAX, &arena,
                                    &entries, &entry_count, err);
    for (size_t i = 0; rc == JL_OK && i < entry_count; i++) {
        rc = try_body(sample, "outbox", entries[i].pos, entries[i].body, err);
    }
    return rc;
}

static enum jl_rc try_bodies(struct sample *sample, struct jl_err *err) {
    enum jl_rc rc =
        sample->books->side == JL_SIDE_DISTRICT
            ? jl_journal_entry_read(sample->books->store, 1, SAMPLE_BODIES, try_entry, sample, err)
            : try_outbox(sample, err);
    return says_nothing(rc) ? JL_OK : rc;
}

/* ---- Rows ---- */

static bool has_sealed(const struct jl_layout *layout, const struct jl_stored *stored) {
    for (size_t i = 0; stored->cells != NULL && i < layout->column_count; i++) {
        const struct jl_layout_column *column = &layout->columns[i];
        if (column->field->sensitive && stored->cells[column->cell].kind == JL_VALUE_BYTES) {
            return true;
        }
    }
    return stored->extra.size > 0;
}

struct of_row {
    struct sample *sample;
    int64_t rid;
};

static enum jl_rc try_received(void *context, int64_t at_ms, struct jl_bytes body,
                               struct jl_err *err) {
    const struct of_row *of = context;
    (void)at_ms;
    return try_body(of->sample, "received", (uint64_t)of->rid, body, err);
}

static enum jl_rc try_row(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct sample *sample = context;
    struct jl_books *books = sample->books;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    uint8_t hash[JL_CONTENT_HASH_BYTES];
    bool sealed = has_sealed(jl_books_layout(books, stored->head.type), stored);
    enum jl_rc rc = jl_books_unseal(books, stored, &arena, &record, err);
    if (rc != JL_OK && rc != JL_CORRUPT) {
        return says_nothing(rc) ? JL_OK : rc;
    }
    if (sealed) {
        count(&sample->data, rc == JL_OK);
    }
    if (books->side == JL_SIDE_OFFICE && total(&sample->data) == 0) {
        struct of_row of = {.sample = sample, .rid = stored->head.rid};
        enum jl_rc asked = jl_received_of(books->store, of.rid, try_received, &of, err);
        if (asked != JL_OK && !says_nothing(asked)) {
            return asked;
        }
    }
    if (rc != JL_OK || stored->head.state != JL_RECORD_LIVE) {
        return JL_OK;
    }
    rc = jl_content_hash(books->hasher, &sample->keys->proof, &record.row, &books->scratch, hash,
                         err);
    if (rc == JL_OK) {
        count(&sample->proof, memcmp(hash, stored->head.hash, sizeof hash) == 0);
    }
    return rc;
}

static enum jl_rc try_rows(struct sample *sample, struct jl_err *err) {
    const struct jl_books *books = sample->books;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < books->layout_count; i++) {
        const struct jl_scan scan = {.type = books->layouts[i].type->number, .limit = SAMPLE_ROWS};
        if (total(&sample->data) > 0 && total(&sample->proof) >= SAMPLE_ENOUGH) {
            break;
        }
        rc = jl_records_scan(books->store, &scan, try_row, sample, err);
        rc = says_nothing(rc) ? JL_OK : rc;
    }
    return rc;
}

/* ---- The answer ---- */

static enum jl_rc suite_of(const struct jl_books *books, uint32_t *out_number, struct jl_err *err) {
    uint8_t bytes[4] = {0};
    struct jl_reader reader = {.rest = jl_bytes(bytes, sizeof bytes)};
    enum jl_rc rc = jl_meta_get_bytes(books->store, suite_name, bytes, sizeof bytes, err);
    *out_number = JL_SUITE_FIRST;
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    return jl_reader_u32be(&reader, out_number, err);
}

/* Before the keys are tried: those of another suite are foreign, whatever they open. */
static enum jl_rc check_suite(const struct jl_books *books, const struct jl_keys *keys,
                              struct jl_err *err) {
    uint32_t number = 0;
    enum jl_rc rc = suite_of(books, &number, err);
    if (rc != JL_OK || number == keys->suite->number) {
        return rc;
    }
    return jl_fault_at(err, JL_DENIED, JL_FAULT_KEYS_OTHER_SUITE, "%" PRIu32 JL_AND "%" PRIu32,
                       keys->suite->number, number);
}

static enum jl_rc hold_suite(const struct jl_books *books, const struct jl_keys *keys,
                             struct jl_err *err) {
    JL_AUTO(jl_buf) bytes = {0};
    if (keys->suite->number == JL_SUITE_FIRST) {
        return JL_OK; /* books of suite 1 are as they were before there were others */
    }
    enum jl_rc rc = jl_buf_put_u32be(&bytes, keys->suite->number, err);
    return rc == JL_OK ? jl_store_meta_put(books->store, suite_name, jl_buf_bytes(&bytes), err)
                       : rc;
}

static enum jl_rc compare(struct jl_books *books, const struct jl_keys *keys, bool *out_held,
                          struct jl_err *err) {
    uint8_t theirs[JL_FINGERPRINT_BYTES];
    uint8_t ours[JL_FINGERPRINT_BYTES];
    *out_held = false;
    enum jl_rc rc = check_suite(books, keys, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_meta_get_bytes(books->store, held, theirs, sizeof theirs, err);
    *out_held = rc == JL_OK;
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    rc = jl_keys_fingerprint(keys, ours, err);
    return rc == JL_OK && memcmp(ours, theirs, sizeof ours) != 0 ? fail_foreign(err) : rc;
}

enum jl_rc jl_books_check_keys(struct jl_books *books, const struct jl_keys *keys, bool *out_held,
                               struct jl_err *err) {
    struct sample sample = {.books = books, .keys = keys};
    enum jl_rc rc = compare(books, keys, out_held, err);
    if (rc != JL_OK || *out_held) {
        return rc;
    }
    rc = try_bodies(&sample, err);
    if (rc == JL_OK) {
        rc = try_rows(&sample, err);
    }
    if (rc == JL_OK && (speaks_against(&sample.data) || speaks_against(&sample.proof) ||
                        speaks_against(&sample.sign))) {
        rc = fail_foreign(err);
    }
    return rc;
}

static enum jl_rc check_file(struct jl_books *raw, const char *path, const struct jl_keys *keys,
                             bool *out_held, struct jl_err *err) {
    const struct jl_store_options options = {
        .mode = JL_STORE_READ,
        .application_id = raw->side == JL_SIDE_OFFICE ? JL_STORE_OFFICE_ID : JL_STORE_DISTRICT_ID};
    enum jl_rc rc = jl_store_open(path, &options, &raw->store, err);
    if (rc == JL_OK) {
        rc = jl_sealer_new(keys->suite, &keys->data, &raw->sealer, err);
    }
    if (rc == JL_OK) {
        rc = jl_hasher_new(keys->suite, &raw->hasher, err);
    }
    return rc == JL_OK ? jl_books_check_keys(raw, keys, out_held, err) : rc;
}

enum jl_rc jl_books_check_keys_of(const char *path, enum jl_side side, const struct jl_keys *keys,
                                  bool *out_held, struct jl_err *err) {
    struct jl_books raw = {.side = side, .suite = keys->suite, .read_only = true};
    enum jl_rc rc = check_file(&raw, path, keys, out_held, err);
    jl_store_close(raw.store);
    jl_sealer_free(raw.sealer);
    jl_hasher_free(raw.hasher);
    return rc;
}

enum jl_rc jl_books_hold_keys(struct jl_books *books, const struct jl_keys *keys,
                              struct jl_err *err) {
    uint8_t fingerprint[JL_FINGERPRINT_BYTES];
    enum jl_rc rc = jl_keys_fingerprint(keys, fingerprint, err);
    if (rc == JL_OK) {
        rc = jl_store_begin(books->store, true, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_store_meta_put(books->store, held, jl_bytes(fingerprint, sizeof fingerprint), err);
    if (rc == JL_OK) {
        rc = hold_suite(books, keys, err);
    }
    if (rc == JL_OK) {
        return jl_store_commit(books->store, err);
    }
    jl_store_rollback(books->store);
    return rc;
}
