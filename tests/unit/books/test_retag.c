/* Goal: books of an earlier program, whose tags were made of texts as they were written, find by
 * folded text after their first open for writing; a reader of them compares byte by byte, and
 * changes nothing; a record that can't be read stops nobody. Method: a desk's books whose records
 * are written once more as they were then. */
#include "tests/unit/desk/desk_world.h"

#include "jielian/desk/find.h"

#include <sqlite3.h>

static int open_office(void **state) {
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_open(world, JL_SIDE_OFFICE);
    *state = world;
    return 0;
}

static int close_world(void **state) {
    world_close(*state);
    free(*state);
    return 0;
}

static void reopen(struct world *world, enum jl_store_mode mode) {
    const struct jl_books_options options = {.side = JL_SIDE_OFFICE, .mode = mode};
    jl_books_close(world->books);
    world->books = NULL;
    must(world, jl_books_open(world->folder, &options, &world->keys, &world->books, &world->err));
    world->desk.books = world->books;
}

static void run_sql(struct world *world, const char *text) {
    char path[128];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/jielian.db", world->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* As an earlier program had left the record: a sealed text's tag of the text as it is, none for a
 * plain one. */
static void write_as_before(struct world *world, const char *type, const struct jl_id *id) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    world->books->folded = false;
    load(world, type, id, &arena, &record);
    struct jl_book_write write = {.record = &record};
    must(world, jl_books_write(world->books, &write, 1, &arena, &world->err));
    world->books->folded = true;
    must(world, jl_store_commit(world->books->store, &world->err));
}

static const char forget[] = "UPDATE union_org SET name_tag = NULL, union_uscc_tag = NULL;"
                             "DELETE FROM meta WHERE name = 'folded'";

static size_t found(struct world *world, const char *type, const char *field, const char *text) {
    const struct jl_value value = jl_value_cstr(text);
    const struct jl_type *of = type_of(world, type);
    int64_t rids[4];
    size_t count = 0;
    must(world, jl_books_find(world->books, of->number, jl_type_field_named(of, field)->number,
                              &value, 1, 4, rids, &count, &world->err));
    return count;
}

struct written {
    struct jl_id org, member;
    char number[19], small[19]; /* an ID number that ends in X, and in x */
};

static void write_old_books(struct world *world, struct written *out) {
    int sequence = 1;
    out->org = add_org(world, "西溪（甲）厂工会");
    while (id_number(out->number, 19900215, sequence)[17] != 'X') {
        sequence++;
    }
    memcpy(out->small, out->number, sizeof out->small);
    out->small[17] = 'x';
    out->member = add_member(world, "张三", 19900215, sequence, "西溪（甲）厂工会");
    write_as_before(world, "union_org", &out->org);
    write_as_before(world, "member", &out->member);
}

static void assert_folded(struct world *world, const struct written *written) {
    assert_true(world->books->folded);
    assert_int_equal(found(world, "union_org", "name", "西溪（甲）厂工会"), 1);
    assert_int_equal(found(world, "union_org", "name", "西溪 (甲) 厂工会"), 1);
    assert_int_equal(found(world, "member", "id_no", written->number), 1);
    assert_int_equal(found(world, "member", "id_no", written->small), 1);
    assert_int_equal(found(world, "office", "code", "ｇｄ"), 1);
}

static void test_earlier_books_find_by_folded_text_after_a_write_open(void **state) {
    struct world *world = *state;
    struct written written;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before;
    struct jl_book_record after;
    write_old_books(world, &written);
    load(world, "member", &written.member, &arena, &before);
    run_sql(world, forget);
    reopen(world, JL_STORE_WRITE);
    assert_folded(world, &written);
    load(world, "member", &written.member, &arena, &after);
    assert_true(jl_row_same_fields(&before.row, &after.row));
    assert_int_equal(before.head.rid, after.head.rid);
    assert_int_equal(before.head.last, after.head.last);
    assert_memory_equal(before.head.hash, after.head.hash, sizeof after.head.hash);
    reopen(world, JL_STORE_READ);
    assert_folded(world, &written);
}

static void test_a_reader_of_earlier_books_compares_byte_by_byte(void **state) {
    struct world *world = *state;
    struct written written;
    write_old_books(world, &written);
    run_sql(world, forget);
    reopen(world, JL_STORE_READ);
    assert_false(world->books->folded);
    assert_int_equal(found(world, "union_org", "name", "西溪（甲）厂工会"), 1);
    assert_int_equal(found(world, "union_org", "name", "西溪 (甲) 厂工会"), 0);
    assert_int_equal(found(world, "member", "id_no", written.number), 1);
    assert_int_equal(found(world, "member", "id_no", written.small), 0);
    reopen(world, JL_STORE_WRITE);
    assert_folded(world, &written);
}

/* A reader that is open while another program folds the books goes on by what is there then. */
static void test_a_reader_sees_that_the_books_were_folded_meanwhile(void **state) {
    struct world *world = *state;
    struct written written;
    const struct jl_books_options options = {.side = JL_SIDE_OFFICE, .mode = JL_STORE_WRITE};
    JL_AUTO_PTR(jl_books) writer = NULL;
    write_old_books(world, &written);
    run_sql(world, forget);
    reopen(world, JL_STORE_READ);
    must(world, jl_books_open(world->folder, &options, &world->keys, &writer, &world->err));
    must(world, jl_books_begin(world->books, false, NULL, &world->err));
    assert_folded(world, &written);
    jl_store_rollback(world->books->store);
}

static void test_a_record_that_cannot_be_read_stops_nobody(void **state) {
    struct world *world = *state;
    struct written written;
    write_old_books(world, &written);
    add_member(world, "李四", 19900215, 900, "西溪（甲）厂工会");
    run_sql(world, forget);
    run_sql(world, "UPDATE member SET id_no = zeroblob(40) WHERE name = '李四'");
    reopen(world, JL_STORE_WRITE);
    assert_folded(world, &written);
}

/* Half of the work is none: what was cut off begins anew. */
static void test_books_by_another_table_are_folded_anew(void **state) {
    struct world *world = *state;
    struct written written;
    write_old_books(world, &written);
    run_sql(world, "UPDATE meta SET value = x'00000000000000FF' WHERE name = 'folded'");
    reopen(world, JL_STORE_WRITE);
    assert_folded(world, &written);
}

static void test_search_words_of_earlier_books_are_made_anew(void **state) {
    struct world *world = *state;
    struct jl_id id = add_org(world, "西溪caf\u00e9工会");
    add_org(world, "西溪甲厂工会");
    run_sql(world, "DELETE FROM word; DELETE FROM word_new; UPDATE record SET words = NULL;"
                   "DELETE FROM meta WHERE name = 'folded'");
    reopen(world, JL_STORE_WRITE);
    char text[JL_ID_TEXT_BYTES];
    jl_id_format(&id, text);
    json_t *array = found_json(world, "西溪CAFE\u0301");
    assert_int_equal(json_array_size(array), 1); /* words of the other one are what they were */
    assert_string_equal(json_string_value(json_object_get(json_array_get(array, 0), "id")), text);
    json_decref(array);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_office, close_world)
        CASE(test_earlier_books_find_by_folded_text_after_a_write_open),
        CASE(test_a_reader_of_earlier_books_compares_byte_by_byte),
        CASE(test_a_reader_sees_that_the_books_were_folded_meanwhile),
        CASE(test_a_record_that_cannot_be_read_stops_nobody),
        CASE(test_books_by_another_table_are_folded_anew),
        CASE(test_search_words_of_earlier_books_are_made_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
