/* Feeds and their buckets. */
#include "store_contract.h"

#include "jielian/base/fault.h"
#include "jielian/store/feeds.h"

static void put_entry(struct fixture *fixture, struct jl_feed_entry entry) {
    begin(fixture);
    ok(fixture, jl_feeds_put(fixture->store, &entry, 1, &fixture->err));
    commit(fixture);
}

static void test_a_feed_holds_each_record_once_at_its_latest(void **state) {
    struct fixture *fixture = *state;
    for (uint64_t seq = 1; seq <= 4; seq++) {
        put_entry(fixture, (struct jl_feed_entry){7, seq, (int64_t)(seq % 3), JL_FEED_ENTER, 0});
    }
    put_entry(fixture, (struct jl_feed_entry){0, 1, 1, JL_FEED_UPDATE, 12});
    struct jl_feed_entry entries[8];
    size_t count = 0;
    ok(fixture, jl_feeds_page(fixture->store, 7, 0, 8, entries, &count, &fixture->err));
    assert_int_equal(count, 3);
    const uint64_t seqs[] = {2, 3, 4};
    const int64_t rids[] = {2, 0, 1};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(entries[i].feed, 7);
        assert_int_equal(entries[i].seq, seqs[i]);
        assert_int_equal(entries[i].rid, rids[i]);
    }
    ok(fixture, jl_feeds_page(fixture->store, 7, 2, 1, entries, &count, &fixture->err));
    assert_int_equal(count, 1);
    assert_int_equal(entries[0].seq, 3);
    ok(fixture, jl_feeds_page(fixture->store, 7, UINT64_MAX, 8, entries, &count, &fixture->err));
    assert_int_equal(count, 0);

    ok(fixture, jl_feeds_of(fixture->store, 1, entries, 8, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(entries[0].feed, 0);
    assert_int_equal(entries[0].kind, JL_FEED_UPDATE);
    assert_int_equal(entries[0].origin, 12);
    assert_int_equal(entries[1].seq, 4);
    ok(fixture, jl_feeds_of(fixture->store, 1, entries, 1, &count, &fixture->err));
    assert_int_equal(count, 1);
}

static void test_a_place_in_a_feed_is_not_taken_from_another_record(void **state) {
    struct fixture *fixture = *state;
    put_entry(fixture, (struct jl_feed_entry){7, 5, 1, JL_FEED_ENTER, 0});
    const struct jl_feed_entry same_place = {7, 5, 2, JL_FEED_ENTER, 0};
    begin(fixture);
    fails(fixture, JL_CONFLICT, jl_feeds_put(fixture->store, &same_place, 1, &fixture->err));
    jl_store_rollback(fixture->store);
    put_entry(fixture, (struct jl_feed_entry){7, 5, 1, JL_FEED_UPDATE, 3}); /* its own is */
    put_entry(fixture, (struct jl_feed_entry){8, 5, 1, JL_FEED_ENTER, 3});
}

static int64_t put_owned(struct fixture *fixture, uint32_t number, uint32_t owner,
                         enum jl_record_state state) {
    struct jl_stored record = new_record(fixture, TYPE_MEMBER, number);
    record.head.owner = owner;
    record.head.state = state;
    begin(fixture);
    put_record(fixture, &record, NULL, NULL);
    commit(fixture);
    return record.head.rid;
}

struct counted {
    struct jl_counted records[8];
    size_t count, most; /* most: end the pass there */
};

static enum jl_rc count_record(void *context, const struct jl_counted *record, struct jl_err *err) {
    struct counted *counted = context;
    if (counted->count == counted->most) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_TEXT, "%s", "enough");
    }
    counted->records[counted->count++] = *record;
    return JL_OK;
}

static void assert_counted(struct fixture *fixture, uint32_t feed, const uint32_t *numbers,
                           size_t wanted) {
    struct counted counted = {.most = 8};
    ok(fixture, jl_feeds_counted(fixture->store, feed, count_record, &counted, &fixture->err));
    assert_int_equal(counted.count, wanted);
    for (size_t i = 0; i < wanted; i++) { /* in whatever order */
        struct jl_id id = id_of(numbers[i]);
        size_t found = 0;
        for (size_t c = 0; c < counted.count; c++) {
            const struct jl_counted *record = &counted.records[c];
            if (jl_id_equal(&record->id, &id)) {
                assert_int_equal(record->type, TYPE_MEMBER);
                assert_true(record->rid != 0 && record->hash[0] != 0);
                found++;
            }
        }
        assert_int_equal(found, 1);
    }
}

/* One type, or none: the same records as a pass is over. */
static void assert_types(struct fixture *fixture, uint32_t feed, uint32_t type, uint64_t count) {
    struct jl_feeds_type_count *counts = NULL;
    size_t types = 99;
    ok(fixture,
       jl_feeds_types(fixture->store, feed, &fixture->arena, &counts, &types, &fixture->err));
    assert_int_equal(types, count > 0 ? 1 : 0);
    if (count > 0) {
        assert_int_equal(counts[0].type, type);
        assert_int_equal(counts[0].count, count);
    }
}

static void test_a_pass_at_the_district_is_over_what_its_feed_counts(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        uint32_t number;
        enum jl_record_state state;
        uint32_t feed;
        enum jl_feed_kind kind;
    } rows[] = {
        {0x305, JL_RECORD_LIVE, 7, JL_FEED_ENTER},     {0x105, JL_RECORD_LIVE, 7, JL_FEED_UPDATE},
        {0x205, JL_RECORD_DELETED, 7, JL_FEED_UPDATE}, {0x405, JL_RECORD_LIVE, 7, JL_FEED_LEAVE},
        {0x505, JL_RECORD_LIVE, 8, JL_FEED_ENTER},     {0x106, JL_RECORD_LIVE, 7, JL_FEED_ENTER},
        {0x605, JL_RECORD_DELETED, 7, JL_FEED_DELETE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t rid = put_owned(fixture, rows[i].number, 7, rows[i].state);
        put_entry(fixture, (struct jl_feed_entry){rows[i].feed, i + 1, rid, rows[i].kind, 0});
    }
    assert_counted(fixture, 7, (const uint32_t[]){0x105, 0x305, 0x106}, 3);
    assert_counted(fixture, 8, (const uint32_t[]){0x505}, 1);
    assert_counted(fixture, 0, NULL, 0);
    assert_types(fixture, 7, TYPE_MEMBER, 3);
    assert_types(fixture, 8, TYPE_MEMBER, 1);
    assert_types(fixture, 0, 0, 0);
    struct counted counted = {.most = 1};
    fails(fixture, JL_LIMIT,
          jl_feeds_counted(fixture->store, 7, count_record, &counted, &fixture->err));
    assert_int_equal(counted.count, 1);
}

static void test_a_pass_at_the_office_goes_by_owner(void **state) {
    struct fixture *fixture = *state;
    (void)put_owned(fixture, 0x305, 7, JL_RECORD_LIVE);
    (void)put_owned(fixture, 0x105, 9, JL_RECORD_LIVE);
    (void)put_owned(fixture, 0x205, 0, JL_RECORD_LIVE);
    (void)put_owned(fixture, 0x405, 7, JL_RECORD_PARKED);
    (void)put_owned(fixture, 0x505, 7, JL_RECORD_LEFT);
    (void)put_owned(fixture, 0x605, 0, JL_RECORD_DELETED);
    assert_counted(fixture, UINT32_MAX, (const uint32_t[]){0x105, 0x305}, 2);
    assert_counted(fixture, 0, (const uint32_t[]){0x205}, 1);
}

static const struct CMUnitTest cases[] = {
    CASE(test_a_feed_holds_each_record_once_at_its_latest, district),
    CASE(test_a_place_in_a_feed_is_not_taken_from_another_record, district),
    CASE(test_a_pass_at_the_district_is_over_what_its_feed_counts, district),
    CASE(test_a_pass_at_the_office_goes_by_owner, office),
};

struct case_list store_feed_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
