/* What `restore` and `status` say of admissions: what a restore took from the log, how far the logs
 * beside the last backups reach, and which keys call that nobody knows. */
#include "district_commands.h"
#include "json_time.h"
#include "status.h"

#include "server/books/accounts.h"
#include "server/books/readmit.h"

#include "jielian/base/fault.h"
#include "jielian/base/hex.h"

#include <string.h>

enum { SHORT_KEY_BYTES = 8 }; /* as the PC shows its own */

/* ---- After a restore ---- */

enum jl_rc jl_status_readmitted(struct jl_district *district, json_t **out_document,
                                struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_readmitted done;
    struct jl_book_record *accounts = NULL;
    size_t account_count = 0;
    enum jl_rc rc = jl_readmit_result(district, &done, err);
    if (rc == JL_OK) {
        rc = jl_accounts_locked(district, &arena, &accounts, &account_count, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_document =
        !done.there
            ? json_null()
            : json_pack("{s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "known", (int)done.known,
                        "until", jl_json_time(done.until_ms), "offices", (json_int_t)done.offices,
                        "devices", (json_int_t)done.devices, "revoked", (json_int_t)done.revoked,
                        "locked", (json_int_t)done.locked, "voided", (json_int_t)done.voided,
                        "accounts", (json_int_t)account_count);
    return *out_document != NULL ? JL_OK : jl_fault_memory(err);
}

static json_int_t number(const json_t *document, const char *name) {
    return json_integer_value(json_object_get(document, name));
}

static void print_accounts(const struct jl_cli *cli, json_int_t locked) {
    if (locked > 0) {
        printf(JL_ZH_EN(cli->language,
                        "%" JSON_INTEGER_FORMAT
                        " 个账号已锁定：备份之后改过的口令、角色、停用和删除都退回了。下一步：用 "
                        "list staff 核对，逐个 user confirm 登录名，或全部 user confirm --all\n",
                        "%" JSON_INTEGER_FORMAT
                        " accounts are locked: passwords and roles that were changed after the "
                        "backup, and people who were taken away, are as they were. Next: look at "
                        "`list staff`, then `user confirm LOGIN`, or all with `user confirm "
                        "--all`\n"),
               locked);
    }
}

void jl_status_print_readmitted(const struct jl_cli *cli, const json_t *document) {
    if (!json_is_object(document)) {
        return;
    }
    print_accounts(cli, number(document, "accounts"));
    if (!json_is_true(json_object_get(document, "known"))) {
        printf(JL_ZH_EN(cli->language,
                        "没有找到（完整的）准入记录：%" JSON_INTEGER_FORMAT
                        " 台电脑已锁定（只收不发），%" JSON_INTEGER_FORMAT
                        " 份邀请作废。下一步：用 device list 核对，逐台 device resume N，"
                        "或全部 device resume all；丢失、换掉的用 device revoke N\n",
                        "no (whole) admission log was found: %" JSON_INTEGER_FORMAT
                        " PCs are locked (they may deliver and get nothing), %" JSON_INTEGER_FORMAT
                        " invitations are void. Next: look at `device list`, then `device resume "
                        "N`, or all with `device resume all`; `device revoke N` those that are "
                        "lost or replaced\n"),
               number(document, "locked"), number(document, "voided"));
        return;
    }
    const char *until = json_string_value(json_object_get(document, "until"));
    printf(JL_ZH_EN(cli->language,
                    "准入记录到 %.10s %.8s 为止：补回镇街 %" JSON_INTEGER_FORMAT
                    " 个、电脑 %" JSON_INTEGER_FORMAT " 台；备份之后注销的 %" JSON_INTEGER_FORMAT
                    " 台仍是注销。在那以后注销过电脑的，请再注销一次\n",
                    "the admission log reaches to %.10s %.8s: %" JSON_INTEGER_FORMAT
                    " offices and %" JSON_INTEGER_FORMAT
                    " PCs are here again; %" JSON_INTEGER_FORMAT
                    " that were revoked after the backup stay so. Whom you revoked later than "
                    "that, revoke again\n"),
           until != NULL ? until : "—", until != NULL && strlen(until) >= 19 ? until + 11 : "",
           number(document, "offices"), number(document, "devices"), number(document, "revoked"));
}

/* ---- Beside the backups ---- */

enum jl_rc jl_status_backups(struct jl_district *district, json_t **out_list, struct jl_err *err) {
    json_t *list = json_array();
    enum jl_rc rc = list != NULL ? JL_OK : jl_fault_memory(err);
    for (size_t i = 0; rc == JL_OK && i < district->place_count; i++) {
        int64_t until_ms = 0;
        rc = jl_admit_place(district, i, &until_ms, err);
        json_t *item = json_pack("{s:s, s:o}", "path", district->places[i], "admissions_until",
                                 jl_json_time(until_ms));
        if (json_array_append_new(list, item) != 0 && rc == JL_OK) {
            rc = jl_fault_memory(err);
        }
    }
    if (rc != JL_OK) {
        json_decref(list);
        return rc;
    }
    *out_list = list;
    return JL_OK;
}

/* ---- Keys that nobody knows ---- */

enum jl_rc jl_status_unknown(struct jl_district *district, json_t **out_list, struct jl_err *err) {
    struct jl_unknown unknown;
    enum jl_rc rc = jl_unknown_read(district, &unknown, err);
    json_t *list = rc == JL_OK ? json_array() : NULL;
    for (size_t i = 0; list != NULL && i < unknown.count; i++) {
        char hex[2 * SHORT_KEY_BYTES + 1];
        jl_hex_encode(jl_bytes(unknown.of[i].key, SHORT_KEY_BYTES), hex);
        json_t *item =
            json_pack("{s:s, s:I, s:o}", "key", hex, "count", (json_int_t)unknown.of[i].count,
                      "last_at", jl_json_time(unknown.of[i].last_ms));
        if (json_array_append_new(list, item) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    if (list == NULL) {
        return rc != JL_OK ? rc : jl_fault_memory(err);
    }
    *out_list = list;
    return JL_OK;
}

void jl_status_print_unknown(const struct jl_cli *cli, const json_t *list) {
    size_t index = 0;
    const json_t *item = NULL;
    json_array_foreach(list, index, item) {
        const char *time = json_string_value(json_object_get(item, "last_at"));
        bool whole = time != NULL && strlen(time) >= 19;
        if (index == 0) {
            printf(
                "\n%s\n",
                JL_ZH_EN(cli->language,
                         "不认识的密钥来联系过（恢复后丢了登记的电脑，或陌生人）；是本区电脑的，"
                         "开一份新邀请，让它在原目录运行 join：",
                         "keys that are not known have called (PCs that a restore has forgotten, "
                         "or strangers); for a PC of yours make a new invitation, and run join "
                         "in its old folder:"));
        }
        printf(JL_ZH_EN(cli->language, "  %s  %.5s %.8s  %" JSON_INTEGER_FORMAT " 次\n",
                        "  %s  %.5s %.8s  %" JSON_INTEGER_FORMAT "x\n"),
               json_string_value(json_object_get(item, "key")), whole ? time + 5 : "—",
               whole ? time + 11 : "", number(item, "count"));
    }
}
