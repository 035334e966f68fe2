/* jielian-sim-planted: the simulator on a product with a mistake in it.
 *
 *   jielian-sim-planted --list
 *   jielian-sim-planted --bug NAME [what jielian-sim takes]
 */
#include "planted.h"
#include "sim.h"

#include <stdio.h>
#include <string.h>

static void list(void) {
    for (size_t i = 0; i < planted_count(); i++) {
        printf("%-22s %s\n", planted_at(i)->name, planted_at(i)->sentence);
    }
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        list();
        return 0;
    }
    if (argc >= 3 && strcmp(argv[1], "--bug") == 0) {
        if (!planted_choose(argv[2])) {
            fprintf(stderr, "no bug is called %s; see --list\n", argv[2]);
            return 2;
        }
        return sim_main(argc - 2, argv + 2);
    }
    return 2;
}
