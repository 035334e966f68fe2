#include "roster_list.h"
#include "district.h"

#include "jielian/base/fault.h"

#include <stddef.h>

static const struct jl_column office_columns[] = {
    {"number", "编号", "number", JL_COLUMN_U32, offsetof(struct jl_roster_office, number), NULL},
    {"code", "代码", "code", JL_COLUMN_TEXT, offsetof(struct jl_roster_office, code), NULL},
    {"name", "名称", "name", JL_COLUMN_TEXT, offsetof(struct jl_roster_office, name), NULL},
    {"devices", "设备", "devices", JL_COLUMN_U64, offsetof(struct jl_roster_office, devices), NULL},
};

static const struct jl_column device_columns[] = {
    {"id", "设备", "device", JL_COLUMN_U32, offsetof(struct jl_roster_device, number), NULL},
    {"office", "镇街", "office", JL_COLUMN_TEXT, offsetof(struct jl_roster_device, office), NULL},
    {"state", "状态", "state", JL_COLUMN_TEXT, offsetof(struct jl_roster_device, state), NULL},
    {"name", "名称", "name", JL_COLUMN_TEXT, offsetof(struct jl_roster_device, name), NULL},
    {"last_seen", "最近联系", "seen", JL_COLUMN_TIME,
     offsetof(struct jl_roster_device, last_seen_ms), NULL},
    {"version", "版本", "version", JL_COLUMN_TEXT, offsetof(struct jl_roster_device, version),
     NULL},
};

static uint64_t devices_of(const struct jl_district *district, uint32_t office) {
    uint64_t count = 0;
    for (size_t i = 0; i < district->device_count; i++) {
        const struct jl_device *device = &district->devices[i];
        count += device->office == office && device->state != JL_DEVICE_REVOKED;
    }
    return count;
}

enum jl_rc jl_roster_list_offices(const struct jl_district *district, struct jl_arena *arena,
                                  struct jl_rows *out_rows, struct jl_err *err) {
    struct jl_roster_office *rows =
        jl_arena_zalloc(arena, district->office_count + 1, sizeof *rows);
    if (rows == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < district->office_count; i++) {
        const struct jl_office_entry *office = &district->offices[i];
        rows[i] = (struct jl_roster_office){.number = office->number,
                                            .code = office->code,
                                            .name = office->name,
                                            .devices = devices_of(district, office->number)};
    }
    *out_rows = (struct jl_rows){rows, district->office_count, sizeof *rows, office_columns,
                                 sizeof office_columns / sizeof *office_columns};
    return JL_OK;
}

const char *jl_roster_list_state(enum jl_device_state state) {
    switch (state) {
    case JL_DEVICE_ACTIVE:
        return "active";
    case JL_DEVICE_SUSPENDED:
        return "suspended";
    case JL_DEVICE_REVOKED:
        break;
    }
    return "revoked";
}

enum jl_rc jl_roster_list_devices(const struct jl_district *district, struct jl_arena *arena,
                                  struct jl_rows *out_rows, struct jl_err *err) {
    struct jl_roster_device *rows =
        jl_arena_zalloc(arena, district->device_count + 1, sizeof *rows);
    if (rows == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < district->device_count; i++) {
        const struct jl_device *device = &district->devices[i];
        const struct jl_office_entry *office = jl_roster_office(district, device->office);
        rows[i] = (struct jl_roster_device){.number = device->number,
                                            .office = office != NULL ? office->code : "",
                                            .state = jl_roster_list_state(device->state),
                                            .name = device->name,
                                            .last_seen_ms = device->last_seen_ms,
                                            .version = device->version};
    }
    *out_rows = (struct jl_rows){rows, district->device_count, sizeof *rows, device_columns,
                                 sizeof device_columns / sizeof *device_columns};
    return JL_OK;
}
