/* Opening and closing the district's books. */
#include "admit.h"
#include "upgrade.h"

#include "decisions.h"
#include "district.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/crypto/signer.h"

#include <stdlib.h>
#include <string.h>

static enum jl_rc open_parts(struct jl_district *district,
                             const struct jl_district_options *options, struct jl_err *err) {
    struct jl_books_options books_options = {
        .side = JL_SIDE_DISTRICT, .mode = options->mode, .cache_kib = options->cache_kib};
    enum jl_rc rc = JL_OK;
    if (options->keys != NULL) {
        district->keys = *options->keys;
    } else {
        rc = jl_keys_load(district->folder, options->passphrase, &district->keys, err);
    }
    if (rc == JL_OK) {
        rc =
            jl_books_open(district->folder, &books_options, &district->keys, &district->books, err);
        rc = rc == JL_DENIED ? jl_keys_wrap(district->folder, err) : rc;
    }
    if (rc == JL_OK && !district->books->read_only &&
        district->books->newer.state != JL_NEWER_NONE) {
        rc = jl_books_too_old(&district->books->newer, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_load_state(district, err);
    }
    if (rc == JL_OK) {
        rc = jl_roster_load(district, err);
    }
    if (rc == JL_OK) {
        rc = jl_signer_new(district->keys.suite, &district->keys.sign, &district->signer, err);
    }
    return rc == JL_OK ? jl_wire_new(district->keys.suite, &district->wire, err) : rc;
}

enum jl_rc jl_district_open(const char *folder, const struct jl_district_options *options,
                            struct jl_district **out_district, struct jl_err *err) {
    JL_AUTO_PTR(jl_district) district = calloc(1, sizeof *district);
    if (district == NULL) {
        return jl_fault_memory(err);
    }
    if (strlen(folder) >= sizeof district->folder) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_PATH_LONG, "%s" JL_AND "%zu", folder,
                           sizeof district->folder - 1);
    }
    memcpy(district->folder, folder, strlen(folder) + 1);
    JL_ASSERT(options->judge != NULL || options->mode == JL_STORE_READ);
    district->judge = options->judge;
    district->clock = options->clock;
    district->slice =
        (struct jl_slice){.ms = JL_SLICE_MS, .bytes = JL_SLICE_BYTES, .ops = JL_BATCH_OPS_MAX};
    district->staff = jl_bytes_text("district");
    enum jl_rc rc = open_parts(district, options, err);
    if (rc == JL_OK && options->mode == JL_STORE_WRITE) {
        rc = jl_admit_begin(district, err);
        rc = rc == JL_OK ? jl_upgrade_once(district, err) : rc;
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_district = district;
    district = NULL;
    return JL_OK;
}

void jl_district_close(struct jl_district *district) {
    if (district == NULL) {
        return;
    }
    for (size_t feed = 0; feed < JL_OFFICES_MAX; feed++) {
        if (district->feeds[feed] != NULL) {
            free(district->feeds[feed]->types);
        }
        free(district->feeds[feed]);
    }
    jl_books_close(district->books);
    jl_turn_done(&district->turn);
    jl_wire_free(district->wire);
    jl_signer_free(district->signer);
    jl_merged_fini(&district->merged);
    jl_decisions_free(district->decisions);
    jl_arena_fini(&district->table_arena);
    jl_keys_fini(&district->keys);
    free(district);
}
