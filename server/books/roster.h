/* The roster: the district's offices, devices and the origins of their ops, as the open transaction
 * has them. Loaded whole when another process changed the books; look-ups are passes over it.
 *
 * What they return is borrowed, until the roster is loaded again.
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_ROSTER_H
#define JIELIAN_SERVER_BOOKS_ROSTER_H

#include "admissions.h"

#include "jielian/base/id.h"

struct jl_district;

struct jl_office_entry { /* from the office records */
    struct jl_id id;
    uint32_t number;
    char code[32];
    char name[128];
};

const struct jl_office_entry *jl_roster_office(const struct jl_district *district, uint32_t number);
const struct jl_office_entry *jl_roster_office_coded(const struct jl_district *district,
                                                     const char *code);

const struct jl_device *jl_roster_device(const struct jl_district *district, uint32_t number);
/* By CURVE key: any state. NULL: not enrolled. */
const struct jl_device *jl_roster_device_keyed(const struct jl_district *district,
                                               const uint8_t curve_public[static 32]);

JL_MUST_CHECK enum jl_rc jl_roster_load(struct jl_district *district, struct jl_err *err);

/* To change it; NULL: no such device. */
struct jl_device *jl_roster_device_to_change(struct jl_district *district, uint32_t number);
struct jl_origin *jl_roster_origin(struct jl_district *district, uint32_t number);
/* Office number of a reference to an office record; 0: none. */
uint32_t jl_roster_office_of_ref(const struct jl_district *district, const struct jl_value *value);

/* The highest number that the books know. */
JL_MUST_CHECK enum jl_rc jl_roster_highest(struct jl_district *district, enum jl_numbered what,
                                           uint32_t *out_highest, struct jl_err *err);

#endif
