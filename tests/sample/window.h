/* The reference window of the five-year report (docs/domain.md section 4), yyyymmdd, and how far
 * the sample reaches beyond it on both sides: what lies there must not count. */
#ifndef JIELIAN_SAMPLE_WINDOW_H
#define JIELIAN_SAMPLE_WINDOW_H

enum {
    JL_DATA_FIRST = 20150105,
    JL_WINDOW_BEFORE = 20170930,
    JL_WINDOW_FIRST = 20171001,
    JL_WINDOW_LAST = 20220930,
    JL_WINDOW_AFTER = 20221001,
    JL_DATA_LAST = 20230630,
};

#endif
