/* The parts of the status document, each read as JSON and said in words: refusals, what devices say
 * of themselves, clocks, the last restore, keys that are not known, backups.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_SERVER_COMMAND_STATUS_H
#define JIELIAN_SERVER_COMMAND_STATUS_H

#include "jielian/base/rc.h"

#include <jansson.h>

struct jl_cli;
struct jl_device;
struct jl_district;

/* What was refused to a device (0: to strangers), as `status --json` lists it. */
JL_MUST_CHECK enum jl_rc jl_status_refusals(const struct jl_cli *cli, struct jl_district *district,
                                            uint32_t device, json_t **out_list, struct jl_err *err);
/* The lines below the table; none when nothing was refused. document: of `status`. */
void jl_status_print_refused(const struct jl_cli *cli, const json_t *document);

/* Adds bye, last_stop and cycles to the device's object. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_status_said(struct jl_district *district,
                                        const struct jl_device *device, json_t *item,
                                        struct jl_err *err);
/* The lines below the table; none when all ended with a proof. document: of `status`. */
void jl_status_print_said(const struct jl_cli *cli, const json_t *document);

/* {state, seconds, trusted, devices, offset_ms, sharing}: what the district's clock looks like
 * (server/books/clock_check.h); seconds: it minus what contradicts it. devices were heard lately,
 * offset_ms is the clock of those in the middle minus this one, and sharing of them have about
 * that. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_status_clock(const struct jl_district *district, json_t **out_clock,
                                         struct jl_err *err);
/* "ahead" of the district's clock, "behind" or "level"; null: not measured lately. NULL: no memory.
 */
json_t *jl_status_clock_of(const struct jl_district *district, const struct jl_device *device);
/* Lines below the table: what is wrong with the district's clock, and which devices' clocks are;
 * none when all are right. document: of `status`. */
void jl_status_print_clock(const struct jl_cli *cli, const json_t *document);

/* [{id, office, name, ops, last_op_at}]: what the books hold of each device that isn't revoked. */
JL_MUST_CHECK enum jl_rc jl_status_restored_devices(struct jl_district *district,
                                                    json_t **out_devices, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_status_print_restored_devices(const struct jl_cli *cli,
                                                          const json_t *devices,
                                                          struct jl_err *err);
/* {at, backup_until, came_back, not_heard, missing, admissions} of the last restore, or null; for
 * `status`. */
JL_MUST_CHECK enum jl_rc jl_status_restored(struct jl_district *district, json_t **out_document,
                                            struct jl_err *err);
/* Number of ops that came back from a device, null: not restored, or not heard of since. */
JL_MUST_CHECK enum jl_rc jl_status_returned_of(struct jl_district *district, uint32_t device,
                                               json_t **out, struct jl_err *err);
/* What the status document says of it, in words; nothing when the books were never restored. */
void jl_status_print_restored(const struct jl_cli *cli, const json_t *document);

/* {known, until, offices, devices, revoked, locked, voided, accounts}, or null: a restore by an
 * earlier program, or none. accounts: those that are still locked. */
JL_MUST_CHECK enum jl_rc jl_status_readmitted(struct jl_district *district, json_t **out_document,
                                              struct jl_err *err);
void jl_status_print_readmitted(const struct jl_cli *cli, const json_t *document);
/* [{path, admissions_until}] of the last backups; null: that log can't be reached or does not
 * serve.
 */
JL_MUST_CHECK enum jl_rc jl_status_backups(struct jl_district *district, json_t **out_list,
                                           struct jl_err *err);
/* [{key, count, last_at}]: keys that call and are not known, the last one first. */
JL_MUST_CHECK enum jl_rc jl_status_unknown(struct jl_district *district, json_t **out_list,
                                           struct jl_err *err);
void jl_status_print_unknown(const struct jl_cli *cli, const json_t *list);

#endif
