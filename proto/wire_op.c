/* Ops and rows. They are made and read by the hundred thousand, so nothing here calls malloc.
 *
 * Encoding needs no second buffer: the fields are encoded at the end of out, the message behind
 * them, and the message is then moved over the fields.
 *
 *   … | old fields | new fields | message          →          … | message */
#include "form.h"

#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/record/fields.h"

#include <inttypes.h>
#include <string.h>

enum {
    /* Tags, sizes and numbers of an op or a row at their longest: 12 tags, 6 sizes of up to 4
     * bytes, 5 numbers of up to 10, 3 ids. */
    PACKED_EXTRA_BYTES = 12 + 6 * 4 + 5 * 10 + 3 * JL_ID_BYTES,
    /* Decoding copies each byte string once; the rest is for the struct and for parts that a later
     * version added. */
    UNPACKED_EXTRA_BYTES = 16 * 1024,
    /* Row.kind as wire.proto numbers it; enum jl_feed_kind has the same numbers. */
    ROW_ENTER = 1,
    ROW_DELETE = 4,
};

/* Pack what points behind `start` into out and move it there. max_bytes: its size at most. */
static enum jl_rc pack_over(const ProtobufCMessage *message, size_t start, struct jl_buf *out,
                            const char *what, struct jl_err *err) {
    size_t size = protobuf_c_message_pack(message, out->data + out->size);
    if (size > JL_OP_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%s of %zu bytes, at most %d", what, size,
                           (int)JL_OP_MAX_BYTES);
    }
    memmove(out->data + start, out->data + out->size, size);
    out->size = start + size;
    return JL_OK;
}

/* ---- Ops ---- */

static enum jl_rc check_op(const struct jl_op *op, struct jl_err *err) {
    enum jl_rc rc = jl_form_check_range(op->kind, JL_OP_CREATE, JL_OP_RESOLVE, "op kind", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(op->type, 1, UINT32_MAX, "record type", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_range(op->cursor, 0, INT64_MAX, "cursor", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_range(op->number, 0, INT64_MAX, "number", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_text(op->staff, JL_STAFF_MAX_BYTES, "a login name", err);
    }
    return rc != JL_OK ? rc : jl_form_check_text(op->reason, JL_REASON_MAX_BYTES, "a reason", err);
}

static ProtobufCBinaryData lend_optional_id(const struct jl_id *id) {
    return jl_id_is_zero(id) ? jl_form_lend(NULL, 0) : jl_form_lend(id->bytes, sizeof id->bytes);
}

static enum jl_rc encode_op(const struct jl_op *op, struct jl_buf *out, struct jl_err *err) {
    size_t start = out->size;
    enum jl_rc rc = jl_form_own_fault(check_op(op, err), err);
    if (rc == JL_OK) {
        rc = jl_fields_encode(op->old_fields, op->old_count, out, err);
    }
    size_t old_size = out->size - start;
    if (rc == JL_OK) {
        rc = jl_fields_encode(op->new_fields, op->new_count, out, err);
    }
    size_t fields_size = out->size - start;
    if (rc == JL_OK) {
        rc = jl_buf_reserve(
            out, PACKED_EXTRA_BYTES + op->staff.size + op->reason.size + fields_size, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    Jielian__Op packed = JIELIAN__OP__INIT;
    packed.kind = op->kind;
    packed.type = op->type;
    packed.id = jl_form_lend(op->id.bytes, sizeof op->id.bytes);
    packed.made_ms = op->made_ms;
    packed.staff = jl_form_lend_bytes(op->staff);
    packed.cursor = op->cursor;
    packed.number = op->number;
    packed.change_set = lend_optional_id(&op->change_set);
    packed.other = lend_optional_id(&op->other);
    packed.owner = op->owner;
    packed.owner_before = op->owner_before;
    packed.reason = jl_form_lend_bytes(op->reason);
    packed.old_fields = jl_form_lend(out->data + start, old_size);
    packed.new_fields = jl_form_lend(out->data + start + old_size, fields_size - old_size);
    return pack_over(&packed.base, start, out, "an op", err);
}

enum jl_rc jl_wire_op_encode(const struct jl_op *op, struct jl_buf *out, struct jl_err *err) {
    size_t start = out->size;
    enum jl_rc rc = encode_op(op, out, err);
    if (rc != JL_OK) {
        out->size = start;
    }
    return rc;
}

static enum jl_rc unpack(const ProtobufCMessageDescriptor *descriptor, struct jl_bytes bytes,
                         struct jl_arena *arena, ProtobufCMessage **out_message,
                         struct jl_err *err) {
    if (bytes.size > JL_OP_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu bytes, at most %d", bytes.size,
                           (int)JL_OP_MAX_BYTES);
    }
    return jl_form_unpack(descriptor, bytes, bytes.size + UNPACKED_EXTRA_BYTES, arena, out_message,
                          err);
}

static enum jl_rc decode_fields(ProtobufCBinaryData bytes, bool nulls_allowed,
                                struct jl_arena *arena, struct jl_field_value **out_fields,
                                size_t *out_count, struct jl_err *err) {
    if (bytes.len == 0) {
        return JL_OK;
    }
    return jl_fields_decode(jl_form_view(bytes), nulls_allowed, arena, out_fields, out_count, err);
}

static enum jl_rc decode_op(struct jl_bytes bytes, struct jl_arena *arena, struct jl_op *op,
                            struct jl_err *err) {
    ProtobufCMessage *message = NULL;
    enum jl_rc rc = unpack(&jielian__op__descriptor, bytes, arena, &message, err);
    if (rc != JL_OK) {
        return rc;
    }
    const Jielian__Op *packed = (const Jielian__Op *)message;
    op->kind = (enum jl_op_kind)packed->kind;
    op->type = packed->type;
    op->made_ms = packed->made_ms;
    op->staff = jl_form_view(packed->staff);
    op->cursor = packed->cursor;
    op->number = packed->number;
    op->owner = packed->owner;
    op->owner_before = packed->owner_before;
    op->reason = jl_form_view(packed->reason);
    rc = jl_form_take(packed->id, op->id.bytes, sizeof op->id.bytes, "an id", err);
    if (rc == JL_OK) {
        rc = jl_form_take_optional_id(packed->change_set, &op->change_set, "a change set", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_take_optional_id(packed->other, &op->other, "another id", err);
    }
    if (rc == JL_OK) {
        rc = check_op(op, err);
    }
    if (rc == JL_OK) {
        rc = decode_fields(packed->old_fields, true, arena, &op->old_fields, &op->old_count, err);
    }
    if (rc == JL_OK) {
        rc = decode_fields(packed->new_fields, true, arena, &op->new_fields, &op->new_count, err);
    }
    return rc;
}

enum jl_rc jl_wire_op_decode(struct jl_bytes bytes, struct jl_arena *arena, struct jl_op *out_op,
                             struct jl_err *err) {
    struct jl_op op = {0};
    enum jl_rc rc = decode_op(bytes, arena, &op, err);
    if (rc != JL_OK) {
        return jl_fault_wrap(err, JL_FAULT_PART, "%s", "op");
    }
    *out_op = op;
    return JL_OK;
}

/* ---- The one form of an op ---- */

enum { VARINT = 0, SIZED = 2, OP_FIELDS = 14 };

/* Of each field of Op: how it is written, and up to which number. */
static const struct op_form {
    unsigned wire_type;
    uint64_t most; /* of a number */
    bool is_id;
} op_forms[OP_FIELDS + 1] = {
    [1] = {VARINT, UINT32_MAX, false},  /* kind */
    [2] = {VARINT, UINT32_MAX, false},  /* type */
    [3] = {SIZED, 0, true},             /* id */
    [4] = {VARINT, UINT64_MAX, false},  /* made_ms */
    [5] = {SIZED, 0, false},            /* staff */
    [6] = {VARINT, UINT64_MAX, false},  /* cursor */
    [7] = {SIZED, 0, true},             /* change_set */
    [8] = {SIZED, 0, true},             /* other */
    [9] = {VARINT, UINT32_MAX, false},  /* owner */
    [10] = {SIZED, 0, false},           /* reason */
    [11] = {SIZED, 0, false},           /* old_fields */
    [12] = {SIZED, 0, false},           /* new_fields */
    [13] = {VARINT, UINT64_MAX, false}, /* number */
    [14] = {VARINT, UINT32_MAX, false}, /* owner_before */
};

static bool all_zero(struct jl_bytes bytes) {
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] != 0) {
            return false;
        }
    }
    return true;
}

static enum jl_rc check_part(struct jl_reader *reader, uint64_t number, unsigned wire_type,
                             struct jl_err *err) {
    const struct op_form later = {wire_type, UINT64_MAX, false};
    const struct op_form *form = number <= OP_FIELDS ? &op_forms[number] : &later;
    uint64_t value = 0;
    struct jl_bytes bytes = {0};
    bool known = wire_type == VARINT || wire_type == SIZED;
    if (!known || wire_type != form->wire_type) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "field %" PRIu64 " is of another kind",
                           number);
    }
    enum jl_rc rc = jl_reader_varint(reader, &value, err);
    if (rc == JL_OK && wire_type == SIZED) {
        rc = value <= reader->rest.size ? jl_reader_take(reader, (size_t)value, &bytes, err)
                                        : jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES,
                                                      "field %" PRIu64 " is cut off", number);
    }
    if (rc != JL_OK) {
        return rc;
    }
    bool nothing = value == 0 || (form->is_id && all_zero(bytes));
    bool large = wire_type == VARINT && value > form->most;
    return nothing || large
               ? jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "field %" PRIu64 " is %s", number,
                             nothing ? "there, and empty" : "larger than its kind")
               : JL_OK;
}

enum jl_rc jl_wire_op_canonical(struct jl_bytes bytes, struct jl_err *err) {
    struct jl_reader reader = {.rest = bytes};
    uint64_t before = 0;
    enum jl_rc rc = JL_OK;
    while (rc == JL_OK && reader.rest.size > 0) {
        uint64_t tag = 0;
        rc = jl_reader_varint(&reader, &tag, err);
        if (rc == JL_OK && tag >> 3 <= before) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES,
                               "field %" PRIu64 " stands behind field %" PRIu64, tag >> 3, before);
        }
        before = tag >> 3;
        if (rc == JL_OK) {
            rc = check_part(&reader, before, (unsigned)tag & 7, err);
        }
    }
    return rc;
}

/* ---- Rows ---- */

static enum jl_rc check_row(const struct jl_feed_row *row, struct jl_err *err) {
    enum jl_rc rc =
        jl_form_check_range((uint64_t)row->kind, ROW_ENTER, ROW_DELETE, "row kind", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(row->row.type, 1, UINT32_MAX, "record type", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_text(row->by_staff, JL_STAFF_MAX_BYTES, "a login name", err);
    }
    return rc != JL_OK ? rc : jl_form_check_text(row->title, JL_OP_MAX_BYTES, "a title", err);
}

static enum jl_rc encode_row(const struct jl_feed_row *row, struct jl_buf *out,
                             struct jl_err *err) {
    size_t start = out->size;
    enum jl_rc rc = jl_form_own_fault(check_row(row, err), err);
    if (rc == JL_OK) {
        rc = jl_fields_encode(row->row.fields, row->row.field_count, out, err);
    }
    size_t fields_size = out->size - start;
    if (rc == JL_OK) {
        rc = jl_buf_reserve(
            out, PACKED_EXTRA_BYTES + row->by_staff.size + row->title.size + fields_size, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    Jielian__Row packed = JIELIAN__ROW__INIT;
    packed.kind = (uint32_t)row->kind;
    packed.type = row->row.type;
    packed.id = jl_form_lend(row->row.id.bytes, sizeof row->row.id.bytes);
    packed.owner = row->row.owner;
    packed.changed_ms = row->changed_ms;
    packed.by_device = row->by_device;
    packed.by_staff = jl_form_lend_bytes(row->by_staff);
    packed.fields = jl_form_lend(out->data + start, fields_size);
    packed.title = jl_form_lend_bytes(row->title);
    return pack_over(&packed.base, start, out, "a row", err);
}

enum jl_rc jl_wire_row_encode(const struct jl_feed_row *row, struct jl_buf *out,
                              struct jl_err *err) {
    size_t start = out->size;
    enum jl_rc rc = encode_row(row, out, err);
    if (rc != JL_OK) {
        out->size = start;
    }
    return rc;
}

static enum jl_rc decode_row(struct jl_bytes bytes, struct jl_arena *arena, struct jl_feed_row *row,
                             struct jl_err *err) {
    ProtobufCMessage *message = NULL;
    enum jl_rc rc = unpack(&jielian__row__descriptor, bytes, arena, &message, err);
    if (rc != JL_OK) {
        return rc;
    }
    const Jielian__Row *packed = (const Jielian__Row *)message;
    rc = jl_form_check_range(packed->kind, ROW_ENTER, ROW_DELETE, "row kind", err);
    if (rc == JL_OK) {
        rc = jl_form_take(packed->id, row->row.id.bytes, sizeof row->row.id.bytes, "an id", err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    row->kind = (int)packed->kind;
    row->row.type = packed->type;
    row->row.owner = packed->owner;
    row->row.deleted = row->kind == ROW_DELETE;
    row->changed_ms = packed->changed_ms;
    row->by_device = packed->by_device;
    row->by_staff = jl_form_view(packed->by_staff);
    row->title = jl_form_view(packed->title);
    rc = check_row(row, err);
    return rc != JL_OK ? rc
                       : decode_fields(packed->fields, false, arena, &row->row.fields,
                                       &row->row.field_count, err);
}

enum jl_rc jl_wire_row_decode(struct jl_bytes bytes, struct jl_arena *arena,
                              struct jl_feed_row *out_row, struct jl_err *err) {
    struct jl_feed_row row = {0};
    enum jl_rc rc = decode_row(bytes, arena, &row, err);
    if (rc != JL_OK) {
        return jl_fault_wrap(err, JL_FAULT_PART, "%s", "row");
    }
    *out_row = row;
    return JL_OK;
}
