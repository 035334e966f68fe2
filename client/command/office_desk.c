/* What the office's program brings to a desk session: options, clerk, books, the bell. */
#include "office_desk.h"
#include "data_folder.h"
#include "options.h"
#include "passphrase.h"

#include "client/books/office.h"
#include "client/books/office_outbox.h"
#include "client/books/save.h"

#include "jielian/base/fault.h"
#include "jielian/base/path.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/cli/cli.h"
#include "jielian/crypto/random.h"
#include "jielian/net/bell.h"

#include <stdlib.h>

/* Every command may open sealed books, so every one may need the passphrase. */
static struct jl_desk_session_options options_for(enum jl_desk_session_use use) {
    static const struct jl_option options[] = {JL_CLERK_OPTION, JL_PASSPHRASE_OPTION};
    (void)use;
    return (struct jl_desk_session_options){options, sizeof options / sizeof *options};
}

static enum jl_rc open_office(const struct jl_cli *cli, enum jl_store_mode mode,
                              struct jl_office **out_office, struct jl_err *err) {
    const char *folder = NULL;
    struct jl_buf passphrase = {0};
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (!jl_data_folder_has(folder, "jielian.db") &&
        jl_data_folder_has(folder, "staged/jielian.db")) {
        return jl_fault(err, JL_NOT_FOUND, JL_FAULT_DESK_NOT_READY);
    }
    rc = jl_passphrase_read(cli, &passphrase, err);
    if (rc == JL_OK) {
        const struct jl_office_options options = {
            .mode = mode, .passphrase = jl_buf_bytes(&passphrase), .clock = jl_clock_system()};
        rc = jl_data_folder_open(cli, folder, &options, out_office, err);
    }
    jl_buf_wipe(&passphrase);
    return rc;
}

static enum jl_rc open_session(const struct jl_cli *cli, enum jl_store_mode mode,
                               struct jl_desk_session *session, struct jl_err *err) {
    const char *const names[] = {jl_cli_value(cli, "as"), getenv("JIELIAN_STAFF"), getenv("USER"),
                                 "clerk"};
    uint8_t random[16];
    enum jl_rc rc = jl_desk_session_take_staff(session, names, sizeof names / sizeof *names, err);
    if (rc == JL_OK) {
        rc = open_office(cli, mode, &session->office, err);
    }
    if (rc == JL_OK) {
        rc = jl_random(random, sizeof random, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    session->log_owner = session->office->identity.office;
    session->office->staff = jl_bytes_text(session->staff);
    session->desk = (struct jl_desk){.books = session->office->books,
                                     .save = jl_save_changes,
                                     .decode = jl_wire_op_decode,
                                     .save_context = session->office,
                                     .merged = jl_office_merged,
                                     .owner = session->office->identity.office,
                                     .movers = 1u << JL_MOVER_OFFICE,
                                     .staff = session->office->staff,
                                     .clock = session->office->clock,
                                     .known_ms = session->office->state.proven_ms,
                                     .language = cli->language};
    jl_id_source_init(&session->desk.ids, random);
    return jl_office_merges(session->office, &session->desk.merges, err);
}

/* ---- Change sets ---- */

static enum jl_rc take_op(struct jl_desk_session *session, const struct jl_outbox_entry *entry,
                          struct jl_arena *arena, struct jl_undo_op *out_op, struct jl_err *err) {
    struct jl_op op;
    struct jl_bytes hash;
    JL_AUTO(jl_arena) scratch = {0};
    enum jl_rc rc =
        jl_office_outbox_body(session->office, entry, arena, &hash, &out_op->bytes, err);
    if (rc == JL_OK) {
        rc = jl_wire_op_decode(out_op->bytes, &scratch, &op, err);
    }
    if (rc == JL_OK) {
        out_op->key = (struct jl_record_key){.type = op.type, .id = op.id};
        out_op->place = entry->pos;
    }
    return rc;
}

/* A change set made on another PC, or at the district: its record tells which. */
static enum jl_rc not_ours(struct jl_desk_session *session, const struct jl_id *change_set,
                           struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record = {0};
    jl_id_format(change_set, id);
    enum jl_rc rc =
        jl_desk_session_load(session, JL_TYPE_CHANGE_SET, change_set, &arena, &record, err);
    if (rc != JL_OK && rc != JL_NOT_FOUND) {
        return rc;
    }
    if (rc == JL_OK && record.head.by_device == 0) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_UNDO_DISTRICTS, "%s", id);
    }
    if (rc == JL_OK && record.head.by_device != session->office->identity.device) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_UNDO_OTHER_PC, "%s" JL_AND "%u", id,
                           record.head.by_device);
    }
    return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_UNDO_MISSING, "%s" JL_AND "%d", id,
                       JL_CONFIRMED_KEEP_DAYS);
}

static enum jl_rc take_ops(struct jl_desk_session *session, const struct jl_id *change_set,
                           struct jl_arena *arena, struct jl_undo_op **out_ops, size_t *out_count,
                           struct jl_err *err) {
    JL_AUTO(jl_arena) bodies = {0};
    struct jl_outbox_entry *entries = NULL;
    enum jl_rc rc = jl_outbox_of_change_set(session->office->books->store, change_set, &bodies,
                                            &entries, out_count, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_ops = jl_arena_zalloc(arena, *out_count + 1, sizeof **out_ops);
    if (*out_ops == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; rc == JL_OK && i < *out_count; i++) {
        rc = take_op(session, &entries[i], arena, &(*out_ops)[i], err);
    }
    return rc;
}

static enum jl_rc change_set_ops(struct jl_desk_session *session, const struct jl_id *change_set,
                                 struct jl_arena *arena, struct jl_undo_op **out_ops,
                                 size_t *out_count, struct jl_err *err) {
    struct jl_office *office = session->office;
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = take_ops(session, change_set, arena, out_ops, out_count, err);
    jl_store_rollback(office->books->store);
    return rc == JL_OK && *out_count == 0 ? not_ours(session, change_set, err) : rc;
}

static void close_session(struct jl_desk_session *session) {
    jl_office_close(session->office);
    session->office = NULL;
}

static void ring(const struct jl_desk_session *session) {
    char path[JL_PATH_MAX_BYTES];
    jl_data_folder_path(session->office->folder, "run.bell", path);
    jl_bell_ring(path);
}

const struct jl_desk_program jl_office_desk = {.options = options_for,
                                               .open = open_session,
                                               .close = close_session,
                                               .change_set = change_set_ops,
                                               .ring = ring};
