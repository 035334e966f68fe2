/* The tables of sentences of faults, for the file that looks into them: one for each area. */
#ifndef JIELIAN_MESSAGE_FAULT_TABLE_H
#define JIELIAN_MESSAGE_FAULT_TABLE_H

#include "jielian/base/fault_code.h"

#include <stddef.h>

struct jl_fault_table_entry {
    enum jl_fault_code code;
    const char *zh, *en;
};
struct jl_fault_table {
    const struct jl_fault_table_entry *entries; /* ascending by code */
    size_t count;
};

extern const struct jl_fault_table jl_fault_table_base;
extern const struct jl_fault_table jl_fault_table_store;
extern const struct jl_fault_table jl_fault_table_books;
extern const struct jl_fault_table jl_fault_table_district;

#endif
