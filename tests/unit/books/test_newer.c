/* Goal: books that hold a catalogue made for a newer program go on with the one they understood,
 * keep what they have no columns for, and have it in columns as soon as a program understands.
 * Method: a desk's books; version 2 adds the type `fresh` and, at `union_org`, the field `motto`.
 * What an older program leaves behind is written past the one that is tested. */
#include "tests/unit/desk/desk_world.h"

#include "jielian/base/fault.h"
#include "jielian/books/meta.h"
#include "tests/said.h"

enum { FRESH = 1999, MOTTO = 120 };

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

/* The district's catalogue as version 2, with one more type, one more field, and `more` on top. */
static void make_text(struct world *world, const char *more, struct jl_buf *out) {
    static const char version[] = "\"version\": 1,";
    static const char types[] = "\"types\": [";
    static const char fields[] = "\"fields\": [";
    JL_AUTO(jl_buf) text = {0};
    must(world, jl_file_read(JIELIAN_SOURCE_DIR "/catalogue/district.json", JL_CATALOGUE_MAX_BYTES,
                             &text, &world->err));
    must(world, jl_buf_put_u8(&text, 0, &world->err));
    const char *at[4] = {(const char *)text.data};
    at[1] = strstr(at[0], version);
    at[2] = strstr(at[0], types);
    assert_true(at[1] != NULL && at[2] > at[1]);
    at[3] = strstr(at[2], "\"name\": \"union_org\"");
    at[3] = at[3] != NULL ? strstr(at[3], fields) : NULL;
    assert_non_null(at[3]);
    at[1] += strlen(version);
    at[2] += strlen(types);
    at[3] += strlen(fields);
    must(world, jl_buf_put(out, at[0], (size_t)(at[1] - at[0]) - strlen(version), &world->err));
    must(world, jl_buf_printf(out, &world->err, "\"version\": 2,%s", more));
    must(world, jl_buf_put(out, at[1], (size_t)(at[2] - at[1]), &world->err));
    must(world,
         jl_buf_put_text(out,
                         "{\"number\":1999,\"name\":\"fresh\",\"zh\":\"新\",\"en\":\"Fresh\","
                         "\"owner\":\"office\",\"decides\":\"office\",\"title\":[\"name\"],"
                         "\"fields\":[{\"number\":1,\"name\":\"name\",\"kind\":\"text\","
                         "\"zh\":\"名称\",\"en\":\"Name\"}]},",
                         &world->err));
    must(world, jl_buf_put(out, at[2], (size_t)(at[3] - at[2]), &world->err));
    must(world, jl_buf_put_text(out,
                                "{\"number\":120,\"name\":\"motto\",\"kind\":\"text\","
                                "\"zh\":\"口号\",\"en\":\"Motto\"},",
                                &world->err));
    must(world, jl_buf_put_text(out, at[3], &world->err));
}

/* Inside an open transaction: the record, as a page brings it. */
static void store_catalogue(struct world *world, int64_t version, struct jl_bytes text) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_field_value fields[] = {
        {1, jl_value_cstr("district")}, {2, jl_value_int(version)}, {3, jl_value_text(text)}};
    struct jl_row row = {.type = JL_TYPE_CATALOGUE, .fields = fields, .field_count = 3};
    const struct jl_type *type = jl_catalogue_type(world->books->catalogue, row.type);
    struct jl_book_record record;
    must(world, jl_natural_key_id(world->books->hasher, type, &row, &row.id, &world->err));
    const struct jl_record_key key = {.type = row.type, .id = row.id};
    must(world, jl_books_load(world->books, &key, 1, &arena, &record, &world->err));
    record.row = row;
    struct jl_book_write write = {.record = &record};
    must(world, jl_books_write(world->books, &write, 1, &arena, &world->err));
}

/* A catalogue with `more` in it comes by sync. */
static void receive(struct world *world, const char *more) {
    JL_AUTO(jl_buf) text = {0};
    make_text(world, more, &text);
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    store_catalogue(world, 2, jl_buf_bytes(&text));
    must(world, jl_books_take_catalogue(world->books, &world->err));
    must(world, jl_store_commit(world->books->store, &world->err));
}

static const struct jl_id org_id = {{7}};
static const struct jl_id fresh_id = {{8}};

/* Rows of the newer catalogue: a field of a known type, and a type of its own. */
static void put_newer_rows(struct world *world) {
    const struct jl_type *org = type_of(world, "union_org");
    struct jl_field_value org_fields[] = {
        {jl_type_field_named(org, "name")->number, jl_value_cstr("测试工会")},
        {MOTTO, jl_value_cstr("同心")}};
    struct jl_field_value fresh_fields[] = {{1, jl_value_cstr("甲")}, {2, jl_value_int(5)}};
    struct jl_row rows[] = {
        {.type = org->number, .id = org_id, .owner = 1, .fields = org_fields, .field_count = 2},
        {.type = FRESH, .id = fresh_id, .owner = 1, .fields = fresh_fields, .field_count = 2}};
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    for (size_t i = 0; i < 2; i++) {
        JL_AUTO(jl_arena) arena = {0};
        const struct jl_record_key key = {.type = rows[i].type, .id = rows[i].id};
        struct jl_book_record record;
        must(world, jl_books_load(world->books, &key, 1, &arena, &record, &world->err));
        record.head.state = JL_RECORD_LIVE;
        record.row = rows[i];
        struct jl_book_write write = {.record = &record};
        must(world, jl_books_write(world->books, &write, 1, &arena, &world->err));
    }
    must(world, jl_store_commit(world->books->store, &world->err));
}

static void assert_newer_rows(struct world *world) {
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_record_key keys[] = {
        {.type = type_of(world, "union_org")->number, .id = org_id},
        {.type = FRESH, .id = fresh_id}};
    struct jl_book_record records[2];
    must(world, jl_books_begin(world->books, false, NULL, &world->err));
    must(world, jl_books_load(world->books, keys, 2, &arena, records, &world->err));
    jl_store_rollback(world->books->store);
    assert_true(jl_bytes_is(jl_row_get(&records[0].row, MOTTO)->bytes, "同心"));
    assert_true(jl_bytes_is(jl_row_get(&records[1].row, 1)->bytes, "甲"));
    assert_int_equal(jl_row_get(&records[1].row, 2)->number, 5);
}

static enum jl_rc count_fresh(void *context, const struct jl_head *head, struct jl_err *err) {
    size_t *count = context;
    (void)err;
    *count += head->type == FRESH ? 1 : 0;
    return JL_OK;
}

/* All hashes hold, and the records of the unknown type are among what is summed. */
static void assert_scrubbed(struct world *world) {
    size_t fresh = 0;
    uint64_t damaged = 0;
    must(world, jl_books_begin(world->books, false, NULL, &world->err));
    must(world, jl_books_scrub_check(world->books, count_fresh, &fresh, &damaged, &world->err));
    jl_store_rollback(world->books->store);
    assert_int_equal(fresh, 1);
    assert_int_equal(damaged, 0);
}

static enum jl_rc reopen(struct world *world, enum jl_store_mode mode) {
    const struct jl_books_options options = {.side = JL_SIDE_OFFICE, .mode = mode};
    jl_books_close(world->books);
    world->books = NULL;
    enum jl_rc rc =
        jl_books_open(world->folder, &options, &world->keys, &world->books, &world->err);
    world->desk.books = world->books;
    return rc;
}

static void assert_ahead(struct world *world, const char *program) {
    assert_int_equal(world->books->newer.state, JL_NEWER_AHEAD);
    assert_int_equal(world->books->newer.version, 2);
    assert_string_equal(world->books->newer.program, program);
    assert_int_equal(jl_catalogue_version(world->books->catalogue), 1);
}

static void test_the_books_go_on_with_what_they_understood(void **state) {
    static const struct {
        const char *more, *program;
    } rows[] = {{"\"since_next\":1,", ""},
                {"\"needs\":\"99.1\",", "99.1"},
                {"\"needs\":\"0.0.1\",\"since_next\":1,", ""}};
    struct world *world = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        receive(world, rows[i].more);
        assert_ahead(world, rows[i].program);
        put_newer_rows(world);
        assert_newer_rows(world);
        assert_scrubbed(world);
        must(world, reopen(world, JL_STORE_READ));
        assert_ahead(world, rows[i].program);
        must(world, reopen(world, JL_STORE_WRITE));
        assert_ahead(world, rows[i].program);
        assert_newer_rows(world);
        assert_scrubbed(world);
        must(world, reopen(world, JL_STORE_WRITE));
        put_newer_rows(world); /* once more, over what is there */
        close_world(state);
        open_office(state);
        world = *state;
    }
}

static void test_a_broken_one_is_damage(void **state) {
    struct world *world = *state;
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    store_catalogue(world, 2, jl_bytes_text("{\"format\":1"));
    assert_int_equal(jl_books_take_catalogue(world->books, &world->err), JL_CORRUPT);
    jl_store_rollback(world->books->store);
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    assert_int_equal(world->books->newer.state, JL_NEWER_NONE);
    jl_store_rollback(world->books->store);
}

static void test_what_was_rolled_back_is_forgotten(void **state) {
    struct world *world = *state;
    JL_AUTO(jl_buf) text = {0};
    make_text(world, "\"since_next\":1,", &text);
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    store_catalogue(world, 2, jl_buf_bytes(&text));
    must(world, jl_books_take_catalogue(world->books, &world->err));
    assert_ahead(world, "");
    jl_store_rollback(world->books->store);
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    jl_store_rollback(world->books->store);
    assert_int_equal(world->books->newer.state, JL_NEWER_NONE);
}

static bool in_columns(struct world *world) {
    return jl_catalogue_version(world->books->catalogue) == 2 &&
           jl_books_layout(world->books, FRESH) != NULL;
}

static enum jl_rc fail_extra(void *context, const struct jl_stored *record, struct jl_err *err) {
    (void)context;
    return record->head.type == FRESH
               ? JL_OK
               : jl_fault_at(err, JL_CORRUPT, JL_FAULT_TEXT, "%s", "still kept in extra");
}

/* An older program has stored the record and rows, and taken nothing. */
static void test_a_program_that_understands_takes_it_at_open(void **state) {
    struct world *world = *state;
    JL_AUTO(jl_buf) text = {0};
    make_text(world, "", &text);
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    store_catalogue(world, 2, jl_buf_bytes(&text));
    must(world, jl_store_commit(world->books->store, &world->err));
    put_newer_rows(world);
    must(world, reopen(world, JL_STORE_READ)); /* a reader makes no columns */
    assert_false(in_columns(world));
    assert_newer_rows(world);
    assert_int_equal(world->books->newer.state, JL_NEWER_NONE);
    must(world, reopen(world, JL_STORE_WRITE));
    assert_true(in_columns(world));
    assert_newer_rows(world);
    assert_scrubbed(world);
    must(world, jl_records_scan_extra(world->books->store, type_of(world, "union_org")->number,
                                      fail_extra, NULL, &world->err));
    must(world, reopen(world, JL_STORE_READ));
    assert_true(in_columns(world));
}

/* A second connection that has the books open sees what the first one took. */
static void test_others_see_what_was_taken_at_open(void **state) {
    struct world *world = *state;
    JL_AUTO(jl_buf) text = {0};
    const struct jl_books_options options = {.side = JL_SIDE_OFFICE, .mode = JL_STORE_READ};
    JL_AUTO_PTR(jl_books) other = NULL;
    make_text(world, "", &text);
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    store_catalogue(world, 2, jl_buf_bytes(&text));
    must(world, jl_store_commit(world->books->store, &world->err));
    must(world, jl_books_open(world->folder, &options, &world->keys, &other, &world->err));
    assert_int_equal(jl_catalogue_version(other->catalogue), 1);
    must(world, reopen(world, JL_STORE_WRITE));
    must(world, jl_books_begin(other, false, NULL, &world->err));
    assert_int_equal(jl_catalogue_version(other->catalogue), 2);
    jl_store_rollback(other->store);
}

static void put_meta(struct world *world, const char *name, uint64_t version,
                     struct jl_bytes text) {
    JL_AUTO(jl_buf) kept = {0};
    must(world, jl_buf_put_u64be(&kept, version, &world->err));
    must(world, jl_buf_put(&kept, text.data, text.size, &world->err));
    must(world, jl_store_meta_put(world->books->store, name, jl_buf_bytes(&kept), &world->err));
}

/* A newer program has taken version 2 from under an open connection: what is read stays readable,
 * and nothing is written into columns that can't be kept up. */
static void test_books_that_a_newer_program_wrote_are_only_read(void **state) {
    struct world *world = *state;
    JL_AUTO(jl_buf) next = {0};
    JL_AUTO(jl_buf) now = {0};
    const struct jl_books_options options = {.side = JL_SIDE_OFFICE, .mode = JL_STORE_WRITE};
    JL_AUTO_PTR(jl_books) other = NULL;
    uint64_t damaged = 0;
    must(world, jl_books_open(world->folder, &options, &world->keys, &other, &world->err));
    make_text(world, "\"needs\":\"99.1\",", &next);
    must(world, jl_store_meta_get(world->books->store, "catalogue", &now, &world->err));
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    store_catalogue(world, 2, jl_buf_bytes(&next));
    must(world, jl_store_meta_put(world->books->store, "catalogue_before", jl_buf_bytes(&now),
                                  &world->err));
    put_meta(world, "catalogue", 2, jl_buf_bytes(&next));
    must(world, jl_meta_put_number(world->books->store, "catalogue_taken", 2, &world->err));
    must(world, jl_store_commit(world->books->store, &world->err));

    assert_int_equal(jl_books_begin(other, true, NULL, &world->err), JL_DENIED);
    assert_non_null(strstr(err_said(&world->err), "install jielian 99.1 or newer"));
    must(world, jl_books_begin(other, false, NULL, &world->err));
    assert_int_equal(jl_catalogue_version(other->catalogue), 1);
    jl_store_rollback(other->store);

    must(world, reopen(world, JL_STORE_READ));
    assert_int_equal(world->books->newer.state, JL_NEWER_BEYOND);
    assert_int_equal(jl_catalogue_version(world->books->catalogue), 1);
    assert_non_null(jl_catalogue_type_named(world->books->catalogue, "member"));
    must(world, jl_books_begin(world->books, false, NULL, &world->err));
    size_t fresh = 0;
    assert_int_equal(jl_books_scrub_check(world->books, count_fresh, &fresh, &damaged, &world->err),
                     JL_DENIED);
    jl_store_rollback(world->books->store);
    assert_int_equal(reopen(world, JL_STORE_WRITE), JL_DENIED);
    must(world, reopen(world, JL_STORE_READ)); /* for the clean-up */
}

/* A PC that never had a catalogue that it understood. */
static void test_fresh_books_go_on_with_the_built_in_types(void **state) {
    struct world *world = *state;
    JL_AUTO(jl_buf) none = {0};
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    store_catalogue(world, 2, jl_bytes_text("{\"format\":9}"));
    put_meta(world, "catalogue", 0, jl_buf_bytes(&none));
    must(world, jl_meta_put_number(world->books->store, "catalogue_taken", 0, &world->err));
    must(world, jl_store_commit(world->books->store, &world->err));
    must(world, reopen(world, JL_STORE_WRITE));
    assert_int_equal(world->books->newer.state, JL_NEWER_AHEAD);
    assert_int_equal(jl_catalogue_version(world->books->catalogue), 0);
    /* And now it comes in a form that is understood. */
    receive(world, "");
    assert_true(in_columns(world));
    assert_int_equal(world->books->newer.state, JL_NEWER_NONE);
}

int main(void) {
#define WITH_OFFICE(test) cmocka_unit_test_setup_teardown(test, open_office, close_world)
    const struct CMUnitTest tests[] = {
        WITH_OFFICE(test_the_books_go_on_with_what_they_understood),
        WITH_OFFICE(test_a_broken_one_is_damage),
        WITH_OFFICE(test_what_was_rolled_back_is_forgotten),
        WITH_OFFICE(test_a_program_that_understands_takes_it_at_open),
        WITH_OFFICE(test_others_see_what_was_taken_at_open),
        WITH_OFFICE(test_books_that_a_newer_program_wrote_are_only_read),
        WITH_OFFICE(test_fresh_books_go_on_with_the_built_in_types),
    };
    return cmocka_run_group_tests_name("newer", tests, NULL, NULL);
}
