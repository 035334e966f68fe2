/* `quarantine admit|refuse DEVICE SEQ…|all`: decisions, and judging what they complete. */
#include "held.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_MAX_BYTES = 400 }; /* fits JL_REASON_MAX_BYTES with what stands before it */

/* ---- Which ops ---- */

struct choosing {
    struct jl_cli *cli;
    struct jl_desk_session *session;
    uint32_t device;
    bool all; /* every op that is not decided */
    struct jl_run *wanted;
    uint64_t *found; /* ops of each that are held */
    size_t wanted_count;
    struct jl_run *runs; /* what is decided about */
    size_t run_count, run_capacity;
    uint64_t decided;              /* ops */
    uint64_t undecided, held_back; /* ops left: to decide; waiting for one of these */
    struct jl_judged judged;
    uint64_t discarded;
    char broken[JL_HELD_NAME_BYTES]; /* "": none */
    struct jl_arena arena;
};

static enum jl_rc choose(struct choosing *choosing, uint32_t origin, uint64_t seq,
                         struct jl_err *err) {
    struct jl_run *last = choosing->run_count > 0 ? &choosing->runs[choosing->run_count - 1] : NULL;
    choosing->decided++;
    if (last != NULL && last->origin == origin && last->last_seq + 1 == seq &&
        seq - last->first_seq < JL_BATCH_OPS_MAX) {
        last->last_seq = seq;
        return JL_OK;
    }
    if (choosing->run_count == choosing->run_capacity) {
        size_t capacity = choosing->run_capacity * 2 + 16;
        struct jl_run *more = realloc(choosing->runs, capacity * sizeof *more);
        if (more == NULL) {
            return jl_fault_memory(err);
        }
        choosing->runs = more;
        choosing->run_capacity = capacity;
    }
    choosing->runs[choosing->run_count++] =
        (struct jl_run){.origin = origin, .first_seq = seq, .last_seq = seq};
    return JL_OK;
}

static enum jl_rc choose_held(void *context, const struct jl_held_op *held, struct jl_err *err) {
    struct choosing *choosing = context;
    bool chosen = choosing->all && held->decision == JL_DECISION_NONE;
    for (size_t i = 0; i < choosing->wanted_count; i++) {
        const struct jl_run *run = &choosing->wanted[i];
        if (run->origin == held->origin->number && run->first_seq <= held->seq &&
            held->seq <= run->last_seq) {
            choosing->found[i]++;
            chosen = true;
        }
    }
    return chosen ? choose(choosing, held->origin->number, held->seq, err) : JL_OK;
}

static enum jl_rc count_left(void *context, const struct jl_held_op *held, struct jl_err *err) {
    struct choosing *choosing = context;
    (void)err;
    choosing->undecided += held->decision == JL_DECISION_NONE;
    choosing->held_back += held->decision != JL_DECISION_NONE;
    return JL_OK;
}

static enum jl_rc each_held(struct choosing *choosing, jl_held_fn visit, struct jl_err *err) {
    struct jl_district *district = choosing->session->district;
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_quarantine_each(district, choosing->device, visit, choosing, err);
    jl_store_rollback(district->books->store);
    return rc;
}

static enum jl_rc read_words(struct choosing *choosing, struct jl_err *err) {
    const struct jl_cli *cli = choosing->cli;
    enum jl_rc rc = jl_held_device(choosing->session, cli->words[0], &choosing->device, err);
    choosing->all = cli->word_count == 2 && strcmp(cli->words[1], "all") == 0;
    choosing->wanted = jl_arena_zalloc(&choosing->arena, cli->word_count, sizeof *choosing->wanted);
    choosing->found = jl_arena_zalloc(&choosing->arena, cli->word_count, sizeof *choosing->found);
    if (rc == JL_OK && (choosing->wanted == NULL || choosing->found == NULL)) {
        rc = jl_fault_memory(err);
    }
    for (size_t i = 1; rc == JL_OK && !choosing->all && i < cli->word_count; i++) {
        rc = jl_held_run(choosing->session, choosing->device, cli->words[i],
                         &choosing->wanted[choosing->wanted_count++], err);
    }
    return rc;
}

static enum jl_rc check_found(const struct choosing *choosing, struct jl_err *err) {
    for (size_t i = 0; i < choosing->wanted_count; i++) {
        const struct jl_run *run = &choosing->wanted[i];
        if (choosing->found[i] != run->last_seq - run->first_seq + 1) {
            return jl_held_missing(choosing->cli->words[1 + i], err);
        }
    }
    return JL_OK;
}

/* ---- Judging ---- */

static void add_judged(struct choosing *choosing, const struct jl_origin *origin,
                       const struct jl_judged *judged) {
    choosing->judged.ops += judged->ops;
    choosing->judged.applied += judged->applied;
    choosing->judged.merged += judged->merged;
    choosing->judged.cases += judged->cases;
    choosing->judged.parked += judged->parked;
    if (judged->broken_seq != 0 && choosing->broken[0] == '\0') {
        jl_held_name(origin, judged->broken_seq, choosing->broken);
    }
}

/* What is not the device's own can't be refused in its name: when all of it is refused, it goes. */
static enum jl_rc judge(struct choosing *choosing, enum jl_decision decision, struct jl_err *err) {
    struct jl_district *district = choosing->session->district;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->origin_count; i++) {
        struct jl_judged judged;
        uint32_t number = district->origins[i].number;
        if (district->origins[i].device != choosing->device) {
            continue;
        }
        rc = jl_quarantine_judge(district, number, &judged, err);
        if (rc == JL_OK && judged.broken_seq != 0 && choosing->all &&
            decision == JL_DECISION_REFUSE) {
            rc = jl_quarantine_discard(district, number, err);
            choosing->discarded++;
            judged.broken_seq = 0;
        }
        if (rc == JL_OK) {
            add_judged(choosing, &district->origins[i], &judged);
        }
    }
    return rc;
}

/* ---- Answers ---- */

static enum jl_rc print_json(const struct choosing *choosing, struct jl_err *err) {
    const struct jl_judged *judged = &choosing->judged;
    return jl_print_answer(
        json_pack("{s:I, s:I, s:I, s:{s:I, s:I, s:I, s:I}, s:I, s:I, s:s?}", "device",
                  (json_int_t)choosing->device, "decided", (json_int_t)choosing->decided, "judged",
                  (json_int_t)judged->ops, "verdicts", "applied", (json_int_t)judged->applied,
                  "merged", (json_int_t)judged->merged, "case", (json_int_t)judged->cases, "parked",
                  (json_int_t)judged->parked, "undecided", (json_int_t)choosing->undecided,
                  "waiting", (json_int_t)choosing->held_back, "broken",
                  choosing->broken[0] != '\0' ? choosing->broken : NULL),
        err);
}

static void print_text(const struct choosing *choosing) {
    enum jl_language language = choosing->cli->language;
    const struct jl_judged *judged = &choosing->judged;
    printf(JL_ZH_EN(language, "已审定 %" PRIu64 " 条\n", "%" PRIu64 " decided\n"),
           choosing->decided);
    if (judged->ops > 0) {
        printf(JL_ZH_EN(language,
                        "已生效 %" PRIu64 " 条：采纳 %" PRIu64 "，合并 %" PRIu64 "，待处理 %" PRIu64
                        "，不接收 %" PRIu64 "\n",
                        "%" PRIu64 " judged: %" PRIu64 " applied, %" PRIu64 " merged, %" PRIu64
                        " cases, %" PRIu64 " parked\n"),
               judged->ops, judged->applied, judged->merged, judged->cases, judged->parked);
    }
    if (choosing->held_back > 0) {
        printf(JL_ZH_EN(language, "另有 %" PRIu64 " 条已审定，等同批或前面的改动审定后一并生效\n",
                        "%" PRIu64 " decided ones wait for others of their batch or before it\n"),
               choosing->held_back);
    }
    if (choosing->undecided > 0) {
        printf(JL_ZH_EN(language, "还有 %" PRIu64 " 条未审定\n", "%" PRIu64 " are not decided\n"),
               choosing->undecided);
    }
    if (choosing->discarded > 0) {
        printf("%s\n",
               JL_ZH_EN(language, "签名与该设备不符的内容已丢弃；该设备自己的改动恢复后会重新送达",
                        "what was not signed by the device is dropped; its own changes "
                        "come again once it is let in"));
    }
    if (choosing->broken[0] != '\0') {
        printf(JL_ZH_EN(language,
                        "第 %s 条起签名与该设备不符，不能接收；可用 quarantine refuse %" PRIu32
                        " all --reason … 丢弃\n",
                        "from %s on the signature is not the device's: these can't be admitted; "
                        "drop them with `quarantine refuse %" PRIu32 " all --reason …`\n"),
               choosing->broken, choosing->device);
    }
}

static enum jl_rc answer(struct choosing *choosing, struct jl_err *err) {
    enum jl_rc rc = each_held(choosing, count_left, err);
    if (rc != JL_OK) {
        return rc;
    }
    choosing->session->attention =
        choosing->undecided + choosing->held_back > 0 || choosing->broken[0] != '\0';
    if (choosing->cli->json) {
        return print_json(choosing, err);
    }
    print_text(choosing);
    return JL_OK;
}

/* ---- Commands ---- */

static enum jl_rc nothing_held(const struct choosing *choosing, struct jl_err *err) {
    return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_QUARANTINE_NOTHING, "%" PRIu32,
                       choosing->device);
}

static enum jl_rc settled(const struct choosing *choosing, const struct jl_run *judged,
                          struct jl_err *err) {
    const struct jl_district *district = choosing->session->district;
    char name[JL_HELD_NAME_BYTES] = "";
    for (size_t i = 0; i < district->origin_count; i++) {
        if (district->origins[i].number == judged->origin) {
            jl_held_name(&district->origins[i], judged->first_seq, name);
        }
    }
    return jl_fault_at(err, JL_CONFLICT, JL_FAULT_QUARANTINE_ELSEWHERE, "%s", name);
}

static enum jl_rc decide(struct choosing *choosing, const struct jl_ruling *wanted,
                         struct jl_err *err) {
    struct jl_district *district = NULL;
    uint64_t held = 0;
    enum jl_rc rc = jl_desk_session_open(choosing->cli, JL_STORE_WRITE, choosing->session, err);
    if (rc == JL_OK) {
        rc = read_words(choosing, err);
    }
    if (rc == JL_OK) {
        rc = each_held(choosing, choose_held, err);
    }
    district = choosing->session->district;
    if (rc == JL_OK) {
        rc = check_found(choosing, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_begin(district, false, NULL, err);
    }
    if (rc == JL_OK) {
        rc = jl_quarantine_count(district, choosing->device, &held, err);
        jl_store_rollback(district->books->store);
    }
    if (rc == JL_OK && held == 0) {
        rc = nothing_held(choosing, err);
    }
    if (rc == JL_OK && choosing->run_count > 0) {
        struct jl_run judged = {0};
        const struct jl_ruling asked = {
            .decision = wanted->decision, .reason = wanted->reason, .judged = &judged};
        rc = jl_quarantine_decide(district, choosing->device, &asked, choosing->runs,
                                  choosing->run_count, err);
        rc = judged.origin != 0 ? settled(choosing, &judged, err) : rc;
    }
    if (rc == JL_OK) {
        rc = judge(choosing, wanted->decision, err);
        jl_desk_session_ring(choosing->session);
    }
    return rc == JL_OK ? answer(choosing, err) : rc;
}

static enum jl_rc run(struct jl_cli *cli, struct jl_desk_session *session,
                      const struct jl_ruling *wanted, struct jl_err *err) {
    struct choosing choosing = {.cli = cli, .session = session};
    enum jl_rc rc = decide(&choosing, wanted, err);
    free(choosing.runs);
    jl_arena_fini(&choosing.arena);
    return rc;
}

static enum jl_rc admit(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    const struct jl_ruling wanted = {.decision = JL_DECISION_ADMIT, .reason = ""};
    return run(cli, session, &wanted, err);
}

static enum jl_rc refuse(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    const char *reason = jl_cli_value(cli, "reason");
    struct jl_ruling wanted = {.decision = JL_DECISION_REFUSE, .reason = reason};
    if (reason == NULL || reason[0] == '\0' || strlen(reason) > REASON_MAX_BYTES) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_QUARANTINE_REASON, "%d", REASON_MAX_BYTES);
    }
    return run(cli, session, &wanted, err);
}

int jl_cmd_quarantine_admit(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {
        .arguments = "DEVICE SEQ…|all", .least = 2, .most = JL_CLI_WORDS_MAX};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, admit);
}

int jl_cmd_quarantine_refuse(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"reason", "TEXT", "不接收的理由，经办人会看到 / why; the clerk reads it"}};
    static const struct jl_cli_spec spec = {.arguments = "DEVICE SEQ…|all",
                                            .least = 2,
                                            .most = JL_CLI_WORDS_MAX,
                                            .options = options,
                                            .option_count = 1};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, refuse);
}
