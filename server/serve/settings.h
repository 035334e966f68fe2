/* What DIR/jielian.conf says to `serve`: `key = value` lines, `#` or `;` before a comment.
 *
 *   sync = tcp://HOST:PORT   where offices sync
 *   http = HOST:PORT         where supervisors ask; empty: nowhere
 *   cache = MIB              page cache of the writer
 *   endpoints = tcp://HOST:PORT …   where offices reach the district, best first, separated by
 *                            blanks, at most JL_WELCOME_ENDPOINTS_MAX: each Welcome says so
 *
 * Whoever edits the file is trusted, but not to be without error: every slip is named with its
 * line. Pure but for the file that jl_settings_read reads.  Thread: any. */
#ifndef JIELIAN_SERVER_SETTINGS_H
#define JIELIAN_SERVER_SETTINGS_H

#include "proto/wire.h"

enum {
    JL_SETTINGS_MAX_BYTES = 64 * 1024, /* the file with any amount of comment; more is not ours */
    JL_SETTINGS_LINE_MAX_BYTES = 198,  /* inih cuts longer lines in two (INI_MAX_LINE) */
    JL_SETTINGS_ADDRESS_BYTES = 256,
    JL_CACHE_MAX_MIB = 65536,
    JL_CACHE_MIB = 64,
};

struct jl_settings {
    char sync[JL_SETTINGS_ADDRESS_BYTES];
    char http[JL_SETTINGS_ADDRESS_BYTES]; /* "": none */
    int64_t cache_mib;
    char endpoints[JL_SETTINGS_ADDRESS_BYTES]; /* "": none */
};

/* What holds where the file says nothing. */
struct jl_settings jl_settings_default(void);
/* Lay what the text says over settings. JL_MISUSE names the line and what is wrong with it;
 * settings are then as they were. source names the text in messages. */
JL_MUST_CHECK enum jl_rc jl_settings_parse(struct jl_bytes text, const char *source,
                                           struct jl_settings *settings, struct jl_err *err);
/* The same for a file; a missing one changes nothing. Others as jl_file_read. */
JL_MUST_CHECK enum jl_rc jl_settings_read(const char *path, struct jl_settings *settings,
                                          struct jl_err *err);

#endif
