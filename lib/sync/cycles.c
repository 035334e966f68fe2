/* See cycles.h. */
#include "jielian/sync/cycles.h"
#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 160 }; /* six numbers at their longest take 113 */

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static void append(struct jl_cycles *cycles, size_t most, const struct jl_cycle *cycle) {
    if (cycles->count >= most) {
        size_t gone = cycles->count - most + 1;
        memmove(cycles->items, cycles->items + gone,
                (cycles->count - gone) * sizeof *cycles->items);
        cycles->count -= gone;
    }
    cycles->items[cycles->count++] = *cycle;
}

bool jl_cycles_note(struct jl_cycles *cycles, const struct jl_cycle *cycle) {
    struct jl_cycle *last = cycles->count > 0 ? &cycles->items[cycles->count - 1] : NULL;
    if (last != NULL && last->end == cycle->end && last->why == cycle->why) {
        last->count += cycle->count;
        last->ended_ms = cycle->ended_ms;
        last->longest_ms = larger(last->longest_ms, cycle->longest_ms);
        return false;
    }
    append(cycles, JL_CYCLES_MAX, cycle);
    return true;
}

static struct jl_cycle *find(struct jl_cycles *cycles, const struct jl_cycle *told) {
    for (size_t i = 0; i < cycles->count; i++) {
        struct jl_cycle *item = &cycles->items[i];
        if (item->began_ms == told->began_ms && item->end == told->end && item->why == told->why) {
            return item;
        }
    }
    return NULL;
}

void jl_cycles_merge(struct jl_cycles *cycles, const struct jl_cycle *told, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct jl_cycle *known = find(cycles, &told[i]);
        if (known != NULL) {
            *known = told[i];
        } else {
            append(cycles, JL_CYCLES_KEPT, &told[i]);
        }
    }
}

enum jl_rc jl_cycles_encode(const struct jl_cycles *cycles, struct jl_buf *out,
                            struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < cycles->count; i++) {
        const struct jl_cycle *cycle = &cycles->items[i];
        rc = jl_buf_printf(
            out, err, "%" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRId64 " %" PRId64 " %" PRIu64 "\n",
            cycle->end, cycle->why, cycle->count, cycle->began_ms, cycle->ended_ms,
            cycle->longest_ms);
    }
    return rc;
}

static enum jl_rc decode_line(const char *line, struct jl_cycles *cycles, struct jl_err *err) {
    struct jl_cycle cycle = {0};
    int end = 0;
    int count =
        sscanf(line, "%" SCNu32 " %" SCNu32 " %" SCNu64 " %" SCNd64 " %" SCNd64 " %" SCNu64 "%n",
               &cycle.end, &cycle.why, &cycle.count, &cycle.began_ms, &cycle.ended_ms,
               &cycle.longest_ms, &end);
    bool whole = count == 6 && line[end] == '\0' && cycle.end != 0 && cycle.count != 0 &&
                 cycle.count <= INT64_MAX && cycle.longest_ms <= INT64_MAX;
    if (!whole || cycles->count == JL_CYCLES_KEPT) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BYTES, "%s",
                           "what is kept of the last cycles can't be read");
    }
    cycles->items[cycles->count++] = cycle;
    return JL_OK;
}

enum jl_rc jl_cycles_decode(struct jl_bytes text, struct jl_cycles *out_cycles,
                            struct jl_err *err) {
    struct jl_cycles cycles = {0};
    while (text.size > 0) {
        char line[LINE_BYTES];
        const uint8_t *end = memchr(text.data, '\n', text.size);
        size_t size = end != NULL ? (size_t)(end - text.data) : text.size;
        if (end == NULL || size >= sizeof line) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BYTES, "%s",
                               "what is kept of the last cycles is cut off");
        }
        memcpy(line, text.data, size);
        line[size] = '\0';
        enum jl_rc rc = decode_line(line, &cycles, err);
        if (rc != JL_OK) {
            return rc;
        }
        text = jl_bytes(end + 1, text.size - size - 1);
    }
    *out_cycles = cycles;
    return JL_OK;
}

const char *jl_cycle_end_word(uint32_t end) {
    static const char *const words[] = {
        [JL_CYCLE_PROVEN] = "proven",   [JL_CYCLE_SILENT] = "silent",
        [JL_CYCLE_REFUSED] = "refused", [JL_CYCLE_DIFFERENT] = "different",
        [JL_CYCLE_STOPPED] = "stopped", [JL_CYCLE_GAVE_UP] = "gave_up",
        [JL_CYCLE_TROUBLE] = "trouble",
    };
    return end >= JL_CYCLE_PROVEN && end <= JL_CYCLE_TROUBLE ? words[end] : "other";
}
