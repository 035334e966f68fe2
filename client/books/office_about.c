/* What the district told last of itself and of this office's PCs.
 *
 * meta `about`      the newest Welcome that told anything of it, as a frame: so it is read back by
 *                   the same rules as it was taken by. Its mark goes with each Hello, and what has
 *                   not changed since is not told again
 * meta `endpoint`   the one that the last Welcome came by, where the district announces any */
#include "office_about.h"
#include "office.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"

#include <string.h>

static const char meta_name[] = "about";
static const char meta_endpoint[] = "endpoint";

static bool tells(const struct jl_welcome *welcome) {
    return welcome->program.size > 0 || welcome->endpoint_count > 0 || welcome->pc_count > 0;
}

/* JL_NOT_FOUND: it never told. The message borrows from frame and arena. */
static enum jl_rc read_kept(struct jl_office *office, struct jl_buf *frame, struct jl_arena *arena,
                            struct jl_message *out_message, struct jl_err *err) {
    enum jl_rc rc = jl_store_meta_get(office->books->store, meta_name, frame, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_wire_decode(office->wire, jl_buf_bytes(frame), arena, out_message, err);
    return rc == JL_PROTO || rc == JL_LIMIT ||
                   (rc == JL_OK && out_message->kind != JL_MESSAGE_WELCOME)
               ? jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                             "what the district told of itself can't be read")
               : rc;
}

static enum jl_rc write_kept(struct jl_office *office, const struct jl_welcome *welcome,
                             const char *endpoint, struct jl_err *err) {
    const struct jl_message message = {.kind = JL_MESSAGE_WELCOME, .as.welcome = *welcome};
    JL_AUTO(jl_buf) frame = {0};
    enum jl_rc rc = jl_wire_encode(office->wire, &message, &frame, err);
    if (rc == JL_OK) {
        rc = jl_store_meta_put(office->books->store, meta_name, jl_buf_bytes(&frame), err);
    }
    if (rc == JL_OK && welcome->endpoint_count > 0) {
        rc = jl_store_meta_put(office->books->store, meta_endpoint, jl_bytes_text(endpoint), err);
    }
    return rc;
}

/* All is as it was told, but for what this PC has done: that it knows as well as the district. */
static enum jl_rc keep_same(struct jl_office *office, const struct jl_welcome *welcome,
                            const char *endpoint, struct jl_err *err) {
    JL_AUTO(jl_buf) frame = {0};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message message;
    struct jl_welcome *kept = &message.as.welcome;
    enum jl_rc rc = read_kept(office, &frame, &arena, &message, err);
    if (rc != JL_OK || kept->mark != welcome->mark) {
        return rc == JL_NOT_FOUND || rc == JL_CORRUPT ? JL_OK : rc; /* no answer to this Hello */
    }
    struct jl_pc *pcs = jl_arena_zalloc(&arena, JL_WELCOME_PCS_MAX, sizeof *pcs);
    if (pcs == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < kept->pc_count; i++) {
        pcs[i] = kept->pcs[i];
        if (pcs[i].device == office->identity.device) {
            pcs[i].last_seen_ms = welcome->wall_ms;
            pcs[i].proven_ms = office->state.proven_ms;
            pcs[i].unsent = jl_office_head_seq(office) - jl_office_confirmed_seq(office);
        }
    }
    kept->pcs = pcs;
    kept->wall_ms = welcome->wall_ms;
    kept->rules = welcome->rules; /* said each time */
    return write_kept(office, kept, endpoint, err);
}

enum jl_rc jl_office_about_keep(struct jl_office *office, const struct jl_welcome *welcome,
                                const char *endpoint, struct jl_err *err) {
    if (!tells(welcome) && welcome->mark == 0) {
        return JL_OK; /* an older district: what was known stays, with its time */
    }
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = tells(welcome) ? write_kept(office, welcome, endpoint, err)
                        : keep_same(office, welcome, endpoint, err);
    if (rc == JL_OK) {
        return jl_office_commit(office, err);
    }
    jl_office_rollback(office);
    return rc;
}

enum jl_rc jl_office_about_mark(struct jl_office *office, uint32_t *out_mark, struct jl_err *err) {
    JL_AUTO(jl_buf) frame = {0};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message message;
    enum jl_rc rc = read_kept(office, &frame, &arena, &message, err);
    *out_mark = rc == JL_OK ? message.as.welcome.mark : 0;
    return rc == JL_NOT_FOUND || rc == JL_CORRUPT ? JL_OK : rc; /* then it tells all anew */
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
    about->rules = welcome->rules;
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
    enum jl_rc rc = read_kept(office, &frame, &arena, &message, err);
    if (rc == JL_OK) {
        fill(&message.as.welcome, out_about);
    }
    return rc == JL_NOT_FOUND ? JL_OK : rc;
}

/* ---- Where the district can be reached ---- */

static void add_endpoint(struct jl_office_about_endpoints *endpoints, const char *text) {
    JL_ASSERT(endpoints->count < JL_OFFICE_ENDPOINTS_MAX);
    for (size_t i = 0; i < endpoints->count; i++) {
        if (strcmp(endpoints->list[i], text) == 0) {
            return;
        }
    }
    char *room = endpoints->texts[endpoints->count];
    memcpy(room, text, strlen(text) + 1);
    endpoints->list[endpoints->count++] = room;
}

/* The one that worked last goes to the front; the others keep their order. */
static enum jl_rc put_first(struct jl_office *office, struct jl_office_about_endpoints *endpoints,
                            struct jl_err *err) {
    JL_AUTO(jl_buf) last = {0};
    enum jl_rc rc = jl_store_meta_get(office->books->store, meta_endpoint, &last, err);
    for (size_t i = 1; rc == JL_OK && i < endpoints->count; i++) {
        const char *text = endpoints->list[i];
        if (jl_bytes_is(jl_buf_bytes(&last), text)) {
            memmove(&endpoints->list[1], &endpoints->list[0], i * sizeof *endpoints->list);
            endpoints->list[0] = text;
        }
    }
    return rc == JL_NOT_FOUND ? JL_OK : rc;
}

enum jl_rc jl_office_about_endpoints(struct jl_office *office,
                                     struct jl_office_about_endpoints *out_endpoints,
                                     struct jl_err *err) {
    struct jl_office_about about;
    *out_endpoints = (struct jl_office_about_endpoints){0};
    add_endpoint(out_endpoints, office->identity.endpoint);
    enum jl_rc rc = jl_office_about(office, &about, err);
    for (size_t i = 0; rc == JL_OK && i < about.endpoint_count; i++) {
        add_endpoint(out_endpoints, about.endpoints[i]);
    }
    if (rc == JL_CORRUPT) {
        return JL_OK; /* the invitation's is known, and the next Welcome tells the others anew */
    }
    return rc == JL_OK ? put_first(office, out_endpoints, err) : rc;
}
