/* A district's file of schema 1, made of a new one by taking away what came since, and what must be
 * true of it. Files that older programs themselves have made are in tests/folders.
 *
 * Order of life: setup_district → older_make → (older_open | older_reopen …) → teardown. */
#ifndef JIELIAN_STORE_OLDER_H
#define JIELIAN_STORE_OLDER_H

#include "store_sqlite.h"

enum { MEMBERS = 300, ENTRIES = 3 }; /* what it holds */

/* The ending of the copy from before a migration. */
#define OLDER_COPY ".before-3"
_Static_assert(JL_STORE_SCHEMA == 3, "OLDER_COPY has the number");

/* store_path with an ending. */
void older_beside(const char *ending, char out_path[static 300]);
bool older_has(const char *ending);
/* The user_version of the file with that ending. */
int64_t older_schema(const char *ending);
/* Past the store: run statements, or ask for one number. */
void older_execute(const char *path, const char *text);
int64_t older_number(const char *path, const char *text);
/* All bytes of a file; put them back as the store, with nothing beside it. */
void older_read(const char *path, struct jl_buf *out);
void older_put_back(struct jl_bytes older);

/* The fixture's new store, filled; what older_make starts with. */
void older_fill(struct fixture *fixture);
/* The fixture's new store becomes one of schema 1, closed. with_new: as files of schema 1 came to
 * have word_new. */
void older_make(struct fixture *fixture, bool with_new);
enum jl_rc older_open(enum jl_store_mode mode, struct jl_store **out_store, struct jl_err *err);
/* Opened as the fixture's, with its tables. */
void older_reopen(struct fixture *fixture, enum jl_store_mode mode);
void older_close(struct fixture *fixture);

/* Everything that was there is there, by every way that older files lack something of. */
void older_assert_reads(struct fixture *fixture, struct jl_store *store, size_t entries,
                        uint64_t held);
/* One more entry, with a head; one held op; one record. */
void older_write_more(struct fixture *fixture);
/* The fixture's file is sound, of today's schema, and takes what today's programs write. Closed. */
void older_assert_migrated(struct fixture *fixture);

#endif
