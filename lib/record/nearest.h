/* The codes that come nearest to what was written. Inside lib/record only.  Thread: any. */
#ifndef JIELIAN_LIB_RECORD_NEAREST_H
#define JIELIAN_LIB_RECORD_NEAREST_H

struct jl_parse;

/* Say which entries of the field's code list come nearest to what was written. */
void jl_nearest_say(const struct jl_parse *parse);

#endif
