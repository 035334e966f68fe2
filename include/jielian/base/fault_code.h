/* The codes of faults. Their sentences, in both languages, stand in lib/message/fault_table*.c, one
 * file an area, in this order. They are of this process alone: no number is stored or sent, so a
 * new one goes where it belongs. Codes that travel are those of jielian/message/say.h, below
 * JL_FAULT_FIRST; both are codes of `struct jl_err`. */
#ifndef JIELIAN_BASE_FAULT_CODE_H
#define JIELIAN_BASE_FAULT_CODE_H

enum jl_fault_code {
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
    JL_FAULT_STORE_OTHER_PROGRAMS, /* {2}: what it is; {3}: what was wanted */
    JL_FAULT_STORE_NEWER,          /* {2}: its schema; {3}: the newest that is known */
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

    JL_FAULT_LAST /* not a code: one behind the last */
};

#endif
