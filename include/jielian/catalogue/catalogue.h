/* The catalogue: record types, fields, code lists, checks and figures as data (docs/design.md
 * section 3).
 *
 * A catalogue is parsed from JSON once and is then immutable; everything it returns is borrowed and
 * lives as long as the catalogue. The built-in types (office, staff, notice, case, …) are part of
 * every catalogue and can't be redefined. Names are [a-z][a-z0-9_]{0,31}, checked while parsing,
 * and never an SQL keyword or a column of the store's own. Three built-in names are keywords (the
 * type case, the fields action and rows): SQL always quotes names.
 *
 * The JSON form and its rules: docs/catalogue.md.
 *
 * Limits: limits.h (types, fields per type, codes per list, bytes of the whole text).
 * Thread: any, after parsing. */
#ifndef JIELIAN_CATALOGUE_H
#define JIELIAN_CATALOGUE_H

#include "jielian/base/bytes.h"
#include "jielian/base/program.h"

struct jl_catalogue;

enum jl_kind {
    JL_KIND_TEXT = 1,
    JL_KIND_INT,
    JL_KIND_MONEY, /* integer 分 */
    JL_KIND_DATE,
    JL_KIND_MONTH,
    JL_KIND_BOOL,
    JL_KIND_CODE,
    JL_KIND_REF,
    JL_KIND_ID_NO,
    JL_KIND_USCC,
    JL_KIND_PHONE,
};

/* Extra rule of a text field, by name in the catalogue ("name", "week"); NONE for most. */
enum jl_field_rule {
    JL_RULE_NONE = 0,
    JL_RULE_PERSON_NAME, /* docs/domain.md section 2, rule name */
    JL_RULE_WEEK,        /* a date that must be a Monday: names the week */
    JL_RULE_ORG_USCC,    /* a credit code that starts with 81 (trade unions) */
    JL_RULE_FUTURE_OK,   /* a date that may lie in the future (due, expiry, end of term) */
};

struct jl_label {
    const char *zh;
    const char *en;
};

struct jl_code {
    uint32_t number; /* never reused */
    const char *key; /* stable ASCII word */
    struct jl_label label;
    const char *const *synonyms;
    size_t synonym_count;
    bool hidden;
};

/* What people write for an entry, folded for comparing (see jl_type_field_by_header), and the
 * entry's place in its array. Sorted by text; made by the parser, unambiguous within its list. */
struct jl_word {
    struct jl_bytes text;
    size_t index;
};

struct jl_code_list {
    const char *name;
    struct jl_label label;
    const struct jl_code *codes; /* in the order shown to people */
    size_t code_count;
    const struct jl_word *words; /* keys, labels and synonyms */
    size_t word_count;
};

struct jl_field {
    uint32_t number; /* 1..; never reused within the type */
    const char *name;
    enum jl_kind kind;
    struct jl_label label;
    const char *const *synonyms; /* other headers that people use, for import */
    size_t synonym_count;
    bool required;
    bool unique;    /* warning at the office, case at the district */
    bool sensitive; /* sealed at rest, masked on screens */
    bool search;    /* found by `find` */
    bool hidden;
    enum jl_field_rule rule;
    const struct jl_code_list *codes; /* CODE only */
    uint32_t ref_type;                /* REF only: number of the type it points to */
    struct jl_value_default {
        bool set;
        int64_t number; /* used for a blank INT, BOOL or CODE when a record is created */
    } fallback;
    int64_t lowest, highest; /* INT, MONEY: inclusive range; default 0 .. 10^15 */
};

/* A rule over two fields of one record: `field <= other` (subset, end >= start, refund <= paid). */
struct jl_check {
    uint32_t field;
    uint32_t other;
    bool warning; /* may be overridden with a reason; an error may not */
    struct jl_label message;
};

enum jl_mover { JL_MOVER_OFFICE = 1, JL_MOVER_DISTRICT, JL_MOVER_FROM, JL_MOVER_TO, JL_MOVER_ANY };

/* One allowed move of a status. from 0: the status a record may start with. */
struct jl_move {
    uint32_t from;
    uint32_t to;
    enum jl_mover who; /* FROM, TO: the office named in transfer_from / transfer_to */
};

struct jl_flow {
    uint32_t field; /* the CODE field that moves; 0: the type has no flow */
    const struct jl_move *moves;
    size_t move_count;
    uint32_t due_working_days; /* 0: none; counted from the last move */
    uint32_t due_field;        /* DATE: until when, kept by the district; 0: none */
};

/* When a transfer takes effect: its field's value, if it has one, becomes that of what moves. */
struct jl_carry {
    uint32_t from; /* field of the transfer */
    uint32_t to;   /* field of what moves: the same kind */
};

enum jl_side { JL_SIDE_OFFICE = 1, JL_SIDE_DISTRICT };

struct jl_type {
    uint32_t number; /* 1..999 built in, 1000.. catalogue */
    const char *name;
    struct jl_label label;
    enum jl_side owner;   /* OFFICE: each record belongs to one office; DISTRICT: feed 0 */
    enum jl_side decides; /* whose value stands in a field conflict until a person decides */
    bool append_only;     /* no edit or delete after creation */
    bool confined;        /* never unmasked outside its office (交友资料) */
    bool built_in;
    const struct jl_field *fields; /* in the order shown to people */
    size_t field_count;
    const struct jl_word *words; /* names, labels and synonyms of the fields */
    size_t word_count;
    const uint32_t *natural_key; /* field numbers; count 0: ids are UUIDv7 */
    size_t natural_key_count;
    bool natural_key_has_owner; /* the owner office is part of the key (劳动关系周报) */
    const uint32_t *title;      /* fields that make a record's title */
    size_t title_count;
    const struct jl_check *checks;
    size_t check_count;
    struct jl_flow flow;
    /* A record counts as living while `living_field` has one of these codes (0: always). Unique
     * values are compared among living records only. */
    uint32_t living_field;
    const uint32_t *living_codes;
    size_t living_code_count;
    /* Transfers: fields naming the member, the office left and the office joined; 0 elsewhere. Both
     * offices see the record. */
    uint32_t transfer_subject, transfer_from, transfer_to;
    /* Filled in by the programs; 0: no such field. */
    uint32_t transfer_name;       /* TEXT: what moves, for the office that does not have it yet */
    uint32_t transfer_asked;      /* DATE */
    uint32_t transfer_effective;  /* DATE */
    uint32_t transfer_dependants; /* INT: records about it that stay with the office left */
    const struct jl_carry *carries;
    size_t carry_count;
};

/* Parse and check a catalogue that somebody wrote: what this program does not know is an error, for
 * it may be a typing mistake. source names the text in messages (a file name).
 * JL_PROTO  not JSON or not of this form: names the entry, e.g. `types[3] "member": fields[7]: …`
 * JL_LIMIT  over a bound of limits.h.
 * Cost: milliseconds; the result keeps no reference to text. */
JL_MUST_CHECK enum jl_rc jl_catalogue_parse(struct jl_bytes text, const char *source,
                                            struct jl_catalogue **out_catalogue,
                                            struct jl_err *err);
/* The same for a catalogue that came by sync, where a newer program has checked it.
 * JL_PROTO     no program could follow it: not JSON, something is missing or contradicts itself.
 * JL_CONFLICT  made for a newer program: it names one in "needs", or holds a key, word, number or
 *              form that this one does not know, or is over one of its bounds. Go on with the
 *              catalogue that was understood last, and say so. out_needs: the program it names,
 *              newer than this one, or "". */
JL_MUST_CHECK enum jl_rc jl_catalogue_parse_synced(struct jl_bytes text, const char *source,
                                                   struct jl_catalogue **out_catalogue,
                                                   char out_needs[static JL_PROGRAM_BYTES],
                                                   struct jl_err *err);
/* Only the built-in types: what a fresh device has before its first sync. version 0. */
JL_MUST_CHECK enum jl_rc jl_catalogue_builtin(struct jl_catalogue **out_catalogue,
                                              struct jl_err *err);
void jl_catalogue_free(struct jl_catalogue *catalogue);
JL_DEFINE_AUTO_PTR(jl_catalogue, jl_catalogue_free)

/* May `next` follow `current`? Adding, relabelling and hiding may; anything else is JL_CONFLICT and
 * the message names the entry. next's version must be greater. */
JL_MUST_CHECK enum jl_rc jl_catalogue_check_additive(const struct jl_catalogue *current,
                                                     const struct jl_catalogue *next,
                                                     struct jl_err *err);

uint64_t jl_catalogue_version(const struct jl_catalogue *catalogue);
/* The oldest program that understands it, as it says itself; "" when it does not say. */
const char *jl_catalogue_needs(const struct jl_catalogue *catalogue);
size_t jl_catalogue_type_count(const struct jl_catalogue *catalogue);
const struct jl_type *jl_catalogue_type_at(const struct jl_catalogue *catalogue, size_t index);
/* NULL when unknown. Cost: binary search. */
const struct jl_type *jl_catalogue_type(const struct jl_catalogue *catalogue, uint32_t number);
const struct jl_type *jl_catalogue_type_named(const struct jl_catalogue *catalogue,
                                              const char *name);
const struct jl_field *jl_type_field(const struct jl_type *type, uint32_t number);
/* Does the district alone write the field: what it works out of a transfer? What an office says of
 * such a field is replaced. */
bool jl_type_kept_by_district(const struct jl_type *type, uint32_t field);
const struct jl_field *jl_type_field_named(const struct jl_type *type, const char *name);
/* By name, Chinese or English label or synonym, ignoring spaces, case, `*`, full-width forms, a
 * colon at the end and a note (必填), (选填) or (必选) at the end. NULL when unknown. Cost: binary
 * search. */
const struct jl_field *jl_type_field_by_header(const struct jl_type *type, struct jl_bytes header);
const struct jl_code *jl_code_list_code(const struct jl_code_list *list, uint32_t number);
/* By number ("1", "01"), key, label or synonym, as jl_type_field_by_header compares; NULL when
 * unknown. Hidden codes are found too. */
const struct jl_code *jl_code_list_find(const struct jl_code_list *list, struct jl_bytes text);
/* "text", "money", …; NULL for a number that is no kind. */
const char *jl_kind_name(enum jl_kind kind);

/* ---- Figures (docs/design.md section 9) ---- */

enum jl_aggregate {
    JL_AGGREGATE_COUNT = 1,   /* records */
    JL_AGGREGATE_SUM,         /* of `field` */
    JL_AGGREGATE_DISTINCT,    /* different values of `field`; absent ones don't count */
    JL_AGGREGATE_OFFICES,     /* different owner offices */
    JL_AGGREGATE_MEDIAN_DAYS, /* between `field` and `end_field` (dates) */
};

enum jl_filter_test {
    JL_FILTER_IN = 1,  /* value is one of `numbers` */
    JL_FILTER_NOT_IN,  /* value is absent or none of `numbers` */
    JL_FILTER_SET,     /* has a value */
    JL_FILTER_AT_MOST, /* value <= numbers[0] */
    JL_FILTER_AT_LEAST,
};

struct jl_filter {
    uint32_t via; /* a REF field of the measured type: test the referred record; 0: the record */
    uint32_t field;
    enum jl_filter_test test;
    const int64_t *numbers; /* codes, bools 0/1, dates yyyymmdd */
    size_t number_count;
};

struct jl_measure {
    uint32_t type;
    const struct jl_filter *filters; /* all must hold */
    size_t filter_count;
    uint32_t window_field; /* a DATE with d0 <= value <= d1, a MONTH within the months of the
                              window, or an INT year within its years; 0: none */
    uint32_t from_field;   /* a DATE: absent or <= d1 (began by the end of the window); 0: none */
    uint32_t until_field;  /* a DATE: absent or > d1 (still in force); 0: none */
    enum jl_aggregate aggregate;
    uint32_t field;     /* SUM, DISTINCT, MEDIAN_DAYS */
    uint32_t end_field; /* MEDIAN_DAYS: the later date */
};

enum jl_phrase_style {
    JL_PHRASE_AUTO = 0, /* by the rule of docs/domain.md section 4: exact bare, 余, 近 */
    JL_PHRASE_OVER,     /* 超 before the number instead of 余 after it */
    JL_PHRASE_EXACT,    /* the number as it is, however large: 2954家 */
    JL_PHRASE_PERCENT,  /* 99%以上; 100 is 全覆盖 in label context, shown as 100% */
};

struct jl_figure {
    const char *key; /* "F01"; parts of one sentence are "F38a", "F38b" */
    struct jl_label label;
    const char *unit;   /* 场 名 人次 家 户 届 元 % … */
    const char *phrase; /* e.g. "招聘会{}": {} is replaced by number and unit */
    const char *note;   /* e.g. 未去重; NULL: none */
    enum jl_phrase_style style;
    uint32_t decimals; /* of the 万 / 亿 form, at most 2; default 2 */
    struct jl_measure measure;
    const struct jl_measure *divisor; /* a rate: 100 × measure ÷ divisor; NULL: none */
};

size_t jl_catalogue_figure_count(const struct jl_catalogue *catalogue);
const struct jl_figure *jl_catalogue_figure_at(const struct jl_catalogue *catalogue, size_t index);

/* The figure's phrase with number and unit in it, as the press writes them: 招聘会500余场. value is
 * in the figure's unit × 100 for 元 (分) and for percent (basis points: 9912 is 99.12 %), else
 * whole. Appends to out. The rule of rounding stands on top of lib/catalogue/phrase.c. JL_NOMEM out
 * is as it was. */
JL_MUST_CHECK enum jl_rc jl_figure_phrase(const struct jl_figure *figure, int64_t value,
                                          struct jl_buf *out, struct jl_err *err);

#endif
