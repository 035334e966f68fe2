/* Result codes and faults: the one way a jielian function says what went wrong.
 *
 * A result code is named by what the caller should do, not by which line failed. The caller owns
 * one `struct jl_err`; the function that finds the fault fills it by the calls of fault.h, without
 * allocating, and a caller that knows more adds to it.
 *
 * Thread: any; a `struct jl_err` belongs to one thread at a time. */
#ifndef JIELIAN_RC_H
#define JIELIAN_RC_H

#include <stddef.h>
#include <stdint.h>

#define JL_MUST_CHECK __attribute__((warn_unused_result))
#define JL_PRINTF(format_index, first_index)                                                       \
    __attribute__((format(printf, format_index, first_index)))

enum {
    JL_ERR_TEXT_BYTES = 512, /* places of all levels, with their NULs; cut at a character */
    JL_ERR_LEVELS_MAX = 6,   /* a fault and what callers put around it (fault.h) */
};

enum jl_rc {
    JL_OK = 0,
    JL_BUSY,      /* someone else holds it: try again after the next tick */
    JL_NOMEM,     /* memory ran out: give the work back, keep what is committed */
    JL_IO,        /* disk or socket failed: tell the operator; retry only by timer */
    JL_CORRUPT,   /* stored bytes fail their check: stop, tell the operator, repair */
    JL_PROTO,     /* the peer's or the file's bytes break the format: drop them, count them */
    JL_DENIED,    /* not allowed: asking again will not help */
    JL_LIMIT,     /* over a named bound: make it smaller */
    JL_CONFLICT,  /* the state moved on: reload and decide again */
    JL_NOT_FOUND, /* nothing there under that name */
    JL_MISUSE,    /* the user or the caller asked for something that makes no sense */
};

struct jl_err_level { /* fault.h */
    uint32_t code;
    uint32_t at; /* of its places in the text */
};

struct jl_err {
    enum jl_rc rc;
    uint32_t cause; /* the code where other programs get it (message/say.h); 0: they don't */
    int system;     /* errno of the call that failed; 0: none */
    unsigned level_count;
    struct jl_err_level levels[JL_ERR_LEVELS_MAX]; /* innermost first */
    size_t used;                                   /* bytes of text */
    char text[JL_ERR_TEXT_BYTES]; /* the places, as fault.c has them; no personal data */
};

/* "busy", "no memory", …: a short English word for logs and --json. Never NULL. */
const char *jl_rc_name(enum jl_rc rc);

/* Scope-based cleanup: `JL_AUTO(jl_buf) buf = {0};` calls jl_buf_fini(&buf) at the end of the
 * scope, `JL_AUTO_PTR(jl_store) store = NULL;` calls jl_store_free_ptr(&store). Types opt in with
 * JL_DEFINE_AUTO_PTR(jl_store, jl_store_close) beside their destructor's declaration. */
#define JL_AUTO(type) __attribute__((cleanup(type##_fini))) struct type
#define JL_AUTO_PTR(type) __attribute__((cleanup(type##_free_ptr))) struct type *
#define JL_DEFINE_AUTO_PTR(type, destroy)                                                          \
    static inline void type##_free_ptr(struct type **object) {                                     \
        destroy(*object);                                                                          \
    }

#endif
