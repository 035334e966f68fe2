/* The district's tables in memory: offices, devices, and the origins of their ops. */
#include "admissions.h"

#include "decisions.h"
#include "district.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"

#include <string.h>

static enum jl_rc copy_text(const struct jl_row *row, const struct jl_field *field, char *out_text,
                            size_t capacity, struct jl_err *err) {
    const struct jl_value *value = jl_row_get(row, field->number);
    size_t size = value != NULL ? value->bytes.size : 0;
    if (size >= capacity) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_OFFICE_TEXT_LONG, "%zu" JL_AND "%s",
                           capacity - 1, field->name);
    }
    memcpy(out_text, value != NULL ? (const char *)value->bytes.data : "", size);
    out_text[size] = '\0';
    return JL_OK;
}

struct load_offices {
    struct jl_district *district;
    const struct jl_type *type;
    size_t capacity;
};

static enum jl_rc load_office(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct load_offices *load = context;
    struct jl_district *district = load->district;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    enum jl_rc rc = jl_books_unseal(district->books, stored, &arena, &record, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (district->office_count == load->capacity) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_OFFICES_FULL, "%zu", load->capacity);
    }
    struct jl_office_entry *entry = &district->offices[district->office_count++];
    const struct jl_value *number = jl_row_get(&record.row, JL_OFFICE_NUMBER);
    entry->id = record.row.id;
    entry->number = number != NULL ? (uint32_t)number->number : 0;
    rc = copy_text(&record.row, jl_type_field_named(load->type, "code"), entry->code,
                   sizeof entry->code, err);
    return rc == JL_OK ? copy_text(&record.row, jl_type_field_named(load->type, "name"),
                                   entry->name, sizeof entry->name, err)
                       : rc;
}

enum jl_rc jl_roster_load(struct jl_district *district, struct jl_err *err) {
    enum { OFFICES_FIRST = JL_OFFICES_MAX };
    struct jl_arena *arena = &district->table_arena;
    struct load_offices load = {.district = district, .capacity = OFFICES_FIRST};
    struct jl_scan scan = {.type = JL_TYPE_OFFICE};
    jl_decisions_forget(district->decisions);
    jl_arena_reset(arena);
    load.type = jl_books_layout(district->books, JL_TYPE_OFFICE)->type;
    district->office_count = district->device_count = district->origin_count = 0;
    district->offices = jl_arena_zalloc(arena, OFFICES_FIRST, sizeof *district->offices);
    if (district->offices == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_devices_all(district->books->store, arena, &district->devices,
                                   &district->device_count, err);
    if (rc == JL_OK) {
        rc = jl_devices_origins(district->books->store, arena, &district->origins,
                                &district->origin_count, err);
    }
    return rc == JL_OK ? jl_records_scan(district->books->store, &scan, load_office, &load, err)
                       : rc;
}

struct jl_origin *jl_roster_origin(struct jl_district *district, uint32_t number) {
    for (size_t i = 0; i < district->origin_count; i++) {
        if (district->origins[i].number == number) {
            return &district->origins[i];
        }
    }
    return NULL;
}

const struct jl_device *jl_roster_device(const struct jl_district *district, uint32_t number) {
    for (size_t i = 0; i < district->device_count; i++) {
        if (district->devices[i].number == number) {
            return &district->devices[i];
        }
    }
    return NULL;
}

const struct jl_device *jl_roster_device_keyed(const struct jl_district *district,
                                               const uint8_t curve_public[static 32]) {
    for (size_t i = 0; i < district->device_count; i++) {
        if (memcmp(district->devices[i].curve_public, curve_public, 32) == 0) {
            return &district->devices[i];
        }
    }
    return NULL;
}

const struct jl_office_entry *jl_roster_office(const struct jl_district *district,
                                               uint32_t number) {
    for (size_t i = 0; i < district->office_count; i++) {
        if (district->offices[i].number == number) {
            return &district->offices[i];
        }
    }
    return NULL;
}

const struct jl_office_entry *jl_roster_office_coded(const struct jl_district *district,
                                                     const char *code) {
    for (size_t i = 0; i < district->office_count; i++) {
        if (strcmp(district->offices[i].code, code) == 0) {
            return &district->offices[i];
        }
    }
    return NULL;
}

uint32_t jl_roster_office_of_ref(const struct jl_district *district, const struct jl_value *value) {
    for (size_t i = 0; value != NULL && i < district->office_count; i++) {
        if (value->bytes.size == JL_ID_BYTES &&
            memcmp(district->offices[i].id.bytes, value->bytes.data, JL_ID_BYTES) == 0) {
            return district->offices[i].number;
        }
    }
    return 0;
}

struct jl_device *jl_roster_device_to_change(struct jl_district *district, uint32_t number) {
    for (size_t i = 0; i < district->device_count; i++) {
        if (district->devices[i].number == number) {
            return &district->devices[i];
        }
    }
    return NULL;
}

enum jl_rc jl_roster_highest(struct jl_district *district, enum jl_numbered what,
                             uint32_t *out_highest, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_invitation *list = NULL;
    size_t count = 0;
    uint32_t highest = 0;
    enum jl_rc rc = JL_OK;
    switch (what) {
    case JL_NUMBER_OFFICE:
        for (size_t i = 0; i < district->office_count; i++) {
            uint32_t number = district->offices[i].number;
            highest = number > highest ? number : highest;
        }
        break;
    case JL_NUMBER_DEVICE:
        for (size_t i = 0; i < district->device_count; i++) {
            uint32_t number = district->devices[i].number;
            highest = number > highest ? number : highest;
        }
        break;
    case JL_NUMBER_INVITATION:
        rc = jl_devices_invitations(district->books->store, &arena, &list, &count, err);
        for (size_t i = 0; rc == JL_OK && i < count; i++) {
            highest = list[i].number > highest ? list[i].number : highest;
        }
        break;
    case JL_NUMBERED:
        break;
    }
    *out_highest = highest;
    return rc;
}
