/* The simulator: a district and offices over the real books, everything drawn from one seed.
 *
 *   jielian-sim [--seeds N] [--first SEED] [--steps N] [--trace]
 *
 * Steps: staff actions (conflicting ones often), frames delivered one by one, and faults: frames
 * lost, doubled, reordered or cut; crashes of either side between any two steps; the district
 * restored from a backup; a PC put back to an earlier state or copied; connections dropped; time
 * passing. Then faults end, every device gets the same bounded number of steps, and these must
 * hold:
 *
 *   I1 every op of every device has a verdict, and every device proves identical (liveness);
 *   I2 an independent comparison, field by field, agrees with the proof;
 *   I3 every op that a device's disk holds is in the district's journal, byte by byte;
 *   I4 Σ unions of the offices = unions at the district;
 *   I5 the journal replays into an empty store to the same sums, its chain and signatures hold.
 *
 * A failing seed prints one line that reproduces it. */
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OFFICES = 3, DEVICES_FIRST = 4, UNIONS_MAX = 64, SETTLE_ROUNDS = 6 };

enum fault {
    FAULT_LOST,
    FAULT_DOUBLED,
    FAULT_REORDERED,
    FAULT_CUT,
    FAULT_HANG_UP,
    FAULT_DEVICE_CRASH,
    FAULT_DISTRICT_CRASH,
    FAULT_RESTORE,
    FAULT_PUT_BACK,
    FAULT_CLONE,
    FAULT_CLOCK,
    FAULT_COUNT
};
static const char *const fault_names[] = {"lost",     "doubled",      "reordered",      "cut",
                                          "hang_up",  "device_crash", "district_crash", "restore",
                                          "put_back", "clone",        "clock"};

struct totals {
    uint64_t steps, actions, faults[FAULT_COUNT];
};

struct sim {
    struct world world;
    uint64_t random;
    struct jl_id unions[UNIONS_MAX]; /* by whoever made them */
    size_t union_count;
    bool backed_up, restored;
    bool kept[WORLD_DEVICES_MAX];
    bool trace;
    struct totals *totals;
    char failure[JL_ERR_TEXT_BYTES + 64];
};

/* splitmix64 (Steele, Lea and Flood 2014) */
static uint64_t draw(struct sim *sim, uint64_t below) {
    uint64_t z = sim->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

static void trace(const struct sim *sim, const char *what, size_t number) {
    if (sim->trace) {
        printf("  %s %zu\n", what, number);
    }
}

/* ---- Staff ---- */

static struct world_device *any_device(struct sim *sim) {
    return &sim->world.devices[draw(sim, sim->world.device_count)];
}

/* Actions may be refused (the record is gone, moved on, or not theirs): people meet that too. */
static void try_set(struct jl_desk *desk, const struct jl_id *id, const char *field,
                    const char *value) {
    struct jl_assignment assignment = {.field = field, .value = value};
    struct jl_problems problems;
    struct jl_err err;
    const struct jl_type *type = jl_catalogue_type_named(desk->books->catalogue, "union_org");
    enum jl_rc rc = jl_desk_set(desk, type, id, &assignment, 1, &problems, &err);
    JL_ASSERT(rc != JL_IO && rc != JL_CORRUPT && rc != JL_NOMEM);
}

static void try_delete(struct jl_desk *desk, const struct jl_id *id) {
    struct jl_err err;
    const struct jl_type *type = jl_catalogue_type_named(desk->books->catalogue, "union_org");
    enum jl_rc rc = jl_desk_delete(desk, type, id, &err);
    JL_ASSERT(rc != JL_IO && rc != JL_CORRUPT && rc != JL_NOMEM);
}

static void add_union(struct sim *sim, struct jl_desk *desk) {
    char name[64];
    struct jl_assignment assignments[] = {{"name", name},
                                          {"org_kind", "独立基层工会"},
                                          {"founded_on", "2018-05-01"},
                                          {"status", "已建"}};
    struct jl_problems problems;
    struct jl_err err;
    struct jl_id id;
    /* Few names, so that offices often found "the same" union: a possible duplicate. */
    snprintf(name, sizeof name, "第%" PRIu64 "工会", draw(sim, 40));
    const struct jl_type *type = jl_catalogue_type_named(desk->books->catalogue, "union_org");
    enum jl_rc rc = jl_desk_add(desk, type, assignments, 4, &id, &problems, &err);
    JL_ASSERT(rc != JL_IO && rc != JL_CORRUPT && rc != JL_NOMEM);
    if (rc == JL_OK && sim->union_count < UNIONS_MAX) {
        sim->unions[sim->union_count++] = id;
    }
}

static void transfer(struct sim *sim, const struct jl_id *id) {
    struct jl_district *district = sim->world.district;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before = {0};
    struct jl_err err;
    struct jl_record_key key = {
        .type = jl_catalogue_type_named(district->books->catalogue, "union_org")->number,
        .id = *id};
    enum jl_rc rc = jl_books_load(district->books, &key, 1, &arena, &before, &err);
    if (rc != JL_OK || before.head.rid == 0 || before.row.deleted) {
        return;
    }
    struct jl_change change = {.kind = JL_OP_TRANSFER, .before = &before, .after = before.row};
    change.after.owner = 1 + (uint32_t)draw(sim, OFFICES);
    rc = jl_district_save(district, NULL, &change, 1, &err);
    JL_ASSERT(rc == JL_OK || rc == JL_MISUSE);
}

static void staff_action(struct sim *sim) {
    static const char *const fields[] = {"staff_n", "chair_name", "industry"};
    static const char *const values[3][3] = {
        {"10", "20", "30"}, {"王五", "李四", "赵六"}, {"", "制造业", "建筑业"}};
    struct world_device *device = any_device(sim);
    bool at_district = draw(sim, 6) == 0;
    struct jl_desk *desk = at_district ? &sim->world.district_desk : &device->desk;
    uint64_t what = draw(sim, 10);
    sim->totals->actions++;
    if (sim->union_count == 0 || what < 3) {
        add_union(sim, &device->desk);
        return;
    }
    const struct jl_id *id = &sim->unions[draw(sim, sim->union_count)];
    if (what < 8) {
        uint64_t field = draw(sim, 3);
        try_set(desk, id, fields[field], values[field][draw(sim, 3)]);
    } else if (what < 9) {
        try_delete(desk, id);
    } else {
        transfer(sim, id);
    }
}

/* ---- Faults ---- */

static void frame_fault(struct sim *sim, struct world_device *device) {
    bool up = draw(sim, 2) == 0;
    struct world_frame *queue = up ? device->outbox : device->inbox;
    size_t *count = up ? &device->outbox_count : &device->inbox_count;
    if (*count == 0) {
        return;
    }
    size_t at = (size_t)draw(sim, *count);
    enum fault fault = (enum fault)draw(sim, 4);
    struct jl_err err;
    switch ((int)fault) {
    case FAULT_LOST:
        jl_buf_fini(&queue[at].bytes);
        memmove(queue + at, queue + at + 1, (--*count - at) * sizeof *queue);
        break;
    case FAULT_DOUBLED:
        if (*count < WORLD_QUEUE_MAX - 8) {
            queue[*count] = (struct world_frame){0};
            JL_ASSERT(jl_buf_put(&queue[*count].bytes, queue[at].bytes.data, queue[at].bytes.size,
                                 &err) == JL_OK);
            ++*count;
        }
        break;
    case FAULT_REORDERED: {
        struct world_frame first = queue[0];
        queue[0] = queue[at];
        queue[at] = first;
        break;
    }
    default:
        queue[at].bytes.size = (size_t)draw(sim, queue[at].bytes.size + 1);
        break;
    }
    sim->totals->faults[fault]++;
}

static void put_back(struct sim *sim, struct world_device *device) {
    size_t number = (size_t)(device - sim->world.devices);
    if (!sim->kept[number]) {
        world_keep_device(device);
        sim->kept[number] = true;
        return;
    }
    world_put_back_device(device);
    sim->totals->faults[FAULT_PUT_BACK]++;
}

static void restore(struct sim *sim) {
    if (!sim->backed_up) {
        world_backup(&sim->world);
        sim->backed_up = true;
    } else if (!sim->restored) {
        world_restore(&sim->world);
        sim->restored = true;
        sim->totals->faults[FAULT_RESTORE]++;
    }
}

static void big_fault(struct sim *sim) {
    struct world_device *device = any_device(sim);
    uint64_t what = draw(sim, 40);
    enum fault fault = FAULT_COUNT;
    if (what < 10) {
        world_hang_up(device);
        fault = FAULT_HANG_UP;
    } else if (what < 20) {
        world_reopen_device(device);
        fault = FAULT_DEVICE_CRASH;
    } else if (what < 26) {
        world_crash_district(&sim->world);
        fault = FAULT_DISTRICT_CRASH;
    } else if (what < 29) {
        restore(sim);
    } else if (what < 32) {
        put_back(sim, device);
    } else if (what < 33 && sim->world.device_count < DEVICES_FIRST + 2) {
        world_clone(device);
        fault = FAULT_CLONE;
    } else {
        world_pass(&sim->world, (int64_t)draw(sim, 100000) - 20000);
        fault = FAULT_CLOCK;
    }
    trace(sim, "fault", what);
    if (fault != FAULT_COUNT) {
        sim->totals->faults[fault]++;
    }
}

static void one_step(struct sim *sim) {
    uint64_t what = draw(sim, 100);
    sim->totals->steps++;
    if (what < 18) {
        staff_action(sim);
    } else if (what < 26) {
        frame_fault(sim, any_device(sim));
    } else if (what < 28) {
        big_fault(sim);
    } else {
        struct world_device *device = any_device(sim);
        if (!world_step(device) && device->session.wake_ms > sim->world.now_ms &&
            draw(sim, 4) == 0) {
            sim->world.now_ms = device->session.wake_ms;
        }
    }
}

/* ---- Invariants ---- */

static bool fail(struct sim *sim, const char *what, size_t number) {
    snprintf(sim->failure, sizeof sim->failure, "%s (%zu)", what, number);
    return false;
}

struct op_hashes {
    struct jl_district *district;
    uint8_t (*items)[JL_HASH_BYTES];
    size_t count, capacity;
    struct jl_arena arena;
};

static enum jl_rc gather_ops(void *context, const struct jl_journal_entry *entry,
                             struct jl_err *err) {
    struct op_hashes *hashes = context;
    struct jl_message message;
    JL_AUTO(jl_buf) frame = {0};
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc = jl_books_unseal_bytes(hashes->district->books, "journal", entry->seq,
                                          entry->body, &frame, err);
    if (rc == JL_OK) {
        rc = jl_wire_decode(hashes->district->wire, jl_buf_bytes(&frame), &arena, &message, err);
    }
    for (size_t i = 0; rc == JL_OK && i < message.as.push.count; i++) {
        JL_ASSERT(hashes->count < hashes->capacity);
        rc = jl_hash(hashes->district->books->hasher, &message.as.push.ops[i], 1,
                     hashes->items[hashes->count++], err);
    }
    return rc;
}

static bool in_journal(const struct op_hashes *hashes, const uint8_t hash[static JL_HASH_BYTES]) {
    for (size_t i = 0; i < hashes->count; i++) {
        if (memcmp(hashes->items[i], hash, JL_HASH_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/* I1 and I3 for one device. */
static bool check_outbox(struct sim *sim, struct world_device *device, size_t number,
                         const struct op_hashes *hashes) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err;
    if (jl_store_outbox_range(device->office->books->store, 1, SIZE_MAX, SIZE_MAX, &arena, &entries,
                              &count, &err) != JL_OK) {
        return fail(sim, "the outbox can't be read", number);
    }
    for (size_t i = 0; i < count; i++) {
        JL_AUTO(jl_buf) plain = {0};
        uint8_t hash[JL_HASH_BYTES];
        if (entries[i].state == JL_OUTBOX_PENDING) {
            return fail(sim, "I1: an op has no verdict", number);
        }
        if (jl_books_unseal_bytes(device->office->books, "outbox", entries[i].pos, entries[i].body,
                                  &plain, &err) != JL_OK) {
            return fail(sim, "an op can't be read", number);
        }
        struct jl_bytes op = jl_bytes(plain.data + JL_HASH_BYTES, plain.size - JL_HASH_BYTES);
        JL_ASSERT(jl_hash(device->office->books->hasher, &op, 1, hash, &err) == JL_OK);
        if (!in_journal(hashes, hash)) {
            return fail(sim, "I3: an op is not in the journal", number);
        }
    }
    return true;
}

static bool check_devices(struct sim *sim) {
    struct world *world = &sim->world;
    struct op_hashes hashes = {.district = world->district, .capacity = 100000};
    struct jl_err err = {0};
    size_t members = 0;
    size_t at_offices = 0;
    hashes.items = calloc(hashes.capacity, JL_HASH_BYTES);
    bool good = jl_store_journal_read(world->district->books->store, 1, 0, gather_ops, &hashes,
                                      &err) == JL_OK;
    if (!good) {
        fail(sim, err.text, 0);
    }
    bool counted[OFFICES + 1] = {false};
    for (size_t i = 0; good && i < world->device_count; i++) {
        struct world_device *device = &world->devices[i];
        good = check_outbox(sim, device, i, &hashes) &&
               (world_same(device) || fail(sim, "I2: the rows differ", i));
        if (good && !counted[device->office_number]) {
            counted[device->office_number] = true;
            at_offices += world_count_live(device->office->books, "union_org");
        }
    }
    members = world_count_live(world->district->books, "union_org");
    if (good && members != at_offices) {
        good = fail(sim, "I4: the offices do not add up to the district", members);
    }
    free(hashes.items);
    return good;
}

static bool settle(struct sim *sim) {
    struct world *world = &sim->world;
    for (int round = 0; round < SETTLE_ROUNDS; round++) {
        for (size_t i = 0; i < world->device_count; i++) {
            if (!world_sync(&world->devices[i]) && round == SETTLE_ROUNDS - 1) {
                return fail(sim, "I1: a device does not get its proof", i);
            }
        }
    }
    return true;
}

static bool check(struct sim *sim) {
    struct jl_verify_result result;
    struct jl_err err = {0};
    if (!settle(sim) || !check_devices(sim)) {
        return false;
    }
    if (jl_district_verify(sim->world.district, NULL, &result, &err) != JL_OK) {
        return fail(sim, err.text, 0);
    }
    return result.same || fail(sim, result.difference, 0);
}

static bool run_seed(uint64_t seed, size_t steps, bool traced, struct totals *totals) {
    struct sim *sim = calloc(1, sizeof *sim);
    JL_ASSERT(sim != NULL);
    sim->random = seed;
    sim->trace = traced;
    sim->totals = totals;
    world_init(&sim->world, OFFICES);
    for (size_t i = 0; i < DEVICES_FIRST; i++) {
        world_join(&sim->world, 1 + (uint32_t)(i % OFFICES));
    }
    for (size_t i = 0; i < steps; i++) {
        one_step(sim);
    }
    bool good = check(sim);
    if (!good) {
        printf("FAILED %s: jielian-sim --first %" PRIu64 " --seeds 1 --steps %zu\n", sim->failure,
               seed, steps);
    }
    world_fini(&sim->world);
    free(sim);
    return good;
}

static uint64_t number(const char *text, const char *name) {
    char *end = NULL;
    uint64_t value = text != NULL ? strtoull(text, &end, 10) : 0;
    if (text == NULL || end == text || *end != '\0') {
        fprintf(stderr, "%s needs a number\n", name);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv) {
    uint64_t seeds = 20;
    uint64_t first = 1;
    uint64_t steps = 300;
    bool traced = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seeds") == 0) {
            seeds = number(argv[++i], "--seeds");
        } else if (strcmp(argv[i], "--first") == 0) {
            first = number(argv[++i], "--first");
        } else if (strcmp(argv[i], "--steps") == 0) {
            steps = number(argv[++i], "--steps");
        } else if (strcmp(argv[i], "--trace") == 0) {
            traced = true;
        } else {
            fprintf(stderr, "jielian-sim [--seeds N] [--first SEED] [--steps N] [--trace]\n");
            return 2;
        }
    }
    struct totals totals = {0};
    uint64_t failed = 0;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        failed += run_seed(seed, steps, traced, &totals) ? 0 : 1;
    }
    printf("%" PRIu64 " seeds, %" PRIu64 " steps, %" PRIu64 " actions;", seeds, totals.steps,
           totals.actions);
    for (int i = 0; i < FAULT_COUNT; i++) {
        printf(" %s %" PRIu64, fault_names[i], totals.faults[i]);
    }
    printf("\n%" PRIu64 " passed, %" PRIu64 " failed\n", seeds - failed, failed);
    return failed == 0 ? 0 : 1;
}
