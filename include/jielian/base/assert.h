/* Assertions: for our own mistakes only, on in release builds too. Result codes (rc.h) are for
 * disk, network and people.  Thread: any. */
#ifndef JIELIAN_BASE_ASSERT_H
#define JIELIAN_BASE_ASSERT_H

/* End the program: for our own mistakes only, on in release builds too. */
#define JL_ASSERT(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            jl_assert_failed(#condition, __FILE__, __LINE__);                                      \
        }                                                                                          \
    } while (0)

_Noreturn void jl_assert_failed(const char *condition, const char *file, int line);

#endif
