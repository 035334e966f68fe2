/* Ops that wait for a record. */
#include "store_contract.h"

#include "jielian/store/held_ops.h"

static const struct jl_held three[] = {
    {9, 1, 4, 2, {TYPE_MEMBER, {{1}}}},
    {2, 7, 5, 3, {TYPE_ORG, {{1}}}},
    {9, 0, 4, 2, {TYPE_MEMBER, {{1}}}},
};

static void put_three(struct fixture *fixture) {
    begin(fixture);
    ok(fixture, jl_held_ops_put(fixture->store, three, 3, &fixture->err));
    commit(fixture);
}

static void assert_held(const struct jl_held *held, const struct jl_held *wanted) {
    assert_int_equal(held->journal_seq, wanted->journal_seq);
    assert_int_equal(held->n, wanted->n);
    assert_int_equal(held->device, wanted->device);
    assert_int_equal(held->office, wanted->office);
    assert_int_equal(held->key.type, wanted->key.type);
    assert_true(jl_id_equal(&held->key.id, &wanted->key.id));
}

static uint64_t count_of(struct fixture *fixture, uint32_t office) {
    uint64_t count = UINT64_MAX;
    ok(fixture, jl_held_ops_count(fixture->store, office, &count, &fixture->err));
    return count;
}

static void test_held_ops_of_a_record_in_journal_order(void **state) {
    struct fixture *fixture = *state;
    put_three(fixture);
    struct jl_held *list = NULL;
    size_t count = 0;
    ok(fixture, jl_held_ops_of(fixture->store, &three[0].key, &fixture->arena, &list, &count,
                               &fixture->err));
    assert_int_equal(count, 2);
    assert_held(&list[0], &three[2]);
    assert_held(&list[1], &three[0]);
    const struct jl_record_key other = {TYPE_MEMBER, id_of(77)};
    ok(fixture,
       jl_held_ops_of(fixture->store, &other, &fixture->arena, &list, &count, &fixture->err));
    assert_int_equal(count, 0);
}

static void test_all_held_ops_page_by_page(void **state) {
    struct fixture *fixture = *state;
    put_three(fixture);
    const size_t order[] = {1, 2, 0};
    for (size_t limit = 0; limit <= 4; limit++) {
        const struct jl_held *after = NULL;
        size_t seen = 0;
        for (;;) {
            struct jl_held *list = NULL;
            size_t count = 0;
            ok(fixture, jl_held_ops_all(fixture->store, after, limit, &fixture->arena, &list,
                                        &count, &fixture->err));
            assert_true(limit == 0 || count <= limit);
            if (count == 0) {
                break;
            }
            for (size_t i = 0; i < count; i++) {
                assert_true(seen < 3);
                assert_held(&list[i], &three[order[seen++]]);
            }
            after = &list[count - 1];
        }
        assert_int_equal(seen, 3);
    }
}

static void test_held_ops_are_counted_by_office(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(count_of(fixture, 0), 0);
    put_three(fixture);
    assert_int_equal(count_of(fixture, 0), 3);
    assert_int_equal(count_of(fixture, 2), 2);
    assert_int_equal(count_of(fixture, 3), 1);
    assert_int_equal(count_of(fixture, 4), 0);
}

static void test_held_ops_are_held_once_and_dropped_by_place(void **state) {
    struct fixture *fixture = *state;
    put_three(fixture);
    begin(fixture);
    fails(fixture, JL_CONFLICT, jl_held_ops_put(fixture->store, three, 1, &fixture->err));
    jl_store_rollback(fixture->store);
    const struct jl_held gone[] = {{.journal_seq = 9, .n = 1}, {.journal_seq = 9, .n = 5}};
    fails(fixture, JL_MISUSE, jl_held_ops_drop(fixture->store, gone, 2, &fixture->err));
    begin(fixture);
    ok(fixture, jl_held_ops_drop(fixture->store, gone, 2, &fixture->err));
    commit(fixture);
    struct jl_held *list = NULL;
    size_t count = 0;
    ok(fixture,
       jl_held_ops_all(fixture->store, NULL, 0, &fixture->arena, &list, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_held(&list[0], &three[1]);
    assert_held(&list[1], &three[2]);
    assert_int_equal(count_of(fixture, 2), 1);
}

static const struct CMUnitTest cases[] = {
    CASE(test_held_ops_of_a_record_in_journal_order, district),
    CASE(test_all_held_ops_page_by_page, district),
    CASE(test_held_ops_are_counted_by_office, district),
    CASE(test_held_ops_are_held_once_and_dropped_by_place, district),
};

struct case_list store_held_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
