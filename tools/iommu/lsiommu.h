/* SPDX-License-Identifier: GPL-2.0-only */
/* lsiommu: what its parts share. lsiommu.c tells which is which. */
#ifndef LSIOMMU_H
#define LSIOMMU_H

#include <stdarg.h>
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
 * @culprit_kind: what that is, as "root port"; NULL if it is to be found out by its address
 * @lacks: the ACS flags that @culprit has not enabled, NULL if that is not the cause
 * @note: what that rests on, NULL if there is no more to say
 * @remedy: kernel parameter that would switch on what @culprit lacks, NULL for none
 * @doubt: what is not known of its group, as a sentence; NULL if all is
 * @class_name: name of its class, where the number is not known
 * @title: of vendor and model, where these have no IDs
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
	const char *culprit_kind;
	char *lacks;
	char *note;
	char *remedy;
	char *doubt;
	char *class_name;
	char *title;
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
 * @is_partial: was something of it there that could not be read?
 * @has_direct_regions: must memory be mapped for a device of it at all times?
 * @certain: is it known that no others are in it? Of those that the kernel tells it is
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
	bool is_partial;
	bool has_direct_regions;
	bool certain;
	struct device **devices;
	size_t n;
	struct edge *edges;
	size_t n_edges;
};

/**
 * struct groups - all that there are
 * @root: the directory that /sys and /proc are or were in
 * @sysfs: the directory that is or was /sys
 * @is_partial: was something of a group there that could not be read?
 * @is_strict: does the kernel keep users from groups that reach others in use?
 * @acs_assumed: ACS was off everywhere, and counts as a kernel with an IOMMU sets it
 * @group: by ID
 * @n: their number
 */
struct groups {
	char *root;
	char *sysfs;
	bool is_partial;
	bool is_strict;
	bool acs_assumed;
	struct group **group;
	size_t n;
};

/* alloc.c: as the functions of these names, but they end the program when memory does */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *memory, size_t n, size_t size);
char *xstrdup(const char *text);
char *xvprintf(const char *format, va_list args) __printf(1, 0);
char *xprintf(const char *format, ...) __printf(1, 2);
FILE *xmemstream(char **text, size_t *size);
/* With ? for what steers a terminal, as warn() does */
void print_clean(FILE *out, const char *text);
void warn(const char *format, ...) __printf(1, 2);

/*
 * files.c: of sysfs and proc. What is returned is the caller's to free; NULL, and errno, if
 * it cannot be read.
 */
char *file_read(const char *path);
char *file_read_in(const char *dir, const char *name);
bool file_exists(const char *dir, const char *name);
/* What a link leads to, with the way there or without */
char *link_read(const char *dir, const char *name);
char *link_read_name(const char *dir, const char *name);
/* Names in a directory, with a NULL after the last one; their number, or -1 and errno */
int dir_read(const char *dir, char ***names);
void dir_free(char **names);
/* False if the text is anything else, or more than @max */
bool number_parse(const char *text, int base, unsigned long max, unsigned long *number);

/*
 * groups.c. @sysroot has "sys" in it, or what was in that. NULL, and a message, if there
 * are no groups to be read.
 */
struct groups *groups_read(const char *sysroot);
void groups_free(struct groups *groups);
/* Where /sys is below a root. The caller frees it */
char *sysfs_of(const char *sysroot);
void group_free(struct group *group);
/* @name of a directory like /sys/bus/pci/devices, for @group */
struct device *device_read_from(struct group *group, const char *devices, const char *name);
/* NULL if there is none */
struct group *groups_by_id(const struct groups *groups, int id);
/* By its name, or an address without its domain. NULL if no group has it */
struct device *groups_find(const struct groups *groups, const char *name);
/* The caller frees it, as all of these */
char *device_dir(const struct groups *groups, const char *name);
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

/*
 * names.c. What is returned is the caller's to free. @ids: a pci.ids, NULL for the system's;
 * false, and a message, if it cannot be read
 */
bool names_open(const char *ids);
/* Of libpci, which says nothing unless it must end the program */
struct pci_access *new_pci_access(void);
void names_close(void);
char *name_of_class(const struct device *dev);
char *name_of_vendor(const struct device *dev);
char *name_of_device(const struct device *dev);
/* Class, vendor and device in a line */
char *description(const struct device *dev);
/* Of a function that need not be in a group: its address, and what it is if that is known */
char *name_of_function(const struct groups *groups, const char *address);
/* Is @title, of vendor and model, that of these IDs? Of this vendor? False for no title */
bool name_is_of(const char *title, unsigned int vendor, unsigned int device);
bool name_is_of_vendor(const char *title, unsigned int vendor);
/* Is there a list of IDs, by which names are known? */
bool names_are_known(void);
/* Why a device shares its group, as a sentence; NULL if it does not or nobody tells */
char *reason(const struct groups *groups, const struct device *dev);

/* common.c: a reason for all of a group, NULL if they have several or none. The caller frees it */
char *common_reason(const struct groups *groups, const struct group *group);

/**
 * struct facts - what is read only if it is shown; facts.c
 * @groups: of whose devices
 * @is_tree: is a reason that a group has in common told of the group, and not of its devices?
 * @last: group whose @common is known
 * @common: reason that its devices have in common
 * @children: what the host uses of all devices
 * @n_children: their number
 * @has_children: have they been read?
 * @config: of libpci, NULL until configuration space is read
 */
struct facts {
	const struct groups *groups;
	bool is_tree;
	const struct group *last;
	char *common;
	struct child *children;
	size_t n_children;
	bool has_children;
	struct pci_access *config;
};

/* Belongs to @facts */
const char *fact_common_reason(struct facts *facts, const struct group *group);
/* The caller frees these */
char *fact_reset(struct facts *facts, const struct device *dev);
char *fact_numa(struct facts *facts, const struct device *dev);
char *fact_iommu(struct facts *facts, const struct device *dev);
char *fact_vfio(struct facts *facts, const struct device *dev);
char *fact_pf(struct facts *facts, const struct device *dev);
char *fact_vfs(struct facts *facts, const struct device *dev);
char *fact_subsystem(struct facts *facts, const struct device *dev);
char *fact_block(struct facts *facts, const struct device *dev);
char *fact_net(struct facts *facts, const struct device *dev);
char *fact_usb(struct facts *facts, const struct device *dev);
char *fact_ats(struct facts *facts, const struct device *dev);
char *fact_pri(struct facts *facts, const struct device *dev);
char *fact_pasid(struct facts *facts, const struct device *dev);
void facts_free(struct facts *facts);

/* parts.c: things by number, each in a part of its own until it is joined with others */
size_t *parts_new(size_t n);
/* The lowest number of a part */
size_t parts_find(size_t *part, size_t i);
void parts_join(size_t *part, size_t a, size_t b);

/* address.c: -1 for any number */
struct address {
	int domain, bus, slot, function;
};

/*
 * "[[[[<domain>]:]<bus>]:][<slot>][.[<function>]]", with * for any, or libvirt's form. False if
 * it is neither
 */
bool address_parse(struct address *address, const char *text);
/* Has the device of this name such an address? */
bool address_matches(const struct address *wanted, const char *name);
/* Negative, 0 or positive, as from strcmp() */
int names_compare(const char *one, const char *other);
/* A name as the kernel has it: "06:00.0" is 0000:06:00.0. The caller frees it */
char *device_full_name(const char *name);
/*
 * Names of devices for what was typed: all functions of a slot for the slot. The caller frees
 * the array, not the names
 */
char **devices_named(const struct groups *groups, char **names, int *n);

/* select.c: @devices: those of whose groups all devices are wanted, NULL for any */
struct selection {
	struct criterion *criteria;
	size_t n;
	struct device **devices;
	int n_devices;
};

/* By a list with commas for option -g, -s, -d, -c or -k. False, and a message, if it is none */
bool select_by(struct selection *selection, int option, const char *list);
/* Those of these names, for the caller to free; NULL, and messages, if one is in no group */
struct device **select_devices(const struct groups *groups, char **names, int n);
bool selected(const struct selection *selection, const struct device *dev);
void selection_free(struct selection *selection);

enum format {
	FORMAT_TREE,	/* unless told */
	FORMAT_DOT,
	FORMAT_LIST,
	FORMAT_JSON,
	FORMAT_PAIRS,
	FORMAT_RAW,
};

struct options {
	enum format format;
	bool headings;
	bool ascii;
	size_t width;		/* 0 for that of the terminal */
	bool all_columns;
	const char *columns;	/* of --output, NULL for those that are shown unless told */
	struct selection selection;
};

/* table.c */
enum status table_print(const struct groups *groups, const struct options *options);

/* list-json.c */
enum status list_json(const struct groups *groups, const struct options *options);

/* dot.c */
enum status list_dot(const struct groups *groups, const struct selection *selection);

/* check.c */
enum status check(const struct groups *groups, char **names, int n, bool json);

/* none.c: why there are no groups, and what is in none of them */
enum arch {
	ARCH_OTHER,
	ARCH_X86,
	ARCH_ARM,
};

enum arch arch_of(const struct groups *groups);
/* Has the kernel's command line this, or this and more after a comma? */
bool cmdline_has(const struct groups *groups, const char *word);
void warn_of_no_groups(const struct groups *groups);
/* False if none is selected, or all are in groups */
bool print_ungrouped(const struct groups *groups, const struct selection *selection);

/* watch.c */
enum status watch(bool as_json);

#endif /* LSIOMMU_H */
