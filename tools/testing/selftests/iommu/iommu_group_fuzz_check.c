// SPDX-License-Identifier: GPL-2.0-only
/* The state between two rounds of the fuzzer, see iommu_group_fuzz.h */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iommu_group_fuzz.h"
#include "iommu_group_snapshot.h"
#include "iommu_group_sys.h"

/* A group goes by the first of its members */
static void copy_group(FILE *out, const char *address)
{
	int group = sys_group_of(address);
	struct dirent **member;
	char type[16], owner[16];
	int n;

	n = sys_list(&member, SYS_GROUPS "/%d/devices", group);
	sys_read(type, sizeof(type), SYS_GROUPS "/%d/type", group);
	sys_read(owner, sizeof(owner), SYS_GROUPS "/%d/dma_owner", group);
	fprintf(out, "device %s: group of %s, type %s, owner %s\n", address,
		n > 0 ? member[0]->d_name : "none", type, owner);
	if (n > 0 && !strcmp(member[0]->d_name, address))
		sys_copy_lines(out, "isolation ", SYS_GROUPS "/%d/isolation", group);
	sys_free(member, n);
}

static char *partition(void)
{
	struct dirent **device;
	char *text = NULL;
	size_t size;
	FILE *out;
	int i, n;

	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	n = sys_list(&device, SYS_DEVICES);
	for (i = 0; i < n; i++)
		copy_group(out, device[i]->d_name);
	sys_free(device, n);
	fclose(out);
	return text;
}

/* Their groups may get the type back only as long as no driver has them */
static void reset_devices(void)
{
	const char *address;
	int i;

	for (i = 0; (address = fuzz_endpoint(i)); i++)
		pci_unbind(address);
	for (i = 0; (address = fuzz_endpoint(i)); i++)
		sys_write("auto", SYS_GROUPS "/%d/type", sys_group_of(address));
	/* virtio-iommu forms its groups when a driver takes a device */
	for (i = 0; (address = fuzz_endpoint(i)); i++)
		pci_bind(address, "vfio-pci");
}

char *fuzz_settle(void)
{
	char *groups;

	pci_rescan();
	reset_devices();
	groups = groups_snapshot();
	if (!groups)
		return NULL;
	free(groups);
	return partition();
}
