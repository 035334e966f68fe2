/* Load, find, write and purge. */
#include "store_contract.h"

#include "jielian/store/feeds.h"
#include "jielian/store/upkeep.h"
#include "jielian/store/words.h"

#include <string.h>

static const uint8_t sealed[] = {0, 1, 2, 0, 255};
static const uint8_t tag_a[] = "tag-a..........";
static const uint8_t tag_b[] = "tag-b..........";

static struct jl_value bytes_value(const void *data, size_t size) {
    struct jl_value value = {.kind = JL_VALUE_BYTES, .bytes = jl_bytes(data, size)};
    return value;
}

static struct jl_stored full_member(struct fixture *fixture, uint32_t number) {
    struct jl_stored record = new_record(fixture, TYPE_MEMBER, number);
    record.cells[MEMBER_NAME] = text_value("阿依努尔·买买提");
    record.cells[MEMBER_ID_NO] = bytes_value(sealed, sizeof sealed);
    record.cells[MEMBER_ID_NO_TAG] = bytes_value(tag_a, sizeof tag_a);
    record.cells[MEMBER_JOINED_ON] = jl_value_int(20210105);
    record.cells[MEMBER_STATUS] = jl_value_int(-9007199254740993);
    record.cells[MEMBER_NOTE] = text_value("");
    record.extra = jl_bytes("more", 4);
    return record;
}

static void assert_same(const struct jl_stored *a, const struct jl_stored *b, size_t columns) {
    assert_int_equal(a->head.rid, b->head.rid);
    assert_int_equal(a->head.type, b->head.type);
    assert_true(jl_id_equal(&a->head.id, &b->head.id));
    assert_int_equal(a->head.owner, b->head.owner);
    assert_int_equal(a->head.state, b->head.state);
    assert_memory_equal(a->head.hash, b->head.hash, sizeof a->head.hash);
    assert_int_equal(a->head.changed_ms, b->head.changed_ms);
    assert_int_equal(a->head.by_device, b->head.by_device);
    assert_true(jl_bytes_equal(a->head.by_staff, b->head.by_staff));
    assert_int_equal(a->head.last, b->head.last);
    assert_int_equal(a->head.feed_seq, b->head.feed_seq);
    assert_true(jl_bytes_equal(a->head.title, b->head.title));
    assert_true(jl_bytes_equal(a->extra, b->extra));
    assert_true((a->cells == NULL) == (b->cells == NULL));
    for (size_t i = 0; a->cells != NULL && i < columns; i++) {
        assert_true(jl_value_equal(&a->cells[i], &b->cells[i]));
    }
}

static void test_a_record_comes_back_as_it_was_written(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored written = full_member(fixture, 1);
    begin(fixture);
    put_record(fixture, &written, NULL, NULL);
    commit(fixture);
    struct jl_stored loaded = get_record(fixture, TYPE_MEMBER, 1);
    assert_same(&written, &loaded, MEMBER_COLUMNS);

    struct jl_stored by_rid[2];
    const int64_t rids[2] = {written.head.rid + 100, written.head.rid};
    ok(fixture,
       jl_records_load_rids(fixture->store, rids, 2, &fixture->arena, by_rid, &fixture->err));
    assert_int_equal(by_rid[0].head.rid, 0);
    assert_same(&written, &by_rid[1], MEMBER_COLUMNS);
}

static void test_keys_without_a_record_give_rid_zero_in_order(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored member = full_member(fixture, 2);
    struct jl_stored org = new_record(fixture, TYPE_ORG, 2);
    begin(fixture);
    put_record(fixture, &member, NULL, NULL);
    put_record(fixture, &org, NULL, NULL);
    commit(fixture);
    const struct jl_record_key keys[] = {{TYPE_MEMBER, id_of(1)},
                                         {TYPE_ORG, id_of(2)},
                                         {TYPE_UNKNOWN, id_of(2)},
                                         {TYPE_MEMBER, id_of(2)}};
    const int64_t wanted[] = {0, org.head.rid, 0, member.head.rid};
    struct jl_stored records[4];
    struct jl_head heads[4];
    ok(fixture, jl_records_load(fixture->store, keys, 4, &fixture->arena, records, &fixture->err));
    ok(fixture, jl_records_heads(fixture->store, keys, 4, &fixture->arena, heads, &fixture->err));
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(records[i].head.rid, wanted[i]);
        assert_int_equal(heads[i].rid, wanted[i]);
    }
    assert_null(records[0].cells);
    assert_non_null(records[3].cells);
}

static void test_replacing_changes_head_cells_and_indexes(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored record = full_member(fixture, 1);
    begin(fixture);
    put_record(fixture, &record, NULL, NULL);
    commit(fixture);

    struct {
        size_t column;
        struct jl_value value;
    } const changes[] = {
        {MEMBER_NOTE, text_value("moved")},
        {MEMBER_NAME, {.kind = JL_VALUE_NULL}},
        {MEMBER_ID_NO_TAG, bytes_value(tag_b, sizeof tag_b)},
        {MEMBER_ID_NO_TAG, {.kind = JL_VALUE_NULL}},
        {MEMBER_JOINED_ON, jl_value_int(20220101)},
        {MEMBER_JOINED_ON, jl_value_int(20220101)}, /* nothing changes */
        {MEMBER_ORG, bytes_value(tag_b, 16)},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        record.cells[changes[i].column] = changes[i].value;
        record.head.owner = (uint32_t)i;
        record.head.last++;
        record.extra = i % 2 == 0 ? jl_bytes(NULL, 0) : jl_bytes("other", 5);
        begin(fixture);
        put_record(fixture, &record, NULL, NULL);
        commit(fixture);
        struct jl_stored loaded = get_record(fixture, TYPE_MEMBER, 1);
        assert_same(&record, &loaded, MEMBER_COLUMNS);
        int64_t rids[2] = {0};
        size_t counts[2] = {9, 9};
        const struct jl_value tags[2] = {bytes_value(tag_a, sizeof tag_a),
                                         bytes_value(tag_b, sizeof tag_b)};
        ok(fixture, jl_records_find(fixture->store, TYPE_MEMBER, MEMBER_ID_NO_TAG, tags, 2, 1, rids,
                                    counts, &fixture->err));
        for (size_t k = 0; k < 2; k++) {
            bool same = jl_value_equal(&record.cells[MEMBER_ID_NO_TAG], &tags[k]);
            assert_int_equal(counts[k], same ? 1 : 0);
        }
    }
    ok(fixture, jl_upkeep_integrity(fixture->store, &fixture->err));
}

static void test_replacing_needs_the_same_record(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored record = full_member(fixture, 1);
    begin(fixture);
    put_record(fixture, &record, NULL, NULL);
    commit(fixture);
    struct jl_stored gone = record;
    gone.head.rid += 5;
    struct jl_stored other = record;
    other.head.id = id_of(2);
    struct jl_stored *const wrong[] = {&gone, &other};
    for (size_t i = 0; i < 2; i++) {
        struct jl_record_write write = {.record = wrong[i], .words_same = true};
        begin(fixture);
        fails(fixture, JL_CONFLICT, jl_records_write(fixture->store, &write, 1, &fixture->err));
        jl_store_rollback(fixture->store);
    }
}

static void test_values_of_another_kind_are_refused(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored record = full_member(fixture, 1);
    record.cells[MEMBER_STATUS] = text_value("5"); /* a quiet conversion would take it */
    struct jl_record_write write = {.record = &record};
    begin(fixture);
    fails(fixture, JL_MISUSE, jl_records_write(fixture->store, &write, 1, &fixture->err));
    jl_store_rollback(fixture->store);
    assert_int_equal(get_record(fixture, TYPE_MEMBER, 1).head.rid, 0);

    int64_t rid = 0;
    size_t count = 0;
    const struct jl_value text = text_value("20210105");
    fails(fixture, JL_MISUSE,
          jl_records_find(fixture->store, TYPE_MEMBER, MEMBER_JOINED_ON, &text, 1, 1, &rid, &count,
                          &fixture->err));
    fails(fixture, JL_MISUSE,
          jl_records_find(fixture->store, TYPE_MEMBER, MEMBER_NAME, &text, 1, 1, &rid, &count,
                          &fixture->err));
    fails(
        fixture, JL_MISUSE,
        jl_records_find(fixture->store, TYPE_UNKNOWN, 0, &text, 1, 1, &rid, &count, &fixture->err));
}

static void test_find_gives_at_most_each_in_rid_order(void **state) {
    struct fixture *fixture = *state;
    begin(fixture);
    for (uint32_t i = 1; i <= 5; i++) {
        struct jl_stored record = new_record(fixture, TYPE_MEMBER, i);
        record.cells[MEMBER_JOINED_ON] = jl_value_int(i == 4 ? 2 : 1);
        put_record(fixture, &record, NULL, NULL);
    }
    commit(fixture);
    const struct jl_value values[] = {jl_value_int(2), jl_value_int(3), jl_value_null(),
                                      jl_value_int(1)};
    int64_t rids[4 * 3] = {0};
    size_t counts[4] = {9, 9, 9, 9};
    ok(fixture, jl_records_find(fixture->store, TYPE_MEMBER, MEMBER_JOINED_ON, values, 4, 3, rids,
                                counts, &fixture->err));
    const size_t wanted[] = {1, 0, 0, 3};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(counts[i], wanted[i]);
    }
    assert_int_equal(rids[0], get_record(fixture, TYPE_MEMBER, 4).head.rid);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(rids[9 + i], get_record(fixture, TYPE_MEMBER, i + 1).head.rid);
    }
}

static void test_types_without_a_table_keep_their_fields_in_extra(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored record = new_record(fixture, TYPE_UNKNOWN, 1);
    record.extra = jl_bytes("encoded", 7);
    begin(fixture);
    put_record(fixture, &record, "wang", NULL);
    commit(fixture);
    struct jl_stored loaded = get_record(fixture, TYPE_UNKNOWN, 1);
    assert_same(&record, &loaded, 0);

    /* The catalogue arrives: the record becomes a row. */
    const struct jl_store_column columns[] = {{"name", JL_VALUE_TEXT, true}};
    const struct jl_store_table table = {TYPE_UNKNOWN, "notice", columns, 1};
    ok(fixture, jl_store_tables(fixture->store, &table, 1, &fixture->err));
    loaded = get_record(fixture, TYPE_UNKNOWN, 1);
    assert_same(&record, &loaded, 0);
    struct jl_value name = text_value("甲");
    loaded.cells = &name;
    loaded.extra = jl_bytes(NULL, 0);
    begin(fixture);
    put_record(fixture, &loaded, "wang", NULL);
    commit(fixture);
    struct jl_stored again = get_record(fixture, TYPE_UNKNOWN, 1);
    assert_same(&loaded, &again, 1);
}

static void test_a_stub_loses_its_cells_and_gets_them_back(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored record = full_member(fixture, 1);
    begin(fixture);
    put_record(fixture, &record, "zhang", NULL);
    commit(fixture);
    struct jl_stored stub = {.head = record.head};
    stub.head.state = JL_RECORD_LEFT;
    stub.head.title = jl_bytes_text("张三");
    memset(stub.head.hash, 0, sizeof stub.head.hash);
    begin(fixture);
    put_record(fixture, &stub, NULL, NULL);
    commit(fixture);
    struct jl_stored loaded = get_record(fixture, TYPE_MEMBER, 1);
    assert_same(&stub, &loaded, 0);
    int64_t rid = 0;
    size_t count = 0;
    ok(fixture,
       jl_records_find(fixture->store, TYPE_MEMBER, MEMBER_ID_NO_TAG,
                       &record.cells[MEMBER_ID_NO_TAG], 1, 1, &rid, &count, &fixture->err));
    assert_int_equal(count, 0);
    begin(fixture);
    put_record(fixture, &record, NULL, NULL);
    commit(fixture);
    loaded = get_record(fixture, TYPE_MEMBER, 1);
    assert_same(&record, &loaded, MEMBER_COLUMNS);
}

static void test_purge_forgets_wholly_and_its_rid_is_not_given_again(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored kept = full_member(fixture, 1);
    struct jl_stored purged = full_member(fixture, 2);
    const struct jl_feed_entry entry = {.feed = 7, .seq = 1, .rid = 2, .kind = JL_FEED_DELETE};
    begin(fixture);
    put_record(fixture, &kept, "zhang", NULL);
    put_record(fixture, &purged, "zhang", "san");
    assert_int_equal(purged.head.rid, 2);
    ok(fixture, jl_feeds_put(fixture->store, &entry, 1, &fixture->err));
    commit(fixture);
    const int64_t rids[] = {purged.head.rid, 12345};
    begin(fixture);
    ok(fixture, jl_records_purge(fixture->store, rids, 2, &fixture->err));
    commit(fixture);

    assert_int_equal(get_record(fixture, TYPE_MEMBER, 2).head.rid, 0);
    assert_true(get_record(fixture, TYPE_MEMBER, 1).head.rid != 0);
    int64_t found[4];
    size_t count = 0;
    ok(fixture, jl_words_search(fixture->store, 0, jl_bytes_text(""), false, 4, found, &count,
                                &fixture->err));
    assert_int_equal(count, 1);
    struct jl_feed_entry left;
    ok(fixture, jl_feeds_page(fixture->store, 7, 0, 1, &left, &count, &fixture->err));
    assert_int_equal(count, 0);

    struct jl_stored next = full_member(fixture, 3);
    begin(fixture);
    put_record(fixture, &next, NULL, NULL);
    commit(fixture);
    assert_true(next.head.rid > purged.head.rid);
}

static void test_the_same_key_cannot_be_inserted_twice(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored record = full_member(fixture, 1);
    begin(fixture);
    put_record(fixture, &record, NULL, NULL);
    commit(fixture);
    struct jl_stored again = full_member(fixture, 1);
    struct jl_record_write write = {.record = &again};
    begin(fixture);
    fails(fixture, JL_CONFLICT, jl_records_write(fixture->store, &write, 1, &fixture->err));
    jl_store_rollback(fixture->store);
    assert_int_equal(again.head.rid, 0);
}

static const struct CMUnitTest cases[] = {
    CASE(test_a_record_comes_back_as_it_was_written, district),
    CASE(test_keys_without_a_record_give_rid_zero_in_order, district),
    CASE(test_replacing_changes_head_cells_and_indexes, district),
    CASE(test_replacing_needs_the_same_record, district),
    CASE(test_values_of_another_kind_are_refused, district),
    CASE(test_find_gives_at_most_each_in_rid_order, district),
    CASE(test_types_without_a_table_keep_their_fields_in_extra, district),
    CASE(test_a_stub_loses_its_cells_and_gets_them_back, office),
    CASE(test_purge_forgets_wholly_and_its_rid_is_not_given_again, district),
    CASE(test_the_same_key_cannot_be_inserted_twice, district),
};

struct case_list store_record_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
