/* Moves the wall clock of one process: a test loads this library before the C library of a node.
 * MYELIN_TEST_CLOCK_MS is the number of milliseconds, below zero for a clock that is behind. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    const char *shift = getenv("MYELIN_TEST_CLOCK_MS");
    if (result == 0 && clock == CLOCK_REALTIME && shift != NULL) {
        long long moved = (long long)now->tv_sec * SECOND + now->tv_nsec + atoll(shift) * 1000000LL;
        now->tv_sec = (time_t)(moved / SECOND);
        now->tv_nsec = (long)(moved % SECOND);
    }
    return result;
}
