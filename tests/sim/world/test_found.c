/* What the simulator found, each as the shortest story that shows it. */
#include "client/books/save.h"
#include "server/books/device.h"
#include "server/books/offices.h"
#include "world.h"

#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/record/natural_key.h"
#include "jielian/store/quarantined.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct world world;

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

static struct jl_id add_union(struct jl_desk *desk, const char *name) {
    char text[256];
    snprintf(text, sizeof text, "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建",
             name);
    return world_add(desk, "union_org", text);
}

static struct jl_id add_member(struct jl_desk *desk, const struct jl_id *org) {
    char text[512];
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(org, id);
    snprintf(text, sizeof text,
             "name=张三|id_kind=居民身份证|id_no=990106199001010010|joined_on=2020-01-02|"
             "m_status=在籍|org=%s",
             id);
    return world_add(desk, "member", text);
}

static void assert_in_step(struct world_device *device) {
    assert_true(world_sync(device));
    assert_true(world_same(device));
}

static void test_a_transfer_requested_at_the_district_belongs_to_the_office_left(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *c = world_join(&world, 2);
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    struct jl_id member = add_member(&a->desk, &org);
    assert_in_step(a);
    char text[256];
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(&member, id);
    snprintf(text, sizeof text, "member=%s|from_office=A街道总工会|to_office=B街道总工会", id);
    struct jl_id transfer = world_add(&world.district_desk, "transfer", text);
    assert_in_step(a);
    assert_in_step(c);
    a->desk.movers |= 1u << JL_MOVER_FROM;
    world_set(&a->desk, "transfer", &transfer, "status=转出同意");
    assert_in_step(a);
    assert_in_step(c);
    assert_string_equal(world_get(c->office->books, "transfer", &transfer, "status"), "转出同意");
}

static const int64_t day_ms = 86400 * 1000;

static void test_a_pc_with_a_wrong_clock_keeps_what_is_confirmed(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    world_backup(&world);
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    assert_in_step(a);
    a->time.off_ms = 20 * 365 * day_ms;
    add_union(&a->desk, "乙厂工会");
    assert_in_step(a);
    world_restore(&world);
    assert_in_step(a);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "name"), "甲厂工会");
}

/* The disk is full: the log has a line that the books never committed. */
static void test_a_log_that_is_ahead_of_its_books_goes_on_beside_a_backup(void **state) {
    (void)state;
    struct jl_err err = {0};
    struct world_device *a = world_join(&world, 1);
    world_fill_district_disk(&world, 0);
    world_at_district(&world);
    assert_int_equal(jl_device_set_state(world.district, a->number, JL_DEVICE_SUSPENDED, &err),
                     JL_IO);
    world_at_none(&world);
    world_free_disks(&world);
    assert_int_equal(world_state(a), JL_DEVICE_ACTIVE);
    world_backup(&world);
    assert_int_equal(jl_offices_add(world.district, "Z", "Z街道总工会", NULL, &err), JL_OK);
    world_restore(&world);
    assert_non_null(jl_roster_office_coded(world.district, "Z"));
    assert_int_equal(world_state(a), JL_DEVICE_ACTIVE);
}

static size_t outbox_count(struct world_device *device) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err;
    assert_int_equal(jl_outbox_range(device->office->books->store, 1, SIZE_MAX, SIZE_MAX, &arena,
                                     &entries, &count, &err),
                     JL_OK);
    return count;
}

/* Days pass, and the district is met on each. */
static void meet_daily(struct world_device *device, int days) {
    for (int day = 0; day < days; day++) {
        world_pass(&world, day_ms);
        world_hang_up(device);
        assert_in_step(device);
    }
}

static void test_confirmed_ops_are_kept_45_days_and_not_for_ever(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    for (int day = 0; day <= 2 * JL_CONFIRMED_KEEP_DAYS; day += JL_CONFIRMED_KEEP_DAYS / 3) {
        char name[64];
        snprintf(name, sizeof name, "第%d工会", day);
        add_union(&a->desk, name);
        assert_in_step(a);
        size_t young = (size_t)(day / (JL_CONFIRMED_KEEP_DAYS / 3)) + 1;
        assert_true(outbox_count(a) >= (young < 3 ? young : 3)); /* 0, 15 and 30 days old */
        meet_daily(a, JL_CONFIRMED_KEEP_DAYS / 3);
    }
    assert_true(outbox_count(a) <= 6);
}

/* What an older program without today's rules would save. */
static void save_unchecked(struct world_device *device, const char *name) {
    struct jl_books *books = device->office->books;
    const struct jl_type *type = jl_catalogue_type_named(books->catalogue, "union_org");
    struct jl_field_value fields[] = {
        {.field = jl_type_field_named(type, "name")->number, .value = jl_value_cstr(name)}};
    struct jl_change change = {.kind = JL_OP_CREATE,
                               .after = {.type = type->number,
                                         .owner = device->office_number,
                                         .fields = fields,
                                         .field_count = 1}};
    struct jl_err err;
    change.after.id = jl_id_next(&device->desk.ids, world.now_ms);
    assert_int_equal(jl_save_changes(device->office, NULL, &change, 1, &err), JL_OK);
}

static void test_a_district_restored_from_before_what_is_kept_goes_on(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    world_backup(&world);
    add_union(&a->desk, "甲厂工会");
    assert_in_step(a);
    meet_daily(a, 2 * (JL_CONFIRMED_KEEP_DAYS + 1));
    assert_int_equal(outbox_count(a), 0);
    struct jl_id org = add_union(&a->desk, "乙厂工会");
    assert_in_step(a);
    world_restore(&world);
    add_union(&a->desk, "丙厂工会");
    assert_in_step(a);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "name"), "乙厂工会");
    assert_int_equal(world_count(world.district->books, "union_org"), 2);
}

static void test_what_is_kept_behind_a_parked_op_can_all_be_sent_again(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *copy = NULL;
    world_backup(&world);
    save_unchecked(a, "缺项工会");
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    assert_in_step(a);
    copy = world_clone(a); /* so that there are two incarnations */
    assert_in_step(copy);
    assert_in_step(a);
    meet_daily(a, 2 * (JL_CONFIRMED_KEEP_DAYS + 1));
    add_union(&a->desk, "乙厂工会");
    assert_in_step(a);
    world_restore(&world);
    assert_in_step(a);
    assert_int_equal(world_count(world.district->books, "union_org"), 2);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "name"), "甲厂工会");
}

static enum jl_rc count_held(void *context, const struct jl_quarantined *batch,
                             struct jl_err *err) {
    (void)err;
    *(size_t *)context += batch->op_count;
    return JL_OK;
}

static size_t held_count(void) {
    size_t count = 0;
    struct jl_err err;
    for (size_t i = 0; i < world.district->origin_count; i++) {
        assert_int_equal(jl_quarantined_of(world.district->books->store,
                                           world.district->origins[i].number, count_held, &count,
                                           &err),
                         JL_OK);
    }
    return count;
}

static void deliver(struct world_device *device) {
    world_hang_up(device);
    for (int i = 0; i < 200; i++) {
        if (!world_step(device) && device->session.wake_ms > world.now_ms &&
            device->session.phase != JL_SESSION_SUSPENDED) {
            world.now_ms = device->session.wake_ms;
        }
    }
}

static void test_the_only_copy_of_an_op_stays_in_quarantine(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    world_keep_device(a);
    world_set_state(a, JL_DEVICE_SUSPENDED);
    add_union(&a->desk, "甲厂工会");
    deliver(a);
    assert_int_equal(held_count(), 1);
    world_put_back_device(a);
    struct jl_id org = add_union(&a->desk, "乙厂工会");
    world_set_state(a, JL_DEVICE_ACTIVE);
    assert_in_step(a);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "name"), "乙厂工会");
    assert_int_equal(held_count(), 1);
}

static void test_both_halves_of_a_copied_pc_deliver_into_quarantine(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *copy = world_clone(a);
    world_set_state(a, JL_DEVICE_SUSPENDED);
    add_union(&a->desk, "甲厂工会");
    add_union(&copy->desk, "乙厂工会");
    deliver(a);
    deliver(copy);
    assert_int_equal(held_count(), 2);
    world_set_state(a, JL_DEVICE_ACTIVE);
    assert_in_step(a);
    assert_in_step(copy);
    assert_int_equal(world_count(world.district->books, "union_org"), 2);
}

static void test_a_suspended_half_of_a_copied_pc_delivers_what_it_makes_later(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    add_union(&a->desk, "甲厂工会");
    struct world_device *copy = world_clone(a);
    world_set_state(a, JL_DEVICE_SUSPENDED);
    add_union(&copy->desk, "乙厂工会");
    deliver(copy);
    deliver(a);
    add_union(&a->desk, "丙厂工会");
    for (int i = 0; i < 20; i++) {
        (void)world_step(a); /* at once, not after the next greeting */
    }
    assert_int_equal(held_count(), 4); /* 甲 and 乙 of the one chain, 甲 and 丙 of the other */
}

/* The district's catalogue with one field more for unions. */
static void add_catalogue_field(const char *field) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_books *books = world.district->books;
    const struct jl_type *type = jl_catalogue_type_named(books->catalogue, "catalogue");
    struct jl_field_value name = {.field = jl_type_field_named(type, "name")->number,
                                  .value = jl_value_cstr("district")};
    struct jl_row row = {.type = JL_TYPE_CATALOGUE, .fields = &name, .field_count = 1};
    struct jl_record_key key = {.type = JL_TYPE_CATALOGUE};
    struct jl_book_record record = {0};
    struct jl_err err;
    assert_int_equal(jl_natural_key_id(books->hasher, type, &row, &key.id, &err), JL_OK);
    assert_int_equal(jl_books_load(books, &key, 1, &arena, &record, &err), JL_OK);
    struct jl_bytes body =
        jl_row_get(&record.row, jl_type_field_named(type, "body")->number)->bytes;
    json_t *root = json_loadb((const char *)body.data, body.size, 0, NULL);
    json_t *each = NULL;
    size_t i = 0;
    json_object_set_new(root, "version",
                        json_integer(json_integer_value(json_object_get(root, "version")) + 1));
    json_array_foreach(json_object_get(root, "types"), i, each) {
        if (strcmp(json_string_value(json_object_get(each, "name")), "union_org") == 0) {
            json_array_append_new(json_object_get(each, "fields"),
                                  json_pack("{s:i,s:s,s:s,s:s,s:s}", "number", 120, "name", field,
                                            "kind", "text", "zh", field, "en", field));
        }
    }
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    world_apply_catalogue(&world, text);
    free(text);
}

static void test_a_district_restored_to_an_older_catalogue_hides_nothing(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    uint64_t damaged = 0;
    struct jl_err err;
    world_backup(&world);
    add_catalogue_field("motto");
    assert_in_step(a);
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    world_set(&a->desk, "union_org", &org, "motto=同心");
    assert_in_step(a);
    world_restore(&world);
    assert_in_step(a);
    world_reopen_device(a);
    assert_int_equal(jl_office_scrub(a->office, &damaged, &err), JL_OK);
    assert_int_equal(damaged, 0);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "motto"), "同心");
    assert_in_step(a);
    add_catalogue_field("motto");
    assert_in_step(a);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "motto"), "同心");
}

/* Until the district has judged all that the device has, and nobody has read the answer. */
static void judge_unheard(struct world_device *device) {
    uint64_t before = world.district->state.journal_seq;
    world_hang_up(device);
    for (int i = 0; i < 50 && world.district->state.journal_seq == before; i++) {
        (void)world_step(device);
    }
    assert_true(world.district->state.journal_seq > before);
}

/* No union is that old: the district refuses what this desk let pass. */
static void set_refused(struct world_device *device, const struct jl_id *org) {
    world_set_unchecked(device, "union_org", org, "founded_on", jl_value_int(19010101));
}

static void test_a_refused_edit_leaves_what_was_confirmed_just_before_it(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    judge_unheard(a);
    set_refused(a, &org); /* the record is confirmed while this one is on its way */
    assert_in_step(a);
    assert_int_equal(a->office->state.repairs, 0);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "founded_on"), "2018-05-01");
    world_set(&a->desk, "union_org", &org, "note=同心");
    judge_unheard(a);
    set_refused(a, &org);
    assert_in_step(a);
    assert_int_equal(a->office->state.repairs, 0);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "note"), "同心");
}

static void test_a_refused_edit_leaves_a_record_that_may_be_a_double(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *c = world_join(&world, 2);
    (void)add_union(&c->desk, "甲厂工会");
    assert_in_step(c);
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    set_refused(a, &org);
    assert_in_step(a);
    assert_int_equal(a->office->state.repairs, 0);
    assert_int_equal(world_count(a->office->books, "case"), 1);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "founded_on"), "2018-05-01");
}

/* The page with the deletion comes first, then the word that the edit behind it is refused. */
static void test_a_refused_edit_of_what_was_deleted_brings_nothing_back(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    assert_in_step(a);
    world_delete(&world.district_desk, "union_org", &org);
    world_poke(a);
    while (a->outbox_count == 0) {
        assert_true(world_step(a)); /* asks for the page */
    }
    while (a->inbox_count == 0) {
        assert_true(world_step(a)); /* which is on its way */
    }
    set_refused(a, &org);
    assert_true(world_step(a));
    assert_int_equal(world_count_live(a->office->books, "union_org"), 0);
    assert_in_step(a);
    assert_int_equal(a->office->state.repairs, 0);
    assert_int_equal(world_count_live(a->office->books, "union_org"), 0);
}

static void test_a_refused_return_leaves_a_confirmed_deletion_as_it_is(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    struct jl_err err;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before = {0};
    const struct jl_type *type = jl_catalogue_type_named(a->office->books->catalogue, "union_org");
    const struct jl_record_key key = {.type = type->number, .id = org};
    assert_in_step(a);
    world_delete(&a->desk, "union_org", &org);
    judge_unheard(a);
    assert_int_equal(jl_books_load(a->office->books, &key, 1, &arena, &before, &err), JL_OK);
    struct jl_change change = {.kind = JL_OP_RESTORE, .before = &before, .after = before.row};
    struct jl_value none = jl_value_null(); /* an older program without today's rules */
    change.after.deleted = false;
    assert_int_equal(
        jl_row_set(&change.after, jl_type_field_named(type, "name")->number, &none, &arena, &err),
        JL_OK);
    assert_int_equal(jl_save_changes(a->office, NULL, &change, 1, &err), JL_OK);
    assert_in_step(a);
    assert_int_equal(a->office->state.repairs, 0);
    assert_int_equal(world_count_live(a->office->books, "union_org"), 0);
}

/* As set_refused, from the start. */
static struct jl_id add_refused_union(struct world_device *device) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err;
    const struct jl_type *type =
        jl_catalogue_type_named(device->office->books->catalogue, "union_org");
    struct jl_change change = {.kind = JL_OP_CREATE,
                               .after = {.type = type->number, .id = {{7}}, .owner = 1}};
    const struct {
        const char *field;
        struct jl_value value;
    } values[] = {{"name", jl_value_cstr("甲厂工会")},
                  {"org_kind", jl_value_int(1)},
                  {"founded_on", jl_value_int(19010101)},
                  {"status", jl_value_int(2)}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const struct jl_field *field = jl_type_field_named(type, values[i].field);
        assert_int_equal(jl_row_set(&change.after, field->number, &values[i].value, &arena, &err),
                         JL_OK);
    }
    assert_int_equal(jl_save_changes(device->office, NULL, &change, 1, &err), JL_OK);
    return change.after.id;
}

static void test_what_is_restored_after_its_making_was_refused_is_there(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_err err;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before = {0};
    struct jl_id org = add_refused_union(a);
    world_set(&a->desk, "union_org", &org, "founded_on=2018-05-01");
    world_delete(&a->desk, "union_org", &org);
    const struct jl_record_key key = {
        .type = jl_catalogue_type_named(a->office->books->catalogue, "union_org")->number,
        .id = org};
    assert_int_equal(jl_books_load(a->office->books, &key, 1, &arena, &before, &err), JL_OK);
    struct jl_change change = {.kind = JL_OP_RESTORE, .before = &before, .after = before.row};
    change.after.deleted = false;
    assert_int_equal(jl_save_changes(a->office, NULL, &change, 1, &err), JL_OK);
    assert_in_step(a);
    assert_int_equal(a->office->state.repairs, 0);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "name"), "甲厂工会");
    assert_string_equal(world_get(a->office->books, "union_org", &org, "name"), "甲厂工会");
}

static void test_a_pc_put_back_hears_of_what_was_made_and_deleted_in_one_batch(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    world_keep_device(a);
    world_delete(&a->desk, "union_org", &org);
    assert_in_step(a);
    world_put_back_device(a);
    assert_in_step(a);
    assert_int_equal(a->office->state.repairs, 0);
    assert_int_equal(world_count_live(a->office->books, "union_org"), 0);
    assert_in_step(b);
    assert_int_equal(world_count(b->office->books, "union_org"), 0);
}

static void test_a_pc_put_back_to_before_what_is_held_of_it_begins_anew(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_err err;
    struct jl_judged judged;
    const struct jl_ruling admitted = {.decision = JL_DECISION_ADMIT, .reason = ""};
    world_set_state(a, JL_DEVICE_SUSPENDED);
    world_keep_device(a);
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    deliver(a);
    uint32_t origin = a->origin;
    assert_int_equal(held_count(), 1);
    world_set_state(a, JL_DEVICE_ACTIVE);
    world_put_back_device(a);
    assert_in_step(a);
    /* It is in session when what it does not have any more is admitted as its own. */
    const struct jl_run run = {.origin = origin, .first_seq = 1, .last_seq = 1};
    assert_int_equal(jl_quarantine_decide(world.district, a->number, &admitted, &run, 1, &err),
                     JL_OK);
    assert_int_equal(jl_quarantine_judge(world.district, origin, &judged, &err), JL_OK);
    assert_int_equal(judged.applied, 1);
    world_poke(a);
    while (world_step(a)) {
    }
    assert_true(world_settled(a));
    assert_int_equal(a->office->state.repairs, 0);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "name"), "甲厂工会");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_a_transfer_requested_at_the_district_belongs_to_the_office_left),
        CASE(test_a_pc_with_a_wrong_clock_keeps_what_is_confirmed),
        CASE(test_a_log_that_is_ahead_of_its_books_goes_on_beside_a_backup),
        CASE(test_confirmed_ops_are_kept_45_days_and_not_for_ever),
        CASE(test_a_district_restored_from_before_what_is_kept_goes_on),
        CASE(test_what_is_kept_behind_a_parked_op_can_all_be_sent_again),
        CASE(test_the_only_copy_of_an_op_stays_in_quarantine),
        CASE(test_both_halves_of_a_copied_pc_deliver_into_quarantine),
        CASE(test_a_suspended_half_of_a_copied_pc_delivers_what_it_makes_later),
        CASE(test_a_district_restored_to_an_older_catalogue_hides_nothing),
        CASE(test_a_refused_edit_leaves_what_was_confirmed_just_before_it),
        CASE(test_a_refused_edit_leaves_a_record_that_may_be_a_double),
        CASE(test_a_refused_edit_of_what_was_deleted_brings_nothing_back),
        CASE(test_a_refused_return_leaves_a_confirmed_deletion_as_it_is),
        CASE(test_what_is_restored_after_its_making_was_refused_is_there),
        CASE(test_a_pc_put_back_hears_of_what_was_made_and_deleted_in_one_batch),
        CASE(test_a_pc_put_back_to_before_what_is_held_of_it_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
