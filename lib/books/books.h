/* The books' inside: shared by books*.c only.  Thread: that of the books. */
#ifndef JIELIAN_LIB_BOOKS_BOOKS_H
#define JIELIAN_LIB_BOOKS_BOOKS_H

#include "jielian/books/books.h"
#include "jielian/crypto/sealer.h"

struct jl_catalogue;

enum { JL_BOOKS_PLACE_BYTES = 4 + JL_ID_BYTES + 4 };

/* Associated data of a sealed field: type (u32be), id, field (u32be). */
struct jl_bytes jl_books_place(uint32_t type, const struct jl_id *id, uint32_t field,
                               uint8_t out_place[static JL_BOOKS_PLACE_BYTES]);
/* The tag of a value of a field; the same in every record of the type, and for all texts that fold
 * to the same. Uses scratch. */
JL_MUST_CHECK enum jl_rc jl_books_tag(struct jl_books *books, uint32_t type, uint32_t field,
                                      const struct jl_value *value,
                                      uint8_t out_tag[static JL_TAG_BYTES], struct jl_err *err);
/* The kind of a field's values, and of its column: BYTES when it is sealed. */
enum jl_value_kind jl_books_kind(const struct jl_field *field);
enum jl_value_kind jl_books_stored_kind(const struct jl_field *field);
/* Work by this catalogue from now on: layouts, and the store's tables. The books own it then, and
 * the one before is freed; it may be the same. On failure the books are as they were, and it stays
 * the caller's. */
JL_MUST_CHECK enum jl_rc jl_books_use(struct jl_books *books, struct jl_catalogue *catalogue,
                                      struct jl_err *err);
/* Work by the catalogue that is in force, at open. */
JL_MUST_CHECK enum jl_rc jl_books_open_catalogue(struct jl_books *books, struct jl_err *err);
/* As jl_books_take_catalogue, when another connection took it: nothing is written. */
JL_MUST_CHECK enum jl_rc jl_books_see_catalogue(struct jl_books *books, struct jl_err *err);

/* Tags are of folded text by this program's table: make those of earlier books anew, at their first
 * open for writing. A reader only looks whether that was done. */
JL_MUST_CHECK enum jl_rc jl_books_retag(struct jl_books *books, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_books_see_folded(struct jl_books *books, struct jl_err *err);

/* Write down whose keys these books were made with, in a transaction of its own. */
JL_MUST_CHECK enum jl_rc jl_books_hold_keys(struct jl_books *books, const struct jl_keys *keys,
                                            struct jl_err *err);

/* Give back what jl_books_use laid out. */
void jl_books_drop_layouts(struct jl_layout *layouts, size_t count);

#endif
