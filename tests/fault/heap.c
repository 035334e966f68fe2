#include "heap.h"

#include "faults.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *block);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);

static int64_t live;

int64_t heap_live(void) {
    return live;
}

static void *counted(void *block) {
    live += block != NULL ? 1 : 0;
    return block;
}

void *__wrap_malloc(size_t size) {
    return faults_now(FAULT_MALLOC) ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size) {
    return faults_now(FAULT_MALLOC) ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *old, size_t size) {
    if (faults_now(FAULT_MALLOC)) {
        return NULL;
    }
    void *block = __real_realloc(old, size);
    return old == NULL ? counted(block) : block;
}

void __wrap_free(void *block) {
    live -= block != NULL ? 1 : 0;
    __real_free(block);
}

char *__wrap_strndup(const char *text, size_t size) {
    size_t length = strnlen(text, size);
    char *copy = __wrap_malloc(length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *__wrap_strdup(const char *text) {
    return __wrap_strndup(text, strlen(text));
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
