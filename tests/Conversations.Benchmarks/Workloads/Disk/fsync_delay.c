/* Loaded before libc: an fsync that takes longer. The delay is in nanoseconds, in CONVERSATIONS_FSYNC_DELAY_NS. */
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int delayed(int result)
{
    const char *text = getenv("CONVERSATIONS_FSYNC_DELAY_NS");
    long delay = text ? atol(text) : 0;
    struct timespec time = { delay / 1000000000L, delay % 1000000000L };
    prctl(PR_SET_TIMERSLACK, 1UL); /* or it sleeps 50 microseconds longer */
    nanosleep(&time, 0);
    return result;
}

int fsync(int file) { return delayed(syscall(SYS_fsync, file)); }

int fdatasync(int file) { return delayed(syscall(SYS_fdatasync, file)); }
