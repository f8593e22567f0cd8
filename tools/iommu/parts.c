// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: things by number, joined into parts. Each part is known by the lowest number in
 * it, to which the numbers of the others lead.
 */

#include "lsiommu.h"

size_t *parts_new(size_t n)
{
	size_t *part = xcalloc(n + 1, sizeof(*part)), i;

	for (i = 0; i < n; i++)
		part[i] = i;
	return part;
}

size_t parts_find(size_t *part, size_t i)
{
	while (part[i] != i) {
		part[i] = part[part[i]];
		i = part[i];
	}
	return i;
}

void parts_join(size_t *part, size_t a, size_t b)
{
	a = parts_find(part, a);
	b = parts_find(part, b);
	if (a < b)
		part[b] = a;
	else
		part[a] = b;
}
