/* Names of invented places and employers; the same number always gives the same name, another
 * number another name. */
#ifndef JIELIAN_SAMPLE_WORDS_H
#define JIELIAN_SAMPLE_WORDS_H

#include "rng.h"

/* nature: 企业, 事业单位, 机关, 社会组织; differs for each number below half a million. */
void jl_company_name(uint32_t number, const char *nature, char *out_name, size_t capacity);
/* Two or three characters, e.g. of a neighbourhood or road; differs for each number below 40,000.
 */
void jl_place_name(size_t number, char *out_name, size_t capacity);
const char *jl_industry(struct jl_rng *rng); /* a label of the code list 行业 */
const char *jl_trade(struct jl_rng *rng);    /* 工种 */

#endif
