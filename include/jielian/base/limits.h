/* Every bound of the protocol and the programs: a name, a unit and a reason each.
 *
 * A test build may shrink them (-DJL_LIMITS_SMALL); the relations below hold in both. */
#ifndef JIELIAN_LIMITS_H
#define JIELIAN_LIMITS_H

enum {
    /* A text field: a summary (小结) of several pages fits; one op always fits into one batch. */
    JL_FIELD_TEXT_MAX_BYTES = 64 * 1024,
    /* The catalogue travels as one field of one built-in record. */
    JL_CATALOGUE_MAX_BYTES = 1024 * 1024,
    JL_FIELDS_PER_TYPE_MAX = 128,
    JL_UNIQUE_PER_TYPE_MAX = 8, /* each is a question to the store for every batch */
    JL_TYPES_MAX = 256,
    JL_CODES_PER_LIST_MAX = 1024,

#ifdef JL_LIMITS_SMALL
    JL_BATCH_OPS_MAX = 64,
    JL_BATCH_START_BYTES = 4 * 1024,
    JL_BATCH_MAX_BYTES = 16 * 1024,
    JL_PAGE_START_BYTES = 4 * 1024,
    JL_PAGE_MAX_BYTES = 16 * 1024,
#else
    /* Ops in one Push: bounds the memory of one decoded batch and the length of one verdict list.
     */
    JL_BATCH_OPS_MAX = 4096,
    /* docs/design.md section 8: 64 KiB to start, down to 1 KiB when large frames stall, up when
     * healthy. Counted before compression. */
    JL_BATCH_START_BYTES = 64 * 1024,
    JL_BATCH_MAX_BYTES = 1024 * 1024,
    JL_PAGE_START_BYTES = 64 * 1024,
    JL_PAGE_MAX_BYTES = 1024 * 1024,
#endif
    JL_PAGE_MIN_BYTES = 1024,
    /* Rows in one Page: bounds the memory of a decoded page. The shortest row takes 23 bytes, so
     * the bytes of a page are used up first. */
    JL_PAGE_ROWS_MAX = JL_PAGE_MAX_BYTES / 16,
    /* The largest op or row: the catalogue record and its envelope. */
    JL_OP_MAX_BYTES = JL_CATALOGUE_MAX_BYTES + 64 * 1024,
    /* All values of one record. A page must be able to carry it, and an op that deletes it; a
     * larger one would stop its office's feed for good. */
    JL_ROW_MAX_BYTES = JL_CATALOGUE_MAX_BYTES + 32 * 1024,
    /* What a case tells of both sides' values: five of the longest. */
    JL_CASE_DETAIL_MAX_BYTES = 384 * 1024,
    /* After decompression a body may hold one full page plus the one row that crossed its edge. */
    JL_BODY_MAX_BYTES = JL_PAGE_MAX_BYTES + JL_OP_MAX_BYTES,
    /* A frame on the wire (ZMQ_MAXMSGSIZE): an incompressible body and its envelope. */
    JL_FRAME_MAX_BYTES = JL_BODY_MAX_BYTES + 64 * 1024,
    /* Pages a device may ask for ahead (credit); keeps ROUTER's queue under its high-water mark. */
    JL_CREDIT_MAX_PAGES = 4,
    JL_SOCKET_QUEUE_FRAMES = 64, /* ZMQ_SNDHWM and ZMQ_RCVHWM, per peer */

    JL_BUCKETS = 256, /* docs/design.md section 6 */
    JL_OFFICES_MAX = 4096,
    JL_DEVICES_MAX = 65536,

    /* Merged records that the district remembers: 2.3 MB, rewritten by each merge. A district of
     * 186,000 members merges some hundred a year. */
    JL_MERGED_MAX = 65536,
    /* Merges of what was kept that are followed: three copies of a person are common, more rare. */
    JL_MERGED_CHAIN_MAX = 16,

    /* Records that refer to the one that goes in an office's merge: a member has some dozens, a
     * union of this many members is the district's to merge. Judged in one go, some 20 ms. */
    JL_OWN_MERGE_REFS_MAX = 1000,
    /* What judging one batch of an office looks at for merges: its references, and MERGE_COST for
     * each merge (it moves the map of merged records). 0.3 s at most; what is over is PARKED. */
    JL_OWN_MERGE_BATCH_MAX = 10000,
    JL_OWN_MERGE_COST = 10,

    JL_CONFIRMED_KEEP_DAYS = 45, /* docs/design.md section 1: confirmed ops stay that long */

    JL_CSV_LINE_MAX_BYTES = 1024 * 1024,
    JL_CSV_COLUMNS_MAX = 512,
    JL_CSV_ROWS_MAX = 1000000,
    JL_CSV_FILE_MAX_BYTES = 512 * 1024 * 1024,
    JL_NAME_MIN_CHARACTERS = 2, /* docs/domain.md section 2, rule name */
    JL_NAME_MAX_CHARACTERS = 30,

    JL_STAFF_MAX_BYTES = 64, /* a login name in an op */
    /* The longest of any cipher suite (crypto/suite.h): SM2 has keys of 65 bytes, and signatures of
     * up to 72 in DER. */
    JL_SIGN_PUBLIC_MAX_BYTES = 80,
    JL_SIGNATURE_MAX_BYTES = 80,
    JL_REASON_MAX_BYTES = 512,
    JL_LABEL_MAX_BYTES = 512, /* a device's or an office's name while enrolling: 170 Han */
};

_Static_assert(JL_BATCH_START_BYTES <= JL_BATCH_MAX_BYTES, "a batch starts within its bound");
_Static_assert(JL_PAGE_MIN_BYTES <= JL_PAGE_START_BYTES, "a page can shrink");
_Static_assert(JL_PAGE_START_BYTES <= JL_PAGE_MAX_BYTES, "a page can grow");
_Static_assert(JL_BATCH_MAX_BYTES + JL_OP_MAX_BYTES <= JL_BODY_MAX_BYTES, "a batch fits a body");
_Static_assert(JL_ROW_MAX_BYTES + 16 * 1024 <= JL_OP_MAX_BYTES, "a record fits an op and a page");
_Static_assert(JL_CASE_DETAIL_MAX_BYTES < JL_ROW_MAX_BYTES, "a case fits a record");
_Static_assert(JL_OWN_MERGE_REFS_MAX + JL_OWN_MERGE_COST <= JL_OWN_MERGE_BATCH_MAX,
               "the largest merge of an office fits a batch");
_Static_assert(JL_BODY_MAX_BYTES < JL_FRAME_MAX_BYTES, "a body fits a frame");
_Static_assert(JL_CREDIT_MAX_PAGES < JL_SOCKET_QUEUE_FRAMES, "credit stays under the queue bound");

#endif
