/* Disks: one that runs full, under SQLite, and copies of folders. */
#include "world_internal.h"

#include "tests/fault/faults.h"

#include "jielian/base/assert.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Whose disk ---- */

void world_disk_install(void) {
    JL_ASSERT(faults_install(false));
}

void world_disk_use(uint64_t *left) {
    faults_room(left);
}

void world_at_device(struct world_device *device) {
    world_disk_use(device->disk_full ? &device->disk_left : NULL);
}

void world_at_district(struct world *world) {
    world_disk_use(world->disk_full ? &world->disk_left : NULL);
}

void world_at_none(struct world *world) {
    (void)world;
    world_disk_use(NULL);
}

void world_fill_disk(struct world_device *device, uint64_t left) {
    device->disk_full = true;
    device->disk_left = left;
}

void world_fill_district_disk(struct world *world, uint64_t left) {
    world->disk_full = true;
    world->disk_left = left;
}

void world_free_disks(struct world *world) {
    world->disk_full = false;
    for (size_t i = 0; i < world->device_count; i++) {
        world->devices[i].disk_full = false;
    }
}

/* ---- Folders ---- */

static void fail_at(const char *path) {
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    abort();
}

static void copy_file(const char *from, const char *to, mode_t mode) {
    static char data[1 << 16];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0777);
    if (in < 0 || out < 0) {
        fail_at(from);
    }
    for (;;) {
        ssize_t got = read(in, data, sizeof data);
        if (got < 0 || (got > 0 && write(out, data, (size_t)got) != got)) {
            fail_at(to);
        }
        if (got == 0) {
            break;
        }
    }
    close(in);
    close(out);
}

static bool is_dot(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

void world_copy_folder(const char *from, const char *to) {
    DIR *folder = opendir(from);
    if (folder == NULL || mkdir(to, 0700) != 0) {
        fail_at(folder == NULL ? from : to);
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char source[512];
        char target[512];
        struct stat info;
        if (is_dot(entry->d_name)) {
            continue;
        }
        snprintf(source, sizeof source, "%.250s/%.250s", from, entry->d_name);
        snprintf(target, sizeof target, "%.250s/%.250s", to, entry->d_name);
        if (lstat(source, &info) != 0) {
            fail_at(source);
        }
        if (S_ISDIR(info.st_mode)) {
            world_copy_folder(source, target);
        } else if (S_ISREG(info.st_mode)) {
            copy_file(source, target, info.st_mode);
        }
    }
    closedir(folder);
}

void world_remove_folder(const char *path) {
    DIR *folder = opendir(path);
    if (folder == NULL && errno == ENOENT) {
        return;
    }
    if (folder == NULL) {
        fail_at(path);
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char item[512];
        struct stat info;
        if (is_dot(entry->d_name)) {
            continue;
        }
        snprintf(item, sizeof item, "%.250s/%.250s", path, entry->d_name);
        if (lstat(item, &info) == 0 && S_ISDIR(info.st_mode)) {
            world_remove_folder(item);
        } else if (unlink(item) != 0) {
            fail_at(item);
        }
    }
    closedir(folder);
    if (rmdir(path) != 0) {
        fail_at(path);
    }
}
