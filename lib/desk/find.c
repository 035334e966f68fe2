/* Search over every type: what people type first meets the sealed fields (a whole ID number, phone
 * or name of a party, by keyed tag), then the words: exact ones before those that only begin so. */
#include "jielian/desk/find.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/language.h"
#include "jielian/base/map.h"
#include "jielian/base/value.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/cli/print.h"
#include "jielian/cli/table.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/offices.h"
#include "jielian/desk/show.h"
#include "jielian/desk/titles.h"
#include "jielian/record/parse.h"
#include "jielian/record/search.h"
#include "jielian/store/words.h"

#include <errno.h>
#include <string.h>

enum {
    FOUND_DEFAULT = 200,
    FOUND_MAX = 10000,
    EACH_MAX = 100, /* records with one sealed value in one field */
};

struct finding {
    struct jl_desk *desk;
    struct jl_arena arena;
    int64_t *rids;
    size_t count;
    size_t limit;
    struct jl_map seen; /* rids taken already */
};

static void finding_fini(struct finding *finding) {
    jl_map_fini(&finding->seen);
    jl_arena_fini(&finding->arena);
}

static enum jl_rc take(struct finding *finding, const int64_t *rids, size_t count,
                       struct jl_err *err) {
    for (size_t i = 0; i < count && finding->count < finding->limit; i++) {
        void **place =
            jl_map_place(&finding->seen, jl_bytes(&rids[i], sizeof rids[i]), &finding->arena, err);
        if (place == NULL) {
            return JL_NOMEM;
        }
        if (*place == NULL) {
            *place = finding;
            finding->rids[finding->count++] = rids[i];
        }
    }
    return JL_OK;
}

/* ---- Sealed fields ---- */

static enum jl_rc find_sealed(struct finding *finding, const struct jl_type *type,
                              const struct jl_field *field, struct jl_bytes text,
                              struct jl_err *err) {
    struct jl_check_context context = jl_desk_context(finding->desk);
    struct jl_problems ignored; /* the text may be meant for another field */
    struct jl_value value = jl_value_null();
    int64_t rids[EACH_MAX];
    size_t count = 0;
    jl_problems_reset(&ignored);
    enum jl_rc rc = jl_parse_field(&context, field, text, &finding->arena, &value, &ignored, err);
    if (rc != JL_OK || value.kind != JL_VALUE_TEXT) {
        return rc;
    }
    rc = jl_books_find(finding->desk->books, type->number, field->number, &value, 1, EACH_MAX, rids,
                       &count, err);
    return rc == JL_OK ? take(finding, rids, count, err) : rc;
}

static bool has_digits(struct jl_bytes word, size_t least) {
    size_t digits = 0;
    for (size_t i = 0; i < word.size; i++) {
        digits += word.data[i] >= '0' && word.data[i] <= '9' ? 1 : 0;
    }
    return digits >= least;
}

static bool may_be_value(const struct jl_field *field, struct jl_bytes word) {
    switch (field->kind) {
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
        return has_digits(word, 5); /* passports are the shortest */
    case JL_KIND_PHONE:
        return has_digits(word, 7);
    case JL_KIND_TEXT:
        return true;
    case JL_KIND_INT:
    case JL_KIND_MONEY:
    case JL_KIND_DATE:
    case JL_KIND_MONTH:
    case JL_KIND_BOOL:
    case JL_KIND_CODE:
    case JL_KIND_REF:
        break;
    }
    return false;
}

static enum jl_rc find_all_sealed(struct finding *finding, struct jl_bytes text,
                                  struct jl_err *err) {
    const struct jl_catalogue *catalogue = finding->desk->books->catalogue;
    struct jl_bytes word; /* half width, so that digits are digits */
    enum jl_rc folded = jl_search_word(text, &finding->arena, &word, err);
    if (folded != JL_OK) {
        return folded;
    }
    for (size_t i = 0; i < jl_catalogue_type_count(catalogue); i++) {
        const struct jl_type *type = jl_catalogue_type_at(catalogue, i);
        for (size_t j = 0; j < type->field_count; j++) {
            const struct jl_field *field = &type->fields[j];
            if (!field->sensitive || field->hidden || !may_be_value(field, word) ||
                !jl_books_findable(finding->desk->books, type->number, field)) {
                continue;
            }
            enum jl_rc rc = find_sealed(finding, type, field, text, err);
            if (rc != JL_OK) {
                return rc;
            }
        }
    }
    return JL_OK;
}

/* ---- Words ---- */

static enum jl_rc find_words(struct finding *finding, struct jl_bytes text, struct jl_err *err) {
    struct jl_bytes word;
    int64_t *rids = jl_arena_alloc(&finding->arena, finding->limit * sizeof *rids);
    enum jl_rc rc = jl_search_word(text, &finding->arena, &word, err);
    if (rc == JL_OK && rids == NULL) {
        rc = jl_fault_memory(err);
    }
    for (int exact = 1; rc == JL_OK && word.size > 0 && exact >= 0; exact--) {
        size_t count = 0;
        rc = jl_words_search(finding->desk->books->store, 0, word, exact == 1, finding->limit, rids,
                             &count, err);
        if (rc == JL_OK) {
            rc = take(finding, rids, count, err);
        }
    }
    return rc;
}

/* ---- Output ---- */

struct answer {
    struct jl_desk *desk;
    bool json;
    json_t *array;
    struct jl_offices offices;
    struct jl_titles titles;
    struct jl_table table;
};

static void answer_fini(struct answer *answer) {
    json_decref(answer->array);
    jl_offices_fini(&answer->offices);
    jl_titles_fini(&answer->titles);
    jl_table_fini(&answer->table);
}

static enum jl_rc put_json(struct answer *answer, const struct jl_type *type,
                           const struct jl_book_record *record, struct jl_bytes title,
                           struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    json_t *fields = NULL;
    enum jl_rc rc = jl_show_json(answer->desk, record, &fields, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_id_format(&record->row.id, id);
    json_t *item = json_pack("{s:s, s:s, s:s, s:s%, s:o}", "type", type->name, "label",
                             jl_desk_label(answer->desk, &type->label), "id", id, "title",
                             title.data, title.size, "record", fields);
    if (item == NULL || json_array_append_new(answer->array, item) != 0) {
        return jl_fault_memory(err);
    }
    return JL_OK;
}

static enum jl_rc put_cells(struct answer *answer, const struct jl_type *type,
                            const struct jl_book_record *record, struct jl_bytes title,
                            struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(&record->row.id, id);
    const struct jl_bytes cells[] = {
        jl_bytes_text(jl_desk_label(answer->desk, &type->label)), title,
        jl_bytes_text(jl_offices_name(&answer->offices, record->row.owner, answer->desk->language)),
        jl_bytes_text(id)};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < sizeof cells / sizeof *cells; i++) {
        rc = jl_table_cell(&answer->table, cells[i], err);
    }
    return rc;
}

static enum jl_rc put_record(struct answer *answer, const struct jl_book_record *record,
                             struct jl_err *err) {
    const struct jl_type *type =
        jl_catalogue_type(answer->desk->books->catalogue, record->row.type);
    JL_AUTO(jl_buf) title = {0};
    if (type == NULL || !jl_books_head_shown(&record->head)) {
        return JL_OK;
    }
    enum jl_rc rc = jl_titles_put(answer->desk, &answer->titles, type, record, &title, err);
    if (rc != JL_OK) {
        return rc;
    }
    return answer->json ? put_json(answer, type, record, jl_buf_bytes(&title), err)
                        : put_cells(answer, type, record, jl_buf_bytes(&title), err);
}

static enum jl_rc open_answer(struct answer *answer, FILE *out, struct jl_err *err) {
    enum jl_language language = answer->desk->language;
    const char *headers[] = {
        JL_ZH_EN(language, "类别", "type"), JL_ZH_EN(language, "名称", "title"),
        JL_ZH_EN(language, "所属", "owner"), JL_ZH_EN(language, "系统编号", "id")};
    if (!answer->json) {
        enum jl_rc rc = jl_offices_load(answer->desk->books, &answer->offices, err);
        return rc == JL_OK ? jl_table_init(&answer->table, out, headers, 4, err) : rc;
    }
    answer->array = json_array();
    return answer->array != NULL ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc print_found(struct finding *finding, bool json, FILE *out, struct jl_err *err) {
    JL_AUTO(answer) answer = {.desk = finding->desk, .json = json};
    struct jl_book_record *records =
        jl_arena_zalloc(&finding->arena, finding->count + 1, sizeof *records);
    if (records == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_books_load_rids(finding->desk->books, finding->rids, finding->count,
                                       &finding->arena, records, err);
    if (rc == JL_OK) {
        rc = open_answer(&answer, out, err);
    }
    for (size_t i = 0; rc == JL_OK && i < finding->count; i++) {
        rc = put_record(&answer, &records[i], err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_end(finding->desk); /* whoever reads it may be slow */
    return json ? jl_print_json(answer.array, out, err) : jl_table_end(&answer.table, err);
}

enum jl_rc jl_find_records(struct jl_desk *desk, const char *text, size_t limit, bool json,
                           FILE *out, struct jl_err *err) {
    JL_AUTO(finding)
    finding = {.desk = desk,
               .limit = limit == 0          ? FOUND_DEFAULT
                        : limit < FOUND_MAX ? limit
                                            : FOUND_MAX};
    finding.rids = jl_arena_alloc(&finding.arena, finding.limit * sizeof *finding.rids);
    if (finding.rids == NULL) {
        return jl_fault_memory(err);
    }
    if (text[strspn(text, " \t")] == '\0') {
        return jl_fault(err, JL_MISUSE, JL_FAULT_FIND_NOTHING);
    }
    enum jl_rc rc = jl_desk_begin(desk, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(desk);
    rc = find_all_sealed(&finding, jl_bytes_text(text), err);
    if (rc == JL_OK) {
        rc = find_words(&finding, jl_bytes_text(text), err);
    }
    return rc == JL_OK ? print_found(&finding, json, out, err) : rc;
}
