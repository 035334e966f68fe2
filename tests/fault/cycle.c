#include "cycle.h"

#include "next_catalogue.h"

#include "client/books/office_counts.h"
#include "server/books/verify.h"
#include "tests/sim/world/world_internal.h"

#include "jielian/base/assert.h"
#include "jielian/base/assignment.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <sqlite3.h>
#include <string.h>

/* ---- The changes ---- */

enum kind { ADD, SET, DELETE };

struct change {
    size_t device;
    enum kind kind;
    const char *type;
    const char *name; /* of what is added; NULL: `kept`, `dropped` by kind */
    const char *fields[6][2];
};

static const struct change changes[CYCLE_CHANGES] = {
    {0,
     ADD,
     "union_org",
     "甲新工会",
     {{"org_kind", "独立基层工会"}, {"founded_on", "2018-05-01"}, {"status", "已建"}}},
    {0, SET, "union_org", NULL, {{"staff_n", "11"}}},
    {0,
     ADD,
     "member",
     "张三",
     {{"id_kind", "居民身份证"},
      {"id_no", "990106199001010010"},
      {"org", "共有工会"},
      {"joined_on", "2020-01-02"},
      {"m_status", "在籍"}}},
    {0, DELETE, "union_org", NULL, {{NULL, NULL}}},
    {1, SET, "union_org", NULL, {{"staff_n", "22"}}}, /* the same field: a case */
    {1,
     ADD,
     "union_org",
     "乙新工会",
     {{"org_kind", "独立基层工会"}, {"founded_on", "2018-05-01"}, {"status", "已建"}}},
    {2,
     ADD,
     "union_org",
     "丙新工会",
     {{"org_kind", "独立基层工会"}, {"founded_on", "2018-05-01"}, {"status", "已建"}}},
};

struct named {
    struct jl_books *books;
    const char *name;
    size_t count;
};

static enum jl_rc count_named(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct named *named = context;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    enum jl_rc rc = jl_books_unseal(named->books, stored, &arena, &record, err);
    if (rc == JL_OK && stored->head.state == JL_RECORD_LIVE) {
        const struct jl_type *type = jl_catalogue_type(named->books->catalogue, stored->head.type);
        const struct jl_value *value =
            jl_row_get(&record.row, jl_type_field_named(type, "name")->number);
        named->count += value != NULL && jl_bytes_equal(value->bytes, jl_bytes_text(named->name));
    }
    return rc;
}

/* How many living records of a type have this name. */
static size_t have(struct jl_books *books, const char *type, const char *name) {
    struct named named = {.books = books, .name = name};
    struct jl_scan scan = {.type = world_type(books, type)->number};
    MUST(jl_records_scan(books->store, &scan, count_named, &named, &err));
    return named.count;
}

static enum jl_rc make(struct cycle *cycle, const struct change *change, struct jl_err *err) {
    struct jl_desk *desk = &cycle->world.devices[change->device].desk;
    const struct jl_type *type = world_type(desk->books, change->type);
    struct jl_assignment list[7];
    struct jl_problems problems;
    struct jl_id id;
    size_t count = 0;
    if (change->name != NULL) {
        list[count++] = (struct jl_assignment){.field = "name", .value = change->name};
    }
    for (size_t i = 0; i < 6 && change->fields[i][0] != NULL; i++) {
        list[count++] =
            (struct jl_assignment){.field = change->fields[i][0], .value = change->fields[i][1]};
    }
    switch (change->kind) {
    case ADD:
        return jl_desk_add(desk, type, list, count, &id, &problems, err);
    case SET:
        return jl_desk_set(desk, type, &cycle->kept, list, count, &problems, err);
    case DELETE:
        break;
    }
    return jl_desk_delete(desk, type, &cycle->dropped, err);
}

/* After a restart: what was not acknowledged may be there all the same, whole, or not at all. */
static bool is_there(struct cycle *cycle, const struct change *change) {
    struct jl_books *books = cycle->world.devices[change->device].office->books;
    switch (change->kind) {
    case ADD:
        return have(books, change->type, change->name) > 0;
    case SET:
        return strcmp(world_get(books, change->type, &cycle->kept, change->fields[0][0]),
                      change->fields[0][1]) == 0;
    case DELETE:
        break;
    }
    return world_get(books, change->type, &cycle->dropped, "name")[0] == '\0';
}

/* ---- Running ---- */

static bool passes(struct cycle *cycle, const char *where, enum jl_rc rc,
                   const struct jl_err *err) {
    if (!world_passes(&cycle->world, false, rc)) {
        world_break(&cycle->world, where, rc, err);
    }
    return true;
}

static bool make_changes(struct cycle *cycle, size_t device, bool stop_at_fault) {
    for (size_t i = 0; i < CYCLE_CHANGES; i++) {
        struct jl_err err = {0};
        if (changes[i].device != device) {
            continue;
        }
        while (!cycle->done[i]) {
            enum jl_rc rc = make(cycle, &changes[i], &err);
            cycle->done[i] = rc == JL_OK;
            if (rc != JL_OK && passes(cycle, "a change", rc, &err) && stop_at_fault) {
                return false;
            }
        }
    }
    return true;
}

static bool scrub(struct cycle *cycle, bool stop_at_fault) {
    while (!cycle->scrubbed) {
        struct jl_err err = {0};
        uint64_t damaged = 0;
        enum jl_rc rc = jl_office_scrub(cycle->world.devices[1].office, &damaged, &err);
        cycle->scrubbed = rc == JL_OK;
        if (rc != JL_OK && passes(cycle, "scrub", rc, &err) && stop_at_fault) {
            return false;
        }
    }
    return true;
}

/* As world_sync, over programs that may have ended. */
static bool talk(struct cycle *cycle, struct world_device *device, bool stop_at_fault) {
    enum { STEPS_MAX = 20000, QUIET_MAX = 200 };
    struct world *world = &cycle->world;
    int quiet = 0;
    world_hang_up(device);
    for (int i = 0; i < STEPS_MAX && quiet < QUIET_MAX; i++) {
        struct jl_session_facts facts;
        if (stop_at_fault && world->passed > 0) {
            return false;
        }
        if (device->office != NULL) {
            jl_office_facts(device->office, &facts);
        }
        if (device->office != NULL && device->session.heads_known &&
            device->inbox_count + device->outbox_count == 0 &&
            !jl_session_busy(&device->session, &facts)) {
            return true;
        }
        if (world_step(device)) {
            quiet = 0;
        } else if (++quiet > 2 && device->session.wake_ms > world->now_ms) {
            world->now_ms = device->session.wake_ms;
        }
    }
    fprintf(stderr, "device %u does not come to a proof\n", (unsigned)device->number);
    abort();
}

bool cycle_run(struct cycle *cycle, bool stop_at_fault) {
    static const size_t order[] = {0, 1, 2, 0};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct world_device *device = &cycle->world.devices[order[i]];
        if (!make_changes(cycle, order[i], stop_at_fault) ||
            (order[i] == 1 && !scrub(cycle, stop_at_fault)) ||
            !talk(cycle, device, stop_at_fault)) {
            return false;
        }
    }
    return true;
}

void cycle_end_programs(struct cycle *cycle) {
    for (size_t i = 0; i < CYCLE_DEVICES; i++) {
        world_close_device(&cycle->world.devices[i]);
    }
    jl_district_close(cycle->world.district);
    cycle->world.district = NULL;
}

void cycle_start_programs(struct cycle *cycle) {
    cycle->world.passed = 0;
    world_open_district(&cycle->world);
    for (size_t i = 0; i < CYCLE_DEVICES; i++) {
        JL_ASSERT(world_open_device(&cycle->world.devices[i], false));
    }
    for (size_t i = 0; i < CYCLE_CHANGES; i++) {
        JL_ASSERT(!cycle->done[i] || changes[i].device == 1 || is_there(cycle, &changes[i]));
        cycle->done[i] = cycle->done[i] || is_there(cycle, &changes[i]);
    }
}

/* ---- Checking ---- */

static void expect(bool holds, const char *what, const char *text) {
    if (!holds) {
        fprintf(stderr, "%s: %s\n", what, text);
        abort();
    }
}

void cycle_check(struct cycle *cycle, const char *what, bool replay) {
    struct world *world = &cycle->world;
    struct jl_books *books = world->district->books;
    struct jl_verify_result result;
    struct jl_returned back;
    for (size_t i = 0; i < CYCLE_DEVICES; i++) {
        struct jl_office_counts counts;
        MUST(jl_office_counts_get(world->devices[i].office, &counts, &err));
        expect(counts.unsent == 0 && counts.parked == 0, what, "something is unsent or parked");
        expect(world_same(&world->devices[i]), what, "a device and the district differ");
    }
    for (size_t i = 0; i < CYCLE_CHANGES; i++) {
        if (changes[i].kind == ADD) {
            expect(have(books, changes[i].type, changes[i].name) == 1, what, changes[i].name);
        }
    }
    expect(strcmp(world_get(books, "union_org", &cycle->kept, "staff_n"), "11") == 0, what,
           "the first of two values is not in force");
    expect(strcmp(world_get(books, "union_org", &cycle->kept, "chair_name"), "李四") == 0, what,
           "a change after the backup did not come back");
    expect(have(books, "union_org", "备份后工会") == 1, what,
           "a record after the backup did not come back once");
    expect(world_get(books, "union_org", &cycle->dropped, "name")[0] == '\0', what, "a delete");
    expect(world_count(books, "case") == 1, what, "not one case");
    expect(
        strcmp(world_get(world->devices[1].office->books, "union_org", &cycle->shared, "staff_n"),
               "5") == 0,
        what, "a damaged row was not repaired");
    MUST(jl_restored_returned(world->district, world->devices[0].number, &back, &err));
    expect(back.ops == cycle->back, what, "what came back is counted wrongly");
    if (replay) {
        MUST(jl_verify_replay(world->district, NULL, &result, &err));
        expect(result.same, what, err_said(&result.difference));
    }
}

/* ---- The first world ---- */

static struct jl_id add_union(struct world_device *device, const char *name) {
    char text[256];
    snprintf(text, sizeof text,
             "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建|staff_n=5", name);
    return world_add(&device->desk, "union_org", text);
}

static void sync_all(struct world *world) {
    for (size_t i = 0; i <= CYCLE_DEVICES; i++) {
        JL_ASSERT(world_sync(&world->devices[i % CYCLE_DEVICES]));
    }
}

static void damage(struct world_device *device) {
    char path[300];
    sqlite3 *db = NULL;
    world_close_device(device);
    MUST(jl_path_join(device->folder, "jielian.db", path, sizeof path, &err));
    JL_ASSERT(sqlite3_open(path, &db) == SQLITE_OK);
    JL_ASSERT(sqlite3_exec(db, "UPDATE union_org SET staff_n = 6 WHERE name = '共有工会'", NULL,
                           NULL, NULL) == SQLITE_OK &&
              sqlite3_changes(db) == 1);
    JL_ASSERT(sqlite3_close(db) == SQLITE_OK);
    JL_ASSERT(world_open_device(device, false));
}

void cycle_prepare(struct cycle *frozen) {
    struct world *world = &frozen->world;
    world_init(world, 2);
    struct world_device *a = world_join(world, 1);
    struct world_device *b = world_join(world, 1);
    (void)world_join(world, 2);
    frozen->kept = add_union(a, "留下工会");
    frozen->dropped = add_union(a, "撤销工会");
    frozen->shared = add_union(b, "共有工会");
    sync_all(world);
    world_backup(world);
    (void)add_union(a, "备份后工会");
    world_set(&a->desk, "union_org", &frozen->kept, "chair_name=李四");
    frozen->back = 2;
    sync_all(world);
    world_restore(world);
    next_catalogue_apply(world);
    damage(b);
    world_freeze(world);
}

void cycle_open(struct cycle *cycle, const struct cycle *frozen) {
    static const bool all[WORLD_DEVICES_MAX] = {true, true, true};
    *cycle = (struct cycle){.kept = frozen->kept,
                            .dropped = frozen->dropped,
                            .shared = frozen->shared,
                            .back = frozen->back};
    world_copy(&cycle->world, &frozen->world, all);
}
