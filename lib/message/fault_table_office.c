/* Commands of the office. */
#include "fault_table.h"

static const struct jl_fault_table_entry entries[] = {
    {JL_FAULT_ENROL_NO_OFFICE, "区总工会的答复里没有镇街；请联系区总工会运维。",
     "the district's answer names no office; ask its operators"},
    {JL_FAULT_ENROL_OLD, "程序太旧：区总工会要求协议版本 {1}；请安装新版本",
     "this program is too old: the district needs protocol {1}; install the new version"},
    {JL_FAULT_ENROL_REFUSED, "区总工会没有接受邀请（已用过、已过期或不认识）：{1}；请要一份新的",
     "the district refused the invitation (used, expired or unknown): {1}; ask for a new one"},
    {JL_FAULT_ENROL_NO_ANSWER, "{1} 在 {2} 秒内没有应答；请检查网络后再运行同一条命令",
     "no answer from {1} within {2} s; check the network and run the same command again"},
    {JL_FAULT_HISTORY_CATALOGUE, "目录刚有更新；请再试一次。",
     "the catalogue has changed meanwhile"},
    {JL_FAULT_HISTORY_MISSING, "区总工会没有这条记录，或它现在不在本镇街",
     "the district has no such record, or it is not at this office now"},
    {JL_FAULT_HISTORY_NO_ANSWER,
     "连不上区总工会，查不到区级的历史；不加 --district 可查看本机的历史",
     "the district does not answer, so its history can't be shown; without --district this PC's "
     "own is"},
    {JL_FAULT_HISTORY_SUSPENDED, "本机已被区总工会停用，查不到区级的历史",
     "the district has suspended this PC: it tells no history"},
    {JL_FAULT_HISTORY_OLD, "区总工会的程序比本机的旧，还不能查区级的历史；请区级安装新版本",
     "the district's program is older than this one and knows no such question; the district must "
     "install the new one"},
    {JL_FAULT_JOIN_NO_INVITATION, "{1}：不是邀请文件；请核对文件。",
     "{1}: not a jielian invitation"},
    {JL_FAULT_JOIN_EXPIRED, "邀请已于 {1} 过期；请向区总工会要一份新的（并核对本机时钟）",
     "the invitation expired at {1}; ask the district for a new one (and check this PC's clock)"},
    {JL_FAULT_JOIN_KEYS_GONE,
     "{1}：数据在这里，密钥不在；请把密钥文件放回原处再运行 "
     "sync，要再加入请换一个目录（已有数据未动）",
     "{1}: books are here, but not their keys; put the key file back and run sync, or join in "
     "another folder (nothing was changed)"},
    {JL_FAULT_JOIN_NO_PARENT, "{1}：上级目录不存在；请先建好或换一个位置",
     "{1}: the folder above is missing; make it first or name another place"},
    {JL_FAULT_FOLDER_IN_USE, "{1}：另一个街联程序正在用这个目录",
     "{1}: another jielian program uses this folder"},
    {JL_FAULT_JOIN_NOT_ADMITTED, "区总工会不接受这份邀请（已用过、已过期或已作废）；请要一份新的",
     "the district does not admit this invitation (used, expired or withdrawn); ask for a new one"},
    {JL_FAULT_JOIN_BOOKS_GONE, "{1}：目录里有密钥却没有数据；请把它移开，或换一个目录",
     "{1}: there are keys but no books here; move them away or use another folder"},
    {JL_FAULT_DESK_NOT_READY, "首次下载还没有完成：请先运行 jielian-office sync，完成后再用",
     "the first download is not finished: run jielian-office sync first"},
    {JL_FAULT_UNDO_DISTRICTS, "变更集 {1} 是区总工会做的，请联系区总工会撤销",
     "change set {1} was made at the district; have it undone there"},
    {JL_FAULT_UNDO_OTHER_PC, "变更集 {1} 是在 {2} 号设备上做的，请在那台电脑上撤销",
     "change set {1} was made on device {2}; undo it on that PC"},
    {JL_FAULT_UNDO_MISSING, "本机没有变更集 {1}（在别的电脑上做的，或已超过 {2} 天）",
     "no change set {1} on this PC (made elsewhere, or over {2} days ago)"},
    {JL_FAULT_PASSPHRASE_EMPTY, "{1}：口令文件是空的；请写入口令。",
     "{1}: the passphrase file is empty"},
    {JL_FAULT_QUESTION_REFUSED, "区总工会没有受理。", "the district refused: {1}"},
    {JL_FAULT_QUESTION_NO_ANSWER, "{1} 没有应答；请检查网络。", "no answer from {1}"},
    {JL_FAULT_REBUILD_IN_USE, "{1}：另一个街联程序正在用这个目录；请先停掉 run",
     "{1}: another jielian program uses this folder; stop `run` first"},
    {JL_FAULT_REBUILD_IDENTITY,
     "{1}：读不出本机是哪个镇街的哪台设备；请保留这个目录，用新的邀请在新目录加入",
     "{1}: who this PC is can't be read; keep this folder, and join in a new one with a new "
     "invitation"},
    {JL_FAULT_CLOCK, "读不出系统时间；请检查电脑的时钟。", "the clock can't be read"},
    {JL_FAULT_REBUILD_NOTHING, "{1}：这里没有可重建的数据，首次下载还没有完成：请运行 sync",
     "{1}: there are no books to rebuild, the first download is not finished: run sync"},
    {JL_FAULT_REJOIN_OTHER_DISTRICT,
     "{1}：这份邀请是另一个区总工会的；本目录的数据未动。要加入那个区，请换一个目录",
     "{1}: the invitation is another district's; nothing here was changed. To join that district, "
     "use another folder"},
    {JL_FAULT_REJOIN_OTHER_OFFICE,
     "{1}：这个目录是 {2} {3} 的，邀请却是给 {4} {5} 的；数据未动，请换一个目录",
     "{1}: this folder is that of {2} {3}, but the invitation is for {4} {5}; nothing was changed, "
     "use another folder"},
    {JL_FAULT_REJOIN_REVOKED,
     "{1}：本机已被区总工会注销，不能在这个目录重新加入；数据未动，请换一个目录 join",
     "{1}: the district has revoked this PC; it can't join again here. Nothing was changed: join "
     "in a new folder"},
    {JL_FAULT_REJOIN_KNOWN,
     "{1}：区总工会认识本机，不用重新加入（邀请没有用掉）；运行 sync "
     "即可。要再加入一台，请换一个目录",
     "{1}: the district knows this PC: there is nothing to do (the invitation was not used); run "
     "`sync`. For one more PC use another folder"},
    {JL_FAULT_REJOIN_NOT_ADMITTED,
     "{1}：区总工会不接受这份邀请（已用过、已过期或已作废）；请要一份新的，数据未动",
     "{1}: the district does not admit this invitation (used, expired or withdrawn); ask for a new "
     "one. Nothing was changed"},
    {JL_FAULT_REJOIN_PROOF_KEY,
     "{1}：区总工会换了核对密钥，不是本目录加入过的那一个；数据未动，请联系区总工会运维",
     "{1}: the district has another proof key: it is not the one that this folder joined. Nothing "
     "was changed; call its operators"},
    {JL_FAULT_REJOIN_NUMBER,
     "{1}：{2} 原来的编号是 {3}，区总工会现在给它的编号是 "
     "{4}，本目录的记录对不上；数据未动，请联系区总工会运维",
     "{1}: {2} had number {3}, and the district gives it {4} now: the records here would not fit. "
     "Nothing was changed; call the district's operators"},
    {JL_FAULT_RESEND_STATE, "--state 只有 parked 和 set_aside，没有“{1}”",
     "--state is parked or set_aside, not \"{1}\""},
    {JL_FAULT_RESEND_RECORD,
     "记录 {1} 没有被退回，也没有搁置；用 list --state parked 或 list --state set_aside "
     "查编号（什么也没有重发）",
     "record {1} is neither parked nor set aside; look ids up with list --state parked or "
     "set_aside. Nothing was sent again"},
    {JL_FAULT_SIGNALS, "系统信号设置失败（{!}）；请再试一次。", "signals: {!}"},
    {JL_FAULT_SYNC_RUNS, "{1}：已在运行（另一个 run 或 sync 正在用这个目录）",
     "{1}: already running (another run or sync uses this folder)"},
    {JL_FAULT_VERIFY_DISTRICTS, "{1}: 这是区总工会的数据目录；请用 jielian-district verify",
     "{1}: this is the district's data folder; use jielian-district verify"},
    {JL_FAULT_VERIFY_NOT_READY, "{1}：首次下载还没有完成：请先运行 jielian-office sync",
     "{1}: the first download is not finished: run jielian-office sync"},
    {JL_FAULT_HISTORY_NOT_TOLD, "区总工会没有答复，请运行 sync 查看原因",
     "the district did not answer, `sync` says why"},
};

const struct jl_fault_table jl_fault_table_office = {entries, sizeof entries / sizeof *entries};
