/* SPDX-License-Identifier: GPL-2.0-only */
/* lsiommu: what its parts share. lsiommu.c tells which is which. */
#ifndef LSIOMMU_H
#define LSIOMMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define __printf(format, from)	__attribute__((__format__(__printf__, format, from)))

enum status {
	STATUS_OK = 0,
	STATUS_NO = 1,		/* --check: not as things are; a list: nothing matches */
	STATUS_ERROR = 2,
};

struct group;

/**
 * struct device - a member of a group
 * @group: the group
 * @name: as its group calls it, for PCI its address
 * @own_name: as its bus calls it; of namesakes in a group only one has both the same
 * @is_pci: has it IDs and a class?
 * @vendor: ID, as @device
 * @device: ID
 * @class: with the programming interface, 24 bits
 * @driver: that is bound to it, NULL for none
 * @cause: why it shares its group, NULL if the kernel does not tell
 * @culprit: the function that is the cause, NULL if there is none
 * @lacks: the ACS flags that @culprit has not enabled, NULL if that is not the cause
 */
struct device {
	struct group *group;
	char *name;
	char *own_name;
	bool is_pci;
	unsigned int vendor;
	unsigned int device;
	unsigned int class;
	char *driver;
	char *cause;
	char *culprit;
	char *lacks;
};

/**
 * struct edge - requests of a group can get to another one past the IOMMU
 * @to: ID of the other
 * @culprit: the function at which they turn around
 * @lacks: the ACS flags that @culprit has not enabled, NULL if that is not the cause
 */
struct edge {
	int to;
	char *culprit;
	char *lacks;
};

/**
 * struct group - an IOMMU group
 * @id: its number
 * @type: of its default domain, NULL if the kernel does not tell
 * @name: that the IOMMU driver gave it, NULL for none
 * @owner: of its DMA: none, kernel or user; NULL if the kernel does not tell
 * @has_direct_regions: must memory be mapped for a device of it at all times?
 * @devices: its members, by name
 * @n: their number
 * @edges: to the groups that it reaches, by ID
 * @n_edges: their number
 */
struct group {
	int id;
	char *type;
	char *name;
	char *owner;
	bool has_direct_regions;
	struct device **devices;
	size_t n;
	struct edge *edges;
	size_t n_edges;
};

/**
 * struct groups - all that there are
 * @sysfs: the directory that is or was /sys
 * @is_strict: does the kernel keep users from groups that reach others in use?
 * @group: by ID
 * @n: their number
 */
struct groups {
	char *sysfs;
	bool is_strict;
	struct group **group;
	size_t n;
};

/* alloc.c: as the functions of these names, but they end the program when memory does */
void *xcalloc(size_t n, size_t size);
char *xstrdup(const char *text);
char *xprintf(const char *format, ...) __printf(1, 2);
void warn(const char *format, ...) __printf(1, 2);

/*
 * groups.c. @sysroot has "sys" in it, or what was in that. NULL, and a message, if there
 * are no groups to be read.
 */
struct groups *groups_read(const char *sysroot);
void groups_free(struct groups *groups);
/* NULL if there is none */
struct group *groups_by_id(const struct groups *groups, int id);
/* By its name, or an address without its domain. NULL if no group has it */
struct device *groups_find(const struct groups *groups, const char *name);
/* A file of a PCI device that is in a group or not. NULL if it has none */
char *device_read(const struct groups *groups, const char *name, const char *file);
bool device_is_on_root_bus(const struct groups *groups, const char *name);
/* On any bus */
bool device_exists(const struct groups *groups, const char *name);
/* Of a PCI device, and false if it cannot be read */
bool device_is_enabled(const struct groups *groups, const struct device *dev);
bool device_is_bus_master(const struct groups *groups, const struct device *dev);
bool device_has_bar(const struct groups *groups, const struct device *dev);
/* PCI_HEADER_TYPE_*, or -1 if it cannot be read */
int device_header_type(const struct groups *groups, const struct device *dev);
bool pci_driver_exists(const struct groups *groups, const char *driver);
/* A name as the kernel has it: "06:00.0" is 0000:06:00.0. The caller frees it */
char *device_full_name(const char *name);

/*
 * names.c. What is returned is the caller's to free. @ids: a pci.ids, NULL for the system's;
 * false, and a message, if it cannot be read
 */
bool names_open(const char *ids);
void names_close(void);
char *name_of_class(const struct device *dev);
char *name_of_vendor(const struct device *dev);
char *name_of_device(const struct device *dev);
/* Class, vendor and device in a line */
char *description(const struct device *dev);
/* Of a function that need not be in a group: its address, and what it is if that is known */
char *name_of_function(const struct groups *groups, const char *address);
/* Why a device shares its group, as a sentence; NULL if it does not or nobody tells */
char *reason(const struct groups *groups, const struct device *dev);

/* select.c */
struct selection {
	int group;		/* -1 for any, and so on */
	int domain, bus, slot, function;
	char *class;
	char *driver;
};

#define SELECT_ALL	((struct selection) { -1, -1, -1, -1, -1, NULL, NULL })

/* "[[[[<domain>]:]<bus>]:][<slot>][.[<function>]]", with * for any. False if it is not */
bool select_slot(struct selection *selection, const char *slot);
bool selected(const struct selection *selection, const struct device *dev);

/* table.c */
enum format {
	FORMAT_TREE,	/* unless told */
	FORMAT_LIST,
	FORMAT_JSON,
	FORMAT_PAIRS,
	FORMAT_RAW,
};

struct options {
	enum format format;
	bool headings;
	bool ascii;
	const char *columns;	/* NULL for those that are shown unless told */
	struct selection selection;
};

/* Prints the names of all columns and what is in them */
void table_help(FILE *out);
enum status table_print(const struct groups *groups, const struct options *options);

/* check.c */
enum status check(const struct groups *groups, char **names, int n);

/* watch.c */
enum status watch(void);

#endif /* LSIOMMU_H */
