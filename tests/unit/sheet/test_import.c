/* Spreadsheets in and out: finding the header, an outcome for every row, matching, doubts,
 * policies, and that an export comes back unchanged.
 *
 * Method: a file is written from a literal, imported at an office's desk, and the counts, problems
 * and books are compared. Every import also checks that its counts add up to its rows. */
#include "import_world.h"
#include "tests/said.h"

#include <time.h>

static void test_the_invented_numbers_are_right(void **state) {
    char number[19];
    (void)state;
    assert_string_equal(id_number(number, 19900215, 7), ID1);
    assert_string_equal(id_number(number, 19850505, 8), ID2);
    assert_string_equal(id_number(number, 19771111, 9), ID3);
}

static void test_the_header_is_found_wherever_it_stands(void **state) {
    struct fixture *fixture = *state;
    static const char *const files[] = {
        /* row 1, any order, no line end behind the last row */
        "入会日期,所属工会,证件号码,姓名\n2019-03-04,测试工会," ID1 ",张三",
        /* row 5 under titles and blanks, synonyms, a colon, a star */
        "2021年会员登记表,,,\n填报单位：古荡街道,,,\n,,,\n\n姓名*,身份证号：,工会,入会时间(必填)\n"
        "张三," ID1 ",测试工会,2019.3.4\n",
        /* two rows, the upper one merged */
        "会员登记表,,,,,\n姓名,证件信息,,联系方式,所属工会,入会日期\n,证件类别,证件号码,,,\n"
        "张三,居民身份证," ID1 ",,测试工会,20190304\n",
        /* semicolons, quotes, CRLF */
        "姓名;证件号码;所属工会;入会日期\r\n\"张三\";" ID1 ";\"测试工会\";2019年3月4日\r\n",
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        import_text(fixture, "member", files[i], i == 0 ? "1 0 0 0 0" : "0 0 1 0 0");
    }
    assert_int_equal(count_records(&fixture->world, "member"), 1);
}

static void test_unknown_and_missing_columns_are_named(void **state) {
    struct fixture *fixture = *state;
    import_text(fixture, "member",
                "序号,姓名,证件号码,所属工会,入会日期,身份证号,特长\n"
                "1,张三," ID1 ",测试工会,2019-03-04,,书法\n",
                "1 0 0 0 0");
    assert_true(has_problem(fixture, 0, "", "序号、特长"));
    assert_true(has_problem(fixture, 0, "", "身份证号")); /* the same as 证件号码 */
    assert_true(has_problem(fixture, 0, "", "移动电话")); /* not in the file */
}

static void test_a_missing_required_column_stops_before_anything_changes(void **state) {
    struct fixture *fixture = *state;
    const struct jl_import_options options = {0};
    unsigned saves = fixture->world.saves;
    write_file(fixture, "姓名,移动电话,所属工会\n张三,19900001234,测试工会\n");
    assert_int_equal(import_with(fixture, "member", &options), JL_PROTO);
    assert_non_null(strstr(err_said(&fixture->world.err), "证件号码"));
    assert_non_null(strstr(err_said(&fixture->world.err), "入会日期"));
    write_file(fixture, "甲,乙\n丙,丁\n");
    assert_int_equal(import_with(fixture, "member", &options), JL_PROTO);
    assert_int_equal(fixture->world.saves, saves);
}

static void test_every_row_has_an_outcome_and_blank_rows_and_notes_are_no_rows(void **state) {
    struct fixture *fixture = *state;
    import_text(fixture, "member",
                "姓名,证件号码,所属工会,入会日期\n"
                "张三," ID1 ",测试工会,2019-03-04\n"
                ",,,\n"
                "李四," ID2 ",没有的工会,2019-03-04\n"
                "王五,990106198505050000,测试工会,2019-03-04\n"
                "赵六," ID3 ",测试工会,明天\n"
                "孙七\n"
                "\n"
                "注：以上人员均已核实。,,,\n"
                "填表人：某某\n",
                "1 0 0 0 4");
    assert_true(has_problem(fixture, 4, "org", "没有找到"));
    assert_true(has_problem(fixture, 5, "id_no", "末尾几位")); /* digits lost in a spreadsheet */
    assert_true(has_problem(fixture, 6, "joined_on", "日期"));
    assert_true(has_problem(fixture, 7, "id_no", "请填写"));
    assert_true(has_problem(fixture, 0, "", "第 9 行"));
    assert_true(has_problem(fixture, 0, "", "第 10 行"));
    for (size_t i = 0; i < fixture->result.problem_count; i++) {
        assert_null(strstr(fixture->result.problems[i].message, "990106198505050000"));
    }
}

static void test_a_note_between_rows_is_a_row(void **state) {
    struct fixture *fixture = *state;
    import_text(fixture, "member",
                "姓名,证件号码,所属工会,入会日期\n"
                "注：以下为新会员,,,\n"
                "张三," ID1 ",测试工会,2019-03-04\n",
                "1 0 0 0 1");
}

static void test_a_second_import_changes_only_what_was_corrected(void **state) {
    struct fixture *fixture = *state;
    static const char head[] = "姓名,证件号码,所属工会,入会日期,移动电话\n";
    char text[1024];
    snprintf(text, sizeof text, "%s%s%s", head, "张三," ID1 ",测试工会,2019-03-04,19900000001\n",
             "李四," ID2 ",测试工会,2019-03-04,1990000\n");
    import_text(fixture, "member", text, "1 0 0 0 1");
    snprintf(text, sizeof text, "%s%s%s", head,
             "张三," ID1 ",测试工会,2019-03-04,\n", /* blank: as it is */
             "李四," ID2 ",测试工会,2019-03-04,19900000002\n");
    unsigned changes = fixture->world.changes;
    import_text(fixture, "member", text, "1 0 1 0 0");
    assert_int_equal(fixture->world.changes, changes + 1 + 2); /* the row, change set, batch */
    import_text(fixture, "member", text, "0 0 2 0 0");
    assert_int_equal(fixture->world.changes, changes + 1 + 2);
}

static void test_the_problems_file_comes_back_corrected(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO(jl_buf) text = {0};
    import_text(fixture, "member",
                "会员表\n姓名,证件号码,所属工会,入会日期,特长\n"
                "张三," ID1 ",测试工会,2019-03-04,书法\n"
                "\"李,四\"," ID2 ",没有的工会,2019-03-04,\"=1+1\"\n",
                "1 0 0 0 1");
    must(&fixture->world, jl_file_read(fixture->problems, 65536, &text, &fixture->world.err));
    must(&fixture->world, jl_buf_put_u8(&text, 0, &fixture->world.err));
    assert_non_null(strstr((char *)text.data, "姓名,证件号码,所属工会,入会日期,特长,原因"));
    assert_non_null(strstr((char *)text.data, "\"李,四\""));
    assert_null(strstr((char *)text.data, "张三"));
    /* The clerk corrects the two cells and drops the file in as it is. */
    char fixed[2048];
    const char *reason = strstr((char *)text.data, "没有找到");
    assert_non_null(reason);
    snprintf(fixed, sizeof fixed,
             "姓名,证件号码,所属工会,入会日期,特长,原因\n"
             "李四," ID2 ",测试工会,2019-03-04,,所属工会：没有找到\n");
    import_text(fixture, "member", fixed, "1 0 0 0 0");
    assert_false(has_problem(fixture, 0, "", "特长、原因")); /* our own column */
}

static void test_the_same_record_twice_in_a_file_waits_with_the_first_line(void **state) {
    struct fixture *fixture = *state;
    import_text(fixture, "member",
                "姓名,证件号码,所属工会,入会日期\n"
                "张三," ID1 ",测试工会,2019-03-04\n"
                "李四," ID2 ",测试工会,2019-03-04\n"
                "张三," ID1 ",测试工会,2020-03-04\n",
                "2 0 0 1 0");
    assert_true(has_problem(fixture, 4, "", "第 2 行"));
}

/* Values, references, the same line twice and rows of types without keys: in any form of the text.
 */
static void test_texts_are_the_same_in_any_form(void **state) {
    struct fixture *fixture = *state;
    add_org(&fixture->world, "西溪（甲）厂工会");
    import_text(fixture, "member",
                "姓名,证件类别,证件号码,所属工会,入会日期\n"
                "张三,居民身份证," ID1 ",西溪(甲) 厂工会,2019-03-04\n"
                "李四,护照,E12345678,\"西溪　（甲）厂工会\",2019-03-04\n"
                "王五,护照,e12345678,西溪（甲）厂工会,2019-03-04\n",
                "2 0 0 1 0");
    assert_true(has_problem(fixture, 4, "", "第 3 行"));
    import_text(fixture, "union_org",
                "名称,组织类型,建会日期\n"
                "西溪乙厂工会,独立基层工会,2018-05-01\n"
                "西溪(甲)厂工会,独立基层工会,2018-05-01\n" /* the one that is there */
                "西溪乙 厂工会,独立基层工会,2018-05-01\n",
                "1 1 0 1 0");
    assert_true(has_problem(fixture, 4, "", "第 2 行"));
    static const char fairs[] = "类别,名称,开始日期,场次\n"
                                "招聘会,春季招聘会（甲）,2021-03-01,2\n";
    import_text(fixture, "activity", fairs, "1 0 0 0 0");
    import_text(fixture, "activity",
                "类别,名称,开始日期,场次\n"
                "招聘会,春季 招聘会(甲),2021-03-01,2\n", /* written otherwise: a correction */
                "0 1 0 0 0");
    import_text(fixture, "activity", fairs, "0 1 0 0 0");
    import_text(fixture, "activity", fairs, "0 0 1 0 0");
}

static void test_people_who_look_like_others_wait_aside(void **state) {
    struct fixture *fixture = *state;
    static const char text[] = "姓名,证件类别,证件号码,出生日期,所属工会,入会日期\n"
                               "张三,护照,E12345678,1990-02-15,测试工会,2019-03-04\n";
    const struct jl_import_options force = {.policy = JL_IMPORT_NO_MATCH};
    add_member(&fixture->world, "张三", 19900215, 7, "测试工会");
    import_text(fixture, "member", text, "0 0 0 1 0");
    assert_true(has_problem(fixture, 2, "", "姓名和出生日期相同"));
    must(&fixture->world, import_with(fixture, "member", &force));
    check_counts(fixture, "1 0 0 0 0");
}

static void test_a_value_of_another_office_or_a_record_that_left_is_doubtful(void **state) {
    struct fixture *fixture = *state;
    struct world *world = &fixture->world;
    struct jl_value org;
    struct jl_id id = jl_id_next(&world->desk.ids, world->now_ms);
    org = jl_value_ref(&id);
    struct jl_field_value fields[] = {{1, jl_value_cstr("张三")},
                                      {6, jl_value_cstr(ID1)},
                                      {19, org},
                                      {21, jl_value_int(20190304)},
                                      {22, jl_value_int(1)}};
    struct jl_row foreign = {
        .type = type_of(world, "member")->number, .owner = 2, .fields = fields, .field_count = 5};
    foreign.id = jl_id_next(&world->desk.ids, world->now_ms);
    world_put(world, &foreign, JL_RECORD_LIVE, NULL);
    import_text(fixture, "member",
                "姓名,证件号码,所属工会,入会日期\n张三," ID1 ",测试工会,2019-03-04\n", "0 0 0 1 0");
    assert_true(has_problem(fixture, 2, "id_no", "另一个镇街"));
    fields[4].value = jl_value_int(6); /* no longer a member there: 退会 or the like */
    foreign.id = jl_id_next(&world->desk.ids, world->now_ms);
    struct jl_row left = {.type = foreign.type, .owner = 2};
    left.id = jl_id_next(&world->desk.ids, world->now_ms);
    char text[512];
    char id_text[JL_ID_TEXT_BYTES];
    jl_id_format(&left.id, id_text);
    world_put(world, &left, JL_RECORD_LEFT, "王五");
    snprintf(text, sizeof text,
             "姓名,证件号码,所属工会,入会日期,系统编号\n王五," ID2 ",测试工会,2019-03-04,%s\n",
             id_text);
    import_text(fixture, "member", text, "0 0 0 1 0");
    assert_true(has_problem(fixture, 2, "", "已转出"));
}

static void test_policies_decide_about_records_that_are_there(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        enum jl_import_policy policy;
        const char *expected;
        const char *platform, *trade; /* afterwards */
    } table[] = {
        {JL_IMPORT_SKIP, "0 0 1 0 0", NULL, "司机"},
        {JL_IMPORT_FILL, "0 1 0 0 0", "某平台", "司机"},
        {JL_IMPORT_OVERWRITE, "0 1 0 0 0", "某平台", "骑手"},
        {JL_IMPORT_OVERWRITE, "0 0 1 0 0", "某平台", "骑手"},
    };
    struct world *world = &fixture->world;
    struct jl_id id = add_member(world, "张三", 19900215, 7, "测试工会");
    must(world, SET(world, "member", &id, {"工种", "司机"}));
    write_file(fixture, "姓名,证件号码,所属工会,入会日期,平台,工种\n"
                        "张三," ID1 ",测试工会,2019-03-04,某平台,骑手\n");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct jl_import_options options = {.policy = table[i].policy};
        JL_AUTO(jl_arena) arena = {0};
        struct jl_book_record record;
        must(world, import_with(fixture, "member", &options));
        check_counts(fixture, table[i].expected);
        load(world, "member", &id, &arena, &record);
        const struct jl_value *platform = jl_row_get(&record.row, 16);
        const struct jl_value *trade = jl_row_get(&record.row, 18);
        assert_int_equal(platform != NULL, table[i].platform != NULL);
        assert_true(platform == NULL || jl_bytes_is(platform->bytes, table[i].platform));
        assert_true(jl_bytes_is(trade->bytes, table[i].trade));
    }
}

static void test_a_rehearsal_has_the_same_outcomes_and_changes_nothing(void **state) {
    struct fixture *fixture = *state;
    const struct jl_import_options rehearse = {.dry_run = true};
    const struct jl_import_options really = {0};
    unsigned saves = fixture->world.saves;
    write_file(fixture, "工会名称,基层工会类型,建会日期,上级工会\n"
                        "甲联合会,工会联合会,2018-05-01,\n"
                        "乙工会,独立基层工会,2018-05-01,甲联合会\n"
                        "丙工会,独立基层工会,2018-05-01,丁工会\n");
    must(&fixture->world, import_with(fixture, "union_org", &rehearse));
    check_counts(fixture, "2 0 0 0 1");
    assert_int_equal(fixture->world.saves, saves);
    assert_true(jl_id_is_zero(&fixture->result.change_set));
    must(&fixture->world, import_with(fixture, "union_org", &really));
    check_counts(fixture, "2 0 0 0 1"); /* 乙 names 甲, who stands above it */
    must(&fixture->world, import_with(fixture, "union_org", &really));
    check_counts(fixture, "0 0 2 0 1");
}

static void test_an_import_leaves_a_change_set_and_a_batch(void **state) {
    struct fixture *fixture = *state;
    struct world *world = &fixture->world;
    import_text(fixture, "member",
                "姓名,证件号码,所属工会,入会日期\n"
                "张三," ID1 ",测试工会,2019-03-04\n"
                "李四," ID2 ",没有,2019-03-04\n",
                "1 0 0 0 1");
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    load(world, "change_set", &fixture->result.change_set, &arena, &record);
    assert_int_not_equal(record.head.rid, 0);
    assert_int_equal(jl_row_get(&record.row, 1)->number, 1); /* import */
    assert_true(jl_bytes_is(jl_row_get(&record.row, 2)->bytes, "file.csv"));
    assert_int_equal(jl_row_get(&record.row, 4)->number, 1); /* records */
    assert_int_equal(count_records(world, "import_batch"), 1);
    json_t *array = listed_json(world, "import_batch");
    json_t *batch = json_array_get(array, 0);
    assert_int_equal(json_integer_value(json_object_get(batch, "rows")), 2);
    assert_int_equal(json_integer_value(json_object_get(batch, "added")), 1);
    assert_int_equal(json_integer_value(json_object_get(batch, "failed")), 1);
    assert_string_equal(json_string_value(json_object_get(batch, "type_name")), "member");
    assert_string_equal(json_string_value(json_object_get(batch, "staff")), "wang");
    json_decref(array);
}

static void test_types_without_keys_match_by_title_and_required_fields(void **state) {
    struct fixture *fixture = *state;
    static const char fairs[] = "类别,名称,开始日期,场次\n"
                                "招聘会,春季招聘会,2021-03-01,2\n"
                                "招聘会,春季招聘会,2022-03-01,3\n";
    import_text(fixture, "activity", fairs, "2 0 0 0 0");
    import_text(fixture, "activity", fairs, "0 0 2 0 0");
    import_text(fixture, "activity", "类别,名称,开始日期,场次\n招聘会,春季招聘会,2022-03-01,4\n",
                "0 1 0 0 0");
    add_org(&fixture->world, "另一工会");
    static const char officers[] = "姓名,工会,职务\n"
                                   "张伟,测试工会,主席\n"
                                   "张伟,另一工会,主席\n";
    import_text(fixture, "officer", officers, "2 0 0 0 0"); /* two people of one name */
    import_text(fixture, "officer", officers, "0 0 2 0 0");
    import_text(fixture, "officer", "姓名,职务\n张伟,主席\n", "0 0 0 1 0"); /* which of them? */
}

static void test_events_without_a_name_may_happen_twice_a_day(void **state) {
    struct fixture *fixture = *state;
    static const char text[] = "类别,日期,次数,外来务工\n"
                               "咨询,2022-09-30,1,否\n"
                               "咨询,2022-09-30,1,是\n"
                               "咨询,2022-09-30,1,否\n";
    import_text(fixture, "legal_service", text, "3 0 0 0 0");
    import_text(fixture, "legal_service", text, "0 0 3 0 0");
    import_text(fixture, "legal_service",
                "类别,日期,次数,外来务工\n"
                "咨询,2022-09-30,1,否\n"
                "咨询,2022-09-30,1,\n"  /* which of the two that are left? */
                "咨询,2022-10-01,1,\n", /* another day */
                "1 0 1 1 0");
    static const char pasted[] = "类别,名称,开始日期,地点\n"
                                 "招聘会,春季招聘会,2021-03-01,甲\n"
                                 "招聘会,春季招聘会,2021-03-01,乙\n"
                                 "招聘会,春季招聘会,2021-03-01,甲\n";
    import_text(fixture, "activity", pasted, "2 0 0 1 0"); /* the same line twice */
    assert_true(has_problem(fixture, 4, "", "第 2 行"));
    import_text(fixture, "activity", pasted, "0 0 2 1 0");
}

/* Ten thousand rows of one identity are over four chunks; each compared with each would take
 * minutes, and the memory of a PC. */
static void test_thousands_of_one_identity_are_paired_off_in_seconds(void **state) {
    struct fixture *fixture = *state;
    enum { ROWS = 10000 };
    JL_AUTO(jl_buf) text = {0};
    struct jl_err err;
    assert_int_equal(jl_buf_printf(&text, &err, "类别,日期,次数,外来务工\n"), JL_OK);
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(jl_buf_printf(&text, &err, "咨询,2022-09-30,1,否\n"), JL_OK);
    }
    assert_int_equal(jl_buf_put_u8(&text, 0, &err), JL_OK);
    clock_t began = clock();
    import_text(fixture, "legal_service", (const char *)text.data, "10000 0 0 0 0");
    import_text(fixture, "legal_service", (const char *)text.data, "0 0 10000 0 0");
    assert_true(clock() - began < 60 * CLOCKS_PER_SEC);
}

static void test_attendance_names_members_by_number_and_collapses_doubles(void **state) {
    struct fixture *fixture = *state;
    struct world *world = &fixture->world;
    struct jl_id activity;
    add_member(world, "张三", 19900215, 7, "测试工会");
    add_member(world, "李四", 19850505, 8, "测试工会");
    must(world, ADD(world, "activity", &activity, {"kind", "招聘会"}, {"title", "春季招聘会"},
                    {"start_on", "2021-03-01"}));
    static const char text[] = "活动,会员,时间\n"
                               "春季招聘会," ID1 ",2021-03-01\n"
                               "春季招聘会," ID2 ",2021-03-01\n"
                               "春季招聘会," ID1 ",2021-03-02\n"
                               "春季招聘会," ID3 ",2021-03-02\n";
    import_text(fixture, "attendance", text, "2 0 0 1 1");
    import_text(fixture, "attendance", text, "0 0 2 1 1");
    const struct jl_import_options force = {.policy = JL_IMPORT_NO_MATCH};
    must(world, import_with(fixture, "attendance", &force));
    check_counts(fixture, "0 0 0 3 1"); /* a natural key can't be doubled */
}

static void test_warnings_are_summed_up_and_stop_nothing(void **state) {
    struct fixture *fixture = *state;
    import_text(fixture, "member",
                "姓名,性别,证件号码,所属工会,入会日期\n"
                "张三,女," ID1 ",测试工会,2019-03-04\n"
                "李四,女," ID2 ",测试工会,2019-03-04\n",
                "2 0 0 0 0");
    bool summed = false;
    for (size_t i = 0; i < fixture->result.problem_count; i++) {
        const struct jl_import_problem *problem = &fixture->result.problems[i];
        assert_int_equal(problem->row, 0);
        summed = summed || strstr(problem->message, "2 行") != NULL;
    }
    assert_true(summed); /* 990106 is no area, on both rows */
}

static void test_a_row_wider_than_the_header_fails(void **state) {
    struct fixture *fixture = *state;
    import_text(fixture, "member",
                "姓名,证件号码,所属工会,入会日期\n"
                "张三," ID1 ",测试工会,2019-03-04,,\n"
                "李四," ID2 ",测试工会,杭州,2019-03-04\n",
                "1 0 0 0 1");
    assert_true(has_problem(fixture, 3, "", "第 5 列"));
}

static void test_a_save_that_met_another_change_is_decided_again(void **state) {
    struct fixture *fixture = *state;
    fixture->world.conflicts_due = 2;
    import_text(fixture, "member",
                "姓名,证件号码,所属工会,入会日期\n"
                "张三," ID1 ",测试工会,2019-03-04\n"
                "张三," ID1 ",测试工会,2019-03-04\n",
                "1 0 0 1 0");
    assert_int_equal(fixture->world.conflicts_due, 0);
}

/* `count` members; nobody shares a day of birth with another of the first 10,080. */
static void write_members(struct fixture *fixture, int count) {
    JL_AUTO(jl_buf) text = {0};
    struct world *world = &fixture->world;
    static const char *const signs[] = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊"};
    char number[19];
    must(world, jl_buf_put_text(&text, "姓名,性别,证件号码,移动电话,学历,所属工会,入会日期,工种\n",
                                &world->err));
    for (int i = 0; i < count; i++) {
        int day = 19600101 + i % 28 + i / 28 % 12 * 100 + i / 336 % 30 * 10000;
        id_number(number, day, i / 10080 + 1);
        must(world, jl_buf_printf(&text, &world->err,
                                  "张%s%s,,%s,1990%07d,大学本科,测试工会,2019-03-04,司机\n",
                                  signs[i % 8], signs[i / 8 % 8], number, i));
    }
    must(world, jl_file_write(fixture->path, jl_buf_bytes(&text), 0600, true, &world->err));
}

static void test_a_disk_that_fills_keeps_the_chunks_before_it(void **state) {
    struct fixture *fixture = *state;
    const struct jl_import_options options = {0};
    write_members(fixture, JL_IMPORT_CHUNK_ROWS + 10);
    fixture->world.saves_left = 2;
    assert_int_equal(import_with(fixture, "member", &options), JL_IO);
    char kept[64];
    snprintf(kept, sizeof kept, "前 %d 行已保存", JL_IMPORT_CHUNK_ROWS);
    assert_non_null(strstr(err_told(&fixture->world.err), kept));
    assert_int_equal(count_records(&fixture->world, "member"), JL_IMPORT_CHUNK_ROWS);
    fixture->world.saves_left = 0;
    must(&fixture->world, import_with(fixture, "member", &options));
    snprintf(kept, sizeof kept, "10 0 %d 0 0", JL_IMPORT_CHUNK_ROWS);
    check_counts(fixture, kept);
}

static void test_only_the_programs_own_types_and_other_sides_are_refused(void **state) {
    struct fixture *fixture = *state;
    const struct jl_import_options options = {0};
    const struct jl_import_options onto_itself = {.problems_path = fixture->path};
    write_file(fixture, "姓名,证件号码\n");
    assert_int_equal(import_with(fixture, "access_log", &options), JL_DENIED);
    assert_int_equal(import_with(fixture, "reform_task", &options), JL_DENIED);
    assert_int_equal(import_with(fixture, "member", &onto_itself), JL_MISUSE);
    (void)unlink(fixture->path);
    assert_int_equal(import_with(fixture, "member", &options), JL_NOT_FOUND);
}

int main(void) {
#define IMPORT(test) cmocka_unit_test_setup_teardown(test, open_office, close_fixture)
    const struct CMUnitTest tests[] = {
        IMPORT(test_the_invented_numbers_are_right),
        IMPORT(test_the_header_is_found_wherever_it_stands),
        IMPORT(test_unknown_and_missing_columns_are_named),
        IMPORT(test_a_missing_required_column_stops_before_anything_changes),
        IMPORT(test_every_row_has_an_outcome_and_blank_rows_and_notes_are_no_rows),
        IMPORT(test_a_note_between_rows_is_a_row),
        IMPORT(test_a_second_import_changes_only_what_was_corrected),
        IMPORT(test_the_problems_file_comes_back_corrected),
        IMPORT(test_the_same_record_twice_in_a_file_waits_with_the_first_line),
        IMPORT(test_texts_are_the_same_in_any_form),
        IMPORT(test_people_who_look_like_others_wait_aside),
        IMPORT(test_a_value_of_another_office_or_a_record_that_left_is_doubtful),
        IMPORT(test_policies_decide_about_records_that_are_there),
        IMPORT(test_a_rehearsal_has_the_same_outcomes_and_changes_nothing),
        IMPORT(test_an_import_leaves_a_change_set_and_a_batch),
        IMPORT(test_types_without_keys_match_by_title_and_required_fields),
        IMPORT(test_events_without_a_name_may_happen_twice_a_day),
        IMPORT(test_thousands_of_one_identity_are_paired_off_in_seconds),
        IMPORT(test_attendance_names_members_by_number_and_collapses_doubles),
        IMPORT(test_warnings_are_summed_up_and_stop_nothing),
        IMPORT(test_a_row_wider_than_the_header_fails),
        IMPORT(test_a_save_that_met_another_change_is_decided_again),
        IMPORT(test_a_disk_that_fills_keeps_the_chunks_before_it),
        IMPORT(test_only_the_programs_own_types_and_other_sides_are_refused),
    };
    return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
