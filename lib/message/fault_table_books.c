/* Faults of the books of both sides. */
#include "fault_table.h"

static const struct jl_fault_table_entry entries[] = {
    {JL_FAULT_BOOKS_DAMAGED, "有一处存储的数据读不出来；请运行 verify，它会说明下一步。",
     "{1}; run verify, it says what to do next"},
    {JL_FAULT_BOOKS_BEYOND,
     "这些数据由更新的程序写过（目录版本 {1}），本程序只能查看；请安装新版程序。",
     "these books were written by a newer program (catalogue version {1}): install the newer "
     "program"},
    {JL_FAULT_BOOKS_BEYOND_NAMED,
     "这些数据由更新的程序写过（目录版本 {1}），本程序只能查看；请安装 jielian {2} 或更新版本。",
     "these books were written by a newer program (catalogue version {1}): install jielian {2} or "
     "newer"},
    {JL_FAULT_BOOKS_CATALOGUE_NEWER, "区总工会的目录（版本 {1}）需要更新的程序；请安装新版程序。",
     "the district's catalogue is made for a newer program (catalogue version {1}): install the "
     "newer program"},
    {JL_FAULT_BOOKS_CATALOGUE_NAMED,
     "区总工会的目录（版本 {1}）需要更新的程序；请安装 jielian {2} 或更新版本。",
     "the district's catalogue is made for a newer program (catalogue version {1}): install "
     "jielian {2} or newer"},
    {JL_FAULT_BOOKS_FIELD, "存储的记录中有一个字段", "field {1} of a stored record"},
    {JL_FAULT_BOOKS_LATER_FIELDS, "为更新的目录保留的字段", "fields kept for a later catalogue"},
    {JL_FAULT_BOOKS_BODY, "第 {2} 项存储的内容", "{1} {2}"},
    {JL_FAULT_KEYS_OTHER_BOOKS, "密钥不是这些数据的；请把这些数据原来的密钥文件放回来。",
     "these keys belong to other books; put the key file of these books back"},
    {JL_FAULT_KEYS_OTHER_SUITE,
     "密钥属于第 {1} 号密码套件，数据属于第 {2} 号；请把这些数据原来的密钥文件放回来。",
     "these keys are of cipher suite {1}, and the books of suite {2}: put the key file of these "
     "books back"},
    {JL_FAULT_IDENTITY_UNREADABLE, "本机的身份信息读不出来；请要一份新邀请，重新运行 join。",
     "the stored identity is not readable; join again"},
    {JL_FAULT_IDENTITY_OTHER_KEYS, "这份身份信息属于另一台电脑；请用本机自己的数据目录。",
     "not this PC's, but that of one with other keys"},
    {JL_FAULT_SYNC_STATE_DAMAGED, "同步状态不完整；请运行 rebuild。",
     "the stored sync state is cut off; rebuild this device"},
    {JL_FAULT_SAVE_DISTRICTS, "这项改动只能由区总工会来做。",
     "this change is made at the district only"},
    {JL_FAULT_SAVE_EXISTS, "这条记录已经存在；请查到它再修改。",
     "this record exists already; look it up and edit it"},
    {JL_FAULT_SAVE_GONE, "这条记录已经不在了；请重新查找。",
     "the record is gone; look it up again"},
    {JL_FAULT_SAVE_CHANGED, "这条记录刚被修改；请重新打开再改。",
     "the record was changed meanwhile; open it again"},
    {JL_FAULT_TAKE_ROW, "收到的第 {1} 行", "row {1} of a page"},
    {JL_FAULT_LINE, "第 {1} 行", "line {1}"},
};

const struct jl_fault_table jl_fault_table_books = {entries, sizeof entries / sizeof *entries};
