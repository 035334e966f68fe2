/* Any bytes as a CSV file: encoding, separator, quotes. What is read can be written, and what was
 * written reads cell by cell as it was. */
#include "fuzz.h"

#include "jielian/base/assert.h"
#include "jielian/base/utf8.h"
#include "jielian/sheet/csv.h"
#include "tests/said.h"

static void copy_rows(struct jl_csv *csv, struct jl_buf *out, size_t *out_rows) {
    struct jl_csv_row row;
    *out_rows = 0;
    JL_ASSERT(jl_csv_put_mark(out, NULL) == JL_OK);
    while (jl_csv_next(csv, &row, NULL) == JL_OK) {
        JL_ASSERT(row.cell_count > 0);
        for (size_t i = 0; i < row.cell_count; i++) {
            JL_ASSERT(jl_utf8_valid(row.cells[i]));
            JL_ASSERT(jl_csv_put_cell(out, i == 0, row.cells[i], NULL) == JL_OK);
        }
        JL_ASSERT(jl_csv_end_row(out, NULL) == JL_OK);
        ++*out_rows;
    }
    JL_ASSERT(jl_csv_bytes_read(csv) <= jl_csv_bytes_total(csv));
}

/* The first `rows` rows of a are the rows of b, and b has no more. */
static void compare(struct jl_csv *a, struct jl_csv *b, size_t rows) {
    struct jl_csv_row row_a;
    struct jl_csv_row row_b;
    jl_csv_rewind(a);
    for (size_t n = 0; n < rows; n++) {
        JL_ASSERT(jl_csv_next(a, &row_a, NULL) == JL_OK);
        JL_ASSERT(jl_csv_next(b, &row_b, NULL) == JL_OK);
        JL_ASSERT(row_a.cell_count == row_b.cell_count);
        for (size_t i = 0; i < row_a.cell_count; i++) {
            JL_ASSERT(jl_bytes_equal(row_a.cells[i], row_b.cells[i]));
        }
    }
    JL_ASSERT(jl_csv_next(b, &row_b, NULL) == JL_NOT_FOUND);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    JL_AUTO_PTR(jl_csv) csv = NULL;
    JL_AUTO_PTR(jl_csv) again = NULL;
    JL_AUTO(jl_buf) written = {0};
    size_t rows = 0;
    struct jl_err err;
    if (jl_csv_open_bytes(jl_bytes(data, size), &csv, &err) != JL_OK) {
        JL_ASSERT(csv == NULL && err_said(&err)[0] != '\0');
        return 0;
    }
    copy_rows(csv, &written, &rows);
    if (rows > 0) {
        JL_ASSERT(jl_csv_open_bytes(jl_buf_bytes(&written), &again, &err) == JL_OK);
        compare(csv, again, rows);
    }
    return 0;
}
