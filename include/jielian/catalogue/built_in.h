/* The built-in types by number (lib/catalogue/built_in.c): fixed for ever. */
#ifndef JIELIAN_CATALOGUE_BUILT_IN_H
#define JIELIAN_CATALOGUE_BUILT_IN_H

enum jl_builtin_type {
    JL_TYPE_OFFICE = 1,
    JL_TYPE_STAFF = 2,
    JL_TYPE_NOTICE = 3,
    JL_TYPE_CASE = 4,
    JL_TYPE_CATALOGUE = 5,
    JL_TYPE_CHANGE_SET = 6,
    JL_TYPE_IMPORT_BATCH = 7,
    JL_TYPE_ACCESS_LOG = 8,
    JL_TYPE_REPORT_SNAPSHOT = 9,
    JL_TYPE_DECISION = 10, /* quarantine_decision */
    JL_TYPE_LEAVE = 11,    /* old_books_leave */
    JL_TYPE_ASK = 12,      /* transfer_ask */
};

#endif
