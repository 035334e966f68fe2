/* Commands of both programs. */
#include "fault_table.h"

static const struct jl_fault_table_entry entries[] = {
    {JL_FAULT_CASE_ID, "“{1}”不是编号；请用 case list 查",
     "\"{1}\" is no id; look it up with case list"},
    {JL_FAULT_UNMASK_REASON, "显示明文须写事由：--reason", "--unmask needs a --reason"},
    {JL_FAULT_RESOLVE_FIELD_UNKNOWN_HERE, "本机的目录不认识字段“{1}”；请先同步",
     "the catalogue here does not know the field \"{1}\"; sync first"},
    {JL_FAULT_RESOLVE_FIELD_UNKNOWN, "目录里没有字段“{1}”",
     "the catalogue does not know the field \"{1}\""},
    {JL_FAULT_RESOLVE_NATURAL_KEY,
     "字段“{1}”决定这条记录的身份，不能改；请区总工会对那两条记录再办理一次 merge，然后用 current "
     "办结",
     "the field \"{1}\" identifies the record and can't be changed; the district merges those two "
     "records once more, then close this case with `current`"},
    {JL_FAULT_RESOLVE_NO_VALUES, "这件事项没有可选的值：请先修改或删除有关记录，再用 current 办结",
     "this case holds no values to choose from: change or delete the records first, then close it "
     "with `current`"},
    {JL_FAULT_RESOLVE_UNDECIDED, "字段“{1}”还没有决定；请写 current、offered，或逐个字段写 字段=…",
     "the field \"{1}\" is not decided; say current, offered, or field=… for every field"},
    {JL_FAULT_RESOLVE_DISTRICTS, "区级核对中，由区总工会判定；录错了的改正后用 current 办结",
     "the district looks into it and decides; correct what was mistyped, then close this with "
     "`current`"},
    {JL_FAULT_RESOLVE_DIFFERENT,
     "different 只用于“疑似重复”；这件事项请写 current、offered 或 字段=值",
     "`different` is for possible duplicates only; say current, offered or field=VALUE"},
    {JL_FAULT_RESOLVE_WORD, "“{1}”：请写 current、offered，或这件事项里的 字段=值",
     "\"{1}\": say current, offered, or field=VALUE of this case"},
    {JL_FAULT_RESOLVE_DONE, "这件事项已由 {1} 处理", "this case was resolved by {1} already"},
    {JL_FAULT_LOGIN_LONG, "登录名最多 {1} 字节；请用 --as 给一个短一些的。",
     "a login has at most {1} bytes; give a shorter one with --as"},
    {JL_FAULT_SESSION_TYPE, "没有记录类型“{1}”；有：{2}", "no record type \"{1}\"; there are: {2}"},
    {JL_FAULT_SESSION_RECORD, "没有记录 {1}；请用 list 或 find 查编号",
     "no record {1}; look its id up with list or find"},
    {JL_FAULT_SESSION_ACCESS_LOG, "查看登记", "access log"},
    {JL_FAULT_FOLDER_CLOSED,
     "{1}：当前用户无权读取；请换有权限的用户运行（服务用的是 jielian）。数据未动",
     "{1}: this user may not read it; run the command as the user whose data it is (the service's "
     "is jielian). Nothing was changed"},
    {JL_FAULT_FOLDER_KEYS_GONE,
     "{1}：数据在这里，密钥不在（没有 {2}）；没有密钥读不出数据。请把密钥文件放回原处，数据未动",
     "{1}: the books are here, but not their keys (no {2}), without which they can't be read; put "
     "the key file back. Nothing was changed"},
    {JL_FAULT_FOLDER_KEYS_GONE_SYSTEMD,
     "{1}：数据在这里，密钥不在（没有 {2}）；没有密钥读不出数据。请放回密钥文件（备份的 .keys "
     "就是）；密钥由 systemd 交付的，用 systemd-run -p LoadCredential=… 运行。数据未动",
     "{1}: the books are here, but not their keys (no {2}), without which they can't be read; put "
     "the key file back (a backup's .keys is it). Where systemd hands it over, use systemd-run -p "
     "LoadCredential=… Nothing was changed"},
    {JL_FAULT_FOLDER_JOINING, "{1}：加入还没有做完；请用同一份邀请再运行 join",
     "{1}: joining is not finished; run join again with the same invitation"},
    {JL_FAULT_FOLDER_BOOKS_GONE,
     "{1}：密钥在（{2}），数据不在；请把 jielian.db 放回原处，找不到就联系区总工会。密钥不要删除",
     "{1}: the keys are here ({2}), but no books; put jielian.db back, or call the district. Don't "
     "remove the keys"},
    {JL_FAULT_FOLDER_BOOKS_GONE_DISTRICT,
     "{1}：密钥在（{2}），数据不在；请核对目录，或用 restore 把备份恢复到空目录。密钥不要删除",
     "{1}: the keys are here ({2}), but no books; check the folder's name, or restore a backup "
     "into an empty folder. Don't remove the keys"},
    {JL_FAULT_FOLDER_EMPTY, "{1}：这里没有街联数据；请核对目录，还没有加入的先用 join",
     "{1}: no jielian data here; check the folder's name, or join first"},
    {JL_FAULT_FOLDER_EMPTY_DISTRICT, "{1}：这里没有街联数据；请核对目录，新的区先用 init",
     "{1}: no jielian data here; check the folder's name, or init a new district"},
    {JL_FAULT_FOLDER_PASSPHRASE_DISTRICT,
     "{1}：密钥有口令保护，区总工会的程序不用口令；请核对是否放错了密钥文件",
     "{1}: a passphrase wraps these keys, and the district's program takes none; is it the right "
     "key file?"},
    {JL_FAULT_FOLDER_PASSPHRASE_WRONG, "{1}：口令不对；请用 --passphrase-file 给出加入时设的口令",
     "{1}: the passphrase is wrong; give the one that wrapped these keys with --passphrase-file"},
    {JL_FAULT_FOLDER_PASSPHRASE_WANTED,
     "{1}：密钥有口令保护；请加 --passphrase-file 文件，或设置环境变量 JIELIAN_PASSPHRASE_FILE",
     "{1}: a passphrase wraps these keys; add --passphrase-file FILE or set "
     "JIELIAN_PASSPHRASE_FILE"},
    {JL_FAULT_FOLDER_KEYS_DAMAGED,
     "{1}：密钥文件损坏，或不是密钥文件；请放回完好的密钥文件{2}。数据未动",
     "{1}: the key file is damaged, or is none; put a sound one back{2}. Nothing was changed"},
    {JL_FAULT_FOLDER_KEYS_SUITE, "{1}：密钥属于本程序不认识的密码套件；请安装新版本。数据未动",
     "{1}: the keys are of a cipher suite that this program does not know; install the new "
     "version. Nothing was changed"},
    {JL_FAULT_FOLDER_KEYS_OTHER,
     "{1}：这不是 {2} 的密钥，是另一份数据的；请放回这份数据自己的密钥文件{3}。数据未动",
     "{1}: not the keys of {2}, but of other books; put these books' own key file back{3}. Nothing "
     "was changed"},
    {JL_FAULT_MERGE_PREFER, "--prefer 只能是 kept 或 gone，不是“{1}”",
     "--prefer is kept or gone, not \"{1}\""},
    {JL_FAULT_RECORD_TYPE, "请写类别，例如 list member；只有 --state 可以不写类别",
     "name a type, as in `list member`; only --state goes without one"},
    {JL_FAULT_SHEET_POLICY, "--policy 只有 overwrite、skip、fill、no_match，没有“{1}”",
     "--policy is overwrite, skip, fill or no_match, not \"{1}\""},
    {JL_FAULT_SHEET_OFFICE, "{1}归属镇街，请写 --office 代码",
     "records of type {1} belong to an office; say --office CODE"},
    {JL_FAULT_SHEET_REASON, "导出明文须写事由：--reason", "an unmasked export needs a --reason"},
    {JL_FAULT_SHEET_UNMASK, "{1}的完整资料不出镇街",
     "records of type {1} are never unmasked outside their office"},
    {JL_FAULT_TRANSFER_NONE, "目录里没有转会这种记录", "the catalogue has no transfers"},
    {JL_FAULT_TRANSFER_NOTE, "“{1}”：备注只写一个词，有空格请加引号；其他写成 字段=值",
     "\"{1}\": the note is one word, quote it; write other things as field=value"},
    {JL_FAULT_TRANSFER_MISSING, "没有转会 {1}；请用 transfer list 查编号",
     "no transfer {1}; look its id up with transfer list"},
    {JL_FAULT_UNDO_ID, "“{1}”不是变更集编号；import 会显示它，history 里也有",
     "\"{1}\" is no change set; import shows it, and so does history"},
    {JL_FAULT_CASE_UNREADABLE, "事项 {1} 读不出来；请联系区总工会运维。",
     "case {1} is not readable; ask the district's operators"},
    {JL_FAULT_CASE_UNREADABLE_HERE, "事项 {1} 读不出来；请运行 verify。",
     "case {1} is not readable; run verify"},
    {JL_FAULT_CASE_GONE, "这件事项已不在本镇街", "this case is not here any more"},
    {JL_FAULT_CASE_GONE_HERE, "这件事项已不在", "this case is not here any more"},
    {JL_FAULT_RESOLVE_NOT_HERE, "有关的记录不在本镇街（已删除或已转出），只能用 current 办结",
     "the record is not here (deleted, or gone to another office); only `current` can close this "
     "case"},
    {JL_FAULT_RESOLVE_DELETED, "有关的记录已删除，只能用 current 办结",
     "the record is deleted; only `current` can close this case"},
};

const struct jl_fault_table jl_fault_table_command = {entries, sizeof entries / sizeof *entries};
