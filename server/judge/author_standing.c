/* How an author stands to a record: may it change it, and what could it know.
 *
 * A deleted record stays with the office that had it last, and with both offices of a transfer. The
 * exception is a natural key, which is free again: whoever creates the record next has it. */
#include "apply.h"
#include "author.h"

#include "server/books/visibility.h"

#include "jielian/store/feeds.h"

static enum jl_rc look_at_feed(struct jl_apply *apply, struct jl_touched *touched,
                               struct jl_err *err) {
    if (touched->judged) {
        return JL_OK;
    }
    struct jl_feed_entry entries[JL_FEED_ENTRIES_MAX];
    size_t count = 0;
    enum jl_rc rc = jl_feeds_of(apply->district->books->store, touched->before.rid, entries,
                                JL_FEED_ENTRIES_MAX, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        if (entries[i].feed == apply->office) {
            touched->feed_seq = entries[i].seq;
            touched->by_other = entries[i].origin != apply->origin;
            touched->left = entries[i].kind == JL_FEED_LEAVE;
            touched->ended = entries[i].kind == JL_FEED_DELETE;
        }
    }
    touched->judged = rc == JL_OK;
    return rc;
}

static enum jl_rc stand_by_deleted(struct jl_apply *apply, const struct jl_type *type,
                                   const struct jl_op *op, struct jl_touched *touched,
                                   struct jl_merge_input *input, struct jl_err *err) {
    bool free = op->kind == JL_OP_CREATE && type->natural_key_count > 0;
    bool last = touched->record.row.owner == apply->office;
    enum jl_rc rc = free || last ? JL_OK : look_at_feed(apply, touched, err);
    bool party = type->transfer_subject != 0 && touched->feed_seq != 0;
    input->standing = free || last || party ? JL_STANDING_OWN : JL_STANDING_FOREIGN;
    return rc;
}

enum jl_rc jl_author_standing(struct jl_apply *apply, const struct jl_type *type,
                              const struct jl_op *op, struct jl_touched *touched,
                              struct jl_merge_input *input, struct jl_err *err) {
    bool old_rules = apply->head->rules == 0;
    input->standing = JL_STANDING_OWN;
    input->moved = false;
    if (apply->author == JL_SIDE_DISTRICT) {
        return JL_OK;
    }
    if (type->owner == JL_SIDE_DISTRICT) {
        input->standing = JL_STANDING_FOREIGN;
        return JL_OK;
    }
    if (!touched->was_there) {
        /* What this batch has made may be another office's: a case of its own making. */
        bool theirs = apply->head->rules >= 2 && touched->dirty && !touched->record.row.deleted &&
                      touched->record.row.owner != apply->office;
        input->standing = theirs ? JL_STANDING_FOREIGN : JL_STANDING_OWN;
        return JL_OK;
    }
    if (!old_rules && touched->record.row.deleted) {
        return stand_by_deleted(apply, type, op, touched, input, err);
    }
    uint32_t owner = old_rules ? touched->before.owner : touched->record.row.owner;
    bool own = owner == apply->office;
    bool by_this_batch = !old_rules && touched->before.owner != apply->office;
    if (own && (by_this_batch || touched->before.feed_seq <= op->cursor)) {
        return JL_OK; /* the common case needs no look at the feed */
    }
    enum jl_rc rc = look_at_feed(apply, touched, err);
    input->moved = touched->by_other && touched->feed_seq > op->cursor;
    if (!own && touched->left) {
        input->standing = input->moved ? JL_STANDING_LEFT : JL_STANDING_FOREIGN;
    } else if (!own && (touched->feed_seq == 0 || touched->ended)) {
        input->standing = JL_STANDING_FOREIGN; /* ended: it came to life elsewhere */
    }
    return rc;
}
