/* Any bytes as a page that reached an office: the frame, its rows, and what the office makes of
 * each without its books: the check against the catalogue, the hash, the set sum, the title and the
 * words it is found by. fuzz_office.c has the books. */
#include "catalogues.h"

#include "jielian/record/check.h"
#include "jielian/record/content.h"
#include "jielian/record/format.h"
#include "jielian/record/pinyin.h"
#include "jielian/record/search.h"
#include "jielian/store/feeds.h"
#include "jielian/store/store.h"
#include "jielian/sync/setsum.h"
#include "proto/wire.h"

static struct jl_wire *wire;
static struct jl_hasher *hasher;
static struct jl_pinyin *pinyin;
static const struct jl_secret proof_key = {{2}};

static void make_contexts(void) {
    if (wire == NULL) {
        JL_ASSERT(jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &wire, NULL) == JL_OK);
        JL_ASSERT(jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &hasher, NULL) == JL_OK);
        JL_ASSERT(jl_pinyin_new(&pinyin, NULL) == JL_OK);
    }
}

/* A row whose kinds are the catalogue's; others are kept as they are and never shown. */
static void show(const struct jl_type *type, const struct jl_row *row, struct jl_arena *arena) {
    static struct jl_problems problems;
    JL_AUTO(jl_buf) text = {0};
    struct jl_search_words words;
    const struct jl_check_context context = {
        .catalogue = shipped_catalogue(), .today = 20221020, .language = JL_LANGUAGE_ZH};
    jl_problems_reset(&problems);
    jl_check_row(&context, type, row, &problems);
    JL_ASSERT(jl_search_words(pinyin, type, row, arena, &words, NULL) == JL_OK);
    JL_ASSERT(jl_format_title(type, row, JL_LANGUAGE_EN, &text, NULL) == JL_OK);
    for (size_t i = 0; i < row->field_count; i++) {
        const struct jl_field *field = jl_type_field(type, row->fields[i].field);
        if (field != NULL) {
            JL_ASSERT(jl_format_masked(field, &row->fields[i].value, JL_LANGUAGE_ZH, &text, NULL) ==
                      JL_OK);
        }
    }
}

static void take_row(const struct jl_feed_row *row, struct jl_setsum *sum, struct jl_buf *scratch,
                     struct jl_arena *arena) {
    uint8_t hash[JL_CONTENT_HASH_BYTES];
    const struct jl_type *type = jl_catalogue_type(shipped_catalogue(), row->row.type);
    if (row->kind != JL_FEED_ENTER && row->kind != JL_FEED_UPDATE) {
        return;
    }
    JL_ASSERT(jl_content_hash(hasher, &proof_key, &row->row, scratch, hash, NULL) == JL_OK);
    jl_setsum_add(sum, &row->row.id, hash);
    if (type != NULL) {
        show(type, &row->row, arena);
    }
    jl_setsum_remove(sum, &row->row.id, hash);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct jl_arena arena;
    static struct jl_buf scratch;
    static struct jl_setsum sum;
    static const struct jl_setsum nothing;
    struct jl_message message;
    struct jl_err err;
    make_contexts();
    jl_arena_reset(&arena);
    if (jl_wire_decode(wire, jl_bytes(data, size), &arena, &message, &err) != JL_OK ||
        message.kind != JL_MESSAGE_PAGE) {
        return 0;
    }
    for (size_t i = 0; i < message.as.page.count; i++) {
        struct jl_feed_row row;
        if (jl_wire_row_decode(message.as.page.rows[i], &arena, &row, &err) != JL_OK) {
            return 0; /* the whole page is dropped */
        }
        take_row(&row, &sum, &scratch, &arena);
    }
    JL_ASSERT(jl_setsum_equal(&sum, &nothing));
    return 0;
}
