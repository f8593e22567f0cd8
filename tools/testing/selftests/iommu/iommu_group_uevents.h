/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel tells of groups, counted by a thread */
#ifndef __IOMMU_GROUP_UEVENTS_H
#define __IOMMU_GROUP_UEVENTS_H

#include <stdbool.h>

struct uevents;

/* A socket that gets them, for the kernel to make them. -1 if that cannot be */
int uevents_open(void);

/* Listen from now on. NULL, and a message, if that cannot be */
struct uevents *uevents_listen(void);

/*
 * Print how many there were. False, and a message, if not as many devices left
 * groups as came, or not as many owners went as came. To be called when nothing
 * goes on any more; frees @uevents.
 */
bool uevents_end(struct uevents *uevents);

#endif /* __IOMMU_GROUP_UEVENTS_H */
