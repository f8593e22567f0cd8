// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --audit: are the groups that a kernel has formed right? The kernel's rule is
 * applied to the registers of the machine, and what it says is put beside the groups.
 */

#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "iommu-group-isolation.h"
#include "lsiommu.h"
#include "machine.h"

/**
 * struct audit - what is compared, and what was found
 * @machine: the functions
 * @told: groups that the kernel has formed
 * @right: groups by the rule
 * @told_of: of the former, by index of function
 * @right_of: of the latter, as well
 * @n_unsafe: groups that hold one part alone of what must be together
 * @n_large: groups that hold what could be apart
 * @n_edges: groups within reach of one that somebody else has
 * @n_open: ports that do not validate sources, above what is given away
 * @n_unknown: groups of which the registers do not tell enough
 */
struct audit {
	const struct machine *machine;
	const struct groups *told;
	const struct groups *right;
	const struct group **told_of;
	const struct group **right_of;
	size_t n_unsafe;
	size_t n_large;
	size_t n_edges;
	size_t n_open;
	size_t n_unknown;
};

static const struct group *told_group(const struct audit *audit, const struct device *dev)
{
	const struct function *function = machine_find_name(audit->machine, dev->own_name);

	return function ? audit->told_of[function->index] : NULL;
}

static const struct group *right_group(const struct audit *audit, const struct device *dev)
{
	const struct function *function = machine_find_name(audit->machine, dev->own_name);

	return function ? audit->right_of[function->index] : NULL;
}

static const struct group **by_function(const struct machine *machine,
					const struct groups *groups)
{
	const struct group **of = xcalloc(machine->n + 1, sizeof(*of));
	const struct function *function;
	const struct group *group;
	size_t i, j;

	for (i = 0; i < groups->n; i++) {
		group = groups->group[i];
		for (j = 0; j < group->n; j++) {
			function = machine_find_name(machine, group->devices[j]->own_name);
			if (function)
				of[function->index] = group;
		}
	}
	return of;
}

static bool is_bridge(const struct audit *audit, const struct device *dev)
{
	const struct function *function = machine_find_name(audit->machine, dev->own_name);

	return function && function->is_bridge;
}

/* Devices of a group that stand side by side, for another one has them as well */
struct share {
	const struct group *other;
	const struct device *dev;
	size_t place;
};

static int compare_shares(const void *a, const void *b)
{
	const struct share *one = a, *other = b;

	if (one->other->id != other->other->id)
		return one->other->id < other->other->id ? -1 : 1;
	return one->place < other->place ? -1 : one->place > other->place;
}

/* Of those that have another group, @n in number. The caller frees them */
static struct share *shares_of(const struct audit *audit, const struct group *group,
			       const struct group *(*other_of)(const struct audit *audit,
							       const struct device *dev),
			       size_t *n)
{
	struct share *shares = xcalloc(group->n + 1, sizeof(*shares));
	const struct group *other;
	size_t i;

	*n = 0;
	for (i = 0; i < group->n; i++) {
		other = other_of(audit, group->devices[i]);
		if (other)
			shares[(*n)++] = (struct share){ other, group->devices[i], i };
	}
	qsort(shares, *n, sizeof(*shares), compare_shares);
	return shares;
}

static size_t size_of_share(const struct share *share, size_t n)
{
	size_t i = 1;

	while (i < n && share[i].other == share->other)
		i++;
	return i;
}

static size_t count_groups(const struct share *shares, size_t n)
{
	size_t i, groups = 0;

	for (i = 0; i < n; i += size_of_share(&shares[i], n - i))
		groups++;
	return groups;
}

/* One that somebody may want to give away, or any */
static const struct device *typical(const struct audit *audit, const struct share *share,
				    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!is_bridge(audit, share[i].dev))
			return share[i].dev;
	}
	return share->dev;
}

static void print_typical(const struct audit *audit, const struct share *share, size_t n)
{
	const struct device *dev = typical(audit, share, n);
	char *text = description(dev);

	printf("  group %d: %s%s%s%s\n", share->other->id, dev->name, text ? " (" : "",
	       text ?: "", text ? ")" : "");
	free(text);
}

static int compare_culprits(const void *a, const void *b)
{
	const struct device *one = *(const struct device **)a;
	const struct device *other = *(const struct device **)b;

	return names_compare(one->culprit, other->culprit);
}

/* One for each culprit */
static void print_reasons(const struct audit *audit, const struct group *right)
{
	const struct device **devices = xcalloc(right->n + 1, sizeof(*devices));
	size_t i, n = 0;
	char *text;

	for (i = 0; i < right->n; i++) {
		if (right->devices[i]->culprit)
			devices[n++] = right->devices[i];
	}
	qsort(devices, n, sizeof(*devices), compare_culprits);
	for (i = 0; i < n; i++) {
		if (i && !strcmp(devices[i]->culprit, devices[i - 1]->culprit))
			continue;
		text = reason(audit->right, devices[i]);
		if (text)
			printf("  %s\n", text);
		free(text);
	}
	free(devices);
}

/* What can reach each other, and is in several groups */
static void audit_right(struct audit *audit, const struct group *right)
{
	size_t n, i, size, groups;
	struct share *shares = shares_of(audit, right, told_group, &n);

	groups = count_groups(shares, n);
	if (groups > 1) {
		audit->n_unsafe++;
		printf("unsafe: these reach each other past the IOMMU, and are in %zu groups\n",
		       groups);
		for (i = 0; i < n; i += size) {
			size = size_of_share(&shares[i], n - i);
			print_typical(audit, &shares[i], size);
		}
		print_reasons(audit, right);
	}
	free(shares);
}

static bool are_certain(const struct share *shares, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!shares[i].other->certain)
			return false;
	}
	return true;
}

static void print_apart(const struct share *share, size_t n)
{
	size_t i;

	printf(" ");
	for (i = 0; i < n; i++)
		printf(" %s", share[i].dev->name);
	printf("%s\n", share->other->n == 1 ? " could be alone" : " could be apart");
}

/* What is in one group, and could be in several */
static void audit_told(struct audit *audit, const struct group *told)
{
	size_t n, i, size;
	struct share *shares = shares_of(audit, told, right_group, &n);

	if (n == told->n && are_certain(shares, n) && count_groups(shares, n) > 1) {
		audit->n_large++;
		printf("larger than it need be: group %d\n", told->id);
		for (i = 0; i < n; i += size) {
			size = size_of_share(&shares[i], n - i);
			print_apart(&shares[i], size);
		}
	}
	free(shares);
}

static bool is_given(const struct device *dev)
{
	return dev->driver && strstr(dev->driver, "vfio");
}

static bool is_used_by_kernel(const struct device *dev)
{
	return dev->driver && !is_given(dev) && strcmp(dev->driver, "pcieport") &&
	       strcmp(dev->driver, "pci-stub");
}

/* The kernel knows by dma_owner, else drivers tell */
static const char *owner_of(const struct group *told)
{
	const char *owner = NULL;
	size_t i;

	if (told->owner)
		return !strcmp(told->owner, "none") ? NULL : told->owner;
	for (i = 0; i < told->n; i++) {
		if (is_used_by_kernel(told->devices[i]))
			return "kernel";
		if (is_given(told->devices[i]))
			owner = "user";
	}
	return owner;
}

/* A group of those told that devices of @right are in, which @owner has, or anybody for NULL */
static const struct group *told_of_owner(const struct audit *audit, const struct group *right,
					 const char *owner)
{
	const struct group *told;
	const char *who;
	size_t i;

	for (i = 0; i < right->n; i++) {
		told = told_group(audit, right->devices[i]);
		who = told ? owner_of(told) : NULL;
		if (who && (!owner || !strcmp(who, owner)))
			return told;
	}
	return NULL;
}

static void audit_edge(struct audit *audit, const struct group *from, const struct edge *edge)
{
	const struct group *to = groups_by_id(audit->right, edge->to);
	const struct group *told = told_of_owner(audit, from, "user");
	const struct group *reached = told_of_owner(audit, to, NULL);
	char *name;

	if (!told || !reached || told == reached)
		return;
	audit->n_edges++;
	name = name_of_function(audit->right, edge->culprit);
	printf("within reach: user space has group %d, which reaches group %d, in use by %s\n",
	       told->id, reached->id,
	       strcmp(owner_of(reached), "user") ? "the kernel" : "user space too");
	printf("  %s lacks ACS%s%s\n", name, edge->lacks ? ": " : "", edge->lacks ?: "");
	free(name);
}

/* Without source validation at the top a device can claim any requester ID */
static void audit_sources(struct audit *audit, const struct device *dev)
{
	const struct function *function = machine_find_name(audit->machine, dev->own_name);
	char *name;

	if (!is_given(dev) || !function || !function->bridge)
		return;
	while (function->bridge)
		function = function->bridge;
	if (function->left_out || function->lacks.unknown ||
	    !(function->lacks.missing & PCI_ACS_SV))
		return;
	audit->n_open++;
	name = name_of_function(audit->right, function->name);
	printf("source validation is off: %s %s, above %s, which user space has\n"
	       "  that can claim the requester IDs of others\n",
	       function_kind(function), name, dev->name);
	free(name);
}

static void print_sum(const struct audit *audit)
{
	if (audit->n_unknown)
		printf("not known: %zu groups, of which registers do not tell all: %s\n",
		       audit->n_unknown,
		       "run it as root, or dump them by lspci -nnvvvxxxx as root");
	printf("%zu groups: %zu unsafe, %zu larger than they need be, ", audit->told->n,
	       audit->n_unsafe, audit->n_large);
	printf("%zu within reach of others, %zu ports without source validation\n",
	       audit->n_edges, audit->n_open);
}

enum status audit(const struct machine *machine, const struct groups *told)
{
	struct groups *right = rule_groups(machine, POLICY_STANDARD);
	struct audit audit = { .machine = machine, .told = told, .right = right };
	size_t i, j;

	audit.told_of = by_function(machine, told);
	audit.right_of = by_function(machine, right);
	for (i = 0; i < right->n; i++) {
		audit.n_unknown += !right->group[i]->certain;
		audit_right(&audit, right->group[i]);
	}
	for (i = 0; i < told->n; i++)
		audit_told(&audit, told->group[i]);
	for (i = 0; i < right->n; i++) {
		for (j = 0; j < right->group[i]->n_edges; j++)
			audit_edge(&audit, right->group[i], &right->group[i]->edges[j]);
	}
	for (i = 0; i < told->n; i++) {
		for (j = 0; j < told->group[i]->n; j++)
			audit_sources(&audit, told->group[i]->devices[j]);
	}
	print_sum(&audit);
	free(audit.told_of);
	free(audit.right_of);
	groups_free(right);
	return audit.n_unsafe || audit.n_edges ? STATUS_NO : STATUS_OK;
}
