/* What happens to machines, disks, clocks, devices and the catalogue. */
#include "sim.h"

#include "jielian/catalogue/catalogue.h"
#include "jielian/record/natural_key.h"
#include "tests/said.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAY_MS = 86400 * 1000,
    DISK_STEPS_MAX = 60, /* a disk stays full for so many steps */
    DISK_LEFT_MAX = 256 * 1024,
    CATALOGUES_MAX = 6,
};

const char *const sim_fault_names[SIM_FAULTS] = {SIM_FAULT_LIST(SIM_NAME)};

void sim_note_fault(struct sim *sim, enum sim_fault fault, const struct world_device *device) {
    sim->out->tally.faults[fault]++;
    if (device != NULL) {
        sim_trace(sim, "%s, device %zu", sim_fault_names[fault], sim_number_of(sim, device));
    } else {
        sim_trace(sim, "%s", sim_fault_names[fault]);
    }
}

/* ---- Disks lost and found ---- */

static void put_back(struct sim *sim, struct world_device *device) {
    size_t number = sim_number_of(sim, device);
    if (device->office == NULL) {
        return;
    }
    if (!sim->kept[number]) {
        sim->kept_pos[number] = device->office->state.head_pos;
        world_keep_device(device);
        sim->kept[number] = true;
        sim_trace(sim, "a copy of device %zu is kept", number);
        return;
    }
    if (!sim_oracle_before_loss(sim)) {
        return;
    }
    world_put_back_device(device);
    sim_note_fault(sim, SIM_PUT_BACK, device);
    sim->oracle.noted[number] = sim->kept_pos[number];
    for (size_t i = 0; i < sim->oracle.op_count; i++) {
        struct sim_op *op = &sim->oracle.ops[i];
        op->off_disk = op->off_disk || (op->device == number && op->pos > sim->kept_pos[number]);
    }
    sim_oracle_after_loss(sim, false);
}

static void copy_pc(struct sim *sim, struct world_device *device) {
    size_t number = sim_number_of(sim, device);
    if (sim->clones == SIM_CLONES_MAX || device->office == NULL) {
        return;
    }
    sim->clones++;
    sim->oracle.noted[sim->world.device_count] = sim->oracle.noted[number];
    world_clone(device);
    sim_note_fault(sim, SIM_CLONE, device);
}

/* ---- Full disks ---- */

static void fill_disk(struct sim *sim, struct world_device *device) {
    bool district = sim_draw(sim, 3) == 0;
    uint64_t left = sim_draw(sim, 4) == 0 ? 0 : sim_draw(sim, DISK_LEFT_MAX);
    size_t until = sim->step + 1 + (size_t)sim_draw(sim, DISK_STEPS_MAX);
    if (district) {
        world_fill_district_disk(&sim->world, left);
        sim->disk_until[SIM_AT_DISTRICT] = until;
    } else {
        world_fill_disk(device, left);
        sim->disk_until[sim_number_of(sim, device)] = until;
    }
    sim_note_fault(sim, SIM_DISK_FULL, district ? NULL : device);
}

void sim_end_faults(struct sim *sim, bool all) {
    struct world *world = &sim->world;
    for (size_t i = 0; i < world->device_count; i++) {
        if (all || sim->disk_until[i] <= sim->step) {
            world->devices[i].disk_full = false;
        }
        if (all) {
            world->devices[i].held_ms[0] = world->devices[i].held_ms[1] = 0;
        }
    }
    if (all || sim->disk_until[SIM_AT_DISTRICT] <= sim->step) {
        world->disk_full = false;
    }
}

/* ---- Clocks and time ---- */

/* An empty battery, a mistyped year, and back again. */
static void set_clock(struct sim *sim, struct world_device *device) {
    static const int64_t days[] = {0, 0, 0, 1, -1, 400, -400, 10000, -10000, 36500, -18000};
    static const int64_t in_2000_ms = INT64_C(946684800000);
    static const int64_t in_2099_ms = INT64_C(4070908800000);
    uint64_t which = sim_draw(sim, sizeof days / sizeof *days + 2);
    int64_t minutes = (int64_t)sim_draw(sim, 600) - 300;
    bool district = sim_draw(sim, 6) == 0;
    struct world_time *time = district ? &sim->world.time : &device->time;
    if (which < sizeof days / sizeof *days) {
        time->off_ms = days[which] * DAY_MS;
    } else {
        bool past = which == sizeof days / sizeof *days;
        time->off_ms = (past ? in_2000_ms : in_2099_ms) - sim->world.now_ms;
    }
    time->off_ms += minutes * 60000;
    sim_note_fault(sim, SIM_CLOCK, district ? NULL : device);
}

void sim_pass_time(struct sim *sim) {
    uint64_t what = sim_draw(sim, 40);
    uint64_t much = sim_draw(sim, 1000000);
    if (what == 0) { /* months */
        world_pass(&sim->world, (int64_t)(20 + much % 180) * DAY_MS);
        sim_note_fault(sim, SIM_SILENCE, NULL);
    } else if (what < 3) {
        sim_work_for_weeks(sim);
    } else if (what < 6) { /* a night */
        world_pass(&sim->world, (int64_t)(much % DAY_MS));
    } else {
        world_pass(&sim->world, (int64_t)(much % 60000));
    }
}

/* ---- Devices ---- */

static void change_state(struct sim *sim, struct world_device *device) {
    uint64_t what = sim_draw(sim, 16);
    enum jl_device_state state = world_state(device);
    if (state == JL_DEVICE_REVOKED || !world_knows(device)) {
        return; /* for good; or nobody that an operator could name */
    }
    if (state == JL_DEVICE_SUSPENDED) {
        world_set_state(device, JL_DEVICE_ACTIVE);
        sim_trace(sim, "device %zu is let in again", sim_number_of(sim, device));
        return;
    }
    if (what > 0) {
        world_set_state(device, JL_DEVICE_SUSPENDED);
        sim_note_fault(sim, SIM_SUSPEND, device);
    } else if (sim_oracle_before_loss(sim)) {
        world_set_state(device, JL_DEVICE_REVOKED);
        sim_note_fault(sim, SIM_REVOKE, device);
        sim_oracle_after_loss(sim, false);
    }
}

/* ---- The catalogue ---- */

static json_t *catalogue_now(struct sim *sim) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_books *books = sim->world.district->books;
    const struct jl_type *type = jl_catalogue_type_named(books->catalogue, "catalogue");
    struct jl_field_value name = {.field = jl_type_field_named(type, "name")->number,
                                  .value = jl_value_cstr("district")};
    struct jl_row row = {.type = JL_TYPE_CATALOGUE, .fields = &name, .field_count = 1};
    struct jl_record_key key = {.type = JL_TYPE_CATALOGUE};
    struct jl_book_record record = {0};
    struct jl_err err;
    if (jl_natural_key_id(books->hasher, type, &row, &key.id, &err) != JL_OK ||
        jl_books_load(books, &key, 1, &arena, &record, &err) != JL_OK || record.head.rid == 0) {
        sim_fail(sim, "the catalogue can't be read: %s", err_said(&err));
        return NULL;
    }
    const struct jl_value *body =
        jl_row_get(&record.row, jl_type_field_named(type, "body")->number);
    return json_loadb((const char *)body->bytes.data, body->bytes.size, 0, NULL);
}

/* The first is one that staff then fill in: see sim_staff.c. */
static void add_field(json_t *root, const char *type, json_int_t version) {
    char name[32] = "sim_extra";
    json_t *each = NULL;
    json_t *field = NULL;
    size_t i = 0;
    size_t f = 0;
    json_array_foreach(json_object_get(root, "types"), i, each) {
        json_t *fields = json_object_get(each, "fields");
        if (strcmp(json_string_value(json_object_get(each, "name")), type) != 0) {
            continue;
        }
        json_array_foreach(fields, f, field) {
            if (strcmp(json_string_value(json_object_get(field, "name")), "sim_extra") == 0) {
                snprintf(name, sizeof name, "sim_extra_%d", (int)version);
            }
        }
        json_array_append_new(fields,
                              json_pack("{s:I,s:s,s:s,s:s,s:s}", "number", 150 + version, "name",
                                        name, "kind", "text", "zh", name, "en", name));
    }
}

static void add_type(json_t *root, json_int_t version) {
    char name[32];
    snprintf(name, sizeof name, "sim_type_%d", (int)version);
    json_array_append_new(json_object_get(root, "types"),
                          json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:[s],s:[{s:i,s:s,s:s,s:s,s:s,s:b}]}",
                                    "number", 5000 + version, "name", name, "zh", name, "en", name,
                                    "owner", "office", "decides", "office", "title", "title",
                                    "fields", "number", 1, "name", "title", "kind", "text", "zh",
                                    "名称", "en", "Title", "required", 1));
}

static void add_code(json_t *root, json_int_t version) {
    char name[32];
    json_t *list = json_object_get(json_object_get(root, "code_lists"), "industry");
    snprintf(name, sizeof name, "sim_%d", (int)version);
    json_array_append_new(json_object_get(list, "codes"),
                          json_pack("{s:I,s:s,s:s,s:s}", "number", 500 + version, "key", name, "zh",
                                    name, "en", name));
}

/* A field, a type or a code more, while ops are under way. After a restore the next one builds on
 * the newest there was: whoever keeps the catalogue has the file. */
static void change_catalogue(struct sim *sim) {
    static const char *const types[] = {"union_org", "member"};
    uint64_t what = sim_draw(sim, 4);
    if (sim->catalogues == CATALOGUES_MAX || sim->world.disk_full) {
        return;
    }
    if (sim->catalogue == NULL) {
        sim->catalogue = catalogue_now(sim);
    }
    json_t *root = sim->catalogue;
    if (root == NULL) {
        return;
    }
    json_int_t version = json_integer_value(json_object_get(root, "version")) + 1;
    sim->catalogues++;
    json_object_set_new(root, "version", json_integer(version));
    if (what < 2) {
        add_field(root, types[what], version);
    } else if (what == 2) {
        add_type(root, version);
    } else {
        add_code(root, version);
    }
    char *text = json_dumps(root, JSON_COMPACT);
    world_apply_catalogue(&sim->world, text);
    free(text);
    sim_note_fault(sim, SIM_CATALOGUE, NULL);
    sim_trace(sim, "  version %d: %s", (int)version,
              what < 2    ? types[what]
              : what == 2 ? "a type"
                          : "a code");
}

/* ---- A step ---- */

void sim_fault_machine(struct sim *sim) {
    uint64_t what = sim_draw(sim, 90);
    struct world_device *device = sim_any_device(sim);
    if (what < 10) {
        world_crash_district(&sim->world);
        sim_note_fault(sim, SIM_DISTRICT_CRASH, NULL);
    } else if (what < 26) {
        sim_back_up_or_restore(sim);
    } else if (what < 30) {
        sim_close_restore(sim);
    } else if (what < 38) {
        put_back(sim, device);
    } else if (what < 42) {
        copy_pc(sim, device);
    } else if (what < 52) {
        fill_disk(sim, device);
    } else if (what < 64) {
        set_clock(sim, device);
    } else if (what < 80) {
        change_state(sim, device);
    } else if (what < 88) {
        change_catalogue(sim);
    } else {
        sim_damage(sim);
    }
}
