/* Signals that end a program in order. */

#include "stop.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

volatile sig_atomic_t jl_stop;

static void on_signal(int signal_number) {
    (void)signal_number;
    jl_stop = 1;
}

/* Without SA_RESTART, so that a wait ends at once. */
enum jl_rc jl_stop_on_signals(struct jl_err *err) {
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    sigemptyset(&ignore.sa_mask);
    if (sigaction(SIGTERM, &action, NULL) != 0 || sigaction(SIGINT, &action, NULL) != 0 ||
        sigaction(SIGPIPE, &ignore, NULL) != 0) {
        return jl_fault_system(err, JL_IO, JL_FAULT_SIGNALS, errno, "%s", "");
    }
    return JL_OK;
}
