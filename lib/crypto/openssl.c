/* What OpenSSL's failures mean. */

#include "openssl.h"

#include "jielian/base/rc.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/random.h>

enum jl_rc jl_openssl_fail(struct jl_err *err, const char *what) {
    ERR_clear_error();
    return jl_fail(err, JL_NOMEM, "OpenSSL could not %s; is there memory left?", what);
}
