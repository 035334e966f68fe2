/* What went wrong, as a code with its places: libraries return it, and the sentence is made where a
 * person reads it, in that person's language (jielian/message/fault_text.h).
 *
 *   return jl_fault_at(err, JL_LIMIT, JL_FAULT_FILE_LONG, "%s" JL_AND "%zu", path, max_bytes);
 *
 * Places {1}, {2} … hold what is the same in every language: names, paths, numbers, labels. Detail
 * for programmers in the English of the code ("reading feed") may be a place, too; only the English
 * sentence shows it, in the log. No personal data.
 *
 * Thread: any; a `struct jl_err` belongs to one thread at a time. err may be NULL everywhere.
 * Reporting never allocates. */
#ifndef JIELIAN_BASE_FAULT_H
#define JIELIAN_BASE_FAULT_H

#include "jielian/base/fault_code.h"
#include "jielian/base/fault_desk.h"
#include "jielian/base/rc.h"

#include <stdarg.h>
#include <stdbool.h>

/* Between two places. */
#define JL_AND "\x1f"

/* Record a fault and return rc. */
enum jl_rc jl_fault(struct jl_err *err, enum jl_rc rc, uint32_t code);
/* JL_NOMEM, and that there is no memory. */
enum jl_rc jl_fault_memory(struct jl_err *err);
/* A fault with places. Cost: one vsnprintf. */
enum jl_rc jl_fault_at(struct jl_err *err, enum jl_rc rc, uint32_t code, const char *places, ...)
    JL_PRINTF(4, 5);
/* The same for a function that takes places itself. */
enum jl_rc jl_fault_list(struct jl_err *err, enum jl_rc rc, uint32_t code, const char *places,
                         va_list arguments) JL_PRINTF(4, 0);
/* The same for a call of the system that failed with `error`, an errno: {!} in the sentence. */
enum jl_rc jl_fault_system(struct jl_err *err, enum jl_rc rc, uint32_t code, int error,
                           const char *places, ...) JL_PRINTF(5, 6);
/* A caller that knows more: its sentence stands before what is there, "figure F12: …". Returns
 * err->rc; JL_IO if err is NULL. Beyond JL_ERR_LEVELS_MAX it adds nothing. */
enum jl_rc jl_fault_wrap(struct jl_err *err, uint32_t code, const char *places, ...)
    JL_PRINTF(3, 4);
/* The innermost code: what went wrong. 0: nothing was recorded. */
uint32_t jl_fault_code(const struct jl_err *err);

#endif
