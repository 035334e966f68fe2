/* The table of sentences, for the file that looks into it. */
#ifndef JIELIAN_MESSAGE_TABLE_H
#define JIELIAN_MESSAGE_TABLE_H

#include "jielian/message/argument.h"
#include "jielian/message/say.h"

struct jl_table_entry {
    enum jl_say_code code;
    uint16_t places[JL_ARGUMENTS_MAX]; /* 0: no more */
    const char *zh, *en;
};
extern const struct jl_table_entry jl_table_entries[]; /* ascending by code */
extern const size_t jl_table_entry_count;

#endif
