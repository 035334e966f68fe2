/* Goal: the catalogue in memory is the one that is stored, also when the transaction that brought a
 * new one came to nothing; and rows come out as they went in, whatever their values are. Method: a
 * desk's books; a second catalogue with one type more. */
#include "tests/unit/desk/desk_world.h"

#include "jielian/base/file.h"
#include "tests/said.h"

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

/* Inside an open transaction: version 2 with the type `fresh`, stored and taken. */
static void bring_catalogue(struct world *world) {
    JL_AUTO(jl_arena) arena = {0};
    static const char text[] =
        "{\"format\":1,\"version\":2,\"code_lists\":{},\"types\":[{\"number\":1999,\"name\":"
        "\"fresh\",\"zh\":\"新\",\"en\":\"Fresh\",\"owner\":\"office\",\"decides\":\"office\","
        "\"title\":[\"name\"],\"fields\":[{\"number\":1,\"name\":\"name\",\"kind\":\"text\","
        "\"zh\":\"名称\",\"en\":\"Name\",\"unique\":true}]}]}";
    struct jl_field_value fields[] = {
        {1, jl_value_cstr("district")}, {2, jl_value_int(2)}, {3, jl_value_cstr(text)}};
    struct jl_row row = {.type = JL_TYPE_CATALOGUE, .fields = fields, .field_count = 3};
    const struct jl_type *type = jl_catalogue_type(world->books->catalogue, row.type);
    struct jl_book_record record;
    must(world, jl_natural_key_id(world->books->hasher, type, &row, &row.id, &world->err));
    const struct jl_record_key key = {.type = row.type, .id = row.id};
    must(world, jl_books_load(world->books, &key, 1, &arena, &record, &world->err));
    record.row = row;
    struct jl_book_write write = {.record = &record};
    must(world, jl_books_write(world->books, &write, 1, &arena, &world->err));
    must(world, jl_books_take_catalogue(world->books, &world->err));
}

static void put_fresh(struct world *world) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_field_value fields[] = {{1, jl_value_cstr("x")}};
    struct jl_book_record record = {
        .head = {.state = JL_RECORD_LIVE},
        .row = {.type = 1999, .id = {{7}}, .owner = 1, .fields = fields, .field_count = 1}};
    struct jl_book_write write = {.record = &record};
    must(world, jl_books_write(world->books, &write, 1, &arena, &world->err));
}

static void test_a_catalogue_that_was_not_committed_is_forgotten(void **state) {
    struct world *world = *state;
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    bring_catalogue(world);
    jl_store_rollback(world->books->store);
    must(world, jl_books_begin(world->books, false, NULL, &world->err));
    assert_int_equal(jl_catalogue_version(world->books->catalogue), 1);
    assert_non_null(jl_catalogue_type_named(world->books->catalogue, "member"));
    jl_store_rollback(world->books->store);
    (void)add_org(world, "测试工会"); /* the tables of the old one are all in use */
}

static void test_a_catalogue_that_comes_again_is_taken_again(void **state) {
    struct world *world = *state;
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    bring_catalogue(world);
    put_fresh(world);
    jl_store_rollback(world->books->store);
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    bring_catalogue(world);
    put_fresh(world);
    must(world, jl_store_commit(world->books->store, &world->err));
    assert_int_equal(jl_catalogue_version(world->books->catalogue), 2);
}

static void test_a_committed_catalogue_stays(void **state) {
    struct world *world = *state;
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    bring_catalogue(world);
    must(world, jl_store_commit(world->books->store, &world->err));
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    assert_int_equal(jl_catalogue_version(world->books->catalogue), 2);
    put_fresh(world);
    must(world, jl_store_commit(world->books->store, &world->err));
}

/* Plain and sealed columns, and a field that the catalogue does not know. */
static void test_values_of_another_kind_are_kept(void **state) {
    struct world *world = *state;
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *member = type_of(world, "member");
    const struct jl_id other = {{9}};
    struct jl_field_value fields[] = {
        {jl_type_field_named(member, "name")->number, jl_value_int(-7)},
        {jl_type_field_named(member, "sex")->number, jl_value_cstr("x")},
        {jl_type_field_named(member, "id_no")->number, jl_value_int(42)},
        {jl_type_field_named(member, "mobile")->number, jl_value_ref(&other)},
        {70000, jl_value_cstr("y")}};
    struct jl_book_record record = {.head = {.state = JL_RECORD_LIVE},
                                    .row = {.type = member->number,
                                            .id = {{8}},
                                            .owner = 1,
                                            .fields = fields,
                                            .field_count = sizeof fields / sizeof *fields}};
    struct jl_book_write write = {.record = &record};
    struct jl_book_record back;
    const struct jl_record_key key = {.type = member->number, .id = record.row.id};
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    must(world, jl_books_write(world->books, &write, 1, &arena, &world->err));
    must(world, jl_books_load(world->books, &key, 1, &arena, &back, &world->err));
    must(world, jl_store_commit(world->books->store, &world->err));
    assert_int_equal(back.row.field_count, record.row.field_count);
    for (size_t i = 0; i < back.row.field_count; i++) {
        assert_int_equal(back.row.fields[i].field, fields[i].field);
        assert_true(jl_value_equal(&back.row.fields[i].value, &fields[i].value));
    }
}

/* Each key by itself: two files that agree in all others are still two. */
static void test_books_open_by_their_own_keys_only(void **state) {
    struct world *world = *state;
    struct jl_keys *keys = &world->keys;
    uint8_t *const parts[] = {keys->data.bytes, keys->proof.bytes, keys->curve.bytes,
                              keys->sign.bytes, keys->sign_public};
    static const enum jl_store_mode modes[] = {JL_STORE_READ, JL_STORE_WRITE};
    struct jl_books *books = NULL;
    for (size_t i = 0; i < 2 * sizeof parts / sizeof *parts; i++) {
        const struct jl_books_options options = {.side = JL_SIDE_OFFICE, .mode = modes[i % 2]};
        parts[i / 2][31] ^= 1;
        assert_int_equal(jl_books_open(world->folder, &options, keys, &books, &world->err),
                         JL_DENIED);
        assert_null(books);
        parts[i / 2][31] ^= 1;
        must(world, jl_books_open(world->folder, &options, keys, &books, &world->err));
        jl_books_close(books);
        books = NULL;
    }
}

/* A twin of the first suite: only its number tells them apart. */
static void test_books_open_in_their_own_suite_only(void **state) {
    struct world *world = *state;
    struct jl_suite twin = *world->keys.suite;
    struct jl_books_options options = {.side = JL_SIDE_OFFICE, .mode = JL_STORE_WRITE};
    struct jl_books *books = NULL;
    char folder[128];
    twin.number = JL_SUITE_NUMBER_MAX;
    struct jl_keys keys = world->keys;
    keys.suite = &twin;
    for (int mode = JL_STORE_READ; mode <= JL_STORE_WRITE; mode++) {
        options.mode = (enum jl_store_mode)mode;
        assert_int_equal(jl_books_open(world->folder, &options, &keys, &books, &world->err),
                         JL_DENIED);
        assert_non_null(strstr(err_said(&world->err), "keys are of cipher suite 32"));
        assert_non_null(strstr(err_said(&world->err), "books of suite 1"));
    }
    snprintf(folder, sizeof folder, "%s/twin", world->folder);
    must(world, jl_file_make_folder(folder, &world->err));
    options.mode = JL_STORE_CREATE;
    must(world, jl_books_open(folder, &options, &keys, &books, &world->err));
    jl_books_close(books);
    books = NULL;
    options.mode = JL_STORE_WRITE;
    assert_int_equal(jl_books_open(folder, &options, &world->keys, &books, &world->err), JL_DENIED);
    assert_non_null(strstr(err_said(&world->err), "keys are of cipher suite 1"));
    must(world, jl_books_open(folder, &options, &keys, &books, &world->err));
    assert_ptr_equal(books->suite, &twin);
    jl_books_close(books);
}

static void test_a_file_is_compared_without_being_opened_as_books(void **state) {
    struct world *world = *state;
    char path[128];
    bool held = false;
    snprintf(path, sizeof path, "%s/jielian.db", world->folder);
    must(world, jl_books_check_keys_of(path, JL_SIDE_OFFICE, &world->keys, &held, &world->err));
    assert_true(held);
    world->keys.proof.bytes[0] ^= 1;
    assert_int_equal(jl_books_check_keys_of(path, JL_SIDE_OFFICE, &world->keys, &held, &world->err),
                     JL_DENIED);
    world->keys.proof.bytes[0] ^= 1;
    assert_int_equal(
        jl_books_check_keys_of(path, JL_SIDE_DISTRICT, &world->keys, &held, &world->err),
        JL_MISUSE);
    snprintf(path, sizeof path, "%s/gone.db", world->folder);
    assert_int_equal(jl_books_check_keys_of(path, JL_SIDE_OFFICE, &world->keys, &held, &world->err),
                     JL_NOT_FOUND);
}

int main(void) {
#define WITH_OFFICE(test) cmocka_unit_test_setup_teardown(test, open_office, close_world)
    const struct CMUnitTest tests[] = {
        WITH_OFFICE(test_a_catalogue_that_was_not_committed_is_forgotten),
        WITH_OFFICE(test_a_catalogue_that_comes_again_is_taken_again),
        WITH_OFFICE(test_a_committed_catalogue_stays),
        WITH_OFFICE(test_values_of_another_kind_are_kept),
        WITH_OFFICE(test_books_open_by_their_own_keys_only),
        WITH_OFFICE(test_books_open_in_their_own_suite_only),
        WITH_OFFICE(test_a_file_is_compared_without_being_opened_as_books),
    };
    return cmocka_run_group_tests_name("books", tests, NULL, NULL);
}
