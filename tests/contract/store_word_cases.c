/* Search words. */
#include "store_contract.h"

#include "jielian/store/words.h"

#include <stdio.h>

static size_t search(struct fixture *fixture, uint32_t type, const char *word, bool exact,
                     size_t limit, int64_t out_rids[8]) {
    size_t count = 99;
    ok(fixture, jl_words_search(fixture->store, type, jl_bytes_text(word), exact, limit, out_rids,
                                &count, &fixture->err));
    return count;
}

static void test_search_by_start_and_by_whole_word(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored records[4];
    const char *const words[4][2] = {
        {"张三", "zhangsan"}, {"张伟", "zhangwei"}, {"李四", "zhang"}, {"章", "zhang"}};
    begin(fixture);
    for (uint32_t i = 0; i < 4; i++) {
        records[i] = new_record(fixture, i == 3 ? TYPE_ORG : TYPE_MEMBER, i + 1);
        put_record(fixture, &records[i], words[i][0], words[i][1]);
    }
    commit(fixture);
    struct {
        uint32_t type;
        const char *word;
        bool exact;
        size_t limit;
        size_t wanted;
    } const table[] = {
        {TYPE_MEMBER, "张", false, 8, 2},
        {TYPE_MEMBER, "张三", false, 8, 1},
        {TYPE_MEMBER, "zhang", false, 8, 3},
        {TYPE_MEMBER, "zhang", true, 8, 1},
        {0, "zhang", true, 8, 2},
        {0, "zhang", false, 8, 4},
        {0, "zhang", false, 3, 3},
        {0, "zhang", false, 0, 0},
        {TYPE_ORG, "张", false, 8, 0},
        {TYPE_UNKNOWN, "zhang", false, 8, 0},
        {0, "", false, 8, 4},
        {TYPE_MEMBER, "\xff", false, 8, 0},
        {TYPE_MEMBER, "%", false, 8, 0},
        {0, "zhangx", false, 8, 0},
    };
    int64_t rids[8];
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        size_t count =
            search(fixture, table[i].type, table[i].word, table[i].exact, table[i].limit, rids);
        assert_int_equal(count, table[i].wanted);
    }
    assert_int_equal(search(fixture, TYPE_MEMBER, "张三", true, 8, rids), 1);
    assert_int_equal(rids[0], records[0].head.rid);
}

static void test_a_record_is_found_once_by_two_words(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored record = new_record(fixture, TYPE_MEMBER, 1);
    begin(fixture);
    put_record(fixture, &record, "zhang", "zhangsan");
    commit(fixture);
    int64_t rids[8];
    assert_int_equal(search(fixture, 0, "zh", false, 8, rids), 1);
}

static void test_words_are_replaced_kept_or_emptied(void **state) {
    struct fixture *fixture = *state;
    struct jl_stored record = new_record(fixture, TYPE_MEMBER, 1);
    int64_t rids[8];
    begin(fixture);
    put_record(fixture, &record, "zhang", "same"); /* twice the same, and an empty one */
    put_record(fixture, &record, "same", "same");
    put_record(fixture, &record, "", "same");
    commit(fixture);
    assert_int_equal(search(fixture, 0, "zhang", true, 8, rids), 0);
    assert_int_equal(search(fixture, 0, "same", true, 8, rids), 1);
    assert_int_equal(search(fixture, 0, "", true, 8, rids), 0);

    struct jl_record_write keep = {.record = &record, .words_same = true};
    begin(fixture);
    ok(fixture, jl_records_write(fixture->store, &keep, 1, &fixture->err));
    commit(fixture);
    assert_int_equal(search(fixture, 0, "same", true, 8, rids), 1);

    begin(fixture);
    put_record(fixture, &record, NULL, NULL);
    commit(fixture);
    assert_int_equal(search(fixture, 0, "", false, 8, rids), 0);
}

/* The number of a record as a word that no other record has. */
static void name_record(uint32_t number, char out_word[static 8]) {
    (void)snprintf(out_word, 8, "k%05u", (unsigned)number);
}

enum { MANY = 600 }; /* records in one batch; two words each */

static void put_many(struct fixture *fixture, uint32_t first) {
    static struct jl_stored records[MANY];
    static struct jl_record_write writes[MANY];
    static struct jl_bytes words[MANY][2];
    static char names[MANY][8];
    for (uint32_t i = 0; i < MANY; i++) {
        records[i] = new_record(fixture, TYPE_MEMBER, first + i);
        name_record(first + i, names[i]);
        words[i][0] = jl_bytes_text(names[i]);
        words[i][1] = jl_bytes_text("same");
        writes[i] =
            (struct jl_record_write){.record = &records[i], .words = words[i], .word_count = 2};
    }
    ok(fixture, jl_records_write(fixture->store, writes, MANY, &fixture->err));
}

static void assert_found(struct fixture *fixture, uint32_t number, size_t wanted) {
    int64_t rids[8];
    char word[8];
    name_record(number, word);
    assert_int_equal(search(fixture, 0, word, true, 8, rids), wanted);
    assert_int_equal(search(fixture, TYPE_MEMBER, word, false, 8, rids), wanted);
}

/* Goal: nobody can tell where a store keeps its new words. Method: batches around the number at
 * which they join the others, then changes of an early and of a late record, and a rollback. */
static void test_words_are_found_wherever_they_lie(void **state) {
    struct fixture *fixture = *state;
    const struct jl_store_options options = {
        .mode = JL_STORE_WRITE, .application_id = JL_STORE_DISTRICT_ID, .words_new_max = 2000};
    int64_t rids[8];
    jl_store_close(fixture->store);
    fixture->store = NULL;
    ok(fixture, try_open(&options, &fixture->store, &fixture->err));
    ok(fixture, jl_store_tables(fixture->store, store_tables, 2, &fixture->err));
    for (uint32_t batch = 0; batch < 5; batch++) {
        begin(fixture);
        put_many(fixture, 1 + batch * MANY);
        commit(fixture);
        for (uint32_t number = 1; number <= (batch + 1) * MANY; number += 299) {
            assert_found(fixture, number, 1);
        }
        assert_found(fixture, 1 + (batch + 1) * MANY, 0);
    }
    assert_int_equal(search(fixture, 0, "k", false, 8, rids), 8);
    assert_int_equal(search(fixture, 0, "same", true, 3, rids), 3);

    const uint32_t changed[] = {5, 5 * MANY};
    begin(fixture);
    for (size_t i = 0; i < 2; i++) {
        struct jl_stored record = get_record(fixture, TYPE_MEMBER, changed[i]);
        put_record(fixture, &record, "other", NULL);
    }
    commit(fixture);
    assert_found(fixture, changed[0], 0);
    assert_found(fixture, changed[1], 0);
    assert_int_equal(search(fixture, 0, "other", true, 8, rids), 2);

    begin(fixture);
    put_many(fixture, 1 + 5 * MANY);
    put_many(fixture, 1 + 6 * MANY); /* joins */
    jl_store_rollback(fixture->store);
    assert_found(fixture, 1 + 5 * MANY, 0);
    assert_found(fixture, 6, 1);
    begin(fixture);
    put_many(fixture, 1 + 5 * MANY);
    commit(fixture);
    assert_found(fixture, 1 + 5 * MANY, 1);
}

static const struct CMUnitTest cases[] = {
    CASE(test_search_by_start_and_by_whole_word, district),
    CASE(test_a_record_is_found_once_by_two_words, district),
    CASE(test_words_are_replaced_kept_or_emptied, district),
    CASE(test_words_are_found_wherever_they_lie, district),
};

struct case_list store_word_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
