/* Goal: what a person writes names the record, however it is written: references by name, code and
 * login; unique values warn; what several records are called is an error as ever. Method: a desk's
 * books, tables of forms. */
#include "desk_world.h"

#include "jielian/desk/ref.h"
#include "tests/said.h"

static int open_office(void **state) {
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_open(world, JL_SIDE_OFFICE);
    *state = world;
    return 0;
}

static int open_district(void **state) {
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_open(world, JL_SIDE_DISTRICT);
    *state = world;
    return 0;
}

static int close_world(void **state) {
    world_close(*state);
    free(*state);
    return 0;
}

static enum jl_rc resolve(struct world *world, const char *type, const char *field,
                          const char *text, struct jl_id *out_id) {
    const struct jl_field *of = jl_type_field_named(type_of(world, type), field);
    assert_non_null(of);
    return jl_ref_resolve_one(&world->desk, of, jl_bytes_text(text), out_id, &world->err);
}

static void assert_names(struct world *world, const char *type, const char *field, const char *text,
                         const struct jl_id *id) {
    struct jl_id named = {{0}};
    enum jl_rc rc = resolve(world, type, field, text, &named);
    if (rc != JL_OK || !jl_id_equal(&named, id)) {
        fail_msg("%s.%s \"%s\": %s %s", type, field, text, jl_rc_name(rc),
                 rc == JL_OK ? "another record" : err_said(&world->err));
    }
}

static void test_a_union_is_named_in_any_form_of_its_name(void **state) {
    struct world *world = *state;
    struct jl_id org = add_org(world, "西溪（甲）厂工会ABC第①");
    static const char *const texts[] = {
        "西溪（甲）厂工会ABC第①",    "西溪(甲)厂工会ABC第1",        "西溪（甲）厂工会ａｂｃ第①",
        " 西溪 (甲) 厂工会 abc 第1", "西溪\u3000(甲)厂工会Abc第１", "西溪\u200B（甲）厂⼯会ABC第①"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_names(world, "member", "org", texts[i], &org);
    }
    struct jl_id id;
    assert_int_equal(resolve(world, "member", "org", "西溪甲厂工会ABC第1", &id), JL_NOT_FOUND);
}

static void test_an_office_is_named_in_any_form_of_its_code(void **state) {
    struct world *world = *state;
    struct jl_id office;
    must(world, resolve(world, "transfer", "to_office", "WX", &office));
    static const char *const texts[] = {"wx", "ＷＸ", " W X ", "文新街道总工会", "文新 街道总工会",
                                        "2"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_names(world, "transfer", "to_office", texts[i], &office);
    }
}

static void test_a_record_is_named_in_any_form_of_its_title(void **state) {
    struct world *world = *state;
    struct jl_id activity;
    must(world, ADD(world, "activity", &activity, {"kind", "招聘会"},
                    {"title", "第Ⅲ期 caf\u00e9（春季）"}, {"start_on", "2021-03-01"}));
    static const char *const texts[] = {"第Ⅲ期 caf\u00e9（春季）", "第III期café(春季)",
                                        "第iii期 CAFE\u0301 ( 春季 )"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_names(world, "attendance", "activity", texts[i], &activity);
    }
    struct jl_id id;
    assert_int_equal(resolve(world, "attendance", "activity", "第III期cafe(春季)", &id),
                     JL_NOT_FOUND); /* the same words, another accent */
}

/* One that is written exactly so is meant; without one nobody guesses. */
static void test_of_several_that_fold_alike_only_an_exact_one_is_meant(void **state) {
    struct world *world = *state;
    struct jl_id wide = add_org(world, "西溪（甲）厂工会");
    struct jl_id narrow = add_org(world, "西溪(甲)厂工会");
    struct jl_id id;
    assert_names(world, "member", "org", "西溪（甲）厂工会", &wide);
    assert_names(world, "member", "org", "西溪(甲)厂工会", &narrow);
    assert_int_equal(resolve(world, "member", "org", "西溪 (甲) 厂工会", &id), JL_CONFLICT);
    assert_non_null(strstr(err_told(&world->err), "有几个工会组织都叫这个"));
    must(world, SET(world, "union_org", &narrow, {"status", "撤并"}));
    assert_names(world, "member", "org", "西溪 (甲) 厂工会", &wide); /* the living one */
}

static bool warned(const struct world *world, const char *text) {
    bool found = false;
    for (size_t i = 0; i < world->problems.count; i++) {
        found = found || strstr(world->problems.items[i].text, text) != NULL;
    }
    return found;
}

static void test_a_unique_value_in_another_form_is_a_warning(void **state) {
    struct world *world = *state;
    struct jl_id first = add_org(world, "西溪（甲）厂工会");
    struct jl_id second = add_org(world, "西溪乙厂工会");
    (void)first;
    must(world, SET(world, "union_org", &second, {"name", "西溪(甲) 厂工会"}));
    assert_true(warned(world, "另一条记录"));
    must(world, SET(world, "union_org", &second, {"name", "西溪（甲）厂工会"})); /* the form only */
    assert_false(warned(world, "另一条记录"));
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    load(world, "union_org", &second, &arena, &record);
    const uint32_t name = jl_type_field_named(type_of(world, "union_org"), "name")->number;
    assert_true(jl_bytes_is(jl_row_get(&record.row, name)->bytes, "西溪（甲）厂工会"));
}

/* The id of a login is made of its bytes; the desk refuses the second form as it does the first. */
static void test_a_text_key_in_another_form_is_there_already(void **state) {
    struct world *world = *state;
    struct jl_id wang;
    struct jl_id id;
    char text[JL_ID_TEXT_BYTES];
    must(world, ADD(world, "staff", &wang, {"login", "wang"}, {"name", "王五"}, {"role", "经办"}));
    jl_id_format(&wang, text);
    static const char *const logins[] = {"wang", "Wang", "ｗａｎｇ", "w ang", "wa\u200Bng"};
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        assert_int_equal(
            ADD(world, "staff", &id, {"login", logins[i]}, {"name", "李四"}, {"role", "经办"}),
            JL_CONFLICT);
        assert_non_null(strstr(err_said(&world->err), text));
    }
    must(world, ADD(world, "staff", &id, {"login", "wang2"}, {"name", "李四"}, {"role", "经办"}));
    must(world, jl_desk_delete(&world->desk, type_of(world, "staff"), &wang, &world->err));
    must(world, ADD(world, "staff", &id, {"login", "Wang"}, {"name", "李四"}, {"role", "经办"}));
    assert_int_equal(
        ADD(world, "staff", &wang, {"login", "wang"}, {"name", "王五"}, {"role", "经办"}),
        JL_CONFLICT); /* the tombstone's key is free, but somebody is called so now */
}

static size_t listed(struct world *world, const char *type, const char *field, const char *value) {
    json_t *array = NULL;
    const struct jl_assignment filter = {field, value};
    const struct jl_list_options options = {.filters = &filter, .filter_count = 1};
    must(world, list_all(world, type, &options, &array, NULL));
    size_t size = json_array_size(array);
    json_decref(array);
    return size;
}

static void test_lists_find_what_has_a_tag_in_any_form(void **state) {
    struct world *world = *state;
    struct jl_id id;
    add_org(world, "西溪（甲）厂工会");
    add_org(world, "西溪乙厂工会");
    must(world, ADD(world, "dispute_case", &id, {"kind", "劳动报酬"}, {"party", "张三（甲方）"}));
    assert_int_equal(listed(world, "union_org", "name", "西溪 (甲) 厂工会"), 1);
    assert_int_equal(listed(world, "union_org", "name", "西溪"), 0);
    assert_int_equal(listed(world, "dispute_case", "party", "张三 (甲方)"), 1);
    assert_int_equal(listed(world, "dispute_case", "party", "张三甲方"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_office, close_world)
        CASE(test_a_union_is_named_in_any_form_of_its_name),
        CASE(test_an_office_is_named_in_any_form_of_its_code),
        CASE(test_a_record_is_named_in_any_form_of_its_title),
        CASE(test_of_several_that_fold_alike_only_an_exact_one_is_meant),
        CASE(test_a_unique_value_in_another_form_is_a_warning),
        cmocka_unit_test_setup_teardown(test_a_text_key_in_another_form_is_there_already,
                                        open_district, close_world),
        CASE(test_lists_find_what_has_a_tag_in_any_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
