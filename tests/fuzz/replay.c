/* Run the fuzz entry over every file of the folder that is named on the command line. Inputs are
 * handed over in blocks of their exact size, so that the address sanitizer sees a read past the
 * end, whole and cut in half. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INPUT_MAX_BYTES = 4 * 1024 * 1024 };

static void run(const uint8_t *data, size_t size) {
    uint8_t *block = malloc(size == 0 ? 1 : size);
    if (block == NULL) {
        fprintf(stderr, "no memory for an input of %zu bytes\n", size);
        exit(1);
    }
    memcpy(block, data, size);
    LLVMFuzzerTestOneInput(block, size);
    free(block);
}

static int replay(const char *path) {
    static uint8_t input[INPUT_MAX_BYTES];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    size_t size = fread(input, 1, sizeof input, file);
    int failed = ferror(file) != 0 || size == sizeof input;
    fclose(file);
    if (failed) {
        fprintf(stderr, "%s: unreadable or over %d bytes\n", path, (int)INPUT_MAX_BYTES);
        return 1;
    }
    run(input, size);
    run(input, size / 2);
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    DIR *folder = opendir(argv[1]);
    if (folder == NULL) {
        perror(argv[1]);
        return 1;
    }
    size_t count = 0;
    int failed = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[4096];
        struct stat status;
        int length = snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        if (length < 0 || (size_t)length >= sizeof path || stat(path, &status) != 0) {
            fprintf(stderr, "%s: cannot be read\n", entry->d_name);
            failed = 1;
        } else if (S_ISREG(status.st_mode)) {
            failed |= replay(path);
            count++;
        }
    }
    closedir(folder);
    printf("%zu inputs\n", count);
    return count == 0 || failed != 0;
}
