/* Judging a batch. Records are loaded once, changed in memory op by op, and written once:
 *
 *   load all records and doubles ─> op 1 ─> op 2 ─> … ─> write rows ─> feeds ─> sums
 *
 * A refused op leaves no trace but its verdict, and never stops the ones behind it. */
#include "server/books/district_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- Standing: may the author change it, and what could it know ---- */

static enum jl_rc judge_standing(struct jl_apply *apply, struct jl_work *work, struct jl_err *err) {
    if (work->judged) {
        return JL_OK;
    }
    struct jl_feed_entry entries[JL_FEED_ENTRIES_MAX];
    size_t count = 0;
    enum jl_rc rc = jl_store_feeds_of(apply->district->books->store, work->before.rid, entries,
                                      JL_FEED_ENTRIES_MAX, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        if (entries[i].feed == apply->office) {
            work->feed_seq = entries[i].seq;
            work->by_other = entries[i].origin != apply->origin;
            work->left = entries[i].kind == JL_FEED_LEAVE;
        }
    }
    work->judged = rc == JL_OK;
    return rc;
}

static enum jl_rc standing_of(struct jl_apply *apply, const struct jl_type *type,
                              const struct jl_op *op, struct jl_work *work,
                              struct jl_merge_input *input, struct jl_err *err) {
    input->standing = JL_STANDING_OWN;
    input->moved = false;
    if (apply->author == JL_SIDE_DISTRICT) {
        return JL_OK;
    }
    if (type->owner == JL_SIDE_DISTRICT) {
        input->standing = JL_STANDING_FOREIGN;
        return JL_OK;
    }
    if (!work->was_there) {
        return JL_OK;
    }
    bool own = work->before.owner == apply->office;
    if (own && work->before.feed_seq <= op->cursor) {
        return JL_OK; /* the common case needs no look at the feed */
    }
    enum jl_rc rc = judge_standing(apply, work, err);
    input->moved = work->by_other && work->feed_seq > op->cursor;
    if (!own && work->left) {
        input->standing = input->moved ? JL_STANDING_LEFT : JL_STANDING_FOREIGN;
    } else if (!own && work->feed_seq == 0) {
        input->standing = JL_STANDING_FOREIGN;
    }
    return rc;
}

/* ---- Verdicts ---- */

static const char *park_text(enum jl_park_reason reason) {
    switch (reason) {
    case JL_PARK_FOREIGN:
        return "这条记录不属于本单位，不能修改；如已转入，请先同步后再改";
    case JL_PARK_ABSENT:
        return "区总工会没有这条记录（新增时未被接收）；请改正后重新保存";
    case JL_PARK_APPEND_ONLY:
        return "这类记录只能新增，不能修改或删除";
    case JL_PARK_NATURAL_KEY:
        return "构成记录身份的字段不能修改；请新增一条并删除旧的";
    case JL_PARK_MERGE:
        return "两条记录的合并由区总工会办理；请联系区总工会";
    case JL_PARK_KIND:
        return "区总工会的程序不支持这种操作；请联系区总工会升级";
    case JL_PARK_NONE:
        break;
    }
    return "区总工会未接收";
}

static enum jl_rc add_verdict(struct jl_apply *apply, size_t index, enum jl_verdict_code code,
                              const char *reason, struct jl_err *err) {
    if (code == JL_VERDICT_APPLIED) {
        return JL_OK;
    }
    struct jl_verdict *verdict = &apply->verdicts[apply->verdict_count++];
    *verdict = (struct jl_verdict){.seq = apply->first_seq + index, .code = code};
    struct jl_bytes text = jl_bytes_text(reason);
    while (text.size > JL_REASON_MAX_BYTES ||
           (text.size > 0 && text.size < strlen(reason) && (reason[text.size] & 0xc0) == 0x80)) {
        text.size--; /* cut at a character */
    }
    return jl_arena_dup(apply->arena, text, &verdict->reason, err);
}

static enum jl_rc side_of_field(void *context, uint32_t field, enum jl_side *out_side,
                                struct jl_err *err) {
    struct {
        struct jl_apply *apply;
        struct jl_work *work;
    } *at = context;
    struct jl_author author;
    enum jl_rc rc = jl_apply_author_of(at->apply, at->work, field, &author, err);
    *out_side = author.side;
    return rc;
}

static const struct jl_problem *first_error(const struct jl_problems *problems) {
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->items[i].severity == JL_PROBLEM_ERROR) {
            return &problems->items[i];
        }
    }
    return NULL;
}

static unsigned movers_of(const struct jl_apply *apply, const struct jl_type *type,
                          const struct jl_row *row) {
    unsigned any = 1u << JL_MOVER_ANY;
    if (apply->author == JL_SIDE_DISTRICT) {
        return any | 1u << JL_MOVER_DISTRICT | 1u << JL_MOVER_OFFICE | 1u << JL_MOVER_FROM |
               1u << JL_MOVER_TO;
    }
    unsigned movers = any | 1u << JL_MOVER_OFFICE;
    const struct jl_district *district = apply->district;
    if (jl_district_office_of_ref(district, jl_row_get(row, type->transfer_from)) ==
        apply->office) {
        movers |= 1u << JL_MOVER_FROM;
    }
    if (jl_district_office_of_ref(district, jl_row_get(row, type->transfer_to)) == apply->office) {
        movers |= 1u << JL_MOVER_TO;
    }
    return movers;
}

/* What the op's row goes on from; NULL: it starts anew. A record that a merge makes again under its
 * new key goes on from where it was under the old one. */
static enum jl_rc row_before(struct jl_apply *apply, const struct jl_op *op,
                             const struct jl_work *work, const struct jl_row **out_before,
                             struct jl_err *err) {
    bool there = (work->was_there || work->dirty) && !work->record.row.deleted;
    bool again = apply->author == JL_SIDE_DISTRICT && !jl_id_is_zero(&op->other) &&
                 (op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE);
    struct jl_work *old = NULL;
    *out_before = there ? &work->record.row : NULL;
    if (there || !again) {
        return JL_OK;
    }
    enum jl_rc rc = jl_apply_work(apply, op->type, &op->other, &old, err);
    if (rc == JL_OK && (old->was_there || old->dirty)) {
        *out_before = &old->record.row;
    }
    return rc;
}

/* The validator that every path goes through; errors park the op with the first one's text. */
static bool validate(struct jl_apply *apply, const struct jl_type *type,
                     const struct jl_row *before, const struct jl_row *after,
                     const char **out_reason) {
    struct jl_check_context context = {.catalogue = apply->district->books->catalogue,
                                       .today = jl_date_of_ms(apply->now_ms),
                                       .language = JL_LANGUAGE_ZH};
    jl_problems_reset(&apply->problems);
    if (before != NULL) {
        jl_row_check_edit(&context, type, before, after, &apply->problems);
    } else {
        jl_row_check(&context, type, after, &apply->problems);
    }
    if (type->flow.field != 0) {
        /* One that comes back goes on from the status it had; see jl_flow_before. */
        const struct jl_row *from =
            before == NULL && apply->row_was_there ? &apply->row_was : before;
        jl_flow_check(&context, type, jl_flow_before(type, from, after), after,
                      movers_of(apply, type, after), &apply->problems);
    }
    const struct jl_problem *problem = first_error(&apply->problems);
    *out_reason = problem != NULL ? problem->text : "";
    return apply->problems.errors == 0;
}

static enum jl_rc natural_key_fits(struct jl_apply *apply, const struct jl_type *type,
                                   const struct jl_row *row, bool *out_fits, struct jl_err *err) {
    struct jl_id id;
    *out_fits = true;
    if (type->natural_key_count == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_row_natural_id(apply->district->books->hasher, type, row, &id, err);
    *out_fits = rc == JL_OK && jl_id_equal(&id, &row->id);
    return rc == JL_MISUSE ? JL_OK : rc; /* a missing key field is the validator's to name */
}

/* ---- One op ---- */

static void touch(struct jl_apply *apply, size_t index, struct jl_work *work,
                  const struct jl_merge_result *result) {
    work->record.row = result->row;
    work->record.head.state = result->row.deleted ? JL_RECORD_DELETED : JL_RECORD_LIVE;
    work->record.head.changed_ms = apply->ops[index].made_ms;
    work->record.head.by_device = apply->device;
    work->record.head.by_staff = apply->ops[index].staff;
    work->echo = work->echo || !result->as_sent;
    work->dirty = true;
    work->last_op = (uint32_t)index + 1;
}

/* A resolved case closes with the op that resolved it. */
static enum jl_rc close_case(struct jl_apply *apply, const struct jl_op *op, struct jl_err *err) {
    struct jl_work *work = NULL;
    enum jl_rc rc = jl_apply_work(apply, JL_TYPE_CASE, &op->other, &work, err);
    bool may = rc == JL_OK &&
               (apply->author == JL_SIDE_DISTRICT || work->record.row.owner == apply->office);
    if (rc != JL_OK || !work->was_there || work->record.row.deleted || !may) {
        return rc; /* a case of another office is not this author's to close */
    }
    return jl_apply_close_case(apply, op, work, NULL, err);
}

static struct jl_case_note note_of(const struct jl_apply *apply, size_t index,
                                   const struct jl_work *work,
                                   const struct jl_merge_result *result) {
    const struct jl_row *own = work->was_there || work->dirty ? &work->record.row : &result->row;
    const struct jl_row *subject = apply->kept != NULL ? &apply->kept->record.row : own;
    bool theirs = result->case_kind == JL_CASE_LEFT || subject->owner != 0;
    return (struct jl_case_note){.kind = (int)result->case_kind,
                                 .op = &apply->ops[index],
                                 .seq = apply->first_seq + index,
                                 .subject = subject,
                                 .owner = theirs ? subject->owner : apply->office,
                                 .conflicts = result->conflicts,
                                 .conflict_count = result->conflict_count,
                                 .late_from = apply->late_from};
}

static enum jl_rc follow(struct jl_apply *apply, size_t index, const struct jl_type *type,
                         struct jl_work *work, const struct jl_merge_result *result,
                         enum jl_verdict_code *verdict, struct jl_err *err) {
    const struct jl_op *op = &apply->ops[index];
    enum jl_rc rc = JL_OK;
    if (result->effect == JL_EFFECT_INSERT || result->effect == JL_EFFECT_UPDATE) {
        rc = jl_apply_unique(apply, index, type, work, verdict, err);
    }
    if (result->effect != JL_EFFECT_NONE && *verdict != JL_VERDICT_APPLIED) {
        work->echo = true; /* only APPLIED says to the author's PC: as you have it */
    }
    if (rc == JL_OK && op->kind == JL_OP_MERGE) {
        rc = jl_apply_merge(apply, op, work, err);
    }
    if (rc == JL_OK && result->case_kind != JL_CASE_NONE) {
        const struct jl_case_note note = note_of(apply, index, work, result);
        rc = jl_apply_case(apply, &note, err);
    }
    if (rc == JL_OK && op->kind == JL_OP_RESOLVE && result->verdict != JL_VERDICT_PARKED) {
        rc = close_case(apply, op, err);
    }
    return rc;
}

static enum jl_rc merge_op(struct jl_apply *apply, size_t index, const struct jl_type *type,
                           struct jl_work *work, struct jl_merge_result *out_result,
                           struct jl_err *err) {
    const struct jl_op *op = &apply->ops[index];
    struct {
        struct jl_apply *apply;
        struct jl_work *work;
    } at = {apply, work};
    bool there = work->was_there || work->dirty;
    struct jl_merge_input input = {.type = type,
                                   .op = op,
                                   .author = apply->author,
                                   .presence = !there                     ? JL_PRESENCE_ABSENT
                                               : work->record.row.deleted ? JL_PRESENCE_DELETED
                                                                          : JL_PRESENCE_LIVE,
                                   .current = there ? &work->record.row : NULL,
                                   .side_of = side_of_field,
                                   .side_context = &at};
    enum jl_rc rc = standing_of(apply, type, op, work, &input, err);
    apply->kept = NULL;
    if (rc == JL_OK && input.presence == JL_PRESENCE_DELETED) {
        rc = jl_apply_merged_into(apply, work, &apply->kept, err);
        input.merged_into = apply->kept != NULL ? &apply->kept->record.row : NULL;
    }
    if (rc == JL_OK) {
        rc = jl_merge(&input, apply->arena, out_result, err);
    }
    if (rc == JL_OK && out_result->effect == JL_EFFECT_INSERT) {
        out_result->row.owner = apply->author == JL_SIDE_OFFICE ? apply->office : op->owner;
        if (type->transfer_subject != 0 && out_result->row.owner == 0) {
            /* Both offices see a transfer, so it can't be the district's own: it is the first of
             * the two that has something to do. */
            out_result->row.owner = jl_district_office_of_ref(
                apply->district, jl_row_get(&out_result->row, type->transfer_from));
        }
        if (type->owner == JL_SIDE_DISTRICT) {
            out_result->row.owner = 0;
        }
    }
    return rc;
}

/* The record as it stands before the op that is judged next. */
static void remember(struct jl_apply *apply, const struct jl_work *work) {
    apply->late_from = SIZE_MAX;
    apply->parted_from = (struct jl_id){{0}};
    apply->row_was = work->record.row;
    apply->row_was_there = work->was_there || work->dirty;
}

static bool lives(const struct jl_work *work) {
    return (work->was_there || work->dirty) && !work->record.row.deleted;
}

/* What speaks against the row as it would be, for the clerk; *out_reason NULL: nothing. */
static enum jl_rc find_row_fault(struct jl_apply *apply, const struct jl_op *op,
                                 const struct jl_work *work, const struct jl_row *row,
                                 const char **out_reason, struct jl_err *err) {
    bool fits = false;
    const char *reason = NULL;
    const struct jl_row *before = NULL;
    const struct jl_type *type = jl_books_layout(apply->district->books, op->type)->type;
    enum jl_rc rc = natural_key_fits(apply, type, row, &fits, err);
    if (rc == JL_OK) {
        rc = row_before(apply, op, work, &before, err);
    }
    if (rc == JL_OK && !fits) {
        *out_reason = park_text(JL_PARK_NATURAL_KEY);
    } else if (rc == JL_OK && !validate(apply, type, before, row, &reason)) {
        *out_reason = reason;
    } else if (rc == JL_OK && type->transfer_subject != 0 && !lives(work)) {
        rc = jl_apply_transfer_fits(apply, type, row, out_reason, err);
    }
    return rc;
}

/* The same of all that the op would do. */
static enum jl_rc find_fault(struct jl_apply *apply, size_t index, const struct jl_work *work,
                             const struct jl_merge_result *result, const char **out_reason,
                             struct jl_err *err) {
    bool fits = true;
    enum jl_rc rc = JL_OK;
    *out_reason = NULL;
    if (result->effect == JL_EFFECT_INSERT || result->effect == JL_EFFECT_UPDATE) {
        rc = find_row_fault(apply, &apply->ops[index], work, &result->row, out_reason, err);
    }
    if (rc == JL_OK && result->conflict_count > 0) {
        const struct jl_case_note note = note_of(apply, index, work, result);
        rc = jl_apply_case_fits(apply, &note, &fits, err);
    }
    if (!fits) {
        *out_reason = "与区里现有的内容冲突，且内容太长，无法登记待处理；请先同步，缩短后再改";
    }
    return rc;
}

static enum jl_rc follow_transfer(struct jl_apply *apply, const struct jl_type *type,
                                  struct jl_work *work, const struct jl_row *before,
                                  const struct jl_merge_result *result, struct jl_err *err) {
    switch (result->effect) {
    case JL_EFFECT_INSERT:
    case JL_EFFECT_UPDATE:
        return jl_apply_follow_up(apply, type, work, before, err);
    case JL_EFFECT_DELETE: {
        const struct jl_value *status =
            before != NULL ? jl_row_get(before, type->flow.field) : NULL;
        return jl_apply_close_step(apply, &work->key.id, status != NULL ? status->number : 0, err);
    }
    case JL_EFFECT_NONE:
        break;
    }
    return JL_OK;
}

/* A person at the district refused this op while its device was suspended. */
static enum jl_rc judge_refused(struct jl_apply *apply, size_t index, bool *out_refused,
                                struct jl_err *err) {
    char text[2 * JL_REASON_MAX_BYTES]; /* add_verdict cuts it at a character */
    const char *reason = NULL;
    enum jl_rc rc =
        jl_decision_refusal(apply->district, apply->device, apply->op_bytes[index], &reason, err);
    *out_refused = rc == JL_OK && reason != NULL;
    if (!*out_refused) {
        return rc;
    }
    (void)snprintf(text, sizeof text, "区总工会审定不接收：%s", reason);
    return add_verdict(apply, index, JL_VERDICT_PARKED, text, err);
}

static enum jl_rc judge_op(struct jl_apply *apply, size_t index, struct jl_err *err) {
    const struct jl_op *op = &apply->ops[index];
    const struct jl_layout *layout = jl_books_layout(apply->district->books, op->type);
    struct jl_work *work = NULL;
    struct jl_merge_result result;
    const char *reason = NULL;
    if (layout == NULL) {
        return add_verdict(apply, index, JL_VERDICT_PARKED,
                           "区总工会的目录里没有这种记录；请联系区总工会更新目录", err);
    }
    const struct jl_type *type = layout->type;
    if (op->type == JL_TYPE_CASE && apply->author == JL_SIDE_OFFICE &&
        !jl_apply_may_touch_case(type, op)) {
        return add_verdict(apply, index, JL_VERDICT_PARKED,
                           "待处理事项由区总工会建立，镇街只能办结，不能新增、修改或删除", err);
    }
    bool known = false;
    struct jl_verdict verdict_then = {0};
    enum jl_rc rc = jl_apply_work(apply, op->type, &op->id, &work, err);
    if (rc == JL_OK) {
        rc = jl_again_known(apply, index, work, &known, &verdict_then, err);
    }
    if (rc == JL_OK && verdict_then.code == 0 && op->number > 0 && op->number <= apply->back_upto) {
        apply->back_ops++;
    }
    if (rc == JL_OK && known) {
        return add_verdict(apply, index, verdict_then.code, "", err);
    }
    bool refused = false;
    if (rc == JL_OK && apply->origin != 0) {
        rc = judge_refused(apply, index, &refused, err);
    }
    if (rc == JL_OK && !refused) {
        remember(apply, work);
        rc = merge_op(apply, index, type, work, &result, err);
    }
    if (rc != JL_OK || refused) {
        return rc;
    }
    if (result.verdict == JL_VERDICT_PARKED) {
        return add_verdict(apply, index, JL_VERDICT_PARKED, park_text(result.park), err);
    }
    if (result.effect != JL_EFFECT_NONE) {
        rc = jl_apply_late_refs(apply, op, type, &result, err);
    }
    rc = rc == JL_OK ? find_fault(apply, index, work, &result, &reason, err) : rc;
    if (rc == JL_OK && reason != NULL) {
        return add_verdict(apply, index, JL_VERDICT_PARKED, reason, err);
    }
    const struct jl_row before = work->record.row;
    bool lived = lives(work);
    if (rc == JL_OK && result.effect != JL_EFFECT_NONE) {
        touch(apply, index, work, &result);
        if (apply->row_was_there && apply->row_was.deleted) {
            rc = jl_apply_back(apply, work, err);
        }
    } else if (rc == JL_OK &&
               (result.case_kind == JL_CASE_FIELD || result.case_kind == JL_CASE_DELETED)) {
        /* The author's device shows its own value until it reads ours: the row is sent again. */
        work->echo = work->dirty = true;
    }
    enum jl_verdict_code verdict = result.verdict;
    if (rc == JL_OK) {
        rc = follow(apply, index, type, work, &result, &verdict, err);
    }
    if (rc == JL_OK && type->transfer_subject != 0) {
        rc = follow_transfer(apply, type, work, lived ? &before : NULL, &result, err);
    }
    return rc == JL_OK ? add_verdict(apply, index, verdict, "", err) : rc;
}

/* ---- The whole ---- */

enum jl_rc jl_apply_batch(struct jl_apply *apply, struct jl_err *err) {
    enum jl_rc rc = jl_apply_preload(apply, err);
    apply->verdicts = jl_arena_zalloc(apply->arena, apply->op_count + 1, sizeof *apply->verdicts);
    if (rc == JL_OK && apply->verdicts == NULL) {
        rc = jl_fail(err, JL_NOMEM, "no memory for verdicts");
    }
    if (rc == JL_OK) {
        rc = jl_apply_find_doubles(apply, err);
    }
    for (size_t i = 0; rc == JL_OK && i < apply->op_count; i++) {
        apply->judging = i;
        rc = judge_op(apply, i, err);
    }
    return rc == JL_OK ? jl_apply_write(apply, err) : rc;
}
