/* What people do with records at the desk: adding, changing, deleting, naming other records,
 * listing, searching.
 *
 * Method: an office's books in a folder of their own; every call goes through desk.h, and what it
 * left behind is read back from the books. */
#include "desk_world.h"

#include "jielian/desk/find.h"
#include "jielian/desk/ref.h"
#include "jielian/desk/show.h"
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

static json_t *shown(struct world *world, const char *type, const struct jl_id *id) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_document document = {0};
    struct jl_shown record;
    must(world,
         jl_show_record(&world->desk, type_of(world, type), id, &arena, &record, &world->err));
    jl_document_object(&document, NULL);
    jl_show_write(&world->desk, record.type, &record.record, &document);
    jl_document_end(&document);
    return written_json(&document);
}

static void check_text(const json_t *object, const char *key, const char *expected) {
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    assert_string_equal(text, expected);
}

static void test_an_added_member_is_shown_masked_and_by_label(void **state) {
    struct world *world = *state;
    struct jl_id org = add_org(world, "古荡街道测试工会");
    struct jl_id id;
    char number[19];
    char id_text[JL_ID_TEXT_BYTES];
    char org_text[JL_ID_TEXT_BYTES];
    must(world,
         ADD(world, "member", &id, {"name", "曾　小明"}, {"id_no", id_number(number, 19900215, 7)},
             {"mobile", "199 0000 1234"}, {"org", "古荡街道测试工会"}, {"joined_on", "2019/3/4"},
             {"农民工", "是"}, {"edu", "大学本科"}));
    json_t *object = shown(world, "member", &id);
    jl_id_format(&id, id_text);
    jl_id_format(&org, org_text);
    check_text(object, "id", id_text);
    check_text(object, "name", "曾小明");
    check_text(object, "id_no", "990106********0074");
    check_text(object, "mobile", "199****1234");
    check_text(object, "org", org_text);
    check_text(object, "joined_on", "2019-03-04");
    check_text(object, "birth", "1990-02-15"); /* from the ID number */
    check_text(object, "m_status", "在籍");    /* the default */
    assert_true(json_is_true(json_object_get(object, "is_migrant")));
    assert_true(json_is_null(json_object_get(object, "platform")));
    assert_int_equal(world->last_kind, JL_OP_CREATE);
    json_decref(object);
}

static void test_numbers_and_amounts_are_json_numbers_and_yuan_text(void **state) {
    struct world *world = *state;
    struct jl_id id;
    must(world, ADD(world, "activity", &id, {"kind", "招聘会"}, {"title", "春季招聘会"},
                    {"start_on", "2021-03-01"}, {"cost", "1.5万元"}, {"heads", "1,200"}));
    json_t *object = shown(world, "activity", &id);
    check_text(object, "cost", "15000.00");
    assert_int_equal(json_integer_value(json_object_get(object, "heads")), 1200);
    assert_int_equal(json_integer_value(json_object_get(object, "sessions")), 1);
    json_decref(object);
}

static void test_a_faulty_record_changes_nothing_and_the_first_fault_is_named(void **state) {
    struct world *world = *state;
    struct jl_id id = {{0}};
    add_org(world, "古荡街道测试工会");
    unsigned saves = world->saves;
    assert_int_equal(ADD(world, "member", &id, {"name", "张三"}, {"id_no", "990106199002150000"},
                         {"org", "古荡街道测试工会"}, {"joined_on", "2019-03-04"}),
                     JL_MISUSE);
    assert_non_null(strstr(err_said(&world->err), "证件号码"));
    assert_null(strstr(err_said(&world->err), "990106199002150000"));
    assert_int_equal(ADD(world, "member", &id, {"name", "张三"}), JL_MISUSE);
    assert_true(world->problems.errors >= 3); /* ID number, union, day */
    assert_int_equal(ADD(world, "member", &id, {"nmae", "张三"}), JL_MISUSE);
    assert_non_null(strstr(err_said(&world->err), "nmae"));
    assert_int_equal(ADD(world, "member", &id, {"name", "张三"}, {"姓名", "李四"}), JL_MISUSE);
    assert_int_equal(world->saves, saves);
    assert_true(jl_id_is_zero(&id));
}

static void test_a_cell_that_cannot_be_read_is_not_called_missing_too(void **state) {
    struct world *world = *state;
    struct jl_id id;
    assert_int_equal(ADD(world, "union_org", &id, {"name", "工会"}, {"org_kind", "独立工会"},
                         {"founded_on", "哪天"}),
                     JL_MISUSE);
    assert_int_equal(world->problems.errors, 1);
}

static void test_references_are_named_by_unique_value_title_or_id(void **state) {
    struct world *world = *state;
    struct jl_id org = add_org(world, "古荡街道测试工会");
    struct jl_id member = add_member(world, "张三", 19900215, 7, "古荡街道测试工会");
    struct jl_id got;
    char code[19];
    char text[JL_ID_TEXT_BYTES];
    char named[128];
    char number[19];
    const struct jl_field *field = jl_type_field_named(type_of(world, "member"), "org");
    const struct jl_field *unit = jl_type_field_named(type_of(world, "member"), "unit");
    const struct jl_field *guest = jl_type_field_named(type_of(world, "attendance"), "member");

    must(world,
         jl_ref_resolve_one(&world->desk, field, BYTES("　古荡街道测试工会 "), &got, &world->err));
    assert_true(jl_id_equal(&got, &org));
    jl_id_format(&org, text);
    must(world, jl_ref_resolve_one(&world->desk, field, jl_bytes_text(text), &got, &world->err));
    snprintf(named, sizeof named, "张三（%s）", text);
    must(world, jl_ref_resolve_one(&world->desk, field, jl_bytes_text(named), &got, &world->err));
    assert_true(jl_id_equal(&got, &org));
    id_number(number, 19900215, 7);
    must(world, jl_ref_resolve_one(&world->desk, guest, jl_bytes_text(number), &got, &world->err));
    assert_true(jl_id_equal(&got, &member));
    must(world, jl_ref_resolve_one(&world->desk, guest, BYTES("张三"), &got, &world->err));
    assert_true(jl_id_equal(&got, &member));

    assert_int_equal(
        jl_ref_resolve_one(&world->desk, field, BYTES("没有的工会"), &got, &world->err),
        JL_NOT_FOUND);
    assert_non_null(strstr(err_said(&world->err), "所属工会"));
    for (int i = 0; i < 2; i++) {
        struct jl_id id;
        must(world, ADD(world, "unit", &id, {"name", "同名公司"},
                        {"uscc", credit_code(code, "91", 100 + i)}));
    }
    assert_int_equal(jl_ref_resolve_one(&world->desk, unit, BYTES("同名公司"), &got, &world->err),
                     JL_CONFLICT);
    assert_non_null(strstr(err_said(&world->err), "统一社会信用代码"));
    must(world, jl_ref_resolve_one(&world->desk, unit, jl_bytes_text(credit_code(code, "91", 101)),
                                   &got, &world->err));
}

static void test_a_family_is_named_by_the_head_and_an_office_by_code_or_name(void **state) {
    struct world *world = *state;
    struct jl_id family;
    struct jl_id got;
    char number[19];
    add_org(world, "古荡街道测试工会");
    add_member(world, "张三", 19900215, 7, "古荡街道测试工会");
    must(world, ADD(world, "hardship_family", &family, {"head", id_number(number, 19900215, 7)}));
    const struct jl_field *field = jl_type_field_named(type_of(world, "aid_payment"), "family");
    must(world, jl_ref_resolve_one(&world->desk, field, jl_bytes_text(number), &got, &world->err));
    assert_true(jl_id_equal(&got, &family));
    field = jl_type_field_named(type_of(world, "transfer"), "to_office");
    must(world, jl_ref_resolve_one(&world->desk, field, BYTES("WX"), &got, &world->err));
    must(world,
         jl_ref_resolve_one(&world->desk, field, BYTES("文新街道总工会"), &got, &world->err));
}

static void test_setting_changes_only_what_is_named(void **state) {
    struct world *world = *state;
    struct jl_id id = add_org(world, "古荡街道测试工会");
    unsigned saves = world->saves;
    must(world, SET(world, "union_org", &id, {"职工数", "120"}, {"简称", "测试"}));
    assert_int_equal(world->saves, saves + 1);
    must(world, SET(world, "union_org", &id, {"职工数", "120"}));
    assert_int_equal(world->saves, saves + 1); /* nothing to do */
    must(world, SET(world, "union_org", &id, {"简称", ""}));
    json_t *object = shown(world, "union_org", &id);
    assert_int_equal(json_integer_value(json_object_get(object, "staff_n")), 120);
    assert_true(json_is_null(json_object_get(object, "short_name")));
    check_text(object, "name", "古荡街道测试工会");
    json_decref(object);
    assert_int_equal(SET(world, "union_org", &id, {"会员数", "121"}), JL_MISUSE); /* > 职工数 */
    assert_int_equal(SET(world, "union_org", &id, {"状态", "筹建"}), JL_MISUSE);  /* no such move */
}

static void test_the_natural_key_is_fixed_and_a_deleted_record_comes_back(void **state) {
    struct world *world = *state;
    struct jl_id first;
    struct jl_id again;
    must(world, ADD(world, "lr_weekly", &first, {"week", "2022-10-17"}, {"people_n", "0"}));
    assert_int_equal(ADD(world, "lr_weekly", &again, {"week", "2022-10-17"}), JL_CONFLICT);
    assert_int_equal(SET(world, "lr_weekly", &first, {"week", "2022-10-10"}), JL_MISUSE);
    must(world, jl_desk_delete(&world->desk, type_of(world, "lr_weekly"), &first, &world->err));
    assert_int_equal(count_records(world, "lr_weekly"), 0);
    assert_int_equal(SET(world, "lr_weekly", &first, {"people_n", "3"}), JL_CONFLICT);
    must(world, ADD(world, "lr_weekly", &again, {"week", "2022-10-17"}));
    assert_true(jl_id_equal(&first, &again));
    assert_int_equal(world->last_kind, JL_OP_CREATE); /* its key is free again */
}

static void test_values_held_by_others_warn_and_are_saved(void **state) {
    struct world *world = *state;
    struct jl_id id;
    char number[19];
    add_org(world, "古荡街道测试工会");
    add_member(world, "张三", 19900215, 7, "古荡街道测试工会");
    must(world,
         ADD(world, "member", &id, {"name", "张三丰"}, {"id_no", id_number(number, 19900215, 7)},
             {"org", "古荡街道测试工会"}, {"joined_on", "2019-03-04"}));
    bool warned = false;
    for (size_t i = 0; i < world->problems.count; i++) {
        warned = warned || strstr(world->problems.items[i].text, "另一条记录") != NULL;
        assert_int_equal(world->problems.items[i].severity, JL_PROBLEM_WARNING);
    }
    assert_true(warned);
    for (int i = 0; i < 4; i++) {
        must(world, ADD(world, "member", &id, {"name", "李四"},
                        {"id_no", id_number(number, 19800101, 100 + i)}, {"mobile", "19900005555"},
                        {"org", "古荡街道测试工会"}, {"joined_on", "2019-03-04"}));
        warned = false;
        for (size_t j = 0; j < world->problems.count; j++) {
            warned = warned || strstr(world->problems.items[j].text, "移动电话") != NULL;
        }
        assert_int_equal(warned, i == 3);
    }
}

static void test_records_that_are_not_ours_stay_as_they_are(void **state) {
    struct world *world = *state;
    struct jl_id id;
    struct jl_field_value fields[] = {{1, jl_value_cstr("通知")}, {3, jl_value_int(20221001)}};
    struct jl_row notice = {.type = JL_TYPE_NOTICE, .fields = fields, .field_count = 2};
    notice.id = jl_id_next(&world->desk.ids, world->now_ms);
    world_put(world, &notice, JL_RECORD_LIVE, NULL);
    assert_int_equal(SET(world, "notice", &notice.id, {"title", "改"}), JL_DENIED);
    assert_int_equal(ADD(world, "reform_task", &id, {"year", "2022"}, {"task", "产改"}), JL_DENIED);
    struct jl_row left = {.type = type_of(world, "member")->number, .owner = 2};
    left.id = jl_id_next(&world->desk.ids, world->now_ms);
    world_put(world, &left, JL_RECORD_LEFT, "王五");
    assert_int_equal(SET(world, "member", &left.id, {"name", "王六"}), JL_CONFLICT);
    assert_int_equal(jl_desk_delete(&world->desk, type_of(world, "member"), &left.id, &world->err),
                     JL_CONFLICT);
    id = jl_id_next(&world->desk.ids, world->now_ms);
    assert_int_equal(SET(world, "member", &id, {"name", "王六"}), JL_NOT_FOUND);
}

static void test_a_transfer_moves_by_the_office_that_may(void **state) {
    struct world *world = *state;
    struct jl_id out;
    char number[19];
    add_org(world, "古荡街道测试工会");
    add_member(world, "张三", 19900215, 7, "古荡街道测试工会");
    must(world, ADD(world, "transfer", &out, {"member", id_number(number, 19900215, 7)},
                    {"from_office", "GD"}, {"to_office", "WX"}));
    must(world, SET(world, "transfer", &out, {"status", "转出同意"}));
    assert_int_equal(SET(world, "transfer", &out, {"status", "转入接收"}), JL_MISUSE);
    world->desk.owner = 2; /* the receiving office sees it too */
    must(world, SET(world, "transfer", &out, {"status", "转入接收"}));
}

/* Looking for duplicates comes before the check, so a device may ask with anything. */
static void test_a_value_of_another_kind_is_nobodys(void **state) {
    struct world *world = *state;
    const struct jl_type *transfer = type_of(world, "transfer");
    const uint32_t member = jl_type_field_named(transfer, "member")->number;
    const struct jl_id id = {{1}};
    const struct jl_value values[] = {jl_value_int(7), jl_value_ref(&id), jl_value_cstr("x"),
                                      jl_value_null()};
    int64_t rids[4];
    size_t counts[4] = {9, 9, 9, 9};
    must(world, jl_books_begin(world->books, false, NULL, &world->err));
    must(world, jl_books_find(world->books, transfer->number, member, values, 4, 1, rids, counts,
                              &world->err));
    jl_store_rollback(world->books->store);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(counts[i], 0);
    }
}

static bool is_found(const struct jl_found *found, const char *title, const char *label) {
    for (size_t i = 0; i < found->count; i++) {
        if ((title == NULL || jl_bytes_is(found->rows[i].title, title)) &&
            (label == NULL || strcmp(found->rows[i].label, label) == 0)) {
            return true;
        }
    }
    return false;
}

static void test_members_are_found_by_name_pinyin_initials_and_numbers(void **state) {
    struct world *world = *state;
    struct jl_id id;
    char number[19];
    char id_text[JL_ID_TEXT_BYTES];
    add_org(world, "古荡街道测试工会");
    must(world,
         ADD(world, "member", &id, {"name", "曾小明"}, {"id_no", id_number(number, 19900215, 7)},
             {"mobile", "19900001234"}, {"org", "古荡街道测试工会"}, {"joined_on", "2019-03-04"}));
    add_member(world, "李四", 19850505, 8, "古荡街道测试工会");
    jl_id_format(&id, id_text);
    const char *texts[] = {"曾小明",   "曾",   "zengxiaoming",  "zxm",
                           "ZengXiao", number, "199 0000 1234", "１９９００００１２３４"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *array = found_json(world, texts[i]);
        if (json_array_size(array) != 1) {
            fail_msg("%s: %zu found", texts[i], json_array_size(array));
        }
        check_text(json_array_get(array, 0), "id", id_text);
        check_text(json_array_get(array, 0), "type", "member");
        check_text(json_array_get(array, 0), "title", "曾小明");
        json_decref(array);
    }
    JL_AUTO(jl_arena) arena = {0};
    struct jl_found found;
    must(world, jl_find_records(&world->desk, "古荡", 10, &arena, &found, &world->err));
    assert_true(is_found(&found, "古荡街道测试工会", NULL)); /* the union */
    assert_true(is_found(&found, NULL, "镇街"));             /* and the office */
    assert_int_equal(jl_find_records(&world->desk, " ", 10, &arena, &found, &world->err),
                     JL_MISUSE);
}

static size_t listed(struct world *world, const char *type, size_t limit,
                     const struct jl_assignment *filters, size_t count) {
    json_t *array = NULL;
    const struct jl_list_options options = {
        .filters = filters, .filter_count = count, .limit = limit};
    must(world, list_all(world, type, &options, &array, NULL));
    size_t size = json_array_size(array);
    json_decref(array);
    return size;
}

static void test_lists_filter_by_plain_sealed_and_empty_values(void **state) {
    struct world *world = *state;
    char number[19];
    struct jl_id id;
    add_org(world, "古荡街道测试工会");
    add_org(world, "古荡街道另一工会");
    for (int i = 0; i < 12; i++) {
        must(world, ADD(world, "member", &id, {"name", i < 3 ? "张三" : "李四"},
                        {"id_no", id_number(number, 19800101, 10 + i)},
                        {"mobile", i % 2 == 0 ? "19900005555" : ""},
                        {"org", i < 5 ? "古荡街道测试工会" : "古荡街道另一工会"},
                        {"joined_on", "2019-03-04"}));
    }
    const struct {
        struct jl_assignment filters[2];
        size_t count;
        size_t limit;
        size_t expected;
    } table[] = {
        {{{0}}, 0, 0, 12},
        {{{0}}, 0, 7, 7},
        {{{"name", "张三"}}, 1, 0, 3},
        {{{"所属工会", "古荡街道测试工会"}}, 1, 0, 5},
        {{{"mobile", "199-0000-5555"}}, 1, 0, 6},
        {{{"mobile", ""}}, 1, 0, 6},
        {{{"mobile", "19900005555"}, {"name", "张三"}}, 2, 0, 2},
        {{{"mobile", "19900005555"}, {"name", "张三"}}, 2, 1, 1},
        {{{"m_status", "在籍"}}, 1, 0, 12},
        {{{"会籍状态", "去世"}}, 1, 0, 0},
        {{{"office", "GD"}}, 1, 0, 12},
        {{{"office", "WX"}}, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t size = listed(world, "member", table[i].limit, table[i].filters, table[i].count);
        if (size != table[i].expected) {
            fail_msg("case %zu: %zu instead of %zu", i, size, table[i].expected);
        }
    }
    const struct jl_assignment wrong[] = {{"m_status", "在家"}};
    const struct jl_list_options options = {.filters = wrong, .filter_count = 1};
    json_t *array = NULL;
    assert_int_equal(list_all(world, "member", &options, &array, NULL), JL_MISUSE);
}

static void test_a_table_masks_and_names_what_records_refer_to(void **state) {
    struct world *world = *state;
    char number[19];
    struct jl_id activity;
    struct jl_id attendance;
    JL_AUTO(jl_buf) texts = {0};
    JL_AUTO(jl_arena) arena = {0};
    json_t *array = NULL;
    struct jl_shown record;
    const struct jl_list_options options = {.fields_max = 9};
    add_org(world, "古荡街道测试工会");
    add_member(world, "张三", 19900215, 7, "古荡街道测试工会");
    must(world, list_all(world, "member", &options, &array, &texts));
    must(world, jl_buf_put_u8(&texts, 0, NULL));
    assert_non_null(strstr((const char *)texts.data, "姓名"));
    assert_non_null(strstr((const char *)texts.data, "古荡街道测试工会"));
    assert_non_null(strstr((const char *)texts.data, "990106********0074"));
    assert_null(strstr((const char *)texts.data, id_number(number, 19900215, 7)));
    json_decref(array);
    must(world, ADD(world, "activity", &activity, {"kind", "招聘会"}, {"title", "春季招聘会"},
                    {"start_on", "2021-03-01"}));
    must(world,
         ADD(world, "attendance", &attendance, {"activity", "春季招聘会"}, {"member", number}));
    must(world, jl_show_record(&world->desk, type_of(world, "attendance"), &attendance, &arena,
                               &record, &world->err));
    assert_string_equal(record.type->label.zh, "签到");
    assert_true(jl_bytes_is(record.title, "张三 春季招聘会"));
    assert_string_equal(record.owner, "古荡街道总工会");
}

static void test_the_district_names_an_office_for_personal_data(void **state) {
    struct world *world = *state;
    struct jl_id id;
    assert_int_equal(ADD(world, "union_org", &id, {"name", "工会"}, {"org_kind", "联合工会"},
                         {"founded_on", "2018-05-01"}),
                     JL_DENIED);
    must(world, ADD(world, "reform_task", &id, {"year", "2022"}, {"task", "产改"}));
    must(world, ADD(world, "activity", &id, {"kind", "招聘会"}, {"title", "全区招聘会"},
                    {"start_on", "2021-03-01"}));
    world->desk.owner = 2;
    add_org(world, "文新街道测试工会");
    const struct jl_assignment office[] = {{"office", "WX"}};
    assert_int_equal(listed(world, "union_org", 0, office, 1), 1);
    must(world, SET(world, "activity", &id, {"title", "全区春季招聘会"}));
}

int main(void) {
#define WITH_OFFICE(test) cmocka_unit_test_setup_teardown(test, open_office, close_world)
    const struct CMUnitTest tests[] = {
        WITH_OFFICE(test_an_added_member_is_shown_masked_and_by_label),
        WITH_OFFICE(test_numbers_and_amounts_are_json_numbers_and_yuan_text),
        WITH_OFFICE(test_a_faulty_record_changes_nothing_and_the_first_fault_is_named),
        WITH_OFFICE(test_a_cell_that_cannot_be_read_is_not_called_missing_too),
        WITH_OFFICE(test_references_are_named_by_unique_value_title_or_id),
        WITH_OFFICE(test_a_family_is_named_by_the_head_and_an_office_by_code_or_name),
        WITH_OFFICE(test_setting_changes_only_what_is_named),
        WITH_OFFICE(test_the_natural_key_is_fixed_and_a_deleted_record_comes_back),
        WITH_OFFICE(test_values_held_by_others_warn_and_are_saved),
        WITH_OFFICE(test_records_that_are_not_ours_stay_as_they_are),
        WITH_OFFICE(test_a_transfer_moves_by_the_office_that_may),
        WITH_OFFICE(test_a_value_of_another_kind_is_nobodys),
        WITH_OFFICE(test_members_are_found_by_name_pinyin_initials_and_numbers),
        WITH_OFFICE(test_lists_filter_by_plain_sealed_and_empty_values),
        WITH_OFFICE(test_a_table_masks_and_names_what_records_refer_to),
        cmocka_unit_test_setup_teardown(test_the_district_names_an_office_for_personal_data,
                                        open_district, close_world),
    };
    return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
