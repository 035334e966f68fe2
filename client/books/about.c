/* What the district told last of itself and of this office's PCs.
 *
 * meta `about`   the newest Welcome that told anything of it, as a frame: so it is read back by the
 *                same rules as it was taken by */
#include "office_internal.h"

#include <string.h>

static const char meta_name[] = "about";

static bool tells(const struct jl_welcome *welcome) {
    return welcome->program.size > 0 || welcome->endpoint_count > 0 || welcome->pc_count > 0;
}

enum jl_rc jl_office_about_keep(struct jl_office *office, const struct jl_welcome *welcome,
                                struct jl_err *err) {
    const struct jl_message message = {.kind = JL_MESSAGE_WELCOME, .as.welcome = *welcome};
    JL_AUTO(jl_buf) frame = {0};
    if (!tells(welcome)) {
        return JL_OK; /* an older district: what was known stays, with its time */
    }
    enum jl_rc rc = jl_wire_encode(office->wire, &message, &frame, err);
    if (rc == JL_OK) {
        rc = jl_office_begin(office, true, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_store_meta_put(office->books->store, meta_name, jl_buf_bytes(&frame), err);
    if (rc == JL_OK) {
        return jl_office_commit(office, err);
    }
    jl_office_rollback(office);
    return rc;
}

/* The wire has bounded the size. */
static void copy(char *out, size_t size, struct jl_bytes text) {
    JL_ASSERT(text.size < size);
    if (text.size > 0) {
        memcpy(out, text.data, text.size);
    }
    out[text.size] = '\0';
}

static void fill(const struct jl_welcome *welcome, struct jl_office_about *about) {
    about->told_ms = welcome->wall_ms;
    copy(about->program, sizeof about->program, welcome->program);
    about->endpoint_count = welcome->endpoint_count;
    for (size_t i = 0; i < welcome->endpoint_count; i++) {
        copy(about->endpoints[i], sizeof about->endpoints[i], welcome->endpoints[i]);
    }
    about->pc_count = welcome->pc_count;
    for (size_t i = 0; i < welcome->pc_count; i++) {
        const struct jl_pc *from = &welcome->pcs[i];
        struct jl_office_pc *pc = &about->pcs[i];
        pc->device = from->device;
        pc->state = from->state;
        pc->last_seen_ms = from->last_seen_ms;
        pc->proven_ms = from->proven_ms;
        pc->unsent = from->unsent;
        copy(pc->name, sizeof pc->name, from->name);
        copy(pc->program, sizeof pc->program, from->program);
    }
}

enum jl_rc jl_office_about(struct jl_office *office, struct jl_office_about *out_about,
                           struct jl_err *err) {
    JL_AUTO(jl_buf) frame = {0};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message message;
    *out_about = (struct jl_office_about){0};
    enum jl_rc rc = jl_store_meta_get(office->books->store, meta_name, &frame, err);
    if (rc == JL_NOT_FOUND) {
        return JL_OK;
    }
    if (rc == JL_OK) {
        rc = jl_wire_decode(office->wire, jl_buf_bytes(&frame), &arena, &message, err);
        rc = rc == JL_PROTO || rc == JL_LIMIT || (rc == JL_OK && message.kind != JL_MESSAGE_WELCOME)
                 ? jl_fail(err, JL_CORRUPT, "what the district told of itself can't be read")
                 : rc;
    }
    if (rc == JL_OK) {
        fill(&message.as.welcome, out_about);
    }
    return rc;
}
