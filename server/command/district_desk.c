/* What the district's program brings to a desk session: who, district, office, change sets. */
#include "district_desk.h"
#include "district_commands.h"
#include "run.h"

#include "server/books/entry.h"
#include "server/books/journal.h"
#include "server/books/own_ops.h"
#include "server/judge/accept_entry.h"

#include "jielian/base/fault.h"
#include "jielian/base/path.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/cli/iso_time.h"
#include "jielian/crypto/random.h"
#include "jielian/net/bell.h"
#include "jielian/net/net.h"
#include "jielian/store/journal.h"

#include <stdlib.h>
#include <string.h>

static struct jl_desk_session_options options_for(enum jl_desk_session_use use) {
    /* One list for all: spreadsheets are first of all an office's. */
    static const struct jl_option options[] = {JL_STAFF_OPTION, JL_OFFICE_OPTION, JL_STAFF_OPTION};
    switch (use) {
    case JL_DESK_SESSION_LOOKS:
        break;
    case JL_DESK_SESSION_NAMED:
        return (struct jl_desk_session_options){options, 1};
    case JL_DESK_SESSION_MAKES:
        return (struct jl_desk_session_options){options, 2};
    case JL_DESK_SESSION_FILES:
        return (struct jl_desk_session_options){options + 1, 2};
    }
    return (struct jl_desk_session_options){options, 0};
}

/* The value of an option that not every command has. */
static const char *value_of(const struct jl_cli *cli, const char *name) {
    for (size_t i = 0; i < cli->spec->option_count; i++) {
        if (strcmp(cli->spec->options[i].name, name) == 0) {
            return jl_cli_value(cli, name);
        }
    }
    return NULL;
}

static enum jl_rc take_owner(const struct jl_cli *cli, struct jl_desk_session *session,
                             struct jl_err *err) {
    const char *code = value_of(cli, "office");
    const struct jl_office_entry *office =
        code != NULL ? jl_roster_office_coded(session->district, code) : NULL;
    if (code != NULL && office == NULL) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_OFFICE_CODE_UNKNOWN, "%s", code);
    }
    session->desk.owner = office != NULL ? office->number : 0;
    return JL_OK;
}

static enum jl_rc open_session(const struct jl_cli *cli, enum jl_store_mode mode,
                               struct jl_desk_session *session, struct jl_err *err) {
    const struct jl_district_options options = {
        .mode = mode, .judge = jl_accept_entry, .clock = jl_clock_system()};
    const char *const names[] = {value_of(cli, "as"), getenv("JIELIAN_STAFF"), "district"};
    const char *folder = NULL;
    uint8_t random[16];
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_take_staff(session, names, sizeof names / sizeof *names, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_open(folder, &options, &session->district, err);
        if (rc != JL_OK) {
            rc = jl_folder_explain(cli, JL_SIDE_DISTRICT, folder, options.passphrase, err);
        }
    }
    if (rc == JL_OK) {
        rc = jl_random(random, sizeof random, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    session->district->turn.asks = true;
    session->district->staff = jl_bytes_text(session->staff);
    session->district->language = cli->language;
    session->desk = (struct jl_desk){.books = session->district->books,
                                     .save = jl_own_ops_save,
                                     .decode = jl_wire_op_decode,
                                     .save_context = session->district,
                                     .merged = jl_merged_into,
                                     .merges = true,
                                     .movers = 1u << JL_MOVER_DISTRICT,
                                     .staff = session->district->staff,
                                     .clock = session->district->clock,
                                     .known_ms = session->district->state.journal_ms,
                                     .language = cli->language};
    jl_id_source_init(&session->desk.ids, random);
    return take_owner(cli, session, err);
}

static void close_session(struct jl_desk_session *session) {
    jl_district_close(session->district);
    session->district = NULL;
}

static void ring(const struct jl_desk_session *session) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_err ignored; /* a path too long for a bell: `serve` looks once a second anyway */
    if (jl_path_join(session->district->folder, "run.bell", path, sizeof path, &ignored) == JL_OK) {
        jl_bell_ring(path);
    }
}

/* ---- Change sets ---- */

struct reading {
    struct jl_district *district;
    const struct jl_id *change_set;
    bool of_offices;        /* a merge, which the district may undo whoever made it */
    struct jl_arena *arena; /* of what is kept */
    struct jl_undo_op *ops;
    size_t count, capacity;
};

static enum jl_rc keep_op(struct reading *reading, const struct jl_op *op, uint64_t place,
                          struct jl_bytes bytes, struct jl_err *err) {
    if (reading->count == reading->capacity) {
        size_t capacity = reading->capacity * 2 + 64;
        struct jl_undo_op *more = realloc(reading->ops, capacity * sizeof *more);
        if (more == NULL) {
            return jl_fault_memory(err);
        }
        reading->ops = more;
        reading->capacity = capacity;
    }
    struct jl_undo_op *kept = &reading->ops[reading->count++];
    *kept = (struct jl_undo_op){.key = {.type = op->type, .id = op->id}, .place = place};
    return jl_arena_dup(reading->arena, bytes, &kept->bytes, err);
}

/* The set's ops: of the district's own in the order of its chain, and so those of a PC. */
static enum jl_rc read_entry(void *context, const struct jl_journal_entry *entry,
                             struct jl_err *err) {
    struct reading *reading = context;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_journal_opened opened;
    if ((entry->origin != 0) != reading->of_offices) {
        return JL_OK;
    }
    enum jl_rc rc = jl_journal_open(reading->district, entry, &arena, &opened, err);
    const struct jl_push *push = &opened.push;
    bool own = rc == JL_OK && opened.head.kind == JL_ENTRY_BATCH;
    for (size_t i = 0; own && rc == JL_OK && i < push->count; i++) {
        struct jl_op op;
        rc = jl_wire_op_decode(push->ops[i], &arena, &op, err);
        if (rc == JL_OK && jl_id_equal(&op.change_set, reading->change_set)) {
            rc = keep_op(reading, &op, push->first_seq + i, push->ops[i], err);
        }
    }
    return rc;
}

/* A change set of an office: its record tells which PC made it. */
static enum jl_rc not_ours(struct jl_desk_session *session, const struct jl_id *change_set,
                           struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record = {0};
    enum jl_rc rc =
        jl_desk_session_load(session, JL_TYPE_CHANGE_SET, change_set, &arena, &record, err);
    jl_id_format(change_set, id);
    const struct jl_device *device =
        rc == JL_OK ? jl_roster_device(session->district, record.head.by_device) : NULL;
    const struct jl_office_entry *office =
        device != NULL ? jl_roster_office(session->district, device->office) : NULL;
    if (rc != JL_OK && rc != JL_NOT_FOUND) {
        return rc;
    }
    if (office == NULL) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_UNDO_NOT_DISTRICTS, "%s", id);
    }
    return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_UNDO_OFFICES, "%s" JL_AND "%s" JL_AND "%u", id,
                       office->name, device->number);
}

/* Is it an office's merge? The PC that made it may be gone, and nothing else parts the two. */
static enum jl_rc look_at_set(struct jl_desk_session *session, const struct jl_id *change_set,
                              bool *out_merge, struct jl_err *err) {
    enum { SET_KIND = 1, SET_KIND_MERGE = 3 }; /* of the built-in type change_set */
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record = {0};
    enum jl_rc rc =
        jl_desk_session_load(session, JL_TYPE_CHANGE_SET, change_set, &arena, &record, err);
    const struct jl_value *kind = rc == JL_OK ? jl_row_get(&record.row, SET_KIND) : NULL;
    *out_merge = kind != NULL && kind->kind == JL_VALUE_INT && kind->number == SET_KIND_MERGE &&
                 record.row.owner != 0;
    return rc == JL_NOT_FOUND ? JL_OK : rc;
}

static enum jl_rc take_ops(struct reading *reading, struct jl_undo_op **out_ops,
                           struct jl_err *err) {
    enum jl_rc rc =
        jl_journal_entry_read(reading->district->books->store, 1, 0, read_entry, reading, err);
    *out_ops =
        rc == JL_OK ? jl_arena_zalloc(reading->arena, reading->count + 1, sizeof **out_ops) : NULL;
    if (rc == JL_OK && *out_ops == NULL) {
        rc = jl_fault_memory(err);
    }
    if (rc == JL_OK && reading->count > 0) {
        memcpy(*out_ops, reading->ops, reading->count * sizeof *reading->ops);
    }
    free(reading->ops);
    return rc;
}

static enum jl_rc change_set_ops(struct jl_desk_session *session, const struct jl_id *change_set,
                                 struct jl_arena *arena, struct jl_undo_op **out_ops,
                                 size_t *out_count, struct jl_err *err) {
    struct jl_district *district = session->district;
    struct reading reading = {.district = district, .change_set = change_set, .arena = arena};
    enum jl_rc rc = look_at_set(session, change_set, &reading.of_offices, err);
    if (rc == JL_OK) {
        rc = jl_district_begin(district, false, NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = take_ops(&reading, out_ops, err);
    jl_store_rollback(district->books->store);
    *out_count = reading.count;
    return rc == JL_OK && reading.count == 0 ? not_ours(session, change_set, err) : rc;
}

const struct jl_desk_program jl_district_desk = {.options = options_for,
                                                 .open = open_session,
                                                 .close = close_session,
                                                 .change_set = change_set_ops,
                                                 .ring = ring};
