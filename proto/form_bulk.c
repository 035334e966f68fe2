/* Push and Page: many ops or rows in one body, compressed when that makes it smaller.
 *
 *   body := { varint(size) item }     raw_size 0: as it is; otherwise one zstd frame
 *
 * Before memory is taken for a compressed body, its declared size is within JL_BODY_MAX_BYTES and
 * is the one that the zstd frame names; so a small frame can't ask for much. */
#include "form.h"

#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/message/say.h"

#include <inttypes.h>
#include <zstd_errors.h>

enum {
    /* Less than this is not worth a zstd frame's header. */
    COMPRESS_FROM_BYTES = 256,
    SIZE_MAX_BYTES = 3, /* a varint of JL_OP_MAX_BYTES */
};
_Static_assert(JL_OP_MAX_BYTES < 1 << (7 * SIZE_MAX_BYTES), "the size of an op fits its varint");

/* Items of one body: what they are called, how many there may be. */
struct items {
    struct jl_bytes *list;
    size_t count;
    size_t max_count;
    const char *what;
};

/* ---- Writing ---- */

static enum jl_rc check_items(const struct items *items, struct jl_err *err) {
    if (items->count > items->max_count) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu %ss, at most %zu", items->count,
                           items->what, items->max_count);
    }
    for (size_t i = 0; i < items->count; i++) {
        if (items->list[i].size == 0) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s %zu is empty", items->what,
                               i + 1);
        }
        if (items->list[i].size > JL_OP_MAX_BYTES) {
            return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%s %zu of %zu bytes, at most %d",
                               items->what, i + 1, items->list[i].size, (int)JL_OP_MAX_BYTES);
        }
    }
    return JL_OK;
}

/* Reserved at once, so that no copy of personal data stays behind where the buffer was. */
static enum jl_rc join_items(const struct items *items, struct jl_buf *plain, struct jl_err *err) {
    size_t room = 0;
    for (size_t i = 0; i < items->count; i++) {
        room += SIZE_MAX_BYTES + items->list[i].size;
        if (room > JL_BODY_MAX_BYTES + SIZE_MAX_BYTES * items->max_count) {
            return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "more than %d bytes of %ss",
                               (int)JL_BODY_MAX_BYTES, items->what);
        }
    }
    enum jl_rc rc = jl_buf_reserve(plain, room, err);
    for (size_t i = 0; rc == JL_OK && i < items->count; i++) {
        rc = jl_buf_put_varint(plain, items->list[i].size, err);
        if (rc == JL_OK) {
            rc = jl_buf_put(plain, items->list[i].data, items->list[i].size, err);
        }
    }
    if (rc == JL_OK && plain->size > JL_BODY_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu bytes of %ss, at most %d",
                           plain->size, items->what, (int)JL_BODY_MAX_BYTES);
    }
    return rc;
}

/* out_body borrows from wire. The room given to zstd is one byte less than the plain body, so it
 * gives up where nothing would be won. */
static enum jl_rc put_body(struct jl_wire *wire, const struct items *items,
                           ProtobufCBinaryData *out_body, uint32_t *out_raw_size,
                           struct jl_err *err) {
    struct jl_buf *plain = &wire->plain;
    enum jl_rc rc = join_items(items, plain, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_body = jl_form_lend_bytes(jl_buf_bytes(plain));
    *out_raw_size = 0;
    if (plain->size <= COMPRESS_FROM_BYTES) {
        return JL_OK;
    }
    rc = jl_buf_reserve(&wire->packed, plain->size - 1, err);
    if (rc != JL_OK) {
        return rc;
    }
    size_t size = ZSTD_compress2(wire->compressor, wire->packed.data, plain->size - 1, plain->data,
                                 plain->size);
    if (!ZSTD_isError(size)) {
        wire->packed.size = size;
        *out_body = jl_form_lend_bytes(jl_buf_bytes(&wire->packed));
        *out_raw_size = (uint32_t)plain->size;
        return JL_OK;
    }
    if (ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall) {
        return JL_OK;
    }
    return jl_fault_memory(err);
}

/* ---- Reading ---- */

static enum jl_rc decompress(struct jl_wire *wire, struct jl_bytes packed, size_t raw_size,
                             struct jl_arena *arena, struct jl_bytes *out_plain,
                             struct jl_err *err) {
    if (raw_size > JL_BODY_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "a body of %zu bytes, at most %d",
                           raw_size, (int)JL_BODY_MAX_BYTES);
    }
    if (ZSTD_getFrameContentSize(packed.data, packed.size) != raw_size ||
        ZSTD_findFrameCompressedSize(packed.data, packed.size) != packed.size) {
        return jl_fault_at(err, JL_PROTO, JL_SAY_BODY,
                           "a body that is not one zstd frame of %zu bytes", raw_size);
    }
    void *plain = jl_arena_alloc(arena, raw_size);
    if (plain == NULL) {
        return jl_form_no_memory(arena, raw_size, err);
    }
    size_t size =
        ZSTD_decompressDCtx(wire->decompressor, plain, raw_size, packed.data, packed.size);
    if (ZSTD_isError(size)) {
        return jl_fault_at(err, JL_PROTO, JL_SAY_BODY, "zstd: %s", ZSTD_getErrorName(size));
    }
    if (size != raw_size) {
        return jl_fault_at(err, JL_PROTO, JL_SAY_BODY, "a body of %zu bytes, %zu were declared",
                           size, raw_size);
    }
    *out_plain = jl_bytes(plain, size);
    return JL_OK;
}

/* Exactly items->count items, nothing after them; the list comes from the arena. An item has a byte
 * of size and at least one of its own, so a small body can't claim a long list. */
static enum jl_rc split_items(struct jl_bytes plain, struct jl_arena *arena, struct items *items,
                              struct jl_err *err) {
    if (items->count > items->max_count) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu %ss, at most %zu", items->count,
                           items->what, items->max_count);
    }
    if (items->count > plain.size / 2) {
        return jl_fault_at(err, JL_PROTO, JL_SAY_BODY, "%zu %ss in %zu bytes", items->count,
                           items->what, plain.size);
    }
    items->list = jl_arena_alloc(arena, items->count * sizeof *items->list);
    if (items->list == NULL) {
        return jl_form_no_memory(arena, items->count * sizeof *items->list, err);
    }
    struct jl_reader reader = {.rest = plain};
    for (size_t i = 0; i < items->count; i++) {
        uint64_t size = 0;
        enum jl_rc rc = jl_reader_varint(&reader, &size, err);
        if (rc == JL_OK && size > reader.rest.size) {
            rc = jl_fault_at(err, JL_PROTO, JL_SAY_BODY,
                             "%" PRIu64 " bytes wanted where %zu are left", size, reader.rest.size);
        }
        if (rc == JL_OK) {
            rc = jl_reader_take(&reader, (size_t)size, &items->list[i], err);
        }
        if (rc != JL_OK) {
            return jl_fault_wrap(err, JL_FAULT_PART, "%s %zu of %zu", items->what, i + 1,
                                 items->count);
        }
    }
    if (reader.rest.size > 0) {
        return jl_fault_at(err, JL_PROTO, JL_SAY_BODY, "%zu bytes after the last %s",
                           reader.rest.size, items->what);
    }
    return JL_OK;
}

static enum jl_rc get_body(struct jl_wire *wire, ProtobufCBinaryData body, uint32_t raw_size,
                           struct jl_arena *arena, struct items *items, struct jl_err *err) {
    struct jl_bytes plain = jl_form_view(body);
    if (raw_size > 0) {
        enum jl_rc rc = decompress(wire, plain, raw_size, arena, &plain, err);
        if (rc != JL_OK) {
            return rc;
        }
    } else if (plain.size > JL_BODY_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "a body of %zu bytes, at most %d",
                           plain.size, (int)JL_BODY_MAX_BYTES);
    }
    return split_items(plain, arena, items, err);
}

/* ---- Push ---- */

static struct items push_items(const struct jl_push *push) {
    return (struct items){push->ops, push->count, JL_BATCH_OPS_MAX, "op"};
}

static enum jl_rc push_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_push *push = &message->as.push;
    const struct items items = push_items(push);
    if (push->count == 0) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "no ops");
    }
    enum jl_rc rc = jl_form_check_range(push->first_seq, 1, INT64_MAX - (uint64_t)JL_BATCH_OPS_MAX,
                                        "first op", err);
    return rc != JL_OK ? rc : check_items(&items, err);
}

static enum jl_rc push_put(struct jl_wire *wire, const struct jl_message *message,
                           struct jl_form_draft *draft, struct jl_err *err) {
    const struct jl_push *push = &message->as.push;
    const struct items items = push_items(push);
    Jielian__Push *body = draft->envelope.push = &draft->body.push;
    jielian__push__init(body);
    body->first_seq = push->first_seq;
    body->count = (uint32_t)push->count;
    body->signature = jl_form_lend(push->signature, wire->suite->sign->signature_bytes);
    return put_body(wire, &items, &body->ops, &body->raw_size, err);
}

static enum jl_rc push_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                           struct jl_arena *arena, struct jl_message *out_message,
                           struct jl_err *err) {
    const Jielian__Push *body = envelope->push;
    struct jl_push *push = &out_message->as.push;
    push->first_seq = body->first_seq;
    push->count = body->count;
    enum jl_rc rc = jl_form_take(body->signature, push->signature,
                                 wire->suite->sign->signature_bytes, "a signature", err);
    struct items items = push_items(push);
    if (rc == JL_OK) {
        rc = get_body(wire, body->ops, body->raw_size, arena, &items, err);
    }
    push->ops = items.list;
    return rc;
}

const struct jl_form jl_form_push = {"push", push_check, push_put, push_get};

/* ---- Page ---- */

static struct items page_items(const struct jl_page *page) {
    return (struct items){page->rows, page->count, JL_PAGE_ROWS_MAX, "row"};
}

/* Types ascend, so there is one form only, and no type twice. */
static enum jl_rc check_types(const struct jl_page *page, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (page->type_count > JL_PAGE_TYPES_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "counts of %zu types, at most %d",
                           page->type_count, (int)JL_PAGE_TYPES_MAX);
    }
    if (page->type_count > 0 && (page->from != 0 || page->repair)) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s",
                           "counts with a page that is not the first");
    }
    for (size_t i = 0; rc == JL_OK && i < page->type_count; i++) {
        const uint64_t low = i == 0 ? 1 : (uint64_t)page->types[i - 1].type + 1;
        rc = jl_form_check_range(page->types[i].type, low, UINT32_MAX, "type", err);
        if (rc == JL_OK) {
            rc = jl_form_check_range(page->types[i].count, 1, INT64_MAX, "records", err);
        }
    }
    return rc;
}

static enum jl_rc page_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_page *page = &message->as.page;
    const struct items items = page_items(page);
    enum jl_rc rc = jl_form_check_range(page->feed, 0, 1, "feed", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(page->head, 0, INT64_MAX, "head", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_range(page->to, page->from, INT64_MAX, "to", err);
    }
    if (rc == JL_OK) {
        rc = check_types(page, err);
    }
    return rc != JL_OK ? rc : check_items(&items, err);
}

static enum jl_rc put_types(struct jl_wire *wire, const struct jl_page *page,
                            ProtobufCBinaryData *out_types, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < page->type_count; i++) {
        rc = jl_buf_put_varint(&wire->types, page->types[i].type, err);
        if (rc == JL_OK) {
            rc = jl_buf_put_varint(&wire->types, page->types[i].count, err);
        }
    }
    *out_types = jl_form_lend_bytes(jl_buf_bytes(&wire->types));
    return rc;
}

static enum jl_rc get_types(struct jl_bytes bytes, struct jl_arena *arena, struct jl_page *page,
                            struct jl_err *err) {
    struct jl_reader reader = {.rest = bytes};
    struct jl_type_count *types = jl_arena_zalloc(arena, JL_PAGE_TYPES_MAX, sizeof *types);
    enum jl_rc rc = JL_OK;
    if (types == NULL) {
        return jl_form_no_memory(arena, JL_PAGE_TYPES_MAX * sizeof *types, err);
    }
    while (rc == JL_OK && reader.rest.size > 0) {
        uint64_t type = 0;
        if (page->type_count == JL_PAGE_TYPES_MAX) {
            return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "counts of more than %d types",
                               (int)JL_PAGE_TYPES_MAX);
        }
        struct jl_type_count *one = &types[page->type_count];
        rc = jl_reader_varint(&reader, &type, err);
        if (rc == JL_OK) {
            rc = jl_form_check_range(type, 1, UINT32_MAX, "type", err);
        }
        if (rc == JL_OK) {
            rc = jl_reader_varint(&reader, &one->count, err);
        }
        one->type = (uint32_t)type;
        page->type_count++;
    }
    page->types = types;
    return rc;
}

static enum jl_rc page_put(struct jl_wire *wire, const struct jl_message *message,
                           struct jl_form_draft *draft, struct jl_err *err) {
    const struct jl_page *page = &message->as.page;
    const struct items items = page_items(page);
    Jielian__Page *body = draft->envelope.page = &draft->body.page;
    jielian__page__init(body);
    body->feed = page->feed;
    body->from = page->from;
    body->to = page->to;
    body->head = page->head;
    body->repair = page->repair;
    body->count = (uint32_t)page->count;
    enum jl_rc rc = page->type_count > 0 ? put_types(wire, page, &body->types, err) : JL_OK;
    return rc == JL_OK ? put_body(wire, &items, &body->rows, &body->raw_size, err) : rc;
}

static enum jl_rc page_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                           struct jl_arena *arena, struct jl_message *out_message,
                           struct jl_err *err) {
    const Jielian__Page *body = envelope->page;
    struct jl_page *page = &out_message->as.page;
    page->feed = body->feed;
    page->from = body->from;
    page->to = body->to;
    page->head = body->head;
    page->repair = body->repair;
    page->count = body->count;
    struct items items = page_items(page);
    enum jl_rc rc = get_body(wire, body->rows, body->raw_size, arena, &items, err);
    page->rows = items.list;
    if (rc == JL_OK && body->types.len > 0) {
        rc = get_types(jl_form_view(body->types), arena, page, err);
    }
    return rc;
}

const struct jl_form jl_form_page = {"page", page_check, page_put, page_get};
