/* The programs' log: one event a line, `key=value`, to stderr. Libraries never log.
 *
 *   2026-11-22T14:02:07.123+08:00 info event=feed_moved office=3 seq=1041
 *
 * Never pass field values, names, numbers of people or secrets. Text values are quoted and control
 * characters escaped, so that hostile bytes cannot forge a line.
 * Thread: any; a line is written with one write(2). The sink is the only process-wide state. */
#ifndef JIELIAN_LOG_H
#define JIELIAN_LOG_H

#include "jielian/base/rc.h"

enum jl_log_level { JL_LOG_DEBUG, JL_LOG_INFO, JL_LOG_WARN, JL_LOG_ERROR };

void jl_log_set(enum jl_log_level lowest, int fd); /* default: JL_LOG_INFO, stderr */
/* Who makes an error's English sentence (jielian/message/fault_text.h, which this library can't
 * know); until then its places stand for it. out_text: JL_LOG_TEXT_BYTES. */
enum { JL_LOG_TEXT_BYTES = 1280 };
typedef const char *(*jl_log_text_fn)(const struct jl_err *err, char *out_text);
void jl_log_set_text(jl_log_text_fn text);

/* event is a lower_case word; format makes further key=value pairs, may be "". */
void jl_log(enum jl_log_level level, const char *event, const char *format, ...) JL_PRINTF(3, 4);
/* An error with its text, quoted and escaped. */
void jl_log_err(enum jl_log_level level, const char *event, const struct jl_err *err);

#endif
