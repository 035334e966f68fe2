/* A record that only this PC has is set aside: parked, and counted as a repair. */

#include "office.h"
#include "repair.h"

#include <string.h>

/* A record that only we have is no longer counted, but never thrown away: after a district was
 * restored from an old backup this may be the only copy there is. It stays visible as parked, and
 * saving it again offers it to the district. */
enum jl_rc jl_repair_set_aside(struct jl_office *office, int64_t rid, struct jl_arena *arena,
                               struct jl_err *err) {
    struct jl_book_record record = {0};
    enum jl_rc rc = jl_books_load_rids(office->books, &rid, 1, arena, &record, err);
    const struct jl_head head = record.head;
    struct jl_row before = record.row;
    record.head.state = JL_RECORD_PARKED;
    struct jl_book_write write = {.record = &record, .before = &before};
    if (rc == JL_OK) {
        rc = jl_books_write(office->books, &write, 1, arena, err);
    }
    if (rc == JL_OK) {
        jl_office_recount(office, &head, &record.head);
        office->state.repairs++;
    }
    return rc;
}
