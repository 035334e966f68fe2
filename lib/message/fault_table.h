/* The tables of sentences of faults, for the file that looks into them: one for each area. */
#ifndef JIELIAN_MESSAGE_FAULT_TABLE_H
#define JIELIAN_MESSAGE_FAULT_TABLE_H

#include "jielian/base/fault_code.h"
#include "jielian/base/fault_desk.h"

#include <stddef.h>
#include <stdint.h>

struct jl_fault_table_entry {
    uint32_t code;
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
extern const struct jl_fault_table jl_fault_table_crypto;
extern const struct jl_fault_table jl_fault_table_net;
extern const struct jl_fault_table jl_fault_table_catalogue;
extern const struct jl_fault_table jl_fault_table_desk;
extern const struct jl_fault_table jl_fault_table_sheet;
extern const struct jl_fault_table jl_fault_table_command;
extern const struct jl_fault_table jl_fault_table_office;
extern const struct jl_fault_table jl_fault_table_console;
extern const struct jl_fault_table jl_fault_table_problem;

#endif
