/* Goal: no device's work waits for more than one piece of each other's, whatever they have in the
 * line; long pieces are paid for. Method: a line in memory, served by marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/serve/turns.h"

enum { LINE_MAX_PIECES = 400 };

struct piece {
    uint32_t device;
    int64_t cost_ms;
};
struct line {
    struct jl_turns turns;
    struct piece pieces[LINE_MAX_PIECES];
    size_t count;
};

static void line_up(struct line *line, uint32_t device, int64_t cost_ms, size_t times) {
    for (size_t i = 0; i < times; i++) {
        assert_true(line->count < LINE_MAX_PIECES);
        line->pieces[line->count++] = (struct piece){.device = device, .cost_ms = cost_ms};
    }
}

static uint32_t serve(struct line *line) {
    size_t best = 0;
    for (size_t i = 1; i < line->count; i++) {
        if (jl_turns_mark(&line->turns, line->pieces[i].device) <
            jl_turns_mark(&line->turns, line->pieces[best].device)) {
            best = i;
        }
    }
    struct piece piece = line->pieces[best];
    for (size_t i = best; i + 1 < line->count; i++) {
        line->pieces[i] = line->pieces[i + 1];
    }
    line->count--;
    jl_turns_take(&line->turns, piece.device, piece.cost_ms);
    return piece.device;
}

static void test_a_full_line_of_one_device_delays_another_by_one_piece(void **state) {
    (void)state;
    struct line line = {0};
    line_up(&line, 7, 500, 200);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(serve(&line), 7);
    }
    line_up(&line, 9, 1, 1); /* comes last, behind 180 */
    assert_int_equal(serve(&line), 9);
    jl_turns_fini(&line.turns);
}

static void test_of_many_devices_each_has_one_turn_before_a_second(void **state) {
    (void)state;
    struct line line = {0};
    for (uint32_t device = 1; device <= 10; device++) {
        line_up(&line, device, 100, 10);
    }
    line_up(&line, 11, 1, 1);
    size_t waited = 0;
    while (serve(&line) != 11) {
        waited++;
    }
    assert_in_range(waited, 0, 10);
    jl_turns_fini(&line.turns);
}

static void test_time_is_shared_and_not_pieces(void **state) {
    (void)state;
    struct line line = {0};
    line_up(&line, 1, 99, 100);
    line_up(&line, 2, 9, 100);
    int64_t spent[3] = {0};
    for (int i = 0; i < 80; i++) { /* neither runs out */
        uint32_t device = serve(&line);
        spent[device] += device == 1 ? 99 : 9;
    }
    assert_in_range(spent[1], spent[2] / 2, 2 * spent[2] + 100);
    jl_turns_fini(&line.turns);
}

/* Who was away does not come before everybody for as long as he was. */
static void test_nobody_saves_up_turns(void **state) {
    (void)state;
    struct line line = {0};
    line_up(&line, 1, 10, 100);
    for (int i = 0; i < 50; i++) {
        (void)serve(&line);
    }
    line_up(&line, 2, 10, 50);
    size_t of_two = 0;
    for (int i = 0; i < 20; i++) {
        of_two += serve(&line) == 2 ? 1 : 0;
    }
    assert_in_range(of_two, 9, 11);
    jl_turns_fini(&line.turns);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_line_of_one_device_delays_another_by_one_piece),
        cmocka_unit_test(test_of_many_devices_each_has_one_turn_before_a_second),
        cmocka_unit_test(test_time_is_shared_and_not_pieces),
        cmocka_unit_test(test_nobody_saves_up_turns),
    };
    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
