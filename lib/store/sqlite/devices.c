/* Devices, origins and invitations. The lists are short and read whole. */
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/store/devices.h"

#include <inttypes.h>
#include <string.h>

/* A fixed text field; the table may have been edited by hand, so the length is not trusted. */
static enum jl_rc get_text(const struct jl_sql *sql, int column, char *out_text, size_t capacity,
                           struct jl_err *err) {
    struct jl_bytes bytes = jl_sql_get_bytes(sql, column);
    if (bytes.size >= capacity) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED,
                           "%s" JL_AND "%s: %s has more than %zu bytes", sql->store->path,
                           sql->step, sqlite3_column_name(sql->stmt, column), capacity - 1);
    }
    memset(out_text, 0, capacity);
    if (bytes.size > 0) {
        memcpy(out_text, bytes.data, bytes.size);
    }
    return JL_OK;
}

static void bind_text(struct jl_sql *sql, const char *text, size_t capacity) {
    jl_sql_text(sql, jl_bytes(text, strnlen(text, capacity)));
}

/* Reads one row into a zeroed item. */
typedef enum jl_rc (*read_fn)(const struct jl_sql *sql, void *out_item, struct jl_err *err);

struct list {
    enum jl_sql_id id;
    size_t item_bytes;
    read_fn read;
    void *items;
    size_t count;
};

static enum jl_rc read_list(struct jl_store *store, struct list *list, struct jl_arena *arena,
                            struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, list->id, &sql, err);
    size_t capacity = 0;
    bool row = false;
    while (rc == JL_OK && (rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        list->items = jl_arena_grow(arena, list->items, list->count, &capacity, list->item_bytes);
        if (list->items == NULL) {
            return jl_fault_memory(err);
        }
        rc = list->read(&sql, (uint8_t *)list->items + list->count * list->item_bytes, err);
        list->count++;
    }
    return rc;
}

/* ---- Devices ---- */

/* As long as its suite's keys are, which may be one that this program does not know. */
static enum jl_rc get_sign_key(const struct jl_sql *sql, struct jl_device *device,
                               struct jl_err *err) {
    struct jl_bytes key = jl_sql_get_bytes(sql, 4);
    if (key.size == 0 || key.size > sizeof device->sign_public || device->suite == 0) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED,
                           "%s" JL_AND "device %" PRIu32 " has no signing key", sql->store->path,
                           device->number);
    }
    device->sign_public_bytes = (uint32_t)key.size;
    memcpy(device->sign_public, key.data, key.size);
    return JL_OK;
}

static enum jl_rc read_device(const struct jl_sql *sql, void *out_item, struct jl_err *err) {
    struct jl_device *device = out_item;
    int64_t state = jl_sql_get_int(sql, 2);
    if (state < JL_DEVICE_ACTIVE || state > JL_DEVICE_REVOKED) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED,
                           "%s" JL_AND "device %lld has no known state", sql->store->path,
                           (long long)jl_sql_get_int(sql, 0));
    }
    *device = (struct jl_device){
        .number = jl_sql_get_u32(sql, 0),
        .office = jl_sql_get_u32(sql, 1),
        .state = (enum jl_device_state)state,
        .last_seen_ms = jl_sql_get_int(sql, 6),
        .proven_ms = jl_sql_get_int(sql, 7),
        .unsent = jl_sql_get_u64(sql, 8),
        .oldest_unsent_s = jl_sql_get_u64(sql, 9),
        .parked = jl_sql_get_u64(sql, 10),
        .cases = jl_sql_get_u64(sql, 11),
        .repairs = jl_sql_get_u64(sql, 12),
        .refused = jl_sql_get_u64(sql, 13),
        .disk_free_mib = jl_sql_get_u64(sql, 14),
        .clock_offset_ms = jl_sql_get_int(sql, 15),
        .suite = jl_sql_get_u32(sql, 17),
    };
    enum jl_rc rc =
        jl_sql_get_fixed(sql, 3, device->curve_public, sizeof device->curve_public, false, err);
    if (rc == JL_OK) {
        rc = get_sign_key(sql, device, err);
    }
    if (rc == JL_OK) {
        rc = get_text(sql, 5, device->name, sizeof device->name, err);
    }
    return rc == JL_OK ? get_text(sql, 16, device->version, sizeof device->version, err) : rc;
}

enum jl_rc jl_devices_all(struct jl_store *store, struct jl_arena *arena,
                          struct jl_device **out_devices, size_t *out_count, struct jl_err *err) {
    struct list list = {
        .id = JL_SQL_DEVICES, .item_bytes = sizeof(struct jl_device), .read = read_device};
    enum jl_rc rc = read_list(store, &list, arena, err);
    if (rc == JL_OK) {
        *out_devices = list.items;
        *out_count = list.count;
    }
    return rc;
}

enum jl_rc jl_devices_put(struct jl_store *store, const struct jl_device *device,
                          struct jl_err *err) {
    JL_ASSERT(device->suite > 0 && device->sign_public_bytes > 0 &&
              device->sign_public_bytes <= sizeof device->sign_public);
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_DEVICE_PUT, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, device->number);
    jl_sql_int(&sql, device->office);
    jl_sql_int(&sql, (int64_t)device->state);
    jl_sql_blob(&sql, jl_bytes(device->curve_public, sizeof device->curve_public));
    jl_sql_blob(&sql, jl_bytes(device->sign_public, device->sign_public_bytes));
    bind_text(&sql, device->name, sizeof device->name - 1);
    jl_sql_int(&sql, device->last_seen_ms);
    jl_sql_int(&sql, device->proven_ms);
    /* What a device says of itself may be anything; its bits are kept, not its order. */
    jl_sql_int(&sql, (int64_t)device->unsent);
    jl_sql_int(&sql, (int64_t)device->oldest_unsent_s);
    jl_sql_int(&sql, (int64_t)device->parked);
    jl_sql_int(&sql, (int64_t)device->cases);
    jl_sql_int(&sql, (int64_t)device->repairs);
    jl_sql_int(&sql, (int64_t)device->refused);
    jl_sql_int(&sql, (int64_t)device->disk_free_mib);
    jl_sql_int(&sql, device->clock_offset_ms);
    bind_text(&sql, device->version, sizeof device->version - 1);
    jl_sql_int(&sql, device->suite);
    return jl_sql_run(&sql, err);
}

/* ---- Origins ---- */

static enum jl_rc read_origin(const struct jl_sql *sql, void *out_item, struct jl_err *err) {
    struct jl_origin *origin = out_item;
    *origin = (struct jl_origin){
        .number = jl_sql_get_u32(sql, 0),
        .device = jl_sql_get_u32(sql, 1),
        .last_seq = jl_sql_get_u64(sql, 3),
        .cursor = {jl_sql_get_u64(sql, 5), jl_sql_get_u64(sql, 6)},
        .retired = jl_sql_get_int(sql, 7) != 0,
    };
    enum jl_rc rc =
        jl_sql_get_fixed(sql, 2, origin->incarnation, sizeof origin->incarnation, false, err);
    return rc == JL_OK
               ? jl_sql_get_fixed(sql, 4, origin->last_hash, sizeof origin->last_hash, false, err)
               : rc;
}

enum jl_rc jl_devices_origins(struct jl_store *store, struct jl_arena *arena,
                              struct jl_origin **out_origins, size_t *out_count,
                              struct jl_err *err) {
    struct list list = {
        .id = JL_SQL_ORIGINS, .item_bytes = sizeof(struct jl_origin), .read = read_origin};
    enum jl_rc rc = read_list(store, &list, arena, err);
    if (rc == JL_OK) {
        *out_origins = list.items;
        *out_count = list.count;
    }
    return rc;
}

enum jl_rc jl_devices_put_origin(struct jl_store *store, const struct jl_origin *origin,
                                 struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_ORIGIN_PUT, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, origin->number);
    jl_sql_int(&sql, origin->device);
    jl_sql_blob(&sql, jl_bytes(origin->incarnation, sizeof origin->incarnation));
    jl_sql_seq(&sql, origin->last_seq);
    jl_sql_blob(&sql, jl_bytes(origin->last_hash, sizeof origin->last_hash));
    jl_sql_int(&sql, (int64_t)origin->cursor[0]);
    jl_sql_int(&sql, (int64_t)origin->cursor[1]);
    jl_sql_int(&sql, origin->retired ? 1 : 0);
    return jl_sql_run(&sql, err);
}

/* ---- Invitations ---- */

static enum jl_rc read_invitation(const struct jl_sql *sql, void *out_item, struct jl_err *err) {
    struct jl_invitation *invitation = out_item;
    *invitation = (struct jl_invitation){
        .number = jl_sql_get_u32(sql, 0),
        .office = jl_sql_get_u32(sql, 1),
        .expires_ms = jl_sql_get_int(sql, 3),
        .used_ms = jl_sql_get_int(sql, 4),
        .device = jl_sql_get_u32(sql, 5),
    };
    return jl_sql_get_fixed(sql, 2, invitation->curve_public, sizeof invitation->curve_public,
                            false, err);
}

enum jl_rc jl_devices_invitations(struct jl_store *store, struct jl_arena *arena,
                                  struct jl_invitation **out_invitations, size_t *out_count,
                                  struct jl_err *err) {
    struct list list = {.id = JL_SQL_INVITATIONS,
                        .item_bytes = sizeof(struct jl_invitation),
                        .read = read_invitation};
    enum jl_rc rc = read_list(store, &list, arena, err);
    if (rc == JL_OK) {
        *out_invitations = list.items;
        *out_count = list.count;
    }
    return rc;
}

enum jl_rc jl_devices_put_invitation(struct jl_store *store, const struct jl_invitation *invitation,
                                     struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_INVITATION_PUT, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, invitation->number);
    jl_sql_int(&sql, invitation->office);
    jl_sql_blob(&sql, jl_bytes(invitation->curve_public, sizeof invitation->curve_public));
    jl_sql_int(&sql, invitation->expires_ms);
    jl_sql_int(&sql, invitation->used_ms);
    jl_sql_int(&sql, invitation->device);
    return jl_sql_run(&sql, err);
}
