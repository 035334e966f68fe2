/* jielian-district: the consolidated books, and the server that the offices sync with. */
#include "server/command/district_commands.h"
#include "server/command/district_desk.h"

#include "jielian/command/commands.h"

static const struct jl_command commands[] = {
    {"init", jl_cmd_init, "新建区总工会数据 / make a new district"},
    {"serve", jl_cmd_serve, "常驻运行，供各镇街同步 / serve the offices"},
    {"office add", jl_cmd_office_add, "登记镇街 / add an office"},
    {"office list", jl_cmd_office_list, "列出镇街 / list the offices"},
    {"invite", jl_cmd_invite, "为一台电脑签发邀请文件 / an invitation file for one PC"},
    {"leave", jl_cmd_leave, "准许一个镇街补录旧账 / let an office enter old books"},
    {"device list", jl_cmd_device_list, "列出设备 / list the devices"},
    {"device suspend", jl_cmd_device_suspend, "停用设备 / suspend a device: no data, may deliver"},
    {"device resume", jl_cmd_device_resume, "恢复停用的设备 / let a suspended device in again"},
    {"device revoke", jl_cmd_device_revoke, "注销设备 / revoke a device for good"},
    {"quarantine list", jl_cmd_quarantine_list,
     "停用设备送来的待审改动 / what suspended devices sent"},
    {"quarantine show", jl_cmd_quarantine_show, "查看一条待审改动 / what a held change would do"},
    {"quarantine admit", jl_cmd_quarantine_admit, "接收待审改动 / admit held changes"},
    {"quarantine refuse", jl_cmd_quarantine_refuse, "不接收待审改动 / refuse held changes"},
    {"user add", jl_cmd_user_add, "新增工作人员 / add a member of staff"},
    {"user passwd", jl_cmd_user_passwd, "设置口令 / set a password"},
    {"user confirm", jl_cmd_user_confirm,
     "确认因恢复备份而锁定的账号 / confirm accounts that a restore has locked"},
    {"status", jl_cmd_status, "各镇街同步状态 / which office is in step"},
    {"list", jl_cmd_record_list, "列出记录 / list records"},
    {"show", jl_cmd_record_show, "查看一条记录 / show a record"},
    {"find", jl_cmd_record_find, "按姓名、拼音、证件号、电话查找 / find by name, pinyin, number"},
    {"history", jl_cmd_history, "一条记录的变更历史 / who changed a record, when and how"},
    {"report", jl_cmd_report, "统计指标 / the figures"},
    {"add", jl_cmd_record_add, "新增一条记录 / create a record"},
    {"set", jl_cmd_record_set, "修改一条记录 / change a record"},
    {"delete", jl_cmd_record_delete, "删除一条记录 / delete a record"},
    {"import", jl_cmd_sheet_import, "为一个镇街导入 CSV / import a CSV file for an office"},
    {"export", jl_cmd_sheet_export, "导出 CSV / export to a CSV file"},
    {"template", jl_cmd_sheet_template, "导入模板 / the header row to fill in"},
    {"case list", jl_cmd_case_list, "待处理事项 / cases that a person must decide"},
    {"case show", jl_cmd_case_show, "查看一件待处理事项 / every value, by whom and when"},
    {"case resolve", jl_cmd_case_resolve, "处理一件待处理事项 / decide a case"},
    {"merge", jl_cmd_merge, "把两条记录合并为一条 / make one record of two"},
    {"transfer request", jl_cmd_transfer_request, "申请把会员转到别的镇街 / ask to move a member"},
    {"transfer list", jl_cmd_transfer_list,
     "转会一览，含办理期限 / transfers and when they are due"},
    {"transfer show", jl_cmd_transfer_show, "查看一次转会 / one transfer, and what stays behind"},
    {"transfer release", jl_cmd_transfer_release, "同意转出 / let the member go"},
    {"transfer receive", jl_cmd_transfer_receive, "接收转入 / take the member in"},
    {"transfer return", jl_cmd_transfer_return, "退回转会 / refuse the transfer"},
    {"transfer withdraw", jl_cmd_transfer_withdraw, "撤回转会 / take the request back"},
    {"undo", jl_cmd_undo, "撤销一个变更集 / undo a change set"},
    {"catalogue show", jl_cmd_catalogue_show, "在用的目录 / the catalogue in use"},
    {"catalogue check", jl_cmd_catalogue_check, "检查目录文件 / check a catalogue file"},
    {"catalogue apply", jl_cmd_catalogue_apply, "启用目录文件 / take a catalogue file into use"},
    {"backup", jl_cmd_backup, "备份 / back up while it runs"},
    {"restore", jl_cmd_restore,
     "恢复到空目录；或恢复一条已删除的记录 / restore into an empty folder; or a deleted record"},
    {"restore close", jl_cmd_restore_close,
     "恢复收尾，不再等待补送 / nothing more is expected to come back"},
    {"verify", jl_cmd_verify, "重放日志并核对 / replay the journal and compare"},
};

int main(int argc, char **argv) {
    static const struct jl_cli_program program = {.name = "jielian-district",
                                                  .commands = commands,
                                                  .count = sizeof commands / sizeof commands[0],
                                                  .desk = &jl_district_desk};
    return jl_cli_main(&program, argc, argv);
}
