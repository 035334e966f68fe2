/* How long from a clerk's save at the office until the change can be read at the district, `run`
 * and `serve` both running: one commit here, one message, one commit there. */
#include "office_pen.h"
#include "site.h"

#include <sqlite3.h>
#include <stdlib.h>

enum {
    SAVES = 300,
    LOOK_US = 200, /* between looks at the district */
    REST_MS = 20,  /* between saves: a clerk is not faster */
    LOST_S = 30,
};

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

struct times {
    double visible[SAVES], saved[SAVES], fsync[SAVES];
};

static void save_once(struct office_pen *pen, const struct view *view, double *out_saved_ms,
                      double *out_visible_ms) {
    int64_t before = view_look(view);
    double start = bench_now();
    office_pen_edit(pen);
    *out_saved_ms = (bench_now() - start) * 1000;
    while (view_look(view) == before) {
        if (bench_now() - start > LOST_S) {
            bench_fail("an edit was not visible within %d s", LOST_S);
        }
        bench_nap_ms(LOOK_US / 1000.0);
    }
    *out_visible_ms = (bench_now() - start) * 1000;
}

/* The disk is measured in between, for it is not the same from one minute to the next. */
static void save_many(struct bench *bench, struct office_pen *pen, const struct view *view,
                      size_t saves, struct times *times) {
    struct bench_fsync probe;
    bench_fsync_open(bench->folder, &probe);
    for (size_t i = 0; i < saves; i++) {
        save_once(pen, view, &times->saved[i], &times->visible[i]);
        bench_nap_ms(REST_MS);
        times->fsync[i] = bench_fsync_ms(&probe);
    }
    bench_fsync_close(&probe);
    qsort(times->visible, saves, sizeof times->visible[0], bench_compare_doubles);
    qsort(times->saved, saves, sizeof times->saved[0], bench_compare_doubles);
    qsort(times->fsync, saves, sizeof times->fsync[0], bench_compare_doubles);
}

void bench_visible(struct bench *bench) {
    static struct times times;
    struct bench_site *site = site_twelve_uploaded(bench);
    struct process run;
    struct process_result ended;
    struct office_pen pen;
    struct view view;
    char folder[BENCH_PATH_BYTES];
    size_t saves = bench_scaled(bench, SAVES, 20);
    saves = saves > SAVES ? SAVES : saves;
    site_data(site, site_office_code(site->largest), folder);
    process_start(bench, &run, "jielian-office",
                  (const char *const[]){"run", "--data", folder, NULL});
    office_pen_take(folder, &pen);
    (void)serving_quiet_bytes(&site->serving);
    view_open(site->district, &pen.member, &view);
    save_many(bench, &pen, &view, saves, &times);
    view_close(&view);
    office_pen_drop(&pen);
    process_stop(&run, &ended);
    double p99 = times.visible[(saves - 1) * 99 / 100];
    double fsync_ms = times.fsync[saves / 2];
    bench_figure(
        bench,
        &(struct bench_figure){.name = "visible_p99",
                               .label = "save at the office → visible at the district, p99",
                               .unit = "ms",
                               .value = p99,
                               .must = 20 * fsync_ms + 5,
                               .aim = 5 * fsync_ms},
        "%zu saves: median %.2f ms, the save itself %.2f ms, one fsync in between %.2f ms "
        "(p99 %.2f)",
        saves, times.visible[saves / 2], times.saved[saves / 2], fsync_ms,
        times.fsync[(saves - 1) * 99 / 100]);
}
