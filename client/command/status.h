/* The status document of the office: `status`, and `sync --json`. The table of states stands in
 * status.c.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_STATUS_H
#define JIELIAN_CLIENT_COMMAND_STATUS_H

#include "short_key.h"

#include "client/books/office_about.h"
#include "client/books/office_counts.h"
#include "client/books/office_past.h"

#include "jielian/books/books.h"

#include <jansson.h>

struct jl_cli;
struct jl_office;

struct jl_status {
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
    struct jl_short_key key;
    uint64_t catalogue;    /* version of the one that this program works by */
    struct jl_newer newer; /* the district's, when this program is too old for it */
    struct jl_past past;
    struct jl_office_about about;
    bool staged;                /* the first download is not finished: */
    uint64_t expected, arrived; /* its records; expected 0: the district did not say */
    bool alive;                 /* a process with the engine is at work on this folder */
    bool known;                 /* false: the first download is under way in another process */
};
/* alive: a process with the engine is at work on this folder. */
JL_MUST_CHECK enum jl_rc jl_status_read(struct jl_office *office, bool staged, bool alive,
                                        struct jl_status *out_status, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_status_print(const struct jl_cli *cli, const struct jl_status *status,
                                         struct jl_err *err);
/* Adds last_stop and cycles to the document (status_past.c). */
JL_MUST_CHECK enum jl_rc jl_status_past(const struct jl_past *past, bool alive, json_t *document,
                                        struct jl_err *err);
/* Adds district and pcs (status_about.c). */
JL_MUST_CHECK enum jl_rc jl_status_about(const struct jl_office_about *about, json_t *document,
                                         struct jl_err *err);
/* null for 0: a time that is not known. */
json_t *jl_status_time(int64_t wall_ms);
/* A line for stderr when this program is too old for the district's catalogue; else nothing. */
void jl_status_note_newer(const struct jl_cli *cli, const struct jl_newer *newer);
/* A sync ended without its proof, whatever an earlier proof covers. */
void jl_status_unproven(struct jl_status *status);
/* 0: in sync, nothing needs a person, and the program understands the catalogue; 3 otherwise. */
int jl_status_exit(const struct jl_status *status);

#endif
