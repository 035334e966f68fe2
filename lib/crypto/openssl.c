/* What OpenSSL's failures mean. */

#include "openssl.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/random.h>

enum jl_rc jl_openssl_fail(struct jl_err *err) {
    ERR_clear_error();
    return jl_fault_memory(err);
}
