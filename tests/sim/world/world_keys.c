/* Another's key file beside the books. */
#include "world_internal.h"

#include "jielian/base/file.h"
#include "jielian/base/path.h"

#include "server/judge/accept_entry.h"

#include <string.h>

enum { FILE_MAX = 64 * 1024 * 1024 };

struct kept { /* files of a folder, as they were */
    struct jl_buf books, log, keys;
};

static const char *const names[] = {"jielian.db", "jielian.db-wal", "keys"};

static void read_file(const char *folder, const char *name, struct jl_buf *out) {
    char path[JL_PATH_MAX_BYTES];
    MUST(jl_path_join(folder, name, path, sizeof path, &err));
    if (jl_file_exists(path)) {
        MUST(jl_file_read(path, FILE_MAX, out, &err));
    }
}

static void keep(const char *folder, struct kept *out) {
    struct jl_buf *const to[] = {&out->books, &out->log, &out->keys};
    for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
        read_file(folder, names[i], to[i]);
    }
}

static bool same(const struct kept *a, const struct kept *b) {
    return jl_bytes_equal(jl_buf_bytes(&a->books), jl_buf_bytes(&b->books)) &&
           jl_bytes_equal(jl_buf_bytes(&a->log), jl_buf_bytes(&b->log));
}

static void kept_fini(struct kept *kept) {
    jl_buf_fini(&kept->books);
    jl_buf_fini(&kept->log);
    jl_buf_wipe(&kept->keys);
}

static void put_keys(const char *folder, const struct jl_buf *keys) {
    char path[JL_PATH_MAX_BYTES];
    MUST(jl_path_join(folder, "keys", path, sizeof path, &err));
    MUST(jl_file_write(path, jl_buf_bytes(keys), 0600, true, &err));
}

typedef enum jl_rc (*open_fn)(void *context, struct jl_err *err);

/* Nothing has the folder open. */
static enum jl_rc try_with(const char *folder, const char *other, open_fn open, void *context) {
    struct kept before = {0};
    struct kept after = {0};
    JL_AUTO(jl_buf) foreign = {0};
    struct jl_err err = {0};
    keep(folder, &before);
    read_file(other, "keys", &foreign);
    put_keys(folder, &foreign);
    enum jl_rc rc = open(context, &err);
    keep(folder, &after);
    put_keys(folder, &before.keys);
    bool untouched = same(&before, &after);
    kept_fini(&before);
    kept_fini(&after);
    return rc == JL_DENIED && !untouched ? JL_CORRUPT : rc;
}

static enum jl_rc open_district(void *context, struct jl_err *err) {
    struct world *world = context;
    JL_AUTO_PTR(jl_district) district = NULL;
    const struct jl_district_options options = {
        .mode = JL_STORE_WRITE, .judge = jl_accept_entry, .clock = world_clock(&world->time)};
    return jl_district_open(world->district_folder, &options, &district, err);
}

enum jl_rc world_try_foreign_keys(struct world *world, const struct world_device *other) {
    jl_district_close(world->district);
    world->district = NULL;
    enum jl_rc rc = try_with(world->district_folder, other->folder, open_district, world);
    world_crash_district(world); /* is started again, and its sessions are gone */
    return rc;
}

static enum jl_rc open_office(void *context, struct jl_err *err) {
    struct world_device *device = context;
    struct jl_office *office = NULL;
    const struct jl_office_options options = {.mode = JL_STORE_WRITE,
                                              .clock = world_clock(&device->time)};
    enum jl_rc rc = jl_office_open(device->folder, &options, &office, err);
    jl_office_close(office);
    return rc;
}

enum jl_rc world_try_foreign_device_keys(struct world_device *device,
                                         const struct world_device *other) {
    world_close_device(device);
    enum jl_rc rc = try_with(device->folder, other->folder, open_office, device);
    world_reopen_device(device);
    return rc;
}
