/* Goal: keys are the same after saving and loading, open only with their passphrase, are never
 * written over, and a damaged key file is told from a missing one. Method: a folder of its own per
 * test; the file is spoiled byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/file.h"
#include "jielian/base/hex.h"
#include "jielian/crypto/keys.h"
#include "tests/said.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 4096 };

static const struct jl_bytes none;

static int make_folder(void **state) {
    char *folder = strdup("/tmp/jielian-keys-XXXXXX");
    *state = folder;
    unsetenv("CREDENTIALS_DIRECTORY");
    return folder != NULL && mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state) {
    char *folder = *state;
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir != NULL) {
        closedir(dir);
    }
    int rc = rmdir(folder);
    free(folder);
    return rc;
}

static struct jl_keys sample(void) {
    struct jl_keys keys = {.suite = jl_suite_find(JL_SUITE_FIRST)};
    for (size_t i = 0; i < JL_KEY_BYTES; i++) {
        keys.data.bytes[i] = (uint8_t)(1 + i);
        keys.proof.bytes[i] = (uint8_t)(50 + i);
        keys.curve.bytes[i] = (uint8_t)(100 + i);
        keys.sign.bytes[i] = (uint8_t)(150 + i);
        keys.sign_public[i] = (uint8_t)(200 + i);
    }
    return keys;
}

static void save(const char *folder, struct jl_bytes passphrase) {
    struct jl_err err;
    const struct jl_keys keys = sample();
    assert_int_equal(jl_keys_save(folder, &keys, passphrase, &err), JL_OK);
}

static void assert_loads(const char *folder, struct jl_bytes passphrase) {
    struct jl_err err;
    struct jl_keys keys = {0};
    const struct jl_keys expected = sample();
    assert_int_equal(jl_keys_load(folder, passphrase, &keys, &err), JL_OK);
    assert_true(jl_secret_equal(&keys.data, &expected.data));
    assert_true(jl_secret_equal(&keys.proof, &expected.proof));
    assert_true(jl_secret_equal(&keys.curve, &expected.curve));
    assert_true(jl_secret_equal(&keys.sign, &expected.sign));
    assert_memory_equal(keys.sign_public, expected.sign_public, sizeof keys.sign_public);
    jl_keys_fini(&keys);
}

static void read_file(const char *folder, struct jl_buf *out) {
    char path[256];
    struct jl_err err;
    snprintf(path, sizeof path, "%s/keys", folder);
    assert_int_equal(jl_file_read(path, FILE_MAX_BYTES, out, &err), JL_OK);
}

static void write_file(const char *folder, const char *name, struct jl_bytes content) {
    char path[256];
    struct jl_err err;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(jl_file_write(path, content, 0600, true, &err), JL_OK);
}

static void test_bare_keys_come_back_as_they_were(void **state) {
    save(*state, none);
    assert_loads(*state, none);
}

static void test_wrapped_keys_open_only_with_their_passphrase(void **state) {
    struct jl_err err;
    struct jl_keys keys = {0};
    save(*state, jl_bytes_text("马年大吉 2026"));
    assert_loads(*state, jl_bytes_text("马年大吉 2026"));
    assert_int_equal(jl_keys_load(*state, none, &keys, &err), JL_DENIED);
    assert_non_null(strstr(err_said(&err), "--passphrase-file"));
    assert_int_equal(jl_keys_load(*state, jl_bytes_text("马年大吉"), &keys, &err), JL_DENIED);
    JL_AUTO(jl_buf) text = {0};
    read_file(*state, &text);
    assert_null(memmem(text.data, text.size, "\ndata=", 6));
}

static void test_the_file_is_for_its_owner_alone(void **state) {
    char path[256];
    struct stat status;
    save(*state, none);
    snprintf(path, sizeof path, "%s/keys", (char *)*state);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_keys_are_never_written_over(void **state) {
    struct jl_err err;
    struct jl_keys other = sample();
    other.data.bytes[0] ^= 1;
    save(*state, none);
    assert_int_equal(jl_keys_save(*state, &other, none, &err), JL_CONFLICT);
    assert_loads(*state, none);
}

static void test_a_folder_without_keys_is_not_found(void **state) {
    struct jl_err err;
    struct jl_keys keys = {0};
    assert_int_equal(jl_keys_load(*state, none, &keys, &err), JL_NOT_FOUND);
    assert_non_null(strstr(err_said(&err), "no jielian data"));
}

static void test_a_file_cut_off_anywhere_is_corrupt(void **state) {
    struct jl_err err;
    struct jl_keys keys = {0};
    JL_AUTO(jl_buf) text = {0};
    save(*state, none);
    read_file(*state, &text);
    /* One byte short is only the last line end. */
    for (size_t size = 0; size + 1 < text.size; size += 7) {
        write_file(*state, "keys", jl_bytes(text.data, size));
        assert_int_equal(jl_keys_load(*state, none, &keys, &err), JL_CORRUPT);
    }
    write_file(*state, "keys", jl_buf_bytes(&text));
    assert_loads(*state, none);
}

/* "v10" begins like "v1". */
static void test_a_file_of_a_later_program_is_refused_and_changes_nothing(void **state) {
    (void)state;
    struct jl_err err;
    JL_AUTO(jl_buf) text = {0};
    const struct jl_keys keys = sample();
    struct jl_keys read = {0};
    const struct jl_keys before = {0};
    assert_int_equal(jl_keys_encode(&keys, none, &text, &err), JL_OK);
    const size_t head = strlen("jielian keys v1");
    JL_AUTO(jl_buf) later = {0};
    assert_int_equal(jl_buf_put(&later, text.data, head, &err), JL_OK);
    assert_int_equal(jl_buf_put_text(&later, "0", &err), JL_OK);
    assert_int_equal(jl_buf_put(&later, text.data + head, text.size - head, &err), JL_OK);
    assert_int_equal(jl_keys_decode(jl_buf_bytes(&later), none, &read, &err), JL_CORRUPT);
    text.data[text.size - 2] = 'x'; /* the last digit of the last line */
    assert_int_equal(jl_keys_decode(jl_buf_bytes(&text), none, &read, &err), JL_CORRUPT);
    assert_memory_equal(&read, &before, sizeof read);
}

static void test_a_service_credential_goes_before_the_folder(void **state) {
    struct jl_err err;
    struct jl_keys keys = {0};
    JL_AUTO(jl_buf) text = {0};
    save(*state, none);
    read_file(*state, &text);
    write_file(*state, "jielian-keys", jl_buf_bytes(&text));
    write_file(*state, "keys", jl_bytes_text("something else"));
    assert_int_equal(jl_keys_load(*state, none, &keys, &err), JL_CORRUPT);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", *state, 1), 0);
    assert_loads(*state, none);
    unsetenv("CREDENTIALS_DIRECTORY");
}

/* Of each key the last byte counts as much as the first. */
static void test_every_key_changes_the_fingerprint_and_a_passphrase_does_not(void **state) {
    struct jl_err err;
    uint8_t right[JL_FINGERPRINT_BYTES];
    uint8_t other[JL_FINGERPRINT_BYTES];
    struct jl_keys keys = sample();
    uint8_t *const parts[] = {keys.data.bytes, keys.proof.bytes, keys.curve.bytes, keys.sign.bytes,
                              keys.sign_public};
    assert_int_equal(jl_keys_fingerprint(&keys, right, &err), JL_OK);
    for (size_t i = 0; i < 2 * sizeof parts / sizeof *parts; i++) {
        uint8_t *byte = parts[i / 2] + (i % 2 == 0 ? 0 : JL_KEY_BYTES - 1);
        *byte ^= 1;
        assert_int_equal(jl_keys_fingerprint(&keys, other, &err), JL_OK);
        assert_memory_not_equal(right, other, sizeof right);
        *byte ^= 1;
    }
    save(*state, jl_bytes_text("马年大吉 2026"));
    assert_int_equal(jl_keys_load(*state, jl_bytes_text("马年大吉 2026"), &keys, &err), JL_OK);
    assert_int_equal(jl_keys_fingerprint(&keys, other, &err), JL_OK);
    assert_memory_equal(right, other, sizeof right);
}

/* What books hold must be the same in every version of the programs. */
static void test_the_fingerprint_is_the_one_that_older_books_hold(void **state) {
    (void)state;
    struct jl_err err;
    uint8_t fingerprint[JL_FINGERPRINT_BYTES];
    char hex[2 * JL_FINGERPRINT_BYTES + 1];
    const struct jl_keys keys = sample();
    assert_int_equal(jl_keys_fingerprint(&keys, fingerprint, &err), JL_OK);
    jl_hex_encode(jl_bytes(fingerprint, sizeof fingerprint), hex);
    assert_string_equal(hex, "35120866a61b1c2af1eb6619c84dfc94"
                             "80d83639b44a607d62a9afdf31e52ca2");
}

static void test_books_without_keys_are_not_an_empty_folder(void **state) {
    struct jl_err err;
    struct jl_keys keys = {0};
    write_file(*state, "jielian.db", jl_bytes_text("books"));
    assert_int_equal(jl_keys_load(*state, none, &keys, &err), JL_DENIED);
    assert_non_null(strstr(err_said(&err), "jielian.db"));
    assert_null(strstr(err_said(&err), "no jielian data"));
}

static void test_the_longest_key_file_is_read_and_no_longer_one(void **state) {
    struct jl_err err;
    struct jl_keys keys = {0};
    JL_AUTO(jl_buf) text = {0};
    save(*state, none);
    read_file(*state, &text);
    while (text.size < JL_KEYS_FILE_MAX_BYTES) {
        assert_int_equal(jl_buf_put_text(&text, "\n", &err), JL_OK);
    }
    write_file(*state, "keys", jl_buf_bytes(&text));
    assert_loads(*state, none);
    assert_int_equal(jl_buf_put_text(&text, "\n", &err), JL_OK);
    write_file(*state, "keys", jl_buf_bytes(&text));
    assert_int_equal(jl_keys_load(*state, none, &keys, &err), JL_CORRUPT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bare_keys_come_back_as_they_were, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_wrapped_keys_open_only_with_their_passphrase,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_the_file_is_for_its_owner_alone, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_keys_are_never_written_over, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_a_folder_without_keys_is_not_found, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_a_file_cut_off_anywhere_is_corrupt, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(
            test_a_file_of_a_later_program_is_refused_and_changes_nothing, make_folder,
            remove_folder),
        cmocka_unit_test_setup_teardown(test_a_service_credential_goes_before_the_folder,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            test_every_key_changes_the_fingerprint_and_a_passphrase_does_not, make_folder,
            remove_folder),
        cmocka_unit_test_setup_teardown(test_the_fingerprint_is_the_one_that_older_books_hold,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_books_without_keys_are_not_an_empty_folder,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_the_longest_key_file_is_read_and_no_longer_one,
                                        make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
