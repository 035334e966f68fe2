#include "sheet.h"

#include "jielian/base/assert.h"
#include "jielian/base/clock.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/sheet/csv.h"
#include "tests/said.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unicode/ucnv.h>

enum {
    SERIAL_OF_1970 = 25569, /* the Excel serial of 1970-01-01 */
    CELL_BYTES = 1024,
};

static void keep(struct jl_sheet *sheet, enum jl_rc rc) {
    if (sheet->rc == JL_OK) {
        sheet->rc = rc;
    }
}

static void put_cell(struct jl_sheet *sheet, const char *text) {
    if (sheet->rc != JL_OK) {
        return;
    }
    keep(sheet, jl_csv_put_cell(&sheet->text, sheet->cell == 0, jl_bytes_text(text), &sheet->err));
    sheet->cell++;
    if (sheet->rc == JL_OK && sheet->cell == sheet->column_count + sheet->style->numbered) {
        keep(sheet, jl_csv_end_row(&sheet->text, &sheet->err));
        sheet->cell = 0;
    }
}

/* One text and blanks to the full width, as spreadsheets save merged cells. */
static void put_merged_row(struct jl_sheet *sheet, const char *text) {
    do {
        put_cell(sheet, text);
        text = "";
    } while (sheet->rc == JL_OK && sheet->cell != 0);
}

static void put_titles(struct jl_sheet *sheet, const char *office, const char *table) {
    char text[CELL_BYTES];
    for (unsigned row = 0; row < sheet->style->title_rows; row++) {
        if (row == 0) {
            (void)snprintf(text, sizeof text, "%s%s", office, table);
        } else if (row == 1) {
            (void)snprintf(text, sizeof text, "填报单位：%s（盖章）", office);
        } else if (row == 2) {
            (void)snprintf(text, sizeof text, "填表日期：2022年10月20日");
        } else {
            text[0] = '\0';
        }
        put_merged_row(sheet, text);
    }
}

void jl_sheet_open(struct jl_sheet *sheet, const struct jl_style *style, const char *office,
                   const char *table, const struct jl_column *columns, size_t column_count) {
    *sheet = (struct jl_sheet){.style = style, .columns = columns, .column_count = column_count};
    if (!style->no_mark && !style->gb18030) {
        keep(sheet, jl_csv_put_mark(&sheet->text, &sheet->err));
    }
    put_titles(sheet, office, table);
    if (style->numbered) {
        put_cell(sheet, "序号");
    }
    for (size_t i = 0; i < column_count; i++) {
        bool other = style->other_headers && columns[i].also != NULL;
        put_cell(sheet, other ? columns[i].also : columns[i].label);
    }
}

void jl_sheet_fini(struct jl_sheet *sheet) {
    jl_buf_fini(&sheet->text);
}

void jl_sheet_text(struct jl_sheet *sheet, const char *text) {
    if (sheet->cell == 0) {
        sheet->rows++;
        if (sheet->style->numbered) {
            char number[24];
            (void)snprintf(number, sizeof number, "%" PRIu64, sheet->rows);
            put_cell(sheet, number);
        }
    }
    put_cell(sheet, text == NULL ? "" : text);
}

void jl_sheet_printf(struct jl_sheet *sheet, const char *format, ...) {
    char text[CELL_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    JL_ASSERT(size >= 0 && size < CELL_BYTES);
    jl_sheet_text(sheet, text);
}

void jl_sheet_int(struct jl_sheet *sheet, int64_t number) {
    jl_sheet_printf(sheet, "%" PRId64, number);
}

void jl_sheet_bool(struct jl_sheet *sheet, bool value) {
    jl_sheet_text(sheet, value ? "是" : "否");
}

void jl_sheet_date(struct jl_sheet *sheet, int32_t yyyymmdd) {
    int year = yyyymmdd / 10000;
    int month = yyyymmdd / 100 % 100;
    int day = yyyymmdd % 100;
    if (yyyymmdd == 0) {
        jl_sheet_text(sheet, NULL);
        return;
    }
    switch (sheet->style->dates) {
    case JL_DATE_DASHES:
        jl_sheet_printf(sheet, "%04d-%02d-%02d", year, month, day);
        return;
    case JL_DATE_SLASHES:
        jl_sheet_printf(sheet, "%d/%d/%d", year, month, day);
        return;
    case JL_DATE_DOTS:
        jl_sheet_printf(sheet, "%d.%d.%d", year, month, day);
        return;
    case JL_DATE_DIGITS:
        jl_sheet_int(sheet, yyyymmdd);
        return;
    case JL_DATE_WORDS:
        jl_sheet_printf(sheet, "%d年%d月%d日", year, month, day);
        return;
    case JL_DATE_SERIAL:
        jl_sheet_int(sheet, jl_date_to_days(yyyymmdd) + SERIAL_OF_1970);
        return;
    }
}

void jl_sheet_month(struct jl_sheet *sheet, int32_t yyyymm) {
    switch (sheet->style->dates) {
    case JL_DATE_SLASHES:
        jl_sheet_printf(sheet, "%d/%d", yyyymm / 100, yyyymm % 100);
        return;
    case JL_DATE_DIGITS:
        jl_sheet_int(sheet, yyyymm);
        return;
    case JL_DATE_WORDS:
        jl_sheet_printf(sheet, "%d年%d月", yyyymm / 100, yyyymm % 100);
        return;
    case JL_DATE_DASHES:
    case JL_DATE_DOTS: /* 2021.10 as a number would become 2021.1 */
    case JL_DATE_SERIAL:
        jl_sheet_printf(sheet, "%04d-%02d", yyyymm / 100, yyyymm % 100);
        return;
    }
}

/* 1234567 → 1,234,567 */
static void group_digits(int64_t number, char *out_text, size_t capacity) {
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRId64, number);
    size_t at = 0;
    for (int i = 0; i < size && at + 2 < capacity; i++) {
        if (i > 0 && (size - i) % 3 == 0) {
            out_text[at++] = ',';
        }
        out_text[at++] = digits[i];
    }
    out_text[at] = '\0';
}

void jl_sheet_money(struct jl_sheet *sheet, int64_t fen) {
    char grouped[32];
    if (fen < 0) {
        jl_sheet_text(sheet, NULL);
        return;
    }
    switch (sheet->style->money) {
    case JL_MONEY_PLAIN:
        jl_sheet_printf(sheet, "%" PRId64 ".%02d", fen / 100, (int)(fen % 100));
        return;
    case JL_MONEY_GROUPED:
        group_digits(fen / 100, grouped, sizeof grouped);
        jl_sheet_printf(sheet, "%s.%02d", grouped, (int)(fen % 100));
        return;
    case JL_MONEY_WAN:
        jl_sheet_printf(sheet, "%" PRId64 ".%06d万元", fen / 1000000, (int)(fen % 1000000));
        return;
    case JL_MONEY_YUAN:
        jl_sheet_printf(sheet, "%" PRId64 ".%02d元", fen / 100, (int)(fen % 100));
        return;
    }
}

static void encode_gb18030(struct jl_sheet *sheet) {
    JL_AUTO(jl_buf) encoded = {0};
    keep(sheet, jl_buf_reserve(&encoded, sheet->text.size * 2 + 16, &sheet->err));
    if (sheet->rc != JL_OK) {
        return;
    }
    UErrorCode status = U_ZERO_ERROR;
    int32_t size = ucnv_convert("gb18030", "UTF-8", (char *)encoded.data, (int32_t)encoded.capacity,
                                (const char *)sheet->text.data, (int32_t)sheet->text.size, &status);
    if (U_FAILURE(status)) {
        keep(sheet, jl_fault_at(&sheet->err, JL_IO, JL_FAULT_TEXT, "cannot write GB18030: %s",
                                u_errorName(status)));
        return;
    }
    encoded.size = (size_t)size;
    struct jl_buf given = sheet->text;
    sheet->text = encoded;
    encoded = given;
}

static enum jl_rc write_file(const char *path, struct jl_bytes content, struct jl_err *err) {
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return jl_fault_at(err, JL_IO, JL_FAULT_TEXT, "%s: %s", path, strerror(errno));
    }
    size_t put = fwrite(content.data, 1, content.size, file);
    /* No fsync: a sample can be made again. */
    if (fclose(file) != 0 || put != content.size) {
        return jl_fault_at(err, JL_IO, JL_FAULT_TEXT, "%s: cannot write %zu bytes: %s", path,
                           content.size, strerror(errno));
    }
    return JL_OK;
}

enum jl_rc jl_sheet_close(struct jl_sheet *sheet, const char *path, struct jl_err *err) {
    JL_ASSERT(sheet->rc != JL_OK || sheet->cell == 0); /* a row has all its cells */
    if (sheet->style->notes) {
        put_merged_row(sheet, "注：本表由各基层工会填报，镇街总工会汇总。");
    }
    if (sheet->rc == JL_OK && sheet->style->gb18030) {
        encode_gb18030(sheet);
    }
    if (sheet->rc != JL_OK) {
        return jl_fault_at(err, sheet->rc, JL_FAULT_TEXT, "%s: %s", path, err_said(&sheet->err));
    }
    return write_file(path, jl_buf_bytes(&sheet->text), err);
}
