#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNNING_MAX = 64, LOG_SHOWN_BYTES = 2000, OUTPUT_MAX_BYTES = 1 << 20 };

static pid_t running[RUNNING_MAX];

static void stop_all(void) {
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        if (running[i] != 0) {
            (void)kill(running[i], SIGKILL);
            (void)waitpid(running[i], NULL, 0);
            running[i] = 0;
        }
    }
}

static void remember(pid_t pid) {
    static bool registered;
    if (!registered) {
        registered = atexit(stop_all) == 0;
    }
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        if (running[i] == 0) {
            running[i] = pid;
            return;
        }
    }
    bench_fail("more than %d processes", RUNNING_MAX);
}

static void forget(pid_t pid) {
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        running[i] = running[i] == pid ? 0 : running[i];
    }
}

static _Noreturn void become(const char *path, const char *const *argv, const char *log) {
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && null >= 0 && dup2(null, 0) == 0 && dup2(fd, 1) == 1 && dup2(fd, 2) == 2) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execv(path, (char *const *)argv);
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
    }
    _exit(127);
}

void process_start(const struct bench *bench, struct process *process, const char *program,
                   const char *const *words) {
    static unsigned serial;
    const char *argv[PROCESS_WORDS_MAX + 2] = {program};
    bool office = strcmp(program, "jielian-office") == 0;
    char log[64];
    size_t count = 1;
    for (; words[count - 1] != NULL; count++) {
        if (count > PROCESS_WORDS_MAX) {
            bench_fail("%s: more than %d words", program, PROCESS_WORDS_MAX);
        }
        argv[count] = words[count - 1];
    }
    (void)snprintf(log, sizeof log, "log-%04u-%s-%s", ++serial, strchr(program, '-') + 1, argv[1]);
    bench_path(bench->folder, log, process->log);
    (void)snprintf(process->name, sizeof process->name, "%s %s", program, argv[1]);
    process->start = bench_now();
    process->pid = fork();
    if (process->pid == 0) {
        become(office ? bench->office : bench->district, argv, process->log);
    }
    if (process->pid < 0) {
        bench_fail("%s: %s", program, strerror(errno));
    }
    remember(process->pid);
}

void process_wait(struct process *process, struct process_result *out_result) {
    struct rusage usage;
    int status = 0;
    while (wait4(process->pid, &status, 0, &usage) < 0) {
        if (errno != EINTR) {
            bench_fail("%s: waiting: %s", process->name, strerror(errno));
        }
    }
    forget(process->pid);
    process->pid = 0;
    *out_result = (struct process_result){
        .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
        .seconds = bench_now() - process->start,
        .cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
        .peak_mib = (double)usage.ru_maxrss / 1024,
    };
}

void process_stop(struct process *process, struct process_result *out_result) {
    (void)kill(process->pid, SIGTERM);
    process_wait(process, out_result);
}

double process_peak_mib(const struct process *process) {
    char path[64];
    char line[256];
    double kib = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)process->pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kib = strtod(line + 6, NULL);
        }
    }
    if (file == NULL || fclose(file) != 0 || kib == 0) {
        bench_fail("%s: its memory can't be read", process->name);
    }
    return kib / 1024;
}

char *process_output(const struct process *process) {
    char *text = bench_alloc(OUTPUT_MAX_BYTES + 1, 1);
    FILE *file = fopen(process->log, "re");
    size_t size = file == NULL ? 0 : fread(text, 1, OUTPUT_MAX_BYTES, file);
    text[size] = '\0';
    if (file != NULL) {
        (void)fclose(file);
    }
    return text;
}

void process_fail(const struct process *process, int exit_code) {
    char *text = process_output(process);
    size_t size = strlen(text);
    bench_fail("%s: exit code %d\n%s", process->name, exit_code,
               size > LOG_SHOWN_BYTES ? text + size - LOG_SHOWN_BYTES : text);
}

void process_must(const struct bench *bench, const char *program, const char *const *words,
                  struct process_result *result) {
    struct process process;
    struct process_result own;
    process_start(bench, &process, program, words);
    process_wait(&process, &own);
    if (own.exit_code != 0) {
        process_fail(&process, own.exit_code);
    }
    if (result != NULL) {
        *result = own;
    }
}
