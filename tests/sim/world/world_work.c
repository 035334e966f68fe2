/* Work, counted and not timed: the same on every machine, and on a busy one. */
#include "world_internal.h"

#include "jielian/base/assert.h"

#include <sqlite3.h>

static uint64_t sql_steps; /* of all connections of this process */

static int count_statement(unsigned kind, void *context, void *statement, void *took) {
    (void)kind;
    (void)context;
    (void)took;
    sql_steps += (uint64_t)sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
    return 0;
}

static int watch_connection(sqlite3 *db, char **out_text, const struct sqlite3_api_routines *api) {
    (void)out_text;
    (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, count_statement, NULL);
}

void world_work_install(void) {
    JL_ASSERT(sqlite3_auto_extension((void (*)(void))watch_connection) == SQLITE_OK);
}

struct world_work world_work(const struct world *world) {
    return (struct world_work){.sql_steps = sql_steps,
                               .entries =
                                   world->district != NULL ? world->district->entries_opened : 0};
}

struct world_work world_work_since(const struct world *world, const struct world_work *start) {
    struct world_work now = world_work(world);
    return (struct world_work){.sql_steps = now.sql_steps - start->sql_steps,
                               .entries = now.entries - start->entries};
}
