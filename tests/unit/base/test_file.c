/* Goal: a file is there as a whole or not at all, nothing is replaced unasked, and two processes
 * never hold one lock. Method: a folder of its own per test, a second process for the lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
    char dir[256];
    char path[512];
};

static int make_place(void **state) {
    struct place *place = calloc(1, sizeof *place);
    const char *base = getenv("TMPDIR");
    if (place == NULL) {
        return -1;
    }
    snprintf(place->dir, sizeof place->dir, "%s/jielian-file-XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(place->dir) == NULL) {
        free(place);
        return -1;
    }
    snprintf(place->path, sizeof place->path, "%s/file", place->dir);
    *state = place;
    return 0;
}

static int remove_place(void **state) {
    struct place *place = *state;
    DIR *dir = opendir(place->dir);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
        (void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
    }
    if (dir != NULL) {
        closedir(dir);
    }
    int rc = rmdir(place->dir);
    free(place);
    return rc;
}

static size_t count_entries(const char *path) {
    size_t count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        count++;
    }
    closedir(dir);
    return count - 2;
}

static void check_content(const char *path, const char *expected) {
    JL_AUTO(jl_buf) buf = {0};
    assert_int_equal(jl_file_read(path, 1000, &buf, NULL), JL_OK);
    assert_true(jl_bytes_is(jl_buf_bytes(&buf), expected));
}

static void test_a_written_file_reads_back_with_its_mode(void **state) {
    struct place *place = *state;
    static const unsigned modes[] = {0600, 0644, 0400};
    mode_t mask = umask(0077);
    for (size_t i = 0; i < 3; i++) {
        struct stat status;
        assert_int_equal(jl_file_write(place->path, jl_bytes_text("密钥"), modes[i], i > 0, NULL),
                         JL_OK);
        assert_int_equal(stat(place->path, &status), 0);
        assert_int_equal(status.st_mode & 07777, modes[i]);
        check_content(place->path, "密钥");
    }
    umask(mask);
    assert_int_equal(count_entries(place->dir), 1);
}

static void test_an_existing_file_is_not_replaced_unasked(void **state) {
    struct place *place = *state;
    struct jl_err err;
    assert_int_equal(jl_file_write(place->path, jl_bytes_text("old"), 0600, false, &err), JL_OK);
    assert_int_equal(jl_file_write(place->path, jl_bytes_text("new"), 0600, false, &err),
                     JL_CONFLICT);
    assert_non_null(strstr(err.text, place->path));
    check_content(place->path, "old");
    assert_int_equal(jl_file_write(place->path, jl_bytes_text("new"), 0600, true, &err), JL_OK);
    check_content(place->path, "new");
    assert_int_equal(count_entries(place->dir), 1);
}

static void test_a_dangling_link_counts_as_existing(void **state) {
    struct place *place = *state;
    assert_int_equal(symlink("nowhere", place->path), 0);
    assert_true(jl_file_exists(place->path));
    assert_int_equal(jl_file_write(place->path, jl_bytes_text("x"), 0600, false, NULL),
                     JL_CONFLICT);
}

static void test_an_empty_file_can_be_written_and_read(void **state) {
    struct place *place = *state;
    JL_AUTO(jl_buf) buf = {0};
    assert_int_equal(jl_file_write(place->path, jl_bytes(NULL, 0), 0600, false, NULL), JL_OK);
    assert_int_equal(jl_file_read(place->path, 0, &buf, NULL), JL_OK);
    assert_int_equal(buf.size, 0);
}

static void test_appending_takes_the_place_of_what_was_cut_off(void **state) {
    const struct place *place = *state;
    struct jl_err err;
    assert_int_equal(jl_file_append(place->path, 0, jl_bytes_text("new"), &err), JL_NOT_FOUND);
    assert_non_null(strstr(err.text, place->path));
    assert_int_equal(jl_file_write(place->path, jl_bytes_text("one\ntwo\nthr"), 0600, false, &err),
                     JL_OK);
    assert_int_equal(jl_file_append(place->path, 8, jl_bytes_text("3\n"), &err), JL_OK);
    check_content(place->path, "one\ntwo\n3\n");
    assert_int_equal(jl_file_append(place->path, 10, jl_bytes_text("four\n"), &err), JL_OK);
    check_content(place->path, "one\ntwo\n3\nfour\n");
    assert_int_equal(jl_file_append(place->path, 16, jl_bytes_text("x"), &err), JL_CONFLICT);
    check_content(place->path, "one\ntwo\n3\nfour\n");
}

static void test_reading_appends_up_to_the_bound(void **state) {
    struct place *place = *state;
    enum { SIZE = 200000 };
    JL_AUTO(jl_buf) content = {0};
    struct jl_err err;
    for (unsigned i = 0; i < SIZE; i++) {
        assert_int_equal(jl_buf_put_u8(&content, (uint8_t)(i * 7), NULL), JL_OK);
    }
    assert_int_equal(jl_file_write(place->path, jl_buf_bytes(&content), 0600, false, NULL), JL_OK);
    static const size_t bounds[] = {0, 1, 65536, SIZE - 1, SIZE, SIZE + 1, SIZE_MAX};
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        JL_AUTO(jl_buf) buf = {0};
        assert_int_equal(jl_buf_put_text(&buf, "kept", NULL), JL_OK);
        enum jl_rc rc = jl_file_read(place->path, bounds[i], &buf, &err);
        if (bounds[i] < SIZE) {
            assert_int_equal(rc, JL_LIMIT);
            assert_int_equal(buf.size, 4);
        } else {
            assert_int_equal(rc, JL_OK);
            assert_int_equal(buf.size, 4 + SIZE);
            assert_memory_equal(buf.data + 4, content.data, SIZE);
        }
        assert_memory_equal(buf.data, "kept", 4);
    }
}

static void test_a_pipe_is_read_to_its_end_and_bounded_too(void **state) {
    struct place *place = *state;
    static const size_t bounds[] = {4, 5, 6};
    for (size_t i = 0; i < 3; i++) {
        int ends[2];
        JL_AUTO(jl_buf) buf = {0};
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "12345", 5), 5);
        assert_int_equal(close(ends[1]), 0);
        snprintf(place->path, sizeof place->path, "/proc/self/fd/%d", ends[0]);
        assert_int_equal(jl_file_read(place->path, bounds[i], &buf, NULL),
                         bounds[i] < 5 ? JL_LIMIT : JL_OK);
        assert_int_equal(buf.size, bounds[i] < 5 ? 0 : 5);
        assert_int_equal(close(ends[0]), 0);
    }
}

static void test_errors_name_the_file_and_change_nothing(void **state) {
    struct place *place = *state;
    JL_AUTO(jl_buf) buf = {0};
    struct jl_err err;
    char inside[600];
    assert_int_equal(jl_file_read(place->path, 10, &buf, &err), JL_NOT_FOUND);
    assert_non_null(strstr(err.text, place->path));
    assert_int_equal(jl_file_read(place->dir, 10000, &buf, &err), JL_IO);
    assert_non_null(strstr(err.text, place->dir));
    snprintf(inside, sizeof inside, "%s/no/file", place->dir);
    assert_int_equal(jl_file_write(inside, jl_bytes_text("x"), 0600, true, &err), JL_NOT_FOUND);
    assert_non_null(memmem(err.text, err.used, inside, strlen(inside)));
    snprintf(inside, sizeof inside, "%s/", place->dir);
    assert_int_equal(jl_file_write(inside, jl_bytes_text("x"), 0600, true, &err), JL_MISUSE);
    assert_int_equal(jl_file_write(place->dir, jl_bytes_text("x"), 0600, true, &err), JL_IO);
    assert_int_equal(jl_file_write("", jl_bytes_text("x"), 0600, true, &err), JL_MISUSE);
    assert_int_equal(buf.size, 0);
    assert_int_equal(count_entries(place->dir), 0);
}

static void test_a_name_without_a_folder_is_in_the_current_one(void **state) {
    struct place *place = *state;
    char before[512];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(place->dir), 0);
    assert_int_equal(jl_file_write("file", jl_bytes_text("x"), 0600, false, NULL), JL_OK);
    assert_int_equal(chdir(before), 0);
    check_content(place->path, "x");
}

static void test_a_folder_is_made_once_and_private(void **state) {
    struct place *place = *state;
    struct stat status;
    struct jl_err err;
    char inside[600];
    assert_int_equal(jl_file_make_folder(place->path, &err), JL_OK);
    assert_int_equal(stat(place->path, &status), 0);
    assert_true(S_ISDIR(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(jl_file_make_folder(place->path, &err), JL_OK);
    snprintf(inside, sizeof inside, "%s/a/b", place->path);
    assert_int_equal(jl_file_make_folder(inside, &err), JL_NOT_FOUND);
    assert_int_equal(rmdir(place->path), 0);
    assert_int_equal(jl_file_write(place->path, jl_bytes_text("x"), 0600, false, &err), JL_OK);
    assert_int_equal(jl_file_make_folder(place->path, &err), JL_MISUSE);
    check_content(place->path, "x");
}

static void test_a_folder_goes_with_what_a_killed_write_left(void **state) {
    struct place *place = *state;
    struct jl_err err;
    char left[600];
    char other[600];
    assert_int_equal(jl_file_drop_folder(place->path, &err), JL_OK); /* there is none */
    assert_int_equal(jl_file_make_folder(place->path, &err), JL_OK);
    snprintf(left, sizeof left, "%s/.keys.0123456789abcdef.tmp", place->path);
    snprintf(other, sizeof other, "%s/books", place->path);
    assert_int_equal(jl_file_write(left, jl_bytes_text("x"), 0600, false, &err), JL_OK);
    assert_int_equal(jl_file_write(other, jl_bytes_text("x"), 0600, false, &err), JL_OK);
    assert_int_equal(jl_file_drop_folder(place->path, &err), JL_IO);
    assert_non_null(strstr(err.text, place->path));
    assert_int_equal(jl_fault_code(&err), JL_FAULT_FOLDER_FULL);
    check_content(other, "x");
    assert_int_equal(jl_file_remove(other, &err), JL_OK);
    assert_int_equal(jl_file_remove(other, &err), JL_OK);
    assert_int_equal(jl_file_remove(place->path, &err), JL_IO); /* a folder */
    assert_int_equal(jl_file_write(left, jl_bytes_text("x"), 0600, true, &err), JL_OK);
    assert_int_equal(jl_file_drop_folder(place->path, &err), JL_OK);
    assert_false(jl_file_exists(place->path));
}

static void test_paths_join_or_do_not_fit(void **state) {
    (void)state;
    static const struct {
        const char *dir;
        const char *name;
        size_t capacity;
        enum jl_rc rc;
        const char *path;
    } cases[] = {
        {"a", "b", 4, JL_OK, "a/b"},          {"a", "b", 3, JL_LIMIT, NULL},
        {"a/", "b", 4, JL_OK, "a/b"},         {"/", "b", 3, JL_OK, "/b"},
        {"/", "b", 2, JL_LIMIT, NULL},        {"", "b", 16, JL_MISUSE, NULL},
        {"数据", "键", 11, JL_OK, "数据/键"}, {"a", "b", 0, JL_LIMIT, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[32] = "before";
        enum jl_rc rc = jl_path_join(cases[i].dir, cases[i].name, path, cases[i].capacity, NULL);
        assert_int_equal(rc, cases[i].rc);
        assert_string_equal(path, rc == JL_OK ? cases[i].path : "before");
    }
}

/* What a second process is told when it asks for the lock. */
static int ask_from_another_process(const char *path) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct jl_file_lock lock = {.fd = -1};
        _exit((int)jl_file_lock(path, &lock, NULL));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_a_held_lock_is_busy_for_another_process(void **state) {
    struct place *place = *state;
    struct jl_file_lock lock = {.fd = -1};
    struct jl_file_lock second = {.fd = -1};
    struct jl_err err;
    assert_int_equal(ask_from_another_process(place->path), JL_OK);
    assert_int_equal(jl_file_lock(place->path, &lock, &err), JL_OK);
    assert_int_equal(ask_from_another_process(place->path), JL_BUSY);
    assert_int_equal(jl_file_lock(place->path, &second, &err), JL_BUSY);
    assert_non_null(strstr(err.text, place->path));
    assert_int_equal(second.fd, -1);
    jl_file_unlock(&lock);
    assert_int_equal(lock.fd, -1);
    jl_file_unlock(&lock);
    assert_int_equal(ask_from_another_process(place->path), JL_OK);
}

static void test_a_lock_ends_with_a_killed_process(void **state) {
    struct place *place = *state;
    struct jl_file_lock lock = {.fd = -1};
    int ends[2];
    char sign;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (jl_file_lock(place->path, &lock, NULL) != JL_OK || write(ends[1], "l", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(read(ends[0], &sign, 1), 1);
    assert_int_equal(jl_file_lock(place->path, &lock, NULL), JL_BUSY);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(jl_file_lock(place->path, &lock, NULL), JL_OK);
    jl_file_unlock(&lock);
    assert_int_equal(close(ends[0]), 0);
}

static void test_a_lock_never_takes_a_standard_stream(void **state) {
    struct place *place = *state;
    int saved = dup(STDIN_FILENO);
    struct jl_file_lock lock = {.fd = -1};
    if (saved >= 0) {
        assert_int_equal(close(STDIN_FILENO), 0);
    }
    enum jl_rc rc = jl_file_lock(place->path, &lock, NULL);
    int fd = lock.fd;
    jl_file_unlock(&lock);
    if (saved >= 0) {
        assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
        assert_int_equal(close(saved), 0);
    }
    assert_int_equal(rc, JL_OK);
    assert_true(fd > STDERR_FILENO);
    struct jl_file_lock never = {0};
    jl_file_unlock(&never);
    assert_true(saved < 0 || fcntl(STDIN_FILENO, F_GETFD) >= 0);
}

static void test_a_lock_without_its_folder_is_an_error(void **state) {
    struct place *place = *state;
    struct jl_file_lock lock = {.fd = -1};
    char inside[600];
    snprintf(inside, sizeof inside, "%s/no/lock", place->dir);
    assert_int_equal(jl_file_lock(inside, &lock, NULL), JL_NOT_FOUND);
    assert_int_equal(lock.fd, -1);
}

#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

/* As a user whom file modes bind, which root is not. Exits with the code. */
static void as_nobody(enum jl_rc (*look)(const char *path), const char *path, enum jl_rc expected) {
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
            _exit(99);
        }
        _exit((int)look(path));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), expected);
}

static enum jl_rc just_look(const char *path) {
    struct jl_err err;
    return jl_file_look(path, &err);
}

static enum jl_rc just_read(const char *path) {
    struct jl_err err;
    JL_AUTO(jl_buf) text = {0};
    return jl_file_read(path, 100, &text, &err);
}

static void test_what_is_closed_to_this_user_is_told_from_what_is_missing(void **state) {
    struct place *place = *state;
    struct jl_err err;
    assert_int_equal(jl_file_look(place->path, &err), JL_NOT_FOUND);
    assert_int_equal(jl_file_write(place->path, jl_bytes_text("x"), 0444, false, &err), JL_OK);
    assert_int_equal(jl_file_look(place->path, &err), JL_OK);
    assert_int_equal(chmod(place->dir, 0711), 0);
    as_nobody(just_look, place->path, JL_OK);
    as_nobody(just_read, place->path, JL_OK);
    assert_int_equal(chmod(place->path, 0), 0);
    as_nobody(just_look, place->path, JL_DENIED);
    as_nobody(just_read, place->path, JL_DENIED);
    assert_int_equal(unlink(place->path), 0);
    as_nobody(just_look, place->path, JL_NOT_FOUND);
    assert_int_equal(chmod(place->dir, 0), 0); /* nobody can say whether it is there */
    as_nobody(just_look, place->path, JL_DENIED);
    as_nobody(just_read, place->path, JL_DENIED);
    assert_int_equal(chmod(place->dir, 0700), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_PLACE(test_a_written_file_reads_back_with_its_mode),
        IN_A_PLACE(test_an_existing_file_is_not_replaced_unasked),
        IN_A_PLACE(test_a_dangling_link_counts_as_existing),
        IN_A_PLACE(test_an_empty_file_can_be_written_and_read),
        IN_A_PLACE(test_appending_takes_the_place_of_what_was_cut_off),
        IN_A_PLACE(test_reading_appends_up_to_the_bound),
        IN_A_PLACE(test_a_pipe_is_read_to_its_end_and_bounded_too),
        IN_A_PLACE(test_errors_name_the_file_and_change_nothing),
        IN_A_PLACE(test_a_name_without_a_folder_is_in_the_current_one),
        IN_A_PLACE(test_what_is_closed_to_this_user_is_told_from_what_is_missing),
        IN_A_PLACE(test_a_folder_is_made_once_and_private),
        IN_A_PLACE(test_a_folder_goes_with_what_a_killed_write_left),
        cmocka_unit_test(test_paths_join_or_do_not_fit),
        IN_A_PLACE(test_a_held_lock_is_busy_for_another_process),
        IN_A_PLACE(test_a_lock_ends_with_a_killed_process),
        IN_A_PLACE(test_a_lock_never_takes_a_standard_stream),
        IN_A_PLACE(test_a_lock_without_its_folder_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
