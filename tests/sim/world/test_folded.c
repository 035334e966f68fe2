/* Unique texts are the same that fold to the same, in one batch and in many; every two records of a
 * batch with one value are a pair, a few for each op. Entries of older rules go on meaning what
 * they meant. */
#include "server/judge/accept_entry.h"
#include "world.h"

#include "jielian/record/natural_key.h"
#include "jielian/sync/case_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;
static struct world_device *a, *b; /* of office A */
static struct world_device *c;     /* of office B */
static struct jl_err err;

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    a = world_join(&world, 1);
    b = world_join(&world, 1);
    c = world_join(&world, 2);
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

static const struct jl_type *unions(void) {
    return jl_catalogue_type_named(district()->catalogue, "union_org");
}

static void sync(struct world_device *device) {
    assert_true(world_sync(device));
    assert_true(world_same(device));
}

static struct jl_id add_union(struct world_device *device, const char *name) {
    char text[256];
    snprintf(text, sizeof text, "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建",
             name);
    return world_add(&device->desk, "union_org", text);
}

/* Past the desk, which takes some forms out already. */
static struct jl_id add_as_is(struct world_device *device, const char *name) {
    static int number;
    char other[64];
    snprintf(other, sizeof other, "待改名第%d工会", ++number);
    struct jl_id id = add_union(device, other);
    world_set_unchecked(device, "union_org", &id, "name", jl_value_cstr(name));
    return id;
}

static bool is_pair(const struct jl_id *one, const struct jl_id *two) {
    struct jl_id id;
    assert_int_equal(jl_case_id_of_pair(district()->hasher, unions()->number, one, two, &id, &err),
                     JL_OK);
    return strcmp(world_get(district(), "case", &id, "status"), "待处理") == 0;
}

static void test_a_name_in_another_form_is_the_same_name(void **state) {
    (void)state;
    static const char *const forms[][2] = {
        {"西溪（甲）厂工会", "西溪(甲)厂工会"},
        {"西溪ABC工会", "西溪ａｂｃ工会"},
        {"西溪 乙 厂工会", "西溪乙\u3000厂工会"},
        {"西溪caf\u00e9工会", "西溪cafe\u0301工会"},
        {"西溪丙厂工会", "西溪\u200B丙\uFEFF厂工会\u00AD"},
        {"西溪第1厂工会", "西溪第①厂工会"},
        {"西溪丁⼯会", "西溪丁工会"},
        {"西溪葛厂工会", "西溪葛\U000E0101厂工会"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct jl_id one = add_as_is(a, forms[i][0]);
        sync(a);
        size_t before = world_count(district(), "case");
        struct jl_id two = add_as_is(b, forms[i][1]);   /* meets it in the books, */
        struct jl_id three = add_as_is(b, forms[i][0]); /* and the one before in its batch */
        sync(b);
        if (!is_pair(&one, &two) || !is_pair(&two, &three) || !is_pair(&one, &three)) {
            fail_msg("\"%s\" and \"%s\"", forms[i][0], forms[i][1]);
        }
        assert_int_equal(world_count(district(), "case"), before + 3);
    }
}

/* The district's own case, and one of the office that is told so much. */
static void test_offices_have_one_name_in_two_forms(void **state) {
    (void)state;
    struct jl_id id;
    struct jl_id one = add_union(a, "西溪（甲）厂工会");
    sync(a);
    struct jl_id two = add_union(c, "西溪(甲) 厂工会");
    sync(c);
    assert_int_equal(
        jl_case_id_of_two_offices(district()->hasher, unions()->number, &one, &two, &id, &err),
        JL_OK);
    assert_string_equal(world_get(district(), "case", &id, "status"), "待处理");
    assert_int_equal(world_count(c->office->books, "case"), 1);
    world_close_case(&world.district_desk, &id, "different");
    sync(c);
    assert_string_equal(world_get_first(c->office->books, "case", "status"), "已处理");
}

static void test_names_that_differ_are_no_pair(void **state) {
    (void)state;
    static const char *const names[] = {"西溪甲厂工会",
                                        "西溪甲-厂工会",
                                        "西溪甲·厂工会",
                                        "西溪a厂工会",
                                        "西溪\u0430厂工会" /* Cyrillic */,
                                        "西溪á厂工会"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        add_as_is(i % 2 == 0 ? a : b, names[i]);
    }
    sync(a);
    sync(b);
    assert_int_equal(world_count(district(), "case"), 0);
}

static void test_writing_a_name_in_another_form_asks_nothing(void **state) {
    (void)state;
    struct jl_id one = add_union(a, "西溪（甲）厂工会");
    struct jl_id two = add_union(b, "西溪(甲)厂工会");
    sync(a);
    sync(b);
    assert_true(is_pair(&one, &two));
    struct jl_id id;
    assert_int_equal(
        jl_case_id_of_pair(district()->hasher, unions()->number, &one, &two, &id, &err), JL_OK);
    world_close_case(&b->desk, &id, "current");
    sync(b);
    world_set(&b->desk, "union_org", &two, "name=西溪（甲）厂工会"); /* stored all the same */
    sync(b);
    assert_string_equal(world_get(district(), "union_org", &two, "name"), "西溪（甲）厂工会");
    assert_false(is_pair(&one, &two)); /* a closed case that is not opened again */
}

/* count records of one batch with one name, each written in its own way. */
static size_t pairs_of(size_t count, struct jl_id *out_ids) {
    static const char *const names[] = {
        "北山（甲）厂工会", "北山(甲)厂工会",  "北山 (甲)厂工会",       "北山（甲)厂工会",
        "北山(甲）厂工会",  "北山(甲) 厂工会", "北山\u3000（甲）厂工会"};
    size_t pairs = 0;
    assert_in_range(count, 0, sizeof names / sizeof names[0]);
    for (size_t i = 0; i < count; i++) {
        out_ids[i] = add_union(a, names[i]);
    }
    sync(a);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            pairs += is_pair(&out_ids[i], &out_ids[j]) ? 1 : 0;
        }
    }
    assert_int_equal(world_count(district(), "case"), pairs);
    return pairs;
}

static void test_three_records_of_one_batch_are_three_pairs(void **state) {
    (void)state;
    struct jl_id ids[3];
    assert_int_equal(pairs_of(3, ids), 3);
}

static void test_four_records_of_one_batch_are_six_pairs(void **state) {
    (void)state;
    struct jl_id ids[4];
    assert_int_equal(pairs_of(4, ids), 6);
}

/* PAIRS_MAX of server/judge/unique.c: four for each op. */
static void test_each_op_opens_four_pairs_at_most(void **state) {
    (void)state;
    struct jl_id ids[7];
    assert_int_equal(pairs_of(7, ids), 0 + 1 + 2 + 3 + 4 + 4 + 4);
}

static void test_records_of_the_batch_and_of_the_books_meet(void **state) {
    (void)state;
    struct jl_id old = add_union(b, "北山(甲)厂工会");
    sync(b);
    struct jl_id ids[3];
    for (size_t i = 0; i < 3; i++) {
        ids[i] = add_union(a, i == 1 ? "北山（甲）厂工会" : "北山(甲)厂工会");
    }
    sync(a);
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_pair(&ids[i], &old));
        assert_true(is_pair(&ids[i], &ids[(i + 1) % 3]));
    }
    assert_int_equal(world_count(district(), "case"), 6);
}

/* The value goes away and comes back within the batch, more often than there are places. */
static void test_a_value_that_goes_and_comes_in_one_batch_pairs_once(void **state) {
    (void)state;
    struct jl_id one = add_union(a, "北山甲厂工会");
    struct jl_id two = add_union(a, "北山乙厂工会");
    struct jl_id three = add_union(a, "北山丙厂工会");
    for (int i = 0; i < 6; i++) {
        const struct jl_id *has = i % 2 == 0 ? &two : &three;
        const struct jl_id *had = i % 2 == 0 ? &three : &two;
        world_set(&a->desk, "union_org", had,
                  i % 2 == 0 ? "name=北山丁厂工会" : "name=北山戊厂工会");
        world_set(&a->desk, "union_org", has, "name=北山甲 厂工会");
    }
    sync(a);
    assert_true(is_pair(&one, &two)); /* was opened, and closes by people only */
    assert_true(is_pair(&one, &three));
    assert_false(is_pair(&two, &three)); /* never had it at the same time */
    assert_int_equal(world_count(district(), "case"), 2);
}

/* ---- By rules ---- */

/* How many cases one batch of the district's makes by these rules: records of the type that differ
 * in one text only. Nothing stays. */
static size_t cases_by(uint32_t rules, const struct jl_type *type,
                       const struct jl_field_value *fields, size_t field_count,
                       const char *const *texts, size_t count) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) bytes = {0};
    struct jl_district *books = world.district;
    struct jl_bytes ops[8];
    struct jl_field_value given[8];
    struct jl_push push = {.first_seq = books->state.own_seq + 1, .ops = ops, .count = count};
    struct jl_accept accept = {.head = jl_entry_own_head(books, JL_ENTRY_BATCH, world.now_ms),
                               .push = &push,
                               .now_ms = world.now_ms};
    struct jl_verdict *verdicts = NULL;
    size_t verdict_count = 0;
    accept.head.rules = rules;
    memcpy(given, fields, field_count * sizeof *fields);
    for (size_t i = 0; i < count; i++) {
        struct jl_op op = {.kind = JL_OP_CREATE,
                           .type = type->number,
                           .id = {{(uint8_t)(i + 1)}},
                           .owner = type->owner == JL_SIDE_DISTRICT ? 0 : 1,
                           .number = push.first_seq + i,
                           .new_fields = given,
                           .new_count = field_count};
        given[0].value = jl_value_cstr(texts[i]);
        const struct jl_row row = {
            .type = type->number, .fields = given, .field_count = field_count};
        if (type->natural_key_count > 0) {
            assert_int_equal(jl_natural_key_id(district()->hasher, type, &row, &op.id, &err),
                             JL_OK);
        }
        jl_buf_reset(&bytes);
        assert_int_equal(jl_wire_op_encode(&op, &bytes, &err), JL_OK);
        assert_int_equal(jl_arena_dup(&arena, jl_buf_bytes(&bytes), &ops[i], &err), JL_OK);
    }
    assert_int_equal(jl_district_begin(books, true, NULL, &err), JL_OK);
    assert_int_equal(jl_accept_entry(books, &accept, &arena, &verdicts, &verdict_count, &err),
                     JL_OK);
    for (size_t i = 0; i < verdict_count; i++) {
        assert_int_not_equal(verdicts[i].code, JL_VERDICT_PARKED);
    }
    size_t cases = world_count(district(), "case");
    jl_district_rollback(books);
    return cases;
}

static void test_entries_of_older_rules_make_the_cases_that_they_made(void **state) {
    (void)state;
    static const char *const names[] = {"北山（丙）厂工会", "北山(丙)厂工会", "北山(丙)厂工会",
                                        "北山(丙)厂工会"};
    const struct jl_field_value name = {jl_type_field_named(unions(), "name")->number,
                                        jl_value_null()};
    /* The third and fourth with the second. */
    assert_int_equal(cases_by(1, unions(), &name, 1, names, 4), 2);
    assert_int_equal(cases_by(0, unions(), &name, 1, names, 4), 2);
}

/* Ids of a natural key are made of bytes, on the wire and in every book: so the second form is
 * another record, and a person is asked. */
static void test_a_text_key_in_another_form_is_a_pair(void **state) {
    (void)state;
    static const char *const logins[] = {"wang", "Ｗang", "li"};
    const struct jl_type *staff = jl_catalogue_type_named(district()->catalogue, "staff");
    const struct jl_field_value fields[] = {
        {jl_type_field_named(staff, "login")->number, jl_value_null()},
        {jl_type_field_named(staff, "name")->number, jl_value_cstr("王五")},
        {jl_type_field_named(staff, "role")->number, jl_value_int(1)}};
    assert_int_equal(cases_by(JL_RULES, staff, fields, 3, logins, 3), 1);
    assert_int_equal(cases_by(1, staff, fields, 3, logins, 3), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_a_name_in_another_form_is_the_same_name),
        CASE(test_offices_have_one_name_in_two_forms),
        CASE(test_names_that_differ_are_no_pair),
        CASE(test_writing_a_name_in_another_form_asks_nothing),
        CASE(test_three_records_of_one_batch_are_three_pairs),
        CASE(test_four_records_of_one_batch_are_six_pairs),
        CASE(test_each_op_opens_four_pairs_at_most),
        CASE(test_records_of_the_batch_and_of_the_books_meet),
        CASE(test_a_value_that_goes_and_comes_in_one_batch_pairs_once),
        CASE(test_entries_of_older_rules_make_the_cases_that_they_made),
        CASE(test_a_text_key_in_another_form_is_a_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
