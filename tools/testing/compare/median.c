// SPDX-License-Identifier: GPL-2.0-only

#include <linux/math64.h>
#include <linux/sort.h>

#include "median.h"

static int cmp(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

u64 median(u64 *costs, int n)
{
	sort(costs, n, sizeof(*costs), cmp, NULL);
	return costs[n / 2];
}

u64 trimmed_mean(u64 *costs, int n)
{
	int i, trimmed = n / 8;
	u64 sum = 0;

	sort(costs, n, sizeof(*costs), cmp, NULL);
	for (i = trimmed; i < n - trimmed; i++)
		sum += costs[i];
	return div_u64(sum, n - 2 * trimmed);
}
