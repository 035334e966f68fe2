/* A fault in words, for what a test prints when it fails. */
#ifndef JIELIAN_TESTS_SAID_H
#define JIELIAN_TESTS_SAID_H

#include "jielian/message/fault_text.h"

/* English; good until the thread's next call. */
static inline const char *err_said(const struct jl_err *fault) {
    static _Thread_local char text[JL_FAULT_TEXT_BYTES];
    return jl_fault_text(fault, JL_LANGUAGE_EN, text);
}

/* The same as a clerk reads it. */
static inline const char *err_told(const struct jl_err *fault) {
    static _Thread_local char text[JL_FAULT_TEXT_BYTES];
    return jl_fault_text(fault, JL_LANGUAGE_ZH, text);
}

#endif
