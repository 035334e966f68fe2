/* Any bytes as a sheet that is imported: the rows of the CSV text, the header among the first of
 * them, notes at the end, and the cells as values. The books come in only after that. */
#include "catalogues.h"

#include "lib/sheet/import.h"

/* The arenas live on between inputs: a chunk takes a megabyte. */
static struct jl_import import;

static void forget(void) {
    struct jl_arena kept = import.kept;
    struct jl_arena chunk = import.chunk;
    jl_csv_close(import.csv);
    jl_arena_fini(&import.result.arena);
    jl_buf_fini(&import.notes);
    jl_arena_reset(&kept);
    jl_arena_reset(&chunk);
    import = (struct jl_import){.kept = kept, .chunk = chunk};
}

static void check_row(const struct jl_import_row *row) {
    JL_ASSERT(row->given.field_count <= import.header.ordered_count);
    for (size_t i = 0; i < row->given.field_count; i++) {
        JL_ASSERT(row->given.fields[i].value.kind != JL_VALUE_NULL);
        JL_ASSERT(i == 0 || row->given.fields[i - 1].field < row->given.fields[i].field);
    }
}

static void read_rows(struct jl_err *err) {
    while (!import.at_end) {
        jl_arena_reset(&import.chunk);
        if (jl_import_read(&import, err) != JL_OK) {
            return;
        }
        JL_ASSERT(jl_import_parse(&import, err) == JL_OK);
        jl_import_bind(&import);
        for (size_t i = 0; i < import.row_count; i++) {
            check_row(&import.rows[i]);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct jl_desk desk;
    struct jl_err err;
    forget();
    if (jl_csv_open_bytes(jl_bytes(data, size), &import.csv, &err) != JL_OK) {
        return 0;
    }
    import.desk = &desk;
    import.type = small_type();
    import.type_number = small_type()->number;
    import.context = (struct jl_check_context){.catalogue = small_catalogue(), .today = 20221020};
    enum jl_rc rc = jl_import_find_header(&import, &err);
    if (rc != JL_OK) {
        JL_ASSERT(rc == JL_PROTO || rc == JL_LIMIT);
        return 0;
    }
    jl_csv_rewind(import.csv);
    for (uint64_t i = 0; i < import.header.rows_used; i++) {
        struct jl_csv_row row;
        JL_ASSERT(jl_csv_next(import.csv, &row, &err) == JL_OK);
    }
    for (size_t i = 0; i < import.header.ordered_count; i++) {
        struct jl_import_column *column = &import.header.columns[import.header.ordered[i]];
        column->meta = jl_type_field(import.type, column->field);
        JL_ASSERT(column->meta != NULL);
    }
    read_rows(&err);
    return 0;
}
