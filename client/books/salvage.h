/* What can still be read of an office's books whose file is damaged, and how it goes into new
 * books: the device's own changes (docs/design.md section 5: a rebuild keeps the outbox), and the
 * records that only this PC has. All that the district confirmed comes from the district.
 *
 *   jl_salvage_read (the damaged file is only read)
 *     → new books, downloaded and proven → jl_salvage_apply → in place of the damaged ones
 *
 * An op counts as readable when its seal holds, so what comes out is what went in. The new books
 * have an incarnation of their own: ops without a verdict are numbered and chained anew there, and
 * the district knows those that it had after all by their bytes.
 *
 * Thread: one. */
#ifndef JIELIAN_CLIENT_OFFICE_SALVAGE_H
#define JIELIAN_CLIENT_OFFICE_SALVAGE_H

#include "office.h"

struct jl_salvaged {
    struct jl_outbox_entry entry; /* body: as stored */
    struct jl_bytes hash, op;     /* what the body holds */
};

struct jl_salvage {
    bool opened;        /* false: not even the file's first page is of use */
    bool identity_read; /* from the file, or from DIR/identity */
    bool state_read;    /* without it, how many changes are missing at the end is not known */
    bool parked_unread; /* there may be more records that only this PC has */
    struct jl_identity identity;
    struct jl_office_state state;
    struct jl_salvaged *entries; /* by position */
    size_t count, capacity;
    uint64_t unsent;               /* entries without a verdict */
    uint64_t unreadable;           /* positions that should be there and can't be read */
    uint64_t unsent_unreadable;    /* of these, without a verdict */
    uint64_t breaks;               /* readable entries that don't follow the one before */
    struct jl_book_record *parked; /* records that the district has not taken */
    size_t parked_count, parked_capacity;
    struct jl_arena arena; /* owns all of it */
};
void jl_salvage_fini(struct jl_salvage *salvage);

/* Damage is no error here, it is counted. JL_NOMEM, JL_IO, JL_BUSY; JL_DENIED: the keys are those
 * of other books. */
JL_MUST_CHECK enum jl_rc jl_salvage_read(const char *folder, const struct jl_keys *keys,
                                         struct jl_salvage *salvage, struct jl_err *err);
/* Into books that have no op of their own yet: one transaction. */
JL_MUST_CHECK enum jl_rc jl_salvage_apply(struct jl_office *office, struct jl_salvage *salvage,
                                          struct jl_err *err);

#endif
