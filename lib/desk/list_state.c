/* Records by what has become of them: `list --state`.
 *
 *   word        where it is read                                 office   district
 *   unsent      outbox: ops without a verdict                      x
 *   parked      outbox: refused ops, each with its reason          x
 *   set_aside   heads: parked, and no op stands for it             x
 *   held        open cases of the kind `held`                      x         x
 *   case        open cases of any other kind                       x         x
 *   deleted     heads: tombstones                                  x         x
 *   left        heads: stubs of what went to another office        x */
#include "marks.h"

#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/cli/print.h"
#include "jielian/cli/table.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/list.h"
#include "jielian/desk/offices.h"
#include "jielian/desk/pages.h"
#include "jielian/desk/show.h"
#include "jielian/desk/titles.h"
#include "jielian/op/merge.h"
#include "jielian/store/outbox.h"

#include <string.h>

struct state_word {
    enum jl_list_state state;
    bool office_only;
    const char *word;
};
static const struct state_word words[] = {
    {JL_LIST_UNSENT, true, "unsent"},       {JL_LIST_PARKED, true, "parked"},
    {JL_LIST_SET_ASIDE, true, "set_aside"}, {JL_LIST_HELD, false, "held"},
    {JL_LIST_CASE, false, "case"},          {JL_LIST_DELETED, false, "deleted"},
    {JL_LIST_LEFT, true, "left"},
};
enum { WORD_COUNT = sizeof words / sizeof *words };

enum jl_rc jl_list_state_named(const struct jl_desk *desk, const char *word,
                               enum jl_list_state *out_state, struct jl_err *err) {
    JL_AUTO(jl_buf) known = {0};
    bool office = desk->books->side == JL_SIDE_OFFICE;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < WORD_COUNT; i++) {
        if (words[i].office_only && !office) {
            continue;
        }
        if (strcmp(words[i].word, word) == 0) {
            *out_state = words[i].state;
            return JL_OK;
        }
        rc = jl_buf_printf(&known, err, "%s%s", known.size > 0 ? " " : "", words[i].word);
    }
    return rc == JL_OK ? jl_fault_at(err, JL_MISUSE, JL_FAULT_LIST_STATE, "%s" JL_AND "%.*s", word,
                                     (int)known.size, (const char *)known.data)
                       : rc;
}

const char *jl_list_state_word(enum jl_list_state state) {
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (words[i].state == state) {
            return words[i].word;
        }
    }
    return "";
}

/* ---- Records of every type ---- */

struct listing {
    struct jl_desk *desk;
    const struct jl_list_options *options;
    struct jl_marks marks;
    struct jl_offices offices;
    struct jl_titles titles;
    struct jl_table table;
    json_t *array;
    size_t shown;
};

static void listing_fini(struct listing *listing) {
    jl_marks_fini(&listing->marks);
    jl_offices_fini(&listing->offices);
    jl_titles_fini(&listing->titles);
    jl_table_fini(&listing->table);
    json_decref(listing->array);
}

static enum jl_rc put_json(struct listing *listing, const struct jl_type *type,
                           const struct jl_book_record *record, struct jl_bytes title,
                           const struct jl_mark *mark, struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    json_t *fields = NULL;
    uint32_t code = 0;
    struct jl_sentence sentence;
    struct jl_bytes reason = jl_mark_reason(listing->desk, mark, type, &sentence, &code);
    enum jl_rc rc = jl_show_json(listing->desk, record, &fields, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_id_format(&record->row.id, id);
    json_t *item = json_pack("{s:s, s:s, s:s, s:s%, s:s, s:s%, s:o, s:o}", "type", type->name,
                             "label", jl_desk_label(listing->desk, &type->label), "id", id, "title",
                             title.size > 0 ? (const char *)title.data : "", title.size, "state",
                             jl_list_state_word(listing->options->state), "reason",
                             reason.size > 0 ? (const char *)reason.data : "", reason.size, "code",
                             code != 0 ? json_integer(code) : json_null(), "record", fields);
    return item != NULL && json_array_append_new(listing->array, item) == 0 ? JL_OK
                                                                            : jl_fault_memory(err);
}

static enum jl_rc put_record(struct listing *listing, const struct jl_book_record *record,
                             const struct jl_mark *mark, struct jl_err *err) {
    struct jl_desk *desk = listing->desk;
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, record->head.type);
    JL_AUTO(jl_buf) title = {0};
    char id[JL_ID_TEXT_BYTES];
    uint32_t code = 0;
    struct jl_sentence sentence;
    if (type == NULL || record->head.rid == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_titles_put(desk, &listing->titles, type, record, &title, err);
    listing->shown++;
    if (rc == JL_OK && listing->options->json) {
        return put_json(listing, type, record, jl_buf_bytes(&title), mark, err);
    }
    jl_id_format(&record->head.id, id);
    const struct jl_bytes cells[] = {
        jl_bytes_text(jl_desk_label(desk, &type->label)), jl_buf_bytes(&title),
        jl_bytes_text(jl_offices_name(&listing->offices, record->row.owner, desk->language)),
        jl_mark_reason(desk, mark, type, &sentence, &code), jl_bytes_text(id)};
    for (size_t i = 0; rc == JL_OK && i < sizeof cells / sizeof *cells; i++) {
        rc = jl_table_cell(&listing->table, cells[i], err);
    }
    return rc;
}

static enum jl_rc put_page(struct listing *listing, size_t at, size_t part, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    int64_t rids[JL_PAGE_RECORDS];
    struct jl_book_record records[JL_PAGE_RECORDS];
    const struct jl_list_options *options = listing->options;
    for (size_t i = 0; i < part; i++) {
        rids[i] = listing->marks.items[at + i].rid;
    }
    enum jl_rc rc = jl_books_load_rids(listing->desk->books, rids, part, &arena, records, err);
    for (size_t i = 0; rc == JL_OK && i < part; i++) {
        if (options->limit == 0 || listing->shown < options->limit) {
            rc = put_record(listing, &records[i], &listing->marks.items[at + i], err);
        }
    }
    return rc;
}

static enum jl_rc open_listing(struct listing *listing, FILE *out, struct jl_err *err) {
    enum jl_language language = listing->desk->language;
    const char *headers[] = {
        JL_ZH_EN(language, "类别", "type"), JL_ZH_EN(language, "名称", "title"),
        JL_ZH_EN(language, "所属", "owner"), JL_ZH_EN(language, "原因", "reason"),
        JL_ZH_EN(language, "系统编号", "id")};
    if (!listing->options->json) {
        enum jl_rc rc = jl_offices_load(listing->desk->books, &listing->offices, err);
        return rc == JL_OK ? jl_table_init(&listing->table, out, headers, 5, err) : rc;
    }
    listing->array = json_array();
    return listing->array != NULL ? JL_OK : jl_fault_memory(err);
}

enum jl_rc jl_list_by_state(struct jl_desk *desk, const struct jl_list_options *options, FILE *out,
                            struct jl_err *err) {
    JL_AUTO(listing) listing = {.desk = desk, .options = options};
    if (options->state == JL_LIST_DELETED || options->state == JL_LIST_LEFT) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_LIST_STATE_TYPE);
    }
    enum jl_rc rc = jl_desk_begin(desk, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(desk);
    rc = jl_marks_load(desk, options->state, &listing.marks, err);
    if (rc == JL_OK) {
        rc = open_listing(&listing, out, err);
    }
    for (size_t at = 0; rc == JL_OK && at < listing.marks.count; at += JL_PAGE_RECORDS) {
        size_t left = listing.marks.count - at;
        rc = put_page(&listing, at, left < JL_PAGE_RECORDS ? left : JL_PAGE_RECORDS, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_end(desk); /* whoever reads it may be slow */
    return options->json ? jl_print_json(listing.array, out, err)
                         : jl_table_end(&listing.table, err);
}
