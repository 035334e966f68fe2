#include "apart.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void give_up(const char *what) {
    perror(what);
    exit(1);
}

static void make_folder(struct apart *apart) {
    const char *where = getenv("TMPDIR");
    snprintf(apart->folder, sizeof apart->folder, "%.200s/jielian-run-XXXXXX",
             where != NULL ? where : "/tmp");
    if (mkdtemp(apart->folder) == NULL) {
        give_up(apart->folder);
    }
}

static void remove_folder(const struct apart *apart) {
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", apart->folder);
    if (system(command) != 0) {
        fprintf(stderr, "could not remove %s\n", apart->folder);
    }
}

/* CPU time, so that a busy machine is not taken for a hang; and a clock, for what waits for ever.
 */
static void limit(unsigned seconds) {
    const struct rlimit cpu = {.rlim_cur = seconds, .rlim_max = seconds + 1};
    setrlimit(RLIMIT_CPU, &cpu);
    alarm(seconds * 10);
}

void apart_start(const struct sim_plan *plan, unsigned seconds, struct apart *out_apart) {
    int ends[2];
    *out_apart = (struct apart){.said = tmpfile(), .plan = *plan};
    if (out_apart->said == NULL || pipe(ends) != 0) {
        give_up("pipe");
    }
    make_folder(out_apart);
    fflush(NULL);
    out_apart->process = fork();
    if (out_apart->process < 0) {
        give_up("fork");
    }
    if (out_apart->process == 0) {
        static struct sim_outcome outcome;
        close(ends[0]);
        dup2(fileno(out_apart->said), STDERR_FILENO);
        setenv("TMPDIR", out_apart->folder, 1);
        limit(seconds);
        sim_run(plan, &outcome);
        fflush(stdout);
        ssize_t written = write(ends[1], &outcome, sizeof outcome); /* fits into an empty pipe */
        _exit(written == (ssize_t)sizeof outcome ? 0 : 1);
    }
    close(ends[1]);
    out_apart->from = ends[0];
}

/* The last line that the process said before it ended. */
static void last_words(FILE *said, char *out_line, int capacity) {
    char line[SIM_FAILURE_BYTES / 2];
    out_line[0] = '\0';
    rewind(said);
    while (fgets(line, (int)sizeof line, said) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0') {
            snprintf(out_line, (size_t)capacity, "%s", line);
        }
    }
}

void apart_end(struct apart *apart, struct sim_outcome *out_outcome) {
    int status = 0;
    char words[SIM_FAILURE_BYTES / 2];
    ssize_t got = read(apart->from, out_outcome, sizeof *out_outcome);
    close(apart->from);
    waitpid(apart->process, &status, 0);
    last_words(apart->said, words, (int)sizeof words);
    fclose(apart->said);
    remove_folder(apart);
    apart->process = 0;
    if (got == (ssize_t)sizeof *out_outcome) {
        return;
    }
    memset(out_outcome, 0, sizeof *out_outcome);
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal == SIGALRM || signal == SIGXCPU || signal == SIGKILL) {
        snprintf(out_outcome->failure, sizeof out_outcome->failure, "hang: the run does not end");
    } else {
        snprintf(out_outcome->failure, sizeof out_outcome->failure, "end (%s %d): %s",
                 signal != 0 ? "signal" : "status", signal != 0 ? signal : WEXITSTATUS(status),
                 words);
    }
}

void apart_run(const struct sim_plan *plan, unsigned seconds, struct sim_outcome *out_outcome) {
    struct apart apart;
    apart_start(plan, seconds, &apart);
    apart_end(&apart, out_outcome);
}

/* An invariant is named before the first colon; other texts are compared without their numbers. */
static void name_of(const char *failure, char *out_name, size_t capacity) {
    size_t size = 0;
    bool invariant = failure[0] == 'I' && isdigit((unsigned char)failure[1]);
    for (; *failure != '\0' && size + 1 < capacity && !(invariant && *failure == ':'); failure++) {
        if (invariant || !isxdigit((unsigned char)*failure)) {
            out_name[size++] = *failure;
        }
    }
    out_name[size] = '\0';
}

bool apart_same(const char *failure, const char *other) {
    char names[2][SIM_FAILURE_BYTES];
    name_of(failure, names[0], sizeof names[0]);
    name_of(other, names[1], sizeof names[1]);
    return strcmp(names[0], names[1]) == 0;
}
