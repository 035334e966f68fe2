/* What is wrong with a data folder that can't be opened, in the words of who asked: shared by all
 * commands of both programs. Told apart are
 *
 *   nothing here              the only one that speaks of `join` or `init`
 *   books, but not their keys
 *   keys, but no books
 *   a file that this user may not read, or a folder above it
 *   a key file that is damaged
 *   keys under a passphrase   that was not given, or is another
 *   keys of other books
 *
 * Thread: the main thread. */
#ifndef JIELIAN_FOLDER_H
#define JIELIAN_FOLDER_H

#include "jielian/catalogue/catalogue.h"
#include "jielian/cli/cli.h"

/* By the files alone, before anything is opened or made there. JL_OK: keys and books are here (an
 * office's may be staged) and this user may read them. JL_NOT_FOUND, JL_DENIED, JL_IO otherwise. */
JL_MUST_CHECK enum jl_rc jl_folder_check(const struct jl_cli *cli, enum jl_side side,
                                         const char *folder, struct jl_err *err);
/* Opening the folder has failed with *err: the same in the person's words where folder or keys are
 * the reason, unchanged otherwise. Returns err->rc; what is wrong with the keys is JL_DENIED, so
 * that nobody takes the books for damaged. passphrase: that of the attempt. Cost: up to one scrypt.
 */
JL_MUST_CHECK enum jl_rc jl_folder_explain(const struct jl_cli *cli, enum jl_side side,
                                           const char *folder, struct jl_bytes passphrase,
                                           struct jl_err *err);

#endif
