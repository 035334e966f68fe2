/* Table definitions: checked, completed, never dropped. */
#include "store_contract.h"

#include "jielian/store/upkeep.h"

static void test_new_columns_keep_the_rows(void **state) {
    struct fixture *fixture = *state;
    const struct jl_store_column first[] = {{"name", JL_VALUE_TEXT, false}};
    const struct jl_store_column grown[] = {{"case", JL_VALUE_INT, true},
                                            {"name", JL_VALUE_TEXT, true}};
    const struct jl_store_table before = {8, "order", first, 1};
    const struct jl_store_table after = {8, "order", grown, 2};
    ok(fixture, jl_store_tables(fixture->store, &before, 1, &fixture->err));
    struct jl_stored record = new_record(fixture, 8, 1);
    record.cells[0] = text_value("甲");
    begin(fixture);
    put_record(fixture, &record, NULL, NULL);
    commit(fixture);

    for (int i = 0; i < 2; i++) { /* the second time there is nothing to do */
        ok(fixture, jl_store_tables(fixture->store, &after, 1, &fixture->err));
    }
    struct jl_stored loaded = get_record(fixture, 8, 1);
    assert_int_equal(loaded.cells[0].kind, JL_VALUE_NULL);
    assert_true(value_is_text(&loaded.cells[1], "甲"));

    loaded.cells[0] = jl_value_int(4);
    begin(fixture);
    put_record(fixture, &loaded, NULL, NULL);
    commit(fixture);
    int64_t rid = 0;
    size_t found = 0;
    const struct jl_value four = jl_value_int(4);
    const struct jl_value name = text_value("甲");
    ok(fixture, jl_records_find(fixture->store, 8, 0, &four, 1, 1, &rid, &found, &fixture->err));
    assert_int_equal(found, 1);
    ok(fixture, jl_records_find(fixture->store, 8, 1, &name, 1, 1, &rid, &found, &fixture->err));
    assert_int_equal(found, 1);
    assert_int_equal(rid, loaded.head.rid);
}

static void test_rollback_brings_back_the_earlier_set(void **state) {
    struct fixture *fixture = *state;
    const struct jl_store_column columns[] = {{"name", JL_VALUE_TEXT, true}};
    const struct jl_store_table one = {8, "notice", columns, 1};
    begin(fixture);
    ok(fixture, jl_store_tables(fixture->store, &one, 1, &fixture->err));
    ok(fixture, jl_store_tables(fixture->store, &one, 1, &fixture->err));
    struct jl_stored record = new_record(fixture, 8, 1);
    put_record(fixture, &record, NULL, NULL);
    jl_store_rollback(fixture->store);

    /* The type has no table now, and the earlier tables work. */
    struct jl_stored again = new_record(fixture, 8, 1);
    struct jl_record_write write = {.record = &again};
    begin(fixture);
    fails(fixture, JL_MISUSE, jl_records_write(fixture->store, &write, 1, &fixture->err));
    jl_store_rollback(fixture->store);
    begin(fixture);
    struct jl_stored member = new_record(fixture, TYPE_MEMBER, 1);
    put_record(fixture, &member, NULL, NULL);
    commit(fixture);

    begin(fixture);
    ok(fixture, jl_store_tables(fixture->store, &one, 1, &fixture->err));
    commit(fixture);
    begin(fixture);
    struct jl_stored kept = new_record(fixture, 8, 1);
    put_record(fixture, &kept, NULL, NULL);
    commit(fixture);
    assert_true(get_record(fixture, 8, 1).head.rid != 0);
}

static void test_another_connection_may_add_columns(void **state) {
    struct fixture *fixture = *state;
    const struct jl_store_column columns[] = {{"name", JL_VALUE_TEXT, false},
                                              {"added", JL_VALUE_INT, true}};
    const struct jl_store_table grown = {TYPE_MEMBER, "member", columns, 2};
    JL_AUTO_PTR(jl_store) other = open_again(fixture, JL_STORE_WRITE, 0);
    begin(fixture);
    struct jl_stored first = new_record(fixture, TYPE_MEMBER, 1);
    first.cells[MEMBER_NOTE] = text_value("remark");
    put_record(fixture, &first, NULL, NULL);
    commit(fixture);
    ok(fixture, jl_store_tables(other, &grown, 1, &fixture->err));
    begin(fixture); /* with the statements it had */
    struct jl_stored second = new_record(fixture, TYPE_MEMBER, 2);
    put_record(fixture, &second, NULL, NULL);
    commit(fixture);
    struct jl_stored loaded = get_record(fixture, TYPE_MEMBER, 1);
    assert_true(value_is_text(&loaded.cells[MEMBER_NOTE], "remark"));
}

static void test_reading_only_checks_that_tables_are_there(void **state) {
    struct fixture *fixture = *state;
    const struct jl_store_column columns[] = {{"name", JL_VALUE_TEXT, false}};
    const struct jl_store_table unknown = {8, "notice", columns, 1};
    JL_AUTO_PTR(jl_store) reader = open_again(fixture, JL_STORE_READ, 0);
    fails(fixture, JL_NOT_FOUND, jl_store_tables(reader, &unknown, 1, &fixture->err));
    ok(fixture, jl_store_tables(fixture->store, &unknown, 1, &fixture->err));
    ok(fixture, jl_store_tables(reader, &unknown, 1, &fixture->err));
}

static void test_bad_definitions_change_nothing(void **state) {
    struct fixture *fixture = *state;
    const struct jl_store_column good[] = {{"name", JL_VALUE_TEXT, false}};
    const struct jl_store_column quoted[] = {{"na\"me", JL_VALUE_TEXT, false}};
    const struct jl_store_column rid[] = {{"rid", JL_VALUE_INT, false}};
    const struct jl_store_column extra[] = {{"extra", JL_VALUE_INT, false}};
    const struct jl_store_column upper[] = {{"Name", JL_VALUE_TEXT, false}};
    const struct jl_store_column no_kind[] = {{"name", JL_VALUE_NULL, false}};
    const struct jl_store_column twice[] = {{"name", JL_VALUE_TEXT, false},
                                            {"name", JL_VALUE_TEXT, false}};
    const struct jl_store_column other_kind[] = {{"name", JL_VALUE_INT, false}};
    const struct jl_store_table bad[] = {
        {8, "record", good, 1},    {8, "sqlite_x", good, 1}, {8, "", good, 1},
        {8, "a b", good, 1},       {8, "9a", good, 1},       {8, "notice", quoted, 1},
        {8, "notice", rid, 1},     {8, "notice", extra, 1},  {8, "notice", upper, 1},
        {8, "notice", no_kind, 1}, {8, "notice", twice, 2},  {TYPE_MEMBER, "member", other_kind, 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fails(fixture, JL_MISUSE, jl_store_tables(fixture->store, &bad[i], 1, &fixture->err));
    }
    const struct jl_store_table same_type[] = {{8, "notice", good, 1}, {8, "visit", good, 1}};
    const struct jl_store_table same_name[] = {{8, "notice", good, 1}, {9, "notice", good, 1}};
    fails(fixture, JL_MISUSE, jl_store_tables(fixture->store, same_type, 2, &fixture->err));
    fails(fixture, JL_MISUSE, jl_store_tables(fixture->store, same_name, 2, &fixture->err));
    begin(fixture);
    struct jl_stored member = new_record(fixture, TYPE_MEMBER, 1);
    put_record(fixture, &member, NULL, NULL);
    commit(fixture);
}

/* "a"."b_c" and "a_b"."c" must not share an index by name. */
static void test_names_that_join_alike_have_their_own_indexes(void **state) {
    struct fixture *fixture = *state;
    const struct jl_store_column b_c[] = {{"b_c", JL_VALUE_INT, true}};
    const struct jl_store_column c[] = {{"c", JL_VALUE_INT, true}};
    const struct jl_store_table tables[] = {{8, "a", b_c, 1}, {9, "a_b", c, 1}};
    ok(fixture, jl_store_tables(fixture->store, tables, 2, &fixture->err));
    ok(fixture, jl_store_tables(fixture->store, tables, 2, &fixture->err));
    ok(fixture, jl_upkeep_integrity(fixture->store, &fixture->err));
}

static const struct CMUnitTest cases[] = {
    CASE(test_new_columns_keep_the_rows, district),
    CASE(test_rollback_brings_back_the_earlier_set, district),
    CASE(test_another_connection_may_add_columns, district),
    CASE(test_reading_only_checks_that_tables_are_there, district),
    CASE(test_bad_definitions_change_nothing, district),
    CASE(test_names_that_join_alike_have_their_own_indexes, district),
};

struct case_list store_table_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
