/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI devices and groups as sysfs has them. Paths are formats with arguments. */
#ifndef __IOMMU_GROUP_SYS_H
#define __IOMMU_GROUP_SYS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

#include "../kselftest.h"

#define SYS_DEVICES	"/sys/bus/pci/devices"
#define SYS_GROUPS	"/sys/kernel/iommu_groups"

/* The first line of a file, without its end. 0, or -errno and "" */
__printf(3, 4)
int sys_read(char *text, size_t size, const char *path, ...);

/* 0 or -errno */
__printf(2, 3)
int sys_write(const char *text, const char *path, ...);

/*
 * What is in a directory, in the order of versionsort(). Returns the number, or
 * -errno; sys_free() takes both.
 */
__printf(2, 3)
int sys_list(struct dirent ***entries, const char *path, ...);
void sys_free(struct dirent **entries, int n);

/* What a link leads to, without the path; and one of a device. 0, or -errno and "" */
__printf(3, 4)
int sys_link(char *name, size_t size, const char *path, ...);
int sys_link_target(char *name, size_t size, const char *address, const char *link);

/* The ID of a device's group, -1 if it has none */
int sys_group_of(const char *address);

/* In a device's file, -1 if there is none */
int sys_number(const char *address, const char *file);
bool sys_is_bridge(const char *address);
/* By the machine: its host and ISA bridge with what is in their slots, the IOMMU */
bool sys_is_needed(const char *address);

#endif /* __IOMMU_GROUP_SYS_H */
