/* Many devices in one process: real sockets with CURVE and the real session core, over ops in
 * memory instead of books on disk, so that what is measured is the district.
 *
 * The devices are entered in the district's tables directly. They hold no records: a page moves the
 * cursor and is forgotten, and of a proof they take their own word. What the district has in the
 * end is counted in its own file. Thread: the main thread. */
#ifndef JIELIAN_TESTS_BENCH_CROWD_H
#define JIELIAN_TESTS_BENCH_CROWD_H

#include "bench.h"

#include "jielian/catalogue/catalogue.h"
#include "jielian/net/link.h"
#include "jielian/net/net.h"
#include "jielian/sync/session.h"
#include "tests/sample/people.h"

/* ---- crowd_ops.c: creates of members like those of the sample ---- */

struct crowd_ops { /* of one device, all of its incarnation */
    struct jl_buf bytes;
    size_t *ends;                     /* where op n (1..) ends, at n − 1 */
    uint8_t (*hashes)[JL_HASH_BYTES]; /* the chain behind op n, at n; genesis at 0 */
    size_t count, capacity;
};

struct crowd_maker {
    struct jl_people people;
    struct jl_rng rng;
    const struct jl_type *type; /* member */
    struct jl_hasher *hasher;
    uint64_t made;
};
void crowd_ops_init(struct crowd_ops *ops, struct jl_hasher *hasher,
                    const uint8_t incarnation[static 16]);
void crowd_ops_fini(struct crowd_ops *ops);
/* Append `count` ops and their chain. */
void crowd_ops_make(struct crowd_maker *maker, struct jl_id_source *ids, size_t count,
                    struct crowd_ops *ops);
struct jl_bytes crowd_ops_get(const struct crowd_ops *ops, uint64_t seq);

/* ---- crowd.c ---- */

struct crowd_device {
    struct crowd *crowd;
    uint32_t number, office;
    uint8_t incarnation[16];
    struct jl_secret curve;
    struct jl_signer *signer;
    struct jl_client *client;
    struct jl_session session;
    struct jl_session_facts facts;
    struct crowd_ops ops;
    struct jl_id_source ids;
    struct jl_welcome welcome;
    enum jl_link link;
    struct jl_event next; /* an answer to an action; kind 0: none */
    struct jl_message proved;
};

struct crowd {
    struct crowd_device *devices;
    size_t count;
    struct jl_net *net;
    struct jl_wire *wire;
    struct jl_catalogue *catalogue; /* of the district, for the maker */
    struct crowd_maker maker;
    struct jl_arena arena;
    struct jl_buf frame;
    uint8_t server_public[32];
    uint64_t frames_in, frames_out, refused_busy;
};

/* Enter `count` devices, shared evenly among the first `offices` offices of the district in folder,
 * which does not serve. They are in step with what is there. */
void crowd_enrol(struct crowd *crowd, const char *folder, size_t count, size_t offices);
void crowd_fini(struct crowd *crowd);
/* Give each device ops to send. */
void crowd_add_ops(struct crowd *crowd, size_t each);
void crowd_connect(struct crowd *crowd, const char *endpoint);
/* Talk until every device has been welcomed. */
void crowd_greet(struct crowd *crowd);
/* Talk until every op has its verdict; returns the seconds. Any verdict but APPLIED ends the
 * benchmark. */
double crowd_run(struct crowd *crowd);
void crowd_disconnect(struct crowd *crowd);

#endif
