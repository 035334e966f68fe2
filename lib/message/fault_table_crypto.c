/* Keys, invitations, sealing. */
#include "fault_table.h"

static const struct jl_fault_table_entry entries[] = {
    {JL_FAULT_SIGNATURE, "签名不成立，没有采用。",
     "the signature is not this key's over these bytes"},
    {JL_FAULT_INVITATION_CODE, "镇街代码中不能有空格；请改正。", "an office's code is one word"},
    {JL_FAULT_INVITATION_NAME, "镇街名称应写在一行里；请改正。", "an office's name is one line"},
    {JL_FAULT_INVITATION_ENDPOINT, "地址中不能有空格，应形如 tcp://10.0.0.1:7800；请改正。",
     "an endpoint is one word, such as tcp://10.0.0.1:7800"},
    {JL_FAULT_INVITATION_CHANGED, "邀请不完整或被改动过；请向区总工会要一份新的。",
     "the invitation is cut off or was changed on its way; ask the district for a new one"},
    {JL_FAULT_INVITATION_NONE,
     "这不是邀请文件；请选区总工会用 jielian-district invite 生成的文件。",
     "not a jielian invitation: name the file that the district made with `jielian-district "
     "invite`"},
    {JL_FAULT_INVITATION_VERSION,
     "邀请是另一个版本的；请安装与区总工会相同的程序，或要一份新邀请。",
     "the invitation is of another version; install the program that the district uses, or ask for "
     "a new invitation"},
    {JL_FAULT_KEYS_LINE_MISSING, "密钥文件缺少“{1}”一行；请换回完好的密钥文件。",
     "the line `{1}` is missing"},
    {JL_FAULT_KEYS_LINE_BAD, "密钥文件的“{1}”一行不完整；请换回完好的密钥文件。",
     "the line `{1}` is cut off or not hexadecimal"},
    {JL_FAULT_PASSPHRASE_WANTED,
     "密钥用口令保护；请用 --passphrase-file 或 JIELIAN_PASSPHRASE_FILE 给出口令。",
     "the keys are wrapped by a passphrase: give it with --passphrase-file or "
     "JIELIAN_PASSPHRASE_FILE"},
    {JL_FAULT_PASSPHRASE_WRONG, "口令不对；请核对后再试。",
     "the passphrase is not the one that wrapped the keys"},
    {JL_FAULT_KEYS_NONE, "这不是密钥文件，或由更新的程序写成。",
     "not a jielian key file, or one of a later program"},
    {JL_FAULT_KEYS_GONE,
     "{1} 还在，但它的密钥不在（没有文件 {2}/keys）；请把这些数据的密钥文件放回来。",
     "{1} is here, but its keys are not (no file {2}/keys); put the key file of these books back"},
    {JL_FAULT_FOLDER_NO_DATA, "{1} 里没有本系统的数据（没有文件 keys）；请核对数据目录。",
     "{1} holds no jielian data (no file `keys`)"},
    {JL_FAULT_KEYS_LONG, "{1}：太长，不是密钥文件；请核对。",
     "{1}: not a jielian key file, it is too long"},
    {JL_FAULT_RANDOM, "系统不提供随机数；请联系运维。", "the system gives no random bytes"},
    {JL_FAULT_SEAL_LARGE, "内容有 {1} 字节，太大；请缩短。",
     "{1} bytes are too many to seal in one piece"},
    {JL_FAULT_SEALED_SHORT, "一个加密保存的值不完整；请运行 verify。",
     "a sealed value of {1} bytes is too short"},
    {JL_FAULT_SEALED_BAD,
     "一个加密保存的值校验不符（被改动过，或不是用这份密钥加密的）；请运行 verify。",
     "a sealed value fails its check: it was changed, moved or sealed with another key"},
    {JL_FAULT_SUITE_UNKNOWN, "用到了第 {2} 号密码套件，本程序不认识；请安装新版程序。",
     "{1} of cipher suite {2}, which this program does not know: install the newer program"},
};

const struct jl_fault_table jl_fault_table_crypto = {entries, sizeof entries / sizeof *entries};
