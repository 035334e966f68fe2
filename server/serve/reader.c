/* The reader: pages, proofs and answers, one step of one job a turn.
 *
 * Devices have turns by the time that each has taken (turns.h), and a pull of several pages goes
 * back to the line after each page: so a small question waits for one step of each device before
 * it, however many those have there. Every turn is a read transaction of its own: it sees what was
 * committed last, and no long reader keeps the write-ahead log from being folded in.
 *
 * It is also the one that notices what other processes did (a command that suspends a device, an
 * import at the district's desk): a look is a read transaction whose begin says that somebody
 * committed. Looks are made when the bell rang, else once a second. */
#include "reader.h"
#include "allowlist.h"
#include "job.h"
#include "refusing.h"
#include "serve.h"
#include "turns.h"
#include "worker.h"

#include "server/books/feed_page.h"
#include "server/books/lines.h"
#include "server/books/prove.h"

#include "jielian/base/fault.h"
#include "jielian/base/log.h"
#include "jielian/net/pipe.h"
#include "jielian/net/wait.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    LOOK_GAP_MS = 50,    /* a script that rings a hundred times causes few looks */
    DEEP_RECORDS = 2048, /* of a deep proof in one turn: 20 ms */
};

struct reader {
    struct jl_worker *worker;
    struct jl_district *district;
    struct jl_job *first, **last; /* the line */
    size_t count;
    struct jl_turns turns;
    bool stop, changed, rung;
    int64_t looked_ms;
    struct jl_arena arena; /* of one answer */
};

static int64_t steady_ms(const struct reader *reader) {
    const struct jl_clock *clock = &reader->worker->options->clock;
    return clock->steady_ms(clock->context);
}

static void line_up(struct reader *reader, struct jl_job *job) {
    job->next = NULL;
    *reader->last = job;
    reader->last = &job->next;
    reader->count++;
}

static struct jl_job *take_first(struct reader *reader) {
    struct jl_job *job = reader->first;
    reader->first = job->next;
    if (reader->first == NULL) {
        reader->last = &reader->first;
    }
    job->next = NULL;
    reader->count--;
    return job;
}

/* Of the device whose turn it is the oldest. Cost: a look at the line. */
static struct jl_job *take_next(struct reader *reader) {
    struct jl_job **best = &reader->first;
    uint64_t lowest = UINT64_MAX;
    for (struct jl_job **at = &reader->first; *at != NULL; at = &(*at)->next) {
        uint64_t mark = jl_turns_mark(&reader->turns, (*at)->device);
        if (mark < lowest) {
            lowest = mark;
            best = at;
        }
    }
    struct jl_job *job = *best;
    *best = job->next;
    if (job->next == NULL) {
        reader->last = best;
    }
    job->next = NULL;
    reader->count--;
    return job;
}

static enum jl_rc begin(struct reader *reader, struct jl_err *err) {
    bool changed = false;
    enum jl_rc rc = jl_district_begin(reader->district, false, &changed, err);
    reader->changed = reader->changed || changed;
    return rc;
}

static void end(struct reader *reader) {
    jl_store_rollback(reader->district->books->store); /* nothing was written */
}

/* ---- Looking ---- */

static enum jl_rc all_heads(struct jl_district *district, struct jl_job *job, struct jl_err *err) {
    job->heads = calloc(district->office_count + 1, sizeof *job->heads);
    if (job->heads == NULL) {
        return jl_fault_memory(err);
    }
    uint64_t heads[2] = {0};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->office_count; i++) {
        uint32_t office = district->offices[i].number;
        rc = jl_feed_state_heads(district, office, heads, err);
        job->heads[job->head_count++] = (struct jl_feed_head){.feed = office, .head = heads[1]};
    }
    job->heads[job->head_count++] = (struct jl_feed_head){.feed = 0, .head = heads[0]};
    return rc;
}

/* A job with every head and the allowlist, inside the open transaction. */
static enum jl_rc picture(struct reader *reader, enum jl_job_kind kind, struct jl_job **out_job,
                          struct jl_err *err) {
    JL_AUTO_PTR(jl_job) job = jl_job_new(kind);
    if (job == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = all_heads(reader->district, job, err);
    if (rc == JL_OK) {
        rc = jl_allowlist_new(reader->district, &job->allowlist, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_job = job;
    job = NULL;
    return JL_OK;
}

static void look(struct reader *reader) {
    struct jl_err err;
    struct jl_job *job = NULL;
    reader->looked_ms = steady_ms(reader);
    reader->rung = false;
    enum jl_rc rc = begin(reader, &err);
    if (rc == JL_OK) {
        if (reader->changed) {
            rc = picture(reader, JL_JOB_ADMIT, &job, &err);
        }
        end(reader);
    }
    atomic_store(&reader->worker->metrics->reader_works, rc == JL_OK);
    if (rc != JL_OK) {
        jl_log_err(JL_LOG_ERROR, "look_failed", &err); /* tried again in a second */
    } else if (job != NULL) {
        reader->changed = false;
        jl_worker_send(reader->worker, job);
    }
}

/* ---- Answers ---- */

static enum jl_rc answer_page(struct reader *reader, struct jl_job *job, struct jl_job **out_page,
                              struct jl_err *err) {
    struct jl_pull *pull = &job->message.as.pull;
    struct jl_message message = {.kind = JL_MESSAGE_PAGE};
    struct jl_page *page = &message.as.page;
    enum jl_rc rc = jl_feed_page_read(reader->district, job->office, job->origin, pull,
                                      &reader->arena, page, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_job *carrier = job;
    if (pull->pages > 1 && page->to < page->head) {
        carrier = jl_job_new(JL_JOB_PAGE);
        if (carrier == NULL) {
            return jl_fault_memory(err);
        }
        carrier->peer = job->peer;
        carrier->caller = job->caller;
    }
    carrier->tells[pull->feed] = true;
    carrier->told[pull->feed] = page->head;
    rc = jl_job_answer(carrier, reader->district->wire, &message, err);
    if (carrier == job) {
        return rc;
    }
    if (rc != JL_OK) {
        jl_job_free(carrier);
        return rc;
    }
    pull->from = page->to;
    pull->pages--;
    *out_page = carrier;
    return JL_OK;
}

static enum jl_rc answer_proof(struct reader *reader, struct jl_job *job, struct jl_err *err) {
    struct jl_metrics *metrics = reader->worker->metrics;
    struct jl_message message = {.kind = JL_MESSAGE_PROVED};
    struct jl_proved *proved = &message.as.proved;
    const struct jl_proof *proof = &job->message.as.proof;
    enum jl_rc rc = proof->has_deep
                        ? jl_prove_deep(reader->district, job->office, proof, DEEP_RECORDS,
                                        &job->deep, proved, err)
                        : jl_prove_root(reader->district, job->office, proof, proved, err);
    job->unfinished =
        rc == JL_OK && proof->has_deep && proved->result == JL_PROOF_IDENTICAL && !job->deep.done;
    if (rc == JL_OK && !job->unfinished) {
        rc = jl_job_answer(job, reader->district->wire, &message, err);
    }
    if (rc != JL_OK || job->unfinished) {
        return rc;
    }
    if (proof->has_deep && proved->deep != JL_DEEP_NONE) {
        jl_log(proved->deep == JL_DEEP_IDENTICAL ? JL_LOG_INFO : JL_LOG_WARN, "deep_proof",
               "device=%" PRIu32 " office=%" PRIu32 " same=%d rows=%" PRIu64 " unreadable=%" PRIu64,
               job->device, job->office, proved->deep == JL_DEEP_IDENTICAL, job->deep.rows,
               job->deep.unreadable);
    }
    switch (proved->result) {
    case JL_PROOF_IDENTICAL:
        job->identical = proved->deep != JL_DEEP_DIFFERENT;
        jl_metric_add(&metrics->proofs_identical, 1);
        break;
    case JL_PROOF_DIFFERENT:
        jl_metric_add(&metrics->proofs_different, 1);
        jl_log(JL_LOG_WARN, "proof_differs", "device=%" PRIu32 " office=%" PRIu32, job->device,
               job->office);
        break;
    case JL_PROOF_MOVED:
        for (int feed = 0; feed < 2; feed++) {
            job->tells[feed] = true;
            job->told[feed] = proved->head[feed];
        }
        break;
    }
    return JL_OK;
}

static enum jl_rc answer_ask(struct reader *reader, struct jl_job *job, struct jl_err *err) {
    struct jl_message message;
    enum jl_rc rc = jl_prove_answer(reader->district, job->office, &job->message.as.ask,
                                    &reader->arena, &message, err);
    return rc == JL_OK ? jl_job_answer(job, reader->district->wire, &message, err) : rc;
}

static enum jl_rc answer_history(struct reader *reader, struct jl_job *job, struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_LINES};
    enum jl_rc rc = jl_lines_read(reader->district, job->office, &job->message.as.history,
                                  &reader->arena, &message.as.lines, err);
    return rc == JL_OK ? jl_job_answer(job, reader->district->wire, &message, err) : rc;
}

static enum jl_rc answer(struct reader *reader, struct jl_job *job, struct jl_job **out_page,
                         struct jl_err *err) {
    struct jl_wire *wire = reader->district->wire;
    const struct jl_device *device = jl_roster_device(reader->district, job->device);
    if (device == NULL || device->state == JL_DEVICE_REVOKED) {
        return jl_job_refuse(
            job, wire, &(struct jl_refusing){.code = JL_REFUSE_REVOKED, .cause = JL_SAY_REVOKED},
            err);
    }
    if (device->state == JL_DEVICE_SUSPENDED) { /* since its last Hello, or it would not be here */
        return jl_job_refuse(
            job, wire, &(struct jl_refusing){.code = JL_REFUSE_HELLO, .cause = JL_SAY_HELLO_ANEW},
            err);
    }
    jl_arena_reset(&reader->arena);
    switch (job->kind) {
    case JL_JOB_PULL:
        return answer_page(reader, job, out_page, err);
    case JL_JOB_PROOF:
        return answer_proof(reader, job, err);
    case JL_JOB_ASK:
        return answer_ask(reader, job, err);
    case JL_JOB_HISTORY:
        return answer_history(reader, job, err);
    case JL_JOB_HELLO:
    case JL_JOB_PUSH:
    case JL_JOB_ENROL:
    case JL_JOB_PROVEN:
    case JL_JOB_BYE:
    case JL_JOB_REFUSED:
    case JL_JOB_LOOK:
    case JL_JOB_PAGE:
    case JL_JOB_HEADS:
    case JL_JOB_ADMIT:
    case JL_JOB_JOINED:
    case JL_JOB_START:
    case JL_JOB_STOP:
        break;
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "job %d is not the reader's",
                       (int)job->kind);
}

static void refuse(struct reader *reader, struct jl_job *job, enum jl_rc why,
                   const struct jl_err *reason) {
    struct jl_err err;
    bool impossible = why == JL_PROTO || why == JL_MISUSE || why == JL_LIMIT;
    const struct jl_refusing refusing = {.code = impossible ? JL_REFUSE_MALFORMED : JL_REFUSE_BUSY,
                                         .cause = impossible ? JL_SAY_ANSWER_IMPOSSIBLE
                                                             : JL_SAY_CAN_NOT_NOW,
                                         .retry_ms = JL_RETRY_FAULT_MS};
    jl_log_err(JL_LOG_ERROR, "answer_failed", reason);
    if (jl_job_refuse(job, reader->district->wire, &refusing, &err) != JL_OK) {
        jl_buf_reset(&job->answer); /* silence is a Refuse BUSY too, only slower */
        jl_log_err(JL_LOG_ERROR, "refuse_failed", &err);
    }
}

static void take_turn(struct reader *reader) {
    struct jl_err err;
    struct jl_job *page = NULL;
    struct jl_job *job = take_next(reader);
    int64_t began_ms = steady_ms(reader);
    enum jl_rc rc = begin(reader, &err);
    if (rc == JL_OK) {
        rc = answer(reader, job, &page, &err);
        end(reader);
    }
    jl_turns_take(&reader->turns, job->device, steady_ms(reader) - began_ms);
    if (rc != JL_OK) {
        refuse(reader, job, rc, &err);
    }
    if (page != NULL) {
        jl_worker_send(reader->worker, page);
        line_up(reader, job);
    } else if (rc == JL_OK && job->unfinished) {
        line_up(reader, job);
    } else {
        jl_worker_send(reader->worker, job);
    }
}

/* ---- The loop ---- */

/* A device that pulls again has given up what it asked for before. */
static void supersede(struct reader *reader, const struct jl_job *pull) {
    size_t count = reader->count;
    for (size_t i = 0; i < count; i++) {
        struct jl_job *job = take_first(reader);
        if (job->kind == JL_JOB_PULL && job->caller == pull->caller &&
            job->message.as.pull.feed == pull->message.as.pull.feed) {
            jl_worker_send(reader->worker, job); /* unanswered */
        } else {
            line_up(reader, job);
        }
    }
}

static void take_in(struct reader *reader, struct jl_job *job) {
    switch (job->kind) {
    case JL_JOB_STOP:
        reader->stop = true;
        jl_job_free(job);
        return;
    case JL_JOB_LOOK:
        reader->rung = true;
        jl_job_free(job);
        return;
    case JL_JOB_PULL:
        supersede(reader, job);
        break;
    case JL_JOB_HELLO:
    case JL_JOB_PUSH:
    case JL_JOB_ENROL:
    case JL_JOB_PROVEN:
    case JL_JOB_BYE:
    case JL_JOB_REFUSED:
    case JL_JOB_PROOF:
    case JL_JOB_ASK:
    case JL_JOB_HISTORY:
    case JL_JOB_PAGE:
    case JL_JOB_HEADS:
    case JL_JOB_ADMIT:
    case JL_JOB_JOINED:
    case JL_JOB_START:
        break;
    }
    line_up(reader, job);
}

static long wait_ms(const struct reader *reader, int64_t now_ms) {
    if (reader->count > 0) {
        return 0;
    }
    int64_t due_ms = reader->looked_ms + (reader->rung ? LOOK_GAP_MS : JL_LOOK_MS);
    return due_ms > now_ms ? (long)(due_ms - now_ms) : 0;
}

static enum jl_rc step(struct reader *reader, struct jl_err *err) {
    struct jl_wait_item item = {.pipe = reader->worker->pipe};
    enum jl_rc rc = jl_wait_any(&item, 1, wait_ms(reader, steady_ms(reader)), err);
    while (rc == JL_OK) {
        void *job = NULL;
        rc = jl_pipe_receive(reader->worker->pipe, &job, err);
        if (rc == JL_OK) {
            take_in(reader, job);
        }
    }
    if (rc != JL_NOT_FOUND) {
        return rc;
    }
    int64_t passed_ms = steady_ms(reader) - reader->looked_ms;
    if (passed_ms >= (reader->rung ? LOOK_GAP_MS : JL_LOOK_MS)) {
        look(reader);
    }
    if (reader->first != NULL) {
        take_turn(reader);
    }
    return JL_OK;
}

/* The first picture goes with START: the router opens its door only when it knows whom to admit. */
static enum jl_rc open_books(struct reader *reader, struct jl_err *err) {
    const struct jl_serve_options *options = reader->worker->options;
    const struct jl_district_options open = {
        .mode = JL_STORE_READ, .passphrase = options->passphrase, .clock = options->clock};
    struct jl_job *started = NULL;
    enum jl_rc rc = jl_district_open(options->folder, &open, &reader->district, err);
    if (rc == JL_OK) {
        rc = begin(reader, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = picture(reader, JL_JOB_START, &started, err);
    end(reader);
    if (rc == JL_OK) {
        reader->changed = false;
        reader->looked_ms = steady_ms(reader);
        atomic_store(&reader->worker->metrics->reader_works, true);
        jl_worker_send(reader->worker, started);
    }
    return rc;
}

void *jl_reader_main(void *context) {
    struct jl_worker *worker = context;
    struct jl_err err;
    struct reader reader = {.worker = worker};
    reader.last = &reader.first;
    enum jl_rc rc = open_books(&reader, &err);
    while (rc == JL_OK && !reader.stop) {
        rc = step(&reader, &err);
    }
    while (reader.first != NULL) {
        jl_job_free(take_first(&reader)); /* devices ask again */
    }
    jl_district_close(reader.district);
    jl_arena_fini(&reader.arena);
    jl_turns_fini(&reader.turns);
    jl_worker_stopped(worker, rc, &err);
    return NULL;
}
