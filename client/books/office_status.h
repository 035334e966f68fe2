/* Is this office in step with the district, and what needs a person? The table of states stands in
 * office_status.c.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_OFFICE_STATUS_H
#define JIELIAN_CLIENT_BOOKS_OFFICE_STATUS_H

#include "office_about.h"
#include "office_counts.h"
#include "office_past.h"

#include "jielian/books/books.h"

struct jl_document;
struct jl_office;

enum { JL_OFFICE_STATUS_KEY_BYTES = 17 };

struct jl_office_status {
    const char *state; /* "in_sync" … */
    char office[32], name[128];
    char endpoint[JL_ENDPOINT_MAX_BYTES + 1]; /* the one that worked last, or the first to try */
    size_t endpoint_count;                    /* that are known */
    uint32_t device, office_number;
    struct jl_office_counts counts;
    int64_t proven_ms;
    int64_t deep_ms; /* the last deep proof; 0: never */
    uint32_t deep_result;
    uint64_t repairs;
    uint32_t version_needed;
    char key[JL_OFFICE_STATUS_KEY_BYTES]; /* the first bytes of the transport key, in hex */
    uint64_t catalogue;                   /* version of the one that this program works by */
    struct jl_newer newer;                /* the district's, when this program is too old for it */
    struct jl_past past;
    const char *last_stop; /* how the last program ended: "clean", "cut_off"; NULL: not known */
    struct jl_office_about about;
    bool staged;                /* the first download is not finished: */
    uint64_t expected, arrived; /* its records; expected 0: the district did not say */
    bool known;                 /* false: the first download is under way in another process */
};

/* Opens its own transaction. alive: a process with the engine is at work on this folder. key: the
 * first bytes of the transport key, for people who compare it with the district's list. Cost: that
 * of counting (office_counts.h). */
JL_MUST_CHECK enum jl_rc jl_office_status_read(struct jl_office *office, bool staged, bool alive,
                                               const char *key, struct jl_office_status *out_status,
                                               struct jl_err *err);
/* A sync ended without its proof, whatever an earlier proof covers. */
void jl_office_status_unproven(struct jl_office_status *status);
/* Nothing needs a person, and the program understands the catalogue. */
bool jl_office_status_is_good(const struct jl_office_status *status);

/* The document's members, into the open object. Among them, as the district told last, with its
 * time, which is not this PC's own knowledge:
 *
 *   district  {program, endpoints, told_at}: null when it never told (an older one does not)
 *   pcs       [{device, name, state, last_seen, proven_at, unsent, version}]; version null: not
 *             known */
void jl_office_status_write(const struct jl_office_status *status, struct jl_document *document);

#endif
