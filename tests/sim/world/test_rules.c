/* Rules that the district holds for every path, here met past the desk, as an older or a hand-made
 * program would: whose a deleted record is, what a natural key may name, which status a record may
 * start with, dates that lie ahead, numbers of ops. The journal replays after each story. */
#include "world.h"

#include "client/books/save.h"
#include "server/books/own_ops.h"
#include "server/books/push.h"

#include "jielian/base/date.h"
#include "jielian/books/leave.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/signer.h"
#include "jielian/op/merge.h"
#include "jielian/record/natural_key.h"
#include "jielian/sync/chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;
static struct world_device *a, *b; /* of offices A and B */
static struct jl_err err;

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    a = world_join(&world, 1);
    b = world_join(&world, 2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    assert_string_equal(world_replay_fault(&world), "");
    world_fini(&world);
    return 0;
}

static struct jl_books *district(void) {
    return world.district->books;
}

static void sync(struct world_device *device) {
    assert_true(world_sync(device));
    assert_true(world_same(device));
}

static struct jl_id add(struct jl_desk *desk, const char *type, const char *format, ...)
    JL_PRINTF(3, 4);
static struct jl_id add(struct jl_desk *desk, const char *type, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return world_add(desk, type, text);
}

static const char *text_of(const struct jl_id *id) {
    static char texts[4][JL_ID_TEXT_BYTES];
    static unsigned next;
    char *text = texts[next++ % 4];
    jl_id_format(id, text);
    return text;
}

static struct jl_id add_unit(struct jl_desk *desk, const char *uscc) {
    return add(desk, "unit", "name=某公司|uscc=%s", uscc);
}

/* What the newest op of the device became. */
static int64_t verdict(struct world_device *device) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    assert_int_equal(jl_outbox_range(device->office->books->store, device->office->state.head_pos,
                                     1, SIZE_MAX, &arena, &entries, &count, &err),
                     JL_OK);
    assert_int_equal(count, 1);
    return entries[0].state;
}

struct given {
    const char *field;
    struct jl_value value;
};

/* A new record past the desk, under the id that its key makes. */
static struct jl_id make(struct world_device *device, const char *type_name,
                         const struct given *given, size_t count) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_books *books = device->office->books;
    const struct jl_type *type = jl_catalogue_type_named(books->catalogue, type_name);
    struct jl_change change = {.kind = JL_OP_CREATE,
                               .after = {.type = type->number, .owner = device->office_number}};
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(jl_row_set(&change.after,
                                    jl_type_field_named(type, given[i].field)->number,
                                    &given[i].value, &arena, &err),
                         JL_OK);
    }
    if (type->natural_key_count > 0) {
        assert_int_equal(
            jl_natural_key_id(books->hasher, type, &change.after, &change.after.id, &err), JL_OK);
    } else {
        change.after.id = jl_id_next(&device->desk.ids, world.now_ms);
    }
    assert_int_equal(jl_save_changes(device->office, NULL, &change, 1, &err), JL_OK);
    return change.after.id;
}

static struct jl_id refund(struct world_device *device, const struct jl_id *unit, int64_t status) {
    const struct given given[] = {{"unit", jl_value_ref(unit)},
                                  {"period", jl_value_int(202501)},
                                  {"paid", jl_value_int(10000)},
                                  {"refund", jl_value_int(10000)},
                                  {"status", jl_value_int(status)}};
    return make(device, "fee_refund", given, sizeof given / sizeof *given);
}

enum { APPLIED = 1, CHECKED = 2, PAID_OUT = 3, RETURNED = 4 }; /* status of a refund */

static uint32_t owner_of(struct jl_books *books, const char *type, const struct jl_id *id) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_head head = {0};
    const struct jl_record_key key = {
        .type = jl_catalogue_type_named(books->catalogue, type)->number, .id = *id};
    assert_int_equal(jl_records_heads(books->store, &key, 1, &arena, &head, &err), JL_OK);
    assert_int_not_equal(head.rid, 0);
    return head.owner;
}

/* ---- Tombstones ---- */

/* A refund entered for the wrong office and deleted: the right one can enter it. */
static void test_a_natural_key_is_free_after_deletion(void **state) {
    (void)state;
    struct jl_id unit = add_unit(&b->desk, "91350100M000100Y43");
    sync(b);
    world.district_desk.owner = 1;
    struct jl_id id = add(&world.district_desk, "fee_refund",
                          "unit=%s|period=2025-01|paid=100|refund=100|status=申请", text_of(&unit));
    world.district_desk.owner = 0;
    sync(a);
    assert_int_equal(owner_of(district(), "fee_refund", &id), 1);
    world_delete(&world.district_desk, "fee_refund", &id);
    sync(a);
    sync(b);
    struct jl_id again = refund(b, &unit, APPLIED);
    assert_true(jl_id_equal(&id, &again));
    sync(b);
    assert_int_not_equal(verdict(b), JL_OUTBOX_PARKED);
    assert_int_equal(owner_of(district(), "fee_refund", &id), 2);
    sync(a);
    assert_int_equal(world_count_live(a->office->books, "fee_refund"), 0);
    /* The same by the district for an office. */
    world_delete(&b->desk, "fee_refund", &id);
    sync(b);
    world.district_desk.owner = 1;
    (void)add(&world.district_desk, "fee_refund",
              "unit=%s|period=2025-01|paid=100|refund=100|status=申请", text_of(&unit));
    world.district_desk.owner = 0;
    assert_int_equal(owner_of(district(), "fee_refund", &id), 1);
    sync(a);
    sync(b);
}

/* Its own was deleted, and in the meantime the key became another office's: nothing of that one is
 * an office's to change, and no proof has to tell it so. */
static void test_a_key_that_is_another_offices_by_now_is_refused(void **state) {
    (void)state;
    struct jl_id unit = add_unit(&a->desk, "91350100M000100Y43");
    struct jl_id id = refund(a, &unit, APPLIED);
    sync(a);
    world_delete(&world.district_desk, "fee_refund", &id);
    sync(a);
    world.district_desk.owner = 2;
    (void)add(&world.district_desk, "fee_refund",
              "unit=%s|period=2025-01|paid=200|refund=200|status=申请", text_of(&unit));
    world.district_desk.owner = 0;
    (void)refund(a, &unit, APPLIED);
    sync(a);
    assert_int_equal(verdict(a), JL_OUTBOX_PARKED);
    assert_int_equal(owner_of(district(), "fee_refund", &id), 2);
    assert_string_equal(world_get(district(), "fee_refund", &id, "paid"), "200.00");
    assert_int_equal(a->office->state.repairs, 0);
}

/* Any other record comes back only by the office that had it, or the district. */
static void test_a_deleted_record_is_its_offices(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before = {0};
    struct jl_problems problems;
    struct jl_id unit = add_unit(&a->desk, "91350100M000100Y43");
    sync(a);
    world_delete(&a->desk, "unit", &unit);
    sync(a);
    const struct jl_type *type = jl_catalogue_type_named(a->office->books->catalogue, "unit");
    const struct jl_record_key key = {.type = type->number, .id = unit};
    assert_int_equal(jl_books_load(a->office->books, &key, 1, &arena, &before, &err), JL_OK);
    struct jl_change change = {.kind = JL_OP_RESTORE, .after = before.row};
    change.after.deleted = false;
    change.after.owner = 2;
    assert_int_equal(jl_save_changes(b->office, NULL, &change, 1, &err), JL_OK);
    assert_true(world_sync(b));
    assert_int_equal(verdict(b), JL_OUTBOX_PARKED);
    change.kind = JL_OP_CREATE;
    assert_int_equal(jl_desk_restore(&a->desk, type, &unit, &problems, &err), JL_OK);
    sync(a);
    assert_int_equal(owner_of(district(), "unit", &unit), 1);
    assert_int_equal(world_count_live(district(), "unit"), 1);
    world_delete(&a->desk, "unit", &unit);
    sync(a);
    type = jl_catalogue_type_named(district()->catalogue, "unit");
    assert_int_equal(jl_desk_restore(&world.district_desk, type, &unit, &problems, &err), JL_OK);
    assert_int_equal(owner_of(district(), "unit", &unit), 1);
    sync(a);
    assert_int_equal(jl_desk_restore(&world.district_desk, type, &unit, &problems, &err),
                     JL_CONFLICT); /* it lives */
}

/* ---- Natural keys ---- */

static void test_an_office_takes_no_key_of_what_it_does_not_see(void **state) {
    (void)state;
    struct jl_id unit = add_unit(&b->desk, "91350100M000100Y43");
    sync(b);
    (void)refund(a, &unit, APPLIED);
    assert_true(world_sync(a));
    assert_int_equal(verdict(a), JL_OUTBOX_PARKED);
    (void)refund(b, &unit, APPLIED);
    sync(b);
    assert_int_equal(verdict(b), JL_OUTBOX_APPLIED);
    assert_int_equal(world_count(district(), "fee_refund"), 1);
}

static void test_a_key_may_name_what_the_same_batch_makes(void **state) {
    (void)state;
    struct jl_id unit = add_unit(&a->desk, "91350100M000100Y43");
    (void)refund(a, &unit, APPLIED);
    sync(a);
    assert_int_equal(verdict(a), JL_OUTBOX_APPLIED);
}

static void test_a_key_that_names_nothing_is_refused(void **state) {
    (void)state;
    const struct jl_id nothing = {{1, 2, 3}};
    (void)refund(a, &nothing, APPLIED);
    assert_true(world_sync(a));
    assert_int_equal(verdict(a), JL_OUTBOX_PARKED);
}

/* ---- Statuses that are the district's ---- */

static void test_a_status_of_the_districts_needs_the_district_or_its_leave(void **state) {
    (void)state;
    struct jl_id unit = add_unit(&a->desk, "91350100M000100Y43");
    (void)refund(a, &unit, PAID_OUT);
    assert_true(world_sync(a));
    assert_int_equal(verdict(a), JL_OUTBOX_PARKED);
    struct jl_change leave = {.kind = JL_OP_CREATE,
                              .after = {.type = JL_TYPE_LEAVE,
                                        .id = jl_id_next(&world.district_desk.ids, world.now_ms),
                                        .owner = 1}};
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_value until = jl_value_int(20991231);
    assert_int_equal(jl_row_set(&leave.after, JL_LEAVE_UNTIL, &until, &arena, &err), JL_OK);
    assert_int_equal(jl_own_ops_save(world.district, NULL, &leave, 1, &err), JL_OK);
    assert_true(world_sync(a));
    struct jl_id other = add_unit(&a->desk, "91330106MA20000150");
    struct jl_id id =
        add(&a->desk, "fee_refund", "unit=%s|period=2025-01|paid=100|refund=100|status=拨付",
            text_of(&other));
    assert_true(world_sync(a));
    assert_int_equal(verdict(a), JL_OUTBOX_APPLIED);
    assert_string_equal(world_get(district(), "fee_refund", &id, "status"), "拨付");
}

static void test_an_office_writes_itself_no_leave(void **state) {
    (void)state;
    const struct given given[] = {{"until", jl_value_int(20991231)}};
    (void)make(a, "old_books_leave", given, 1);
    assert_true(world_sync(a));
    assert_int_equal(verdict(a), JL_OUTBOX_PARKED);
    assert_int_equal(world_count(district(), "old_books_leave"), 0);
}

static void test_deleting_and_adding_is_no_way_round_a_flow(void **state) {
    (void)state;
    struct jl_id unit = add_unit(&a->desk, "91350100M000100Y43");
    struct jl_id id = refund(a, &unit, APPLIED);
    sync(a);
    world_set(&world.district_desk, "fee_refund", &id, "status=退回");
    sync(a);
    world_delete(&a->desk, "fee_refund", &id);
    sync(a);
    (void)refund(a, &unit, PAID_OUT);
    assert_true(world_sync(a));
    assert_int_equal(verdict(a), JL_OUTBOX_PARKED);
    assert_int_equal(world_count_live(district(), "fee_refund"), 0);
    world_set_unchecked(a, "fee_refund", &id, "status", jl_value_int(APPLIED));
    sync(a);
    assert_string_equal(world_get(district(), "fee_refund", &id, "status"), "申请");
}

/* ---- Dates ---- */

static void add_dated(const char *name, int64_t date) {
    const struct given given[] = {{"name", jl_value_cstr(name)},
                                  {"org_kind", jl_value_int(1)},
                                  {"founded_on", jl_value_int(date)},
                                  {"status", jl_value_int(2)}};
    (void)make(a, "union_org", given, sizeof given / sizeof *given);
}

static int64_t day_after(int days) {
    return jl_date_from_days(jl_date_to_days(jl_date_of_ms(world.now_ms)) + days);
}

static void test_a_date_ahead_is_taken_with_a_case(void **state) {
    (void)state;
    add_dated("甲厂工会", day_after(1)); /* whoever's midnight that is */
    sync(a);
    assert_int_equal(verdict(a), JL_OUTBOX_APPLIED);
    assert_int_equal(world_count(district(), "case"), 0);
    add_dated("乙厂工会", day_after(2));
    sync(a);
    assert_int_equal(verdict(a), JL_OUTBOX_CASE);
    assert_int_equal(world_count_live(district(), "union_org"), 2);
    assert_string_equal(world_get_first(district(), "case", "kind"), "日期晚于今天");
    assert_int_equal(a->office->state.repairs, 0);
}

static void test_a_district_whose_clock_stands_in_2000_parks_nothing(void **state) {
    (void)state;
    world.time.off_ms = 946684800000 - world.now_ms; /* 2000-01-01 */
    add_dated("甲厂工会", 20200102);
    assert_true(world_sync(a));
    assert_int_not_equal(verdict(a), JL_OUTBOX_PARKED);
    assert_int_equal(world_count_live(district(), "union_org"), 1);
    world.time.off_ms = 0;
    sync(a);
}

/* ---- The form of an op ---- */

/* A signed batch of one op of a's whose bytes end with `more`; what the district answers. */
static enum jl_rc push_with(struct jl_bytes more) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) bytes = {0};
    JL_AUTO(jl_buf) frame = {0};
    uint8_t hash[JL_HASH_BYTES];
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    struct jl_verdicts verdicts;
    const struct jl_op op = {.kind = JL_OP_CREATE,
                             .type = JL_TYPE_IMPORT_BATCH,
                             .id = {{7}},
                             .staff = jl_bytes_text("clerk")};
    assert_int_equal(jl_wire_op_encode(&op, &bytes, &err), JL_OK);
    assert_int_equal(jl_buf_put(&bytes, more.data, more.size, &err), JL_OK);
    assert_int_equal(jl_district_begin(world.district, true, NULL, &err), JL_OK);
    const struct jl_origin *origin = jl_roster_origin(world.district, a->origin);
    struct jl_bytes op_bytes = jl_buf_bytes(&bytes);
    struct jl_message message = {
        .kind = JL_MESSAGE_PUSH,
        .as.push = {.first_seq = origin->last_seq + 1, .ops = &op_bytes, .count = 1}};
    memcpy(hash, origin->last_hash, sizeof hash);
    assert_int_equal(jl_chain_step(district()->hasher, hash, op_bytes, &err), JL_OK);
    jl_chain_batch_text(origin->incarnation, message.as.push.first_seq, hash, text);
    assert_int_equal(jl_signer_sign(a->office->signer, jl_bytes(text, sizeof text),
                                    message.as.push.signature, &err),
                     JL_OK);
    assert_int_equal(jl_wire_encode(world.wire, &message, &frame, &err), JL_OK);
    enum jl_rc rc = jl_push_judge(world.district, a->origin, &message.as.push, jl_buf_bytes(&frame),
                                  &arena, &verdicts, &err);
    jl_district_rollback(world.district);
    return rc;
}

static void test_an_op_in_another_form_is_malformed(void **state) {
    (void)state;
    add_unit(&a->desk, "91350100M000100Y43");
    sync(a);
    assert_int_equal(push_with(jl_bytes_text("")), JL_OK);
    assert_int_equal(push_with(jl_bytes("\x68\x01", 2)), JL_OK);        /* a number */
    assert_int_equal(push_with(jl_bytes("\x78\x01", 2)), JL_OK);        /* of a later version */
    assert_int_equal(push_with(jl_bytes("\x68\x00", 2)), JL_PROTO);     /* the number 0, written */
    assert_int_equal(push_with(jl_bytes("\x10\x07", 2)), JL_PROTO);     /* the type again */
    assert_int_equal(push_with(jl_bytes("\x68\x81\x00", 3)), JL_PROTO); /* 1 in two bytes */
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        RULE(test_a_natural_key_is_free_after_deletion),
        RULE(test_a_key_that_is_another_offices_by_now_is_refused),
        RULE(test_a_deleted_record_is_its_offices),
        RULE(test_an_office_takes_no_key_of_what_it_does_not_see),
        RULE(test_a_key_may_name_what_the_same_batch_makes),
        RULE(test_a_key_that_names_nothing_is_refused),
        RULE(test_a_status_of_the_districts_needs_the_district_or_its_leave),
        RULE(test_an_office_writes_itself_no_leave),
        RULE(test_deleting_and_adding_is_no_way_round_a_flow),
        RULE(test_a_date_ahead_is_taken_with_a_case),
        RULE(test_a_district_whose_clock_stands_in_2000_parks_nothing),
        RULE(test_an_op_in_another_form_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
