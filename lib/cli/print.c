/* JSON documents as the answer of a command. */
#include "jielian/cli/print.h"
#include "jielian/base/fault.h"
#include "jielian/base/rc.h"

#include <errno.h>
#include <string.h>

enum jl_rc jl_print_json(const json_t *document, FILE *out, struct jl_err *err) {
    /* Fifteen digits show every sum of two decimals as it is written, not as it is stored. */
    if (json_dumpf(document, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0 ||
        fputc('\n', out) == EOF) {
        return jl_fault_system(err, JL_IO, JL_FAULT_OUTPUT, errno, "%s", "");
    }
    return JL_OK;
}

enum jl_rc jl_print_answer(json_t *document, struct jl_err *err) {
    enum jl_rc rc = document != NULL ? jl_print_json(document, stdout, err) : jl_fault_memory(err);
    json_decref(document);
    return rc;
}
