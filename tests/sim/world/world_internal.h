/* Shared by world*.c only. */
#ifndef JIELIAN_TESTS_SIM_WORLD_INTERNAL_H
#define JIELIAN_TESTS_SIM_WORLD_INTERNAL_H

#include "tests/said.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

/* Setting up must work; a test that can't even start ends here with the reason. */
#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct jl_err err = {0};                                                                   \
        enum jl_rc must_rc = (call);                                                               \
        if (must_rc != JL_OK) {                                                                    \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, jl_rc_name(must_rc),            \
                    err_said(&err));                                                               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A fault that the test brought about: a full disk, or what makes the world `faulty`. */
bool world_passes(struct world *world, bool disk_full, enum jl_rc rc);
/* Something that can't be, happened: see `soft` in world.h. */
void world_break(struct world *world, const char *where, enum jl_rc rc, const struct jl_err *err);

/* A type that the test counts on. */
const struct jl_type *world_type(struct jl_books *books, const char *name);
struct jl_clock world_clock(struct world_time *time);
/* The district takes one frame of a device and puts its answers into the device's inbox. */
void world_serve(struct world_device *device, struct jl_bytes frame);
/* The district goes on with a pull of several pages; false: there is none. */
bool world_serve_page(struct world_device *device);
void world_drop_queues(struct world_device *device);
void world_desk_init(struct jl_desk *desk, struct world_time *time, struct jl_books *books);
/* Start the device's program; false: there is no room on its disk. */
bool world_open_device(struct world_device *device, bool staged);
void world_close_device(struct world_device *device);
void world_device_folder(struct world_device *device, size_t number);
void world_open_district(struct world *world);

/* world_work.c: SQLite is watched from the next connection on. */
void world_work_install(void);

/* world_disk.c */
void world_disk_install(void);
/* What SQLite meets from now on; left NULL: a disk with room. */
void world_disk_use(uint64_t *left);
/* A folder of plain files and folders, and its copy; aborts on failure. */
void world_copy_folder(const char *from, const char *to);
void world_remove_folder(const char *path);

#endif
