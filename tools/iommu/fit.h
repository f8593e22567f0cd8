/* SPDX-License-Identifier: GPL-2.0-only */
/* lsiommu: a table of libsmartcols as wide as the terminal */
#ifndef LSIOMMU_FIT_H
#define LSIOMMU_FIT_H

#include <libsmartcols.h>

/* If there is nothing in it */
void fit_hide_empty(struct libscols_table *table, size_t column);
/* @width: 0 for that of the terminal, or as wide as it gets if it goes elsewhere */
void fit_width(struct libscols_table *table, size_t width);

#endif /* LSIOMMU_FIT_H */
