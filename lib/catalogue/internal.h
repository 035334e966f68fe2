/* What the files of this directory share: the catalogue's inside and the reading of JSON entries.
 *
 * Parsing goes in layers, each over the whole text, so that an entry may refer to one further down:
 * code lists, heads of types, fields, rules of types (keys, flow, checks, …), figures. The built-in
 * text goes through the same code first, into the same catalogue.
 *
 * Every message starts with the way to the entry: `district.json: types[3] "member": fields[7]
 * "id_no": …`. The finder says what is wrong with the entry; each layer above adds its step with
 * jl_entry_wrap. Numbers in brackets count from 0, as in JSON tools. */
#ifndef JIELIAN_CATALOGUE_INTERNAL_H
#define JIELIAN_CATALOGUE_INTERNAL_H

#include "jielian/base/arena.h"
#include "jielian/base/limits.h"
#include "jielian/catalogue/catalogue.h"

#include <jansson.h>

enum {
    JL_ENTRY_NAME_BYTES = 32,         /* of a name, a code key, a figure key */
    JL_ENTRY_LABEL_BYTES = 120,       /* forty Han characters */
    JL_ENTRY_PHRASE_BYTES = 300,      /* messages and phrases: one sentence */
    JL_ENTRY_WORD_BYTES = 128,        /* a folded label or header; longer text matches nothing */
    JL_ENTRY_SYNONYMS_MAX = 64,       /* per field or code */
    JL_CODE_LISTS_MAX = 256,          /* bounds memory; one list per type is plenty */
    JL_FIGURES_MAX = 512,             /* bounds memory */
    JL_CHECKS_PER_TYPE_MAX = 64,      /* bounds the cost of checking one record */
    JL_MOVES_PER_FLOW_MAX = 1024,     /* bounds the cost of checking one move */
    JL_CARRIES_PER_TRANSFER_MAX = 16, /* bounds the cost of one move */
    JL_FILTERS_PER_MEASURE_MAX = 16,  /* bounds the length of one query */
    JL_BUILT_IN_LAST = 999,           /* the last type number of the built-in range */
    JL_TYPE_NUMBER_MAX = 99999,
    JL_FIELD_NUMBER_MAX = 9999,
    JL_CODE_NUMBER_MAX = 999999,
};
#define JL_RANGE_LIMIT INT64_C(1000000000000000) /* 10^15: ten trillion 元 in 分 */

struct jl_catalogue {
    struct jl_arena arena; /* owns everything below */
    uint64_t version;
    char needs[JL_PROGRAM_BYTES]; /* "": not said */
    struct jl_type *types;        /* built-in ones first, then in the order of the text */
    size_t type_count;
    const struct jl_type **by_number;
    const struct jl_type **by_name;
    struct jl_code_list *lists;
    size_t list_count;
    struct jl_figure *figures;
    size_t figure_count;
};

/* What a finder returns for what a newer program may well know: a key, word, number or form that
 * this one does not. It stays inside this library: the parsers make JL_PROTO or JL_CONFLICT of it.
 * JL_PROTO is for what no program could follow: something is missing, stands there twice, or
 * contradicts itself. */
#define JL_UNKNOWN JL_NOT_FOUND

/* ---- known.c ---- */

/* NULL-terminated, by kind of entry. */
extern const char *const jl_known_root[],
    *const jl_known_list[], *const jl_known_code[],
                                *const jl_known_type[],
                                    *const jl_known_field[],
                                        *const jl_known_living[],
                                            *const jl_known_check[],
                                                *const jl_known_transfer[],
                                                    *const jl_known_flow[],
                                                        *const jl_known_move[],
                                                            *const jl_known_figure[],
                                                                *const jl_known_measure[],
                                                                    *const jl_known_filter[];
extern const char *const jl_known_program; /* "0.1.0": what "needs" is compared with */

/* ---- entry.c: one JSON value at a time ---- */

enum jl_need { JL_OPTIONAL = 0, JL_REQUIRED };

/* Zeroed memory of the catalogue; NULL and JL_NOMEM in err when memory is used up. */
JL_MUST_CHECK void *jl_entry_zalloc(struct jl_catalogue *catalogue, size_t count, size_t size,
                                    struct jl_err *err);
/* value is an object and has only keys of the NULL-terminated list. */
JL_MUST_CHECK enum jl_rc jl_entry_object(const json_t *value, const char *const *known,
                                         struct jl_err *err);
/* An array of at most `most` items (JL_LIMIT over it); NULL when optional and absent. */
JL_MUST_CHECK enum jl_rc jl_entry_array(const json_t *object, const char *key, enum jl_need need,
                                        size_t most, const json_t **out_array, struct jl_err *err);
/* A word of the JSON text, borrowed: printable, not empty; NULL when optional and absent. */
JL_MUST_CHECK enum jl_rc jl_entry_word(const json_t *object, const char *key, enum jl_need need,
                                       const char **out_word, struct jl_err *err);
/* A printable text of at most max_bytes, copied into the catalogue. */
JL_MUST_CHECK enum jl_rc jl_entry_text(struct jl_catalogue *catalogue, const json_t *value,
                                       size_t max_bytes, const char **out_text, struct jl_err *err);
/* "zh" and "en", both required. */
JL_MUST_CHECK enum jl_rc jl_entry_label(struct jl_catalogue *catalogue, const json_t *object,
                                        size_t max_bytes, struct jl_label *out_label,
                                        struct jl_err *err);
/* "synonyms": texts, optional. */
JL_MUST_CHECK enum jl_rc jl_entry_synonyms(struct jl_catalogue *catalogue, const json_t *object,
                                           const char *const **out_texts, size_t *out_count,
                                           struct jl_err *err);
/* A whole number in lowest..highest; *out_number is left alone when optional and absent. */
JL_MUST_CHECK enum jl_rc jl_entry_number(const json_t *object, const char *key, enum jl_need need,
                                         const int64_t range[static 2], int64_t *out_number,
                                         struct jl_err *err);
/* The "number" of an entry: 1..highest. */
JL_MUST_CHECK enum jl_rc jl_entry_own_number(const json_t *object, int64_t highest,
                                             uint32_t *out_number, struct jl_err *err);
/* false when absent. */
JL_MUST_CHECK enum jl_rc jl_entry_bool(const json_t *object, const char *key, bool *out_bool,
                                       struct jl_err *err);
/* The place of a word in a NULL-terminated list; the message names the choices. */
JL_MUST_CHECK enum jl_rc jl_entry_choice(const char *key, const char *word,
                                         const char *const *choices, size_t *out_index,
                                         struct jl_err *err);
/* The bytes of a text that a message quotes: 48 at most, whole characters. For "%.*s". */
int jl_entry_cut(const char *text);
/* Put `list[index] "name": ` before the text in err; name: the entry's own name key or NULL. */
enum jl_rc jl_entry_wrap(struct jl_err *err, const char *list, size_t index, const json_t *entry,
                         const char *name_key);

/* ---- names.c ---- */

/* [a-z][a-z0-9_]{0,31} */
JL_MUST_CHECK enum jl_rc jl_entry_check_name(const char *name, struct jl_err *err);
/* … and neither an SQL keyword nor a name that the store uses itself. */
JL_MUST_CHECK enum jl_rc jl_entry_check_column(const char *name, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_entry_check_table(const char *name, struct jl_err *err);

/* ---- words.c ---- */

struct jl_word_list {
    struct jl_word *words;
    size_t count;
    size_t capacity;
};

/* Room for `capacity` words. */
JL_MUST_CHECK enum jl_rc jl_word_list_init(struct jl_catalogue *catalogue, size_t capacity,
                                           struct jl_word_list *out_list, struct jl_err *err);
/* Fold and add; the room must be there. */
JL_MUST_CHECK enum jl_rc jl_word_list_add(struct jl_catalogue *catalogue, struct jl_word_list *list,
                                          const char *text, size_t index, struct jl_err *err);
/* The name or key of an entry, its label and its synonyms. */
struct jl_word_source {
    const char *name;
    const struct jl_label *label;
    const char *const *synonyms;
    size_t synonym_count;
};
JL_MUST_CHECK enum jl_rc jl_word_list_add_all(struct jl_catalogue *catalogue,
                                              struct jl_word_list *list,
                                              const struct jl_word_source *source, size_t index,
                                              struct jl_err *err);
/* Sort, drop doubles of one entry; a word of two entries is JL_PROTO, and *out_index is the later
 * of them. */
JL_MUST_CHECK enum jl_rc jl_word_list_finish(struct jl_word_list *list, size_t *out_index,
                                             struct jl_err *err);
/* Fold into out; 0 when nothing is left, the text is too long or not UTF-8. */
size_t jl_word_fold(struct jl_bytes text, uint8_t out[static JL_ENTRY_WORD_BYTES]);
/* The place of the folded text among sorted words; false when it is not there. */
bool jl_word_find(const struct jl_word *words, size_t count, struct jl_bytes folded,
                  size_t *out_index);

/* ---- the layers ---- */

extern const char *const jl_built_in_texts[]; /* NULL-terminated pieces of one JSON text */

JL_MUST_CHECK enum jl_rc jl_layer_code_lists(struct jl_catalogue *catalogue, const json_t *lists,
                                             struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_heads(struct jl_catalogue *catalogue, const json_t *types,
                                        bool built_in, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_fields(struct jl_catalogue *catalogue, struct jl_type *type,
                                         const json_t *entry, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_rules(struct jl_catalogue *catalogue, struct jl_type *type,
                                        const json_t *entry, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_flow(struct jl_catalogue *catalogue, struct jl_type *type,
                                       const json_t *flow, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_transfer(struct jl_catalogue *catalogue, struct jl_type *type,
                                           const json_t *transfer, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_figures(struct jl_catalogue *catalogue, const json_t *figures,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_measure(struct jl_catalogue *catalogue, const json_t *entry,
                                          struct jl_measure *out_measure, struct jl_err *err);

/* ---- finding, with messages ---- */

JL_MUST_CHECK enum jl_rc jl_entry_find_field(const struct jl_type *type, const char *name,
                                             const struct jl_field **out_field, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_entry_find_code(const struct jl_code_list *list, const char *key,
                                            uint32_t *out_number, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_entry_find_type(const struct jl_catalogue *catalogue, const char *name,
                                            const struct jl_type **out_type, struct jl_err *err);

#endif
