/* The codes of faults. Their sentences, in both languages, stand in lib/message/fault_table*.c, one
 * file an area, in this order. They are of this process alone: no number is stored or sent, so a
 * new one goes where it belongs. Codes that travel are those of jielian/message/say.h, below
 * JL_FAULT_FIRST; both are codes of `struct jl_err`. */
#ifndef JIELIAN_BASE_FAULT_CODE_H
#define JIELIAN_BASE_FAULT_CODE_H

enum jl_fault_code {
    JL_FAULT_NONE = 0,
    JL_FAULT_FIRST = 3000,

    /* Anywhere. {1} of INTERNAL: which of our own rules was broken; of BYTES: what is wrong with
     * them, in the English of the code. */
    JL_FAULT_TEXT = JL_FAULT_FIRST, /* {1} is all there is to say */
    JL_FAULT_NO_MEMORY,
    JL_FAULT_INTERNAL,
    JL_FAULT_BYTES,
    JL_FAULT_AT, /* a caller's: {1} names the file or place that the rest is about */

    /* Files; {1}: the path. */
    JL_FAULT_FILE_OPEN,
    JL_FAULT_FILE_LOOK,
    JL_FAULT_FILE_READ,
    JL_FAULT_FILE_WRITE,
    JL_FAULT_FILE_CREATE,
    JL_FAULT_FILE_MOVE,
    JL_FAULT_FILE_REMOVE,
    JL_FAULT_FILE_LOCK,
    JL_FAULT_FILE_CLOSED,
    JL_FAULT_FILE_LONG, /* {2}: bytes allowed */
    JL_FAULT_FILE_NAMELESS,
    JL_FAULT_FILE_EXISTS,
    JL_FAULT_FILE_SHORTER,
    JL_FAULT_FILE_HELD,
    JL_FAULT_FOLDER_MAKE,
    JL_FAULT_FOLDER_READ,
    JL_FAULT_FOLDER_SYNC,
    JL_FAULT_FOLDER_CLEAR,
    JL_FAULT_FOLDER_IS_FILE,
    JL_FAULT_FOLDER_FULL,
    JL_FAULT_FOLDER_NAMELESS,
    JL_FAULT_PATH_LONG, /* {2}: bytes allowed */

    /* What people type. */
    JL_FAULT_HEX_LENGTH, /* {1}: digits wanted; {2}: given */
    JL_FAULT_HEX_DIGIT,  /* {1}: which character */
    JL_FAULT_ID_FORM,

    /* The store; {1}: its file, {2} where it is not said otherwise: what was done, in English. */
    JL_FAULT_STORE_FULL,
    JL_FAULT_STORE_READ_ONLY,
    JL_FAULT_STORE_IO,
    JL_FAULT_STORE_IO_BECAUSE,
    JL_FAULT_STORE_BUSY,
    JL_FAULT_STORE_DAMAGED,
    JL_FAULT_STORE_MOVED_ON,
    JL_FAULT_STORE_LARGE,
    JL_FAULT_STORE_MISUSED,
    JL_FAULT_STORE_SPOILED,
    JL_FAULT_STORE_FOR_READING,
    JL_FAULT_STORE_OFFICES,
    JL_FAULT_STORE_DISTRICTS,
    JL_FAULT_STORE_OTHER_PROGRAMS,
    JL_FAULT_STORE_NEWER, /* {2}: its schema; {3}: the newest that is known */
    JL_FAULT_STORE_CUT_OFF,
    JL_FAULT_STORE_NO_STORE,
    JL_FAULT_STORE_NO_FILE,
    JL_FAULT_STORE_NO_VALUE, /* {2}: its name */
    JL_FAULT_STORE_DISK,
    JL_FAULT_STORE_DISK_FREE,
    JL_FAULT_STORE_MIGRATE_ROOM, /* {2}: MiB needed; {3}: free */
    JL_FAULT_STORE_READ_ROOM,    /* the same */
    JL_FAULT_STORE_INTEGRITY,
    JL_FAULT_STORE_COPY_DIFFERS,
    JL_FAULT_STORE_TABLE_LACKS, /* {2}: the table; {3}: the command that makes it */
    JL_FAULT_STORE_KIND, /* {2}: the table; {3}: the column; {4}: its kind in the catalogue */
    /* {1}: a number or a table. */
    JL_FAULT_STORE_TABLE,          /* a caller's */
    JL_FAULT_STORE_NO_ENTRY,       /* of the journal */
    JL_FAULT_STORE_NO_OP,          /* {1}: the origin; {2}: the op */
    JL_FAULT_STORE_NO_POSITION,    /* of the outbox */
    JL_FAULT_STORE_FIGURE_NUMBERS, /* {1}: at most */
    JL_FAULT_STORE_COLUMNS,        /* {1}: the table; {2}: columns; {3}: at most */
    JL_FAULT_STORE_COLUMN_NAME,    /* {2}: which column */
    JL_FAULT_STORE_COLUMN_TWICE,   /* {2}: its name */
    JL_FAULT_STORE_TABLES,         /* {1}: tables; {2}: at most */
    JL_FAULT_STORE_TABLE_NAME,     /* {1}: the type */
    JL_FAULT_STORE_TABLE_TWICE,    /* {2}: the type */

    /* Books; {1} of DAMAGED: what can't be read, in English. */
    JL_FAULT_BOOKS_DAMAGED,
    JL_FAULT_BOOKS_BEYOND,          /* {1}: version of the catalogue; {2}: the program needed */
    JL_FAULT_BOOKS_BEYOND_NAMED,    /* the same */
    JL_FAULT_BOOKS_CATALOGUE_NEWER, /* the same */
    JL_FAULT_BOOKS_CATALOGUE_NAMED, /* the same */
    JL_FAULT_BOOKS_FIELD,           /* a caller's; {1}: the field, in English */
    JL_FAULT_BOOKS_LATER_FIELDS,    /* a caller's */
    JL_FAULT_BOOKS_BODY,            /* a caller's; {1}: what, in English; {2}: its place */
    JL_FAULT_KEYS_OTHER_BOOKS,
    JL_FAULT_KEYS_OTHER_SUITE, /* {1}: suite of the keys; {2}: of the books */
    JL_FAULT_IDENTITY_UNREADABLE,
    JL_FAULT_IDENTITY_OTHER_KEYS,
    JL_FAULT_SYNC_STATE_DAMAGED,
    JL_FAULT_SAVE_DISTRICTS,
    JL_FAULT_SAVE_EXISTS,
    JL_FAULT_SAVE_GONE,
    JL_FAULT_SAVE_CHANGED,
    JL_FAULT_TAKE_ROW, /* a caller's; {1}: which row */
    JL_FAULT_LINE,     /* a caller's; {1}: which line */

    /* The district. */
    JL_FAULT_ADMISSIONS_MANY, /* {1}: at most */
    JL_FAULT_ADMISSIONS_DAMAGED,
    JL_FAULT_ADMISSIONS_LINE_DAMAGED, /* {1}: which line */
    JL_FAULT_ADMISSIONS_NO_LOG,
    JL_FAULT_ADMISSIONS_OTHERS,
    JL_FAULT_ADMISSIONS_LONG,       /* {1}: bytes at most */
    JL_FAULT_ADMISSIONS_UNREADABLE, /* a caller's; {1}: the path */
    JL_FAULT_ADMISSIONS_FULL,       /* {1}: the path; {2}: bytes at most */
    JL_FAULT_BACKUP_KEYS_CHANGED,   /* {1}: the path, as below */
    JL_FAULT_BACKUP_EXISTS,         /* {2}: the other path */
    JL_FAULT_BACKUP_TWO_FILES,      /* a caller's */
    JL_FAULT_BACKUP_OTHER_KEYS,
    JL_FAULT_RESTORE_NOT_EMPTY,
    JL_FAULT_RESTORE_KEYS_HERE,
    JL_FAULT_RESTORE_NOT_OPEN,
    JL_FAULT_DISTRICT_EXISTS,    /* {1}: the folder */
    JL_FAULT_DISTRICT_MISSING,   /* {1}: the folder */
    JL_FAULT_DISTRICT_SUITE,     /* {1}: the suite */
    JL_FAULT_SERVE_RUNS,         /* {1}: the folder */
    JL_FAULT_DEVICE_UNKNOWN,     /* {1}: its number */
    JL_FAULT_DEVICE_REVOKED,     /* {1}: its number */
    JL_FAULT_DEVICES_FULL,       /* {1}: at most */
    JL_FAULT_INVITATIONS_FULL,   /* {1}: at most */
    JL_FAULT_ENDPOINT_FORM,      /* {1}: bytes at most */
    JL_FAULT_RULES_NEWER,        /* {1}: rules; {2}: kind of entry; {3}: the newest rules known */
    JL_FAULT_INCARNATION_SHARED, /* {1}, {2}: devices */
    JL_FAULT_JOURNAL_ENTRY,      /* a caller's; {1}: which one */
    JL_FAULT_OFFICE_UNKNOWN,
    JL_FAULT_OFFICES_FULL,      /* {1}: at most */
    JL_FAULT_OFFICE_NUMBER,     /* {1}: the highest */
    JL_FAULT_OFFICE_CODE_MOVED, /* {1}: the code; {2}: the number; {3}: its code now */
    JL_FAULT_OFFICE_CODE_DELETED,
    JL_FAULT_OFFICE_CODE_GIVEN,
    JL_FAULT_OFFICE_NUMBER_TAKEN, /* {1}: the number; {2}: the code */
    JL_FAULT_OFFICE_NUMBER_DELETED,
    JL_FAULT_OFFICE_EXISTS, /* {1}: the code */
    JL_FAULT_OFFICE_CODE_FORM,
    JL_FAULT_OFFICE_NAME_FORM, /* {1}: bytes at most */
    JL_FAULT_OFFICE_TEXT_LONG, /* {1}: bytes at most; {2}: the field, in English */
    JL_FAULT_OFFICE_HAS_PCS,   /* {1}: the code, as below */
    JL_FAULT_OFFICE_HAS_RECORDS,
    JL_FAULT_OFFICE_REFERRED,   /* {1}: label of the type; {2}: the code */
    JL_FAULT_ORIGIN_UNKNOWN,    /* {1}: its number */
    JL_FAULT_QUARANTINE_JUDGED, /* {1}: the op; {2}: its origin */
    JL_FAULT_QUARANTINE_RUN,    /* {1}: the first op; {2}: the last */
    JL_FAULT_VERIFY_AUTHOR,     /* {1}: the device */
    JL_FAULT_VERIFY_ORIGIN,     /* {1}: the origin */
    JL_FAULT_VERIFY_GAP,        /* {1}: the first op; {2}: the last one before */
    JL_FAULT_VERIFY_DEVICE_SIGNATURE,
    JL_FAULT_VERIFY_CHAIN,
    JL_FAULT_VERIFY_DISTRICT_SIGNATURE,
    JL_FAULT_VERIFY_RELEASE,
    JL_FAULT_VERIFY_JUDGED,
    JL_FAULT_VERIFY_FEED, /* {1}: the office's code; {2}: records in the books; {3}: by the journal
                           */
    JL_FAULT_VERIFY_MERGED, /* {1}: remembered; {2}: by the journal */
    JL_FAULT_VERIFY_HELD,   /* the same */
    JL_FAULT_VERIFY_HASH,   /* {1}: records */
    /* Settings; {1}: the file, {2}: the line. */
    JL_FAULT_SETTINGS_NUL,
    JL_FAULT_SETTINGS_LONG, /* {3}: bytes at most */
    JL_FAULT_SETTINGS_UTF8,
    JL_FAULT_SETTINGS_KEY, /* {3}: the key, as below */
    JL_FAULT_SETTINGS_TWICE,
    JL_FAULT_SETTINGS_VALUE,
    JL_FAULT_SETTINGS_FORM,

    JL_FAULT_LAST /* not a code: one behind the last */
};

#endif
