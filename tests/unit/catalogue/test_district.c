/* The district's own catalogue: catalogue/district.json.
 *
 * Method: it must parse, and tables say what must be found in it. */
#include "jielian/base/file.h"
#include "jielian/base/limits.h"
#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct jl_catalogue *parse_district(void) {
    struct jl_catalogue *catalogue = NULL;
    struct jl_err err = {0};
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_file_read(JIELIAN_SOURCE_DIR "/catalogue/district.json",
                                 JL_CATALOGUE_MAX_BYTES, &text, &err);
    if (rc == JL_OK) {
        rc = jl_catalogue_parse(jl_buf_bytes(&text), "district.json", &catalogue, &err);
    }
    if (rc != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return catalogue;
}

static void test_the_districts_file_has_every_type(void **state) {
    (void)state;
    static const char *const names[] = {
        "union_org",
        "unit",
        "member",
        "transfer",
        "officer",
        "org_event",
        "activity",
        "attendance",
        "benefit_batch",
        "benefit_line",
        "service_site",
        "hardship_family",
        "aid_payment",
        "match_profile",
        "honor",
        "warn_officer",
        "lr_weekly",
        "dispute_case",
        "legal_service",
        "collective_contract",
        "visit",
        "visit_issue",
        "fee_relief",
        "fee_refund",
        "officer_subsidy",
        "finance_check",
        "reform_task",
        "party_recommend",
        "policy_doc",
        "office",
        "staff",
        "notice",
        "case",
        "change_set",
        "import_batch",
        "access_log",
        "report_snapshot",
        "quarantine_decision",
        "old_books_leave",
        "transfer_ask",
        "child_attendance",
        "catalogue",
    };
    JL_AUTO_PTR(jl_catalogue) catalogue = parse_district();
    assert_int_equal(jl_catalogue_type_count(catalogue), sizeof names / sizeof names[0]);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct jl_type *type = jl_catalogue_type_named(catalogue, names[i]);
        if (type == NULL) {
            fail_msg("no type %s", names[i]);
            return;
        }
        assert_int_equal(type->built_in, type->number < 1000);
    }
    assert_true(jl_catalogue_type_named(catalogue, "match_profile")->confined);
    assert_int_equal(jl_catalogue_type_named(catalogue, "policy_doc")->owner, JL_SIDE_DISTRICT);
}

static void test_natural_keys_are_those_of_the_domain(void **state) {
    (void)state;
    static const struct {
        const char *type;
        const char *fields[3];
        bool owner;
    } cases[] = {
        {"attendance", {"activity", "member"}, false},
        {"benefit_line", {"batch", "member"}, false},
        {"lr_weekly", {"week"}, true},
        {"fee_refund", {"unit", "period"}, false},
        {"finance_check", {"org", "year"}, false},
        {"officer_subsidy", {NULL}, false},
        {"member", {NULL}, false},
        {"office", {"number"}, false},
        {"catalogue", {"name"}, false},
    };
    JL_AUTO_PTR(jl_catalogue) catalogue = parse_district();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct jl_type *type = jl_catalogue_type_named(catalogue, cases[i].type);
        size_t count = 0;
        while (cases[i].fields[count] != NULL) {
            const struct jl_field *field = jl_type_field_named(type, cases[i].fields[count]);
            assert_int_equal(type->natural_key[count], field->number);
            count++;
        }
        assert_int_equal(type->natural_key_count, count);
        assert_int_equal(type->natural_key_has_owner, cases[i].owner);
    }
}

static void test_headers_of_real_spreadsheets_are_known(void **state) {
    (void)state;
    static const struct {
        const char *type, *header, *field; /* field NULL: unknown */
    } cases[] = {
        {"member", "姓名", "name"},
        {"member", " 姓 名 ", "name"},
        {"member", "姓　名*", "name"},
        {"member", "＊姓名（必填）", "name"},
        {"member", "Identity Number", "id_no"},
        {"member", "ID_NO", "id_no"},
        {"member", "身份证号", "id_no"},
        {"member", "身份证\n号码", "id_no"},
        {"member", "公民身份号码", "id_no"},
        {"member", "证件号", "id_no"},
        {"member", "手机号：", "mobile"},
        {"member", "联系电话", "mobile"},
        {"member", "移动电话", "mobile"},
        {"member", "所在工会", "org"},
        {"member", "基层工会", "org"},
        {"member", "工作单位", "unit"},
        {"member", "文化程度", "edu"},
        {"member", "入会时间", "joined_on"},
        {"union_org", "会员数（填报）", "member_n"},
        {"union_org", "其中女会员", "women_member_n"},
        {"unit", "统一社会信用代码", "uscc"},
        {"activity", "活动时间", "start_on"},
        {"fee_refund", "返还金额", "refund"},
        {"member", "原因", NULL}, /* the column that import adds to rows with problems */
        {"hardship_family", "原因", NULL},
        {"transfer", "原因", NULL},
        {"member", "序号", NULL},
        {"member", "", NULL},
        {"member", "\xe5\xa7", NULL},
    };
    JL_AUTO_PTR(jl_catalogue) catalogue = parse_district();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct jl_type *type = jl_catalogue_type_named(catalogue, cases[i].type);
        const struct jl_field *field =
            jl_type_field_by_header(type, jl_bytes_text(cases[i].header));
        const char *name = field == NULL ? "(none)" : field->name;
        const char *expected = cases[i].field == NULL ? "(none)" : cases[i].field;
        if (strcmp(name, expected) != 0) {
            fail_msg("%s: \"%s\" is %s", cases[i].type, cases[i].header, name);
        }
    }
}

static void test_what_is_personal_is_sensitive(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"member", "id_no"},
        {"member", "mobile"},
        {"union_org", "chair_phone"},
        {"unit", "contact_phone"},
        {"dispute_case", "party"},
        {"hardship_family", "cause"},
        {"fee_refund", "account"},
        {"hardship_family", "month_income"},
        {"match_profile", "intention"},
        {"staff", "verifier"},
    };
    JL_AUTO_PTR(jl_catalogue) catalogue = parse_district();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct jl_type *type = jl_catalogue_type_named(catalogue, cases[i][0]);
        assert_true(jl_type_field_named(type, cases[i][1])->sensitive);
    }
}

static void test_every_figure_of_the_domain_is_there(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_catalogue) catalogue = parse_district();
    for (unsigned n = 1; n <= 45; n++) {
        char key[8];
        bool found = false;
        (void)snprintf(key, sizeof key, "F%02u", n);
        for (size_t i = 0; !found && i < jl_catalogue_figure_count(catalogue); i++) {
            found = strncmp(jl_catalogue_figure_at(catalogue, i)->key, key, 3) == 0;
        }
        if (!found) {
            fail_msg("no figure %s", key);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_districts_file_has_every_type),
        cmocka_unit_test(test_natural_keys_are_those_of_the_domain),
        cmocka_unit_test(test_headers_of_real_spreadsheets_are_known),
        cmocka_unit_test(test_what_is_personal_is_sensitive),
        cmocka_unit_test(test_every_figure_of_the_domain_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
