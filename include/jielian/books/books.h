/* The books: records in the clear over a store that holds them sealed. Shared by both programs.
 *
 * The books know the catalogue, the keys and the store, and turn rows (value.h) into stored records
 * and back: sensitive fields are sealed by the suite (associated data: type, id, field); what
 * is looked for by its value is found by a keyed tag of the folded text (base/fold.h); the content
 * hash and the search words are made here. What a change means for outbox, feeds and sums is the
 * programs' business (client/, server/).
 *
 * Columns of a type: one per field, in field order, named as the field; after it `NAME_tag` when
 * the field is sensitive and (unique or search), or text that is unique or a natural key by itself.
 * Indexed: unique fields, tags and references.
 *
 * Thread: one; every thread and process opens its own. */
#ifndef JIELIAN_BOOKS_H
#define JIELIAN_BOOKS_H

#include "jielian/base/buf.h"
#include "jielian/base/program.h"
#include "jielian/base/row.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/catalogue/type.h"
#include "jielian/crypto/keys.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/suite.h"
#include "jielian/record/content.h"
#include "jielian/store/records.h"
#include "jielian/store/store.h"

struct jl_catalogue;
struct jl_hasher;
struct jl_pinyin;
struct jl_sealer;
struct jl_store;

/* Resolutions that mean something to the district, of possible duplicates. */
#define JL_CASE_DIFFERENT "different" /* never asked again */
#define JL_CASE_MERGED_WORD "merged"  /* asked again when the two are parted */

struct jl_layout_column {
    const struct jl_field *field;
    size_t cell; /* column of the value */
    size_t tag;  /* column of the tag; SIZE_MAX: none */
};

struct jl_layout {
    const struct jl_type *type;
    struct jl_layout_column *columns; /* ascending by field number */
    size_t column_count;              /* = type->field_count */
    size_t cell_count;
};

/* What these books hold that is made for a newer program: nothing; a catalogue that came by sync,
 * while all works by the one before it; columns of such a catalogue, so that only readers work. */
enum jl_newer_state { JL_NEWER_NONE = 0, JL_NEWER_AHEAD, JL_NEWER_BEYOND };

struct jl_newer {
    enum jl_newer_state state;
    uint64_t version;               /* of that catalogue */
    char program[JL_PROGRAM_BYTES]; /* the oldest that understands it; "": it does not say */
};

struct jl_books {
    enum jl_side side;
    const struct jl_suite *suite; /* of the keys, and so of all that is in them */
    struct jl_store *store;
    struct jl_catalogue *catalogue;
    uint8_t
        catalogue_hash[JL_CONTENT_HASH_BYTES]; /* of the stored record that was last looked at */
    uint64_t catalogue_taken; /* number of the one in force, when it was last looked at */
    struct jl_newer newer;
    struct jl_sealer *sealer;
    struct jl_hasher *hasher;
    struct jl_pinyin *pinyin; /* made at the first write */
    struct jl_secret proof_key;
    struct jl_layout *layouts; /* as the catalogue's types, in its order */
    size_t layout_count;
    struct jl_buf scratch;
    bool read_only;
    bool folded;  /* tags are of folded text; false: a reader of books that no program folded yet */
    bool changed; /* by another connection, and no caller of jl_books_begin was notified yet */
    bool unsure;  /* whether catalogue and layouts are the stored ones: begin looks */
};

struct jl_books_options {
    enum jl_side side;
    enum jl_store_mode mode;
    uint32_t cache_kib; /* 0: the store's default */
    bool relaxed;       /* as in jl_store_options */
};

/* Open DIR/jielian.db with the keys' data and proof keys; the catalogue is the newest there that
 * this program understands, and books->newer says whether there is a newer one. What an older
 * program kept for it moves to its columns when the books are opened for writing. keys is borrowed
 * during the call. Codes as jl_store_open, JL_CORRUPT for a catalogue that no program could follow,
 * and JL_DENIED: books to write that a newer program wrote (the text says which), or the keys are
 * those of other books, and nothing was changed. New books hold the fingerprint of their keys from
 * the beginning; older ones from their first open for writing, once these keys were found to be
 * theirs. */
JL_MUST_CHECK enum jl_rc jl_books_open(const char *folder, const struct jl_books_options *options,
                                       const struct jl_keys *keys, struct jl_books **out_books,
                                       struct jl_err *err);
void jl_books_close(struct jl_books *books);
JL_DEFINE_AUTO_PTR(jl_books, jl_books_close)

/* Are these the keys that the books were made with? By the suite that the books name, and by the
 * fingerprint that the books hold; where
 * they hold none (*out_held false), by what they sealed, signed and hashed. JL_OK also where that
 * says nothing: books in which nothing is. JL_DENIED: the keys of other books. Needs store, sealer
 * and hasher of the books; rows are asked as far as there are layouts. */
JL_MUST_CHECK enum jl_rc jl_books_check_keys(struct jl_books *books, const struct jl_keys *keys,
                                             bool *out_held, struct jl_err *err);
/* The same for a file that is not open here: a backup, or books before an open changes anything. It
 * is only read, and rows are not asked. */
JL_MUST_CHECK enum jl_rc jl_books_check_keys_of(const char *path, enum jl_side side,
                                                const struct jl_keys *keys, bool *out_held,
                                                struct jl_err *err);

/* Begin a transaction; when another connection has changed the catalogue meanwhile, it is reloaded
 * first (earlier jl_type pointers are then gone). JL_DENIED: to write, and a newer program has
 * written these books meanwhile. out_changed: another connection has committed
 * something since a begin reported it last; with NULL the next one to ask is notified. */
JL_MUST_CHECK enum jl_rc jl_books_begin(struct jl_books *books, bool write, bool *out_changed,
                                        struct jl_err *err);
/* Which record is the catalogue. */
JL_MUST_CHECK enum jl_rc jl_books_catalogue_key(struct jl_books *books,
                                                struct jl_record_key *out_key, struct jl_err *err);
/* Take the catalogue that the stored catalogue record now holds, inside the open transaction:
 * tables and columns are added, and unknown fields kept in `extra` move to their columns. A
 * catalogue that is older than or equal to the one in use changes nothing, nor does one that is
 * made for a newer program: books->newer says so then. */
JL_MUST_CHECK enum jl_rc jl_books_take_catalogue(struct jl_books *books, struct jl_err *err);

/* JL_DENIED, and a text that says which program is needed. */
enum jl_rc jl_books_too_old(const struct jl_newer *newer, struct jl_err *err);
/* Numbers of all types that records may be of: those of the catalogue, then those that only records
 * kept for a later catalogue have. In the arena. Cost: one look-up a type. */
JL_MUST_CHECK enum jl_rc jl_books_types(struct jl_books *books, struct jl_arena *arena,
                                        uint32_t **out_types, size_t *out_count,
                                        struct jl_err *err);

const struct jl_layout *jl_books_layout(const struct jl_books *books, uint32_t type); /* or NULL */

struct jl_book_record {
    struct jl_head head; /* rid 0: not there */
    struct jl_row row;   /* owner and deleted as the head says */
};

/* One per key, in order; all in the arena. Unsealing costs about 1 µs a sensitive field. */
JL_MUST_CHECK enum jl_rc jl_books_load(struct jl_books *books, const struct jl_record_key *keys,
                                       size_t count, struct jl_arena *arena,
                                       struct jl_book_record *out_records, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_books_load_rids(struct jl_books *books, const int64_t *rids,
                                            size_t count, struct jl_arena *arena,
                                            struct jl_book_record *out_records, struct jl_err *err);
/* A stored record (from a scan) in the clear. */
JL_MUST_CHECK enum jl_rc jl_books_unseal(struct jl_books *books, const struct jl_stored *stored,
                                         struct jl_arena *arena, struct jl_book_record *out_record,
                                         struct jl_err *err);

/* Seal and write many records. head.rid 0 inserts and is filled in. For JL_RECORD_LIVE head.hash is
 * computed unless `keep_hash`; for every other state it is zeroed unless `keep_hash`. head.owner
 * comes from row.owner. arena: working memory, may be reset afterwards.
 * before: the row as it was, to leave unchanged search words alone; NULL when new. */
struct jl_book_write {
    struct jl_book_record *record;
    const struct jl_row *before;
    bool keep_hash;
};
JL_MUST_CHECK enum jl_rc jl_books_write(struct jl_books *books, struct jl_book_write *writes,
                                        size_t count, struct jl_arena *arena, struct jl_err *err);

/* Is the field a text that is the natural key by itself? Its ids are made of the bytes, so the same
 * text in two forms makes two records. */
bool jl_books_text_key(const struct jl_type *type, const struct jl_field *field);
/* Can jl_books_find look for values of this field? */
bool jl_books_findable(const struct jl_books *books, uint32_t type, const struct jl_field *field);
/* rids of records of a type whose field has this value, ascending; texts are the same that fold to
 * the same (base/fold.h). The field must be unique, searchable and sensitive, a text that is a
 * natural key by itself, or a reference (JL_MISUSE otherwise). A value of another kind than the
 * field's is nobody's. Books of an earlier program that are only read here are not folded yet: in
 * those texts are the same that are so byte by byte. */
JL_MUST_CHECK enum jl_rc jl_books_find(struct jl_books *books, uint32_t type, uint32_t field,
                                       const struct jl_value *values, size_t count, size_t each,
                                       int64_t *out_rids, size_t *out_counts, struct jl_err *err);
/* Every open case of these books, in rid order; borrowed during the call. A code other than JL_OK
 * ends the visit and is returned. Inside any transaction. Cost: a pass over the cases, nothing is
 * unsealed. */
struct jl_open_case {
    const struct jl_head *head;
    int64_t kind; /* enum jl_case_kind of merge.h */
    uint32_t subject_type;
    struct jl_id subject; /* zero: none that can be read */
};
typedef enum jl_rc (*jl_case_fn)(void *context, const struct jl_open_case *found,
                                 struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_books_open_cases(struct jl_books *books, jl_case_fn visit,
                                             void *context, struct jl_err *err);
/* Does the record count as living for uniqueness and figures (jl_type.living_field)? */
bool jl_books_living(const struct jl_type *type, const struct jl_row *row);

/* Seal and unseal bytes that are not fields: ops, base rows, journal bodies. place names what and
 * where ("outbox", 17), so that a sealed body can't be moved elsewhere. Appends to out. */
JL_MUST_CHECK enum jl_rc jl_books_seal(struct jl_books *books, const char *what, uint64_t where,
                                       struct jl_bytes plain, struct jl_buf *out,
                                       struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_books_unseal_bytes(struct jl_books *books, const char *what,
                                               uint64_t where, struct jl_bytes sealed,
                                               struct jl_buf *out, struct jl_err *err);

/* Recompute every live record's content hash from its stored cells. Where it is not the one in the
 * head, the head gets the true one and `damaged` is counted: the next proof then differs, and
 * repair fetches the row. Sums are rebuilt by the caller. Inside a write transaction. JL_DENIED: a
 * newer program wrote these books. */
typedef enum jl_rc (*jl_scrub_fn)(void *context, const struct jl_head *head, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_books_scrub(struct jl_books *books, jl_scrub_fn visit, void *context,
                                        uint64_t *out_damaged, struct jl_err *err);

/* The same without fixing: only counts. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_books_scrub_check(struct jl_books *books, jl_scrub_fn visit,
                                              void *context, uint64_t *out_damaged,
                                              struct jl_err *err);
static inline bool jl_books_head_shown(const struct jl_head *head) {
    return head->rid != 0 && (head->state == JL_RECORD_LIVE || head->state == JL_RECORD_PARKED);
}

#endif
