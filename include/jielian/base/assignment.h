/* field=value, as a person types it.
 *
 * Thread: any. */
#ifndef JIELIAN_BASE_ASSIGNMENT_H
#define JIELIAN_BASE_ASSIGNMENT_H

struct jl_assignment { /* field=value, as typed */
    const char *field; /* name or label */
    const char *value; /* "" clears */
};

#endif
