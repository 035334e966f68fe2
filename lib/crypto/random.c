/* The system's random generator. */

#include "jielian/crypto/random.h"
#include "jielian/base/fault.h"
#include "jielian/base/rc.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/random.h>

enum jl_rc jl_random(void *out_data, size_t size, struct jl_err *err) {
    uint8_t *data = out_data;
    while (size > 0) {
        ssize_t got = getrandom(data, size, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return jl_fault(err, JL_IO, JL_FAULT_RANDOM);
        }
        data += got;
        size -= (size_t)got;
    }
    return JL_OK;
}
