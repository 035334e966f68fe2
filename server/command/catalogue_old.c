/* PCs whose program is too old for a catalogue: they keep their records and their older catalogue
 * and sync on, but their clerks don't see what is new. So a catalogue is applied all the same, and
 * the PCs are named. */
#include "catalogue_old.h"
#include "district_commands.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"

#include <inttypes.h>
#include <string.h>

/* The first program that read a catalogue of format 1. */
static const char first_program[] = "0.1.0";

/* version "": the PC was never heard of. Only a catalogue that asks for more than the first program
 * makes that worth a line. */
static bool is_too_old(const struct jl_device *device, const char *needs) {
    if (device->state == JL_DEVICE_REVOKED) {
        return false;
    }
    if (device->version[0] == '\0') {
        return needs[0] != '\0' && !jl_program_at_least(first_program, needs);
    }
    return !jl_program_at_least(device->version, needs[0] != '\0' ? needs : first_program) ||
           !jl_program_at_least(device->version, first_program);
}

static json_t *device_row(const struct jl_district *district, const struct jl_device *device) {
    const struct jl_office_entry *office = jl_roster_office(district, device->office);
    return json_pack("{s:s, s:I, s:s, s:s?}", "office", office != NULL ? office->code : "", "id",
                     (json_int_t)device->number, "name", device->name, "version",
                     device->version[0] != '\0' ? device->version : NULL);
}

enum jl_rc jl_catalogue_old_devices(struct jl_district *district,
                                    const struct jl_catalogue *catalogue, json_t **out_devices,
                                    struct jl_err *err) {
    json_t *devices = json_array();
    enum jl_rc rc =
        devices != NULL ? jl_district_begin(district, false, NULL, err) : jl_fault_memory(err);
    bool begun = rc == JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->device_count; i++) {
        const struct jl_device *device = &district->devices[i];
        if (is_too_old(device, jl_catalogue_needs(catalogue)) &&
            json_array_append_new(devices, device_row(district, device)) != 0) {
            rc = jl_fault_memory(err);
        }
    }
    if (begun) {
        jl_store_rollback(district->books->store);
    }
    if (rc != JL_OK) {
        json_decref(devices);
        return rc;
    }
    *out_devices = devices;
    return JL_OK;
}

enum jl_rc jl_catalogue_old_print(const struct jl_cli *cli, const struct jl_catalogue *catalogue,
                                  const json_t *devices, struct jl_err *err) {
    static const struct jl_print_column columns[] = {{"office", "镇街", "office", false},
                                                     {"id", "设备", "device", true},
                                                     {"name", "名称", "name", false},
                                                     {"version", "程序版本", "program", false}};
    const char *needs = jl_catalogue_needs(catalogue);
    if (json_array_size(devices) == 0) {
        return JL_OK;
    }
    printf(JL_ZH_EN(cli->language,
                    "%zu 台电脑的程序太旧（需要 jielian %s 或更新版本）：记录都会保留，照旧录入和"
                    "同步，但看不到目录里新的内容。请为它们安装新程序：\n",
                    "%zu PCs have a program that is too old (jielian %s or newer is needed): they "
                    "keep all records and work and sync on, but do not see what is new in the "
                    "catalogue. Install the new program there:\n"),
           json_array_size(devices), needs[0] != '\0' ? needs : first_program);
    return jl_print_table(cli, devices, columns, sizeof columns / sizeof *columns, err);
}
