/* Open cases, as they lie in the store: what tells them apart is not sealed. */
#include "jielian/base/assert.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"

#include <string.h>

struct visiting {
    jl_case_fn visit;
    void *context;
    size_t kind, subject_type, subject_id; /* cells */
};

static size_t cell_of(const struct jl_layout *layout, uint32_t field) {
    for (size_t i = 0; i < layout->column_count; i++) {
        if (layout->columns[i].field->number == field) {
            return layout->columns[i].cell;
        }
    }
    return SIZE_MAX;
}

static int64_t number_in(const struct jl_value *cell) {
    return cell->kind == JL_VALUE_INT ? cell->number : 0;
}

static enum jl_rc visit_case(void *context, const struct jl_stored *stored, struct jl_err *err) {
    const struct visiting *visiting = context;
    const struct jl_value *id = &stored->cells[visiting->subject_id];
    int64_t type = number_in(&stored->cells[visiting->subject_type]);
    struct jl_open_case found = {.head = &stored->head,
                                 .kind = number_in(&stored->cells[visiting->kind]),
                                 .subject_type =
                                     type > 0 && type <= UINT32_MAX ? (uint32_t)type : 0};
    char text[JL_ID_TEXT_BYTES] = "";
    struct jl_err ignored; /* a subject that is no id belongs to no record */
    if (id->kind == JL_VALUE_TEXT && id->bytes.size < sizeof text) {
        memcpy(text, id->bytes.data, id->bytes.size);
        if (jl_id_parse(text, &found.subject, &ignored) != JL_OK) {
            found.subject = (struct jl_id){0};
        }
    }
    return visiting->visit(visiting->context, &found, err);
}

enum jl_rc jl_books_open_cases(struct jl_books *books, jl_case_fn visit, void *context,
                               struct jl_err *err) {
    const struct jl_layout *layout = jl_books_layout(books, JL_TYPE_CASE);
    JL_ASSERT(layout != NULL);
    struct visiting visiting = {.visit = visit,
                                .context = context,
                                .kind = cell_of(layout, JL_CASE_KIND),
                                .subject_type = cell_of(layout, JL_CASE_SUBJECT_TYPE),
                                .subject_id = cell_of(layout, JL_CASE_SUBJECT_ID)};
    const struct jl_scan_filter open = {.column = cell_of(layout, JL_CASE_STATUS),
                                        .test = JL_SCAN_EQUAL,
                                        .value = jl_value_int(JL_CASE_OPEN)};
    const struct jl_scan scan = {.type = JL_TYPE_CASE, .filters = &open, .filter_count = 1};
    JL_ASSERT(visiting.kind != SIZE_MAX && visiting.subject_type != SIZE_MAX &&
              visiting.subject_id != SIZE_MAX && open.column != SIZE_MAX);
    return jl_records_scan(books->store, &scan, visit_case, &visiting, err);
}
