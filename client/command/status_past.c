/* What `status --json` says of before: how the last program stopped, the last cycles and how they
 * ended. Pages show it; a person at the command line reads why from `sync` itself. */
#include "status.h"

#include "client/books/office_past.h"

#include "jielian/base/fault.h"
#include "jielian/cli/iso_time.h"

#include <string.h>

json_t *jl_status_time(int64_t wall_ms) {
    char text[JL_ISO_TIME_BYTES];
    if (wall_ms == 0) {
        return json_null();
    }
    jl_iso_time(wall_ms, text);
    return json_string(text);
}

/* The `why` of a refused cycle is the word of the refusal, as on the wire. */
static json_t *cycle_json(const struct jl_cycle *cycle) {
    return json_pack(
        "{s:s, s:s?, s:I, s:o, s:o, s:I}", "end", jl_cycle_end_word(cycle->end), "why",
        cycle->end == JL_CYCLE_REFUSED ? jl_wire_refuse_word((enum jl_refuse_code)cycle->why)
                                       : NULL,
        "count", (json_int_t)cycle->count, "began_at", jl_status_time(cycle->began_ms), "ended_at",
        jl_status_time(cycle->ended_ms), "longest_ms", (json_int_t)cycle->longest_ms);
}

/* A program that is at work has noted how the one before it stopped; where none is, and one was
 * at work without an end, that one was cut off. */
static enum jl_last_stop last_stop(const struct jl_past *past, bool alive) {
    if (past->at_work) {
        return alive ? past->last_stop : JL_STOP_CUT_OFF;
    }
    return past->begun ? JL_STOP_CLEAN : JL_STOP_UNKNOWN;
}

enum jl_rc jl_status_past(const struct jl_past *past, bool alive, json_t *document,
                          struct jl_err *err) {
    static const char *const words[] = {[JL_STOP_CLEAN] = "clean", [JL_STOP_CUT_OFF] = "cut_off"};
    const enum jl_last_stop stop = last_stop(past, alive);
    json_t *cycles = json_array();
    bool made = cycles != NULL;
    for (size_t i = 0; made && i < past->cycles.count; i++) {
        made = json_array_append_new(cycles, cycle_json(&past->cycles.items[i])) == 0;
    }
    made = json_object_set_new(document, "cycles", cycles) == 0 && made;
    made = json_object_set_new(document, "last_stop",
                               stop != JL_STOP_UNKNOWN ? json_string(words[stop]) : json_null()) ==
               0 &&
           made;
    return made ? JL_OK : jl_fault_memory(err);
}
