/* What no accident on the way does: an op that somebody changed in passing, and a row that is not
 * what was stored. The first must be refused, the second found by the next proof and repaired. */
#include "sim.h"

#include "jielian/base/assert.h"
#include "jielian/catalogue/catalogue.h"

#include <string.h>

/* The last op of a batch gets another time, and the frame is made anew around it: everything but
 * the signature fits. false: the frame is no batch. */
static bool forge(struct sim *sim, struct world_frame *frame) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) bytes = {0};
    struct jl_buf forged = {0};
    struct jl_message message;
    struct jl_op op;
    struct jl_err err;
    struct jl_wire *wire = sim->world.wire;
    if (jl_wire_decode(wire, jl_buf_bytes(&frame->bytes), &arena, &message, &err) != JL_OK ||
        message.kind != JL_MESSAGE_PUSH) {
        return false;
    }
    struct jl_bytes *last = &message.as.push.ops[message.as.push.count - 1];
    if (jl_wire_op_decode(*last, &arena, &op, &err) != JL_OK) {
        return false;
    }
    op.made_ms++;
    JL_ASSERT(jl_wire_op_encode(&op, &bytes, &err) == JL_OK);
    *last = jl_buf_bytes(&bytes);
    JL_ASSERT(jl_wire_encode(wire, &message, &forged, &err) == JL_OK);
    jl_buf_fini(&frame->bytes);
    frame->bytes = forged;
    return true;
}

void sim_forge(struct sim *sim) {
    for (size_t i = 0; i < sim->world.device_count; i++) {
        struct world_device *device = &sim->world.devices[i];
        /* Quarantine takes what comes and checks it when the device is let in and sends it again.
         */
        if (world_state(device) != JL_DEVICE_ACTIVE) {
            continue;
        }
        for (size_t k = 0; k < device->outbox_count; k++) {
            if (forge(sim, &device->outbox[k])) {
                sim_note_fault(sim, SIM_FORGED, device);
                return;
            }
        }
    }
}

/* Row, hash and sum agree with each other, but not with the district. */
static bool spoil(struct jl_office *office, const struct jl_type *type,
                  const struct jl_record_key *key, struct jl_arena *arena) {
    struct jl_book_record record = {0};
    struct jl_err err;
    const struct jl_field *note = jl_type_field_named(type, "note");
    const struct jl_field *field = note != NULL ? note : jl_type_field_named(type, "place");
    struct jl_value value = jl_value_cstr("损");
    if (field == NULL || jl_books_load(office->books, key, 1, arena, &record, &err) != JL_OK ||
        record.head.rid == 0 || record.head.state != JL_RECORD_LIVE ||
        jl_office_pending(office, &record.head)) {
        return false;
    }
    struct jl_head before = record.head;
    struct jl_row row_before = record.row;
    struct jl_book_write write = {.record = &record, .before = &row_before};
    if (jl_row_dup(arena, &row_before, &record.row, &err) != JL_OK ||
        jl_row_set(&record.row, field->number, &value, arena, &err) != JL_OK ||
        jl_books_write(office->books, &write, 1, arena, &err) != JL_OK) {
        return false;
    }
    jl_office_recount(office, &before, &record.head);
    return true;
}

static struct world_device *device_with(struct sim *sim, const struct sim_record *record) {
    for (size_t i = 0; i < sim->world.device_count; i++) {
        struct world_device *device = &sim->world.devices[i];
        if (device->office_number == record->office && device->office != NULL &&
            !device->disk_full) {
            return device;
        }
    }
    return NULL;
}

static bool damage(struct world_device *device, const struct sim_record *record) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err;
    struct jl_office *office = device->office;
    const struct jl_type *type = jl_catalogue_type(office->books->catalogue, record->type);
    struct jl_record_key key = {.type = record->type, .id = record->id};
    if (type == NULL || jl_office_begin(office, true, &err) != JL_OK) {
        return false;
    }
    if (!spoil(office, type, &key, &arena)) {
        jl_office_rollback(office);
        return false;
    }
    return jl_office_commit(office, &err) == JL_OK;
}

void sim_damage(struct sim *sim) {
    enum { TRIES = 8 }; /* to find a record that is at rest */
    for (int i = 0; i < TRIES; i++) {
        const struct sim_record *record = sim_any_record(sim, 0);
        struct world_device *device = record != NULL ? device_with(sim, record) : NULL;
        if (device != NULL && damage(device, record)) {
            world_hang_up(device); /* a proof under way would be about the row as it was */
            sim_note_fault(sim, SIM_DAMAGE, device);
            return;
        }
    }
}
