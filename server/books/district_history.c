/* Each op of the journal as a line. */
#include "district_history.h"
#include "district.h"
#include "journal.h"
#include "roster.h"
#include "verdicts.h"

#include "jielian/base/fault.h"
#include "jielian/desk/history.h"

struct telling {
    struct jl_district *district;
    struct jl_history *history;
};

static enum jl_rc tell(void *context, const struct jl_history_line *line, struct jl_err *err) {
    struct telling *telling = context;
    struct jl_history_item *item = NULL;
    const struct jl_office_entry *office = jl_roster_office(telling->district, line->office);
    enum jl_rc rc = jl_history_add(telling->history, JL_HISTORY_JOURNAL, &line->op, &item, err);
    if (rc != JL_OK) {
        return rc;
    }
    item->office = jl_arena_text(&telling->history->arena,
                                 jl_bytes_text(office != NULL ? office->code : "district"));
    item->device = line->device;
    item->verdict = jl_verdict_word(line->verdict);
    item->received_ms = line->received_ms;
    item->journal_seq = line->journal_seq;
    return item->office != NULL ? JL_OK : jl_fault_memory(err);
}

enum jl_rc jl_district_history(struct jl_district *district, const struct jl_id *id,
                               struct jl_history *history, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct telling telling = {.district = district, .history = history};
    struct jl_book_record record = {0};
    const struct jl_record_key key = {.type = history->type->number, .id = *id};
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    history->type = jl_catalogue_type(district->books->catalogue, key.type);
    rc = jl_books_load(district->books, &key, 1, &arena, &record, err);
    if (rc == JL_OK && record.head.rid == 0) {
        char text[JL_ID_TEXT_BYTES];
        jl_id_format(id, text);
        rc = jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_SESSION_RECORD, "%s", text);
    }
    if (rc == JL_OK) {
        rc = jl_journal_history(district, record.head.rid, tell, &telling, err);
    }
    jl_store_rollback(district->books->store);
    return rc;
}
