/* SPDX-License-Identifier: GPL-2.0-only */
/* lsiommu: columns, which are also the fields of JSON */
#ifndef LSIOMMU_COLUMNS_H
#define LSIOMMU_COLUMNS_H

#include "lsiommu.h"

enum column_id {
	COL_NAME,
	COL_GROUP,
	COL_TYPE,
	COL_LABEL,
	COL_OWNER,
	COL_ADDRESS,
	COL_IDS,
	COL_SUBSYSTEM,
	COL_CLASS,
	COL_VENDOR,
	COL_MODEL,
	COL_DESCRIPTION,
	COL_DRIVER,
	COL_CAUSE,
	COL_CULPRIT,
	COL_LACKS,
	COL_REASON,
	COL_DETAILS,
	COL_FLAGS,
	COL_REACHES,
	COL_RESET,
	COL_NUMA,
	COL_IOMMU,
	COL_VFIO,
	COL_BLOCK,
	COL_NET,
	COL_USB,
	COL_PF,
	COL_VFS,
	COL_ATS,
	COL_PRI,
	COL_PASID,
	COLUMNS,
};

enum cell_type {
	CELL_TEXT,
	CELL_NUMBER,
	CELL_WORDS,	/* an array in JSON */
	CELL_LINES,	/* too */
};

/* In JSON a field of groups, and of devices; text that can be broken between words */
#define OF_GROUP	1
#define OF_DEVICE	2
#define MAY_FOLD	4

/**
 * struct column - what is told of groups and devices
 * @name: for --output; in lower case the name of JSON's field
 * @type: of what is in it
 * @flags: OF_GROUP, OF_DEVICE and MAY_FOLD
 * @read: what is read only if it is shown, NULL for all that is known already
 * @help: what is in it
 */
struct column {
	const char *name;
	enum cell_type type;
	int flags;
	char *(*read)(struct facts *facts, const struct device *dev);
	const char *help;
};

extern const struct column columns[COLUMNS];

/* NULL if there is nothing to tell. The caller frees them */
char *cell_of_group(struct facts *facts, const struct group *group, enum column_id id);
char *cell_of_device(struct facts *facts, const struct device *dev, enum column_id id);

/* The columns that were asked for */
struct chosen {
	enum column_id column[COLUMNS];
	size_t n;
	bool is_asked[COLUMNS];	/* by its name, and not there by default */
};

/*
 * By --output, which may be missing for @defaults, or begin with "+" for what is added to
 * them, or --output-all. False, and a message, if there is no such column
 */
bool columns_choose(struct chosen *chosen, const struct options *options, const char *defaults);
/* Those of the list, as if they were asked for; what is there already is not there twice */
bool columns_add(struct chosen *chosen, const char *list);
/* Prints the names of all columns and what is in them */
void columns_help(FILE *out);

#endif /* LSIOMMU_COLUMNS_H */
