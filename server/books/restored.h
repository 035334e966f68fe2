/* Since the last restore: when it was, and what of each device's ops came back.
 *
 * Thread: that of the books; inside any transaction. */
#ifndef JIELIAN_SERVER_BOOKS_RESTORED_H
#define JIELIAN_SERVER_BOOKS_RESTORED_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_district;
struct jl_hello;

struct jl_restored {      /* meta `restored` */
    int64_t at_ms;        /* 0: these books were never restored */
    int64_t last_ms;      /* when the newest change in the backup was received; 0: there is none */
    uint64_t journal_seq; /* entries of the backup */
};

struct jl_returned { /* meta `back<device>`, since the last restore */
    bool heard;
    int64_t heard_ms; /* first Hello */
    uint64_t upto;    /* the lost books had confirmed the device's ops up to this number */
    uint64_t ops;     /* of these, the backup lacked so many and has them again */
};

/* What has come back from a device since the last restore. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_restored_returned(struct jl_district *district, uint32_t device,
                                              struct jl_returned *out_back, struct jl_err *err);

/* Since a restore (restored.c): read at load_state; note at Hello and after a batch. */
JL_MUST_CHECK enum jl_rc jl_restored_load(struct jl_district *district, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_restored_save(struct jl_district *district, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_restored_hello(struct jl_district *district, uint32_t device,
                                           const struct jl_hello *hello, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_restored_add(struct jl_district *district, uint32_t device,
                                         uint64_t ops, struct jl_err *err);

#endif
