/* The sample district: what is made for one office, kept only as far as other tables refer to it.
 *
 * Tables are written office by office in the order in which they may be imported (NN_type.csv).
 * Counts are those of the reference district at scale 1 (docs/domain.md sections 1 and 4), shared
 * among the offices by weight; at other scales they shrink or grow in proportion, and what a figure
 * needs stays at least once.
 *
 * Memory belongs to the world's arena of the office and ends with it. Thread: one at a time. */
#ifndef JIELIAN_SAMPLE_WORLD_H
#define JIELIAN_SAMPLE_WORLD_H

#include "jielian/base/arena.h"

#include "expect.h"
#include "people.h"
#include "rng.h"
#include "sample.h"
#include "sheet.h"
#include "window.h"

enum { JL_TITLE_BYTES = 128 };

struct jl_org {
    char name[JL_TITLE_BYTES];
    struct jl_org_row row; /* kind, status, founded_on, is_enterprise */
    const char *nature;
    bool small;       /* 小微 */
    bool has_units;   /* members belong to it through its employers */
    uint32_t members; /* living, planned */
    uint32_t units;   /* in force */
};

struct jl_unit {
    char name[JL_TITLE_BYTES];
    char uscc[JL_USCC_BYTES];
    uint32_t org; /* index */
    int32_t from, to;
    uint32_t members; /* living, planned */
};

struct jl_member {
    char id_no[JL_ID_NO_BYTES];
    bool woman;
    bool living;
};

struct jl_activity {
    char title[JL_TITLE_BYTES];
    const char *kind;
    int32_t start_on;
    uint32_t heads;
};

struct jl_batch {
    char title[JL_TITLE_BYTES];
    const char *kind;
    int32_t start_on;
    uint32_t heads;
};

struct jl_office {
    size_t index;
    const char *code;
    const char *name; /* 古荡街道总工会 */
    const char *area; /* 古荡街道 */
    uint32_t weight;
    struct jl_style style;
};

/* The offices and types whose rows are counted for records.json. */
struct jl_count {
    const char *type;
    uint64_t by_owner[JL_OWNERS];
};

enum { JL_COUNTS_MAX = 64 };

struct jl_world {
    const struct jl_sample_options *options;
    uint64_t scale_millionths;
    struct jl_people people;
    struct jl_expect expect;
    struct jl_count counts[JL_COUNTS_MAX];
    size_t count_types;
    uint32_t company_names; /* handed out so far */
    /* The office in hand. */
    const struct jl_office *office;
    struct jl_arena arena;
    struct jl_org *orgs;
    size_t org_count;
    struct jl_unit *units;
    size_t unit_count;
    size_t unit_in_force; /* the first ones */
    struct jl_member *members;
    size_t member_count;
    size_t head_count; /* the first members are heads of families in hardship */
    char (*head_names)[JL_NAME_BYTES];
    struct jl_activity *activities;
    size_t activity_count;
    struct jl_batch *batches;
    size_t batch_count;
};

extern const struct jl_office jl_sample_offices[JL_SAMPLE_OFFICES];
extern const struct jl_style jl_district_style;

/* n of scale 1 at this world's scale, rounded. */
uint64_t jl_world_scaled(const struct jl_world *world, uint64_t n);
/* The office's part of it, at least `least`; the parts of all offices add up. */
size_t jl_world_quota(const struct jl_world *world, uint64_t n, uint64_t least);
void jl_world_rng(const struct jl_world *world, uint64_t purpose, struct jl_rng *out_rng);
/* Zeroed memory until the office ends; NULL only with JL_NOMEM in err. */
void *jl_world_alloc(struct jl_world *world, size_t count, size_t size, struct jl_err *err);
/* Members of the office, going round from a start; start is moved on. */
const struct jl_member *jl_world_member(const struct jl_world *world, size_t index);
/* Title and columns of a table of the office in hand (or of the district when office is NULL). */
void jl_world_open(const struct jl_world *world, struct jl_sheet *sheet, const char *table,
                   const struct jl_column *columns, size_t column_count);
#define JL_WORLD_OPEN(world, sheet, table, columns)                                                \
    jl_world_open(world, sheet, table, columns, sizeof(columns) / sizeof((columns)[0]))
/* Write NN_type.csv and count its rows. */
JL_MUST_CHECK enum jl_rc jl_world_close(struct jl_world *world, struct jl_sheet *sheet, int number,
                                        const char *type, struct jl_err *err);
/* A word of a table of words, each as likely. */
#define JL_PICK(rng, words)                                                                        \
    ((words)[jl_rng_below(rng, (uint32_t)(sizeof(words) / sizeof *(words)))])

/* What is made for an office, in the order of import. */
typedef enum jl_rc (*jl_maker)(struct jl_world *world, struct jl_err *err);
enum jl_rc jl_make_orgs(struct jl_world *world, struct jl_err *err);       /* 00 01 union_org */
enum jl_rc jl_make_units(struct jl_world *world, struct jl_err *err);      /* 02 */
enum jl_rc jl_make_members(struct jl_world *world, struct jl_err *err);    /* 03 */
enum jl_rc jl_make_officers(struct jl_world *world, struct jl_err *err);   /* 04 05 */
enum jl_rc jl_make_activities(struct jl_world *world, struct jl_err *err); /* 06 */
enum jl_rc jl_make_attendance(struct jl_world *world, struct jl_err *err); /* 07 08 */
enum jl_rc jl_make_benefits(struct jl_world *world, struct jl_err *err);   /* 09 10 */
enum jl_rc jl_make_sites(struct jl_world *world, struct jl_err *err);      /* 11 */
enum jl_rc jl_make_hardship(struct jl_world *world, struct jl_err *err);   /* 12 13 */
enum jl_rc jl_make_matches(struct jl_world *world, struct jl_err *err);    /* 14 */
enum jl_rc jl_make_honors(struct jl_world *world, struct jl_err *err);     /* 15 */
enum jl_rc jl_make_warnings(struct jl_world *world, struct jl_err *err);   /* 16 17 */
enum jl_rc jl_make_disputes(struct jl_world *world, struct jl_err *err);   /* 18 19 */
enum jl_rc jl_make_contracts(struct jl_world *world, struct jl_err *err);  /* 20 */
enum jl_rc jl_make_visits(struct jl_world *world, struct jl_err *err);     /* 21 22 */
enum jl_rc jl_make_fees(struct jl_world *world, struct jl_err *err);       /* 23 24 */
enum jl_rc jl_make_finances(struct jl_world *world, struct jl_err *err);   /* 25 26 */
enum jl_rc jl_make_party(struct jl_world *world, struct jl_err *err);      /* 27 */
enum jl_rc jl_make_transfers(struct jl_world *world, struct jl_err *err);  /* 28 */
/* And for the district. */
enum jl_rc jl_make_district(struct jl_world *world, struct jl_err *err);

#endif
