/* Damage of a store, a line each. */
#include "jielian/command/damage_note.h"
#include "jielian/cli/cli.h"
#include "jielian/desk/damage.h"

void jl_damage_note(const struct jl_cli *cli, const char *folder, const struct jl_damage *damage) {
    for (size_t i = 0; i < damage->count; i++) {
        const struct jl_damage_finding *finding = &damage->findings[i];
        bool index = finding->rows_whole && finding->table != NULL;
        if (cli->language == JL_LANGUAGE_ZH) { /* the detail is SQLite's English: --json has it */
            jl_cli_note(cli, "%s/jielian.db 受损：%s%s", folder, finding->what,
                        index ? "的索引，记录本身都读得出" : "");
        } else {
            jl_cli_note(cli, "%s/jielian.db is damaged: %s%s (%s)", folder, finding->what,
                        index ? ": an index; all rows can be read" : "", finding->detail);
        }
    }
}
