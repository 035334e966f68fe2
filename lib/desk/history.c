/* One record's history: changes as JSON, and lines for people.
 *
 *   2026-11-22 14:02:07  wang.wei T01  edit  [applied]
 *       phone: 138****0001 → 139****0002
 *   2026-11-23 09:11:40  zhao district  merge ← 0190…-…  [applied] */
#include "jielian/desk/history.h"
#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/cli/terminal.h"
#include "jielian/record/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum jl_rc jl_history_init(struct jl_history *history, struct jl_err *err) {
    history->lines = json_array();
    history->titles = calloc(1, sizeof *history->titles);
    return history->lines != NULL && history->titles != NULL ? JL_OK : jl_fault_memory(err);
}

void jl_history_fini(struct jl_history *history) {
    json_decref(history->lines);
    history->lines = NULL;
    if (history->titles != NULL) {
        jl_titles_fini(history->titles);
        free(history->titles);
        history->titles = NULL;
    }
    if (history->offices != NULL) {
        jl_offices_fini(history->offices);
        free(history->offices);
        history->offices = NULL;
    }
}

/* ---- Lines ---- */

const char *jl_history_what(enum jl_op_kind kind) {
    switch (kind) {
    case JL_OP_CREATE:
        return "create";
    case JL_OP_EDIT:
        return "edit";
    case JL_OP_DELETE:
        return "delete";
    case JL_OP_RESTORE:
        return "restore";
    case JL_OP_TRANSFER:
        return "transfer";
    case JL_OP_MERGE:
        return "merge";
    case JL_OP_RESOLVE:
        break;
    }
    return "resolve";
}

json_t *jl_history_value(const struct jl_field *field, const struct jl_value *value,
                         enum jl_language language) {
    struct jl_err ignored;
    JL_AUTO(jl_buf) text = {0};
    if (value == NULL || value->kind == JL_VALUE_NULL) {
        return json_null();
    }
    if (field == NULL || field->hidden) {
        return json_string("…");
    }
    if (jl_format_masked(field, value, language, &text, &ignored) != JL_OK) {
        return NULL;
    }
    return json_stringn((const char *)text.data, text.size);
}

/* What the record that a value refers to is called; without a value, or a field, nothing. */
static bool add_title(const struct jl_history *history, json_t *item, const char *name,
                      const struct jl_field *field, const struct jl_value *value) {
    struct jl_err ignored;
    JL_AUTO(jl_buf) text = {0};
    if (field == NULL || field->hidden || field->kind != JL_KIND_REF || value == NULL ||
        value->kind != JL_VALUE_BYTES) {
        return true;
    }
    return jl_titles_put_value(history->desk, history->titles, field, value, &text, &ignored) ==
               JL_OK &&
           json_object_set_new(item, name, json_stringn((const char *)text.data, text.size)) == 0;
}

/* Takes old and new; NULL: no memory. */
static json_t *change_of(const struct jl_history *history, uint32_t number, json_t *old,
                         json_t *new) {
    const struct jl_field *field = jl_type_field(history->type, number);
    char name[16];
    (void)snprintf(name, sizeof name, "%" PRIu32, number);
    const char *label = field == NULL ? name : jl_label_text(&field->label, history->cli->language);
    return json_pack("{s:s, s:s, s:o, s:o}", "field", field != NULL ? field->name : name, "label",
                     label, "old", old, "new", new);
}

bool jl_history_withheld(const struct jl_history *history, json_t *changes, uint32_t number) {
    return json_array_append_new(
               changes, change_of(history, number, json_string("…"), json_string("…"))) == 0;
}

bool jl_history_change(const struct jl_history *history, json_t *changes, uint32_t number,
                       const struct jl_value *old, const struct jl_value *new) {
    const struct jl_field *field = jl_type_field(history->type, number);
    const enum jl_language language = history->cli->language;
    json_t *item = change_of(history, number, jl_history_value(field, old, language),
                             jl_history_value(field, new, language));
    if (!add_title(history, item, "old_title", field, old) ||
        !add_title(history, item, "new_title", field, new)) {
        json_decref(item);
        return false;
    }
    return json_array_append_new(changes, item) == 0;
}

json_t *jl_history_changes(const struct jl_history *history, const struct jl_op *op) {
    const struct jl_row old = {.fields = op->old_fields, .field_count = op->old_count};
    json_t *changes = json_array();
    bool made = changes != NULL;
    for (size_t i = 0; made && op->kind != JL_OP_DELETE && i < op->new_count; i++) {
        const struct jl_field_value *new = &op->new_fields[i];
        made = jl_history_change(history, changes, new->field, jl_row_get(&old, new->field),
                                 &new->value);
    }
    if (!made) {
        json_decref(changes);
        return NULL;
    }
    return changes;
}

enum jl_rc jl_history_office(struct jl_history *history, uint32_t number,
                             char out_code[static JL_HISTORY_OFFICE_BYTES], struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (number != 0 && history->offices == NULL) {
        history->offices = calloc(1, sizeof *history->offices);
        rc = history->offices != NULL ? jl_offices_load(history->desk->books, history->offices, err)
                                      : jl_fault_memory(err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_desk_office *office =
        number != 0 ? jl_offices_numbered(history->offices, number) : NULL;
    if (number != 0 && office == NULL) {
        (void)snprintf(out_code, JL_HISTORY_OFFICE_BYTES, "%" PRIu32, number);
    } else {
        (void)snprintf(out_code, JL_HISTORY_OFFICE_BYTES, "%s",
                       office != NULL ? office->code : "district");
    }
    return JL_OK;
}

json_t *jl_history_other(const struct jl_op *op) {
    char text[JL_ID_TEXT_BYTES];
    jl_id_format(&op->other, text);
    return jl_id_is_zero(&op->other) ? json_null() : json_string(text);
}

enum jl_rc jl_history_add(struct jl_history *history, json_t *line, struct jl_err *err) {
    return json_array_append_new(history->lines, line) == 0 ? JL_OK : jl_fault_memory(err);
}

/* ---- Printing ---- */

static const struct jl_history_word shared_words[] = {
    {"create", "新增"},   {"edit", "修改"},   {"delete", "删除"},  {"restore", "恢复"},
    {"transfer", "转会"}, {"merge", "合并"},  {"resolve", "处理"}, {"applied", "已采纳"},
    {"case", "待处理"},   {"import", "导入"}, {"undo", "撤销"},    {"bulk_edit", "批量修改"},
};

static const char *word_among(const struct jl_history_word *words, size_t count, const char *key) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i].key, key) == 0) {
            return words[i].zh;
        }
    }
    return NULL;
}

static const char *in_words(const struct jl_history *history, const char *key) {
    if (history->cli->language == JL_LANGUAGE_EN) {
        return key;
    }
    const char *zh = word_among(history->words, history->word_count, key);
    if (zh == NULL) {
        zh = word_among(shared_words, sizeof shared_words / sizeof *shared_words, key);
    }
    return zh != NULL ? zh : key;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static const char *value_of(const json_t *change, const char *title, const char *name) {
    const char *text = text_of(change, title);
    return text[0] != '\0' ? text : text_of(change, name);
}

/* Values may hold anything, so they are made fit for a terminal. */
static enum jl_rc print_fit(const char *text, struct jl_err *err) {
    JL_AUTO(jl_buf) fitted = {0};
    enum jl_rc rc = jl_terminal_fit(jl_bytes_text(text), 0, &fitted, err);
    if (rc == JL_OK && fitted.size > 0 &&
        fwrite(fitted.data, 1, fitted.size, stdout) != fitted.size) {
        rc = jl_fault(err, JL_IO, JL_FAULT_OUTPUT_END);
    }
    return rc;
}

static enum jl_rc print_line(const struct jl_history *history, const json_t *line,
                             struct jl_err *err) {
    size_t index = 0;
    const json_t *change = NULL;
    const char *at = text_of(line, "at");
    printf("%.10s %.8s  ", at, strlen(at) > 11 ? at + 11 : "");
    enum jl_rc rc = print_fit(text_of(line, "staff"), err);
    const char *what = text_of(line, "what");
    const char *other = text_of(line, "other");
    /* A record takes the other one in, or goes into it. */
    bool tells = other[0] != '\0' && strcmp(what, "resolve") != 0 && strcmp(what, "edit") != 0;
    const char *arrow = !tells ? "" : strcmp(what, "delete") == 0 ? " → " : " ← ";
    printf(" %s  %s%s%s  [%s]", in_words(history, text_of(line, "office")), in_words(history, what),
           arrow, arrow[0] != '\0' ? other : "", in_words(history, text_of(line, "verdict")));
    if (text_of(line, "by")[0] != '\0') {
        printf(" (%s)", in_words(history, text_of(line, "by")));
    }
    if (rc == JL_OK && text_of(line, "reason")[0] != '\0') {
        printf(" ");
        rc = print_fit(text_of(line, "reason"), err);
    }
    printf("\n");
    json_array_foreach(json_object_get(line, "changes"), index, change) {
        if (rc != JL_OK) {
            return rc;
        }
        printf("    %s: ", text_of(change, "label"));
        rc = print_fit(value_of(change, "old_title", "old"), err);
        printf(" → ");
        rc = rc == JL_OK ? print_fit(value_of(change, "new_title", "new"), err) : rc;
        printf("\n");
    }
    return rc;
}

enum jl_rc jl_history_print(const struct jl_history *history, struct jl_err *err) {
    size_t index = 0;
    const json_t *line = NULL;
    enum jl_rc rc = JL_OK;
    if (history->cli->json) {
        return jl_print_json(history->lines, stdout, err);
    }
    json_array_foreach(history->lines, index, line) {
        rc = rc == JL_OK ? print_line(history, line, err) : rc;
    }
    return rc;
}
