/* The list of problems of one record. When it is full, an error takes the place of a warning, so
 * that what blocks the record is seen first. */
#include "narrow.h"

#include "jielian/base/fault.h"
#include "jielian/message/fault_text.h"
#include "jielian/message/remark.h"
#include "jielian/message/say.h"
#include "jielian/message/saying.h"
#include "jielian/record/problems.h"
#include "jielian/record/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void jl_problems_reset(struct jl_problems *problems) {
    problems->count = 0;
    problems->dropped = 0;
    problems->errors = 0;
}

static struct jl_problem *place_for(struct jl_problems *problems, enum jl_severity severity) {
    if (problems->count < JL_PROBLEMS_MAX) {
        return &problems->items[problems->count++];
    }
    problems->dropped++;
    for (size_t i = problems->count; severity == JL_PROBLEM_ERROR && i-- > 0;) {
        if (problems->items[i].severity == JL_PROBLEM_WARNING) {
            return &problems->items[i];
        }
    }
    return NULL;
}

static struct jl_problem *add(struct jl_problems *problems, enum jl_severity severity,
                              uint32_t field, struct jl_bytes text) {
    if (severity == JL_PROBLEM_ERROR) {
        problems->errors++;
    }
    struct jl_problem *problem = place_for(problems, severity);
    if (problem == NULL) {
        return NULL;
    }
    size_t size = jl_text_cut(text, sizeof problem->text - 1);
    problem->severity = severity;
    problem->field = field;
    problem->saying.code = JL_SAY_NOTHING;
    problem->saying.size = 0;
    memcpy(problem->text, text.data, size);
    problem->text[size] = '\0';
    return problem;
}

void jl_problem_add(struct jl_problems *problems, enum jl_severity severity, uint32_t field,
                    enum jl_language language, uint32_t code, const char *places, ...) {
    struct jl_err fault;
    char text[JL_FAULT_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, places);
    (void)jl_fault_list(&fault, JL_MISUSE, code, places, arguments);
    va_end(arguments);
    (void)add(problems, severity, field, jl_bytes_text(jl_fault_text(&fault, language, text)));
}

void jl_problem_say(struct jl_problems *problems, enum jl_severity severity, uint32_t field,
                    const struct jl_saying *saying, const struct jl_listener *listener) {
    struct jl_sentence sentence;
    const struct jl_remark said = jl_saying_remark(saying);
    struct jl_bytes text = jl_remark_text(&said, jl_bytes_text(""), listener, &sentence);
    struct jl_problem *problem = add(problems, severity, field, text);
    if (problem != NULL) {
        problem->saying = *saying;
    }
}

void jl_problem_copy(struct jl_problems *problems, const struct jl_problem *problem) {
    struct jl_problem *copy =
        add(problems, problem->severity, problem->field, jl_bytes_text(problem->text));
    if (copy != NULL) {
        copy->saying = problem->saying;
    }
}

bool jl_problems_has_error(const struct jl_problems *problems, uint32_t field) {
    if (field == 0) {
        return problems->errors > 0;
    }
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->items[i].severity == JL_PROBLEM_ERROR && problems->items[i].field == field) {
            return true;
        }
    }
    return false;
}
