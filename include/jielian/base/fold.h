/* Folding: the one form in which two texts are compared for being the same.
 *
 * Unique values, references by name, rows of a file and records: whoever asks whether two texts say
 * the same asks whether they fold to the same bytes. The form is for comparing only; it is neither
 * stored in a record nor shown. Not folded: what decides whether a change changes anything (a clerk
 * may correct （）to ()), ids made of natural keys, hashes, names of the program's own.
 *
 *   compatible forms  become the usual ones: Ａ→a ①→1 ㈱→(株) ﬁ→fi ｶﾞ→ガ ⼈→人 （→( (Unicode NFKD)
 *   case              goes: Ａ, A → a, ß → ss (Unicode's full case folding)
 *   accents           stand behind their letter, in one order, however they came (NFC, NFD)
 *   blanks            go, of all kinds, inside too
 *   unseen            goes: zero width, BOM, marks of direction, soft hyphen, variation selectors,
 *                     fillers, control characters
 *
 * Look-alikes of different meaning stay apart: Latin and Cyrillic а, 〇 and 零, — and -.
 *
 * The table is this repository's (lib/base/fold_table.c, by scripts/fold-table from the Unicode
 * Character Database), never what a library says at run time: judging and replay must give the same
 * on every machine, for ever. A table or rule by which anything folds otherwise gets a new
 * JL_FOLD_VERSION, rules of its own at the district (server/books/entry.h) and a schema of its own,
 * so that older programs stay out; the tags of stored books are made anew
 * (lib/books/books_retag.c).
 *
 * Thread: any. */
#ifndef JIELIAN_FOLD_H
#define JIELIAN_FOLD_H

#include "jielian/base/buf.h"
#include "jielian/base/value.h"

enum {
    JL_FOLD_VERSION = 1,
    JL_FOLD_GROWTH_MAX = 10, /* bytes out for a byte in, at most: ﷺ is 15 letters */
};

enum jl_fold_use {
    JL_FOLD_SAME,  /* for comparing */
    JL_FOLD_WORDS, /* for search words: one ' ' where there were blanks, and no accents */
};

/* Which Unicode the table was made from: "14.0.0". */
extern const char jl_fold_unicode[];

/* Append the folded text; folding that again changes nothing. Bytes that are not UTF-8 (or hold a
 * NUL) are appended as they are, so they equal themselves only. May append nothing: a text that
 * nobody sees. JL_NOMEM leaves `out` longer than it was, by part of the form.
 * Cost: linear, whatever the text: 50 ns and 3 ns a byte of ASCII or Han; other characters up to
 * 0.5 µs each, for their parts are looked for. */
JL_MUST_CHECK enum jl_rc jl_fold(struct jl_bytes text, enum jl_fold_use use, struct jl_buf *out,
                                 struct jl_err *err);
/* The value as it is compared: text folded (in the arena, or borrowed when that changes nothing),
 * every other kind as it is. */
JL_MUST_CHECK enum jl_rc jl_fold_value(const struct jl_value *value, struct jl_arena *arena,
                                       struct jl_value *out_value, struct jl_err *err);
/* Do the two say the same? Cost: nothing but a comparison where the bytes are equal. */
JL_MUST_CHECK enum jl_rc jl_fold_same(const struct jl_value *a, const struct jl_value *b,
                                      bool *out_same, struct jl_err *err);

#endif
