/* A desk with real books in a folder of its own, for test_desk, test_import and test_report.
 *
 * The catalogue is the district's; offices are 1 GD 古荡 and 2 WX 文新; today is 2022-10-20. save
 * writes straight into the books, compares `before` as the programs do, and can be made to fail. */
#ifndef JIELIAN_TEST_DESK_WORLD_H
#define JIELIAN_TEST_DESK_WORLD_H

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/crypto/random.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/find.h"
#include "jielian/desk/list.h"
#include "jielian/json/document.h"
#include "jielian/record/natural_key.h"
#include "tests/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BYTES(literal) jl_bytes(literal, sizeof(literal) - 1)
#define WORLD_NOW_MS INT64_C(1666236000000) /* 2022-10-20 11:20 in UTC+8 */

struct world {
    char folder[64];
    struct jl_keys keys;
    struct jl_books *books;
    struct jl_desk desk;
    struct jl_err err;
    struct jl_problems problems;
    int64_t now_ms;         /* goes on by one a save: the version that save compares */
    unsigned saves;         /* calls that were committed */
    unsigned changes;       /* changes in them */
    unsigned conflicts_due; /* so many saves answer JL_CONFLICT first */
    unsigned saves_left;    /* 0: no bound; then JL_IO */
    enum jl_op_kind last_kind;
    struct jl_id last_change_set;
};

static inline int64_t world_wall(void *context) {
    return ((struct world *)context)->now_ms;
}

static inline void must(struct world *world, enum jl_rc rc) {
    if (rc != JL_OK) {
        fail_msg("%s: %s", jl_rc_name(rc), err_said(&world->err));
    }
}

static inline enum jl_rc world_write(struct world *world, const struct jl_change *change,
                                     struct jl_arena *arena, struct jl_err *err) {
    const struct jl_record_key key = {.type = change->after.type, .id = change->after.id};
    struct jl_book_record now;
    enum jl_rc rc = jl_books_load(world->books, &key, 1, arena, &now, err);
    if (rc != JL_OK) {
        return rc;
    }
    bool there = now.head.rid != 0 && now.head.state == JL_RECORD_LIVE;
    if (change->kind == JL_OP_CREATE ? there : now.head.rid == 0) {
        return jl_fault(err, JL_CONFLICT, JL_FAULT_SAVE_GONE);
    }
    if (change->before != NULL && change->before->head.changed_ms != now.head.changed_ms) {
        return jl_fault(err, JL_CONFLICT, JL_FAULT_SAVE_CHANGED);
    }
    struct jl_book_record record = {.head = now.head, .row = change->after};
    record.head.state = change->kind == JL_OP_DELETE ? JL_RECORD_DELETED : JL_RECORD_LIVE;
    record.head.changed_ms = world->now_ms;
    record.head.by_staff = world->desk.staff;
    struct jl_book_write write = {.record = &record};
    return jl_books_write(world->books, &write, 1, arena, err);
}

static inline enum jl_rc world_save(void *context, const struct jl_id *change_set,
                                    const struct jl_change *changes, size_t count,
                                    struct jl_err *err) {
    struct world *world = context;
    JL_AUTO(jl_arena) arena = {0};
    if (world->conflicts_due > 0) {
        world->conflicts_due--;
        return jl_fault(err, JL_CONFLICT, JL_FAULT_SAVE_CHANGED);
    }
    if (world->saves_left == 1) {
        return jl_fault_at(err, JL_IO, JL_FAULT_STORE_FULL, "%s", "the books");
    }
    world->saves_left -= world->saves_left > 0 ? 1 : 0;
    world->now_ms++;
    enum jl_rc rc = jl_books_begin(world->books, true, NULL, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = world_write(world, &changes[i], &arena, err);
        world->last_kind = changes[i].kind;
    }
    if (rc != JL_OK) {
        jl_store_rollback(world->books->store);
        return rc;
    }
    world->saves++;
    world->changes += (unsigned)count;
    world->last_change_set = change_set != NULL ? *change_set : (struct jl_id){{0}};
    return jl_store_commit(world->books->store, err);
}

/* Write one record past the desk: built-in ones, and other offices'. */
static inline void world_put(struct world *world, struct jl_row *row, enum jl_record_state state,
                             const char *title) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record = {.head = {.state = state, .title = jl_bytes_text(title)},
                                    .row = *row};
    struct jl_book_write write = {.record = &record};
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    must(world, jl_books_write(world->books, &write, 1, &arena, &world->err));
    must(world, jl_store_commit(world->books->store, &world->err));
}

static inline void world_put_catalogue(struct world *world) {
    JL_AUTO(jl_buf) text = {0};
    must(world, jl_file_read(JIELIAN_SOURCE_DIR "/catalogue/district.json", JL_CATALOGUE_MAX_BYTES,
                             &text, &world->err));
    struct jl_field_value fields[] = {{1, jl_value_cstr("district")},
                                      {2, jl_value_int(1)},
                                      {3, jl_value_text(jl_buf_bytes(&text))}};
    struct jl_row row = {.type = JL_TYPE_CATALOGUE, .fields = fields, .field_count = 3};
    const struct jl_type *type = jl_catalogue_type(world->books->catalogue, row.type);
    must(world, jl_natural_key_id(world->books->hasher, type, &row, &row.id, &world->err));
    world_put(world, &row, JL_RECORD_LIVE, NULL);
    must(world, jl_books_begin(world->books, true, NULL, &world->err));
    must(world, jl_books_take_catalogue(world->books, &world->err));
    must(world, jl_store_commit(world->books->store, &world->err));
}

static inline void world_put_office(struct world *world, uint32_t number, const char *code,
                                    const char *name) {
    struct jl_field_value fields[] = {
        {1, jl_value_int(number)}, {2, jl_value_cstr(code)}, {3, jl_value_cstr(name)}};
    struct jl_row row = {.type = JL_TYPE_OFFICE, .fields = fields, .field_count = 3};
    const struct jl_type *type = jl_catalogue_type(world->books->catalogue, row.type);
    must(world, jl_natural_key_id(world->books->hasher, type, &row, &row.id, &world->err));
    world_put(world, &row, JL_RECORD_LIVE, NULL);
}

static inline void world_open(struct world *world, enum jl_side side) {
    uint8_t random[16];
    *world = (struct world){.now_ms = WORLD_NOW_MS};
    snprintf(world->folder, sizeof world->folder, "/tmp/jielian-desk-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    world->keys.suite = jl_suite_find(JL_SUITE_FIRST);
    must(world, jl_random(&world->keys.data, sizeof world->keys.data, &world->err));
    must(world, jl_random(&world->keys.proof, sizeof world->keys.proof, &world->err));
    must(world, jl_random(random, sizeof random, &world->err));
    const struct jl_books_options options = {.side = side, .mode = JL_STORE_CREATE};
    must(world, jl_books_open(world->folder, &options, &world->keys, &world->books, &world->err));
    world->desk = (struct jl_desk){
        .books = world->books,
        .save = world_save,
        .save_context = world,
        .owner = side == JL_SIDE_OFFICE ? 1 : 0,
        .movers = 1u << (side == JL_SIDE_OFFICE ? JL_MOVER_OFFICE : JL_MOVER_DISTRICT),
        .staff = BYTES("wang"),
        .clock = jl_clock_system()};
    world->desk.clock.context = world;
    world->desk.clock.wall_ms = world_wall;
    jl_id_source_init(&world->desk.ids, random);
    world_put_catalogue(world);
    world_put_office(world, 1, "GD", "古荡街道总工会");
    world_put_office(world, 2, "WX", "文新街道总工会");
}

static inline void world_close(struct world *world) {
    char command[128];
    jl_books_close(world->books);
    jl_keys_fini(&world->keys);
    snprintf(command, sizeof command, "rm -rf '%s'", world->folder);
    assert_int_equal(system(command), 0);
}

static inline const struct jl_type *type_of(struct world *world, const char *name) {
    const struct jl_type *type = jl_catalogue_type_named(world->books->catalogue, name);
    assert_non_null(type);
    return type;
}

/* An invented ID number: area 990106, the day, a sequence number, and a right check digit. */
static inline const char *id_number(char out[static 19], int birth, int sequence) {
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    char digits[40];
    snprintf(digits, sizeof digits, "990106%08d%03d", birth, sequence);
    memcpy(out, digits, 17);
    for (int i = 0; i < 17; i++) {
        sum += (out[i] - '0') * weights[i];
    }
    out[17] = "10X98765432"[sum % 11];
    out[18] = '\0';
    return out;
}

/* A credit code with a right check character. */
static inline const char *credit_code(char out[static 19], const char *prefix, int number) {
    static const char signs[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    int weight = 1;
    int sum = 0;
    char text[40];
    snprintf(text, sizeof text, "%s330106MA%07d", prefix, number);
    memcpy(out, text, 17);
    for (int i = 0; i < 17; i++) {
        sum += (int)(strchr(signs, out[i]) - signs) * weight;
        weight = weight * 3 % 31;
    }
    out[17] = signs[(31 - sum % 31) % 31];
    out[18] = '\0';
    return out;
}

#define ADD(world, type, out_id, ...)                                                              \
    jl_desk_add(&(world)->desk, type_of(world, type), (const struct jl_assignment[]){__VA_ARGS__}, \
                sizeof((const struct jl_assignment[]){__VA_ARGS__}) /                              \
                    sizeof(struct jl_assignment),                                                  \
                out_id, &(world)->problems, &(world)->err)
#define SET(world, type, id, ...)                                                                  \
    jl_desk_set(                                                                                   \
        &(world)->desk, type_of(world, type), id, (const struct jl_assignment[]){__VA_ARGS__},     \
        sizeof((const struct jl_assignment[]){__VA_ARGS__}) / sizeof(struct jl_assignment),        \
        &(world)->problems, &(world)->err)

static inline struct jl_id add_org(struct world *world, const char *name) {
    struct jl_id id;
    must(world, ADD(world, "union_org", &id, {"name", name}, {"org_kind", "独立基层工会"},
                    {"founded_on", "2018-05-01"}, {"is_enterprise", "是"}));
    return id;
}

static inline struct jl_id add_member(struct world *world, const char *name, int birth,
                                      int sequence, const char *org) {
    struct jl_id id;
    char number[19];
    must(world,
         ADD(world, "member", &id, {"姓名", name}, {"证件号码", id_number(number, birth, sequence)},
             {"所属工会", org}, {"入会日期", "2019-03-04"}));
    return id;
}

static inline void load(struct world *world, const char *type, const struct jl_id *id,
                        struct jl_arena *arena, struct jl_book_record *out_record) {
    const struct jl_record_key key = {.type = type_of(world, type)->number, .id = *id};
    must(world, jl_books_load(world->books, &key, 1, arena, out_record, &world->err));
}

/* What a call wrote, parsed; the document is dropped. */
static inline json_t *written_json(struct jl_document *document) {
    json_error_t error;
    assert_int_equal(document->rc, JL_OK);
    json_t *value = json_loadb((const char *)document->text.data, document->text.size, 0, &error);
    if (value == NULL) {
        fail_msg("not JSON: %s: %.*s", error.text, (int)document->text.size,
                 (const char *)document->text.data);
    }
    jl_document_fini(document);
    return value;
}

/* The whole list as JSON; the texts of its rows too, when they are wanted. */
static inline enum jl_rc list_all(struct world *world, const char *type,
                                  const struct jl_list_options *options, json_t **out_array,
                                  struct jl_buf *texts) {
    JL_AUTO_PTR(jl_list) list = NULL;
    struct jl_document document = {0};
    const struct jl_list_row *rows = NULL;
    size_t count = 0;
    size_t field_count = 0;
    enum jl_rc rc = jl_list_open(&world->desk, type_of(world, type), options, &list, &world->err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_field *const *fields = jl_list_fields(list, &field_count);
    for (size_t i = 0; i < field_count; i++) {
        must(world, jl_buf_printf(texts, NULL, "%s\t", fields[i]->label.zh));
    }
    jl_document_array(&document, NULL);
    do {
        must(world, jl_list_next(list, &rows, &count, &world->err));
        for (size_t i = 0; i < count; i++) {
            jl_document_object(&document, NULL);
            jl_list_write(&world->desk, &rows[i], &document);
            jl_document_end(&document);
            for (size_t j = 0; j < field_count; j++) {
                must(world, jl_buf_printf(texts, NULL, "%.*s\t", (int)rows[i].texts[j].size,
                                          (const char *)rows[i].texts[j].data));
            }
        }
    } while (count > 0);
    jl_document_end(&document);
    *out_array = written_json(&document);
    return JL_OK;
}

static inline json_t *listed_json(struct world *world, const char *type) {
    const struct jl_list_options options = {0};
    json_t *array = NULL;
    must(world, list_all(world, type, &options, &array, NULL));
    return array;
}

static inline json_t *found_json(struct world *world, const char *text) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_document document = {0};
    struct jl_found found;
    must(world, jl_find_records(&world->desk, text, 10, &arena, &found, &world->err));
    jl_document_array(&document, NULL);
    for (size_t i = 0; i < found.count; i++) {
        jl_document_object(&document, NULL);
        jl_list_write(&world->desk, &found.rows[i], &document);
        jl_document_end(&document);
    }
    jl_document_end(&document);
    return written_json(&document);
}

static inline size_t count_records(struct world *world, const char *type) {
    json_t *array = listed_json(world, type);
    size_t count = json_array_size(array);
    json_decref(array);
    return count;
}

#endif
