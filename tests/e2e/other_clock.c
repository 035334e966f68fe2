/* Loaded before a program (LD_PRELOAD): its wall clock is off by JIELIAN_OTHER_CLOCK_S seconds.
 * Timers run on other clocks and are as they are. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *out_now) {
    int rc = (int)syscall(SYS_clock_gettime, clock, out_now);
    const char *off = getenv("JIELIAN_OTHER_CLOCK_S");
    if (rc == 0 && clock == CLOCK_REALTIME && off != NULL) {
        out_now->tv_sec += strtol(off, NULL, 10);
    }
    return rc;
}
