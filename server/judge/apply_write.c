/* What a judged batch leaves: rows, and for each who saw it before and who sees it now, feeds and
 * sums. */
#include "apply.h"

#include "server/books/feed_state.h"
#include "server/books/visibility.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/store/feeds.h"
#include "jielian/sync/setsum.h"

struct entries { /* feed entries and, beside each, the record it is about */
    struct jl_feed_entry *items;
    struct jl_touched **works;
    size_t count;
};

static const struct jl_type *type_of(const struct jl_apply *apply,
                                     const struct jl_touched *touched) {
    const struct jl_layout *layout = jl_books_layout(apply->district->books, touched->key.type);
    return layout != NULL ? layout->type : NULL;
}

/* Before and after, once a record. */
static void see(const struct jl_apply *apply, struct jl_touched *touched) {
    const struct jl_type *type = type_of(apply, touched);
    touched->seen_before.count = 0;
    if (touched->was_there) {
        jl_visibility_of(apply->district, type, &touched->row_before, &touched->seen_before);
    }
    jl_visibility_of(apply->district, type, &touched->record.row, &touched->seen_after);
}

static enum jl_rc put_entry(struct jl_apply *apply, struct jl_touched *touched, uint32_t feed,
                            enum jl_feed_kind kind, struct entries *entries, struct jl_err *err) {
    struct jl_feed_state *state = NULL;
    enum jl_rc rc = jl_feed_state_get(apply->district, feed, &state, err);
    if (rc != JL_OK) {
        return rc;
    }
    entries->items[entries->count] =
        (struct jl_feed_entry){.feed = feed,
                               .seq = ++state->head,
                               .kind = kind,
                               .origin = touched->echo ? 0 : apply->origin};
    entries->works[entries->count++] = touched;
    state->moved = true;
    apply->echoed = apply->echoed || (touched->echo && feed == apply->office);
    if (feed == touched->record.row.owner) {
        touched->record.head.feed_seq = state->head;
    }
    return JL_OK;
}

/* Made and deleted in one batch, it never was in a feed; but a PC of the author that is put back to
 * between the two has it, and is to hear that it is gone. */
static enum jl_rc put_passing(struct jl_apply *apply, struct jl_touched *touched,
                              struct entries *entries, struct jl_err *err) {
    struct jl_visibility were;
    struct jl_row row = touched->record.row;
    row.deleted = false;
    jl_visibility_of(apply->district, type_of(apply, touched), &row, &were);
    bool passed = !touched->was_there && touched->record.row.deleted && apply->origin != 0;
    return passed && jl_visibility_in(&were, apply->office)
               ? put_entry(apply, touched, apply->office, JL_FEED_DELETE, entries, err)
               : JL_OK;
}

static enum jl_rc put_entries(struct jl_apply *apply, struct jl_touched *touched,
                              struct entries *entries, struct jl_err *err) {
    const struct jl_visibility *before = &touched->seen_before;
    const struct jl_visibility *after = &touched->seen_after;
    see(apply, touched);
    enum jl_rc rc = put_passing(apply, touched, entries, err);
    for (size_t i = 0; rc == JL_OK && i < after->count; i++) {
        bool was = jl_visibility_in(before, after->feeds[i]);
        rc = put_entry(apply, touched, after->feeds[i], was ? JL_FEED_UPDATE : JL_FEED_ENTER,
                       entries, err);
    }
    for (size_t i = 0; rc == JL_OK && i < before->count; i++) {
        if (!jl_visibility_in(after, before->feeds[i])) {
            rc = put_entry(apply, touched, before->feeds[i],
                           touched->record.row.deleted ? JL_FEED_DELETE : JL_FEED_LEAVE, entries,
                           err);
        }
    }
    for (size_t i = 0; rc == JL_OK && i < touched->stub_count; i++) {
        uint32_t feed = touched->stub_feeds[i];
        if (!jl_visibility_in(after, feed) && !jl_visibility_in(before, feed)) {
            rc = put_entry(apply, touched, feed, JL_FEED_LEAVE, entries, err);
        }
    }
    return rc;
}

static enum jl_rc move_sums(struct jl_apply *apply, const struct jl_touched *touched,
                            struct jl_err *err) {
    const struct jl_visibility *const sides[2] = {&touched->seen_before, &touched->seen_after};
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < sides[side]->count; i++) {
            struct jl_feed_state *state = NULL;
            enum jl_rc rc = jl_feed_state_get(apply->district, sides[side]->feeds[i], &state, err);
            if (rc != JL_OK) {
                return rc;
            }
            if (side == 0) {
                jl_setsum_remove(&state->sum, &touched->key.id, touched->before.hash);
            } else {
                jl_setsum_add(&state->sum, &touched->key.id, touched->record.head.hash);
            }
            state->moved = true;
        }
    }
    return JL_OK;
}

enum jl_rc jl_apply_write(struct jl_apply *apply, struct jl_err *err) {
    struct jl_arena *arena = apply->arena;
    size_t most = (apply->list_count + 1) * 2 * JL_FEEDS_PER_RECORD_MAX;
    for (size_t i = 0; i < apply->list_count; i++) {
        most += apply->list[i]->stub_count;
    }
    struct jl_book_write *writes = jl_arena_zalloc(arena, apply->list_count + 1, sizeof *writes);
    struct entries entries = {
        .items = jl_arena_zalloc(arena, most, sizeof *entries.items),
        .works = jl_arena_zalloc(arena, most, sizeof(struct jl_touched *)),
    };
    if (writes == NULL || entries.items == NULL || entries.works == NULL) {
        return jl_fault_memory(err);
    }
    size_t count = 0;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < apply->list_count; i++) {
        struct jl_touched *touched = apply->list[i];
        if (!touched->dirty) {
            continue;
        }
        touched->record.head.last = apply->district->state.journal_seq + 1;
        writes[count++] = (struct jl_book_write){
            .record = &touched->record, .before = touched->was_there ? &touched->row_before : NULL};
        rc = put_entries(apply, touched, &entries, err);
    }
    if (rc == JL_OK) {
        rc = jl_books_write(apply->district->books, writes, count, arena, err);
    }
    for (size_t i = 0; rc == JL_OK && i < apply->list_count; i++) {
        rc = apply->list[i]->dirty ? move_sums(apply, apply->list[i], err) : JL_OK;
    }
    for (size_t i = 0; i < entries.count; i++) {
        entries.items[i].rid = entries.works[i]->record.head.rid; /* new records have theirs now */
    }
    return rc == JL_OK
               ? jl_feeds_put(apply->district->books->store, entries.items, entries.count, err)
               : rc;
}
