/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI devices and groups as sysfs has them, and what is done to them there. Paths are
 * formats with arguments.
 */
#ifndef __IOMMU_GROUP_SYS_H
#define __IOMMU_GROUP_SYS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "../kselftest.h"

#define SYS_DEVICES	"/sys/bus/pci/devices"
#define SYS_GROUPS	"/sys/kernel/iommu_groups"

/* What is in a file, as far as there is room: the number of bytes, or -errno */
__printf(3, 4)
ssize_t sys_read_bytes(void *bytes, size_t size, const char *path, ...);
/* The first line of a file, without its end. 0, or -errno and "" */
__printf(3, 4)
int sys_read(char *text, size_t size, const char *path, ...);

/* 0 or -errno */
__printf(3, 4)
int sys_write_bytes(const void *bytes, size_t size, const char *path, ...);
__printf(2, 3)
int sys_write(const char *text, const char *path, ...);

/* Each line of a file, behind @prefix. A base kernel has no such file: then it says nothing */
__printf(3, 4)
void sys_copy_lines(FILE *out, const char *prefix, const char *path, ...);

/*
 * What is in a directory, in the order of versionsort(). Returns the number, or
 * -errno; sys_free() takes both.
 */
__printf(2, 3)
int sys_list(struct dirent ***entries, const char *path, ...);
void sys_free(struct dirent **entries, int n);

/* Reads all files of a group for the reading's sake. Their number, or -errno */
int sys_read_group(const char *group);

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

/* Give a PCI device to a driver, or to the one that there is for it if NULL. 0 or -errno */
int pci_bind(const char *address, const char *driver);
int pci_unbind(const char *address);

/* One that takes any device, and the DMA of its group with it */
#define PCI_DMA_DRIVER		"pci-pf-stub"
#define PCI_NEEDS_DMA_DRIVER	"there is no driver " PCI_DMA_DRIVER
bool pci_has_dma_driver(void);
/* Unlike pci_bind() with the error of the driver core */
int pci_bind_dma_driver(const char *address);

/* 0 or -errno */
int pci_remove(const char *address);
int pci_rescan(void);

#endif /* __IOMMU_GROUP_SYS_H */
