/* Shared by world*.c only. */
#ifndef JIELIAN_TESTS_SIM_WORLD_INTERNAL_H
#define JIELIAN_TESTS_SIM_WORLD_INTERNAL_H

#include "world.h"

#include <stdio.h>
#include <stdlib.h>

/* Setting up must work; a test that can't even start ends here with the reason. */
#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct jl_err err = {0};                                                                   \
        enum jl_rc must_rc = (call);                                                               \
        if (must_rc != JL_OK) {                                                                    \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, jl_rc_name(must_rc), err.text); \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A type that the test counts on. */
const struct jl_type *world_type(struct jl_books *books, const char *name);
/* The district takes one frame of a device and puts its answers into the device's inbox. */
void world_serve(struct world_device *device, struct jl_bytes frame);
void world_drop_queues(struct world_device *device);
void world_desk_init(struct jl_desk *desk, struct world *world, struct jl_books *books);

#endif
