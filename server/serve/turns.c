#include "turns.h"

#include <stdlib.h>
#include <string.h>

void jl_turns_fini(struct jl_turns *turns) {
    free(turns->marks);
    *turns = (struct jl_turns){0};
}

uint64_t jl_turns_mark(const struct jl_turns *turns, uint32_t device) {
    uint64_t mark = device < turns->count ? turns->marks[device] : 0;
    return mark > turns->line ? mark : turns->line;
}

void jl_turns_take(struct jl_turns *turns, uint32_t device, int64_t cost_ms) {
    uint64_t mark = jl_turns_mark(turns, device);
    if (device >= turns->count) {
        size_t count = (size_t)device + 8 + turns->count / 2;
        uint64_t *marks = realloc(turns->marks, count * sizeof *marks);
        if (marks == NULL) {
            return;
        }
        memset(marks + turns->count, 0, (count - turns->count) * sizeof *marks);
        turns->marks = marks;
        turns->count = count;
    }
    turns->line = mark;
    turns->marks[device] = mark + 1 + (uint64_t)(cost_ms > 0 ? cost_ms : 0);
}
