/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults that the kernel is told to have, see Documentation/fault-injection/ */
#ifndef __IOMMU_GROUP_INJECT_H
#define __IOMMU_GROUP_INJECT_H

#include <stdbool.h>

/* False if the kernel has not got what it takes: then nothing is changed */
bool inject_prepare(void);
/* What inject_prepare() and the others have changed becomes what it was */
void inject_restore(void);

/* Whose allocations count: the group core's with all that it calls, or all there are */
int inject_below_groups(void);
int inject_everywhere(void);

/* The thread's @nth allocation from now on fails, counted from 1 */
int inject_nth(unsigned int nth);
/* No other does. Has it failed? */
bool inject_end(void);

/*
 * The function returns the error when the thread calls it next, and no allocation fails.
 * 0 or -errno
 */
int inject_into(const char *function, int error);
/* Has it? And it does not any more */
bool inject_into_end(void);

#endif /* __IOMMU_GROUP_INJECT_H */
