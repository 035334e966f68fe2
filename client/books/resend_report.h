/* Sending again what the district does not have, and what that was: for people.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_RESEND_REPORT_H
#define JIELIAN_CLIENT_BOOKS_RESEND_REPORT_H

#include "resend.h"

struct jl_desk;
struct jl_document;

struct jl_resend_row {
    const char *type, *label; /* "": unknown to this program's catalogue */
    struct jl_id id;
    struct jl_bytes title;
    const char *state; /* "parked", "set_aside" */
    bool kept;         /* stays: the district's own to make again */
};

struct jl_resend_report {
    struct jl_id change_set; /* of all together; zeros: nothing was sent */
    bool dry_run;
    uint64_t resent;            /* of both kinds: */
    uint64_t parked, set_aside; /* without those kept */
    uint64_t kept;
    struct jl_resend_row *rows;
    size_t count, capacity;
};

/* As jl_resend_records with these states, ids and dry_run; the rest of the options is made here.
 * With ids all of them must be found before the first is sent: JL_NOT_FOUND names the one that is
 * neither parked nor set aside. Everything is in the arena. */
JL_MUST_CHECK enum jl_rc jl_resend_report(struct jl_office *office, struct jl_desk *desk,
                                          const struct jl_resend_options *wanted,
                                          struct jl_arena *arena,
                                          struct jl_resend_report *out_report, struct jl_err *err);

/* The document's members, into the open object: "resent", "parked", "set_aside", "kept", "records":
 * [{"type", "label", "id", "title", "state", "kept"}], "change_set", "dry_run". */
void jl_resend_report_write(const struct jl_resend_report *report, struct jl_document *document);

#endif
