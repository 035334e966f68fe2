/* Programs know fields and codes of the built-in types by number: each is what the type says. */
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/catalogue/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_the_numbers_that_programs_use_are_those_of_the_types(void **state) {
    static const struct {
        uint32_t type, field;
        const char *name;
    } fields[] = {
        {JL_TYPE_OFFICE, JL_OFFICE_NUMBER, "number"},
        {JL_TYPE_OFFICE, JL_OFFICE_CODE, "code"},
        {JL_TYPE_OFFICE, JL_OFFICE_NAME, "name"},
        {JL_TYPE_STAFF, JL_STAFF_LOGIN, "login"},
        {JL_TYPE_STAFF, JL_STAFF_OFFICE, "office"},
        {JL_TYPE_STAFF, JL_STAFF_VERIFIER, "verifier"},
        {JL_TYPE_STAFF, JL_STAFF_LOCKED, "locked"},
        {JL_TYPE_CASE, JL_CASE_KIND, "kind"},
        {JL_TYPE_CASE, JL_CASE_SUBJECT_TYPE, "subject_type"},
        {JL_TYPE_CASE, JL_CASE_SUBJECT_ID, "subject_id"},
        {JL_TYPE_CASE, JL_CASE_TITLE, "title"},
        {JL_TYPE_CASE, JL_CASE_DETAIL, "detail"},
        {JL_TYPE_CASE, JL_CASE_OPENED_ON, "opened_on"},
        {JL_TYPE_CASE, JL_CASE_STATUS, "status"},
        {JL_TYPE_CASE, JL_CASE_RESOLUTION, "resolution"},
        {JL_TYPE_CASE, JL_CASE_RESOLVED_BY, "resolved_by"},
        {JL_TYPE_CASE, JL_CASE_OTHER_ID, "other_id"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_KIND, "kind"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_LABEL, "label"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_STAFF, "staff"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_RECORDS, "records"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_STATUS, "status"},
        {JL_TYPE_IMPORT_BATCH, JL_IMPORT_BATCH_FILE, "file_name"},
        {JL_TYPE_IMPORT_BATCH, JL_IMPORT_BATCH_TYPE, "type_name"},
        {JL_TYPE_IMPORT_BATCH, JL_IMPORT_BATCH_ROWS, "rows"},
        {JL_TYPE_IMPORT_BATCH, JL_IMPORT_BATCH_STAFF, "staff"},
        {JL_TYPE_DECISION, JL_DECISION_FIELD_DEVICE, "device"},
        {JL_TYPE_DECISION, JL_DECISION_FIELD_INCARNATION, "incarnation"},
        {JL_TYPE_DECISION, JL_DECISION_FIELD_FIRST, "first_seq"},
        {JL_TYPE_DECISION, JL_DECISION_FIELD_LAST, "last_seq"},
        {JL_TYPE_DECISION, JL_DECISION_FIELD_DECISION, "decision"},
        {JL_TYPE_DECISION, JL_DECISION_FIELD_REASON, "reason"},
        {JL_TYPE_DECISION, JL_DECISION_FIELD_MARKS, "marks"},
        {JL_TYPE_DECISION, JL_DECISION_FIELD_DECIDED_ON, "decided_on"},
        {JL_TYPE_DECISION, JL_DECISION_FIELD_STAFF, "staff"},
        {JL_TYPE_LEAVE, JL_LEAVE_TYPE, "type_name"},
        {JL_TYPE_LEAVE, JL_LEAVE_UNTIL, "until"},
        {JL_TYPE_LEAVE, JL_LEAVE_REASON, "reason"},
        {JL_TYPE_LEAVE, JL_LEAVE_STAFF, "staff"},
        {JL_TYPE_ASK, JL_ASK_NAME, "name"},
        {JL_TYPE_ASK, JL_ASK_ID_NO, "id_no"},
        {JL_TYPE_ASK, JL_ASK_REASON, "reason"},
    };
    static const struct {
        uint32_t type, field, code;
        const char *key;
    } codes[] = {
        {JL_TYPE_CASE, JL_CASE_STATUS, JL_CASE_OPEN, "open"},
        {JL_TYPE_CASE, JL_CASE_STATUS, JL_CASE_RESOLVED, "resolved"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_KIND, JL_CHANGE_SET_IMPORT, "import"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_KIND, JL_CHANGE_SET_BULK_EDIT, "bulk_edit"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_KIND, JL_CHANGE_SET_MERGE, "merge"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_KIND, JL_CHANGE_SET_UNDO, "undo"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_STATUS, JL_CHANGE_SET_DONE, "done"},
        {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_STATUS, JL_CHANGE_SET_UNDONE, "undone"},
    };
    struct jl_catalogue *catalogue = NULL;
    struct jl_err err = {0};
    (void)state;
    assert_int_equal(jl_catalogue_builtin(&catalogue, &err), JL_OK);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct jl_type *type = jl_catalogue_type(catalogue, fields[i].type);
        assert_string_equal(jl_type_field(type, fields[i].field)->name, fields[i].name);
    }
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const struct jl_type *type = jl_catalogue_type(catalogue, codes[i].type);
        const struct jl_field *field = jl_type_field(type, codes[i].field);
        assert_string_equal(jl_code_list_code(field->codes, codes[i].code)->key, codes[i].key);
    }
    jl_catalogue_free(catalogue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_numbers_that_programs_use_are_those_of_the_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
