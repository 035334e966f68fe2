/* What the district federation owns: reform tasks and policy documents. Few, and the same at every
 * scale. */
#include "world.h"

#include <stdio.h>

enum { REFORM_FILE = 1, POLICY_FILE = 2 };

static const struct jl_column reform_columns[] = {
    {"年度", NULL}, {"任务", NULL}, {"应覆盖", NULL}, {"已覆盖", NULL}};

static enum jl_rc make_reforms(struct jl_world *world, struct jl_err *err) {
    static const struct {
        int32_t year;
        const char *task;
        int32_t due_n, covered_n;
    } tasks[] = {
        {2018, "产业工人队伍建设改革试点镇街", 4, 4},
        {2019, "产业工人队伍建设改革镇街覆盖", 8, 8},
        {2020, "产业工人队伍建设改革镇街覆盖", 12, 12},
        {2020, "规上企业产业工人队伍建设改革", 186, 186},
        {2021, "规上企业产业工人队伍建设改革", 214, 214},
        {2021, "资质建筑业企业产业工人队伍建设改革", 57, 57},
        {2022, "规上企业产业工人队伍建设改革", 231, 231},
        {2022, "资质建筑业企业产业工人队伍建设改革", 63, 63},
        {2016, "改革调研", 12, 5}, /* before the window */
    };
    JL_AUTO(jl_sheet) sheet = {0};
    JL_WORLD_OPEN(world, &sheet, "产业工人队伍建设改革任务表", reform_columns);
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        jl_sheet_int(&sheet, tasks[i].year);
        jl_sheet_text(&sheet, tasks[i].task);
        jl_sheet_int(&sheet, tasks[i].due_n);
        jl_sheet_int(&sheet, tasks[i].covered_n);
        jl_expect_reform(&world->expect, tasks[i].year, tasks[i].due_n, tasks[i].covered_n);
    }
    return jl_world_close(world, &sheet, REFORM_FILE, "reform_task", err);
}

static const struct jl_column policy_columns[] = {
    {"标题", NULL}, {"类别", NULL}, {"日期", NULL}, {"文号", NULL}};

static enum jl_rc make_policies(struct jl_world *world, struct jl_err *err) {
    static const struct {
        const char *kind;
        const char *title; /* with a running number */
        int32_t n;
        int32_t date;
    } series[] = {
        {"机制", "工会工作机制", 8, 20190315},
        {"工作法", "五全工作法", 5, 20200520},
        {"举措", "留杭过年关爱职工举措", 8, 20210108},
        {"意见", "关于加强基层工会建设的实施意见", 4, 20180620},
        {"细则", "工会经费管理实施细则", 3, 20191111},
        {"机制", "早期工作机制", 2, 20160310},
    };
    JL_AUTO(jl_sheet) sheet = {0};
    JL_WORLD_OPEN(world, &sheet, "制度文件目录", policy_columns);
    for (size_t i = 0; i < sizeof series / sizeof *series; i++) {
        for (int32_t k = 0; k < series[i].n; k++) {
            jl_sheet_printf(&sheet, "%s之%d", series[i].title, k + 1);
            jl_sheet_text(&sheet, series[i].kind);
            jl_sheet_date(&sheet, series[i].date);
            jl_sheet_printf(&sheet, "西工〔%d〕%llu号", series[i].date / 10000,
                            (unsigned long long)sheet.rows);
            jl_expect_policy(&world->expect, series[i].kind, series[i].date);
        }
    }
    return jl_world_close(world, &sheet, POLICY_FILE, "policy_doc", err);
}

enum jl_rc jl_make_district(struct jl_world *world, struct jl_err *err) {
    enum jl_rc rc = make_reforms(world, err);
    return rc != JL_OK ? rc : make_policies(world, err);
}
