/* Goal: the running district keeps its promises to devices, whatever they send and in which order.
 * Method: jl_serve in a thread of this process over a real CURVE socket on loopback; devices are
 * played message by message with lib/net and proto, so that each rule is met at its edge. */
#include "serve_device.h"
#include "tests/said.h"

/* ---- Rules ---- */

static void test_nothing_is_answered_before_hello(void **state) {
    struct device device;
    join(&device, *state);
    say_push(&device, 1);
    hear_refusal(&device, JL_REFUSE_HELLO);
    say_pull(&device, 1, 0, 1);
    hear_refusal(&device, JL_REFUSE_HELLO);
    leave(&device);
}

static void test_an_invitation_admits_one_device(void **state) {
    struct world *world = *state;
    struct device device = {.world = world};
    struct jl_secret invitation;
    make_keys(&device);
    invite(&device, &invitation);
    dial(&device, &invitation);
    struct jl_message hello = hello_of(&device);
    say(&device, &hello);
    hear_refusal(&device, JL_REFUSE_INVITATION); /* the key is good for Enrol only */
    say_enrol(&device, &invitation);
    assert_int_equal(hear(&device, JL_MESSAGE_ENROLLED)->as.enrolled.office, 1);
    make_keys(&device); /* another device with the same invitation */
    say_enrol(&device, &invitation);
    hear_refusal(&device, JL_REFUSE_INVITATION);
    leave(&device);
}

static void test_an_unknown_key_does_not_get_past_the_handshake(void **state) {
    struct device device;
    join(&device, *state);
    make_keys(&device);
    dial(&device, &device.curve);
    struct jl_clock clock = jl_clock_system();
    int64_t end_ms = clock.steady_ms(clock.context) + PATIENCE_MS;
    while (jl_client_link(device.client) != JL_LINK_UNKNOWN) {
        struct jl_err err;
        struct jl_wait_item item = {.client = device.client};
        assert_true(clock.steady_ms(clock.context) < end_ms);
        must(jl_wait_any(&item, 1, 20, &err), &err);
    }
    leave(&device);
}

static void test_numbers_of_ops_are_dense(void **state) {
    static const uint64_t numbers[] = {1, 2, 2, 3, 5, 6, 6, 7}, refused[] = {3, 5, 7};
    struct device device;
    join(&device, *state);
    (void)greet(&device);
    say_numbered(&device, 5, numbers); /* over batches, too */
    say_numbered(&device, 3, numbers + 5);
    for (size_t i = 0; i < 3;) {
        const struct jl_verdicts *verdicts = &hear(&device, JL_MESSAGE_VERDICTS)->as.verdicts;
        for (size_t v = 0; v < verdicts->exception_count; v++) {
            assert_int_equal(verdicts->exceptions[v].seq, refused[i++]);
        }
    }
    leave(&device);
}

static void test_a_batch_is_answered_and_proven(void **state) {
    struct device device;
    join(&device, *state);
    assert_false(greet(&device)->suspended);
    say_push(&device, 10);
    const struct jl_verdicts *verdicts = &hear(&device, JL_MESSAGE_VERDICTS)->as.verdicts;
    assert_int_equal(verdicts->first_seq, 1);
    assert_int_equal(verdicts->last_seq, 10);
    assert_int_equal(verdicts->exception_count, 0);
    assert_int_equal(verdicts->own_to, verdicts->office_head);
    assert_false(hear_within(&device, QUIET_MS)); /* no Poke for its own batch */
    const struct jl_message proof = {.kind = JL_MESSAGE_PROOF, .as.proof = {.cursor = {1, 10}}};
    say(&device, &proof);
    assert_int_equal(hear(&device, JL_MESSAGE_PROVED)->as.proved.result, JL_PROOF_DIFFERENT);
    leave(&device);
}

static void test_pages_keep_to_the_credit(void **state) {
    struct device device;
    uint64_t from = 0;
    join(&device, *state);
    (void)greet(&device);
    say_push(&device, 300);
    uint64_t head = hear(&device, JL_MESSAGE_VERDICTS)->as.verdicts.office_head;
    say_pull(&device, 1, 0, 3);
    for (int i = 0; i < 3; i++) {
        const struct jl_page *page = &hear(&device, JL_MESSAGE_PAGE)->as.page;
        assert_int_equal(page->from, from);
        assert_int_equal(page->head, head);
        assert_true(page->to > from && page->to < head);
        from = page->to;
    }
    assert_false(hear_within(&device, QUIET_MS));
    leave(&device);
}

static void test_one_office_hears_of_changes_by_poke(void **state) {
    struct device first;
    struct device second;
    join(&first, *state);
    join(&second, *state);
    (void)greet(&first);
    uint64_t head = greet(&second)->head[1];
    say_push(&first, 5);
    (void)hear(&first, JL_MESSAGE_VERDICTS);
    assert_int_equal(hear(&second, JL_MESSAGE_POKE)->as.poke.head[1], head + 5);
    leave(&first);
    leave(&second);
}

static void test_a_command_in_another_process_is_noticed(void **state) {
    struct world *world = *state;
    struct device device;
    struct jl_err err;
    join(&device, world);
    uint64_t head = greet(&device)->head[0];
    {
        JL_AUTO_PTR(jl_district) district = open_district(world);
        must(jl_offices_add(district, "BS", "北山街道总工会", NULL, &err), &err);
    } /* and nobody rings */
    assert_true(hear(&device, JL_MESSAGE_POKE)->as.poke.head[0] > head);
    leave(&device);
}

static void test_revoking_works_on_an_open_connection(void **state) {
    struct device device;
    join(&device, *state);
    (void)greet(&device);
    set_state(&device, JL_DEVICE_REVOKED);
    hear_refusal(&device, JL_REFUSE_REVOKED);
    struct jl_message hello = hello_of(&device);
    say(&device, &hello);
    hear_refusal(&device, JL_REFUSE_REVOKED);
    leave(&device);
}

static void test_a_suspended_device_delivers_into_quarantine_only(void **state) {
    struct device device;
    join(&device, *state);
    (void)greet(&device);
    set_state(&device, JL_DEVICE_SUSPENDED);
    hear_refusal(&device, JL_REFUSE_HELLO);
    assert_true(greet(&device)->suspended);
    say_push(&device, 4);
    const struct jl_verdicts *verdicts = &hear(&device, JL_MESSAGE_VERDICTS)->as.verdicts;
    assert_int_equal(verdicts->first_seq, 5); /* send on from there, but none is confirmed */
    assert_int_equal(verdicts->last_seq, 4);
    say_pull(&device, 1, 0, 1);
    hear_refusal(&device, JL_REFUSE_SUSPENDED);
    assert_int_equal(greet(&device)->last_seq, 0);
    set_state(&device, JL_DEVICE_ACTIVE);
    hear_refusal(&device, JL_REFUSE_HELLO);
    assert_false(greet(&device)->suspended);
    leave(&device);
}

static void test_junk_is_refused_once_a_second_and_harms_nobody(void **state) {
    struct device device;
    join(&device, *state);
    (void)greet(&device);
    for (int i = 0; i < 20; i++) {
        send_bytes(&device, jl_bytes_text("this is no envelope"));
    }
    hear_refusal(&device, JL_REFUSE_MALFORMED);
    assert_false(hear_within(&device, QUIET_MS));
    const struct jl_message wrong = {.kind = JL_MESSAGE_POKE};
    say(&device, &wrong);
    assert_false(hear_within(&device, QUIET_MS));
    (void)greet(&device);
    leave(&device);
}

static void test_another_chain_is_refused_and_the_rest_of_the_group_counts(void **state) {
    struct device good;
    struct device copied;
    join(&good, *state);
    join(&copied, *state);
    (void)greet(&good);
    (void)greet(&copied);
    copied.hash[0] ^= 1;
    say_push(&copied, 3);
    say_push(&good, 3);
    hear_refusal(&copied, JL_REFUSE_CHAIN);
    assert_int_equal(hear(&good, JL_MESSAGE_VERDICTS)->as.verdicts.last_seq, 3);
    leave(&good);
    leave(&copied);
}

static void test_too_new_a_protocol_is_told_the_version(void **state) {
    struct device device;
    join(&device, *state);
    struct jl_message hello = hello_of(&device);
    hello.as.hello.version = hello.as.hello.oldest = JL_PROTOCOL_VERSION + 1;
    say(&device, &hello);
    hear_refusal(&device, JL_REFUSE_VERSION);
    assert_int_equal(device.heard.as.refuse.version, JL_PROTOCOL_VERSION);
    leave(&device);
}

static void test_a_second_serve_on_the_folder_is_told_so(void **state) {
    struct world *world = *state;
    struct jl_serve_options options = options_for(world);
    struct jl_err err;
    assert_int_equal(jl_serve(&options, &err), JL_BUSY);
    assert_non_null(strstr(err_said(&err), "another `serve`"));
}

static void test_stopping_answers_what_was_taken(void **state) {
    struct world *world = *state;
    struct device device;
    join(&device, world);
    (void)greet(&device);
    say_push(&device, 400);
    (void)hear(&device, JL_MESSAGE_VERDICTS);
    atomic_store(&world->stop, true);
    pthread_join(world->thread, NULL);
    JL_AUTO_PTR(jl_district) district = open_district(world);
    assert_int_equal(district->origin_count, 1);
    assert_int_equal(district->origins[0].last_seq, 400);
    leave(&device);
    atomic_store(&world->stop, false);
    atomic_store(&world->ready, false);
    assert_int_equal(pthread_create(&world->thread, NULL, run_serve, world), 0);
}

int main(void) {
#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_nothing_is_answered_before_hello),
        WITH_WORLD(test_an_invitation_admits_one_device),
        WITH_WORLD(test_an_unknown_key_does_not_get_past_the_handshake),
        WITH_WORLD(test_a_batch_is_answered_and_proven),
        WITH_WORLD(test_numbers_of_ops_are_dense),
        WITH_WORLD(test_pages_keep_to_the_credit),
        WITH_WORLD(test_one_office_hears_of_changes_by_poke),
        WITH_WORLD(test_a_command_in_another_process_is_noticed),
        WITH_WORLD(test_revoking_works_on_an_open_connection),
        WITH_WORLD(test_a_suspended_device_delivers_into_quarantine_only),
        WITH_WORLD(test_junk_is_refused_once_a_second_and_harms_nobody),
        WITH_WORLD(test_another_chain_is_refused_and_the_rest_of_the_group_counts),
        WITH_WORLD(test_too_new_a_protocol_is_told_the_version),
        WITH_WORLD(test_a_second_serve_on_the_folder_is_told_so),
        WITH_WORLD(test_stopping_answers_what_was_taken),
    };
    return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
