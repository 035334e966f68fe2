/* The fields and codes of the built-in types by number (lib/catalogue/built_in.c): fixed for ever,
 * and here only those that programs read or write. unit.built_in holds them against the types. */
#ifndef JIELIAN_CATALOGUE_BUILT_IN_FIELD_H
#define JIELIAN_CATALOGUE_BUILT_IN_FIELD_H

enum jl_office_field { JL_OFFICE_NUMBER = 1, JL_OFFICE_CODE = 2, JL_OFFICE_NAME = 3 };

enum jl_staff_field {
    JL_STAFF_LOGIN = 1,
    JL_STAFF_OFFICE = 3,
    JL_STAFF_VERIFIER = 5,
    JL_STAFF_LOCKED = 7,
};

enum jl_case_field {
    JL_CASE_KIND = 1, /* enum jl_case_kind of jielian/op/merge.h */
    JL_CASE_SUBJECT_TYPE = 2,
    JL_CASE_SUBJECT_ID = 3,
    JL_CASE_TITLE = 4,
    JL_CASE_DETAIL = 5,
    JL_CASE_OPENED_ON = 6,
    JL_CASE_STATUS = 7,
    JL_CASE_RESOLUTION = 8,
    JL_CASE_RESOLVED_BY = 9,
    JL_CASE_OTHER_ID = 10,
};
enum jl_case_status { JL_CASE_OPEN = 1, JL_CASE_RESOLVED = 2 };

enum jl_change_set_field {
    JL_CHANGE_SET_KIND = 1,
    JL_CHANGE_SET_LABEL = 2,
    JL_CHANGE_SET_STAFF = 3,
    JL_CHANGE_SET_RECORDS = 4,
    JL_CHANGE_SET_STATUS = 5,
};
enum jl_change_set_kind {
    JL_CHANGE_SET_IMPORT = 1,
    JL_CHANGE_SET_BULK_EDIT = 2,
    JL_CHANGE_SET_MERGE = 3,
    JL_CHANGE_SET_UNDO = 5,
};
enum jl_change_set_status { JL_CHANGE_SET_DONE = 1, JL_CHANGE_SET_UNDONE = 2 };

enum jl_import_batch_field {
    JL_IMPORT_BATCH_FILE = 1,
    JL_IMPORT_BATCH_TYPE = 2,
    JL_IMPORT_BATCH_ROWS = 3, /* and the outcomes behind it, one a field */
    JL_IMPORT_BATCH_STAFF = 9,
};

enum jl_decision_field { /* quarantine_decision */
                         JL_DECISION_FIELD_DEVICE = 1,
                         JL_DECISION_FIELD_INCARNATION = 2,
                         JL_DECISION_FIELD_FIRST = 3,
                         JL_DECISION_FIELD_LAST = 4,
                         JL_DECISION_FIELD_DECISION = 5,
                         JL_DECISION_FIELD_REASON = 6,
                         JL_DECISION_FIELD_MARKS = 7,
                         JL_DECISION_FIELD_DECIDED_ON = 8,
                         JL_DECISION_FIELD_STAFF = 9,
};

enum jl_leave_field {                    /* old_books_leave */
                      JL_LEAVE_TYPE = 1, /* name of a type; without it all types */
                      JL_LEAVE_UNTIL = 2,
                      JL_LEAVE_REASON = 3,
                      JL_LEAVE_STAFF = 4,
};

enum jl_ask_field { /* transfer_ask */
                    JL_ASK_NAME = 1,
                    JL_ASK_ID_NO = 2,
                    JL_ASK_REASON = 3,
};

#endif
