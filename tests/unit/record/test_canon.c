/* Goal: one encoding and one hash of a row, and one id per natural key.
 * Method: fixed bytes worked out by hand, every malformed variant, and round trips. */
#include "record_sample.h"

#include "jielian/crypto/hasher.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/suite.h"
#include "jielian/record/content.h"
#include "jielian/record/fields.h"
#include "jielian/record/natural_key.h"
#include "tests/said.h"

static struct jl_err err;

static void test_fields_have_the_bytes_of_the_contract(void **state) {
    (void)state;
    struct jl_field_value fields[] = {
        field_int(1, 0),
        field_int(2, -1),
        field_text(3, "张"),
        {.field = 4, .value = {.kind = JL_VALUE_BYTES, .bytes = jl_bytes("\x00\xFF", 2)}},
        {.field = 5, .value = {.kind = JL_VALUE_NULL}},
        field_int(300, 20210105),
    };
    static const uint8_t expected[] = {
        0x05, 0x00,                         /* 1 INT 0 */
        0x09, 0x01,                         /* 2 INT -1 */
        0x0E, 0x03, 0xE5, 0xBC, 0xA0,       /* 3 TEXT */
        0x13, 0x02, 0x00, 0xFF,             /* 4 BYTES */
        0x14,                               /* 5 NULL */
        0xB1, 0x09, 0xF2, 0x86, 0xA3, 0x13, /* 300 INT 40420210 */
    };
    JL_AUTO(jl_buf) out = {0};
    assert_int_equal(jl_fields_encode(fields, 6, &out, &err), JL_OK);
    assert_int_equal(out.size, sizeof expected);
    assert_memory_equal(out.data, expected, sizeof expected);

    JL_AUTO(jl_arena) arena = {0};
    struct jl_field_value *decoded = NULL;
    size_t count = 0;
    assert_int_equal(jl_fields_decode(jl_buf_bytes(&out), true, &arena, &decoded, &count, &err),
                     JL_OK);
    assert_int_equal(count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(decoded[i].field, fields[i].field);
        assert_true(jl_value_equal(&decoded[i].value, &fields[i].value));
    }
    /* Text is borrowed, not copied. */
    assert_true(decoded[2].value.bytes.data >= out.data &&
                decoded[2].value.bytes.data < out.data + out.size);
}

static void test_numbers_survive_at_both_ends(void **state) {
    (void)state;
    static const int64_t numbers[] = {0, 1, -1, 63, 64, -64, -65, INT64_MAX, INT64_MIN, 1LL << 62};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct jl_field_value field = field_int(UINT32_MAX, numbers[i]);
        JL_AUTO(jl_buf) out = {0};
        JL_AUTO(jl_arena) arena = {0};
        struct jl_field_value *decoded = NULL;
        size_t count = 0;
        assert_int_equal(jl_fields_encode(&field, 1, &out, &err), JL_OK);
        assert_int_equal(
            jl_fields_decode(jl_buf_bytes(&out), false, &arena, &decoded, &count, &err), JL_OK);
        assert_int_equal(count, 1);
        assert_true(decoded[0].value.number == numbers[i]);
        assert_true(decoded[0].field == UINT32_MAX);
    }
}

static void test_no_fields_are_no_bytes(void **state) {
    (void)state;
    JL_AUTO(jl_buf) out = {0};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_field_value *decoded = NULL;
    size_t count = 9;
    assert_int_equal(jl_fields_encode(NULL, 0, &out, &err), JL_OK);
    assert_int_equal(out.size, 0);
    assert_int_equal(jl_fields_decode(jl_bytes(NULL, 0), false, &arena, &decoded, &count, &err),
                     JL_OK);
    assert_int_equal(count, 0);
}

static void test_disordered_fields_are_refused_and_nothing_is_written(void **state) {
    (void)state;
    struct jl_field_value twice[] = {field_int(2, 1), field_int(2, 1)};
    struct jl_field_value down[] = {field_int(2, 1), field_int(1, 1)};
    struct jl_field_value zero[] = {field_int(0, 1)};
    JL_AUTO(jl_buf) out = {0};
    assert_int_equal(jl_fields_encode(twice, 2, &out, &err), JL_MISUSE);
    assert_int_equal(jl_fields_encode(down, 2, &out, &err), JL_MISUSE);
    assert_int_equal(jl_fields_encode(zero, 1, &out, &err), JL_MISUSE);
    assert_int_equal(out.size, 0);
}

static void test_decode_refuses_everything_but_the_one_form(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"\x05", 1},                                          /* no payload */
        {"\x05\x80", 2},                                      /* varint cut */
        {"\x05\x80\x00", 3},                                  /* over-long 0 */
        {"\x85\x00\x00", 3},                                  /* over-long key */
        {"\x0E\x05\x41", 3},                                  /* text longer than what is left */
        {"\x0E\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11}, /* size 2^64-1 */
        {"\x0E\x01\xFF", 3},                                  /* not UTF-8 */
        {"\x0E\x02\xC0\x80", 4},                              /* over-long NUL */
        {"\x0E\x01\x00", 3},                                  /* NUL in a text */
        {"\x01\x00", 2},                                      /* field 0 */
        {"\x09\x00\x05\x00", 4},                              /* descending */
        {"\x05\x00\x05\x00", 4},                              /* twice */
        {"\x04", 1},                                          /* NULL where none may be */
        {"\xFF\xFF\xFF\xFF\xFF\x01\x00", 7},                  /* field number above 32 bits */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        JL_AUTO(jl_arena) arena = {0};
        struct jl_field_value *decoded = NULL;
        size_t count = 7;
        enum jl_rc rc = jl_fields_decode(jl_bytes(bad[i].bytes, bad[i].size), false, &arena,
                                         &decoded, &count, &err);
        if (rc != JL_PROTO) {
            fail_msg("case %zu gave %s", i, jl_rc_name(rc));
        }
        assert_null(decoded);
        assert_int_equal(count, 7);
    }
}

static void test_more_fields_than_a_type_may_have_are_refused(void **state) {
    (void)state;
    struct jl_field_value fields[129];
    for (uint32_t i = 0; i < 129; i++) {
        fields[i] = field_int(i + 1, 1);
    }
    JL_AUTO(jl_buf) out = {0};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_field_value *decoded = NULL;
    size_t count = 0;
    assert_int_equal(jl_fields_encode(fields, 129, &out, &err), JL_LIMIT);
    assert_int_equal(jl_fields_encode(fields, 128, &out, &err), JL_OK);
    assert_int_equal(jl_fields_decode(jl_buf_bytes(&out), false, &arena, &decoded, &count, &err),
                     JL_OK);
    assert_int_equal(count, 128);
    assert_int_equal(jl_buf_put(&out, "\xA1\x08\x00", 3, &err), JL_OK); /* field 264 */
    assert_int_equal(jl_fields_decode(jl_buf_bytes(&out), false, &arena, &decoded, &count, &err),
                     JL_PROTO);
}

static void test_a_row_is_version_type_id_owner_fields(void **state) {
    (void)state;
    struct jl_field_value fields[] = {field_int(1, 2)};
    struct jl_row row = row_of(&transfer_type, fields, 1);
    JL_AUTO(jl_buf) out = {0};
    assert_int_equal(jl_content_encode(&row, &out, &err), JL_OK);
    static const uint8_t head[] = {0x01, 0xEB, 0x07, 0x5A};
    static const uint8_t tail[] = {0x5A, 0x03, 0x05, 0x04};
    assert_int_equal(out.size, 1 + 2 + 16 + 1 + 2);
    assert_memory_equal(out.data, head, sizeof head);
    assert_memory_equal(out.data + out.size - sizeof tail, tail, sizeof tail);

    struct jl_field_value blank[] = {{.field = 1, .value = {.kind = JL_VALUE_NULL}}};
    struct jl_row with_null = row_of(&transfer_type, blank, 1);
    size_t before = out.size;
    assert_int_equal(jl_content_encode(&with_null, &out, &err), JL_MISUSE);
    assert_int_equal(out.size, before);
}

static void test_a_hash_hangs_on_key_and_every_part_of_the_row(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_hasher) hasher = NULL;
    assert_int_equal(jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &hasher, &err), JL_OK);
    JL_AUTO(jl_buf) scratch = {0};
    struct jl_secret key = {.bytes = {1}};
    struct jl_secret other_key = {.bytes = {2}};
    struct jl_field_value fields[] = {field_int(1, 2)};
    struct jl_row row = row_of(&transfer_type, fields, 1);
    uint8_t first[16], hash[16];
    assert_int_equal(jl_content_hash(hasher, &key, &row, &scratch, first, &err), JL_OK);

    /* SHA-256(key ‖ canonical)[0..15], computed the long way. */
    JL_AUTO(jl_buf) canonical = {0};
    assert_int_equal(jl_content_encode(&row, &canonical, &err), JL_OK);
    struct jl_bytes parts[] = {jl_bytes(key.bytes, 32), jl_buf_bytes(&canonical)};
    uint8_t full[32];
    assert_int_equal(jl_hasher_digest(hasher, parts, 2, full, &err), JL_OK);
    assert_memory_equal(first, full, 16);

    row.deleted = true; /* not part of the form */
    assert_int_equal(jl_content_hash(hasher, &key, &row, &scratch, hash, &err), JL_OK);
    assert_memory_equal(first, hash, 16);
    assert_int_equal(jl_content_hash(hasher, &other_key, &row, &scratch, hash, &err), JL_OK);
    assert_memory_not_equal(first, hash, 16);
    row.owner++;
    assert_int_equal(jl_content_hash(hasher, &key, &row, &scratch, hash, &err), JL_OK);
    assert_memory_not_equal(first, hash, 16);
    row.owner--;
    fields[0].value.number++;
    assert_int_equal(jl_content_hash(hasher, &key, &row, &scratch, hash, &err), JL_OK);
    assert_memory_not_equal(first, hash, 16);
}

static void test_a_natural_key_makes_the_same_id_everywhere(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_hasher) hasher = NULL;
    assert_int_equal(jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &hasher, &err), JL_OK);
    struct jl_id member;
    memset(member.bytes, 7, sizeof member.bytes);
    struct jl_field_value fields[] = {{.field = T_MEMBER, .value = jl_value_ref(&member)},
                                      field_int(T_TO, 4),
                                      field_int(T_STATUS, 1)};
    struct jl_row row = row_of(&transfer_type, fields, 3);
    struct jl_id id, again;
    assert_int_equal(jl_natural_key_id(hasher, &transfer_type, &row, &id, &err), JL_OK);
    assert_int_equal(id.bytes[6] >> 4, 8); /* UUIDv8 */

    /* Fields of the key ascend whatever the catalogue's order; others do not count. */
    JL_AUTO(jl_buf) plain = {0};
    assert_int_equal(jl_buf_put_text(&plain, "jielian key v1\xEB\x07\x07\x10", &err), JL_OK);
    assert_int_equal(jl_buf_put(&plain, member.bytes, 16, &err), JL_OK);
    assert_int_equal(jl_buf_put(&plain, "\x09\x08", 2, &err), JL_OK);
    struct jl_bytes part = jl_buf_bytes(&plain);
    uint8_t full[32];
    assert_int_equal(jl_hasher_digest(hasher, &part, 1, full, &err), JL_OK);
    struct jl_id expected = jl_id_from_hash(full);
    assert_true(jl_id_equal(&id, &expected));

    fields[2].value.number = 2;
    row.owner = 9;
    assert_int_equal(jl_natural_key_id(hasher, &transfer_type, &row, &again, &err), JL_OK);
    assert_true(jl_id_equal(&id, &again));

    struct jl_type weekly = transfer_type;
    weekly.natural_key_has_owner = true;
    assert_int_equal(jl_natural_key_id(hasher, &weekly, &row, &id, &err), JL_OK);
    assert_false(jl_id_equal(&id, &again));
    row.owner = 8;
    assert_int_equal(jl_natural_key_id(hasher, &weekly, &row, &again, &err), JL_OK);
    assert_false(jl_id_equal(&id, &again));
}

static void test_a_natural_key_needs_all_its_values(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_hasher) hasher = NULL;
    assert_int_equal(jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &hasher, &err), JL_OK);
    struct jl_field_value fields[] = {field_int(T_TO, 4)};
    struct jl_row row = row_of(&transfer_type, fields, 1);
    struct jl_id id;
    assert_int_equal(jl_natural_key_id(hasher, &transfer_type, &row, &id, &err), JL_MISUSE);
    assert_non_null(strstr(err_said(&err), "member"));
    assert_int_equal(jl_natural_key_id(hasher, &member_type, &row, &id, &err), JL_MISUSE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_have_the_bytes_of_the_contract),
        cmocka_unit_test(test_numbers_survive_at_both_ends),
        cmocka_unit_test(test_no_fields_are_no_bytes),
        cmocka_unit_test(test_disordered_fields_are_refused_and_nothing_is_written),
        cmocka_unit_test(test_decode_refuses_everything_but_the_one_form),
        cmocka_unit_test(test_more_fields_than_a_type_may_have_are_refused),
        cmocka_unit_test(test_a_row_is_version_type_id_owner_fields),
        cmocka_unit_test(test_a_hash_hangs_on_key_and_every_part_of_the_row),
        cmocka_unit_test(test_a_natural_key_makes_the_same_id_everywhere),
        cmocka_unit_test(test_a_natural_key_needs_all_its_values),
    };
    return cmocka_run_group_tests(tests, sample_setup, NULL);
}
