/* What `status --json` says of the district and of this office's PCs, as the district told last:
 * nothing of it is this PC's own knowledge, and pages show it with its time.
 *
 *   district  {program, endpoints, told_at}: null when it never told (an older one does not)
 *   pcs       [{device, name, state, last_seen, proven_at, unsent, version}]; version null: not
 *             known */
#include "status.h"

#include "client/books/office_about.h"

#include "jielian/base/fault.h"
#include "jielian/store/devices.h"

static const char *state_word(uint32_t state) {
    static const char *const words[] = {[JL_DEVICE_ACTIVE] = "active",
                                        [JL_DEVICE_SUSPENDED] = "suspended",
                                        [JL_DEVICE_REVOKED] = "revoked"};
    return state >= JL_DEVICE_ACTIVE && state <= JL_DEVICE_REVOKED ? words[state] : "other";
}

static json_t *district_json(const struct jl_office_about *about) {
    json_t *endpoints = json_array();
    bool made = endpoints != NULL;
    for (size_t i = 0; made && i < about->endpoint_count; i++) {
        made = json_array_append_new(endpoints, json_string(about->endpoints[i])) == 0;
    }
    if (!made) {
        json_decref(endpoints);
        return NULL;
    }
    return json_pack("{s:s?, s:o, s:o}", "program",
                     about->program[0] != '\0' ? about->program : NULL, "endpoints", endpoints,
                     "told_at", jl_status_time(about->told_ms));
}

static json_t *pc_json(const struct jl_office_pc *pc) {
    return json_pack("{s:I, s:s, s:s, s:o, s:o, s:I, s:s?}", "device", (json_int_t)pc->device,
                     "name", pc->name, "state", state_word(pc->state), "last_seen",
                     jl_status_time(pc->last_seen_ms), "proven_at", jl_status_time(pc->proven_ms),
                     "unsent", (json_int_t)pc->unsent, "version",
                     pc->program[0] != '\0' ? pc->program : NULL);
}

enum jl_rc jl_status_about(const struct jl_office_about *about, json_t *document,
                           struct jl_err *err) {
    json_t *pcs = json_array();
    bool made = pcs != NULL;
    for (size_t i = 0; made && i < about->pc_count; i++) {
        made = json_array_append_new(pcs, pc_json(&about->pcs[i])) == 0;
    }
    made = json_object_set_new(document, "pcs", pcs) == 0 && made;
    made = json_object_set_new(document, "district",
                               about->told_ms != 0 ? district_json(about) : json_null()) == 0 &&
           made;
    return made ? JL_OK : jl_fault_memory(err);
}
