/* Export: records of one type as a spreadsheet, which comes back by import.
 *
 * Opens its own transaction.  Thread: that of the books. */
#ifndef JIELIAN_SHEET_EXPORT_H
#define JIELIAN_SHEET_EXPORT_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_desk;
struct jl_type;

/* CSV in the template's layout, sensitive values unmasked only when unmask is set. *out_rows: how
 * many. The file (0600) appears whole or not at all and replaces one of that name. Comes back by
 * import as 未变 throughout, masked or not. The caller writes the access log. */
JL_MUST_CHECK enum jl_rc jl_export_records(struct jl_desk *desk, const struct jl_type *type,
                                           const char *path, bool unmask, uint64_t *out_rows,
                                           struct jl_err *err);
/* The header row only. */
JL_MUST_CHECK enum jl_rc jl_export_template(struct jl_desk *desk, const struct jl_type *type,
                                            const char *path, struct jl_err *err);

/* Headers that are no fields of the type. */
extern const char jl_export_header_id[];     /* 系统编号: the record's id; blank for new ones */
extern const char jl_export_header_reason[]; /* 原因: what was wrong with the row */

#endif
