/* How people name devices and ops that are held in quarantine. */
#include "held.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The device's present incarnation is the one that is named without it. */
void jl_held_name(const struct jl_origin *origin, uint64_t seq,
                  char out_text[static JL_HELD_NAME_BYTES]) {
    if (origin->retired) {
        snprintf(out_text, JL_HELD_NAME_BYTES, "%" PRIu32 ".%" PRIu64, origin->number, seq);
    } else {
        snprintf(out_text, JL_HELD_NAME_BYTES, "%" PRIu64, seq);
    }
}

static bool read_number(const char **text, uint64_t highest, uint64_t *out_number) {
    char *end = NULL;
    if (**text < '0' || **text > '9') {
        return false;
    }
    unsigned long long number = strtoull(*text, &end, 10);
    *text = end;
    *out_number = number;
    return number >= 1 && number <= highest;
}

static uint32_t present_origin(const struct jl_district *district, uint32_t device) {
    for (size_t i = 0; i < district->origin_count; i++) {
        if (district->origins[i].device == device && !district->origins[i].retired) {
            return district->origins[i].number;
        }
    }
    return 0;
}

/* "12", "12-15", "3.12", "3.12-15" */
enum jl_rc jl_held_run(const struct jl_desk_session *session, uint32_t device, const char *word,
                       struct jl_run *out_run, struct jl_err *err) {
    const char *rest = word;
    uint64_t number = 0;
    *out_run = (struct jl_run){.origin = present_origin(session->district, device)};
    bool good = read_number(&rest, UINT64_MAX / 2, &number);
    if (good && *rest == '.') {
        out_run->origin = (uint32_t)number;
        rest++;
        good = number <= UINT32_MAX && read_number(&rest, UINT64_MAX / 2, &number);
    }
    out_run->first_seq = out_run->last_seq = number;
    if (good && *rest == '-') {
        rest++;
        good = read_number(&rest, UINT64_MAX / 2, &out_run->last_seq);
    }
    if (!good || *rest != '\0' || out_run->last_seq < out_run->first_seq) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_HELD_WORD, "%s", word);
    }
    return JL_OK;
}

enum jl_rc jl_held_device(const struct jl_desk_session *session, const char *word,
                          uint32_t *out_device, struct jl_err *err) {
    const char *rest = word;
    uint64_t number = 0;
    if (!read_number(&rest, JL_DEVICES_MAX - 1, &number) || *rest != '\0' ||
        jl_roster_device(session->district, (uint32_t)number) == NULL) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_DEVICE_NUMBER, "%s", word);
    }
    *out_device = (uint32_t)number;
    return JL_OK;
}

enum jl_rc jl_held_missing(const char *word, struct jl_err *err) {
    return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_HELD_MISSING, "%s", word);
}
