/* Parsing a catalogue and finding things in it.
 *
 * Method: the district's own file must parse and hold what docs/domain.md asks for. A small good
 * catalogue is broken in one place per row of a table; the message must lead to that place. */
#include "jielian/base/limits.h"
#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- A small catalogue and its broken forms ---- */

static const char good[] =
    "{\"format\":1,\"version\":7,\n"
    "\"code_lists\":{\"colour\":{\"zh\":\"颜色\",\"en\":\"Colour\",\"codes\":[\n"
    "{\"number\":1,\"key\":\"red\",\"zh\":\"红\",\"en\":\"Red\",\"synonyms\":[\"赤\"]},\n"
    "{\"number\":2,\"key\":\"blue\",\"zh\":\"蓝\",\"en\":\"Blue\"},\n"
    "{\"number\":9,\"key\":\"other\",\"zh\":\"12345热线\",\"en\":\"Other\","
    "\"synonyms\":[\"12345\"],\"hidden\":true}]}},\n"
    "\"types\":[{\"number\":1000,\"name\":\"shelf\",\"zh\":\"架\",\"en\":\"Shelf\","
    "\"owner\":\"office\",\"decides\":\"office\",\"title\":[\"name\"],\n"
    "\"fields\":[{\"number\":1,\"name\":\"name\",\"kind\":\"text\",\"zh\":\"名称\",\"en\":\"Name\","
    "\"synonyms\":[\"架名\"],\"required\":true,\"search\":true,\"rule\":\"name\"},\n"
    "{\"number\":2,\"name\":\"pin\",\"kind\":\"text\",\"zh\":\"口令\",\"en\":\"Pin\","
    "\"sensitive\":true},"
    "{\"number\":3,\"name\":\"note\",\"kind\":\"text\",\"zh\":\"注\",\"en\":\"Note\"},"
    "{\"number\":4,\"name\":\"boards\",\"kind\":\"int\",\"zh\":\"层\",\"en\":\"Rows\"}]},\n"
    "{\"number\":1001,\"name\":\"book\",\"zh\":\"书\",\"en\":\"Book\",\"owner\":\"office\","
    "\"decides\":\"district\",\"natural_key\":[\"shelf\",\"@owner\"],\"title\":[\"shelf\"],\n"
    "\"living\":{\"field\":\"hue\",\"codes\":[\"red\",\"blue\"]},\n"
    "\"transfer\":{\"subject\":\"shelf\",\"from\":\"goes\",\"to\":\"comes\",\"name\":\"told\","
    "\"asked\":\"day\",\"effective\":\"until\",\"dependants\":\"many\","
    "\"carries\":[[\"told\",\"note\"],[\"few\",\"boards\"]]},\n"
    "\"flow\":{\"field\":\"hue\",\"due_working_days\":5,\"due\":\"until\",\"moves\":["
    "{\"from\":null,\"to\":[\"red\",\"blue\"],\"by\":\"any\"},"
    "{\"from\":\"red\",\"to\":\"blue\",\"by\":\"from\"}]},\n"
    "\"checks\":[{\"field\":\"few\",\"at_most\":\"many\",\"zh\":\"太多\",\"en\":\"Too many\"}],\n"
    "\"fields\":[{\"number\":5,\"name\":\"shelf\",\"kind\":\"ref\",\"ref\":\"shelf\",\"zh\":\"架\","
    "\"en\":\"Shelf\",\"required\":true},\n"
    "{\"number\":2,\"name\":\"hue\",\"kind\":\"code\",\"codes\":\"colour\",\"zh\":\"色\","
    "\"en\":\"Hue\",\"required\":true,\"default\":\"blue\"},\n"
    "{\"number\":3,\"name\":\"few\",\"kind\":\"int\",\"zh\":\"少\",\"en\":\"Few\",\"lowest\":2,"
    "\"highest\":9,\"default\":3},\n"
    "{\"number\":4,\"name\":\"many\",\"kind\":\"int\",\"zh\":\"多\",\"en\":\"Many\"},\n"
    "{\"number\":6,\"name\":\"goes\",\"kind\":\"ref\",\"ref\":\"office\",\"zh\":\"去\","
    "\"en\":\"Goes\",\"required\":true},\n"
    "{\"number\":7,\"name\":\"comes\",\"kind\":\"ref\",\"ref\":\"office\",\"zh\":\"来\","
    "\"en\":\"Comes\",\"required\":true},\n"
    "{\"number\":8,\"name\":\"day\",\"kind\":\"date\",\"zh\":\"日\",\"en\":\"Day\"},\n"
    "{\"number\":10,\"name\":\"told\",\"kind\":\"text\",\"zh\":\"称\",\"en\":\"Told\"},\n"
    "{\"number\":11,\"name\":\"until\",\"kind\":\"date\",\"zh\":\"至\",\"en\":\"Until\","
    "\"rule\":\"future_ok\"},\n"
    "{\"number\":9,\"name\":\"cost\",\"kind\":\"money\",\"zh\":\"价\",\"en\":\"Cost\"}]}],\n"
    "\"figures\":[{\"key\":\"F1\",\"zh\":\"价\",\"en\":\"Cost\",\"unit\":\"元\",\"phrase\":\"花{}"
    "\","
    "\"measure\":{\"type\":\"book\",\"filters\":[{\"field\":\"hue\",\"test\":\"in\","
    "\"values\":[\"red\"]},{\"field\":\"day\",\"test\":\"at_most\",\"values\":[20211231]},"
    "{\"via\":\"shelf\",\"field\":\"name\",\"test\":\"set\"}],"
    "\"window\":\"day\",\"aggregate\":\"sum\",\"field\":\"cost\"}}]}\n";

/* The good text with the first `before` replaced by `after`. */
static void broken_text(const char *before, const char *after, struct jl_buf *out) {
    const char *place = strstr(good, before);
    struct jl_err err = {0};
    if (place == NULL) {
        fail_msg("the good catalogue lacks %s", before);
        return;
    }
    assert_int_equal(jl_buf_put(out, good, (size_t)(place - good), &err), JL_OK);
    assert_int_equal(jl_buf_put_text(out, after, &err), JL_OK);
    assert_int_equal(jl_buf_put_text(out, place + strlen(before), &err), JL_OK);
}

static const struct {
    const char *before, *after; /* what is broken */
    const char *way, *fault;    /* both must be in the message */
} broken[] = {
    {"{\"format\"", "[\"format\"", "b.json: line 1", "is not JSON"},
    {"\"format\":1", "\"format\":2", "b.json", "\"format\" must be a whole number from 1 to 1"},
    {"\"version\":7", "\"version\":0", "b.json", "\"version\" must be"},
    {"\"version\":7", "\"version\":7,\"versoin\":8", "b.json", "\"versoin\" is unknown"},
    {"\"version\":7", "\"version\":7,\"version\":8", "b.json", "duplicate object key"},
    {"\"colour\":{", "\"Colour\":{", "code_lists \"Colour\"", "can't be a name"},
    {"\"colour\":{", "\"case_kind\":{", "code_lists \"case_kind\"", "built-in list"},
    {"\"number\":2,\"key\":\"blue\"", "\"number\":1,\"key\":\"blue\"",
     "code_lists \"colour\": codes[1] \"blue\"", "number is that of \"red\""},
    {"\"zh\":\"蓝\"", "\"zh\":\" 红 \"", "codes[1] \"blue\"", "\"红\" is also"},
    {"[\"12345\"]", "[\"2\"]", "codes[2] \"other\"", "\"2\" is the number of another code"},
    {"\"key\":\"blue\"", "\"key\":\"蓝\"", "codes[1] \"蓝\"", "can't be a name"},
    {"\"zh\":\"红\"", "\"zh\":\"红\\n\"", "codes[0] \"red\": \"zh\"", "control"},
    {"\"zh\":\"红\",", "", "codes[0] \"red\"", "\"zh\" is missing"},
    {"\"number\":1000", "\"number\":999", "types[0] \"shelf\"", "take one from 1000"},
    {"\"number\":1001", "\"number\":1000", "types[1] \"book\"", "number is that of the type"},
    {"\"name\":\"book\"", "\"name\":\"office\"", "types[1] \"office\"", "built-in type \"office\""},
    {"\"name\":\"book\"", "\"name\":\"order\"", "types[1] \"order\"", "SQL keyword"},
    {"\"name\":\"book\"", "\"name\":\"outbox\"", "types[1] \"outbox\"", "store's own"},
    {"\"name\":\"book\"", "\"name\":\"a_name_of_more_than_32_characters\"", "types[1]",
     "can't be a name"},
    {"\"zh\":\"书\"", "\"zh\":\"架\"", "types[1] \"book\"", "label \"zh\" is that of"},
    {"\"owner\":\"office\"", "\"owner\":\"nobody\"", "types[0] \"shelf\"",
     "must be one of: office, district"},
    {"\"title\":[\"name\"]", "\"title\":[]", "types[0] \"shelf\"", "\"title\" names no field"},
    {"\"title\":[\"name\"]", "\"title\":[\"hue\"]", "types[0] \"shelf\": title",
     "has no field \"hue\""},
    {"\"name\":\"pin\"", "\"name\":\"rowid\"", "types[0] \"shelf\": fields[1] \"rowid\"",
     "store's own"},
    {"\"name\":\"pin\"", "\"name\":\"id_tag\"", "fields[1] \"id_tag\"", "store's own"},
    {"\"name\":\"pin\"", "\"name\":\"select\"", "fields[1] \"select\"", "SQL keyword"},
    {"\"number\":2,\"name\":\"pin\"", "\"number\":1,\"name\":\"pin\"", "fields[1] \"pin\"",
     "number is that of \"name\""},
    {"\"name\":\"pin\"", "\"name\":\"name\"", "fields[1] \"name\"", "\"name\" is also"},
    {"\"zh\":\"口令\"", "\"zh\":\"架 名＊\"", "fields[1] \"pin\"", "\"架名\" is also"},
    {"\"kind\":\"text\",\"zh\":\"口令\"", "\"kind\":\"blob\",\"zh\":\"口令\"", "fields[1] \"pin\"",
     "must be one of: text, int"},
    {"\"sensitive\":true", "\"sensitive\":1", "fields[1] \"pin\"", "must be true or false"},
    {"\"sensitive\":true", "\"hidden\":true,\"required\":true", "fields[1] \"pin\"",
     "hidden and required"},
    {"\"sensitive\":true", "\"default\":1", "fields[1] \"pin\"", "int, bool and code only"},
    {"\"rule\":\"name\"", "\"rule\":\"week\"", "fields[0] \"name\"", "does not fit the kind"},
    {"\"ref\":\"shelf\"", "\"ref\":\"cellar\"", "types[1] \"book\": fields[0] \"shelf\"",
     "no type \"cellar\""},
    {"\"codes\":\"colour\"", "\"codes\":\"smell\"", "fields[1] \"hue\"", "no code list \"smell\""},
    {"\"codes\":\"colour\",", "", "fields[1] \"hue\"", "needs \"codes\""},
    {"\"default\":\"blue\"", "\"default\":\"green\"", "fields[1] \"hue\"", "no code \"green\""},
    {"\"default\":\"blue\"", "\"default\":\"blue\",\"unique\":true", "fields[1] \"hue\"",
     "does not fit the kind \"code\""},
    {"\"default\":\"blue\"", "\"default\":\"blue\",\"search\":true", "fields[1] \"hue\"",
     "\"search\" is for"},
    {"\"lowest\":2", "\"lowest\":10", "fields[2] \"few\"", "above \"highest\""},
    {"\"default\":3", "\"default\":1", "fields[2] \"few\"", "from 2 to 9"},
    {"\"kind\":\"date\"", "\"kind\":\"date\",\"lowest\":2", "fields[6] \"day\"", "int and money"},
    {"[\"shelf\",\"@owner\"]", "[\"few\"]", "types[1] \"book\": natural_key", "must be required"},
    {"[\"shelf\",\"@owner\"]", "[\"@owner\"]", "types[1] \"book\"", "names no field"},
    {"[\"shelf\",\"@owner\"]", "[\"shelf\",\"shelf\"]", "natural_key", "twice"},
    {"\"codes\":[\"red\",\"blue\"]", "\"codes\":[\"pink\"]", "types[1] \"book\": living",
     "no code \"pink\""},
    {"\"living\":{\"field\":\"hue\"", "\"living\":{\"field\":\"few\"", "living", "a code field"},
    {"\"to\":\"comes\"", "\"to\":\"shelf\"", "types[1] \"book\": transfer", "to an office"},
    {"\"name\":\"told\"", "\"name\":\"many\"", "types[1] \"book\": transfer", "of kind text"},
    {"\"asked\":\"day\"", "\"asked\":\"cost\"", "transfer", "of kind date"},
    {"\"effective\":\"until\"", "\"effective\":\"few\"", "transfer", "of kind date"},
    {"\"dependants\":\"many\"", "\"dependants\":\"hue\"", "transfer", "of kind int"},
    {"\"dependants\":\"many\"", "\"orphans\":\"many\"", "transfer", "orphans"},
    {"\"asked\":\"day\"", "\"asked\":\"dusk\"", "transfer", "dusk"},
    {"[\"told\",\"note\"]", "[\"told\"]", "transfer: carries[0]", "give a pair"},
    {"[\"told\",\"note\"]", "[\"told\",\"many\"]", "transfer: carries[0]", "many"},
    {"[\"told\",\"note\"]", "[\"gone\",\"note\"]", "transfer: carries[0]", "gone"},
    {"[\"told\",\"note\"]", "[\"told\",\"boards\"]", "transfer: carries[0]", "of one kind"},
    {"[\"told\",\"note\"]", "[\"told\",\"pin\"]", "transfer: carries[0]", "of one kind"},
    {"[\"few\",\"boards\"]", "[\"told\",\"note\"]", "transfer: carries[1]",
     "sets this field already"},
    {"\"due\":\"until\"", "\"due\":\"day\"", "flow", "future_ok"},
    {"\"due\":\"until\"", "\"due\":\"few\"", "flow", "must be a date field"},
    {"\"due_working_days\":5,", "", "flow", "needs \"due_working_days\""},
    {"\"by\":\"from\"", "\"by\":\"cat\"", "types[1] \"book\": flow: moves[1] \"red\"",
     "must be one of: office"},
    {"\"from\":\"red\",\"to\":\"blue\"", "\"from\":\"red\",\"to\":\"red\"", "moves[1]", "the same"},
    {"\"from\":null", "\"from\":\"other\"", "flow", "no move starts from null"},
    {"{\"from\":null,\"to\":[\"red\",\"blue\"]", "{\"from\":null,\"to\":[\"red\"]", "flow",
     "default of \"hue\""},
    {"\"due_working_days\":5", "\"due_working_days\":0", "flow", "from 1 to 366"},
    {"\"at_most\":\"many\"", "\"at_most\":\"cost\"", "checks[0] \"few\"", "of one kind"},
    {"\"at_most\":\"many\"", "\"at_most\":\"few\"", "checks[0] \"few\"", "two fields"},
    {"\"key\":\"F1\"", "\"key\":\"1F\"", "figures[0] \"1F\"", "must be a letter"},
    {"花{}", "花", "figures[0] \"F1\"", "{} once"},
    {"\"unit\":\"元\"", "\"unit\":\"家\"", "figures[0] \"F1\"", "\"元\" and the sum"},
    {"\"unit\":\"元\"", "\"unit\":\"元\",\"style\":\"percent\"", "figures[0] \"F1\"",
     "belong together"},
    {"\"unit\":\"元\"", "\"unit\":\"元\",\"decimals\":3", "figures[0] \"F1\"", "from 0 to 2"},
    {"\"type\":\"book\"", "\"type\":\"tome\"", "figures[0] \"F1\": measure", "no type \"tome\""},
    {"\"values\":[\"red\"]", "\"values\":[\"pink\"]", "measure: filters[0] \"hue\": values[0]",
     "no code \"pink\""},
    {"\"values\":[\"red\"]", "\"values\":[]", "filters[0] \"hue\"", "\"values\""},
    {"20211231", "20210230", "filters[1] \"day\": values[0]", "must be a value of"},
    {"\"test\":\"at_most\"", "\"test\":\"like\"", "filters[1] \"day\"", "must be one of: in"},
    {"\"via\":\"shelf\",\"field\":\"name\"", "\"via\":\"shelf\",\"field\":\"pin\"",
     "filters[2] \"pin\"", "sensitive"},
    {"\"via\":\"shelf\"", "\"via\":\"few\"", "filters[2] \"name\"", "is no ref"},
    {"\"window\":\"day\"", "\"window\":\"hue\"", "measure", "\"window\" must be"},
    {"\"field\":\"cost\"", "\"field\":\"day\"", "measure", "sum needs"},
    {",\"field\":\"cost\"", "", "measure", "sum and distinct need"},
};

static void test_a_broken_catalogue_is_refused_with_the_way_to_the_fault(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        JL_AUTO(jl_buf) text = {0};
        struct jl_catalogue *catalogue = NULL;
        struct jl_err err = {0};
        broken_text(broken[i].before, broken[i].after, &text);
        enum jl_rc rc = jl_catalogue_parse(jl_buf_bytes(&text), "b.json", &catalogue, &err);
        if (rc != JL_PROTO || strstr(err_said(&err), "b.json: ") != err_said(&err) ||
            strstr(err_said(&err), broken[i].way) == NULL ||
            strstr(err_said(&err), broken[i].fault) == NULL) {
            fail_msg("%s -> %s: rc %d, %s", broken[i].before, broken[i].after, (int)rc,
                     err_said(&err));
        }
        assert_null(catalogue);
    }
}

/* ---- What a newer program may know ---- */

#define IN(place) place, place "\"since_next\":{\"x\":[1]},"
static const struct {
    const char *before, *after;
    enum jl_rc rc;     /* of a text that came by sync */
    const char *needs; /* what it says that it needs */
} newer[] = {
    /* an unknown key, at every level */
    {IN("{"), JL_CONFLICT, ""},
    {IN("\"colour\":{"), JL_CONFLICT, ""},
    {IN("{\"number\":2,\"key\":\"blue\","), JL_CONFLICT, ""},
    {IN("{\"number\":1000,"), JL_CONFLICT, ""},
    {IN("{\"number\":2,\"name\":\"pin\","), JL_CONFLICT, ""},
    {IN("\"living\":{"), JL_CONFLICT, ""},
    {IN("\"transfer\":{"), JL_CONFLICT, ""},
    {IN("\"flow\":{"), JL_CONFLICT, ""},
    {IN("{\"from\":null,"), JL_CONFLICT, ""},
    {IN("\"checks\":[{"), JL_CONFLICT, ""},
    {IN("\"figures\":[{"), JL_CONFLICT, ""},
    {IN("\"measure\":{"), JL_CONFLICT, ""},
    {IN("\"filters\":[{"), JL_CONFLICT, ""},
    /* a format, kind, rule or word that is unknown */
    {"\"format\":1", "\"format\":2", JL_CONFLICT, ""},
    {"\"format\":1", "\"format\":\"2.0\"", JL_CONFLICT, ""},
    {"{\"format\":1,\"version\":7,", "{\"format\":3,\"edition\":\"x\",", JL_CONFLICT, ""},
    {"\"kind\":\"money\"", "\"kind\":\"decimal\"", JL_CONFLICT, ""},
    {"\"rule\":\"name\"", "\"rule\":\"poem\"", JL_CONFLICT, ""},
    {"\"owner\":\"office\"", "\"owner\":\"city\"", JL_CONFLICT, ""},
    {"\"decides\":\"district\"", "\"decides\":\"newest\"", JL_CONFLICT, ""},
    {"\"by\":\"from\"", "\"by\":\"clerk\"", JL_CONFLICT, ""},
    {"\"aggregate\":\"sum\"", "\"aggregate\":\"mean\"", JL_CONFLICT, ""},
    {"\"test\":\"set\"", "\"test\":\"like\"", JL_CONFLICT, ""},
    {"\"ref\":\"office\"", "\"ref\":\"standing\"", JL_CONFLICT, ""},
    {"\"codes\":\"colour\"", "\"codes\":\"standing_kind\"", JL_CONFLICT, ""},
    {"[\"shelf\",\"@owner\"]", "[\"shelf\",\"@year\"]", JL_CONFLICT, ""},
    {"\"type\":\"book\"", "\"type\":\"standing\"", JL_CONFLICT, ""},
    /* another form of what is known, and what is over a bound of ours */
    {"\"search\":true", "\"search\":\"fuzzy\"", JL_CONFLICT, ""},
    {"\"title\":[\"name\"]", "\"title\":\"{name}\"", JL_CONFLICT, ""},
    {"\"number\":1001", "\"number\":100000", JL_CONFLICT, ""},
    {"\"due_working_days\":5", "\"due_working_days\":367", JL_CONFLICT, ""},
    {"\"unit\":\"元\"", "\"unit\":\"a unit of more than 32 characters, which is long\"",
     JL_CONFLICT, ""},
    /* what it says that it needs */
    {"\"version\":7", "\"version\":7,\"needs\":\"0.1.0\"", JL_OK, "0.1.0"},
    {"\"version\":7", "\"version\":7,\"needs\":\"99.1\"", JL_CONFLICT, "99.1"},
    {"\"format\":1", "\"format\":9,\"needs\":\"99.1\"", JL_CONFLICT, "99.1"},
    {"\"format\":1,\"version\":7", "\"needs\":\"99.1\"", JL_CONFLICT, "99.1"},
    {"\"format\":1", "\"format\":9,\"needs\":\"0.0.1\"", JL_CONFLICT, ""},
    {"\"version\":7", "\"version\":7,\"needs\":\"soon\"", JL_CONFLICT, ""},
    {"\"version\":7", "\"version\":7,\"needs\":\"1.2.3.4.5.6.7.8.9\"", JL_CONFLICT, ""},
    /* what no program could follow */
    {"{\"format\"", "[\"format\"", JL_PROTO, ""},
    {"\"format\":1,", "", JL_PROTO, ""},
    {"\"format\":1", "\"format\":0", JL_PROTO, ""},
    {"\"version\":7", "\"version\":0", JL_PROTO, ""},
    {"\"zh\":\"红\",", "", JL_PROTO, ""},
    {"\"number\":1001", "\"number\":1000", JL_PROTO, ""},
    {"\"zh\":\"口令\"", "\"zh\":\"架名\"", JL_PROTO, ""},
};

static void test_what_a_newer_program_knows_is_told_from_what_is_broken(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof newer / sizeof newer[0]; i++) {
        JL_AUTO(jl_buf) text = {0};
        JL_AUTO_PTR(jl_catalogue) catalogue = NULL;
        JL_AUTO_PTR(jl_catalogue) strict = NULL;
        struct jl_err err = {0};
        char needs[JL_PROGRAM_BYTES] = "?";
        broken_text(newer[i].before, newer[i].after, &text);
        enum jl_rc rc =
            jl_catalogue_parse_synced(jl_buf_bytes(&text), "n.json", &catalogue, needs, &err);
        if (rc != newer[i].rc || (rc != JL_OK && err.rc != rc) ||
            strcmp(needs, newer[i].needs) != 0) {
            fail_msg("%s -> %s: rc %d, needs \"%s\", %s", newer[i].before, newer[i].after, (int)rc,
                     needs, err_said(&err));
        }
        assert_int_equal(catalogue == NULL, rc != JL_OK);
        /* A file of somebody's: the same is a mistake, and the message says where. */
        assert_int_equal(jl_catalogue_parse(jl_buf_bytes(&text), "n.json", &strict, &err),
                         rc == JL_OK ? JL_OK : JL_PROTO);
        assert_true(rc == JL_OK || strstr(err_said(&err), "n.json: ") == err_said(&err));
    }
}

static void test_a_file_for_a_newer_program_is_refused_by_its_version(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    struct jl_catalogue *catalogue = NULL;
    struct jl_err err = {0};
    broken_text("\"format\":1", "\"format\":9,\"needs\":\"99.1\"", &text);
    assert_int_equal(jl_catalogue_parse(jl_buf_bytes(&text), "n.json", &catalogue, &err), JL_PROTO);
    assert_non_null(strstr(err_said(&err), "needs jielian 99.1 or newer, and this program is"));
}

static void test_a_text_over_the_bound_is_a_newer_programs(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO_PTR(jl_catalogue) catalogue = NULL;
    char needs[JL_PROGRAM_BYTES];
    struct jl_err err = {0};
    assert_int_equal(jl_buf_put_text(&text, good, &err), JL_OK);
    while (text.size < JL_CATALOGUE_MAX_BYTES) {
        assert_int_equal(jl_buf_put_u8(&text, ' ', &err), JL_OK);
    }
    assert_int_equal(
        jl_catalogue_parse_synced(jl_buf_bytes(&text), "n.json", &catalogue, needs, &err), JL_OK);
    jl_catalogue_free(catalogue);
    catalogue = NULL;
    assert_int_equal(jl_buf_put_u8(&text, ' ', &err), JL_OK);
    assert_int_equal(
        jl_catalogue_parse_synced(jl_buf_bytes(&text), "n.json", &catalogue, needs, &err),
        JL_CONFLICT);
}

static void test_sizes_over_a_bound_are_limits(void **state) {
    (void)state;
    struct jl_catalogue *catalogue = NULL;
    struct jl_err err = {0};
    JL_AUTO(jl_buf) text = {0};
    for (size_t i = 0; i <= JL_CATALOGUE_MAX_BYTES; i++) {
        assert_int_equal(jl_buf_put_u8(&text, ' ', &err), JL_OK);
    }
    assert_int_equal(jl_catalogue_parse(jl_buf_bytes(&text), "big.json", &catalogue, &err),
                     JL_LIMIT);
    jl_buf_reset(&text);
    assert_int_equal(jl_buf_put_text(&text,
                                     "{\"format\":1,\"version\":1,\"code_lists\":{},"
                                     "\"types\":[0",
                                     &err),
                     JL_OK);
    for (size_t i = 0; i < JL_TYPES_MAX; i++) {
        assert_int_equal(jl_buf_put_text(&text, ",0", &err), JL_OK);
    }
    assert_int_equal(jl_buf_put_text(&text, "]}", &err), JL_OK);
    assert_int_equal(jl_catalogue_parse(jl_buf_bytes(&text), "many.json", &catalogue, &err),
                     JL_LIMIT);
    assert_non_null(strstr(err_said(&err), "\"types\" has 257 entries"));
    jl_buf_reset(&text);
    for (size_t i = 0; i < 100000; i++) {
        assert_int_equal(jl_buf_put_u8(&text, '[', &err), JL_OK);
    }
    assert_int_equal(jl_catalogue_parse(jl_buf_bytes(&text), "deep.json", &catalogue, &err),
                     JL_PROTO);
}

/* A type with so many unique fields, numbered from 1. */
static enum jl_rc parse_unique(size_t count, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO_PTR(jl_catalogue) catalogue = NULL;
    enum jl_rc rc =
        jl_buf_put_text(&text,
                        "{\"format\":1,\"version\":1,\"code_lists\":{},\"types\":[{\"number\":1001,"
                        "\"name\":\"book\",\"zh\":\"书\",\"en\":\"Book\",\"owner\":\"office\","
                        "\"decides\":\"office\",\"title\":[\"f1\"],\"fields\":[",
                        err);
    for (size_t i = 1; rc == JL_OK && i <= count; i++) {
        rc =
            jl_buf_printf(&text, err,
                          "%s{\"number\":%zu,\"required\":true,\"name\":\"f%zu\",\"kind\":\"text\","
                          "\"zh\":\"字%zu\",\"en\":\"F%zu\",\"unique\":true}",
                          i > 1 ? "," : "", i, i, i, i);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_text(&text, "]}]}", err);
    }
    return rc == JL_OK ? jl_catalogue_parse(jl_buf_bytes(&text), "unique.json", &catalogue, err)
                       : rc;
}

static void test_only_so_many_fields_of_a_type_are_unique(void **state) {
    (void)state;
    struct jl_err err = {0};
    if (parse_unique(JL_UNIQUE_PER_TYPE_MAX, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    assert_int_equal(parse_unique(JL_UNIQUE_PER_TYPE_MAX + 1, &err), JL_LIMIT);
    assert_non_null(strstr(err_said(&err), "fields[8] \"f9\": more than 8"));
}

static void test_every_shortened_text_is_refused(void **state) {
    (void)state;
    /* The last byte is the newline behind the object. */
    for (size_t size = 0; size + 2 < sizeof good; size += 7) {
        struct jl_catalogue *catalogue = NULL;
        assert_int_equal(jl_catalogue_parse(jl_bytes(good, size), "cut", &catalogue, NULL),
                         JL_PROTO);
    }
}

static struct jl_catalogue *parse_good(void) {
    struct jl_catalogue *catalogue = NULL;
    struct jl_err err = {0};
    if (jl_catalogue_parse(jl_bytes_text(good), "good.json", &catalogue, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return catalogue;
}

static void test_a_good_catalogue_says_what_its_text_says(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_catalogue) catalogue = parse_good();
    assert_int_equal(jl_catalogue_version(catalogue), 7);
    const struct jl_type *book = jl_catalogue_type(catalogue, 1001);
    assert_non_null(book);
    assert_ptr_equal(jl_catalogue_type_named(catalogue, "book"), book);
    assert_int_equal(book->owner, JL_SIDE_OFFICE);
    assert_int_equal(book->decides, JL_SIDE_DISTRICT);
    assert_false(book->built_in);
    assert_int_equal(book->natural_key_count, 1);
    assert_int_equal(book->natural_key[0], 5);
    assert_true(book->natural_key_has_owner);
    assert_int_equal(book->living_field, 2);
    assert_int_equal(book->living_code_count, 2);
    assert_int_equal(book->transfer_subject, 5);
    assert_int_equal(book->transfer_from, 6);
    assert_int_equal(book->transfer_to, 7);
    assert_int_equal(book->transfer_name, 10);
    assert_int_equal(book->transfer_asked, 8);
    assert_int_equal(book->transfer_effective, 11);
    assert_int_equal(book->transfer_dependants, 4);
    assert_int_equal(book->carry_count, 2);
    assert_int_equal(book->carries[1].from, 3);
    assert_int_equal(book->carries[1].to, 4);
    assert_int_equal(book->flow.due_field, 11);
    assert_int_equal(book->flow.field, 2);
    assert_int_equal(book->flow.move_count, 3);
    assert_int_equal(book->flow.moves[1].from, 0);
    assert_int_equal(book->flow.moves[1].to, 2);
    assert_int_equal(book->flow.moves[2].who, JL_MOVER_FROM);
    assert_int_equal(book->flow.due_working_days, 5);
    assert_int_equal(book->check_count, 1);
    assert_int_equal(book->checks[0].other, 4);

    const struct jl_field *few = jl_type_field(book, 3);
    assert_string_equal(few->name, "few");
    assert_int_equal(few->lowest, 2);
    assert_int_equal(few->highest, 9);
    assert_true(few->fallback.set);
    const struct jl_field *many = jl_type_field_named(book, "many");
    assert_int_equal(many->number, 4);
    assert_int_equal(many->highest, INT64_C(1000000000000000));
    assert_false(many->fallback.set);
    assert_null(jl_type_field(book, 1));
    assert_null(jl_type_field(book, 0));
    assert_null(jl_type_field_named(book, "none"));
    assert_null(jl_catalogue_type(catalogue, 1002));
    assert_null(jl_catalogue_type_named(catalogue, "tome"));

    const struct jl_figure *figure = jl_catalogue_figure_at(catalogue, 0);
    assert_int_equal(jl_catalogue_figure_count(catalogue), 1);
    assert_int_equal(figure->decimals, 2);
    assert_int_equal(figure->measure.filter_count, 3);
    assert_int_equal(figure->measure.filters[0].numbers[0], 1);
    assert_int_equal(figure->measure.filters[2].via, 5);
    assert_int_equal(figure->measure.filters[2].field, 1);
    assert_int_equal(figure->measure.window_field, 8);
    assert_int_equal(figure->measure.field, 9);
    assert_null(figure->divisor);
    assert_null(jl_catalogue_figure_at(catalogue, 1));
}

/* ---- Lookups ---- */

static void test_codes_are_found_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t number; /* 0: unknown */
    } cases[] = {
        {"1", 1},     {"01", 1},         {" ２ ", 2},
        {"red", 1},   {"ＲＥＤ", 1},     {"红", 1},
        {"赤", 1},    {"蓝*", 2},        {"other", 9},
        {"12345", 9}, {"12345 热线", 9}, {"", 0},
        {"*", 0},     {"3", 0},          {"绿", 0},
        {"\xff", 0},  {"re", 0},         {"9999999999999999999999", 0},
    };
    JL_AUTO_PTR(jl_catalogue) catalogue = parse_good();
    const struct jl_type *book = jl_catalogue_type_named(catalogue, "book");
    const struct jl_code_list *list = jl_type_field_named(book, "hue")->codes;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct jl_code *code = jl_code_list_find(list, jl_bytes_text(cases[i].text));
        uint32_t number = code == NULL ? 0 : code->number;
        if (number != cases[i].number) {
            fail_msg("\"%s\" is code %u", cases[i].text, number);
        }
    }
    assert_true(jl_code_list_code(list, 9)->hidden);
    assert_null(jl_code_list_code(list, 3));
}

static void test_the_built_in_types_stand_alone(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_catalogue) catalogue = NULL;
    struct jl_err err = {0};
    if (jl_catalogue_builtin(&catalogue, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    assert_int_equal(jl_catalogue_version(catalogue), 0);
    assert_int_equal(jl_catalogue_type_count(catalogue), 12);
    for (uint32_t n = 1; n <= 12; n++) {
        assert_true(jl_catalogue_type(catalogue, n)->built_in);
        assert_int_equal(jl_catalogue_type_at(catalogue, n - 1)->number, n);
    }
    assert_null(jl_catalogue_type_at(catalogue, 12));
    const struct jl_type *office = jl_catalogue_type(catalogue, 1);
    assert_int_equal(jl_type_field_named(office, "number")->highest, 4095);
    assert_true(jl_catalogue_type_named(catalogue, "access_log")->append_only);
    assert_string_equal(jl_kind_name(JL_KIND_ID_NO), "id_no");
    assert_null(jl_kind_name((enum jl_kind)12));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_broken_catalogue_is_refused_with_the_way_to_the_fault),
        cmocka_unit_test(test_what_a_newer_program_knows_is_told_from_what_is_broken),
        cmocka_unit_test(test_a_file_for_a_newer_program_is_refused_by_its_version),
        cmocka_unit_test(test_a_text_over_the_bound_is_a_newer_programs),
        cmocka_unit_test(test_sizes_over_a_bound_are_limits),
        cmocka_unit_test(test_only_so_many_fields_of_a_type_are_unique),
        cmocka_unit_test(test_every_shortened_text_is_refused),
        cmocka_unit_test(test_a_good_catalogue_says_what_its_text_says),
        cmocka_unit_test(test_codes_are_found_as_people_write_them),
        cmocka_unit_test(test_the_built_in_types_stand_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
