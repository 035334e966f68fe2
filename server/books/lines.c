#include "lines.h"
#include "journal.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/op/told.h"

#include <string.h>

/* A place, sealed for its record: u64be(journal seq) u32be(index) u32be(office) u8(here). */
static const char place_of[] = "history";
enum {
    PLACE_BYTES = 8 + 4 + 4 + 1,
    TRANSFERS_MAX = 64, /* of one record; with more it counts as come just now */
};

struct place {
    uint64_t journal_seq;
    uint32_t index;
    bool here;
};

struct telling {
    struct jl_district *district;
    struct jl_arena *arena;
    const struct jl_type *type;
    uint32_t office;
    int64_t rid;
    uint64_t arrived;   /* the journal entry by which it came here at the latest; 0: no transfer */
    struct place place; /* of the line that was looked at last */
    bool ended;         /* that was the CREATE */
    size_t read_bytes;
    struct jl_journal_cached cached;
    struct jl_id set;        /* the change set that was looked up last … */
    uint32_t set_office, by; /* … and what it was */
    struct jl_lines *lines;
};

/* ---- Places ---- */

static enum jl_rc seal_place(struct telling *telling, struct jl_bytes *out_place,
                             struct jl_err *err) {
    const struct place *place = &telling->place;
    JL_AUTO(jl_buf) plain = {0};
    JL_AUTO(jl_buf) sealed = {0};
    enum jl_rc rc = jl_buf_put_u64be(&plain, place->journal_seq, err);
    if (rc == JL_OK) {
        rc = jl_buf_put_u32be(&plain, place->index, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_u32be(&plain, telling->office, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_u8(&plain, place->here, err);
    }
    if (rc == JL_OK) {
        rc = jl_books_seal(telling->district->books, place_of, (uint64_t)telling->rid,
                           jl_buf_bytes(&plain), &sealed, err);
    }
    JL_ASSERT(rc != JL_OK || sealed.size <= JL_LINES_PLACE_MAX_BYTES);
    return rc == JL_OK ? jl_arena_dup(telling->arena, jl_buf_bytes(&sealed), out_place, err) : rc;
}

static enum jl_rc read_place(struct telling *telling, struct jl_bytes plain, struct jl_err *err) {
    struct place *place = &telling->place;
    struct jl_reader reader = {.rest = plain};
    uint32_t office = 0;
    uint8_t here = 0;
    enum jl_rc rc = jl_reader_u64be(&reader, &place->journal_seq, err);
    if (rc == JL_OK) {
        rc = jl_reader_u32be(&reader, &place->index, err);
    }
    if (rc == JL_OK) {
        rc = jl_reader_u32be(&reader, &office, err);
    }
    if (rc == JL_OK) {
        rc = jl_reader_u8(&reader, &here, err);
    }
    place->here = here != 0;
    return rc == JL_OK && office == telling->office ? JL_OK : JL_PROTO;
}

static enum jl_rc open_place(struct telling *telling, struct jl_bytes from, struct jl_err *err) {
    JL_AUTO(jl_buf) plain = {0};
    telling->place = (struct place){.journal_seq = UINT64_MAX, .here = true};
    if (from.size == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_books_unseal_bytes(telling->district->books, place_of,
                                          (uint64_t)telling->rid, from, &plain, err);
    if (rc == JL_OK) {
        rc = plain.size == PLACE_BYTES ? read_place(telling, jl_buf_bytes(&plain), err) : JL_PROTO;
    }
    return rc == JL_PROTO || rc == JL_CORRUPT ? jl_fault_at(err, JL_PROTO, JL_SAY_PART_VALUE, "%s",
                                                            "no place of this record's history")
                                              : rc;
}

/* ---- When it came ---- */

/* A move by a transfer leaves no line of its own with the record: the last change of a transfer to
 * this office is the latest that it can have been. */
static enum jl_rc note_transfers(struct telling *telling, const struct jl_type *type,
                                 const struct jl_value *subject, struct jl_err *err) {
    JL_AUTO(jl_arena) scratch = {0};
    struct jl_books *books = telling->district->books;
    struct jl_book_record records[TRANSFERS_MAX];
    int64_t rids[TRANSFERS_MAX];
    size_t count = 0;
    enum jl_rc rc = jl_books_find(books, type->number, type->transfer_subject, subject, 1,
                                  TRANSFERS_MAX, rids, &count, err);
    if (rc == JL_OK && count == TRANSFERS_MAX) {
        telling->arrived = UINT64_MAX; /* nobody knows */
        return JL_OK;
    }
    if (rc == JL_OK) {
        rc = jl_books_load_rids(books, rids, count, &scratch, records, err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        uint32_t to = jl_roster_office_of_ref(telling->district,
                                              jl_row_get(&records[i].row, type->transfer_to));
        if (to == telling->office && records[i].head.last > telling->arrived) {
            telling->arrived = records[i].head.last;
        }
    }
    return rc;
}

static enum jl_rc find_arrival(struct telling *telling, const struct jl_id *id,
                               struct jl_err *err) {
    const struct jl_catalogue *catalogue = telling->district->books->catalogue;
    const struct jl_value subject = {.kind = JL_VALUE_BYTES,
                                     .bytes = jl_bytes(id->bytes, sizeof id->bytes)};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < jl_catalogue_type_count(catalogue); i++) {
        const struct jl_type *type = jl_catalogue_type_at(catalogue, i);
        const struct jl_field *field =
            type->transfer_subject != 0 ? jl_type_field(type, type->transfer_subject) : NULL;
        if (field != NULL && field->ref_type == telling->type->number) {
            rc = note_transfers(telling, type, &subject, err);
        }
    }
    return rc;
}

/* ---- One line ---- */

static enum jl_told_whose whose(const struct telling *telling, uint32_t office) {
    return office == telling->office ? JL_TOLD_OWN : office == 0 ? JL_TOLD_DISTRICT : JL_TOLD_OTHER;
}

/* What kind of change set the op belongs to: one that its author made. */
static enum jl_rc look_up_set(struct telling *telling, const struct jl_history_line *line,
                              struct jl_err *err) {
    const struct jl_id *set = &line->op.change_set;
    JL_AUTO(jl_arena) scratch = {0};
    struct jl_book_record record = {0};
    if (jl_id_compare(set, &telling->set) == 0 && line->office == telling->set_office) {
        return JL_OK;
    }
    telling->set = *set;
    telling->set_office = line->office;
    telling->by = JL_LINE_ALONE;
    if (jl_id_is_zero(set)) {
        return JL_OK;
    }
    const struct jl_record_key key = {.type = JL_TYPE_CHANGE_SET, .id = *set};
    enum jl_rc rc = jl_books_load(telling->district->books, &key, 1, &scratch, &record, err);
    const struct jl_type *type =
        jl_catalogue_type(telling->district->books->catalogue, JL_TYPE_CHANGE_SET);
    const struct jl_field *kind = jl_type_field_named(type, "kind");
    const struct jl_value *value =
        rc == JL_OK && record.head.rid != 0 && record.head.owner == line->office
            ? jl_row_get(&record.row, kind->number)
            : NULL;
    if (value != NULL && value->kind == JL_VALUE_INT) {
        telling->by = (uint32_t)value->number;
    }
    return rc;
}

/* Is the second record that the district's op names one of this office, living or not? */
static enum jl_rc other_is_own(struct telling *telling, const struct jl_op *op, bool *out_own,
                               struct jl_err *err) {
    const struct jl_record_key key = {
        .type = op->kind == JL_OP_RESOLVE ? (uint32_t)JL_TYPE_CASE : op->type, .id = op->other};
    JL_AUTO(jl_arena) scratch = {0};
    struct jl_head head = {0};
    if (jl_id_is_zero(&op->other)) {
        return JL_OK;
    }
    enum jl_rc rc =
        jl_records_heads(telling->district->books->store, &key, 1, &scratch, &head, err);
    *out_own = rc == JL_OK && head.rid != 0 && head.owner == telling->office;
    return rc;
}

static enum jl_rc add_line(struct telling *telling, const struct jl_history_line *line,
                           const struct jl_told *told, struct jl_err *err) {
    struct jl_told_line *out = &telling->lines->lines[telling->lines->count];
    JL_AUTO(jl_buf) bytes = {0};
    *out = (struct jl_told_line){.received_ms = line->received_ms,
                                 .verdict = line->verdict,
                                 .office = line->office,
                                 .device = line->office == telling->office ? line->device : 0,
                                 .by = telling->by,
                                 .withheld = told->withheld,
                                 .withheld_count = told->withheld_count};
    enum jl_rc rc = jl_wire_op_encode(&told->op, &bytes, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(telling->arena, jl_buf_bytes(&bytes), &out->op, err);
    }
    jl_buf_wipe(&bytes);
    telling->lines->count += rc == JL_OK;
    return rc;
}

static enum jl_rc tell_line(struct telling *telling, const struct jl_history_line *line,
                            struct jl_err *err) {
    struct jl_told_ask ask = {.type = telling->type,
                              .op = &line->op,
                              .whose = whose(telling, line->office),
                              .verdict = line->verdict,
                              .here = telling->place.here && line->journal_seq > telling->arrived};
    struct jl_told told;
    bool any = false;
    enum jl_rc rc = ask.whose == JL_TOLD_DISTRICT
                        ? other_is_own(telling, &line->op, &ask.other_own, err)
                        : JL_OK;
    if (rc == JL_OK) {
        rc = jl_told_op(&ask, telling->arena, &any, &told, err);
    }
    if (rc == JL_OK && any) {
        rc = look_up_set(telling, line, err);
    }
    if (rc == JL_OK && any) {
        rc = add_line(telling, line, &told, err);
    }
    if (jl_told_taken(line->op.kind, line->verdict)) {
        /* Older lines are from before it came, or from when it was elsewhere. */
        bool came = line->op.kind == JL_OP_TRANSFER && line->op.owner == telling->office;
        telling->place.here = telling->place.here && !came && ask.whose != JL_TOLD_OTHER;
        telling->ended = line->op.kind == JL_OP_CREATE;
    }
    return rc;
}

/* ---- Lines ---- */

static enum jl_rc read_line(struct telling *telling, const struct jl_history_entry *at,
                            struct jl_err *err) {
    JL_AUTO(jl_arena) scratch = {0};
    struct jl_history_line line = {0};
    bool opened = telling->cached.seq != at->journal_seq;
    enum jl_rc rc = jl_journal_line(telling->district, &telling->cached, at, &scratch, &line, err);
    telling->read_bytes += rc == JL_OK && opened ? telling->cached.entry.body.size : 0;
    if (rc == JL_OK) {
        rc = tell_line(telling, &line, err);
    }
    telling->place.journal_seq = at->journal_seq;
    telling->place.index = at->index;
    return rc;
}

static enum jl_rc tell_lines(struct telling *telling, const struct jl_history_ask *ask,
                             struct jl_err *err) {
    struct jl_lines *lines = telling->lines;
    struct jl_history_entry *entries = NULL;
    size_t count = 0;
    size_t done = 0;
    JL_AUTO(jl_arena) list = {0};
    lines->lines = jl_arena_zalloc(telling->arena, ask->most, sizeof *lines->lines);
    if (lines->lines == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = open_place(telling, ask->from, err);
    if (rc == JL_OK) {
        rc = find_arrival(telling, &ask->id, err);
    }
    if (rc == JL_OK) {
        rc = jl_history_index_before(telling->district->books->store, telling->rid,
                                     telling->place.journal_seq, telling->place.index,
                                     (size_t)ask->most + 1, &list, &entries, &count, err);
    }
    while (rc == JL_OK && done < count && done < ask->most && !telling->ended &&
           telling->read_bytes < JL_LINES_READ_BYTES) {
        rc = read_line(telling, &entries[done++], err);
    }
    return rc == JL_OK && done < count && !telling->ended ? seal_place(telling, &lines->next, err)
                                                          : rc;
}

enum jl_rc jl_lines_read(struct jl_district *district, uint32_t office,
                         const struct jl_history_ask *ask, struct jl_arena *arena,
                         struct jl_lines *out_lines, struct jl_err *err) {
    const struct jl_record_key key = {.type = ask->type, .id = ask->id};
    JL_AUTO(jl_arena) scratch = {0};
    struct jl_head head = {0};
    JL_ASSERT(office != 0 && ask->most >= 1 && ask->most <= JL_LINES_MAX);
    *out_lines = (struct jl_lines){.type = ask->type, .id = ask->id};
    enum jl_rc rc = jl_records_heads(district->books->store, &key, 1, &scratch, &head, err);
    const struct jl_type *type = jl_catalogue_type(district->books->catalogue, ask->type);
    out_lines->held = rc == JL_OK && type != NULL && !type->built_in && head.rid != 0 &&
                      head.state == JL_RECORD_LIVE && head.owner == office;
    if (!out_lines->held) {
        return rc;
    }
    struct telling telling = {.district = district,
                              .arena = arena,
                              .type = type,
                              .office = office,
                              .rid = head.rid,
                              .lines = out_lines};
    rc = tell_lines(&telling, ask, err);
    jl_journal_cached_fini(&telling.cached);
    return rc;
}
