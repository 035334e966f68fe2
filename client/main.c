/* jielian-office: one subdistrict's books, with or without a network. */
#include "client/command/office_commands.h"
#include "client/command/office_desk.h"

#include "jielian/cli/cli.h"
#include "jielian/command/commands.h"

static const struct jl_command commands[] = {
    {"join", jl_cmd_join,
     "凭邀请文件加入区总工会并首次下载 / enrol this PC and download the books"},
    {"run", jl_cmd_sync_run, "常驻运行，随时同步 / stay and sync all the time"},
    {"sync", jl_cmd_sync, "同步一次，直到与区总工会核对一致 / sync once, until proven identical"},
    {"status", jl_cmd_status, "同步状态 / state of the sync"},
    {"add", jl_cmd_record_add, "新增一条记录 / create a record"},
    {"set", jl_cmd_record_set, "修改一条记录 / change a record"},
    {"delete", jl_cmd_record_delete, "删除一条记录 / delete a record"},
    {"restore", jl_cmd_record_restore, "恢复一条已删除的记录 / bring a deleted record back"},
    {"list", jl_cmd_record_list, "列出记录 / list records"},
    {"show", jl_cmd_record_show, "查看一条记录 / show a record"},
    {"history", jl_cmd_history, "一条记录的变更历史 / who changed a record, when and how"},
    {"find", jl_cmd_record_find, "按姓名、拼音、证件号、电话查找 / find by name, pinyin, number"},
    {"import", jl_cmd_sheet_import, "导入 CSV / import a CSV file"},
    {"export", jl_cmd_sheet_export, "导出 CSV / export to a CSV file"},
    {"template", jl_cmd_sheet_template, "导入模板 / the header row to fill in"},
    {"case list", jl_cmd_case_list, "待处理事项 / cases that a person must decide"},
    {"case show", jl_cmd_case_show, "查看一件待处理事项 / every value, by whom and when"},
    {"case resolve", jl_cmd_case_resolve, "处理一件待处理事项 / decide a case"},
    {"transfer request", jl_cmd_transfer_request, "申请把会员转到别的镇街 / ask to move a member"},
    {"transfer ask", jl_cmd_transfer_ask,
     "请区级查找要转入的人 / ask the district for somebody who comes here"},
    {"transfer list", jl_cmd_transfer_list,
     "转会一览，含办理期限 / transfers and when they are due"},
    {"transfer show", jl_cmd_transfer_show, "查看一次转会 / one transfer, and what stays behind"},
    {"transfer release", jl_cmd_transfer_release, "同意转出 / let the member go"},
    {"transfer receive", jl_cmd_transfer_receive, "接收转入 / take the member in"},
    {"transfer return", jl_cmd_transfer_return, "退回转会 / refuse the transfer"},
    {"transfer withdraw", jl_cmd_transfer_withdraw, "撤回转会 / take the request back"},
    {"verify", jl_cmd_verify, "检查本机数据 / check this PC's data, say what to do next"},
    {"rebuild", jl_cmd_rebuild,
     "数据损坏后重建，保留未发送的改动 / new books after damage; unsent changes are kept"},
    {"resend", jl_cmd_resend,
     "把被退回、已搁置的重新报送 / send again what was refused or set aside"},
    {"merge", jl_cmd_merge, "把本镇街的两条记录合并为一条 / make one record of two of this office"},
    {"undo", jl_cmd_undo, "撤销一个变更集 / undo a change set"},
};

int main(int argc, char **argv) {
    static const struct jl_cli_program program = {.name = "jielian-office",
                                                  .commands = commands,
                                                  .count = sizeof commands / sizeof commands[0],
                                                  .desk = &jl_office_desk};
    return jl_cli_main(&program, argc, argv);
}
