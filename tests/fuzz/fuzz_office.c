/* Any bytes as a frame that a district sends to an office with real books: pages, verdicts, buckets
 * and ids are taken as client/engine/engine_act.c takes them. The office has two records of its
 * own, one of them not yet confirmed. The linker leads its commit to a rollback (tests.cmake), so
 * each input meets the same books. A district that lies may stop the office, but never break it. */
#include "fuzz.h"

#include "client/books/office_counts.h"
#include "client/books/take.h"
#include "tests/sim/world/world.h"

#include "jielian/base/assert.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct world world;
static struct world_device *device;
static bool keep;          /* commits are real */
static uint32_t types[64]; /* of the input's rows */
static size_t type_count;  /* may be more than there is room for */

#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct jl_err err = {.rc = JL_OK};                                                         \
        if ((call) != JL_OK) {                                                                     \
            fprintf(stderr, "%s: %s: %s\n", #call, jl_rc_name(err.rc), err_said(&err));            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static enum jl_rc count_record(void *context, const struct jl_head *head, struct jl_err *err) {
    struct jl_setsum *sums = context;
    (void)err;
    jl_setsum_add(&sums[head->owner == 0 ? 0 : 1], &head->id, head->hash);
    return JL_OK;
}

/* Are there rows of types that the catalogue now in use does not know? */
static bool lacks_types(const struct jl_books *books) {
    const size_t room = sizeof types / sizeof *types;
    bool lacks = type_count > room || jl_catalogue_type_named(books->catalogue, "member") == NULL;
    for (size_t i = 0; !lacks && i < type_count; i++) {
        lacks = jl_books_layout(books, types[i]) == NULL;
    }
    return lacks;
}

static void check_books(struct jl_office *office) {
    static struct jl_setsum sums[2];
    struct jl_office_counts counts;
    uint64_t damaged = 0;
    jl_setsum_init(&sums[0]);
    jl_setsum_init(&sums[1]);
    MUST(jl_office_counts_get(office, &counts, &err));
    MUST(jl_books_scrub_check(office->books, count_record, sums, &damaged, &err));
    JL_ASSERT(damaged == 0);
    bool unknown = lacks_types(office->books);
    JL_ASSERT(unknown || jl_setsum_equal(&sums[0], &office->sums[0]));
    JL_ASSERT(unknown || jl_setsum_equal(&sums[1], &office->sums[1]));
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): names of ld --wrap */
enum jl_rc __real_jl_office_commit(struct jl_office *office, struct jl_err *err);
enum jl_rc __wrap_jl_office_commit(struct jl_office *office, struct jl_err *err);
enum jl_rc __wrap_jl_office_commit(struct jl_office *office, struct jl_err *err) {
    if (keep) {
        return __real_jl_office_commit(office, err);
    }
    check_books(office);
    jl_office_rollback(office);
    return JL_OK;
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void remove_world(void) {
    keep = true;
    world_fini(&world);
}

static void make_world(void) {
    struct stat status;
    if (getenv("TMPDIR") == NULL && stat("/dev/shm", &status) == 0) {
        (void)setenv("TMPDIR", "/dev/shm", 0);
    }
    keep = true;
    world_init(&world, 2);
    (void)atexit(remove_world);
    device = world_join(&world, 1);
    struct jl_id_source *ids = &device->desk.ids;
    *ids = (struct jl_id_source){.last_ms = INT64_C(0x0190c3f00000)};
    struct jl_id union_id = world_add(&device->desk, "union_org",
                                      "name=测试工会|org_kind=独立基层工会|founded_on=2018-05-01");
    JL_ASSERT(world_sync(device));
    world_set(&device->desk, "union_org", &union_id, "founded_on=2019-05-01");
    ids->low = 1;
    (void)world_add(&device->desk, "member",
                    "name=张三|id_no=990106199002150074|org=测试工会|joined_on=2019-03-04");
    keep = false;
}

static bool has_catalogue(const struct jl_page *page, struct jl_arena *arena) {
    bool has = false;
    for (size_t i = 0; i < page->count; i++) {
        struct jl_feed_row row;
        if (jl_wire_row_decode(page->rows[i], arena, &row, NULL) == JL_OK) {
            has = has || row.row.type == JL_TYPE_CATALOGUE;
            if (type_count < sizeof types / sizeof *types) {
                types[type_count] = row.row.type;
            }
            type_count++;
        }
    }
    return has;
}

static void take_page(struct jl_office *office, struct jl_page *page, struct jl_arena *arena) {
    bool taken = false;
    struct jl_err err = {.rc = JL_OK};
    if (page->from < 16) { /* counted from the cursor, that inputs need not know it */
        uint64_t rows = page->to - page->from;
        page->from += office->state.cursor[page->feed];
        page->to = page->from + rows;
    }
    bool may = has_catalogue(page, arena);
    enum jl_rc rc = jl_take_page(office, page, &taken, &err);
    if (rc != JL_OK && rc != JL_PROTO && rc != JL_LIMIT && !may) {
        fprintf(stderr, "%s: %s\n", jl_rc_name(err.rc), err_said(&err));
        abort();
    }
}

/* Parts are compared when they are those that were asked for: the message says which. */
static void compare(struct jl_office *office, const struct jl_message *message) {
    static struct jl_repair repair;
    struct jl_compared compared;
    struct jl_err why;
    const struct jl_buckets *told = &message->as.buckets;
    repair = (struct jl_repair){.stands_for = 1};
    for (size_t i = 0; message->kind == JL_MESSAGE_BUCKETS && i < told->part_count; i++) {
        repair.parts[repair.part_count++] = told->parts[i].part;
    }
    if (jl_repair_compare(office, &repair, message, &compared, &why) == JL_OK) {
        JL_ASSERT(repair.bucket_count <= JL_BUCKETS && repair.known_count <= JL_ASK_ROWS_MAX);
        JL_ASSERT(repair.part_count <= JL_ASK_PARTS_MAX && repair.hash_count <= JL_ASK_ROWS_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct jl_arena arena;
    struct jl_message message;
    struct jl_err err;
    if (device == NULL) {
        make_world();
    }
    struct jl_office *office = device->office;
    const uint64_t head = office->state.head_pos;
    const uint64_t confirmed = office->state.confirmed_pos;
    jl_arena_reset(&arena);
    type_count = 0;
    if (jl_wire_decode(office->wire, jl_bytes(data, size), &arena, &message, &err) != JL_OK) {
        return 0;
    }
    if (message.kind == JL_MESSAGE_PAGE) {
        take_page(office, &message.as.page, &arena);
    } else if (message.kind == JL_MESSAGE_VERDICTS) {
        (void)!jl_take_verdicts(office, &message.as.verdicts, &err);
    } else if (message.kind == JL_MESSAGE_WELCOME) {
        (void)!jl_office_take_epoch(office, message.as.welcome.epoch, message.as.welcome.last_seq,
                                    &err);
    } else if (message.kind == JL_MESSAGE_BUCKETS || message.kind == JL_MESSAGE_IDS) {
        compare(office, &message);
    }
    JL_ASSERT(office->state.head_pos == head && office->state.confirmed_pos == confirmed);
    return 0;
}
