/* What is sealed where, and by which tag it is found. */
#include "books.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/fold.h"

#include <stdio.h>
#include <string.h>

static uint8_t *put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        *at++ = (uint8_t)(value >> (24 - 8 * i));
    }
    return at;
}

struct jl_bytes jl_books_place(uint32_t type, const struct jl_id *id, uint32_t field,
                               uint8_t out_place[static JL_BOOKS_PLACE_BYTES]) {
    uint8_t *at = put_u32(out_place, type);
    memcpy(at, id->bytes, JL_ID_BYTES);
    put_u32(at + JL_ID_BYTES, field);
    return jl_bytes(out_place, JL_BOOKS_PLACE_BYTES);
}

/* A value as bytes for sealing and tagging: text and bytes as they are, numbers as 8 bytes. */
static struct jl_bytes value_bytes(const struct jl_value *value, uint8_t number[static 8]) {
    if (value->kind != JL_VALUE_INT) {
        return value->bytes;
    }
    for (int i = 0; i < 8; i++) {
        number[i] = (uint8_t)((uint64_t)value->number >> (56 - 8 * i));
    }
    return jl_bytes(number, 8);
}

enum jl_rc jl_books_tag(struct jl_books *books, uint32_t type, uint32_t field,
                        const struct jl_value *value, uint8_t out_tag[static JL_TAG_BYTES],
                        struct jl_err *err) {
    uint8_t place[8];
    uint8_t number[8];
    struct jl_bytes plain = value_bytes(value, number);
    enum jl_rc rc = JL_OK;
    put_u32(put_u32(place, type), field);
    if (value->kind == JL_VALUE_TEXT && books->folded) {
        books->scratch.size = 0;
        rc = jl_fold(plain, JL_FOLD_SAME, &books->scratch, err);
        plain = jl_buf_bytes(&books->scratch);
    }
    return rc == JL_OK
               ? jl_sealer_tag(books->sealer, jl_bytes(place, sizeof place), plain, out_tag, err)
               : rc;
}

static struct jl_bytes body_place(const char *what, uint64_t where, uint8_t *place,
                                  size_t capacity) {
    int size = snprintf((char *)place, capacity, "%s %llu", what, (unsigned long long)where);
    JL_ASSERT(size > 0 && (size_t)size < capacity);
    return jl_bytes(place, (size_t)size);
}

enum jl_rc jl_books_seal(struct jl_books *books, const char *what, uint64_t where,
                         struct jl_bytes plain, struct jl_buf *out, struct jl_err *err) {
    uint8_t place[64];
    return jl_sealer_seal(books->sealer, body_place(what, where, place, sizeof place), plain, out,
                          err);
}

enum jl_rc jl_books_unseal_bytes(struct jl_books *books, const char *what, uint64_t where,
                                 struct jl_bytes sealed, struct jl_buf *out, struct jl_err *err) {
    uint8_t place[64];
    enum jl_rc rc = jl_sealer_unseal(books->sealer, body_place(what, where, place, sizeof place),
                                     sealed, out, err);
    return rc == JL_OK ? rc
                       : jl_fault_wrap(err, JL_FAULT_BOOKS_BODY, "%s" JL_AND "%llu", what,
                                       (unsigned long long)where);
}
