#include "world_internal.h"

#include "jielian/base/assert.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/crypto/random.h"
#include "jielian/record/natural_key.h"
#include "server/books/admissions.h"
#include "server/books/backup.h"
#include "server/books/offices.h"
#include "server/books/own_ops.h"
#include "server/judge/accept_entry.h"
#include "tests/said.h"

#include <string.h>

/* ---- What can't be ---- */

void world_break(struct world *world, const char *where, enum jl_rc rc, const struct jl_err *err) {
    if (!world->soft) {
        fprintf(stderr, "%s: %s: %s\n", where, jl_rc_name(rc), err_said(err));
        abort();
    }
    if (world->broken[0] == '\0') {
        snprintf(world->broken, sizeof world->broken, "%s: %s: %s", where, jl_rc_name(rc),
                 err_said(err));
    }
}

bool world_passes(struct world *world, bool disk_full, enum jl_rc rc) {
    bool passes = (disk_full && rc == JL_IO) || (world->faulty && (rc == JL_IO || rc == JL_NOMEM));
    world->passed += passes ? 1 : 0;
    return passes;
}

/* ---- Time ---- */

static int64_t wall_ms(void *context) {
    const struct world_time *time = context;
    return time->world->now_ms + time->off_ms;
}

static int64_t steady_ms(void *context) {
    const struct world_time *time = context;
    return time->world->now_ms;
}

struct jl_clock world_clock(struct world_time *time) {
    return (struct jl_clock){.context = time, .wall_ms = wall_ms, .steady_ms = steady_ms};
}

void world_pass(struct world *world, int64_t ms) {
    world->now_ms += ms;
}

/* ---- District ---- */

const struct jl_type *world_type(struct jl_books *books, const char *name) {
    const struct jl_type *type = jl_catalogue_type_named(books->catalogue, name);
    if (type == NULL) {
        fprintf(stderr, "no type %s\n", name);
        abort();
    }
    return type;
}

static void set_field(struct jl_row *row, const struct jl_type *type, const char *name,
                      struct jl_value value, struct jl_arena *arena) {
    MUST(jl_row_set(row, jl_type_field_named(type, name)->number, &value, arena, &err));
}

void world_apply_catalogue(struct world *world, const char *text) {
    world->unread = WORLD_READ_ONCE;
    struct jl_books *books = world->district->books;
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *type = world_type(books, "catalogue");
    struct jl_catalogue *next = NULL;
    struct jl_book_record before = {0};
    struct jl_change change = {.kind = JL_OP_CREATE, .after = {.type = JL_TYPE_CATALOGUE}};
    MUST(jl_catalogue_parse(jl_bytes_text(text), "test catalogue", &next, &err));
    set_field(&change.after, type, "name", jl_value_cstr("district"), &arena);
    set_field(&change.after, type, "version", jl_value_int((int64_t)jl_catalogue_version(next)),
              &arena);
    set_field(&change.after, type, "body", jl_value_cstr(text), &arena);
    MUST(jl_natural_key_id(books->hasher, type, &change.after, &change.after.id, &err));
    struct jl_record_key key = {.type = JL_TYPE_CATALOGUE, .id = change.after.id};
    MUST(jl_books_load(books, &key, 1, &arena, &before, &err));
    if (before.head.rid != 0) {
        change.kind = JL_OP_EDIT;
        change.before = &before;
    }
    MUST(jl_own_ops_save(world->district, NULL, &change, 1, &err));
    jl_catalogue_free(next);
}

static void apply_shipped_catalogue(struct world *world) {
    JL_AUTO(jl_buf) text = {0};
    MUST(jl_file_read(JL_TEST_CATALOGUE, JL_CATALOGUE_MAX_BYTES, &text, &err));
    MUST(jl_buf_put_u8(&text, 0, &err));
    world_apply_catalogue(world, (const char *)text.data);
}

void world_desk_init(struct jl_desk *desk, struct world_time *time, struct jl_books *books) {
    uint8_t random[16];
    MUST(jl_random(random, sizeof random, &err));
    *desk = (struct jl_desk){.books = books, .clock = world_clock(time)};
    jl_id_source_init(&desk->ids, random);
}

void world_open_district(struct world *world) {
    world->unread = WORLD_READ_ONCE;
    struct jl_district_options options = {
        .mode = JL_STORE_WRITE, .judge = jl_accept_entry, .clock = world_clock(&world->time)};
    MUST(jl_district_open(world->district_folder, &options, &world->district, &err));
    if (world->slice_ops > 0) {
        world->district->slice.ops = world->slice_ops;
    }
    world_desk_init(&world->district_desk, &world->time, world->district->books);
    world->district_desk.save = jl_own_ops_save;
    world->district_desk.decode = jl_wire_op_decode;
    world->district_desk.save_context = world->district;
    world->district_desk.merged = jl_merged_into;
    world->district_desk.merges = true;
    world->district_desk.staff = world->district->staff;
    world->district_desk.movers = ~0u;
}

/* Sessions are memory. */
static void forget_sessions(struct world *world) {
    memset(&world->quarantine, 0, sizeof world->quarantine);
    for (size_t i = 0; i < world->device_count; i++) {
        world->devices[i].origin = 0;
        memset(world->devices[i].pulls, 0, sizeof world->devices[i].pulls);
    }
}

static void backup_path(const struct world *world, const char *ending, char *out_path,
                        size_t capacity) {
    char name[64];
    snprintf(name, sizeof name, "backup%s", ending);
    MUST(jl_path_join(world->folder, name, out_path, capacity, &err));
}

static void copy_log(const struct world *world, const char *from, const char *to) {
    char paths[2][256];
    JL_AUTO(jl_buf) text = {0};
    backup_path(world, from, paths[0], sizeof paths[0]);
    backup_path(world, to, paths[1], sizeof paths[1]);
    MUST(jl_file_read(paths[0], JL_ADMISSIONS_MAX_BYTES, &text, &err));
    MUST(jl_file_remove(paths[1], &err));
    MUST(jl_file_write(paths[1], jl_buf_bytes(&text), 0600, false, &err));
}

void world_backup(struct world *world) {
    static const char *const endings[] = {"", ".keys", ".admissions", ".admissions.then"};
    char path[256];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        backup_path(world, endings[i], path, sizeof path);
        MUST(jl_file_remove(path, &err));
    }
    backup_path(world, "", path, sizeof path);
    MUST(jl_backup_write(world->district, path, &err));
    MUST(jl_backup_keep(world->district, path, &err));
    copy_log(world, ".admissions", ".admissions.then");
}

void world_lose_log(struct world *world, bool wholly) {
    char path[256];
    backup_path(world, ".admissions", path, sizeof path);
    if (wholly) {
        MUST(jl_file_remove(path, &err));
    } else {
        copy_log(world, ".admissions.then", ".admissions");
    }
}

void world_restore(struct world *world) {
    char path[256];
    char name[32];
    jl_district_close(world->district);
    world->district = NULL;
    snprintf(name, sizeof name, "restored%zu", ++world->restores);
    backup_path(world, "", path, sizeof path);
    MUST(jl_path_join(world->folder, name, world->district_folder, sizeof world->district_folder,
                      &err));
    MUST(jl_backup_restore(world->district_folder, path, jl_bytes(NULL, 0), jl_accept_entry, &err));
    world_open_district(world);
    forget_sessions(world);
}

void world_crash_district(struct world *world) {
    jl_district_close(world->district);
    world->district = NULL;
    world_open_district(world);
    forget_sessions(world);
}

static void make_folder(struct world *world) {
    const char *where = getenv("TMPDIR");
    snprintf(world->folder, sizeof world->folder, "%.150s/jielian-world-XXXXXX",
             where != NULL ? where : "/tmp");
    if (mkdtemp(world->folder) == NULL) {
        abort();
    }
    MUST(jl_path_join(world->folder, "district", world->district_folder,
                      sizeof world->district_folder, &err));
    world->time.world = world;
}

void world_init(struct world *world, size_t offices) {
    char folder[256];
    memset(world, 0, sizeof *world);
    world_disk_install();
    world_work_install();
    world->now_ms = 1790000000000;
    make_folder(world);
    MUST(jl_district_create(world->district_folder, jl_bytes(NULL, 0), &err));
    world_open_district(world);
    MUST(jl_wire_new(world->district->keys.suite, &world->wire, &err));
    apply_shipped_catalogue(world);
    for (size_t i = 0; i < offices; i++) {
        const char code[] = {(char)('A' + (int)i), '\0'};
        snprintf(folder, sizeof folder, "%s街道总工会", code);
        MUST(jl_offices_add(world->district, code, folder, NULL, &err));
    }
}

void world_freeze(struct world *world) {
    for (size_t i = 0; i < world->device_count; i++) {
        world_close_device(&world->devices[i]);
    }
    jl_district_close(world->district);
    world->district = NULL;
}

void world_copy(struct world *world, const struct world *frozen, const bool *wanted) {
    memset(world, 0, sizeof *world);
    world->now_ms = frozen->now_ms;
    make_folder(world);
    world_copy_folder(frozen->district_folder, world->district_folder);
    world_open_district(world);
    MUST(jl_wire_new(world->district->keys.suite, &world->wire, &err));
    for (size_t i = 0; i < frozen->device_count; i++) {
        const struct world_device *from = &frozen->devices[i];
        struct world_device *device = &world->devices[world->device_count];
        if (!wanted[i]) {
            continue;
        }
        *device = (struct world_device){.world = world,
                                        .time.world = world,
                                        .number = from->number,
                                        .office_number = from->office_number};
        memcpy(device->curve_public, from->curve_public, sizeof device->curve_public);
        world_device_folder(device, ++world->device_count);
        world_copy_folder(from->folder, device->folder);
        JL_ASSERT(world_open_device(device, false));
    }
}

void world_fini(struct world *world) {
    world_disk_use(NULL);
    for (size_t i = 0; i < world->device_count; i++) {
        world_close_device(&world->devices[i]);
    }
    jl_district_close(world->district);
    jl_wire_free(world->wire);
    world_remove_folder(world->folder);
}
