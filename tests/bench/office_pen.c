#include "office_pen.h"
#include "client/books/save.h"

#include "jielian/base/assignment.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/crypto/random.h"
#include "jielian/net/bell.h"
#include "jielian/net/net.h"

static enum jl_rc take_first(void *context, const struct jl_stored *record, struct jl_err *err) {
    (void)err;
    *(struct jl_id *)context = record->head.id;
    return JL_OK;
}

static const struct jl_type *member_type(const struct office_pen *pen) {
    const struct jl_type *type = jl_catalogue_type_named(pen->office->books->catalogue, "member");
    if (type == NULL) {
        bench_fail("the catalogue has no members");
    }
    return type;
}

void office_pen_take(const char *folder, struct office_pen *pen) {
    const struct jl_office_options options = {.mode = JL_STORE_WRITE, .clock = jl_clock_system()};
    uint8_t random[16];
    *pen = (struct office_pen){0};
    bench_path(folder, "run.bell", pen->bell);
    BENCH_MUST(jl_office_open(folder, &options, &pen->office, &err));
    BENCH_MUST(jl_random(random, sizeof random, &err));
    pen->office->staff = jl_bytes_text("clerk");
    pen->desk = (struct jl_desk){.books = pen->office->books,
                                 .save = jl_save_changes,
                                 .save_context = pen->office,
                                 .owner = pen->office->identity.office,
                                 .movers = 1u << JL_MOVER_OFFICE | 1u << JL_MOVER_ANY,
                                 .staff = pen->office->staff,
                                 .clock = options.clock};
    jl_id_source_init(&pen->desk.ids, random);
    struct jl_scan scan = {.type = member_type(pen)->number, .limit = 1};
    BENCH_MUST(jl_records_scan(pen->office->books->store, &scan, take_first, &pen->member, &err));
    if (jl_id_is_zero(&pen->member)) {
        bench_fail("%s: no member to edit", folder);
    }
    office_pen_edit(pen); /* from here on each edit changes something */
}

void office_pen_edit(struct office_pen *pen) {
    struct jl_problems problems;
    const struct jl_assignment assignment = {
        .field = "edu", .value = pen->edits++ % 2 == 0 ? "大学本科" : "大学专科"};
    BENCH_MUST(
        jl_desk_set(&pen->desk, member_type(pen), &pen->member, &assignment, 1, &problems, &err));
    jl_bell_ring(pen->bell);
}

void office_pen_drop(struct office_pen *pen) {
    jl_office_close(pen->office);
    pen->office = NULL;
}
