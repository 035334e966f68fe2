/* The keys that each kind of entry may have, and the version that counts as this program's: what a
 * newer program would know more of. Everything that tells one program's idea of a catalogue from
 * another's stands here, so that a test links a newer program by putting another file in its place.
 */
#include "known.h"

#include <stddef.h>

const char *const jl_known_program = JIELIAN_VERSION;

const char *const jl_known_root[] = {"format", "version", "needs", "code_lists",
                                     "types",  "figures", NULL};
const char *const jl_known_code[] = {"number", "key", "zh", "en", "synonyms", "hidden", NULL};
const char *const jl_known_list[] = {"zh", "en", "codes", NULL};
const char *const jl_known_type[] = {
    "number",      "name",  "zh",     "en",       "owner", "decides", "append_only", "confined",
    "natural_key", "title", "living", "transfer", "flow",  "checks",  "fields",      NULL};
const char *const jl_known_field[] = {
    "number",    "name",   "kind", "zh",    "en",  "synonyms", "required", "unique",  "search",
    "sensitive", "hidden", "rule", "codes", "ref", "default",  "lowest",   "highest", NULL};
const char *const jl_known_living[] = {"field", "codes", NULL};
const char *const jl_known_check[] = {"field", "at_most", "warning", "zh", "en", NULL};
const char *const jl_known_transfer[] = {"subject",   "from",       "to",      "name", "asked",
                                         "effective", "dependants", "carries", NULL};
const char *const jl_known_move[] = {"from", "to", "by", NULL};
const char *const jl_known_flow[] = {"field", "moves", "due_working_days", "due", NULL};
const char *const jl_known_figure[] = {"key",   "zh",       "en",      "unit",    "phrase", "note",
                                       "style", "decimals", "measure", "divisor", NULL};
const char *const jl_known_filter[] = {"via", "field", "test", "values", NULL};
const char *const jl_known_measure[] = {"type",      "filters", "window", "from", "until",
                                        "aggregate", "field",   "end",    NULL};
