#include "jielian/books/leave.h"
#include "jielian/catalogue/built_in.h"

#include <string.h>

struct search {
    struct jl_books *books;
    const struct jl_type *type;
    int64_t today;
    bool found;
};

static enum jl_rc look_at(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct search *search = context;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    if (search->found || stored->head.state != JL_RECORD_LIVE) {
        return JL_OK;
    }
    enum jl_rc rc = jl_books_unseal(search->books, stored, &arena, &record, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_value *until = jl_row_get(&record.row, JL_LEAVE_UNTIL);
    const struct jl_value *name = jl_row_get(&record.row, JL_LEAVE_TYPE);
    bool all = name == NULL || name->kind != JL_VALUE_TEXT || name->bytes.size == 0;
    bool in_time = until != NULL && until->kind == JL_VALUE_INT && until->number >= search->today;
    search->found = in_time && (all || jl_bytes_is(name->bytes, search->type->name));
    return JL_OK;
}

enum jl_rc jl_leave_find(struct jl_books *books, uint32_t office, const struct jl_type *type,
                         int64_t today, bool *out_leave, struct jl_err *err) {
    struct search search = {.books = books, .type = type, .today = today};
    const struct jl_scan scan = {.type = JL_TYPE_LEAVE, .owner_set = true, .owner = office};
    enum jl_rc rc = jl_records_scan(books->store, &scan, look_at, &search, err);
    *out_leave = search.found;
    return rc;
}
