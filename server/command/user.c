/* user add, user passwd, user confirm: staff records of the built-in type, which every office
 * receives.
 *
 * A password is kept as a verifier, "scrypt:SALT:HASH" in hex (what the district's suite calls its
 * wrapping stands first; crypto/passphrase.h names N, r and p), in the district's books and in no
 * record: only where it is used. So the district has none of an office's staff, who set theirs at
 * their PC. It is read from a file or asked for on the terminal, never taken from an argument,
 * where every user of the machine could read it. */
#include "district_commands.h"
#include "run.h"

#include "server/books/accounts.h"

#include "jielian/base/assert.h"
#include "jielian/base/assignment.h"
#include "jielian/base/fault.h"
#include "jielian/base/hex.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/cli/print.h"
#include "jielian/crypto/passphrase.h"
#include "jielian/crypto/random.h"
#include "jielian/desk/show.h"
#include "jielian/record/natural_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
    PASSWORD_LEAST_BYTES = 8,
    PASSWORD_MOST_BYTES = 256,
    VERIFIER_TEXT_BYTES = 64 + 2 * JL_PASSPHRASE_SALT_BYTES + 2 * JL_KEY_BYTES,
};

/* ---- Passwords ---- */

static void cut_line_end(struct jl_buf *password) {
    while (password->size > 0 && (password->data[password->size - 1] == '\n' ||
                                  password->data[password->size - 1] == '\r')) {
        password->size--;
    }
}

/* One line from the terminal, without showing it. */
static enum jl_rc ask(const struct jl_cli *cli, const char *prompt, struct jl_buf *out,
                      struct jl_err *err) {
    struct termios shown;
    char line[PASSWORD_MOST_BYTES + 2];
    (void)cli;
    if (tcgetattr(STDIN_FILENO, &shown) != 0) {
        return jl_fault_system(err, JL_IO, JL_FAULT_PASSWORD_ASK, errno, "%s", "");
    }
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    fprintf(stderr, "%s", prompt);
    (void)fflush(stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    char *got = fgets(line, sizeof line, stdin);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fprintf(stderr, "\n");
    enum jl_rc rc = got == NULL ? jl_fault(err, JL_MISUSE, JL_FAULT_PASSWORD_NONE)
                                : jl_buf_put(out, line, strlen(line), err);
    jl_secret_wipe(line, sizeof line);
    cut_line_end(out);
    return rc;
}

static enum jl_rc ask_twice(const struct jl_cli *cli, struct jl_buf *out, struct jl_err *err) {
    struct jl_buf again = {0};
    if (isatty(STDIN_FILENO) == 0) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_PASSWORD_TERMINAL);
    }
    enum jl_rc rc = ask(cli, JL_ZH_EN(cli->language, "口令：", "password: "), out, err);
    if (rc == JL_OK) {
        rc = ask(cli, JL_ZH_EN(cli->language, "再输一次：", "once more: "), &again, err);
    }
    if (rc == JL_OK && !jl_bytes_equal(jl_buf_bytes(out), jl_buf_bytes(&again))) {
        rc = jl_fault(err, JL_MISUSE, JL_FAULT_PASSWORD_DIFFERS);
    }
    jl_buf_wipe(&again);
    return rc;
}

static enum jl_rc read_password(const struct jl_cli *cli, struct jl_buf *out, struct jl_err *err) {
    const char *path = jl_cli_value(cli, "password-file");
    enum jl_rc rc =
        jl_buf_reserve(out, PASSWORD_MOST_BYTES + 2, err); /* never moved: wiped whole */
    if (rc == JL_OK) {
        rc = path != NULL ? jl_file_read(path, PASSWORD_MOST_BYTES + 2, out, err)
                          : ask_twice(cli, out, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    cut_line_end(out);
    if (out->size < PASSWORD_LEAST_BYTES || out->size > PASSWORD_MOST_BYTES) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_PASSWORD_LENGTH, "%d" JL_AND "%d",
                           PASSWORD_LEAST_BYTES, PASSWORD_MOST_BYTES);
    }
    return JL_OK;
}

static enum jl_rc make_verifier(const struct jl_cli *cli, const struct jl_suite *suite,
                                char out_text[static VERIFIER_TEXT_BYTES], struct jl_err *err) {
    struct jl_buf password = {0};
    uint8_t salt[JL_PASSPHRASE_SALT_BYTES];
    struct jl_secret hash = {0};
    enum jl_rc rc = read_password(cli, &password, err);
    if (rc == JL_OK) {
        rc = jl_random(salt, sizeof salt, err);
    }
    if (rc == JL_OK) {
        rc = jl_passphrase_key(suite, jl_buf_bytes(&password), salt, &hash, err);
    }
    jl_buf_wipe(&password);
    if (rc == JL_OK) {
        char salt_hex[2 * JL_PASSPHRASE_SALT_BYTES + 1];
        char hash_hex[2 * JL_KEY_BYTES + 1];
        jl_hex_encode(jl_bytes(salt, sizeof salt), salt_hex);
        jl_hex_encode(jl_bytes(hash.bytes, sizeof hash.bytes), hash_hex);
        int size =
            snprintf(out_text, VERIFIER_TEXT_BYTES, "%s:%s:%s", suite->wrap, salt_hex, hash_hex);
        JL_ASSERT(size > 0 && size < VERIFIER_TEXT_BYTES);
        jl_secret_wipe(hash_hex, sizeof hash_hex);
    }
    jl_secret_fini(&hash);
    return rc;
}

/* ---- Commands ---- */

static enum jl_rc answer(const struct jl_cli *cli, const struct jl_id *id, struct jl_err *err) {
    char text[JL_ID_TEXT_BYTES];
    jl_id_format(id, text);
    if (cli->json) {
        return jl_print_answer(json_pack("{s:s, s:s}", "id", text, "login", cli->words[0]), err);
    }
    printf("%s\n", cli->words[0]);
    return JL_OK;
}

static enum jl_rc add_user(struct jl_cli *cli, struct jl_desk_session *session,
                           struct jl_err *err) {
    char verifier[VERIFIER_TEXT_BYTES] = "";
    struct jl_assignment items[6];
    size_t count = 0;
    struct jl_id id;
    struct jl_problems problems = {0};
    const char *role = jl_cli_value(cli, "role");
    const char *office = jl_cli_value(cli, "office");
    if (strlen(cli->words[0]) > JL_STAFF_MAX_BYTES) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_USER_LOGIN_LONG, "%d", JL_STAFF_MAX_BYTES);
    }
    if (role == NULL) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_USER_ROLE);
    }
    if (office != NULL && jl_cli_value(cli, "password-file") != NULL) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_PASSWORD_OFFICES);
    }
    enum jl_rc rc =
        office == NULL ? make_verifier(cli, session->district->keys.suite, verifier, err) : JL_OK;
    if (rc != JL_OK) {
        return rc;
    }
    items[count++] = (struct jl_assignment){.field = "login", .value = cli->words[0]};
    items[count++] = (struct jl_assignment){.field = "name", .value = cli->words[1]};
    items[count++] = (struct jl_assignment){.field = "role", .value = role};
    if (office != NULL) {
        items[count++] = (struct jl_assignment){.field = "office", .value = office};
    }
    const struct jl_type *type = jl_catalogue_type(session->desk.books->catalogue, JL_TYPE_STAFF);
    rc = jl_desk_add(&session->desk, type, items, count, &id, &problems, err);
    if (rc == JL_OK && office == NULL) {
        rc = jl_account_keep(session->district, &id, jl_bytes_text(verifier), err);
    }
    jl_secret_wipe(verifier, sizeof verifier);
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    return answer(cli, &id, err);
}

/* The account that words[0] names. */
static enum jl_rc find_account(const struct jl_cli *cli, struct jl_desk_session *session,
                               struct jl_arena *arena, struct jl_book_record *out_account,
                               struct jl_err *err) {
    struct jl_row key = {.type = JL_TYPE_STAFF};
    struct jl_value login = jl_value_cstr(cli->words[0]);
    const struct jl_type *type = jl_catalogue_type(session->desk.books->catalogue, JL_TYPE_STAFF);
    enum jl_rc rc = jl_row_set(&key, JL_STAFF_LOGIN, &login, arena, err);
    if (rc == JL_OK) {
        rc = jl_natural_key_id(session->desk.books->hasher, type, &key, &key.id, err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_session_load(session, JL_TYPE_STAFF, &key.id, arena, out_account, err);
    }
    if (rc == JL_OK && out_account->row.deleted) {
        rc = JL_NOT_FOUND;
    }
    return rc == JL_NOT_FOUND
               ? jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_USER_MISSING, "%s", cli->words[0])
               : rc;
}

static enum jl_rc set_password(struct jl_cli *cli, struct jl_desk_session *session,
                               struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record account = {0};
    char verifier[VERIFIER_TEXT_BYTES];
    enum jl_rc rc = find_account(cli, session, &arena, &account, err);
    if (rc == JL_OK && jl_row_get(&account.row, JL_STAFF_OFFICE) != NULL) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_PASSWORD_OFFICES);
    }
    if (rc == JL_OK) {
        rc = make_verifier(cli, session->district->keys.suite, verifier, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_account_keep(session->district, &account.row.id, jl_bytes_text(verifier), err);
    jl_secret_wipe(verifier, sizeof verifier);
    if (rc != JL_OK) {
        return rc;
    }
    if (jl_account_locked(session->district, &account)) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language,
                             "此账号在恢复备份后仍锁定；核对角色后运行 user confirm %s",
                             "a restore has locked this account, and it stays so; look at its "
                             "role, then `user confirm %s`"),
                    cli->words[0]);
    }
    return answer(cli, &account.row.id, err);
}

/* What the accounts are from now on, so that whoever confirms sees whom, and as what. */
static enum jl_rc tell_confirmed(const struct jl_cli *cli, struct jl_desk_session *session,
                                 const struct jl_book_record *accounts, size_t count,
                                 struct jl_err *err) {
    static const struct jl_print_column columns[] = {{"login", "登录名", "login", false},
                                                     {"name", "姓名", "name", false},
                                                     {"role", "角色", "role", false},
                                                     {"active", "启用", "active", false}};
    json_t *rows = json_array();
    enum jl_rc rc = rows != NULL ? JL_OK : jl_fault_memory(err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        json_t *row = NULL;
        rc = jl_show_json(&session->desk, &accounts[i], &row, err);
        if (rc == JL_OK && json_array_append_new(rows, row) != 0) {
            rc = jl_fault_memory(err);
        }
    }
    if (rc == JL_OK) {
        rc = cli->json ? jl_print_json(rows, stdout, err)
                       : jl_print_table(cli, rows, columns, sizeof columns / sizeof *columns, err);
    }
    json_decref(rows);
    return rc;
}

static enum jl_rc confirm(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record one = {0};
    struct jl_book_record *accounts = &one;
    size_t count = 1;
    if (jl_cli_has(cli, "all") == (cli->word_count == 1)) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_USER_CONFIRM);
    }
    enum jl_rc rc = cli->word_count == 1
                        ? find_account(cli, session, &arena, &one, err)
                        : jl_accounts_locked(session->district, &arena, &accounts, &count, err);
    if (rc == JL_OK && cli->word_count == 1 && !jl_account_locked(session->district, &one)) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_USER_NOT_LOCKED, "%s", cli->words[0]);
    }
    if (rc == JL_OK && count > 0) {
        rc = jl_accounts_confirm(session->district, accounts, count, err);
        jl_desk_session_ring(session);
    }
    return rc == JL_OK ? tell_confirmed(cli, session, accounts, count, err) : rc;
}

#define PASSWORD_OPTION                                                                                         \
    {                                                                                                           \
        "password-file", "FILE",                                                                                \
            "区级账号的口令文件；不写则在终端询问 / of an account of the district; default: " \
            "asked on the terminal"                                                                             \
    }

int jl_cmd_user_add(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"role", "ROLE",
         "clerk 经办、reviewer 复核、district 区级、operator 运维 / what they may do"},
        JL_OFFICE_OPTION,
        PASSWORD_OPTION,
        JL_STAFF_OPTION,
    };
    static const struct jl_cli_spec spec = {.arguments = "LOGIN NAME",
                                            .least = 2,
                                            .most = 2,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_run_command(cli, &spec, JL_STORE_WRITE, add_user);
}

int jl_cmd_user_confirm(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"all", NULL, "所有锁定的账号 / every account that is locked"}};
    static const struct jl_cli_spec spec = {
        .arguments = "[LOGIN]", .least = 0, .most = 1, .options = options, .option_count = 1};
    return jl_run_command(cli, &spec, JL_STORE_WRITE, confirm);
}

int jl_cmd_user_passwd(struct jl_cli *cli) {
    static const struct jl_option options[] = {PASSWORD_OPTION, JL_STAFF_OPTION};
    static const struct jl_cli_spec spec = {.arguments = "LOGIN",
                                            .least = 1,
                                            .most = 1,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_run_command(cli, &spec, JL_STORE_WRITE, set_password);
}
