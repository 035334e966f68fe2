/* What of a damaged file is affected, in words for people: shared by both programs' `verify`.
 *
 * Thread: any; the file is opened anew. */
#ifndef JIELIAN_DAMAGE_H
#define JIELIAN_DAMAGE_H

#include "jielian/base/arena.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/store/store.h"

struct jl_document;

struct jl_damage_finding {
    const char *table;  /* NULL: none in particular */
    const char *what;   /* is affected */
    bool rows_whole;    /* an index only; all rows can be read */
    const char *detail; /* SQLite's words */
};
struct jl_damage {
    const struct jl_damage_finding *findings;
    size_t count; /* 0: a sound file */
};

/* Look through DIR/jielian.db, whatever state it is in; everything is in the arena. catalogue: for
 * the labels of types; NULL: it could not be read, and types are told by their tables' names. Only
 * JL_NOMEM, JL_BUSY, JL_IO and JL_NOT_FOUND are errors here. */
JL_MUST_CHECK enum jl_rc jl_damage_find(const char *folder, uint32_t application_id,
                                        const struct jl_catalogue *catalogue,
                                        enum jl_language language, struct jl_arena *arena,
                                        struct jl_damage *out_damage, struct jl_err *err);
/* An array of {"table", "what", "rows_whole", "detail"}. */
void jl_damage_write(const struct jl_damage *damage, const char *key, struct jl_document *document);

#endif
