/* Which catalogue may follow which (the rule stands in lib/catalogue/additive.c).
 *
 * Method: one change per row of a table, made to a small catalogue; an empty message means that the
 * change may be made. */
#include "jielian/catalogue/additive.h"
#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char current_text[] =
    "{\"format\":1,\"version\":7,\"code_lists\":{"
    "\"colour\":{\"zh\":\"颜色\",\"en\":\"Colour\",\"codes\":["
    "{\"number\":1,\"key\":\"red\",\"zh\":\"红\",\"en\":\"Red\"},"
    "{\"number\":2,\"key\":\"blue\",\"zh\":\"蓝\",\"en\":\"Blue\"}]},"
    "\"size\":{\"zh\":\"尺寸\",\"en\":\"Size\",\"codes\":["
    "{\"number\":1,\"key\":\"big\",\"zh\":\"大\",\"en\":\"Big\"}]}},"
    "\"types\":[{\"number\":1000,\"name\":\"shelf\",\"zh\":\"架\",\"en\":\"Shelf\","
    "\"owner\":\"office\",\"decides\":\"office\",\"natural_key\":[\"name\"],\"title\":[\"name\"],"
    "\"living\":{\"field\":\"hue\",\"codes\":[\"red\"]},"
    "\"flow\":{\"field\":\"hue\",\"moves\":[{\"from\":null,\"to\":\"red\",\"by\":\"any\"},"
    "{\"from\":\"red\",\"to\":\"blue\",\"by\":\"office\"}]},"
    "\"checks\":[{\"field\":\"few\",\"at_most\":\"many\",\"zh\":\"多\",\"en\":\"Too many\"},"
    "{\"field\":\"few\",\"at_most\":\"whole\",\"warning\":true,\"zh\":\"多\",\"en\":\"Too many\"}],"
    "\"fields\":[{\"number\":1,\"name\":\"name\",\"kind\":\"text\",\"zh\":\"名称\",\"en\":\"Name\","
    "\"required\":true},"
    "{\"number\":2,\"name\":\"hue\",\"kind\":\"code\",\"codes\":\"colour\",\"zh\":\"色\","
    "\"en\":\"Hue\",\"required\":true},"
    "{\"number\":3,\"name\":\"few\",\"kind\":\"int\",\"zh\":\"少\",\"en\":\"Few\",\"lowest\":2,"
    "\"highest\":9},"
    "{\"number\":4,\"name\":\"many\",\"kind\":\"int\",\"zh\":\"多\",\"en\":\"Many\"},"
    "{\"number\":5,\"name\":\"whole\",\"kind\":\"int\",\"zh\":\"全\",\"en\":\"All\"},"
    "{\"number\":6,\"name\":\"day\",\"kind\":\"date\",\"zh\":\"日\",\"en\":\"Day\"},"
    "{\"number\":7,\"name\":\"part_of\",\"kind\":\"ref\",\"ref\":\"office\",\"zh\":\"属\","
    "\"en\":\"Part of\"}]}],"
    "\"figures\":[{\"key\":\"F1\",\"zh\":\"架\",\"en\":\"Shelves\",\"unit\":\"个\","
    "\"phrase\":\"架{}\",\"measure\":{\"type\":\"office\",\"aggregate\":\"count\"}}]}";

/* The current text, one version on, with the first `before` replaced by `after`. */
static struct jl_catalogue *parse_changed(const char *before, const char *after) {
    JL_AUTO(jl_buf) text = {0};
    struct jl_err err = {0};
    struct jl_catalogue *catalogue = NULL;
    const char *place = strstr(current_text, before);
    if (place == NULL) {
        fail_msg("the current catalogue lacks %s", before);
        return NULL;
    }
    assert_int_equal(jl_buf_put(&text, current_text, (size_t)(place - current_text), &err), JL_OK);
    assert_int_equal(jl_buf_put_text(&text, after, &err), JL_OK);
    assert_int_equal(jl_buf_put_text(&text, place + strlen(before), &err), JL_OK);
    assert_int_equal(jl_buf_put_u8(&text, 0, &err), JL_OK);
    char *version = strstr((char *)text.data, "\"version\":7");
    if (version != NULL) {
        version[strlen("\"version\":")] = '8';
    }
    if (jl_catalogue_parse(jl_bytes_text((const char *)text.data), "next.json", &catalogue, &err) !=
        JL_OK) {
        fail_msg("%s -> %s: %s", before, after, err_said(&err));
    }
    return catalogue;
}

#define WHOLE_FIELD                                                                                \
    "{\"number\":5,\"name\":\"whole\",\"kind\":\"int\",\"zh\":\"全\",\"en\":\"All\"},"
#define NEW_FIELD "{\"number\":8,\"name\":\"note\",\"kind\":\"text\",\"zh\":\"注\",\"en\":\"Note\""
#define NEW_TYPE                                                                                   \
    "{\"number\":1001,\"name\":\"box\",\"zh\":\"箱\",\"en\":\"Box\",\"owner\":\"office\","        \
    "\"decides\":\"office\",\"title\":[\"name\"],\"fields\":[{\"number\":1,\"name\":\"name\","     \
    "\"kind\":\"text\",\"zh\":\"名称\",\"en\":\"Name\",\"required\":true}]}"

static const struct {
    const char *before, *after;
    const char *way, *fault; /* NULL: the change may be made */
} changes[] = {
    /* may be made */
    {"\"zh\":\"红\"", "\"zh\":\"赤\",\"synonyms\":[\"红\"],\"hidden\":true", NULL, NULL},
    {"\"zh\":\"名称\"", "\"zh\":\"架名\",\"synonyms\":[\"名称\"]", NULL, NULL},
    {"\"zh\":\"全\"", "\"zh\":\"全\",\"hidden\":true,\"default\":3", NULL, NULL},
    {"{\"number\":2,\"key\":\"blue\"",
     "{\"number\":3,\"key\":\"green\",\"zh\":\"绿\",\"en\":\"Green\"},{\"number\":2,\"key\":"
     "\"blue\"",
     NULL, NULL},
    {WHOLE_FIELD, NEW_FIELD "}," WHOLE_FIELD, NULL, NULL},
    {"{\"number\":1000,", NEW_TYPE ",{\"number\":1000,", NULL, NULL},
    {"\"lowest\":2,\"highest\":9", "\"lowest\":1,\"highest\":10", NULL, NULL},
    {"\"name\":\"day\",\"kind\":\"date\"",
     "\"name\":\"day\",\"kind\":\"date\",\"rule\":\"future_ok\"", NULL, NULL},
    {"\"codes\":[\"red\"]", "\"codes\":[\"blue\",\"red\"]", NULL, NULL},
    {"\"by\":\"office\"", "\"by\":\"any\"", NULL, NULL},
    {"\"to\":\"blue\",\"by\":\"office\"}",
     "\"to\":\"blue\",\"by\":\"office\"},{\"from\":\"blue\",\"to\":\"red\",\"by\":\"district\"}",
     NULL, NULL},
    {"\"field\":\"hue\",\"moves\"", "\"field\":\"hue\",\"due_working_days\":3,\"moves\"", NULL,
     NULL},
    {"\"at_most\":\"many\"", "\"at_most\":\"many\",\"warning\":true", NULL, NULL},
    {"\"title\":[\"name\"]", "\"title\":[\"name\",\"hue\"]", NULL, NULL},
    {"\"key\":\"F1\"", "\"key\":\"F2\"", NULL, NULL},
    /* may not */
    {"\"version\":7", "\"version\":6", "\"version\" is 6", "above 7"},
    {"{\"number\":2,\"key\":\"blue\"", "{\"number\":3,\"key\":\"blue\"", "code_lists \"colour\"",
     "code 2 \"blue\" is gone"},
    {"{\"number\":1,\"key\":\"big\"", "{\"number\":1,\"key\":\"large\"", "code_lists \"size\"",
     "code 1 was \"big\" and is \"large\" now"},
    {"\"size\":{", "\"measure\":{", "code_lists \"size\"", "is gone"},
    {"\"number\":1000,", "\"number\":1001,", "types \"shelf\"", "number 1000 is gone"},
    {"\"name\":\"shelf\"", "\"name\":\"rack\"", "types \"shelf\"", "has another name now"},
    {"\"owner\":\"office\"", "\"owner\":\"district\"", "types \"shelf\"", "\"owner\""},
    {"\"decides\":\"office\"", "\"decides\":\"district\"", "types \"shelf\"", "\"decides\""},
    {"\"natural_key\":[\"name\"]", "\"append_only\":true,\"natural_key\":[\"name\"]",
     "types \"shelf\"", "\"append_only\""},
    {"\"natural_key\":[\"name\"]", "\"confined\":true,\"natural_key\":[\"name\"]",
     "types \"shelf\"", "\"confined\""},
    {"\"natural_key\":[\"name\"]", "\"natural_key\":[\"name\",\"@owner\"]", "types \"shelf\"",
     "\"natural_key\""},
    {"\"natural_key\":[\"name\"],", "", "types \"shelf\"", "\"natural_key\""},
    {"\"number\":6,\"name\":\"day\"", "\"number\":8,\"name\":\"day\"",
     "types \"shelf\": fields \"day\"", "number 6 is gone"},
    {"\"name\":\"day\"", "\"name\":\"date_of\"", "fields \"day\"", "has the name \"date_of\" now"},
    {"\"name\":\"day\",\"kind\":\"date\"", "\"name\":\"day\",\"kind\":\"text\"", "fields \"day\"",
     "the kind changes from date to text"},
    {"\"name\":\"day\",\"kind\":\"date\"", "\"name\":\"day\",\"kind\":\"date\",\"required\":true",
     "fields \"day\"", "\"required\""},
    {"\"name\":\"day\",\"kind\":\"date\"", "\"name\":\"day\",\"kind\":\"date\",\"sensitive\":true",
     "fields \"day\"", "\"sensitive\""},
    {"\"name\":\"day\",\"kind\":\"date\"", "\"name\":\"day\",\"kind\":\"date\",\"unique\":true",
     "fields \"day\"", "\"unique\""},
    {"\"name\":\"day\",\"kind\":\"date\"", "\"name\":\"day\",\"kind\":\"date\",\"rule\":\"week\"",
     "fields \"day\"", "\"rule\""},
    {"\"ref\":\"office\"", "\"ref\":\"shelf\"", "fields \"part_of\"", "\"ref\""},
    {"\"lowest\":2", "\"lowest\":3", "fields \"few\"", "narrower"},
    {"\"highest\":9", "\"highest\":8", "fields \"few\"", "narrower"},
    {WHOLE_FIELD, NEW_FIELD ",\"required\":true}," WHOLE_FIELD, "fields \"note\"",
     "a new field can't be required"},
    {"\"codes\":[\"red\"]", "\"codes\":[\"blue\"]", "types \"shelf\": living", "code 1 is gone"},
    {"\"living\":{\"field\":\"hue\",\"codes\":[\"red\"]},", "", "living", "\"field\""},
    {"\"by\":\"office\"", "\"by\":\"district\"", "types \"shelf\": flow", "from red to blue"},
    {"{\"from\":null,\"to\":\"red\"", "{\"from\":null,\"to\":\"blue\"", "flow", "from null to red"},
    {"\"at_most\":\"whole\",\"warning\":true", "\"at_most\":\"whole\"", "checks[1] \"few\"",
     "set \"warning\""},
    {"\"checks\":[",
     "\"checks\":[{\"field\":\"many\",\"at_most\":\"whole\",\"zh\":\"多\",\"en\":\"Too many\"},",
     "checks[0] \"many\"", "set \"warning\""},
};

static void check_change(size_t i, const struct jl_catalogue *current) {
    struct jl_err err = {0};
    JL_AUTO_PTR(jl_catalogue) next = parse_changed(changes[i].before, changes[i].after);
    enum jl_rc rc = jl_additive_check(current, next, &err);
    bool good = changes[i].way == NULL
                    ? rc == JL_OK
                    : rc == JL_CONFLICT && strstr(err_said(&err), changes[i].way) != NULL &&
                          strstr(err_said(&err), changes[i].fault) != NULL;
    if (!good) {
        fail_msg("%s -> %s: rc %d, %s", changes[i].before, changes[i].after, (int)rc,
                 err_said(&err));
    }
    assert_int_equal(jl_additive_check(current, next, NULL), rc);
}

static void test_each_change_is_allowed_or_refused_by_the_rule(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_catalogue) current = NULL;
    struct jl_err err = {0};
    assert_int_equal(
        jl_catalogue_parse(jl_bytes_text(current_text), "current.json", &current, &err), JL_OK);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        check_change(i, current);
    }
}

static void test_the_same_version_does_not_follow_itself(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_catalogue) current = NULL;
    JL_AUTO_PTR(jl_catalogue) built_in = NULL;
    struct jl_err err = {0};
    assert_int_equal(
        jl_catalogue_parse(jl_bytes_text(current_text), "current.json", &current, &err), JL_OK);
    assert_int_equal(jl_catalogue_builtin(&built_in, &err), JL_OK);
    assert_int_equal(jl_additive_check(current, current, &err), JL_CONFLICT);
    assert_int_equal(jl_additive_check(built_in, current, &err), JL_OK);
    assert_int_equal(jl_additive_check(current, built_in, &err), JL_CONFLICT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_change_is_allowed_or_refused_by_the_rule),
        cmocka_unit_test(test_the_same_version_does_not_follow_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
