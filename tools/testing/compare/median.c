// SPDX-License-Identifier: GPL-2.0-only

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
