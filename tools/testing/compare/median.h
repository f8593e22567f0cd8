/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __MEDIAN_H
#define __MEDIAN_H

#include <linux/types.h>

/* Sorts: a tick of the timer that fell into one of the costs is far from the middle then */
u64 median(u64 *costs, int n);
/* For costs of several kinds, without the eighth that is least and the one that is most */
u64 trimmed_mean(u64 *costs, int n);

#endif /* __MEDIAN_H */
