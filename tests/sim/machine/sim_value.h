/* What the district's records, their history and its cases say of one value. */
#ifndef JIELIAN_TESTS_SIM_SIM_VALUE_H
#define JIELIAN_TESTS_SIM_SIM_VALUE_H

#include "sim.h"

struct sim_seen_case {
    struct jl_id id, subject, other; /* other: zero, or the possible duplicate */
    int kind;
    bool by_itself; /* closed when what its op waited for had come */
    json_t *detail;
};

struct sim_values {
    struct sim *sim;
    struct sim_seen_case *cases;
    size_t case_count, case_capacity;
    const struct jl_catalogue *catalogue;
};

/* false: the run has failed. */
bool sim_values_init(struct sim_values *values, struct sim *sim);
void sim_values_fini(struct sim_values *values);

/* In a case of the record; those that closed themselves count with `all` only. */
bool sim_value_in_cases(struct sim_values *values, const struct jl_id *id,
                        const struct jl_field *field, const struct jl_value *value, bool all);
bool sim_value_is_current(const struct sim_values *values, uint32_t type, const struct jl_id *id,
                          uint32_t field, const struct jl_value *value);
/* With a record that this one was merged into before the op was judged. */
bool sim_value_with_kept(struct sim_values *values, const struct sim_op *op,
                         const struct jl_id *gone, const struct jl_field *field,
                         const struct jl_value *value, int steps);
/* The district itself moves this field on. */
bool sim_value_moves_on(const struct jl_type *type, const struct jl_field *field);

#endif
