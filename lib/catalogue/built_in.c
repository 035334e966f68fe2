/* The built-in types, in the form of docs/catalogue.md and read by the same code as the district's
 * file. Numbers and names are fixed for ever: programs refer to them.
 *
 * One piece per list or type, for a C compiler need not take a longer literal. */
#include "built_in.h"

#include <stddef.h>

#define FIELD(number, name, kind, zh, en, more)                                                    \
    "{\"number\":" #number ",\"name\":\"" name "\",\"kind\":\"" kind "\",\"zh\":\"" zh             \
    "\",\"en\":\"" en "\"" more "}"
#define CODE(number, key, zh, en)                                                                  \
    "{\"number\":" #number ",\"key\":\"" key "\",\"zh\":\"" zh "\",\"en\":\"" en "\"}"
#define LIST(name, zh, en) "\"" name "\":{\"zh\":\"" zh "\",\"en\":\"" en "\",\"codes\":["
#define TYPE(number, name, zh, en, owner, decides, more)                                           \
    "{\"number\":" #number ",\"name\":\"" name "\",\"zh\":\"" zh "\",\"en\":\"" en                 \
    "\",\"owner\":\"" owner "\",\"decides\":\"" decides "\"," more ",\"fields\":["
#define REQUIRED ",\"required\":true"
#define SEARCH ",\"search\":true"
#define SENSITIVE ",\"sensitive\":true"
#define HIDDEN ",\"hidden\":true"
#define FUTURE ",\"rule\":\"future_ok\""
#define CODES(list) ",\"codes\":\"" list "\""

/* clang-format off */
const char *const jl_built_in_texts[] = {
    "{\"format\":1,\"version\":0,\"code_lists\":{",
    LIST("staff_role", "角色", "Role")
        CODE(1, "clerk", "经办", "Clerk") ","
        CODE(2, "reviewer", "复核", "Reviewer") ","
        CODE(3, "district", "区级", "District") ","
        CODE(4, "operator", "运维", "Operator") "]},",
    LIST("case_kind", "待处理类别", "Kind of case")
        CODE(1, "field_conflict", "字段冲突", "Field conflict") ","
        CODE(2, "deleted_here", "删除与修改", "Deleted and changed") ","
        CODE(3, "left_office", "已转出后修改", "Changed after leaving") ","
        CODE(4, "possible_duplicate", "疑似重复", "Possible duplicate") ","
        CODE(5, "transfer", "转会需处理", "Transfer to handle") ","
        CODE(6, "merged", "已合并后修改", "Changed after merging") ","
        CODE(7, "held", "等待前序改动", "Waiting for an earlier change") ","
        CODE(8, "date_ahead", "日期晚于今天", "Date ahead of today") ","
        CODE(9, "not_taken", "恢复后未能补入", "Not taken after a restore") "]},",
    LIST("case_status", "待处理状态", "Status of the case")
        CODE(1, "open", "待处理", "Open") ","
        CODE(2, "resolved", "已处理", "Resolved") "]},",
    LIST("change_set_kind", "变更集类别", "Kind of change set")
        CODE(1, "import", "导入", "Import") ","
        CODE(2, "bulk_edit", "批量修改", "Bulk edit") ","
        CODE(3, "merge", "合并", "Merge") ","
        CODE(4, "transfer", "转会", "Transfer") ","
        CODE(5, "undo", "撤销", "Undo") "]},",
    LIST("change_set_status", "变更集状态", "Status of the change set")
        CODE(1, "done", "已完成", "Done") ","
        CODE(2, "undone", "已撤销", "Undone") "]},",
    LIST("access_action", "访问动作", "Action")
        CODE(1, "unmask", "查看明文", "Unmask") ","
        CODE(2, "export", "导出", "Export") "]},",
    LIST("quarantine_verdict", "审定结果", "Decision")
        CODE(1, "admit", "接收", "Admitted") ","
        CODE(2, "refuse", "不接收", "Refused") "]},",
    LIST("ask_answer", "答复", "Answer")
        CODE(1, "checking", "区级核对中", "The district is checking") "]}",
    "},\"types\":[",
    TYPE(1, "office", "镇街", "Office", "district", "district",
         "\"natural_key\":[\"number\"],\"title\":[\"name\"]")
        FIELD(1, "number", "int", "编号", "Number", REQUIRED ",\"lowest\":1,\"highest\":4095") ","
        FIELD(2, "code", "text", "代码", "Code", REQUIRED SEARCH ",\"unique\":true") ","
        FIELD(3, "name", "text", "名称", "Name", REQUIRED SEARCH) "]},",
    TYPE(2, "staff", "工作人员", "Staff", "district", "district",
         "\"natural_key\":[\"login\"],\"title\":[\"name\"]")
        FIELD(1, "login", "text", "登录名", "Login", REQUIRED) ","
        FIELD(2, "name", "text", "姓名", "Name", REQUIRED ",\"rule\":\"name\"") ","
        FIELD(3, "office", "ref", "镇街", "Office", ",\"ref\":\"office\"") ","
        FIELD(4, "role", "code", "角色", "Role", REQUIRED CODES("staff_role")) ","
        FIELD(5, "verifier", "text", "口令校验", "Verifier", SENSITIVE HIDDEN) ","
        FIELD(6, "active", "bool", "启用", "Active", ",\"default\":true") ","
        /* The books were restored since, and nobody has confirmed the account: no sign-in. */
        FIELD(7, "locked", "bool", "恢复后待确认", "Locked by a restore", "") "]},",
    TYPE(3, "notice", "通知", "Notice", "district", "district", "\"title\":[\"title\"]")
        FIELD(1, "title", "text", "标题", "Title", REQUIRED) ","
        FIELD(2, "body", "text", "正文", "Body", "") ","
        FIELD(3, "posted_on", "date", "发布日期", "Posted on", REQUIRED) "]},",
    TYPE(4, "case", "待处理事项", "Case", "office", "district", "\"title\":[\"title\"]")
        FIELD(1, "kind", "code", "类别", "Kind", REQUIRED CODES("case_kind")) ","
        FIELD(2, "subject_type", "int", "对象类型", "Type of the subject", REQUIRED) ","
        FIELD(3, "subject_id", "text", "对象", "Subject", REQUIRED) ","
        FIELD(4, "title", "text", "标题", "Title", REQUIRED SENSITIVE) ","
        FIELD(5, "detail", "text", "详情", "Detail", REQUIRED SENSITIVE) ","
        FIELD(6, "opened_on", "date", "产生日期", "Opened on", REQUIRED) ","
        FIELD(7, "status", "code", "状态", "Status", REQUIRED CODES("case_status")) ","
        FIELD(8, "resolution", "text", "处理结果", "Resolution", SENSITIVE) ","
        FIELD(9, "resolved_by", "text", "处理人", "Resolved by", "") ","
        FIELD(10, "other_id", "text", "另一对象", "Other subject", "") "]},",
    TYPE(5, "catalogue", "目录", "Catalogue", "district", "district",
         "\"natural_key\":[\"name\"],\"title\":[\"name\"]")
        FIELD(1, "name", "text", "名称", "Name", REQUIRED) ","
        FIELD(2, "version", "int", "版本", "Version", REQUIRED) ","
        FIELD(3, "body", "text", "内容", "Body", REQUIRED) "]},",
    TYPE(6, "change_set", "变更集", "Change set", "office", "office", "\"title\":[\"label\"]")
        FIELD(1, "kind", "code", "类别", "Kind", REQUIRED CODES("change_set_kind")) ","
        FIELD(2, "label", "text", "说明", "Label", "") ","
        FIELD(3, "staff", "text", "经办人", "Staff", "") ","
        FIELD(4, "records", "int", "记录数", "Records", "") ","
        FIELD(5, "status", "code", "状态", "Status", REQUIRED CODES("change_set_status")) "]},",
    TYPE(7, "import_batch", "导入批次", "Import", "office", "office", "\"title\":[\"file_name\"]")
        FIELD(1, "file_name", "text", "文件", "File", "") ","
        FIELD(2, "type_name", "text", "类型", "Type of records", "") ","
        FIELD(3, "rows", "int", "行数", "Rows", "") ","
        FIELD(4, "added", "int", "新增", "Added", "") ","
        FIELD(5, "updated", "int", "更新", "Updated", "") ","
        FIELD(6, "unchanged", "int", "未变", "Unchanged", "") ","
        FIELD(7, "doubtful", "int", "待定", "Doubtful", "") ","
        FIELD(8, "failed", "int", "错误", "Failed", "") ","
        FIELD(9, "staff", "text", "经办人", "Staff", "") "]},",
    TYPE(8, "access_log", "访问记录", "Access log", "office", "office",
         "\"append_only\":true,\"title\":[\"subject\"]")
        FIELD(1, "at", "text", "时间", "At", "") ","
        FIELD(2, "staff", "text", "人员", "Staff", "") ","
        FIELD(3, "action", "code", "动作", "Action", REQUIRED CODES("access_action")) ","
        FIELD(4, "subject", "text", "对象", "Subject", "") ","
        FIELD(5, "reason", "text", "事由", "Reason", "") "]},",
    TYPE(9, "report_snapshot", "报告快照", "Report snapshot", "district", "district",
         "\"title\":[\"label\"]")
        FIELD(1, "label", "text", "名称", "Label", "") ","
        FIELD(2, "d0", "date", "起始日期", "From", REQUIRED FUTURE) ","
        FIELD(3, "d1", "date", "截止日期", "Until", REQUIRED FUTURE) ","
        FIELD(4, "body", "text", "内容", "Body", "") "]},",
    /* Made by the district for itself (owner 0), so that no feed shows it; what an office makes of
     * this type counts for nothing. */
    TYPE(10, "quarantine_decision", "待审改动审定", "Quarantine decision", "office", "district",
         "\"append_only\":true,\"title\":[\"device\",\"first_seq\"]")
        FIELD(1, "device", "int", "设备", "Device", REQUIRED) ","
        FIELD(2, "incarnation", "text", "发件批次", "Incarnation", HIDDEN) ","
        FIELD(3, "first_seq", "int", "起始序号", "First change", REQUIRED) ","
        FIELD(4, "last_seq", "int", "截止序号", "Last change", REQUIRED) ","
        FIELD(5, "decision", "code", "审定结果", "Decision", REQUIRED CODES("quarantine_verdict")) ","
        FIELD(6, "reason", "text", "理由", "Reason", "") ","
        FIELD(7, "marks", "text", "改动摘要", "Marks of the changes", SENSITIVE HIDDEN) ","
        FIELD(8, "decided_on", "date", "审定日期", "Decided on", REQUIRED) ","
        FIELD(9, "staff", "text", "经办人", "Staff", "") "]},",
    /* In the feed of the office that it is given to; only the district writes it. */
    TYPE(11, "old_books_leave", "补录旧账许可", "Leave to enter old books", "office", "district",
         "\"title\":[\"type_name\",\"until\"]")
        FIELD(1, "type_name", "text", "类型", "Type of records", "") ","
        FIELD(2, "until", "date", "截止日期", "Until", REQUIRED FUTURE) ","
        FIELD(3, "reason", "text", "事由", "Reason", "") ","
        FIELD(4, "staff", "text", "经办人", "Staff", "") "]},",
    /* Only the district looks who it is; the answer is the same whoever it finds. */
    TYPE(12, "transfer_ask", "转入请求", "Asking somebody in", "office", "district",
         "\"title\":[\"asked_on\"]")
        FIELD(1, "name", "text", "姓名", "Name", REQUIRED SENSITIVE ",\"rule\":\"name\"") ","
        FIELD(2, "id_no", "id_no", "证件号码", "Identity number", REQUIRED SENSITIVE) ","
        FIELD(3, "reason", "text", "事由", "Reason", "") ","
        FIELD(4, "asked_on", "date", "请求日期", "Asked on", REQUIRED) ","
        FIELD(5, "staff", "text", "经办人", "Staff", "") ","
        FIELD(6, "answer", "code", "答复", "Answer", REQUIRED CODES("ask_answer")) "]}",
    "]}",
    NULL,
};
/* clang-format on */
