/* What an earlier program wrote and must not stay.
 *
 * Thread: that of the books, when they are opened to write. */
#ifndef JIELIAN_SERVER_BOOKS_UPGRADE_H
#define JIELIAN_SERVER_BOOKS_UPGRADE_H

#include "jielian/base/rc.h"

struct jl_district;

/* What an earlier program wrote and must not stay: done once, by ops of the district's own. Opens
 * its own transaction. Cost: one look; the first time a scan of staff and cases. upgrade.c */
JL_MUST_CHECK enum jl_rc jl_upgrade_once(struct jl_district *district, struct jl_err *err);

#endif
