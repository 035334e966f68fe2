/* Options that several commands of the office have. */
#ifndef JIELIAN_CLIENT_COMMAND_OPTIONS_H
#define JIELIAN_CLIENT_COMMAND_OPTIONS_H

#define JL_PASSPHRASE_OPTION                                                                          \
    {                                                                                                 \
        "passphrase-file", "FILE",                                                                    \
            "口令文件，也可用环境变量 JIELIAN_PASSPHRASE_FILE / file with the passphrase" \
    }
#define JL_CLERK_OPTION                                                                            \
    { "as", "LOGIN", "经办人登录名，也可用环境变量 JIELIAN_STAFF / login of the clerk" }

#endif
