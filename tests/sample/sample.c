#include "sample.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"

#include "world.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const jl_maker makers[] = {
    jl_make_orgs,       jl_make_units,    jl_make_members,  jl_make_officers,  jl_make_activities,
    jl_make_attendance, jl_make_benefits, jl_make_sites,    jl_make_hardship,  jl_make_matches,
    jl_make_honors,     jl_make_warnings, jl_make_disputes, jl_make_contracts, jl_make_visits,
    jl_make_fees,       jl_make_finances, jl_make_party,    jl_make_transfers,
};

enum jl_rc jl_sample_parse_scale(const char *text, uint64_t *out_millionths, struct jl_err *err) {
    uint64_t value = 0;
    int digits = 0;
    int decimals = -1; /* behind the point; -1: no point yet */
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '.' && decimals < 0) {
            decimals = 0;
        } else if (*at >= '0' && *at <= '9' && digits < 9 && decimals < 6) {
            value = value * 10 + (uint64_t)(*at - '0');
            digits++;
            decimals += decimals >= 0;
        } else {
            digits = 0;
            break;
        }
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 6; i++) {
        value *= 10;
    }
    if (digits == 0 || value < JL_SCALE_MIN || value > JL_SCALE_MAX) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_TEXT,
                           "scale '%s': give a number from 0.001 to 20, e.g. 0.01", text);
    }
    *out_millionths = value;
    return JL_OK;
}

static enum jl_rc make_folder(const char *out, const char *name, struct jl_err *err) {
    char path[4096];
    enum jl_rc rc = jl_path_join(out, name, path, sizeof path, err);
    return rc != JL_OK ? rc : jl_file_make_folder(path, err);
}

static enum jl_rc make_office(struct jl_world *world, struct jl_err *err) {
    enum jl_rc rc = make_folder(world->options->out, world->office->code, err);
    for (size_t i = 0; rc == JL_OK && i < sizeof makers / sizeof *makers; i++) {
        rc = makers[i](world, err);
    }
    jl_arena_reset(&world->arena);
    return rc;
}

static enum jl_rc write_text(const struct jl_world *world, const char *name,
                             const struct jl_buf *text, struct jl_err *err) {
    char path[4096];
    enum jl_rc rc = jl_path_join(world->options->out, name, path, sizeof path, err);
    return rc != JL_OK ? rc : jl_file_write(path, jl_buf_bytes(text), 0644, true, err);
}

static enum jl_rc write_offices(const struct jl_world *world, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_buf_put_text(&text, "code,name\r\n", err);
    for (size_t i = 0; rc == JL_OK && i < JL_SAMPLE_OFFICES; i++) {
        rc = jl_buf_printf(&text, err, "%s,%s\r\n", jl_sample_offices[i].code,
                           jl_sample_offices[i].name);
    }
    return rc != JL_OK ? rc : write_text(world, "offices.csv", &text, err);
}

static enum jl_rc write_expected(const struct jl_world *world, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    const char *codes[JL_SAMPLE_OFFICES];
    for (size_t i = 0; i < JL_SAMPLE_OFFICES; i++) {
        codes[i] = jl_sample_offices[i].code;
    }
    enum jl_rc rc = jl_expect_json(&world->expect, codes, &text, err);
    return rc != JL_OK ? rc : write_text(world, "expected.json", &text, err);
}

/* {"member": {"total": n, "by_office": {"BS": n, …}}, …}; the district's own are under "district".
 */
static enum jl_rc write_counts(const struct jl_world *world, struct jl_sample_summary *out_summary,
                               struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_buf_put_text(&text, "{", err);
    for (size_t i = 0; rc == JL_OK && i < world->count_types; i++) {
        const struct jl_count *count = &world->counts[i];
        uint64_t total = 0;
        for (size_t owner = 0; owner < JL_OWNERS; owner++) {
            total += count->by_owner[owner];
        }
        out_summary->records += total;
        rc = jl_buf_printf(&text, err, "%s\n  \"%s\": {\"total\": %" PRIu64 ", \"by_office\": {",
                           i > 0 ? "," : "", count->type, total);
        const char *comma = "";
        for (size_t owner = 0; rc == JL_OK && owner < JL_OWNERS; owner++) {
            if (count->by_owner[owner] > 0) {
                const char *code =
                    owner < JL_SAMPLE_OFFICES ? jl_sample_offices[owner].code : "district";
                rc = jl_buf_printf(&text, err, "%s\"%s\": %" PRIu64, comma, code,
                                   count->by_owner[owner]);
                comma = ", ";
            }
        }
        if (rc == JL_OK) {
            rc = jl_buf_put_text(&text, "}}", err);
        }
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_text(&text, "\n}\n", err);
    }
    return rc != JL_OK ? rc : write_text(world, "records.json", &text, err);
}

static enum jl_rc write_all(struct jl_world *world, struct jl_sample_summary *out_summary,
                            struct jl_err *err) {
    enum jl_rc rc = jl_file_make_folder(world->options->out, err);
    if (rc == JL_OK) {
        rc = write_offices(world, err);
    }
    for (size_t i = 0; rc == JL_OK && i < JL_SAMPLE_OFFICES; i++) {
        world->office = &jl_sample_offices[i];
        rc = make_office(world, err);
    }
    world->office = NULL;
    if (rc == JL_OK) {
        rc = make_folder(world->options->out, "district", err);
    }
    if (rc == JL_OK) {
        rc = jl_make_district(world, err);
    }
    if (rc == JL_OK) {
        rc = write_expected(world, err);
    }
    return rc != JL_OK ? rc : write_counts(world, out_summary, err);
}

enum jl_rc jl_sample_write(const struct jl_sample_options *options,
                           struct jl_sample_summary *out_summary, struct jl_err *err) {
    struct jl_world *world = calloc(1, sizeof *world); /* too large for some stacks */
    if (world == NULL) {
        return jl_fault_at(err, JL_NOMEM, JL_FAULT_TEXT, "%s", "no memory for the sample district");
    }
    struct jl_sample_summary summary = {0};
    world->options = options;
    world->scale_millionths = options->scale_millionths;
    jl_people_init(&world->people, options->seed);
    enum jl_rc rc = write_all(world, &summary, err);
    jl_expect_fini(&world->expect);
    jl_arena_fini(&world->arena);
    free(world);
    if (rc == JL_OK) {
        *out_summary = summary;
    }
    return rc;
}
