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

    JL_FAULT_LAST /* not a code: one behind the last */
};

#endif
