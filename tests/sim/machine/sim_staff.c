/* What people do at the desks. Actions may be refused (the record is gone, moved on, or not
 * theirs): people meet that too. */
#include "server/books/own_ops.h"
#include "sim.h"

#include "jielian/base/assert.h"
#include "jielian/base/date.h"
#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ID_NUMBERS = 24 }; /* of the unassigned area 990106: few, so that offices share people */

const char *const sim_action_names[SIM_ACTIONS] = {SIM_ACTION_LIST(SIM_NAME)};

/* ---- Desks ---- */

const struct jl_type *sim_type(const struct sim_desk *at, const char *name) {
    const struct jl_type *type = jl_catalogue_type_named(at->desk->books->catalogue, name);
    JL_ASSERT(type != NULL);
    return type;
}

/* Since the end of the step before. */
static bool has_more_ops(struct sim *sim, struct world_device *device) {
    struct jl_err err;
    enum jl_rc rc = jl_office_begin(device->office, false, &err);
    jl_store_rollback(device->office->books->store);
    return rc == JL_OK &&
           device->office->state.head_pos != sim->oracle.noted[sim_number_of(sim, device)];
}

void sim_done(struct sim *sim, const struct sim_desk *at, enum sim_action action, enum jl_rc rc,
              const struct jl_err *err) {
    char where[16] = "district";
    bool full = at->device != NULL ? at->device->disk_full : sim->world.disk_full;
    if (at->device != NULL) {
        snprintf(where, sizeof where, "device %zu", sim_number_of(sim, at->device));
    }
    sim->out->tally.actions[action]++;
    sim->out->tally.refused += rc == JL_OK ? 0 : 1;
    sim_trace(sim, "%s at %s: %s", sim_action_names[action], where,
              rc == JL_OK ? "done" : err_said(err));
    bool in_parts = action == SIM_IMPORT; /* of a long list; the message says how far it came */
    if (rc != JL_OK && !in_parts && at->device != NULL && has_more_ops(sim, at->device)) {
        sim_fail(sim, "step %zu: %s at %s was refused, and yet it is there", sim->step,
                 sim_action_names[action], where);
    }
    if (rc == JL_CORRUPT || rc == JL_NOMEM || (rc == JL_IO && !full)) {
        sim_fail(sim, "step %zu: %s at %s: %s: %s", sim->step, sim_action_names[action], where,
                 jl_rc_name(rc), err_said(err));
    }
}

enum jl_rc sim_load(const struct sim_desk *at, uint32_t type, const struct jl_id *id,
                    struct jl_arena *arena, struct jl_book_record *out_record, struct jl_err *err) {
    struct jl_record_key key = {.type = type, .id = *id};
    return jl_books_load(at->desk->books, &key, 1, arena, out_record, err);
}

bool sim_sit_down(struct sim *sim, const struct sim_desk *at) {
    if (at->device == NULL) {
        world_at_district(&sim->world);
        return true;
    }
    world_at_device(at->device);
    return at->device->office != NULL;
}

/* ---- Records ---- */

void sim_remember(struct sim *sim, const struct sim_desk *at, uint32_t type, const struct jl_id *id,
                  const struct jl_id *change_set) {
    if (sim->record_count == SIM_RECORDS_MAX) {
        return;
    }
    struct sim_record *record = &sim->records[sim->record_count++];
    *record = (struct sim_record){.step = sim->step,
                                  .type = type,
                                  .id = *id,
                                  .office = at->device != NULL ? at->device->office_number : 0};
    if (change_set != NULL) {
        record->change_set = *change_set;
    }
}

const struct sim_record *sim_any_record(struct sim *sim, uint32_t type) {
    bool new = sim_draw(sim, 2) == 0;
    size_t back = (size_t)sim_draw(sim, new ? 24 : sim->step + 1);
    size_t step = back > sim->step ? 0 : sim->step - back;
    const struct sim_record *found = NULL;
    for (size_t i = 0; i < sim->record_count; i++) {
        const struct sim_record *record = &sim->records[i];
        if (found != NULL && record->step > step) {
            break;
        }
        if (type == 0 || record->type == type) {
            found = record;
        }
    }
    return found;
}

/* One of those that the desk's office made, if it made any. */
static const struct sim_record *own_record(struct sim *sim, const struct sim_desk *at,
                                           const char *type) {
    const struct sim_record *found = NULL;
    uint32_t number = sim_type(at, type)->number;
    size_t step = (size_t)sim_draw(sim, sim->step + 1);
    for (size_t i = 0; i < sim->record_count; i++) {
        const struct sim_record *record = &sim->records[i];
        if (found != NULL && record->step > step) {
            break;
        }
        if (record->type == number &&
            (at->device == NULL || record->office == at->device->office_number)) {
            found = record;
        }
    }
    return found;
}

/* Mostly where the record was made, so that it is there and others work on it too. */
static struct sim_desk desk_for(struct sim *sim, const struct sim_record *record) {
    uint64_t where = sim_draw(sim, 10);
    struct world_device *device = sim_any_device(sim);
    struct world_device *own[WORLD_DEVICES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < sim->world.device_count; i++) {
        if (record != NULL && sim->world.devices[i].office_number == record->office) {
            own[count++] = &sim->world.devices[i];
        }
    }
    uint64_t which = sim_draw(sim, 60); /* drawn in every case: later draws stay where they are */
    if (record != NULL && where < 2) {
        return (struct sim_desk){.desk = &sim->world.district_desk};
    }
    if (count > 0 && where < 9) {
        device = own[which % count];
    }
    return (struct sim_desk){.desk = &device->desk, .device = device};
}

/* ---- Adding ---- */

static void add(struct sim *sim, const struct sim_desk *at, const char *type,
                const struct jl_assignment *assignments, size_t count) {
    struct jl_problems problems;
    struct jl_err err = {0};
    struct jl_id id;
    enum jl_rc rc =
        jl_desk_add(at->desk, sim_type(at, type), assignments, count, &id, &problems, &err);
    sim_done(sim, at, SIM_ADD, rc, &err);
    if (rc == JL_OK) {
        sim_remember(sim, at, sim_type(at, type)->number, &id, NULL);
        sim_trace(sim, "  %s %s", type, assignments[0].value);
    }
}

/* Few names, so that offices often found "the same" union: a possible duplicate; written in one
 * form or another. */
void sim_union_name(struct sim *sim, char out_name[static SIM_UNION_NAME_BYTES]) {
    enum { NAMES = 60 };
    static const char *const forms[][2] = {
        {"第（", "）工会"}, {"第(", ")工会"}, {"第 (", "）⼯会"}, {"第﹙", "﹚工　会"}};
    uint64_t drawn = sim_draw(sim, NAMES * sizeof forms / sizeof forms[0]);
    const char *const *form = forms[drawn / NAMES];
    snprintf(out_name, SIM_UNION_NAME_BYTES, "%s%" PRIu64 "%s", form[0], drawn % NAMES, form[1]);
}

void sim_add_union(struct sim *sim, const struct sim_desk *at) {
    char name[SIM_UNION_NAME_BYTES];
    struct jl_assignment assignments[] = {{"name", name},
                                          {"org_kind", "独立基层工会"},
                                          {"founded_on", "2018-05-01"},
                                          {"status", "已建"}};
    sim_union_name(sim, name);
    add(sim, at, "union_org", assignments, 4);
}

/* GB 11643: the last digit follows from the 17 before it. */
static void id_number(uint64_t number, char out[static 19]) {
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    snprintf(out, 19, "99010619900101%03d", (int)number % 1000);
    for (int i = 0; i < 17; i++) {
        sum += (out[i] - '0') * weights[i];
    }
    out[17] = "10X98765432"[sum % 11];
    out[18] = '\0';
}

bool sim_member_form(struct sim *sim, const struct sim_desk *at, char values[4][64],
                     struct jl_assignment *out_assignments, size_t *out_count) {
    static const char *const names[] = {"张三", "李四", "王五", "赵六", "葛曾䮌", "孙七"};
    const struct sim_record *org = own_record(sim, at, "union_org");
    uint64_t name = sim_draw(sim, sizeof names / sizeof *names);
    uint64_t number = sim_draw(sim, ID_NUMBERS);
    if (org == NULL) {
        return false;
    }
    id_number(number, values[0]);
    jl_id_format(&org->id, values[1]);
    snprintf(values[2], 64, "%s", names[name]);
    snprintf(values[3], 64, "第%zu步", sim->step);
    const struct jl_assignment form[] = {{"name", values[2]},  {"id_kind", "居民身份证"},
                                         {"id_no", values[0]}, {"joined_on", "2020-01-02"},
                                         {"m_status", "在籍"}, {"org", values[1]},
                                         {"note", values[3]}};
    memcpy(out_assignments, form, sizeof form);
    *out_count = sizeof form / sizeof *form;
    return true;
}

static void add_member(struct sim *sim, const struct sim_desk *at) {
    char values[4][64];
    struct jl_assignment form[8];
    size_t count = 0;
    if (sim_member_form(sim, at, values, form, &count)) {
        add(sim, at, "member", form, count);
    } else {
        sim_add_union(sim, at);
    }
}

static void add_activity(struct sim *sim, const struct sim_desk *at) {
    char title[64];
    struct jl_assignment assignments[] = {
        {"title", title}, {"kind", "招聘会"}, {"start_on", "2021-03-01"}};
    snprintf(title, sizeof title, "第%zu场招聘会", sim->step);
    add(sim, at, "activity", assignments, 3);
}

/* Few pairs: both PCs of an office often book the same attendance. */
static void add_attendance(struct sim *sim, const struct sim_desk *at) {
    char ids[2][JL_ID_TEXT_BYTES];
    char note[64];
    struct jl_assignment assignments[] = {{"activity", ids[0]}, {"member", ids[1]}, {"note", note}};
    const struct sim_record *activity = own_record(sim, at, "activity");
    const struct sim_record *member = own_record(sim, at, "member");
    uint64_t noted = sim_draw(sim, 3);
    if (activity == NULL || member == NULL) {
        add_activity(sim, at);
        return;
    }
    jl_id_format(&activity->id, ids[0]);
    jl_id_format(&member->id, ids[1]);
    snprintf(note, sizeof note, "第%zu步", sim->step);
    add(sim, at, "attendance", assignments, noted == 0 ? 3 : 2);
}

static void add_something(struct sim *sim) {
    struct sim_desk at = desk_for(sim, NULL);
    uint64_t what = sim_draw(sim, 20);
    if (!sim_sit_down(sim, &at)) {
        return;
    }
    if (what < 5 || sim->record_count == 0) {
        sim_add_union(sim, &at);
    } else if (what < 13) {
        add_member(sim, &at);
    } else if (what < 15) {
        add_activity(sim, &at);
    } else {
        add_attendance(sim, &at);
    }
}

/* ---- Setting ---- */

enum form { FORM_TEXT, FORM_NUMBER, FORM_ONE_OF, FORM_TODAY };

static const struct {
    const char *type, *field;
    enum form form;
    const char *one_of[4];
} fields[] = {
    {"union_org", "note", FORM_TEXT, {NULL}},
    {"union_org", "address", FORM_TEXT, {NULL}},
    {"union_org", "founded_on", FORM_TODAY, {NULL}},
    {"union_org", "staff_n", FORM_NUMBER, {NULL}},
    {"union_org", "chair_name", FORM_ONE_OF, {"王五", "李四", "赵六", ""}},
    {"union_org", "industry", FORM_ONE_OF, {"制造业", "建筑业", "采矿业", ""}},
    {"union_org", "status", FORM_ONE_OF, {"停摆", "已建", "撤并", "筹建"}},
    {"union_org", "sim_extra", FORM_TEXT, {NULL}},
    {"member", "note", FORM_TEXT, {NULL}},
    {"member", "joined_on", FORM_TODAY, {NULL}},
    {"member", "trade", FORM_TEXT, {NULL}},
    {"member", "mobile", FORM_ONE_OF, {"13800001234", "13900005678", "13700009012", ""}},
    {"member", "edu", FORM_ONE_OF, {"大学本科", "大学专科", "研究生", ""}},
    {"member", "name", FORM_ONE_OF, {"张三", "李四", "古丽米热·艾比布力", "葛曾䮌"}},
    {"member", "m_status", FORM_ONE_OF, {"保留", "退会", "在籍", "转出中"}},
    {"member", "sim_extra", FORM_TEXT, {NULL}},
    {"activity", "place", FORM_TEXT, {NULL}},
    {"activity", "summary", FORM_TEXT, {NULL}},
    {"activity", "sessions", FORM_NUMBER, {NULL}},
    {"attendance", "note", FORM_TEXT, {NULL}},
    {"attendance", "attended_on", FORM_ONE_OF, {"2021-03-01", "2021-03-02", "2021-03-03", ""}},
    {"lr_weekly", "situation", FORM_ONE_OF, {"无异常", "有隐患", "无异常", "有隐患"}},
    {"lr_weekly", "handling", FORM_TEXT, {NULL}},
    {"finance_check", "note", FORM_TEXT, {NULL}},
    {"finance_check", "accepted_on", FORM_TODAY, {NULL}},
    {"fee_refund", "note", FORM_TEXT, {NULL}},
    {"fee_refund", "status", FORM_ONE_OF, {"审核", "拨付", "退回", "申请"}},
    {"transfer", "reason", FORM_TEXT, {NULL}},
    {"transfer", "note", FORM_TEXT, {NULL}},
};

bool sim_any_assignment(struct sim *sim, const struct sim_desk *at, const struct jl_type *type,
                        const char **out_field, char *out_value, size_t capacity) {
    size_t from = (size_t)sim_draw(sim, sizeof fields / sizeof *fields);
    uint64_t which = sim_draw(sim, 4);
    bool common = sim_draw(sim, 6) == 0; /* now and then two people type the same */
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t field = (from + i) % (sizeof fields / sizeof *fields);
        if (strcmp(fields[field].type, type->name) != 0 ||
            jl_type_field_named(type, fields[field].field) == NULL) {
            continue;
        }
        *out_field = fields[field].field;
        if (fields[field].form == FORM_ONE_OF) {
            snprintf(out_value, capacity, "%s", fields[field].one_of[which]);
        } else if (fields[field].form == FORM_TODAY) {
            /* By the clock of this PC: where that is ahead, the district has to refuse it. */
            int64_t off_ms = at->device != NULL ? at->device->time.off_ms : sim->world.time.off_ms;
            snprintf(out_value, capacity, "%" PRId64, jl_date_of_ms(sim->world.now_ms + off_ms));
        } else if (fields[field].form == FORM_NUMBER) {
            snprintf(out_value, capacity, "%zu", common ? 7 : 10 + sim->step);
        } else if (common && which == 0) {
            out_value[0] = '\0';
        } else {
            snprintf(out_value, capacity, "%s%zu", common ? "同" : "第", common ? 1 : sim->step);
        }
        return true;
    }
    return false;
}

static void set(struct sim *sim, const struct sim_desk *at, const struct sim_record *record) {
    char values[2][64];
    struct jl_assignment assignments[2];
    struct jl_problems problems;
    struct jl_err err = {0};
    const struct jl_type *type = jl_catalogue_type(at->desk->books->catalogue, record->type);
    size_t count = 1 + (size_t)sim_draw(sim, 2);
    for (size_t i = 0; i < count; i++) {
        assignments[i].value = values[i];
        if (type == NULL || !sim_any_assignment(sim, at, type, &assignments[i].field, values[i],
                                                sizeof values[i])) {
            return;
        }
    }
    sim_done(sim, at, SIM_SET,
             jl_desk_set(at->desk, type, &record->id, assignments, count, &problems, &err), &err);
    sim_trace(sim, "  %s of step %zu: %s=%s", type->name, record->step, assignments[0].field,
              assignments[0].value);
}

static void delete (struct sim *sim, const struct sim_desk *at, const struct sim_record *record) {
    struct jl_err err = {0};
    const struct jl_type *type = jl_catalogue_type(at->desk->books->catalogue, record->type);
    if (type != NULL) {
        sim_done(sim, at, SIM_DELETE, jl_desk_delete(at->desk, type, &record->id, &err), &err);
        sim_trace(sim, "  %s of step %zu", type->name, record->step);
    }
}

static void restore(struct sim *sim, const struct sim_desk *at, const struct sim_record *record) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before = {0};
    struct jl_err err = {0};
    enum jl_rc rc = sim_load(at, record->type, &record->id, &arena, &before, &err);
    if (rc != JL_OK || before.head.rid == 0 || before.head.state != JL_RECORD_DELETED ||
        before.row.field_count == 0) {
        return; /* nothing here to be brought back */
    }
    struct jl_change change = {.kind = JL_OP_RESTORE, .before = &before, .after = before.row};
    change.after.deleted = false;
    rc = at->desk->save(at->desk->save_context, NULL, &change, 1, &err);
    sim_done(sim, at, SIM_UNDELETE, rc, &err);
}

/* ---- Moving ---- */

static void move_union(struct sim *sim) {
    struct sim_desk at = {.desk = &sim->world.district_desk};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before = {0};
    struct jl_err err = {0};
    const struct sim_record *record = sim_any_record(sim, 0);
    uint32_t to = sim_any_office(sim);
    if (record == NULL || !sim_sit_down(sim, &at)) {
        return;
    }
    enum jl_rc rc = sim_load(&at, record->type, &record->id, &arena, &before, &err);
    if (rc != JL_OK || before.head.rid == 0 || before.row.deleted || before.row.owner == 0) {
        return;
    }
    struct jl_change change = {.kind = JL_OP_TRANSFER, .before = &before, .after = before.row};
    change.after.owner = to;
    rc = jl_own_ops_save(sim->world.district, NULL, &change, 1, &err);
    sim_done(sim, &at, SIM_MOVE, rc, &err);
    sim_trace(sim, "  of step %zu to office %" PRIu32, record->step, to);
}

static void request(struct sim *sim) {
    char id[JL_ID_TEXT_BYTES];
    char from[JL_ID_TEXT_BYTES];
    char to[JL_ID_TEXT_BYTES];
    struct jl_assignment assignments[] = {{"member", id}, {"from_office", from}, {"to_office", to}};
    struct jl_problems problems;
    struct jl_err err = {0};
    struct jl_id made;
    struct sim_desk any = {.desk = &sim->world.district_desk};
    const struct sim_record *member = sim_any_record(sim, sim_type(&any, "member")->number);
    struct sim_desk at = desk_for(sim, member);
    uint32_t other = sim_any_office(sim);
    if (member == NULL || member->office == 0 || !sim_sit_down(sim, &at)) {
        return;
    }
    jl_id_format(&member->id, id);
    struct jl_id offices[2];
    if (!sim_office_id(sim, member->office, &offices[0]) ||
        !sim_office_id(sim, other, &offices[1])) {
        return;
    }
    jl_id_format(&offices[0], from);
    jl_id_format(&offices[1], to);
    enum jl_rc rc =
        jl_desk_add(at.desk, sim_type(&at, "transfer"), assignments, 3, &made, &problems, &err);
    sim_done(sim, &at, SIM_REQUEST, rc, &err);
    if (rc == JL_OK) {
        sim_remember(sim, &at, sim_type(&at, "transfer")->number, &made, NULL);
    }
}

/* The next state of a transfer, or one that is not next: by whoever sits there. */
static void flow(struct sim *sim) {
    static const char *const states[] = {"转出同意", "转入接收", "转出同意", "转入接收",
                                         "退回",     "撤回",     "生效"};
    struct sim_desk any = {.desk = &sim->world.district_desk};
    const struct sim_record *record = sim_any_record(sim, sim_type(&any, "transfer")->number);
    struct world_device *device = sim_any_device(sim);
    struct sim_desk at = {.desk = &device->desk, .device = device};
    struct jl_assignment assignment = {"status", states[sim_draw(sim, 7)]};
    struct jl_problems problems;
    struct jl_err err = {0};
    if (record == NULL || !sim_sit_down(sim, &at)) {
        return;
    }
    enum jl_rc rc = jl_desk_set(at.desk, sim_type(&at, "transfer"), &record->id, &assignment, 1,
                                &problems, &err);
    sim_done(sim, &at, SIM_FLOW, rc, &err);
    sim_trace(sim, "  of step %zu: %s", record->step, assignment.value);
}

static void scrub(struct sim *sim, const struct sim_desk *at) {
    uint64_t damaged = 0;
    struct jl_err err = {0};
    if (at->device == NULL) {
        return;
    }
    enum jl_rc rc = jl_office_scrub(at->device->office, &damaged, &err);
    jl_session_prove_again(&at->device->session);
    sim_done(sim, at, SIM_SCRUB, rc, &err);
    if (rc == JL_OK && damaged > 0) {
        sim_fail(sim, "step %zu: %" PRIu64 " rows of device %zu are damaged", sim->step, damaged,
                 sim_number_of(sim, at->device));
    }
}

/* ---- A step ---- */

static void act(struct sim *sim, uint64_t what, const struct sim_desk *at,
                const struct sim_record *record) {
    if (what < 62) {
        set(sim, at, record);
    } else if (what < 68) {
        delete (sim, at, record);
    } else if (what < 72) {
        restore(sim, at, record);
    } else if (what < 80) {
        sim_resolve(sim, at);
    } else if (what < 82) {
        sim_import(sim, at);
    } else if (what < 84) {
        sim_batch(sim, at);
    } else if (what < 86) {
        sim_undo(sim, at);
    } else {
        scrub(sim, at);
    }
}

void sim_staff_step(struct sim *sim) {
    uint64_t what = sim_draw(sim, 100);
    if (what < 26 || sim->record_count == 0) {
        add_something(sim);
    } else if (what >= 88 && what < 91) {
        move_union(sim);
    } else if (what >= 91 && what < 95) {
        request(sim);
    } else if (what >= 95) {
        flow(sim);
    } else {
        const struct sim_record *record = sim_any_record(sim, 0);
        struct sim_desk at = desk_for(sim, record);
        if (sim_sit_down(sim, &at)) {
            act(sim, what, &at, record);
        }
    }
    world_at_none(&sim->world);
}
