/* Possible duplicates: two records that may be one have one case for ever (server/judge/pair.c),
 * whoever finds them. Of two offices' it is the district's, and an office hears of its own alone.
 */
#include "server/books/daily.h"
#include "world.h"

#include "jielian/catalogue/catalogue.h"
#include "jielian/sync/case_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#define SHARED "990106199001010010"
#define OTHER "990106199001010053"
#define THIRD "99010619900101007X"

enum { OTHERS_MAX = 64 }; /* of server/judge/pair.c */

static struct world world;
static struct world_device *a; /* of office A; holds `first` */
static struct world_device *c; /* of office B; holds `second` */
static struct jl_id first, second;

static struct jl_id add_member(struct world_device *device, const struct jl_id *org,
                               const char *id_no) {
    char text[512];
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(org, id);
    snprintf(text, sizeof text,
             "name=张三|id_kind=居民身份证|joined_on=2020-01-02|m_status=在籍|org=%s|id_no=%s", id,
             id_no);
    return world_add(&device->desk, "member", text);
}

static struct jl_id add_union(struct world_device *device, const char *name) {
    char text[256];
    snprintf(text, sizeof text, "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建",
             name);
    return world_add(&device->desk, "union_org", text);
}

static struct jl_id org_a, org_c;

static void sync(struct world_device *device) {
    assert_true(world_sync(device));
    assert_true(world_same(device));
}

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    a = world_join(&world, 1);
    c = world_join(&world, 2);
    org_a = add_union(a, "西溪甲厂工会");
    org_c = add_union(c, "北山乙厂工会");
    first = add_member(a, &org_a, SHARED);
    sync(a);
    second = add_member(c, &org_c, SHARED);
    sync(c);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

static struct jl_books *district(void) {
    return world.district->books;
}

static uint32_t member(void) {
    return jl_catalogue_type_named(district()->catalogue, "member")->number;
}

/* Of two records of one office; of two offices; of one record that has a double elsewhere. */
static struct jl_id pair_id(const struct jl_id *one, const struct jl_id *two) {
    struct jl_id id;
    struct jl_err err;
    assert_int_equal(jl_case_id_of_pair(district()->hasher, member(), one, two, &id, &err), JL_OK);
    return id;
}

static struct jl_id apart_id(const struct jl_id *one, const struct jl_id *two) {
    struct jl_id id;
    struct jl_err err;
    assert_int_equal(jl_case_id_of_two_offices(district()->hasher, member(), one, two, &id, &err),
                     JL_OK);
    return id;
}

static struct jl_id elsewhere_id(const struct jl_id *of) {
    struct jl_id id;
    struct jl_err err;
    assert_int_equal(jl_case_id_elsewhere(district()->hasher, member(), of, &id, &err), JL_OK);
    return id;
}

static void close_as(const struct jl_id *id, const char *resolution) {
    world_close_case(&world.district_desk, id, resolution);
    sync(c);
}

static void assert_told(struct world_device *device, const struct jl_id *of, const char *status) {
    struct jl_id id = elsewhere_id(of);
    assert_string_equal(world_get(device->office->books, "case", &id, "status"), status);
    assert_string_equal(world_get(device->office->books, "case", &id, "other_id"), "");
}

/* The later record gets another number, and the shared one again. */
static void find_again(void) {
    world_set(&c->desk, "member", &second, "id_no=" OTHER);
    sync(c);
    world_set(&c->desk, "member", &second, "id_no=" SHARED);
    sync(c);
}

static enum jl_outbox_state last_verdict(struct world_device *device) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err;
    assert_int_equal(jl_outbox_range(device->office->books->store, 1, 1000, SIZE_MAX, &arena,
                                     &entries, &count, &err),
                     JL_OK);
    assert_true(count > 0);
    return entries[count - 1].state;
}

static void test_an_open_pair_found_again_stays_one_case(void **state) {
    (void)state;
    struct jl_id id = apart_id(&first, &second);
    char subject[JL_ID_TEXT_BYTES];
    char other[JL_ID_TEXT_BYTES];
    jl_id_format(&second, subject);
    jl_id_format(&first, other);
    assert_string_equal(world_get(district(), "case", &id, "status"), "待处理");
    assert_string_equal(world_get(district(), "case", &id, "subject_id"), subject);
    assert_string_equal(world_get(district(), "case", &id, "other_id"), other);
    find_again();
    assert_int_equal(last_verdict(c), JL_OUTBOX_CASE);
    assert_int_equal(world_count(district(), "case"), 2);
    assert_int_equal(world_count(a->office->books, "case"), 0);
    assert_int_equal(world_count(c->office->books, "case"), 1);
    /* Found by the other one, too. */
    world_set(&a->desk, "member", &first, "id_no=" OTHER);
    sync(a);
    world_set(&a->desk, "member", &first, "id_no=" SHARED);
    sync(a);
    assert_int_equal(last_verdict(a), JL_OUTBOX_CASE);
    assert_int_equal(world_count(district(), "case"), 3);
    assert_int_equal(world_count(c->office->books, "case"), 1);
    assert_told(a, &first, "待处理");
}

static void test_an_office_learns_nothing_of_the_other(void **state) {
    (void)state;
    struct jl_id told = elsewhere_id(&second);
    const char *names[] = {"title", "detail", "subject_id", "resolution"};
    char other[JL_ID_TEXT_BYTES];
    jl_id_format(&first, other);
    world_set(&a->desk, "member", &first, "name=李四|mobile=13800000000");
    sync(a);
    find_again();
    assert_told(c, &second, "待处理");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = world_get(c->office->books, "case", &told, names[i]);
        assert_null(strstr(text, other));
        assert_null(strstr(text, "李四"));
        assert_null(strstr(text, "西溪"));
        assert_null(strstr(text, "A街道"));
    }
    assert_non_null(strstr(world_get(c->office->books, "case", &told, "detail"),
                           "另一镇街也有这个号码，区级核对中"));
    /* However many there are: the answer is the same. */
    add_member(a, &org_a, SHARED);
    sync(a);
    find_again();
    assert_int_equal(world_count(c->office->books, "case"), 1);
}

static void test_two_people_who_are_different_are_remembered(void **state) {
    (void)state;
    struct jl_id id = apart_id(&first, &second);
    close_as(&id, "different");
    assert_told(c, &second, "已处理");
    find_again();
    assert_int_equal(last_verdict(c), JL_OUTBOX_APPLIED);
    assert_string_equal(world_get(district(), "case", &id, "status"), "已处理");
    assert_string_equal(world_get(district(), "case", &id, "resolution"), "different");
    assert_int_equal(world_count(district(), "case"), 2);
    assert_told(c, &second, "已处理");
}

static void test_what_an_office_says_of_its_own_decides_nothing(void **state) {
    (void)state;
    struct jl_id id = apart_id(&first, &second);
    struct jl_id told = elsewhere_id(&second);
    world_close_case(&c->desk, &told, "different");
    sync(c);
    assert_string_equal(world_get(district(), "case", &id, "status"), "待处理");
    find_again();
    assert_int_equal(last_verdict(c), JL_OUTBOX_CASE);
    assert_told(c, &second, "待处理"); /* the district has not decided */
}

static void test_a_pair_closed_otherwise_is_opened_again_for_whom_it_concerns(void **state) {
    (void)state;
    struct jl_id id = apart_id(&first, &second);
    close_as(&id, "current");
    assert_told(c, &second, "已处理");
    world_set(&a->desk, "member", &first, "id_no=" OTHER);
    sync(a);
    world_set(&a->desk, "member", &first, "id_no=" SHARED);
    sync(a);
    sync(c);
    assert_string_equal(world_get(district(), "case", &id, "status"), "待处理");
    assert_string_equal(world_get(district(), "case", &id, "resolution"), "");
    /* This time it was office A that made the double. */
    assert_told(a, &first, "待处理");
    assert_told(c, &second, "已处理");
}

static void test_a_third_record_is_compared_with_both(void **state) {
    (void)state;
    struct jl_id id = apart_id(&first, &second);
    close_as(&id, "different");
    struct jl_id third = add_member(a, &org_a, SHARED);
    sync(a);
    struct jl_id with_first = pair_id(&first, &third);
    struct jl_id with_second = apart_id(&second, &third);
    assert_string_equal(world_get(district(), "case", &with_first, "status"), "待处理");
    assert_string_equal(world_get(district(), "case", &with_second, "status"), "待处理");
    assert_string_equal(world_get(district(), "case", &id, "status"), "已处理");
    assert_told(a, &third, "待处理");
    assert_int_equal(world_count(a->office->books, "case"), 2);
}

static void test_what_an_office_is_told_closes_with_the_last_pair(void **state) {
    (void)state;
    struct jl_id third = add_member(a, &org_a, SHARED);
    sync(a);
    find_again();
    struct jl_id with_first = apart_id(&first, &second);
    struct jl_id with_third = apart_id(&third, &second);
    close_as(&with_first, "different");
    assert_told(c, &second, "待处理");
    close_as(&with_third, "current");
    assert_told(c, &second, "已处理");
    sync(a);
    assert_told(a, &third, "已处理");
}

static void test_doubles_elsewhere_are_counted_by_office_and_day(void **state) {
    (void)state;
    struct jl_err err;
    uint64_t count = 0;
    assert_int_equal(jl_daily_pairs(world.district, 2, &count, &err), JL_OK);
    assert_int_equal(count, 1);
    find_again(); /* an open pair is not found anew */
    add_member(c, &org_c, SHARED);
    sync(c);
    assert_int_equal(jl_daily_pairs(world.district, 2, &count, &err), JL_OK);
    assert_int_equal(count, 2);
    assert_int_equal(jl_daily_pairs(world.district, 1, &count, &err), JL_OK);
    assert_int_equal(count, 0);
    world_pass(&world, (int64_t)24 * 60 * 60 * 1000);
    assert_int_equal(jl_daily_pairs(world.district, 2, &count, &err), JL_OK);
    assert_int_equal(count, 0);
}

static void test_a_value_held_by_tombstones_does_not_hide_a_living_holder(void **state) {
    (void)state;
    enum { BURIED = 5 }; /* more than a batch asks for at once */
    for (int i = 0; i < BURIED; i++) {
        struct jl_id buried = add_member(a, &org_a, OTHER);
        sync(a);
        world_delete(&a->desk, "member", &buried);
        sync(a);
    }
    struct jl_id living = add_member(a, &org_a, OTHER);
    sync(a);
    world_set(&c->desk, "member", &second, "id_no=" OTHER);
    sync(c);
    struct jl_id id = apart_id(&living, &second);
    assert_int_equal(last_verdict(c), JL_OUTBOX_CASE);
    assert_string_equal(world_get(district(), "case", &id, "status"), "待处理");
}

/* With a living holder of OTHER at office A and the second record at B, `count` records have it. */
static struct jl_id meet_among(size_t count) {
    for (size_t i = 2; i < count; i++) {
        struct jl_id next = add_member(a, &org_a, OTHER);
        sync(a);
        world_delete(&a->desk, "member", &next);
    }
    struct jl_id living = add_member(a, &org_a, OTHER);
    sync(a);
    world_set(&c->desk, "member", &second, "id_no=" OTHER);
    sync(c);
    return apart_id(&living, &second);
}

static void test_with_as_many_holders_as_are_looked_at_the_last_decision_is_told(void **state) {
    (void)state;
    struct jl_id first_pair = apart_id(&first, &second);
    struct jl_id id = meet_among(OTHERS_MAX);
    close_as(&first_pair, "different");
    close_as(&id, "different");
    assert_told(c, &second, "已处理");
}

static void test_with_one_more_the_case_stays_until_a_person_closes_it(void **state) {
    (void)state;
    struct jl_id first_pair = apart_id(&first, &second);
    struct jl_id id = meet_among(OTHERS_MAX + 1);
    struct jl_id told = elsewhere_id(&second);
    close_as(&first_pair, "different");
    close_as(&id, "different");
    assert_told(c, &second, "待处理");
    close_as(&told, "current");
    assert_told(c, &second, "已处理");
}

static void test_one_op_opens_cases_with_a_few_of_very_many_holders(void **state) {
    (void)state;
    enum { MANY = 8, AT_ONCE = 4 }; /* PAIRS_MAX of server/judge/unique.c */
    for (int i = 0; i < MANY; i++) {
        add_member(a, &org_a, OTHER);
        sync(a);
    }
    size_t before = world_count(district(), "case");
    world_set(&c->desk, "member", &second, "id_no=" OTHER);
    sync(c);
    assert_int_equal(world_count(district(), "case"), before + AT_ONCE);
    assert_int_equal(world_count(c->office->books, "case"), 1);
}

static void test_a_member_who_comes_back_is_looked_at_again(void **state) {
    (void)state;
    struct jl_id id = apart_id(&first, &second);
    world_set(&c->desk, "member", &second, "m_status=退会");
    sync(c);
    close_as(&id, "current");
    assert_told(c, &second, "已处理");
    world_set(&c->desk, "member", &second, "m_status=在籍");
    sync(c);
    assert_int_equal(last_verdict(c), JL_OUTBOX_CASE);
    assert_string_equal(world_get(district(), "case", &id, "status"), "待处理");
    assert_told(c, &second, "待处理");
}

static void test_doubles_of_one_batch_meet_and_later_edits_of_it_do_not_ask(void **state) {
    (void)state;
    size_t before = world_count(district(), "case");
    struct jl_id one = add_member(a, &org_a, OTHER);
    struct jl_id two = add_member(a, &org_a, OTHER);
    world_set(&a->desk, "member", &two, "edu=大学本科");
    sync(a);
    struct jl_id id = pair_id(&one, &two);
    assert_int_equal(world_count(district(), "case"), before + 1);
    assert_string_equal(world_get(district(), "case", &id, "status"), "待处理");
    assert_int_equal(last_verdict(a), JL_OUTBOX_APPLIED);
}

static void test_a_double_that_its_batch_takes_away_is_none(void **state) {
    (void)state;
    world_delete(&a->desk, "member", &first);
    struct jl_id again = add_member(a, &org_a, OTHER);
    world_set(&a->desk, "member", &again, "name=李四");
    size_t before = world_count(district(), "case");
    sync(a);
    world_delete(&a->desk, "member", &again);
    add_member(a, &org_a, OTHER);
    sync(a);
    assert_int_equal(world_count(district(), "case"), before);
}

static void test_a_conflict_and_a_double_of_one_op_are_two_cases(void **state) {
    (void)state;
    struct world_device *b = world_join(&world, 2);
    world_set(&c->desk, "member", &second, "edu=大学本科");
    sync(c);
    struct jl_id third = add_member(a, &org_a, THIRD);
    sync(a);
    size_t before = world_count(district(), "case");
    /* Another PC of office B that has not seen the first edit. */
    world_set(&b->desk, "member", &second, "edu=大学专科|id_no=" THIRD);
    sync(b);
    struct jl_id id = apart_id(&second, &third);
    assert_string_equal(world_get(district(), "case", &id, "status"), "待处理");
    assert_int_equal(world_count(district(), "case"), before + 2);
}

static void test_the_journal_replays_to_the_same_cases(void **state) {
    (void)state;
    struct jl_id id = apart_id(&first, &second);
    find_again();
    close_as(&id, "different");
    find_again();
    assert_string_equal(world_replay_fault(&world), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_an_open_pair_found_again_stays_one_case),
        CASE(test_an_office_learns_nothing_of_the_other),
        CASE(test_two_people_who_are_different_are_remembered),
        CASE(test_a_pair_closed_otherwise_is_opened_again_for_whom_it_concerns),
        CASE(test_what_an_office_says_of_its_own_decides_nothing),
        CASE(test_what_an_office_is_told_closes_with_the_last_pair),
        CASE(test_doubles_elsewhere_are_counted_by_office_and_day),
        CASE(test_a_third_record_is_compared_with_both),
        CASE(test_a_value_held_by_tombstones_does_not_hide_a_living_holder),
        CASE(test_one_op_opens_cases_with_a_few_of_very_many_holders),
        CASE(test_with_as_many_holders_as_are_looked_at_the_last_decision_is_told),
        CASE(test_with_one_more_the_case_stays_until_a_person_closes_it),
        CASE(test_a_member_who_comes_back_is_looked_at_again),
        CASE(test_doubles_of_one_batch_meet_and_later_edits_of_it_do_not_ask),
        CASE(test_a_double_that_its_batch_takes_away_is_none),
        CASE(test_a_conflict_and_a_double_of_one_op_are_two_cases),
        CASE(test_the_journal_replays_to_the_same_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
