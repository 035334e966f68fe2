/* The table for people and the JSON for machines. */
#include "bench.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Terminal columns of UTF-8 without wide characters. */
static int width(const char *text) {
    int columns = 0;
    for (; *text != '\0'; text++) {
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return columns;
}

static void put_left(const char *text, int columns) {
    printf("%s%*s  ", text, columns > width(text) ? columns - width(text) : 0, "");
}

static void put_right(const char *text, int columns) {
    printf("%*s%s  ", columns > width(text) ? columns - width(text) : 0, "", text);
}

static void format_number(double value, const char *unit, char *out_text, size_t capacity) {
    int decimals = value >= 100 || value == (double)(long long)value ? 0 : value >= 10 ? 1 : 2;
    (void)snprintf(out_text, capacity, "%.*f%s%s", decimals, value, unit[0] == '\0' ? "" : " ",
                   unit);
}

static bool reached(const struct bench_figure *figure, double bound) {
    return figure->at_least ? figure->value >= bound : figure->value <= bound;
}

static const char *judge(const struct bench_figure *figure) {
    if (figure->must != 0 && !reached(figure, figure->must)) {
        return "NO";
    }
    if (figure->aim != 0) {
        return reached(figure, figure->aim) ? "aim" : "yes";
    }
    return figure->must != 0 ? "yes" : "";
}

static void format_bound(const struct bench_figure *figure, double bound, char *out_text,
                         size_t capacity) {
    char number[48];
    out_text[0] = '\0';
    if (bound != 0) {
        format_number(bound, "", number, sizeof number);
        (void)snprintf(out_text, capacity, "%s %s", figure->at_least ? "≥" : "≤", number);
    }
}

bool bench_print_table(const struct bench *bench) {
    const struct bench_machine *machine = &bench->machine;
    bool good = true;
    int label_columns = width("what");
    printf("\nscale %g, %ld cores, load %.2f at the start, fsync %.2f ms (p99 %.2f ms)\n\n",
           bench->scale, machine->cores, machine->load, machine->fsync_ms, machine->fsync_p99_ms);
    for (size_t i = 0; i < bench->figure_count; i++) {
        int columns = width(bench->figures[i].label);
        label_columns = columns > label_columns ? columns : label_columns;
    }
    put_left("what", label_columns);
    printf("%14s  %9s  %9s  %-4s %s\n", "measured", "must", "aim", "ok", "how");
    for (size_t i = 0; i < bench->figure_count; i++) {
        const struct bench_figure *figure = &bench->figures[i];
        char text[64];
        const char *verdict = judge(figure);
        put_left(figure->label, label_columns);
        format_number(figure->value, figure->unit, text, sizeof text);
        put_right(text, 14);
        format_bound(figure, figure->must, text, sizeof text);
        put_right(text, 9);
        format_bound(figure, figure->aim, text, sizeof text);
        put_right(text, 9);
        printf("%-4s %s\n", verdict, figure->detail);
        bool judged = !bench->check || strcmp(figure->unit, "bytes") == 0;
        good = good && !(judged && strcmp(verdict, "NO") == 0);
    }
    return good;
}

void bench_write_json(const struct bench *bench, const char *path) {
    const struct bench_machine *machine = &bench->machine;
    json_t *figures = json_array();
    for (size_t i = 0; i < bench->figure_count; i++) {
        const struct bench_figure *figure = &bench->figures[i];
        json_t *item = json_pack("{s:s, s:s, s:f, s:s, s:s, s:s, s:s}", "name", figure->name,
                                 "label", figure->label, "value", figure->value, "unit",
                                 figure->unit, "better", figure->at_least ? "more" : "less", "ok",
                                 judge(figure), "how", figure->detail);
        if (figure->must != 0) {
            json_object_set_new(item, "must", json_real(figure->must));
        }
        if (figure->aim != 0) {
            json_object_set_new(item, "aim", json_real(figure->aim));
        }
        json_array_append_new(figures, item);
    }
    json_t *all =
        json_pack("{s:f, s:{s:i, s:f, s:f, s:f}, s:o}", "scale", bench->scale, "machine", "cores",
                  (int)machine->cores, "load", machine->load, "fsync_ms", machine->fsync_ms,
                  "fsync_p99_ms", machine->fsync_p99_ms, "figures", figures);
    if (all == NULL || json_dump_file(all, path, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) != 0) {
        bench_fail("%s: cannot be written", path);
    }
    json_decref(all);
}
