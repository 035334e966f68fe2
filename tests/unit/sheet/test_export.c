/* Spreadsheets out: an export comes back unchanged, masked or not, and the template is its header.
 *
 * Method: records that are hard to write down (namesakes, commas, formulas, references) are
 * exported at an office's desk, and the file is imported again. */
#include "import_world.h"

#include "jielian/sheet/export.h"

static void export_and_import(struct fixture *fixture, const char *type, bool unmask) {
    struct world *world = &fixture->world;
    const struct jl_import_options options = {0};
    uint64_t rows = 0;
    char expected[64];
    must(world, jl_export_records(&world->desk, type_of(world, type), fixture->path, unmask, &rows,
                                  &world->err));
    assert_int_not_equal(rows, 0);
    must(world, import_with(fixture, type, &options));
    snprintf(expected, sizeof expected, "0 0 %d 0 0", (int)rows);
    check_counts(fixture, expected);
}

static void test_an_export_comes_back_unchanged(void **state) {
    struct fixture *fixture = *state;
    struct world *world = &fixture->world;
    struct jl_id id;
    char code[19];
    add_org(world, "=1+1工会");
    for (int i = 0; i < 2; i++) { /* two units of one name: named by their codes */
        must(world, ADD(world, "unit", &id, {"name", "同名公司"},
                        {"uscc", credit_code(code, "91", 100 + i)}, {"org", "测试工会"},
                        {"note", "第一行\n第二行, \"引号\""}));
    }
    must(world, ADD(world, "member", &id, {"name", "张三"}, {"id_no", ID1},
                    {"mobile", "19900001234"}, {"unit", credit_code(code, "91", 101)},
                    {"org", "=1+1工会"}, {"joined_on", "2019-03-04"}, {"is_migrant", "否"}));
    add_member(world, "张三", 19850505, 8, "测试工会"); /* a namesake */
    for (int i = 0; i < 2; i++) {                       /* two that look the same */
        must(world, ADD(world, "activity", &id, {"kind", "招聘会"},
                        {"title", i == 0 ? "招聘会" : "招聘会 "}, {"start_on", "2021-03-01"},
                        {"cost", "1234.5"}, {"host", "测试工会"}));
    }
    must(world, ADD(world, "hardship_family", &id, {"head", ID1}, {"cause", "重病"},
                    {"month_income", "1200"}, {"people_n", "3"}));
    must(world, ADD(world, "aid_payment", &id, {"family", ID1}, {"amount", "2000"},
                    {"paid_on", "2021-05-06"}));
    must(world, ADD(world, "fee_refund", &id, {"unit", credit_code(code, "91", 101)},
                    {"period", "2021-06"}, {"paid", "100"}, {"refund", "40.5"},
                    {"account", "6222000000000000000"}));
    must(world, ADD(world, "lr_weekly", &id, {"week", "2022-10-17"}));
    json_t *array = listed_json(world, "activity");
    char named[256];
    snprintf(named, sizeof named, "招聘会（%s）",
             json_string_value(json_object_get(json_array_get(array, 0), "id")));
    json_decref(array);
    must(world, ADD(world, "attendance", &id, {"activity", named}, {"member", ID1}));
    static const char *const types[] = {"union_org",   "unit",       "member",
                                        "activity",    "attendance", "hardship_family",
                                        "aid_payment", "fee_refund", "lr_weekly"};
    unsigned changes = world->changes;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        export_and_import(fixture, types[i], true);
        export_and_import(fixture, types[i], false);
    }
    assert_int_equal(world->changes, changes);
}

static void test_a_masked_cell_must_be_what_the_record_shows(void **state) {
    struct fixture *fixture = *state;
    char text[512];
    char id_text[JL_ID_TEXT_BYTES];
    struct jl_id id = add_member(&fixture->world, "张三", 19900215, 7, "测试工会");
    jl_id_format(&id, id_text);
    snprintf(text, sizeof text, "姓名,证件号码,工种,系统编号\n张三,990106********0074,司机,%s\n",
             id_text);
    import_text(fixture, "member", text, "0 1 0 0 0");
    snprintf(text, sizeof text, "姓名,证件号码,工种,系统编号\n张三,990106********0075,司机,%s\n",
             id_text);
    import_text(fixture, "member", text, "0 0 0 0 1");
    assert_true(has_problem(fixture, 2, "id_no", "星号"));
    import_text(fixture, "member",
                "姓名,证件号码,所属工会,入会日期,系统编号\n"
                "李四,990106********0075,测试工会,2019-03-04,\n",
                "0 0 0 0 1");
}

static void test_a_template_is_the_export_without_rows(void **state) {
    struct fixture *fixture = *state;
    struct world *world = &fixture->world;
    JL_AUTO(jl_buf) template = {0};
    JL_AUTO(jl_buf) export = {0};
    uint64_t rows = 0;
    must(world,
         jl_export_template(&world->desk, type_of(world, "officer"), fixture->path, &world->err));
    must(world, jl_file_read(fixture->path, 65536, &template, &world->err));
    must(world, jl_export_records(&world->desk, type_of(world, "officer"), fixture->path, true,
                                  &rows, &world->err));
    must(world, jl_file_read(fixture->path, 65536, &export, &world->err));
    assert_int_equal(rows, 0);
    assert_true(jl_bytes_equal(jl_buf_bytes(&template), jl_buf_bytes(&export)));
    import_text(fixture, "officer", "姓名,工会,职务,专兼职,任期起,任期止,备注,系统编号\n",
                "0 0 0 0 0");
}

int main(void) {
#define EXPORT(test) cmocka_unit_test_setup_teardown(test, open_office, close_fixture)
    const struct CMUnitTest tests[] = {
        EXPORT(test_an_export_comes_back_unchanged),
        EXPORT(test_a_masked_cell_must_be_what_the_record_shows),
        EXPORT(test_a_template_is_the_export_without_rows),
    };
    return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
