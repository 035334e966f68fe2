/* Record types with their fields, checks, flow and transfers. Part of a catalogue (catalogue.h),
 * which owns them; immutable.  Thread: any. */
#ifndef JIELIAN_CATALOGUE_TYPE_H
#define JIELIAN_CATALOGUE_TYPE_H

#include "jielian/base/bytes.h"
#include "jielian/catalogue/code_list.h"
#include "jielian/catalogue/kind.h"

/* Extra rule of a text field, by name in the catalogue ("name", "week"); NONE for most. */
enum jl_field_rule {
    JL_RULE_NONE = 0,
    JL_RULE_PERSON_NAME, /* docs/domain.md section 2, rule name */
    JL_RULE_WEEK,        /* a date that must be a Monday: names the week */
    JL_RULE_ORG_USCC,    /* a credit code that starts with 81 (trade unions) */
    JL_RULE_FUTURE_OK,   /* a date that may lie in the future (due, expiry, end of term) */
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

const struct jl_field *jl_type_field(const struct jl_type *type, uint32_t number);
/* Does the district alone write the field: what it works out of a transfer? What an office says of
 * such a field is replaced. */
bool jl_type_kept_by_district(const struct jl_type *type, uint32_t field);
const struct jl_field *jl_type_field_named(const struct jl_type *type, const char *name);
/* By name, Chinese or English label or synonym, ignoring spaces, case, `*`, full-width forms, a
 * colon at the end and a note (必填), (选填) or (必选) at the end. NULL when unknown. Cost: binary
 * search. */
const struct jl_field *jl_type_field_by_header(const struct jl_type *type, struct jl_bytes header);

#endif
