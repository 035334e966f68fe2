/* The changes of a merge, as they are found. */
#include "merging.h"

#include "jielian/base/fault.h"

#include <string.h>

enum jl_rc jl_merging_add(struct jl_merging *merging, const struct jl_change *change,
                          struct jl_err *err) {
    if (merging->change_count == merging->change_capacity) {
        size_t capacity = merging->change_capacity > 0 ? 2 * merging->change_capacity : 64;
        struct jl_change *changes = jl_arena_zalloc(&merging->arena, capacity, sizeof *changes);
        if (changes == NULL) {
            return jl_fault_memory(err);
        }
        if (merging->change_count > 0) {
            memcpy(changes, merging->changes, merging->change_count * sizeof *changes);
        }
        merging->changes = changes;
        merging->change_capacity = capacity;
    }
    merging->changes[merging->change_count++] = *change;
    return JL_OK;
}
