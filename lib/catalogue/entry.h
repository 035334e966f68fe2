/* Reading JSON entries, one value at a time. Inside lib/catalogue only.
 *
 * Every message starts with the way to the entry: `district.json: types[3] "member": fields[7]
 * "id_no": …`. The finder says what is wrong with the entry; each layer (layer.h) above adds its
 * step with jl_entry_wrap. Numbers in brackets count from 0, as in JSON tools.  Thread: one. */
#ifndef JIELIAN_LIB_CATALOGUE_ENTRY_H
#define JIELIAN_LIB_CATALOGUE_ENTRY_H

#include "jielian/base/rc.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct jl_catalogue;
struct jl_code_list;
struct jl_field;
struct jl_label;
struct jl_type;

enum {
    JL_ENTRY_NAME_BYTES = 32,    /* of a name, a code key, a figure key */
    JL_ENTRY_LABEL_BYTES = 120,  /* forty Han characters */
    JL_ENTRY_PHRASE_BYTES = 300, /* messages and phrases: one sentence */
    JL_ENTRY_SYNONYMS_MAX = 64,  /* per field or code */
};

/* What a finder returns for what a newer program may well know: a key, word, number or form that
 * this one does not. It stays inside this library: the parsers make JL_PROTO or JL_CONFLICT of it.
 * JL_PROTO is for what no program could follow: something is missing, stands there twice, or
 * contradicts itself. */
#define JL_UNKNOWN JL_NOT_FOUND

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

/* [a-z][a-z0-9_]{0,31} */
JL_MUST_CHECK enum jl_rc jl_entry_check_name(const char *name, struct jl_err *err);
/* … and neither an SQL keyword nor a name that the store uses itself. */
JL_MUST_CHECK enum jl_rc jl_entry_check_column(const char *name, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_entry_check_table(const char *name, struct jl_err *err);

JL_MUST_CHECK enum jl_rc jl_entry_find_field(const struct jl_type *type, const char *name,
                                             const struct jl_field **out_field, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_entry_find_code(const struct jl_code_list *list, const char *key,
                                            uint32_t *out_number, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_entry_find_type(const struct jl_catalogue *catalogue, const char *name,
                                            const struct jl_type **out_type, struct jl_err *err);

#endif
