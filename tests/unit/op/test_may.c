/* Who may write what: the table of docs/merge.md ("Who may write what"), cell by cell, by the
 * shipped catalogue; then the conditions that are no cell of it. */
#include "jielian/base/file.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/op/may.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { REQUESTED = 1, RELEASED, RECEIVED, EFFECTIVE, RETURNED, WITHDRAWN };

static struct jl_catalogue *catalogue;
static const struct jl_type *type;
static struct jl_op op;
static struct jl_field_value olds[8], news[8];
static struct jl_row before;
static struct jl_field_value befores[8];
static struct jl_may_ask ask;
static uint32_t field;
static struct jl_err err;

static int open_catalogue(void **state) {
    JL_AUTO(jl_buf) text = {0};
    (void)state;
    assert_int_equal(jl_file_read(JIELIAN_SOURCE_DIR "/catalogue/district.json",
                                  JL_CATALOGUE_MAX_BYTES, &text, &err),
                     JL_OK);
    return jl_catalogue_parse(jl_buf_bytes(&text), "district.json", &catalogue, &err) != JL_OK;
}

static int close_catalogue(void **state) {
    (void)state;
    jl_catalogue_free(catalogue);
    return 0;
}

/* ---- Asking ---- */

static void begin(const char *name, enum jl_hand by, enum jl_op_kind kind) {
    type = jl_catalogue_type_named(catalogue, name);
    assert_non_null(type);
    op = (struct jl_op){.kind = kind,
                        .type = type->number,
                        .staff = jl_bytes_text("wang"),
                        .old_fields = olds,
                        .new_fields = news};
    before = (struct jl_row){.type = type->number, .fields = befores};
    ask = (struct jl_may_ask){.type = type, .by = by, .op = &op};
}

static uint32_t number_of(const char *name) {
    const struct jl_field *of = jl_type_field_named(type, name);
    assert_non_null(of);
    return of->number;
}

static void change(const char *name, struct jl_value old, struct jl_value new) {
    olds[op.old_count++] = (struct jl_field_value){number_of(name), old};
    news[op.new_count++] = (struct jl_field_value){number_of(name), new};
}

static void there(bool deleted) {
    before.deleted = deleted;
    ask.before = &before;
}

static void holds(const char *name, struct jl_value value) {
    befores[before.field_count++] = (struct jl_field_value){number_of(name), value};
}

static bool may(void) {
    const struct jl_may_not *no = jl_may(&ask, &field);
    if (no != NULL) {
        assert_non_null(jl_say_sentence((uint32_t)no->code, JL_LANGUAGE_ZH));
    }
    return no == NULL;
}

/* ---- Built-in types ---- */

/* c a clerk, o an office's program, d people at the district, p its commands. */
static const struct cell {
    const char *type, *field; /* field NULL: the record */
    const char *make, *edit, *remove, *back;
} cells[] = {
    {"office", NULL, "p", NULL, "dp", "dp"},
    {"office", "number", "p", "", NULL, NULL},
    {"office", "code", "p", "dp", NULL, NULL},
    {"office", "name", "p", "dp", NULL, NULL},
    {"staff", NULL, "dp", NULL, "dp", "dp"},
    {"staff", "login", "dp", "", NULL, NULL},
    {"staff", "name", "dp", "dp", NULL, NULL},
    {"staff", "office", "dp", "dp", NULL, NULL},
    {"staff", "role", "dp", "dp", NULL, NULL},
    {"staff", "verifier", "p", "p", NULL, NULL},
    {"staff", "active", "dp", "dp", NULL, NULL},
    {"staff", "locked", "p", "p", NULL, NULL},
    {"notice", NULL, "dp", NULL, "dp", "dp"},
    {"notice", "title", "dp", "dp", NULL, NULL},
    {"case", NULL, "p", NULL, "", ""},
    {"case", "kind", "p", "p", NULL, NULL},
    {"case", "subject_type", "p", "p", NULL, NULL},
    {"case", "subject_id", "p", "p", NULL, NULL},
    {"case", "title", "p", "p", NULL, NULL},
    {"case", "detail", "p", "p", NULL, NULL},
    {"case", "opened_on", "p", "p", NULL, NULL},
    {"case", "other_id", "p", "p", NULL, NULL},
    {"case", "status", "p", "op", NULL, NULL}, /* all three of them: closing */
    {"catalogue", NULL, "p", NULL, "", ""},
    {"catalogue", "version", "p", "p", NULL, NULL},
    {"catalogue", "body", "p", "p", NULL, NULL},
    {"change_set", NULL, "op", NULL, "", ""},
    {"change_set", "kind", "op", "", NULL, NULL},
    {"change_set", "label", "op", "", NULL, NULL},
    {"change_set", "staff", "op", "", NULL, NULL},
    {"change_set", "records", "op", "", NULL, NULL},
    {"change_set", "status", "op", "op", NULL, NULL},
    {"import_batch", NULL, "op", NULL, "", ""},
    {"import_batch", "rows", "op", "", NULL, NULL},
    {"import_batch", "staff", "op", "", NULL, NULL},
    {"access_log", NULL, "op", NULL, "", ""},
    {"access_log", "reason", "op", "", NULL, NULL},
    {"report_snapshot", NULL, "p", NULL, "", ""},
    {"report_snapshot", "body", "p", "", NULL, NULL},
    {"quarantine_decision", NULL, "p", NULL, "", ""},
    {"quarantine_decision", "decision", "p", "", NULL, NULL},
    {"old_books_leave", NULL, "p", NULL, "dp", ""},
    {"old_books_leave", "until", "p", "", NULL, NULL},
    {"transfer_ask", NULL, "o", NULL, "", ""},
    {"transfer_ask", "id_no", "o", "", NULL, NULL},
    {"transfer_ask", "answer", "o", "", NULL, NULL},
    /* Others: by the owner of the type. */
    {"union_org", NULL, "codp", NULL, "codp", "codp"},
    {"union_org", "name", "codp", "codp", NULL, NULL},
    {"reform_task", NULL, "dp", NULL, "dp", "dp"},
    {"reform_task", "task", "dp", "dp", NULL, NULL},
};

static const struct {
    char letter;
    enum jl_hand hand;
} hands[] = {
    {'c', JL_HAND_CLERK}, {'o', JL_HAND_OFFICE}, {'d', JL_HAND_DISTRICT}, {'p', JL_HAND_COMMAND}};

static void fill_make(const struct cell *cell) {
    const struct jl_value none = jl_value_null();
    if (strcmp(cell->type, "change_set") == 0) {
        change("kind", none, jl_value_int(1));
        change("status", none, jl_value_int(1));
    }
    if (cell->field != NULL) {
        change(cell->field, none, jl_value_int(1));
    }
    op.old_count = 0;
}

static void fill_edit(const struct cell *cell) {
    if (strcmp(cell->type, "case") == 0 && strcmp(cell->field, "status") == 0) {
        change("status", jl_value_int(1), jl_value_int(2));
        change("resolution", jl_value_null(), jl_value_cstr("current"));
        change("resolved_by", jl_value_null(), jl_value_cstr("wang"));
    } else {
        change(cell->field, jl_value_int(1), jl_value_int(2));
    }
}

static void assert_cell(const struct cell *cell, enum jl_op_kind kind, bool there_is, bool deleted,
                        const char *who) {
    for (size_t i = 0; who != NULL && i < sizeof hands / sizeof *hands; i++) {
        begin(cell->type, hands[i].hand, kind);
        if (there_is) {
            there(deleted);
        }
        if (kind == JL_OP_CREATE) {
            fill_make(cell);
        } else if (kind == JL_OP_EDIT) {
            fill_edit(cell);
        }
        if (may() != (strchr(who, hands[i].letter) != NULL)) {
            fail_msg("%s %s: kind %d by %c", cell->type, cell->field != NULL ? cell->field : "",
                     (int)kind, hands[i].letter);
        }
    }
}

static void test_every_cell_of_the_table(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const struct cell *cell = &cells[i];
        assert_cell(cell, JL_OP_CREATE, false, false, cell->make);
        assert_cell(cell, JL_OP_EDIT, true, false, cell->edit);
        assert_cell(cell, JL_OP_DELETE, true, false, cell->remove);
        assert_cell(cell, JL_OP_RESTORE, true, true, cell->back);
    }
}

static void test_every_built_in_type_has_its_lines(void **state) {
    (void)state;
    for (size_t i = 0; i < jl_catalogue_type_count(catalogue); i++) {
        const struct jl_type *each = jl_catalogue_type_at(catalogue, i);
        bool found = !each->built_in;
        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
            found = found || strcmp(cells[c].type, each->name) == 0;
        }
        if (!found) {
            fail_msg("%s is in no line of the table", each->name);
        }
    }
}

/* One that this table does not know yet is nobody's but the program's. */
static void test_an_unlisted_built_in_type_is_the_programs(void **state) {
    (void)state;
    struct jl_type unknown = {
        .number = 99, .name = "unknown", .owner = JL_SIDE_OFFICE, .built_in = true};
    for (size_t i = 0; i < sizeof hands / sizeof *hands; i++) {
        begin("case", hands[i].hand, JL_OP_CREATE);
        ask.type = &unknown;
        assert_int_equal(may(), hands[i].hand == JL_HAND_COMMAND);
    }
}

/* ---- Cases ---- */

static void close_it(const char *status_to, const char *by) {
    begin("case", JL_HAND_OFFICE, JL_OP_EDIT);
    there(false);
    if (status_to != NULL) {
        change("status", jl_value_int(1), jl_value_int(status_to[0] - '0'));
    }
    change("resolution", jl_value_null(), jl_value_cstr("current"));
    if (by != NULL) {
        change("resolved_by", jl_value_null(), jl_value_cstr(by));
    }
}

static void test_an_office_closes_a_case_in_its_own_name_only(void **state) {
    (void)state;
    close_it("2", "wang");
    assert_true(may());
    close_it("2", "li");
    assert_false(may());
    close_it("2", NULL);
    assert_false(may());
    close_it(NULL, "wang"); /* signs, and closes nothing */
    assert_false(may());
    close_it("1", "wang"); /* opens it again */
    olds[0].value = jl_value_int(2);
    assert_false(may());
    close_it("2", "wang");
    change("title", jl_value_null(), jl_value_cstr("x"));
    assert_false(may());
    assert_int_equal(field, number_of("title"));
    close_it("2", NULL); /* by somebody without a name */
    op.staff = jl_bytes(NULL, 0);
    assert_true(may());
}

static void test_a_case_that_is_closed_says_so(void **state) {
    (void)state;
    begin("case", JL_HAND_OFFICE, JL_OP_EDIT);
    holds("status", jl_value_int(1));
    assert_false(jl_may_is_closed(&before));
    befores[0].value = jl_value_int(2);
    assert_true(jl_may_is_closed(&before));
}

/* ---- Change sets ---- */

static void test_a_change_set_is_undone_and_nothing_else(void **state) {
    (void)state;
    const int64_t moves[][2] = {{1, 2}, {2, 1}, {1, 3}, {2, 2}};
    const bool allowed[] = {true, false, false, true /* says nothing */};
    for (size_t i = 0; i < 4; i++) {
        begin("change_set", JL_HAND_OFFICE, JL_OP_EDIT);
        there(false);
        change("status", jl_value_int(moves[i][0]), jl_value_int(moves[i][1]));
        assert_int_equal(may(), allowed[i]);
    }
    for (int64_t kind = 1; kind <= 5; kind++) {
        begin("change_set", JL_HAND_OFFICE, JL_OP_CREATE);
        change("kind", jl_value_null(), jl_value_int(kind));
        assert_int_equal(may(), kind != 4); /* moving is the district's */
    }
}

/* A create over a record that lives changes what is not so already. */
static void test_making_it_again_is_no_way_to_change_it(void **state) {
    (void)state;
    static const char *const names[] = {"change_set", "import_batch"};
    for (size_t i = 0; i < 2; i++) {
        for (int same = 0; same < 2; same++) {
            begin(names[i], JL_HAND_OFFICE, same != 0 ? JL_OP_CREATE : JL_OP_RESTORE);
            there(false);
            holds("staff", jl_value_cstr("wang"));
            change("staff", jl_value_null(), jl_value_cstr(same != 0 ? "wang" : "li"));
            assert_int_equal(may(), same != 0);
        }
    }
    begin("case", JL_HAND_OFFICE, JL_OP_CREATE);
    there(true);
    assert_false(may()); /* nor is bringing back one that was deleted */
    begin("case", JL_HAND_OFFICE, JL_OP_EDIT);
    there(true);
    change("status", jl_value_int(1), jl_value_int(2));
    assert_false(may());
}

/* ---- Merged records ---- */

static void test_an_office_brings_back_no_merged_record(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_RESTORE, JL_OP_CREATE};
    for (size_t i = 0; i < 2; i++) {
        begin("union_org", JL_HAND_OFFICE, kinds[i]);
        there(true);
        assert_true(may());
        ask.merged = true;
        assert_false(may());
        ask.unmerges = true; /* the undo of the merge, by who made it */
        assert_true(may());
        ask.unmerges = false;
        ask.by = JL_HAND_DISTRICT; /* nor do people at the district, alone */
        assert_false(may());
        ask.by = JL_HAND_COMMAND;
        assert_true(may());
    }
    begin("union_org", JL_HAND_OFFICE, JL_OP_EDIT); /* M19 has its own way */
    there(true);
    ask.merged = true;
    assert_true(may());
}

/* ---- Merging ---- */

static struct jl_row kept, gone;
static struct jl_merge_ask merging;

static void begin_merge(const char *name, uint32_t by) {
    begin(name, JL_HAND_OFFICE, JL_OP_DELETE);
    kept = (struct jl_row){.type = type->number, .id = {{1}}, .owner = 1};
    gone = (struct jl_row){.type = type->number, .id = {{2}}, .owner = 1};
    merging = (struct jl_merge_ask){
        .type = type, .by = by, .kept = &kept, .gone = &gone, .as_seen = true};
}

static enum jl_say_code merge_says(void) {
    const struct jl_may_not *no = jl_may_merge(&merging);
    return no != NULL ? no->code : JL_SAY_NOTHING;
}

/* Whether two records of the type are merged: by the district, by an office that has both. */
static void test_which_types_are_merged_by_whom(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum jl_say_code district, office;
    } types[] = {
        {"member", JL_SAY_NOTHING, JL_SAY_NOTHING},
        {"union_org", JL_SAY_NOTHING, JL_SAY_NOTHING},
        {"transfer", JL_SAY_NOTHING, JL_SAY_MERGE_NOT_OWN},
        {"reform_task", JL_SAY_NOTHING, JL_SAY_MERGE_NOT_OWN},
        {"attendance", JL_SAY_MERGE_TYPE, JL_SAY_MERGE_TYPE},
        {"access_log", JL_SAY_MERGE_TYPE, JL_SAY_MERGE_TYPE},
        {"case", JL_SAY_MERGE_TYPE, JL_SAY_MERGE_TYPE},
        {"office", JL_SAY_MERGE_TYPE, JL_SAY_MERGE_TYPE},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        begin_merge(types[i].name, 0);
        assert_int_equal(merge_says(), types[i].district);
        merging.by = 1;
        assert_int_equal(merge_says(), types[i].office);
    }
}

/* Each cell of "An office's merge" in docs/merge.md. */
static void test_what_stops_a_merge(void **state) {
    (void)state;
    for (uint32_t by = 0; by <= 1; by++) {
        begin_merge("member", by);
        merging.kept = NULL;
        assert_int_equal(merge_says(), JL_SAY_MERGE_MISSING);
        begin_merge("member", by);
        merging.gone = NULL;
        assert_int_equal(merge_says(), JL_SAY_MERGE_MISSING);
        begin_merge("member", by);
        gone.id = kept.id;
        assert_int_equal(merge_says(), JL_SAY_MERGE_MISSING);
        begin_merge("member", by);
        kept.type++;
        assert_int_equal(merge_says(), JL_SAY_MERGE_MISSING);
        begin_merge("member", by);
        kept.owner = 2;
        assert_int_equal(merge_says(), by == 0 ? JL_SAY_NOTHING : JL_SAY_MERGE_NOT_OWN);
        begin_merge("member", by);
        gone.owner = 0;
        assert_int_equal(merge_says(), by == 0 ? JL_SAY_NOTHING : JL_SAY_MERGE_NOT_OWN);
    }
    static const enum jl_say_code codes[] = {JL_SAY_MERGE_TRANSFER, JL_SAY_MERGE_CHECKED,
                                             JL_SAY_MERGE_ELSEWHERE, JL_SAY_MERGE_MANY,
                                             JL_SAY_MERGE_CHANGED};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        begin_merge("member", 1);
        bool *const causes[] = {&merging.transfer, &merging.checked, &merging.elsewhere,
                                &merging.many};
        if (i < 4) {
            *causes[i] = true;
        } else {
            merging.as_seen = false;
        }
        assert_int_equal(merge_says(), codes[i]);
        merging.by = 0;
        assert_int_equal(merge_says(), JL_SAY_NOTHING);
    }
}

/* ---- Transfers ---- */

static const char *const transfer_fields[] = {"member",      "from_office",  "to_office", "reason",
                                              "applied_on",  "effective_on", "new_org",   "note",
                                              "member_name", "due_on",       "dependants"};
enum { TRANSFER_FIELDS = sizeof transfer_fields / sizeof *transfer_fields };

/* Who may edit a field of a transfer in this state, in the order of transfer_fields: F the office
 * left, T the office joined, B both, '.' neither. */
static const struct {
    int64_t status;
    const char *may;
} turns[] = {
    {REQUESTED, "...F..FF..."}, {RELEASED, "...B..TB..."}, {RECEIVED, "...B..TB..."},
    {EFFECTIVE, "...F...F..."}, {RETURNED, "...F...F..."}, {WITHDRAWN, "...F...F..."},
};

static void begin_transfer(enum jl_op_kind kind, char role, int64_t status) {
    begin("transfer", JL_HAND_OFFICE, kind);
    there(false);
    holds("status", jl_value_int(status));
    ask.movers = 1u << JL_MOVER_ANY | 1u << JL_MOVER_OFFICE;
    ask.movers |= role == 'F' ? 1u << JL_MOVER_FROM : role == 'T' ? 1u << JL_MOVER_TO : 0;
}

static void test_each_field_of_a_transfer_in_each_state(void **state) {
    (void)state;
    for (size_t s = 0; s < sizeof turns / sizeof *turns; s++) {
        assert_int_equal(strlen(turns[s].may), TRANSFER_FIELDS);
        for (size_t i = 0; i < TRANSFER_FIELDS; i++) {
            for (const char *role = "FT-"; *role != '\0'; role++) {
                char who = turns[s].may[i];
                bool wanted = who == *role || (who == 'B' && *role != '-');
                begin_transfer(JL_OP_EDIT, *role, turns[s].status);
                change(transfer_fields[i], jl_value_null(), jl_value_int(7));
                if (may() != wanted) {
                    fail_msg("status %d, %s by %c", (int)turns[s].status, transfer_fields[i],
                             *role);
                }
            }
        }
    }
}

/* With a step that it may take, an office writes what goes with the step: also where the same step
 * was taken on another PC meanwhile, but not where it has yet to come. */
static void test_a_step_brings_its_note_along(void **state) {
    (void)state;
    static const struct {
        int64_t now, from, to;
        char role;
        bool may;
    } steps[] = {
        {RELEASED, RELEASED, RECEIVED, 'T', true},    {EFFECTIVE, RELEASED, RECEIVED, 'T', true},
        {REQUESTED, RELEASED, RECEIVED, 'T', false},  {REQUESTED, REQUESTED, WITHDRAWN, 'T', true},
        {REQUESTED, REQUESTED, RELEASED, 'T', false}, {RETURNED, RELEASED, RETURNED, 'T', true},
        {EFFECTIVE, RECEIVED, EFFECTIVE, 'F', false},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        begin_transfer(JL_OP_EDIT, steps[i].role, steps[i].now);
        change("status", jl_value_int(steps[i].from), jl_value_int(steps[i].to));
        change("new_org", jl_value_null(), jl_value_int(7));
        if (may() != steps[i].may) {
            fail_msg("step %zu", i);
        }
    }
}

static void test_a_transfer_is_made_deleted_and_brought_back_by_the_office_left(void **state) {
    (void)state;
    for (const char *role = "FT-"; *role != '\0'; role++) {
        bool from = *role == 'F';
        begin_transfer(JL_OP_CREATE, *role, REQUESTED);
        ask.before = NULL;
        assert_int_equal(may(), from);
        static const enum jl_op_kind kinds[] = {JL_OP_RESTORE, JL_OP_CREATE};
        for (size_t i = 0; i < 2; i++) {
            begin_transfer(kinds[i], *role, REQUESTED);
            there(true);
            assert_int_equal(may(), from);
        }
        for (int64_t status = REQUESTED; status <= WITHDRAWN; status++) {
            begin_transfer(JL_OP_DELETE, *role, status);
            assert_int_equal(may(), from && status == REQUESTED);
        }
        begin_transfer(JL_OP_DELETE, *role, REQUESTED);
        there(true); /* M9: nothing to do */
        assert_true(may());
    }
}

static void test_the_district_writes_transfers_as_it_must(void **state) {
    (void)state;
    static const enum jl_hand own[] = {JL_HAND_DISTRICT, JL_HAND_COMMAND};
    for (size_t i = 0; i < 2; i++) {
        begin_transfer(JL_OP_EDIT, '-', RELEASED);
        ask.by = own[i];
        change("note", jl_value_int(1), jl_value_int(2));
        assert_true(may());
        change("member", jl_value_int(1), jl_value_int(2)); /* a merge alone */
        assert_int_equal(may(), own[i] == JL_HAND_COMMAND);
    }
}

static void test_what_a_transfer_needs(void **state) {
    (void)state;
    static const struct {
        struct jl_transfer_ask ask;
        bool may;
        enum jl_transfer_lacks lacks;
    } rows[] = {
        {{.by = 1, .lives = true, .holder = 1, .from = 1, .to = 2}, true, JL_LACKS_NOTHING},
        {{.by = 0, .lives = true, .holder = 1, .from = 1, .to = 2}, true, JL_LACKS_NOTHING},
        {{.by = 1, .lives = false, .holder = 1, .from = 1, .to = 2}, false, JL_LACKS_SUBJECT},
        {{.by = 3, .lives = true, .holder = 1, .from = 1, .to = 2}, false, JL_LACKS_NOTHING},
        {{.by = 3, .lives = true, .holder = 1, .from = 3, .to = 2}, false, JL_LACKS_SUBJECT},
        {{.by = 1, .lives = true, .holder = 1, .from = 0, .to = 2}, false, JL_LACKS_SUBJECT},
        {{.by = 1, .lives = true, .holder = 1, .from = 1, .to = 0}, false, JL_LACKS_OFFICE},
        {{.by = 0, .lives = true, .holder = 1, .from = 1, .to = 0}, false, JL_LACKS_OFFICE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum jl_transfer_lacks lacks = JL_LACKS_SUBJECT;
        bool is = jl_may_transfer(&rows[i].ask, &lacks) == NULL;
        if (is != rows[i].may || lacks != rows[i].lacks) {
            fail_msg("row %zu", i);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell_of_the_table),
        cmocka_unit_test(test_every_built_in_type_has_its_lines),
        cmocka_unit_test(test_an_unlisted_built_in_type_is_the_programs),
        cmocka_unit_test(test_an_office_closes_a_case_in_its_own_name_only),
        cmocka_unit_test(test_a_case_that_is_closed_says_so),
        cmocka_unit_test(test_a_change_set_is_undone_and_nothing_else),
        cmocka_unit_test(test_making_it_again_is_no_way_to_change_it),
        cmocka_unit_test(test_an_office_brings_back_no_merged_record),
        cmocka_unit_test(test_which_types_are_merged_by_whom),
        cmocka_unit_test(test_what_stops_a_merge),
        cmocka_unit_test(test_each_field_of_a_transfer_in_each_state),
        cmocka_unit_test(test_a_step_brings_its_note_along),
        cmocka_unit_test(test_a_transfer_is_made_deleted_and_brought_back_by_the_office_left),
        cmocka_unit_test(test_the_district_writes_transfers_as_it_must),
        cmocka_unit_test(test_what_a_transfer_needs),
    };
    return cmocka_run_group_tests(tests, open_catalogue, close_catalogue);
}
