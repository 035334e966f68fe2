/* What a record is: one encoding, one hash, one validator (docs/domain.md section 2), for every
 * path.
 *
 * Pure: no clock, file, socket or randomness. "Today" and the catalogue come in as values; problems
 * go out as data. A problem's text is for a clerk: Chinese or English, it names the label of the
 * field and what to do, and never repeats a sensitive value.
 *
 * Byte layout (varint: LEB128, shortest form; everything ascending by field number):
 *
 *   fields    := { varint(field << 2 | kind) payload }        kind: 0 NULL 1 INT 2 TEXT 3 BYTES
 *   payload   := NULL: nothing | INT: varint(zigzag) | TEXT, BYTES: varint(size) bytes
 *   canonical := 0x01 varint(type) id(16) varint(owner) fields          (no NULL kinds)
 *   hash      := SHA-256(proof_key(32) ‖ canonical)[0..15]
 *
 * The hash is keyed, so that a stored hash does not let anyone guess an ID number.
 * Thread: any; hashers belong to one thread. */
#ifndef JIELIAN_RECORD_H
#define JIELIAN_RECORD_H

#include "jielian/base/value.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/crypto/crypto.h"
#include "jielian/message/message.h"

enum {
    JL_ROW_HASH_BYTES = 16,
    JL_PROBLEM_TEXT_BYTES = 256,
    JL_PROBLEMS_MAX = 32, /* per record; what is beyond is counted */
};

/* ---- Encoding ---- */

/* Append the fields; they must be ascending (JL_MISUSE otherwise). */
JL_MUST_CHECK enum jl_rc jl_fields_encode(const struct jl_field_value *fields, size_t count,
                                          struct jl_buf *out, struct jl_err *err);
/* Decode borrowing text from `bytes`; the array comes from the arena. JL_PROTO for anything but the
 * one shortest, ascending form, text that is not UTF-8, more than JL_FIELDS_PER_TYPE_MAX fields, or
 * (nulls_allowed false) a NULL. */
JL_MUST_CHECK enum jl_rc jl_fields_decode(struct jl_bytes bytes, bool nulls_allowed,
                                          struct jl_arena *arena,
                                          struct jl_field_value **out_fields, size_t *out_count,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_row_encode(const struct jl_row *row, struct jl_buf *out,
                                       struct jl_err *err);
/* scratch is reset and used. A deleted row hashes too; callers don't count it. Cost: ~0.4 µs. */
JL_MUST_CHECK enum jl_rc jl_row_hash(struct jl_hasher *hasher, const struct jl_secret *proof_key,
                                     const struct jl_row *row, struct jl_buf *scratch,
                                     uint8_t out_hash[static JL_ROW_HASH_BYTES],
                                     struct jl_err *err);
/* The deep hash of a set of rows, in the order of type and id (docs/protocol.md, 6.8):
 *   deep[0] = SHA-256("jielian deep v1"), deep[n] = SHA-256(deep[n−1](32) ‖ canonical of row n)
 * It takes whole rows, one after the other, so no other set has it; the sum of content hashes can
 * be met by whoever may choose some hundred rows. Cost: ~0.4 µs a row. */
JL_MUST_CHECK enum jl_rc jl_row_deep_start(struct jl_hasher *hasher,
                                           uint8_t out_hash[static JL_HASH_BYTES],
                                           struct jl_err *err);
/* hash is replaced. row NULL: one that can't be read; no row's canonical form is empty. scratch is
 * reset and used. */
JL_MUST_CHECK enum jl_rc jl_row_deep_add(struct jl_hasher *hasher, const struct jl_row *row,
                                         struct jl_buf *scratch, uint8_t hash[static JL_HASH_BYTES],
                                         struct jl_err *err);
/* The id of a row whose type has a natural key:
 * SHA-256("jielian key v1" ‖ varint(type) ‖ [varint(owner)] ‖ fields of the key)[0..15], UUIDv8.
 * JL_MISUSE when a key field has no value. */
JL_MUST_CHECK enum jl_rc jl_row_natural_id(struct jl_hasher *hasher, const struct jl_type *type,
                                           const struct jl_row *row, struct jl_id *out_id,
                                           struct jl_err *err);

/* ---- Validation ---- */

enum jl_severity { JL_PROBLEM_ERROR = 1, JL_PROBLEM_WARNING };
struct jl_problem {
    enum jl_severity severity;
    uint32_t field; /* 0: the whole record */
    char text[JL_PROBLEM_TEXT_BYTES];
    struct jl_saying saying; /* the same for other desks; code 0: the text is all there is */
};

struct jl_problems {
    struct jl_problem items[JL_PROBLEMS_MAX];
    size_t count;
    size_t dropped;
    size_t errors; /* of all, dropped ones too */
};

/* Fields whose dates lie after today, where these are noted instead of being errors. */
struct jl_ahead {
    uint32_t fields[JL_PROBLEMS_MAX]; /* each once; what is over is not noted */
    size_t count;
};

struct jl_check_context {
    const struct jl_catalogue *catalogue;
    int64_t today; /* yyyymmdd */
    enum jl_language language;
    bool old_books;         /* old books are being entered: a record may start in any status */
    struct jl_ahead *ahead; /* NULL: a date after today is an error */
};

void jl_problems_reset(struct jl_problems *problems);
void jl_problem_add(struct jl_problems *problems, enum jl_severity severity, uint32_t field,
                    const char *format, ...) JL_PRINTF(4, 5);
/* One with a code; its text is made for the listener. */
void jl_problem_say(struct jl_problems *problems, enum jl_severity severity, uint32_t field,
                    const struct jl_saying *saying, const struct jl_listener *listener);
/* One of another list, as it is. */
void jl_problem_copy(struct jl_problems *problems, const struct jl_problem *problem);
/* How many are errors that touch this field (0: any field). */
bool jl_problems_has_error(const struct jl_problems *problems, uint32_t field);

/* What a person or a spreadsheet wrote → the stored value, normalised (docs/domain.md section 2:
 * full width, dates in six forms, Excel serials, 万元, code labels, +86 …). Blank text gives a NULL
 * value. A REF takes an id in text form only (names are resolved by the caller, who knows the
 * records). Problems are added, not returned: with an error the value is NULL. JL_OK also with
 * problems; JL_NOMEM. Text in the value lives in the arena.
 * Parsing converts, jl_row_check judges: check digits, ranges and dates ahead are the check's. A
 * whole number from 20000 to 80000 is a date of the 1900 system; a file in the 1904 system must be
 * converted by its reader. Checking a row with the same list afterwards asks for no field twice. */
JL_MUST_CHECK enum jl_rc jl_field_parse(const struct jl_check_context *context,
                                        const struct jl_field *field, struct jl_bytes text,
                                        struct jl_arena *arena, struct jl_value *out_value,
                                        struct jl_problems *problems, struct jl_err *err);

/* Fill what follows from other fields: sex and birth from the ID number when blank, defaults
 * (creating only). Never overwrites. */
JL_MUST_CHECK enum jl_rc jl_row_derive(const struct jl_check_context *context,
                                       const struct jl_type *type, bool creating,
                                       struct jl_arena *arena, struct jl_row *row,
                                       struct jl_err *err);
/* Check a whole row: kinds, ranges, required, codes, rules, checks between fields. Fields the
 * catalogue does not know are left alone. Every path goes through here, the district's too.
 * Cost: a few µs. */
void jl_row_check(const struct jl_check_context *context, const struct jl_type *type,
                  const struct jl_row *row, struct jl_problems *problems);
/* The same for an edit only: errors of fields that the edit did not touch become warnings, so that
 * an old record with an old fault can still be corrected step by step. */
void jl_row_check_edit(const struct jl_check_context *context, const struct jl_type *type,
                       const struct jl_row *before, const struct jl_row *after,
                       struct jl_problems *problems);

/* Is the status move allowed, and for this mover? before: NULL when the record is new; a deleted
 * row when it comes back, which goes on from the status that it had or starts anew. Adds an error
 * that names the allowed next states otherwise. movers: a bit per enum jl_mover (1 << mover). A
 * status that only the district may give is no start for others (unless context->old_books), and a
 * deleted record that had one does not start anew. */
void jl_flow_check(const struct jl_check_context *context, const struct jl_type *type,
                   const struct jl_row *before, const struct jl_row *after, unsigned movers,
                   struct jl_problems *problems);
/* Is this status reached by moves of the district only? What a record may start with says nothing
 * of that. */
bool jl_flow_is_districts(const struct jl_type *type, uint32_t status);
/* Is there this move, and may one of these make it? */
bool jl_flow_may_move(const struct jl_type *type, int64_t from, int64_t to, unsigned movers);
/* Does a record come from one status to the other, by at most two moves: one that somebody makes,
 * and what the district makes of it? */
bool jl_flow_leads(const struct jl_type *type, int64_t from, int64_t to);
/* Whose turn a transfer in this status is: JL_MOVER_FROM or JL_MOVER_TO; 0: neither's. */
unsigned jl_flow_turn(const struct jl_type *type, int64_t status);

/* ---- For people ---- */

/* The value as forms, exports and --json show it: codes by label, dates 2021-01-05, months 2021-01,
 * money in 元 with two decimals, bools 是/否 (yes/no), refs as id text. Appends. */
JL_MUST_CHECK enum jl_rc jl_field_format(const struct jl_field *field, const struct jl_value *value,
                                         enum jl_language language, struct jl_buf *out,
                                         struct jl_err *err);
/* The same, masked when the field is sensitive: 330106********0071, 138****1234, others 第一字+**.
 */
JL_MUST_CHECK enum jl_rc jl_field_format_masked(const struct jl_field *field,
                                                const struct jl_value *value,
                                                enum jl_language language, struct jl_buf *out,
                                                struct jl_err *err);
/* Without spaces, line ends and invisible marks at both ends; borrowed. Valid UTF-8. */
struct jl_bytes jl_text_trim(struct jl_bytes text);
/* The record's title from the title fields (unmasked fields only; sensitive ones are left out, and
 * so are references, whose titles only the caller knows). The type's label when nothing is left. */
JL_MUST_CHECK enum jl_rc jl_row_title(const struct jl_type *type, const struct jl_row *row,
                                      enum jl_language language, struct jl_buf *out,
                                      struct jl_err *err);

/* ---- Search ---- */

enum { JL_WORDS_MAX = 24 };

struct jl_words {
    struct jl_bytes items[JL_WORDS_MAX]; /* lower case, in the arena, no doubles */
    size_t count;
};

/* The words a record is found by: each search field's text; for Han text also full pinyin and
 * initials, a surname's own reading first (曾 zeng, 单 shan, 区 ou …) and other readings of its
 * characters after it. Sensitive fields are not here: they are found by keyed tag.
 * Cost: under 2 µs a record. A character beyond the official table of 8105 asks ICU once, and
 * loading ICU takes 0.1 s, once per object; JL_IO when its data is missing. */
struct jl_pinyin;
JL_MUST_CHECK enum jl_rc jl_pinyin_new(struct jl_pinyin **out_pinyin, struct jl_err *err);
void jl_pinyin_free(struct jl_pinyin *pinyin);
JL_DEFINE_AUTO_PTR(jl_pinyin, jl_pinyin_free)
JL_MUST_CHECK enum jl_rc jl_row_words(struct jl_pinyin *pinyin, const struct jl_type *type,
                                      const struct jl_row *row, struct jl_arena *arena,
                                      struct jl_words *out_words, struct jl_err *err);
/* What a person typed into a search box, in the form of the words: lower case, half width, no
 * spaces or signs ("Zhang San" → zhangsan). Empty when nothing is left. Lives in the arena. */
JL_MUST_CHECK enum jl_rc jl_search_word(struct jl_bytes text, struct jl_arena *arena,
                                        struct jl_bytes *out_word, struct jl_err *err);

#endif
