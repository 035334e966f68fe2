#include "jielian/json/json.h"
#include "jielian/base/fault.h"

#include <stdlib.h>
#include <string.h>
#include <threads.h>

static _Thread_local bool memory_was_short;

static void *watched_malloc(size_t size) {
    void *block = malloc(size);
    memory_was_short = memory_was_short || block == NULL;
    return block;
}

static void watch(void) {
    json_set_alloc_funcs(watched_malloc, free);
}

static void begin(void) {
    static once_flag once = ONCE_FLAG_INIT;
    call_once(&once, watch);
    memory_was_short = false;
}

enum jl_rc jl_json_load(struct jl_bytes text, json_t **out_value, struct jl_err *err) {
    json_error_t fault = {0};
    begin();
    json_t *value = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &fault);
    if (memory_was_short) {
        json_decref(value);
        return jl_fault_memory(err);
    }
    if (value == NULL) {
        /* What jansson quotes after "near" may be any bytes of the text, so it is left out. */
        const char *quote = strstr(fault.text, " near ");
        size_t size = quote == NULL ? strlen(fault.text) : (size_t)(quote - fault.text);
        return jl_fault_at(err, JL_PROTO, JL_FAULT_JSON, "%d" JL_AND "%d" JL_AND "%.*s", fault.line,
                           fault.column, (int)size, fault.text);
    }
    *out_value = value;
    return JL_OK;
}

enum jl_rc jl_json_put(json_t *value, struct jl_buf *out, struct jl_err *err) {
    begin();
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
    enum jl_rc rc =
        text != NULL && !memory_was_short ? jl_buf_put_text(out, text, err) : jl_fault_memory(err);
    free(text);
    json_decref(value);
    return rc;
}
