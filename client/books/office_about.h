/* What the district told of itself and of this office's PCs.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_OFFICE_ABOUT_H
#define JIELIAN_CLIENT_BOOKS_OFFICE_ABOUT_H

#include "proto/wire.h"

#include "jielian/base/rc.h"

struct jl_office;

struct jl_office_pc {
    uint32_t device;
    uint32_t state; /* 1 active 2 suspended 3 revoked, or a later program's number */
    char name[JL_PC_NAME_MAX_BYTES + 1];
    int64_t last_seen_ms, proven_ms; /* the district's clock; 0: never */
    uint64_t unsent;
    char program[16]; /* "": not known */
};
struct jl_office_about {
    int64_t told_ms;  /* the district's clock; 0: it never told */
    uint32_t rules;   /* by which the district judges; 0: not said */
    char program[16]; /* the district's own; "": not said */
    char endpoints[JL_WELCOME_ENDPOINTS_MAX][JL_ENDPOINT_MAX_BYTES + 1];
    size_t endpoint_count;
    struct jl_office_pc pcs[JL_WELCOME_PCS_MAX];
    size_t pc_count;
};
/* A transaction and one sync of the disk; nothing when the Welcome tells nothing of it. endpoint:
 * the one that it came by. */
JL_MUST_CHECK enum jl_rc jl_office_about_keep(struct jl_office *office,
                                              const struct jl_welcome *welcome,
                                              const char *endpoint, struct jl_err *err);
/* Inside any transaction: the mark of what is kept, for Hello; 0: none. */
JL_MUST_CHECK enum jl_rc jl_office_about_mark(struct jl_office *office, uint32_t *out_mark,
                                              struct jl_err *err);
/* Inside any transaction; all zero when it never told. */
JL_MUST_CHECK enum jl_rc jl_office_about(struct jl_office *office,
                                         struct jl_office_about *out_about, struct jl_err *err);

enum { JL_OFFICE_ENDPOINTS_MAX = 1 + JL_WELCOME_ENDPOINTS_MAX };
struct jl_office_about_endpoints {
    char texts[JL_OFFICE_ENDPOINTS_MAX][JL_ENDPOINT_MAX_BYTES + 1];
    const char *list[JL_OFFICE_ENDPOINTS_MAX]; /* of texts; do not copy the struct */
    size_t count;                              /* 1.. */
};
/* In the order in which to try them: the one that worked last if it still is among them, the one of
 * the invitation, those that the district announced. As told: whether they are endpoints is
 * lib/net's to see. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_office_about_endpoints(struct jl_office *office,
                                                   struct jl_office_about_endpoints *out_endpoints,
                                                   struct jl_err *err);

#endif
