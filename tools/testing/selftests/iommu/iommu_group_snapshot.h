/* SPDX-License-Identifier: GPL-2.0-only */
/* All there is of groups, to be compared with what there is later */
#ifndef __IOMMU_GROUP_SNAPSHOT_H
#define __IOMMU_GROUP_SNAPSHOT_H

#include <stdbool.h>

/*
 * A text with a line for each group's type, dma_owner, line of isolation and
 * member, and for each PCI device with its group's ID. The caller frees it. NULL
 * and a message if it cannot be read, a group has no member, or a device's link to
 * its group and the group's to the device do not agree.
 */
char *groups_snapshot(void);

/* Are they the same? Prints the lines that only one of them has */
bool groups_are_equal(const char *before, const char *after);

#endif /* __IOMMU_GROUP_SNAPSHOT_H */
