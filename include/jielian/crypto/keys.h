/* The data folder and its keys.
 *
 *   DIR/jielian.db   the books (SQLite, with -wal and -shm beside it while in use)
 *   DIR/keys         0600: "jielian keys v1" and the suite's mark, then name=hex lines, or one
 *                    sealed line when a passphrase wraps them
 *   DIR/run.lock     held by `run` or `serve`
 *   DIR/run.bell     the doorbell of `run` or `serve` (net.h)
 *
 * When $CREDENTIALS_DIRECTORY/jielian-keys exists (systemd LoadCredential=), it is read instead of
 * DIR/keys. Keys never leave this file but for the two public halves.  Thread: any. */
#ifndef JIELIAN_KEYS_H
#define JIELIAN_KEYS_H

#include "jielian/base/buf.h"
#include "jielian/base/limits.h"
#include "jielian/crypto/hasher.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/suite.h"

enum {
    JL_PATH_MAX_BYTES = 1024,
    JL_KEYS_FILE_MAX_BYTES = 4096,
    JL_FINGERPRINT_BYTES = JL_HASH_BYTES,
};

struct jl_keys {
    const struct jl_suite *suite; /* what they are for, and all that is made with them */
    struct jl_secret data;        /* seals fields and bodies of this folder */
    struct jl_secret proof;       /* keys the content hashes; the same in the whole district */
    struct jl_secret curve;       /* transport */
    struct jl_secret sign;        /* of the suite's signing algorithm */
    uint8_t sign_public[JL_SIGN_PUBLIC_MAX_BYTES];
};
void jl_keys_fini(struct jl_keys *keys);

/* What tells these keys from all others without showing them: a hash over a label and every key.
 * The same whether a passphrase wraps the file or not. Four random keys are in it, so nothing can
 * be found out from it by trying; books keep it, and so do their backups. */
JL_MUST_CHECK enum jl_rc jl_keys_fingerprint(const struct jl_keys *keys,
                                             uint8_t out_fingerprint[static JL_FINGERPRINT_BYTES],
                                             struct jl_err *err);

/* The text of a key file, appended to out; and back. passphrase: empty for a bare one. JL_DENIED: a
 * passphrase is needed or wrong; JL_PROTO: of a suite that this program does not know; JL_CORRUPT:
 * not a key file. Wipe the text. */
JL_MUST_CHECK enum jl_rc jl_keys_encode(const struct jl_keys *keys, struct jl_bytes passphrase,
                                        struct jl_buf *out, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_keys_decode(struct jl_bytes text, struct jl_bytes passphrase,
                                        struct jl_keys *out_keys, struct jl_err *err);

/* passphrase: empty for a bare key file. JL_CONFLICT when DIR/keys exists. */
JL_MUST_CHECK enum jl_rc jl_keys_save(const char *folder, const struct jl_keys *keys,
                                      struct jl_bytes passphrase, struct jl_err *err);
/* The file that jl_keys_load reads: the service's credential, or DIR/keys. */
JL_MUST_CHECK enum jl_rc jl_keys_path(const char *folder, char out_path[static JL_PATH_MAX_BYTES],
                                      struct jl_err *err);
/* Put that file's name before an error about its keys; returns err->rc. */
enum jl_rc jl_keys_wrap(const char *folder, struct jl_err *err);
/* JL_NOT_FOUND: DIR holds neither keys nor books; JL_DENIED: books are here and their keys are not,
 * or this user may not read them, or a passphrase is needed or wrong; JL_PROTO: of a suite that
 * this program does not know; JL_CORRUPT: not a key file. That they are the keys of the books in
 * DIR is for jl_books_open to say. */
JL_MUST_CHECK enum jl_rc jl_keys_load(const char *folder, struct jl_bytes passphrase,
                                      struct jl_keys *out_keys, struct jl_err *err);

#endif
