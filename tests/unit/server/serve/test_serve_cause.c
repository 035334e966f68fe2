/* Goal: a refusal says exactly which cause it has, so that whoever writes another program finds his
 * fault. Method: one fault after the other, sent to a running district. */
#include "serve_device.h"

static void hear_cause(struct device *device, enum jl_refuse_code code, enum jl_say_code cause) {
    hear_refusal(device, code);
    assert_int_equal(device->heard.as.refuse.said.code, cause);
    assert_true(device->heard.as.refuse.text.size > 0);
    usleep(1100 * 1000); /* "malformed" is told once a second */
}

static void say_op_bytes(struct device *device, struct jl_bytes op) {
    struct jl_err err;
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    uint8_t hash[JL_HASH_BYTES];
    struct jl_message message = {
        .kind = JL_MESSAGE_PUSH,
        .as.push = {.first_seq = device->sent + 1, .ops = &op, .count = 1}};
    memcpy(hash, device->hash, sizeof hash);
    must(jl_chain_step(device->world->hasher, hash, op, &err), &err);
    jl_chain_batch_text(device->incarnation, device->sent + 1, hash, text);
    must(jl_signer_sign(device->signer, jl_bytes(text, sizeof text), message.as.push.signature,
                        &err),
         &err);
    say(device, &message);
}

static void test_a_refusal_says_which_cause_it_has(void **state) {
    static const uint8_t twice[] = {0x08, 0x01, 0x08, 0x01}; /* a field of an op, two times */
    static const uint8_t nothing[] = {0x08, 0x01};           /* an op of no type and no id */
    struct device device;
    struct jl_sentence sentence;
    const struct jl_listener english = {.language = JL_LANGUAGE_EN};
    join(&device, *state);
    say_pull(&device, 1, 0, 1);
    hear_cause(&device, JL_REFUSE_HELLO, JL_SAY_HELLO_FIRST);
    (void)greet(&device);
    send_bytes(&device, jl_bytes_text("this is no envelope"));
    hear_cause(&device, JL_REFUSE_MALFORMED, JL_SAY_NOT_ENVELOPE);
    send_bytes(&device, jl_bytes_text("\x5a\x03\x08\x01\x12")); /* Ids, cut off */
    hear_cause(&device, JL_REFUSE_MALFORMED, JL_SAY_NOT_ENVELOPE);
    const struct jl_message poke = {.kind = JL_MESSAGE_POKE};
    say(&device, &poke);
    hear_cause(&device, JL_REFUSE_MALFORMED, JL_SAY_MESSAGE_NOT_YOURS);
    const struct jl_remark said = device.heard.as.refuse.said;
    assert_true(jl_bytes_is(jl_remark_text(&said, jl_bytes_text(""), &english, &sentence),
                            "the message is not for a device to send: poke is not for a device to "
                            "send"));
    say_op_bytes(&device, jl_bytes(twice, sizeof twice));
    hear_cause(&device, JL_REFUSE_MALFORMED, JL_SAY_OP_NOT_CANONICAL);
    say_op_bytes(&device, jl_bytes(nothing, sizeof nothing));
    hear_cause(&device, JL_REFUSE_MALFORMED, JL_SAY_OP_NOT_DECODED);
    device.hash[0] ^= 1;
    say_push(&device, 1);
    hear_cause(&device, JL_REFUSE_CHAIN, JL_SAY_SIGNATURE);
    leave(&device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_refusal_says_which_cause_it_has, begin, end),
    };
    return cmocka_run_group_tests_name("serve_cause", tests, NULL, NULL);
}
