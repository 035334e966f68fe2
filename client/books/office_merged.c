/* What this PC knows of merges: those that it made itself. */
#include "office.h"
#include "office_about.h"
#include "office_outbox.h"

#include "jielian/op/merge.h"

/* The newest op of a record that is deleted here tells; a refused one took no effect. */
static bool merges(const struct jl_outbox_entry *entry, const struct jl_op *op) {
    return entry->state != JL_OUTBOX_PARKED && entry->state != JL_OUTBOX_SUPERSEDED &&
           op->kind == JL_OP_DELETE;
}

enum jl_rc jl_office_merged(void *context, uint32_t type, const struct jl_id *gone,
                            struct jl_id *out_kept, struct jl_err *err) {
    struct jl_office *office = context;
    const struct jl_layout *layout = jl_books_layout(office->books, type);
    const struct jl_record_key key = {.type = type, .id = *gone};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_head head = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_op op = {0};
    *out_kept = (struct jl_id){{0}};
    if (layout == NULL || layout->type->natural_key_count > 0) {
        return JL_OK; /* there DELETE names the record under its new key */
    }
    enum jl_rc rc = jl_records_heads(office->books->store, &key, 1, &arena, &head, err);
    if (rc != JL_OK || head.rid == 0 || head.state != JL_RECORD_DELETED) {
        return rc;
    }
    rc = jl_outbox_of(office->books->store, head.rid, &arena, &entries, &count, err);
    if (rc != JL_OK || count == 0) {
        return rc;
    }
    rc = jl_office_outbox_op(office, &entries[count - 1], &arena, &op, err);
    if (rc == JL_OK && merges(&entries[count - 1], &op)) {
        *out_kept = op.other;
    }
    return rc;
}

enum jl_rc jl_office_merges(struct jl_office *office, bool *out_merges, struct jl_err *err) {
    struct jl_office_about about;
    enum jl_rc rc = jl_office_about(office, &about, err);
    *out_merges = rc == JL_OK && about.rules >= JL_RULES_OWN_MERGE;
    return rc;
}
