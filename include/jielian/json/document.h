/* A JSON document being written, front to back, into a buffer: what the programs answer and keep.
 * What others wrote is read by json.h.
 *
 *   jl_document_array(&document, NULL);
 *   jl_document_object(&document, NULL);
 *   jl_document_string(&document, "code", office->code);
 *   jl_document_end(&document);
 *   jl_document_end(&document);
 *   rc = jl_document_check(&document, err);
 *
 * It remembers its first error, so that a run of calls needs one check at its end. A value in an
 * object has a key, one in an array and the document itself have NULL: the other way round is our
 * mistake, as are an end too many and depths beyond JL_DOCUMENT_DEPTH_MAX.
 *
 * Thread: one at a time. */
#ifndef JIELIAN_JSON_DOCUMENT_H
#define JIELIAN_JSON_DOCUMENT_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

struct jl_id;

enum {
    JL_DOCUMENT_DEPTH_MAX = 16,   /* objects and arrays within each other */
    JL_DOCUMENT_TIME_BYTES = 32,  /* "2026-11-22T14:02:07+08:00" and the NUL, with room */
    JL_DOCUMENT_REAL_DIGITS = 15, /* every sum of two decimals as it is written */
};

enum jl_document_style {
    JL_DOCUMENT_INDENTED = 0, /* by two: what people may read */
    JL_DOCUMENT_LINE,         /* on one line, with spaces */
    JL_DOCUMENT_COMPACT,      /* without spaces: what is stored */
};

struct jl_document {
    struct jl_buf text; /* may be taken out and reset between two values */
    enum jl_document_style style;
    enum jl_rc rc; /* the first error */
    unsigned depth;
    struct {
        bool object, filled;
    } levels[JL_DOCUMENT_DEPTH_MAX];
};

/* {0} is an empty document, indented. */
void jl_document_fini(struct jl_document *document);

void jl_document_object(struct jl_document *document, const char *key);
void jl_document_array(struct jl_document *document, const char *key);
void jl_document_end(struct jl_document *document); /* of the innermost object or array */

/* What is not UTF-8 is written as U+FFFD. */
void jl_document_text(struct jl_document *document, const char *key, struct jl_bytes text);
void jl_document_string(struct jl_document *document, const char *key,
                        const char *text); /* NULL: null */
void jl_document_number(struct jl_document *document, const char *key, int64_t number);
void jl_document_count(struct jl_document *document, const char *key, uint64_t number);
/* Finite; shown with fifteen digits, so sums of two decimals up to 10^13 as they are written. */
void jl_document_real(struct jl_document *document, const char *key, double number);
void jl_document_bool(struct jl_document *document, const char *key, bool value);
void jl_document_null(struct jl_document *document, const char *key);
/* In China's zone, to the second; 0: null. */
void jl_document_time(struct jl_document *document, const char *key, int64_t wall_ms);
void jl_document_day(struct jl_document *document, const char *key, int64_t yyyymmdd); /* 0: null */
void jl_document_id(struct jl_document *document, const char *key,
                    const struct jl_id *id); /* zeros: null */

/* There was no memory to make what was to be written: something is missing in it. */
void jl_document_fail(struct jl_document *document);
/* JL_NOMEM: something is missing in it. */
JL_MUST_CHECK enum jl_rc jl_document_check(const struct jl_document *document, struct jl_err *err);

/* "2026-11-22T14:02:07+08:00" */
void jl_document_format_time(int64_t wall_ms, char out_text[static JL_DOCUMENT_TIME_BYTES]);

#endif
