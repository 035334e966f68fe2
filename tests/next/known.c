/* What a program of the future knows of a catalogue: one more key in every kind of entry. Linked in
 * the place of lib/catalogue/known.c, it makes jielian-district-next and jielian-office-next. */
#include "lib/catalogue/known.h"

#include <stddef.h>

const char *const jl_known_program = "99.1.0";

#define NEXT "since_next", NULL

const char *const jl_known_root[] = {"format", "version", "needs", "code_lists",
                                     "types",  "figures", NEXT};
const char *const jl_known_code[] = {"number", "key", "zh", "en", "synonyms", "hidden", NEXT};
const char *const jl_known_list[] = {"zh", "en", "codes", NEXT};
const char *const jl_known_type[] = {
    "number",      "name",  "zh",     "en",       "owner", "decides", "append_only", "confined",
    "natural_key", "title", "living", "transfer", "flow",  "checks",  "fields",      NEXT};
const char *const jl_known_field[] = {
    "number",    "name",   "kind", "zh",    "en",  "synonyms", "required", "unique",  "search",
    "sensitive", "hidden", "rule", "codes", "ref", "default",  "lowest",   "highest", NEXT};
const char *const jl_known_living[] = {"field", "codes", NEXT};
const char *const jl_known_check[] = {"field", "at_most", "warning", "zh", "en", NEXT};
const char *const jl_known_transfer[] = {"subject",   "from",       "to",      "name", "asked",
                                         "effective", "dependants", "carries", NEXT};
const char *const jl_known_move[] = {"from", "to", "by", NEXT};
const char *const jl_known_flow[] = {"field", "moves", "due_working_days", "due", NEXT};
const char *const jl_known_figure[] = {"key",   "zh",       "en",      "unit",    "phrase", "note",
                                       "style", "decimals", "measure", "divisor", NEXT};
const char *const jl_known_filter[] = {"via", "field", "test", "values", NEXT};
const char *const jl_known_measure[] = {"type",      "filters", "window", "from", "until",
                                        "aggregate", "field",   "end",    NEXT};
