/* Which encoding is it?
 *
 *   starts with EF BB BF            → UTF-8, and nothing else will do
 *   well-formed UTF-8               → UTF-8
 *   mostly well-formed UTF-8        → a damaged UTF-8 file: refused. Read as GB18030 it would often
 *                                     decode without an error, into nonsense (张三 → 寮犱笁).
 *   GB18030 without a gap           → GB18030
 *   anything else                   → refused, with the first byte that does not fit
 *
 * 0x0A and 0x0D are never part of a longer character in either encoding, so lines can be counted
 * before the encoding is known. */
#include "encoding.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/limits.h"
#include "jielian/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unicode/ucnv.h>
#include <unistd.h>

enum {
    LOOK_BYTES = 4096, /* enough of a file to tell UTF-16 without a mark by its NUL bytes */
    /* A damaged UTF-8 file has far more good characters than bad bytes; a GB18030 file has a few
     * good ones by chance. */
    GOOD_PER_BAD = 4,
};
#define PIECE_BYTES ((size_t)256 * 1024)
_Static_assert(PIECE_BYTES < JL_CSV_LINE_MAX_BYTES, "a line inside one piece is within the bound");

static const uint8_t utf8_mark[3] = {0xEF, 0xBB, 0xBF};

/* What a file is by its first bytes, when it is no text. */
static const struct signature {
    const char *bytes;
    size_t size;
    uint32_t fault;
} signatures[] = {
    {"PK\x03\x04", 4, JL_FAULT_CSV_XLSX},      {"PK\x05\x06", 4, JL_FAULT_CSV_ARCHIVE},
    {"\xD0\xCF\x11\xE0", 4, JL_FAULT_CSV_XLS}, {"\xFF\xFE", 2, JL_FAULT_CSV_UTF16},
    {"\xFE\xFF", 2, JL_FAULT_CSV_UTF16},       {"%PDF-", 5, JL_FAULT_CSV_PDF},
    {"Rar!", 4, JL_FAULT_CSV_ARCHIVE},         {"7z\xBC\xAF\x27\x1C", 6, JL_FAULT_CSV_ARCHIVE},
    {"\x1F\x8B", 2, JL_FAULT_CSV_ARCHIVE},     {"<html", 5, JL_FAULT_CSV_WEB_PAGE},
    {"<!DOCTYPE", 9, JL_FAULT_CSV_WEB_PAGE},   {"<?xml", 5, JL_FAULT_CSV_XML},
};

/* ---- Checks that need no encoding ---- */

/* Where the check of a text stands; fed piece by piece. */
struct scan {
    uint64_t offset;   /* bytes seen */
    uint64_t line;     /* number of the line that is open, 1.. */
    size_t open_bytes; /* of that line, so far */
    bool after_cr;     /* the last piece ended between a CR and what may be its LF */
};

/* Line ends in text: LF, CR, and CRLF as one. */
static uint64_t count_lines(struct jl_bytes text) {
    uint64_t lines = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool crlf = c == '\r' && i + 1 < text.size && text.data[i + 1] == '\n';
        lines += c == '\n' || (c == '\r' && !crlf);
    }
    return lines;
}

static enum jl_rc check_first_bytes(struct jl_bytes head, struct jl_err *err) {
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        const struct signature *one = &signatures[i];
        if (head.size >= one->size && memcmp(head.data, one->bytes, one->size) == 0) {
            return jl_fault(err, JL_PROTO, one->fault);
        }
    }
    return JL_OK;
}

/* UTF-16 without a mark has its NUL bytes on one side only: `,` is 2C 00. */
static bool looks_like_utf16(struct jl_bytes head) {
    size_t nuls[2] = {0, 0};
    size_t size = head.size < LOOK_BYTES ? head.size : LOOK_BYTES;
    for (size_t i = 0; i < size; i++) {
        nuls[i & 1U] += head.data[i] == 0;
    }
    return nuls[0] + nuls[1] > 1 && (nuls[0] == 0 || nuls[1] == 0);
}

static enum jl_rc fail_nul(const struct scan *scan, struct jl_bytes piece, size_t at,
                           struct jl_err *err) {
    if (scan->offset == 0 && looks_like_utf16(piece)) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CSV_UTF16);
    }
    unsigned long long line = scan->line + count_lines(jl_bytes(piece.data, at));
    return jl_fault_at(err, JL_PROTO, JL_FAULT_CSV_NUL, "%llu" JL_AND "%llu",
                       (unsigned long long)scan->offset + at, line);
}

static enum jl_rc fail_long_line(const struct scan *scan, struct jl_err *err) {
    return jl_fault_at(err, JL_LIMIT, JL_FAULT_CSV_LINE_LONG, "%llu" JL_AND "%d",
                       (unsigned long long)scan->line, JL_CSV_LINE_MAX_BYTES);
}

/* The first (or last) line end byte's index, or none. */
static size_t first_line_end(struct jl_bytes piece, size_t none) {
    const uint8_t *lf = memchr(piece.data, '\n', piece.size);
    size_t within = lf == NULL ? piece.size : (size_t)(lf - piece.data);
    const uint8_t *cr = memchr(piece.data, '\r', within);
    return cr != NULL ? (size_t)(cr - piece.data) : lf != NULL ? within : none;
}

static size_t last_line_end(struct jl_bytes piece, size_t none) {
    size_t i = piece.size;
    while (i > 0 && piece.data[i - 1] != '\n' && piece.data[i - 1] != '\r') {
        i--;
    }
    return i > 0 ? i - 1 : none;
}

/* One piece of at most PIECE_BYTES: a line that lies inside it is within the bound anyway. */
static enum jl_rc scan_piece(struct scan *scan, struct jl_bytes piece, struct jl_err *err) {
    if (scan->offset == 0) {
        enum jl_rc rc = check_first_bytes(piece, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    const uint8_t *nul = memchr(piece.data, 0, piece.size);
    if (nul != NULL) {
        return fail_nul(scan, piece, (size_t)(nul - piece.data), err);
    }
    size_t first = first_line_end(piece, piece.size);
    if (scan->open_bytes + first > JL_CSV_LINE_MAX_BYTES) {
        return fail_long_line(scan, err);
    }
    if (first == piece.size) {
        scan->open_bytes += piece.size;
    } else {
        scan->line += count_lines(piece) - (scan->after_cr && piece.data[0] == '\n');
        scan->open_bytes = piece.size - last_line_end(piece, 0) - 1;
    }
    scan->after_cr = piece.data[piece.size - 1] == '\r';
    scan->offset += piece.size;
    return JL_OK;
}

static enum jl_rc fail_empty(struct jl_err *err) {
    return jl_fault(err, JL_PROTO, JL_FAULT_CSV_EMPTY);
}

enum jl_rc jl_encoding_check(struct jl_bytes raw, struct jl_err *err) {
    if (raw.size == 0) {
        return fail_empty(err);
    }
    if (raw.size > JL_CSV_FILE_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_CSV_FILE_LONG, "%d", JL_CSV_FILE_MAX_BYTES);
    }
    struct scan scan = {.line = 1};
    while (scan.offset < raw.size) {
        size_t rest = raw.size - (size_t)scan.offset;
        struct jl_bytes piece =
            jl_bytes(raw.data + scan.offset, rest < PIECE_BYTES ? rest : PIECE_BYTES);
        enum jl_rc rc = scan_piece(&scan, piece, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* ---- The file ---- */

/* An open descriptor that is closed at the end of its scope. */
struct jl_fd {
    int fd;
};

static void jl_fd_fini(struct jl_fd *file) {
    if (file->fd >= 0) {
        (void)close(file->fd); /* only read from: nothing can be lost */
    }
}

static enum jl_rc fail_errno(enum jl_rc rc, uint32_t code, struct jl_err *err) {
    return jl_fault_system(err, rc, code, errno, "%s", "");
}

static enum jl_rc open_regular(const char *path, struct jl_fd *out_file, struct jl_err *err) {
    out_file->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (out_file->fd < 0) {
        return fail_errno(errno == ENOENT || errno == ENOTDIR ? JL_NOT_FOUND : JL_IO,
                          JL_FAULT_CSV_OPEN, err);
    }
    struct stat status;
    if (fstat(out_file->fd, &status) != 0) {
        return fail_errno(JL_IO, JL_FAULT_CSV_OPEN, err);
    }
    if (S_ISDIR(status.st_mode)) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_CSV_FOLDER);
    }
    if (status.st_size > JL_CSV_FILE_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_CSV_FILE_LONG, "%d", JL_CSV_FILE_MAX_BYTES);
    }
    return JL_OK;
}

/* The file may be growing while it is read: the bound holds for what is read. */
static enum jl_rc read_pieces(int fd, struct jl_buf *out_raw, struct jl_err *err) {
    struct scan scan = {.line = 1};
    for (;;) {
        enum jl_rc rc = jl_buf_reserve(out_raw, PIECE_BYTES, err);
        if (rc != JL_OK) {
            return rc;
        }
        ssize_t got = read(fd, out_raw->data + out_raw->size, PIECE_BYTES);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_errno(JL_IO, JL_FAULT_CSV_READ, err);
        }
        if (got == 0) {
            return out_raw->size > 0 ? JL_OK : fail_empty(err);
        }
        if (out_raw->size + (size_t)got > JL_CSV_FILE_MAX_BYTES) {
            return jl_fault_at(err, JL_LIMIT, JL_FAULT_CSV_FILE_LONG, "%d", JL_CSV_FILE_MAX_BYTES);
        }
        rc = scan_piece(&scan, jl_bytes(out_raw->data + out_raw->size, (size_t)got), err);
        if (rc != JL_OK) {
            return rc;
        }
        out_raw->size += (size_t)got;
    }
}

enum jl_rc jl_encoding_read(const char *path, struct jl_buf *out_raw, struct jl_err *err) {
    JL_AUTO(jl_fd) file = {.fd = -1};
    enum jl_rc rc = open_regular(path, &file, err);
    return rc != JL_OK ? rc : read_pieces(file.fd, out_raw, err);
}

/* ---- Decoding ---- */

/* Is what begins at `at` a character that the end of the text cuts off? */
static bool is_cut_utf8(struct jl_bytes text, size_t at) {
    uint8_t lead = text.data[at];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
    if (text.size - at >= want) {
        return false;
    }
    for (size_t i = at + 1; i < text.size; i++) {
        if ((text.data[i] & 0xC0U) != 0x80) {
            return false;
        }
    }
    return true;
}

/* How much of a text is UTF-8, going on behind each byte that does not fit. */
struct utf8_share {
    size_t good;      /* characters of more than one byte */
    size_t bad;       /* bytes that fit nowhere */
    size_t first_bad; /* offset of the first of them */
};

static struct utf8_share measure_utf8(struct jl_bytes text) {
    struct utf8_share share = {.first_bad = text.size};
    struct jl_bytes rest = text;
    while (rest.size > 0) {
        uint32_t code_point;
        if (jl_utf8_next(&rest, &code_point)) {
            share.good += code_point >= 0x80;
            continue;
        }
        if (share.bad == 0) {
            share.first_bad = text.size - rest.size;
        }
        share.bad++;
        if (is_cut_utf8(text, text.size - rest.size)) {
            break;
        }
        rest = jl_bytes(rest.data + 1, rest.size - 1);
    }
    return share;
}

static enum jl_rc fail_at(struct jl_bytes text, size_t at, const char *encoding, bool half,
                          struct jl_err *err) {
    return jl_fault_at(err, JL_PROTO, half ? JL_FAULT_CSV_HALF : JL_FAULT_CSV_NO_CHARACTER,
                       "%zu" JL_AND "%llu" JL_AND "%s", at,
                       (unsigned long long)count_lines(jl_bytes(text.data, at)) + 1, encoding);
}

struct jl_converter {
    UConverter *handle;
};

static void jl_converter_fini(struct jl_converter *converter) {
    ucnv_close(converter->handle); /* accepts NULL */
}

static enum jl_rc open_converter(const char *name, struct jl_converter *out_converter,
                                 struct jl_err *err) {
    UErrorCode status = U_ZERO_ERROR;
    out_converter->handle = ucnv_open(name, &status);
    if (U_SUCCESS(status)) {
        /* Stop instead of putting U+FFFD: a replaced character would be a changed name. */
        ucnv_setToUCallBack(out_converter->handle, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL,
                            &status);
    }
    if (U_SUCCESS(status)) {
        ucnv_setFromUCallBack(out_converter->handle, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL,
                              &status);
    }
    if (status == U_MEMORY_ALLOCATION_ERROR) {
        return jl_fault_memory(err);
    }
    if (U_FAILURE(status)) {
        return jl_fault_at(err, JL_IO, JL_FAULT_CSV_ICU, "%s" JL_AND "%s", name,
                           u_errorName(status));
    }
    return JL_OK;
}

/* Offset of the bytes on which the converter stopped. */
static size_t stopped_at(UConverter *gb, const uint8_t *start, const char *source) {
    char invalid[16];
    int8_t length = sizeof invalid;
    UErrorCode status = U_ZERO_ERROR;
    ucnv_getInvalidChars(gb, invalid, &length, &status);
    size_t taken = (size_t)((const uint8_t *)source - start);
    size_t back = U_SUCCESS(status) && length > 0 ? (size_t)length : 0;
    return back <= taken ? taken - back : 0;
}

static enum jl_rc decode_gb18030(struct jl_bytes raw, struct jl_buf *out_text, struct jl_err *err) {
    JL_AUTO(jl_converter) gb = {NULL};
    JL_AUTO(jl_converter) utf8 = {NULL};
    enum jl_rc rc = open_converter("gb18030", &gb, err);
    if (rc == JL_OK) {
        rc = open_converter("UTF-8", &utf8, err);
    }
    if (rc == JL_OK) {
        /* Two bytes become at most three, four at most four. */
        rc = jl_buf_reserve(out_text, raw.size + raw.size / 2 + 16, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const char *source = (const char *)raw.data;
    char *target = (char *)out_text->data;
    UErrorCode status = U_ZERO_ERROR;
    ucnv_convertEx(utf8.handle, gb.handle, &target, (char *)out_text->data + out_text->capacity,
                   &source, source + raw.size, NULL, NULL, NULL, NULL, true, true, &status);
    if (status == U_MEMORY_ALLOCATION_ERROR) {
        return jl_fault_memory(err);
    }
    if (U_FAILURE(status)) {
        return fail_at(raw, stopped_at(gb.handle, raw.data, source), "GB18030",
                       status == U_TRUNCATED_CHAR_FOUND, err);
    }
    out_text->size = (size_t)((uint8_t *)target - out_text->data);
    return JL_OK;
}

static size_t mark_size(struct jl_bytes text) {
    bool marked =
        text.size >= sizeof utf8_mark && memcmp(text.data, utf8_mark, sizeof utf8_mark) == 0;
    return marked ? sizeof utf8_mark : 0;
}

enum jl_rc jl_encoding_decode(struct jl_buf *raw, size_t *out_start, struct jl_err *err) {
    struct jl_bytes all = jl_buf_bytes(raw);
    size_t start = mark_size(all);
    struct jl_bytes text = jl_bytes(all.data + start, all.size - start);
    if (text.size == 0) {
        return fail_empty(err);
    }
    if (jl_utf8_valid(text)) {
        *out_start = start;
        return JL_OK;
    }
    struct utf8_share share = measure_utf8(text);
    if (start > 0 || share.good >= share.bad * GOOD_PER_BAD) {
        size_t at = share.first_bad + start;
        return fail_at(all, at, "UTF-8", is_cut_utf8(all, at), err);
    }
    JL_AUTO(jl_buf) decoded = {0};
    enum jl_rc rc = decode_gb18030(all, &decoded, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_buf given = *raw;
    *raw = decoded;
    decoded = given;
    *out_start = mark_size(jl_buf_bytes(raw)); /* GB18030 has a mark too: 84 31 95 33 */
    return JL_OK;
}
