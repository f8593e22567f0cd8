/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __MEDIAN_H
#define __MEDIAN_H

#include <linux/types.h>

/* Sorts: a tick of the timer that fell into one of the costs is far from the middle then */
u64 median(u64 *costs, int n);

#endif /* __MEDIAN_H */
