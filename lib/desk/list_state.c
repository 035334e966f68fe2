/* Records by what has become of them: `list --state`.
 *
 *   word        where it is read                                 office   district
 *   unsent      outbox: ops without a verdict                      x
 *   parked      outbox: refused ops, each with its reason          x
 *   set_aside   heads: parked, and no op stands for it             x
 *   held        open cases of the kind `held`                      x         x
 *   case        open cases of any other kind                       x         x
 *   deleted     heads: tombstones                                  x         x
 *   left        heads: stubs of what went to another office        x */
#include "jielian/base/fault.h"
#include "jielian/books/books.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/list.h"

#include <string.h>

struct state_word {
    enum jl_list_state state;
    bool office_only;
    const char *word;
};
static const struct state_word words[] = {
    {JL_LIST_UNSENT, true, "unsent"},       {JL_LIST_PARKED, true, "parked"},
    {JL_LIST_SET_ASIDE, true, "set_aside"}, {JL_LIST_HELD, false, "held"},
    {JL_LIST_CASE, false, "case"},          {JL_LIST_DELETED, false, "deleted"},
    {JL_LIST_LEFT, true, "left"},
};
enum { WORD_COUNT = sizeof words / sizeof *words };

enum jl_rc jl_list_state_named(const struct jl_desk *desk, const char *word,
                               enum jl_list_state *out_state, struct jl_err *err) {
    JL_AUTO(jl_buf) known = {0};
    bool office = desk->books->side == JL_SIDE_OFFICE;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < WORD_COUNT; i++) {
        if (words[i].office_only && !office) {
            continue;
        }
        if (strcmp(words[i].word, word) == 0) {
            *out_state = words[i].state;
            return JL_OK;
        }
        rc = jl_buf_printf(&known, err, "%s%s", known.size > 0 ? " " : "", words[i].word);
    }
    return rc == JL_OK ? jl_fault_at(err, JL_MISUSE, JL_FAULT_LIST_STATE, "%s" JL_AND "%.*s", word,
                                     (int)known.size, (const char *)known.data)
                       : rc;
}

const char *jl_list_state_word(enum jl_list_state state) {
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (words[i].state == state) {
            return words[i].word;
        }
    }
    return "";
}
