/* Start one program, wait for its end, and report when it began, when it ended and what it used.
 *
 * usage: launcher DIRECTORY PROGRAM [ARGUMENT...]
 *
 * The program is started from here and not from the harness for three reasons.
 * Linux counts the peak memory of the process that starts a program as the least peak of that program, and this
 * process is smaller than any program.
 * The clock begins just before exec, so that it does not hold the time of starting this process.
 * When the harness is gone, the pipe CONTROL ends, and this process ends the whole process group of the program.
 *
 * CONTROL (file descriptor 11) takes one letter each: `k` kills the group, `p` asks for its number.
 * REPORT (file descriptor 10) gives lines:
 *   pid NUMBER
 *   failed ERRNO
 *   ended START_NS END_NS WAIT_STATUS USER_US SYSTEM_US MAX_RSS MINOR MAJOR VOLUNTARY INVOLUNTARY FLOOR
 *
 * FLOOR is the peak memory of this process, below which a program's own peak cannot be seen: here it is less than
 * that of any program, and reported as 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { REPORT = 10, CONTROL = 11 };

extern char **environ;
/* The child of vfork shares the memory of its parent, so that it can leave these two behind. */
static volatile long long start_ns;
static volatile int exec_error;

static long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long microseconds(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

static void on_child(int number) { (void)number; }

static int report(const char *text, int length) {
    while (length > 0) {
        ssize_t written = write(REPORT, text, (size_t)length);
        if (written < 0 && errno != EINTR)
            return 1;
        if (written > 0) {
            text += written;
            length -= (int)written;
        }
    }
    return 0;
}

static int fail(int number) {
    char line[32];
    return report(line, snprintf(line, sizeof line, "failed %d\n", number)) | 1;
}

static pid_t start(char **argv, const sigset_t *mask) {
    pid_t pid = vfork();
    if (pid == 0) {
        setpgid(0, 0);
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
        signal(SIGPIPE, SIG_DFL);
        sigprocmask(SIG_SETMASK, mask, NULL);
        start_ns = now_ns();
        execve(argv[0], argv, environ);
        exec_error = errno;
        _exit(127);
    }
    return pid;
}

/* Obey what the harness writes; its end counts as `k`. Returns whether there may be more to read. */
static int obey(pid_t pid) {
    char letter;
    ssize_t got = read(CONTROL, &letter, 1);
    if (got < 0 && errno == EINTR)
        return 1;
    if (got == 1 && letter == 'p') {
        char line[32];
        report(line, snprintf(line, sizeof line, "pid %ld\n", (long)pid));
        return 1;
    }
    kill(-pid, SIGKILL);
    return got == 1;
}

/* Wait until the program has ended, without reaping it: until then its number names its group and no other. */
static long long wait_for_end(pid_t pid, const sigset_t *mask) {
    int is_open = 1;
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == pid)
            return now_ns();
        fd_set readable;
        FD_ZERO(&readable);
        if (is_open)
            FD_SET(CONTROL, &readable);
        /* SIGCHLD is let through in here alone, so that none is missed. */
        if (pselect(CONTROL + 1, &readable, NULL, NULL, NULL, mask) > 0)
            is_open = obey(pid);
    }
}

int main(int argc, char **argv) {
    if (argc < 3)
        return 2;
    fcntl(REPORT, F_SETFD, FD_CLOEXEC);
    fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
    signal(SIGPIPE, SIG_IGN);
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};
    sigaction(SIGCHLD, &action, NULL);
    sigset_t children, mask;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, &mask);
    if (chdir(argv[1]) != 0)
        return fail(errno);
    pid_t pid = start(argv + 2, &mask);
    if (pid < 0)
        return fail(errno);
    long long end_ns = wait_for_end(pid, &mask);
    kill(-pid, SIGKILL);
    int status;
    struct rusage used;
    while (wait4(pid, &status, 0, &used) < 0 && errno == EINTR)
        ;
    if (exec_error != 0)
        return fail(exec_error);
    char line[512];
    int length = snprintf(line, sizeof line, "ended %lld %lld %d %lld %lld %ld %ld %ld %ld %ld 0\n", start_ns, end_ns,
                          status, microseconds(used.ru_utime), microseconds(used.ru_stime), used.ru_maxrss,
                          used.ru_minflt, used.ru_majflt, used.ru_nvcsw, used.ru_nivcsw);
    return report(line, length);
}
