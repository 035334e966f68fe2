/* How long from a clerk's save at the office until the change can be read at the district, `run`
 * and `serve` both running: one commit here, one message, one commit there. */
#include "office_pen.h"
#include "site.h"

#include <sqlite3.h>
#include <stdlib.h>

enum { SAVES = 300, LOOK_US = 200, LOST_S = 30 };

struct view { /* the district's file, as a reader of its own sees it */
    sqlite3 *db;
    sqlite3_stmt *last;
};

static void view_open(const char *folder, const struct jl_id *member, struct view *view) {
    char path[BENCH_PATH_BYTES];
    bench_path(folder, "jielian.db", path);
    if (sqlite3_open_v2(path, &view->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_prepare_v2(view->db, "SELECT last FROM record WHERE type = 1002 AND id = ?1", -1,
                           &view->last, NULL) != SQLITE_OK ||
        sqlite3_bind_blob(view->last, 1, member->bytes, JL_ID_BYTES, SQLITE_TRANSIENT) !=
            SQLITE_OK) {
        bench_fail("%s: cannot be read", path);
    }
}

/* The journal entry that changed the record last. */
static int64_t view_look(const struct view *view) {
    if (sqlite3_step(view->last) != SQLITE_ROW) {
        bench_fail("the district does not have the edited member");
    }
    int64_t last = sqlite3_column_int64(view->last, 0);
    (void)sqlite3_reset(view->last);
    return last;
}

static void view_close(struct view *view) {
    sqlite3_finalize(view->last);
    sqlite3_close(view->db);
}

static double save_once(struct office_pen *pen, const struct view *view) {
    int64_t before = view_look(view);
    double start = bench_now();
    office_pen_edit(pen);
    while (view_look(view) == before) {
        if (bench_now() - start > LOST_S) {
            bench_fail("an edit was not visible within %d s", LOST_S);
        }
        bench_nap_ms(LOOK_US / 1000.0);
    }
    return (bench_now() - start) * 1000;
}

void bench_visible(struct bench *bench) {
    struct bench_site *site = site_twelve_uploaded(bench);
    struct process run;
    struct process_result ended;
    struct office_pen pen;
    struct view view;
    static double times[SAVES];
    char folder[BENCH_PATH_BYTES];
    int saves = (int)bench_scaled(bench, SAVES, 20);
    saves = saves > SAVES ? SAVES : saves;
    site_data(site, site_office_code(site->largest), folder);
    process_start(bench, &run, "jielian-office",
                  (const char *const[]){"run", "--data", folder, NULL});
    (void)serving_quiet_bytes(&site->serving);
    office_pen_take(folder, &pen);
    view_open(site->district, &pen.member, &view);
    for (int i = 0; i < saves; i++) {
        times[i] = save_once(&pen, &view);
        bench_nap_ms(20); /* a clerk is not faster */
    }
    view_close(&view);
    office_pen_drop(&pen);
    process_stop(&run, &ended);
    qsort(times, (size_t)saves, sizeof times[0], bench_compare_doubles);
    double p99 = times[(saves - 1) * 99 / 100];
    double fsync_ms = bench->machine.fsync_ms;
    bench_figure(
        bench,
        &(struct bench_figure){.name = "visible_p99",
                               .label = "save at the office → visible at the district, p99",
                               .unit = "ms",
                               .value = p99,
                               .must = 20 * fsync_ms + 5,
                               .aim = 5 * fsync_ms},
        "%d saves, median %.2f ms, p99 is %.1f × one fsync of %.2f ms", saves, times[saves / 2],
        p99 / fsync_ms, fsync_ms);
}
