/* Transactions, two connections, reopening, reading only. */
#include "store_contract.h"

static void put_number(struct fixture *fixture, uint32_t number) {
    struct jl_stored record = new_record(fixture, TYPE_MEMBER, number);
    record.cells[MEMBER_NAME] = text_value("张三");
    put_record(fixture, &record, NULL, NULL);
}

static bool has(struct fixture *fixture, struct jl_store *store, uint32_t number) {
    const struct jl_record_key key = {TYPE_MEMBER, id_of(number)};
    struct jl_head head;
    ok(fixture, jl_records_heads(store, &key, 1, &fixture->arena, &head, &fixture->err));
    return head.rid != 0;
}

static void reopen(struct fixture *fixture, enum jl_store_mode mode) {
    jl_store_close(fixture->store);
    fixture->store = NULL;
    fixture->store = open_again(fixture, mode, 0);
}

static void test_commit_stays_after_reopen(void **state) {
    struct fixture *fixture = *state;
    begin(fixture);
    put_number(fixture, 1);
    commit(fixture);
    reopen(fixture, JL_STORE_WRITE);
    struct jl_stored record = get_record(fixture, TYPE_MEMBER, 1);
    assert_true(record.head.rid != 0);
    assert_true(value_is_text(&record.cells[MEMBER_NAME], "张三"));
}

static void test_rollback_undoes_everything(void **state) {
    struct fixture *fixture = *state;
    begin(fixture);
    put_number(fixture, 1);
    ok(fixture, jl_store_meta_put(fixture->store, "cursor", jl_bytes("x", 1), &fixture->err));
    jl_store_rollback(fixture->store);
    jl_store_rollback(fixture->store); /* of nothing is fine */
    assert_false(has(fixture, fixture->store, 1));
    JL_AUTO(jl_buf) value = {0};
    fails(fixture, JL_NOT_FOUND,
          jl_store_meta_get(fixture->store, "cursor", &value, &fixture->err));
    /* And the store goes on. */
    begin(fixture);
    put_number(fixture, 1);
    commit(fixture);
    assert_true(has(fixture, fixture->store, 1));
}

static void test_close_rolls_back_what_is_open(void **state) {
    struct fixture *fixture = *state;
    begin(fixture);
    put_number(fixture, 1);
    reopen(fixture, JL_STORE_WRITE);
    assert_false(has(fixture, fixture->store, 1));
}

static void test_transactions_do_not_nest_and_writes_need_one(void **state) {
    struct fixture *fixture = *state;
    struct jl_err *err = &fixture->err;
    struct jl_stored record = new_record(fixture, TYPE_MEMBER, 1);
    struct jl_record_write write = {.record = &record};
    fails(fixture, JL_MISUSE, jl_records_write(fixture->store, &write, 1, err));
    fails(fixture, JL_MISUSE, jl_store_meta_put(fixture->store, "a", jl_bytes("x", 1), err));
    fails(fixture, JL_MISUSE, jl_store_commit(fixture->store, err));
    ok(fixture, jl_store_begin(fixture->store, false, err));
    fails(fixture, JL_MISUSE, jl_records_write(fixture->store, &write, 1, err));
    fails(fixture, JL_MISUSE, jl_store_begin(fixture->store, true, err));
    ok(fixture, jl_store_commit(fixture->store, err));
    assert_int_equal(record.head.rid, 0);
}

/* A batch that failed half-way must not be committed by a caller who overlooks it. */
static void test_failed_write_spoils_its_transaction(void **state) {
    struct fixture *fixture = *state;
    begin(fixture);
    put_number(fixture, 1);
    struct jl_stored good = new_record(fixture, TYPE_MEMBER, 2);
    struct jl_stored again = new_record(fixture, TYPE_MEMBER, 1);
    struct jl_record_write writes[2] = {{.record = &good}, {.record = &again}};
    fails(fixture, JL_CONFLICT, jl_records_write(fixture->store, writes, 2, &fixture->err));
    fails(fixture, JL_CONFLICT,
          jl_store_meta_put(fixture->store, "a", jl_bytes("x", 1), &fixture->err));
    fails(fixture, JL_CONFLICT, jl_store_commit(fixture->store, &fixture->err));
    assert_false(has(fixture, fixture->store, 1));
    assert_false(has(fixture, fixture->store, 2));

    /* The same when the fault is found before the database is asked. */
    struct jl_stored wrong = new_record(fixture, TYPE_MEMBER, 3);
    wrong.cells[MEMBER_STATUS] = text_value("1");
    struct jl_record_write second[2] = {{.record = &again}, {.record = &wrong}};
    begin(fixture);
    fails(fixture, JL_MISUSE, jl_records_write(fixture->store, second, 2, &fixture->err));
    fails(fixture, JL_MISUSE, jl_store_commit(fixture->store, &fixture->err));
    assert_false(has(fixture, fixture->store, 1));
    begin(fixture);
    put_number(fixture, 2);
    commit(fixture);
}

static void test_second_writer_is_busy_and_readers_are_not(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO_PTR(jl_store) other = open_again(fixture, JL_STORE_WRITE, 20);
    begin(fixture);
    put_number(fixture, 1);
    fails(fixture, JL_BUSY, jl_store_begin(other, true, &fixture->err));
    assert_false(has(fixture, other, 1));
    commit(fixture);
    assert_true(has(fixture, other, 1));
    ok(fixture, jl_store_begin(other, true, &fixture->err));
    ok(fixture, jl_store_commit(other, &fixture->err));
}

static void test_read_transaction_sees_one_state(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO_PTR(jl_store) reader = open_again(fixture, JL_STORE_READ, 0);
    ok(fixture, jl_store_begin(reader, false, &fixture->err));
    begin(fixture);
    put_number(fixture, 1);
    commit(fixture);
    assert_false(has(fixture, reader, 1));
    ok(fixture, jl_store_commit(reader, &fixture->err));
    assert_true(has(fixture, reader, 1));
}

static void test_changed_tells_of_other_connections_only(void **state) {
    struct fixture *fixture = *state;
    struct jl_err *err = &fixture->err;
    JL_AUTO_PTR(jl_store) other = open_again(fixture, JL_STORE_WRITE, 0);
    bool changed = true;
    ok(fixture, jl_store_changed(fixture->store, &changed, err));
    assert_false(changed);
    begin(fixture);
    put_number(fixture, 1);
    commit(fixture);
    ok(fixture, jl_store_changed(fixture->store, &changed, err));
    assert_false(changed);
    ok(fixture, jl_store_changed(other, &changed, err));
    assert_true(changed);
    ok(fixture, jl_store_changed(other, &changed, err));
    assert_false(changed);

    ok(fixture, jl_store_begin(other, true, err));
    ok(fixture, jl_store_meta_put(other, "a", jl_bytes("x", 1), err));
    ok(fixture, jl_store_commit(other, err));
    begin(fixture);
    ok(fixture, jl_store_changed(fixture->store, &changed, err));
    assert_true(changed);
    ok(fixture, jl_store_changed(fixture->store, &changed, err));
    assert_false(changed);
    commit(fixture);
}

static void test_rids_of_two_writers_do_not_meet(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO_PTR(jl_store) other = open_again(fixture, JL_STORE_WRITE, 0);
    begin(fixture);
    put_number(fixture, 1);
    commit(fixture);
    struct jl_store *own = fixture->store;
    fixture->store = other;
    begin(fixture);
    put_number(fixture, 2);
    commit(fixture);
    fixture->store = own;
    begin(fixture);
    put_number(fixture, 3);
    commit(fixture);
    int64_t rids[4] = {0};
    for (uint32_t i = 1; i <= 3; i++) {
        rids[i] = get_record(fixture, TYPE_MEMBER, i).head.rid;
        assert_true(rids[i] > rids[i - 1]);
    }
}

static void test_reading_only_refuses_every_write(void **state) {
    struct fixture *fixture = *state;
    begin(fixture);
    put_number(fixture, 1);
    commit(fixture);
    reopen(fixture, JL_STORE_READ);
    assert_true(has(fixture, fixture->store, 1));
    fails(fixture, JL_MISUSE, jl_store_begin(fixture->store, true, &fixture->err));
    fails(fixture, JL_MISUSE,
          jl_store_meta_put(fixture->store, "a", jl_bytes("x", 1), &fixture->err));
}

static void test_open_modes_check_that_it_exists(void **state) {
    struct fixture *fixture = *state;
    struct jl_store *store = NULL;
    struct jl_store_options options = {.mode = JL_STORE_CREATE,
                                       .application_id = JL_STORE_DISTRICT_ID};
    fails(fixture, JL_CONFLICT, try_open(&options, &store, &fixture->err));
    assert_null(store);
    options.mode = JL_STORE_WRITE;
    options.application_id = JL_STORE_OFFICE_ID;
    fails(fixture, JL_MISUSE, try_open(&options, &store, &fixture->err));
    assert_null(store);
}

static void test_meta_is_replaced_and_read_whole(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO(jl_buf) value = {0};
    begin(fixture);
    ok(fixture, jl_store_meta_put(fixture->store, "a", jl_bytes("one", 3), &fixture->err));
    ok(fixture, jl_store_meta_put(fixture->store, "b", jl_bytes(NULL, 0), &fixture->err));
    ok(fixture, jl_store_meta_put(fixture->store, "a", jl_bytes("second", 6), &fixture->err));
    commit(fixture);
    for (int i = 0; i < 2; i++) {
        ok(fixture, jl_store_meta_get(fixture->store, "a", &value, &fixture->err));
        assert_true(jl_bytes_is(jl_buf_bytes(&value), "second"));
    }
    ok(fixture, jl_store_meta_get(fixture->store, "b", &value, &fixture->err));
    assert_int_equal(value.size, 0);
}

static const struct CMUnitTest cases[] = {
    CASE(test_commit_stays_after_reopen, district),
    CASE(test_rollback_undoes_everything, district),
    CASE(test_close_rolls_back_what_is_open, district),
    CASE(test_transactions_do_not_nest_and_writes_need_one, district),
    CASE(test_failed_write_spoils_its_transaction, district),
    CASE(test_second_writer_is_busy_and_readers_are_not, district),
    CASE(test_read_transaction_sees_one_state, district),
    CASE(test_changed_tells_of_other_connections_only, district),
    CASE(test_rids_of_two_writers_do_not_meet, district),
    CASE(test_reading_only_refuses_every_write, district),
    CASE(test_open_modes_check_that_it_exists, district),
    CASE(test_meta_is_replaced_and_read_whole, district),
};

struct case_list store_tx_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
