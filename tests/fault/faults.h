/* Faults between SQLite and the system, and in the program's own heap: the n-th call of a kind
 * fails, or every one from then on; or a disk runs full.
 *
 * A full disk refuses what would make a file longer and takes what lies within it, as real ones do:
 * so a transaction may fail at any of its pages, and small ones may still fit.
 *
 * Order of life: install (once, before SQLite is used) → (arm → … → disarm)*. Thread: one. */
#ifndef JIELIAN_TESTS_FAULTS_H
#define JIELIAN_TESTS_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum fault { FAULT_NONE, FAULT_MALLOC, FAULT_WRITE, FAULT_SYNC };

/* memory: SQLite's allocations are counted too, and its small blocks per connection are off, so
 * that each one is an allocation that can fail. A second call does nothing. false: SQLite does not
 * take it, for it is in use already. */
bool faults_install(bool memory);

/* The n-th call of that kind from now on fails (n from 1), and with `on` all behind it. */
void faults_arm(enum fault kind, uint64_t n, bool on);
/* No more faults; answers how many calls failed. */
uint64_t faults_disarm(void);
/* Has one failed since faults_arm? */
bool faults_met(void);
/* Calls of the armed kind since faults_arm. */
uint64_t faults_calls(void);

/* Be told the number of every call of the armed kind, from where it is made; NULL: no more. */
void faults_watch(void (*watch)(uint64_t number));

/* What SQLite's files may still grow by; NULL: a disk with room. */
void faults_room(uint64_t *left);

/* A call of that kind is made: must it fail? For further shims (heap.c). */
bool faults_now(enum fault kind);

#endif
