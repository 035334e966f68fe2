/* What a device says of itself when it comes, and what it gets.
 *
 * Thread: the writer's. */
#ifndef JIELIAN_SERVER_BOOKS_HELLO_H
#define JIELIAN_SERVER_BOOKS_HELLO_H

#include "jielian/base/rc.h"

struct jl_district;
struct jl_hello;
struct jl_welcome;

/* Note what a device says of itself; makes its origin when the incarnation is new. An origin that
 * never had an op gives its number to the device's next one. JL_CONFLICT: the incarnation is
 * another device's; refuse with JL_REFUSE_CHAIN. JL_MISUSE: the device's keys are of another suite
 * than this district's, or its program does not know it. Nothing changed. */
JL_MUST_CHECK enum jl_rc jl_hello_note(struct jl_district *district, uint32_t device,
                                       const struct jl_hello *hello, struct jl_welcome *out_welcome,
                                       uint32_t *out_origin, struct jl_err *err);

#endif
