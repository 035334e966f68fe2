#include "crowd.h"

#include "proto/wire.h"

#include "jielian/sync/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIELDS_MAX = 24,
    MEMBERS_PER_UNIT = 63,           /* docs/domain.md section 4 */
    FIRST_MADE_MS_HIGH = 1790000000, /* seconds: a label only */
};

void crowd_ops_init(struct crowd_ops *ops, struct jl_hasher *hasher,
                    const uint8_t incarnation[static 16]) {
    *ops = (struct crowd_ops){.capacity = 32};
    ops->ends = bench_alloc(ops->capacity, sizeof *ops->ends);
    ops->hashes = bench_alloc(ops->capacity + 1, sizeof *ops->hashes);
    BENCH_MUST(jl_chain_genesis(hasher, incarnation, ops->hashes[0], &err));
}

void crowd_ops_fini(struct crowd_ops *ops) {
    jl_buf_fini(&ops->bytes);
    free(ops->ends);
    free(ops->hashes);
    *ops = (struct crowd_ops){0};
}

static void reserve(struct crowd_ops *ops, size_t more) {
    if (ops->count + more <= ops->capacity) {
        return;
    }
    while (ops->count + more > ops->capacity) {
        ops->capacity *= 2;
    }
    ops->ends = realloc(ops->ends, ops->capacity * sizeof *ops->ends);
    ops->hashes = realloc(ops->hashes, (ops->capacity + 1) * sizeof *ops->hashes);
    if (ops->ends == NULL || ops->hashes == NULL) {
        bench_fail("no memory for %zu ops", ops->capacity);
    }
}

struct jl_bytes crowd_ops_get(const struct crowd_ops *ops, uint64_t seq) {
    size_t start = seq == 1 ? 0 : ops->ends[seq - 2];
    return jl_bytes(ops->bytes.data + start, ops->ends[seq - 1] - start);
}

/* ---- One member ---- */

struct draft {
    const struct jl_type *type;
    struct jl_field_value fields[FIELDS_MAX];
    size_t count;
};

/* In the order of the field numbers. */
static void put(struct draft *draft, const char *name, struct jl_value value) {
    const struct jl_field *field = jl_type_field_named(draft->type, name);
    if (field == NULL || draft->count == FIELDS_MAX) {
        bench_fail("members have no field %s", name);
    }
    draft->fields[draft->count++] = (struct jl_field_value){.field = field->number, .value = value};
}

static void put_code(struct draft *draft, const char *name, const char *label) {
    const struct jl_field *field = jl_type_field_named(draft->type, name);
    const struct jl_code *code =
        field == NULL ? NULL : jl_code_list_find(field->codes, jl_bytes_text(label));
    if (code == NULL) {
        bench_fail("members have no %s %s", name, label);
    }
    put(draft, name, jl_value_int(code->number));
}

/* An id that is the same for members of the same employer or union. */
static struct jl_id group_id(uint64_t number, uint8_t kind) {
    struct jl_id id = {{0x01, 0x97, 0x3c, 0x11, 0x20, kind, 0x70, 0x01, 0x80}};
    for (int i = 0; i < 6; i++) {
        id.bytes[15 - i] = (uint8_t)(number >> (8 * i));
    }
    return id;
}

struct texts { /* what the fields borrow */
    struct jl_person person;
    char phone[JL_PHONE_BYTES], number[24];
    struct jl_id unit, org;
};

static void draft_member(struct crowd_maker *maker, struct draft *draft, struct texts *texts) {
    struct jl_rng *rng = &maker->rng;
    uint64_t unit = maker->made / MEMBERS_PER_UNIT;
    *draft = (struct draft){.type = maker->type};
    jl_person_make(&maker->people, rng, &texts->person);
    texts->unit = group_id(unit, 1);
    texts->org = group_id(unit * 4 / 7, 2); /* 1.74 units a union */
    (void)snprintf(texts->number, sizeof texts->number, "BM%08llu",
                   (unsigned long long)maker->made++);
    put(draft, "name", jl_value_cstr(texts->person.name));
    put_code(draft, "sex", texts->person.woman ? "女" : "男");
    put(draft, "birth", jl_value_int(texts->person.birth));
    put_code(draft, "nation", texts->person.nation);
    put_code(draft, "id_kind", "居民身份证");
    put(draft, "id_no", jl_value_cstr(texts->person.id_no));
    if (jl_rng_chance(rng, 120)) { /* as in the sample */
        jl_phone_make(&maker->people, true, texts->phone);
        put(draft, "mobile", jl_value_cstr(texts->phone));
    }
    put_code(draft, "employment", "在岗");
    put_code(draft, "edu", jl_rng_chance(rng, 500) ? "大学本科" : "大学专科");
    put_code(draft, "politics", jl_rng_chance(rng, 200) ? "中共党员" : "群众");
    put_code(draft, "household", jl_rng_chance(rng, 380) ? "农业户口" : "非农业户口");
    put(draft, "unit", jl_value_ref(&texts->unit));
    put(draft, "org", jl_value_ref(&texts->org));
    put(draft, "member_no", jl_value_cstr(texts->number));
    put(draft, "joined_on", jl_value_int(jl_rng_date(rng, 20180101, 20211231)));
    put_code(draft, "m_status", "在籍");
}

void crowd_ops_make(struct crowd_maker *maker, struct jl_id_source *ids, size_t count,
                    struct crowd_ops *ops) {
    reserve(ops, count);
    for (size_t i = 0; i < count; i++) {
        struct draft draft;
        struct texts texts;
        int64_t made_ms = INT64_C(1000) * FIRST_MADE_MS_HIGH + (int64_t)maker->made / 10;
        draft_member(maker, &draft, &texts);
        struct jl_op op = {.kind = JL_OP_CREATE,
                           .type = maker->type->number,
                           .id = jl_id_next(ids, made_ms),
                           .made_ms = made_ms,
                           .number = ops->count + 1, /* as a real outbox: one incarnation */
                           .staff = jl_bytes_text("clerk"),
                           .new_fields = draft.fields,
                           .new_count = draft.count};
        BENCH_MUST(jl_wire_op_encode(&op, &ops->bytes, &err));
        ops->ends[ops->count++] = ops->bytes.size;
        memcpy(ops->hashes[ops->count], ops->hashes[ops->count - 1], JL_HASH_BYTES);
        BENCH_MUST(jl_chain_step(maker->hasher, ops->hashes[ops->count],
                                 crowd_ops_get(ops, ops->count), &err));
    }
}
