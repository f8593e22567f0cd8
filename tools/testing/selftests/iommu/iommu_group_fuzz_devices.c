// SPDX-License-Identifier: GPL-2.0-only
/* The devices that the fuzzer has, see iommu_group_fuzz.h */

#include <stdio.h>
#include <string.h>

#include "iommu_group_fuzz.h"
#include "iommu_group_sys.h"

#define MAX_DEVICES	64

struct devices {
	char address[MAX_DEVICES][16];
	int n;
};

static struct devices endpoints, bridges;
static char pf[16];

static void add_device(const char *address)
{
	struct devices *kind = sys_is_bridge(address) ? &bridges : &endpoints;

	if (kind->n < MAX_DEVICES)
		snprintf(kind->address[kind->n++], sizeof(kind->address[0]), "%.15s",
			 address);
	if (sys_number(address, "sriov_totalvfs") > 0)
		snprintf(pf, sizeof(pf), "%.15s", address);
}

bool fuzz_find_devices(void)
{
	struct dirent **device;
	int i, n;

	n = sys_list(&device, SYS_DEVICES);
	for (i = 0; i < n; i++) {
		if (!sys_is_needed(device[i]->d_name))
			add_device(device[i]->d_name);
	}
	sys_free(device, n);
	return endpoints.n && bridges.n;
}

/* A virtual function is there when it was made, and then is as good as any */
const char *fuzz_draw_endpoint(void)
{
	static char function[16];
	char link[16];

	if (!pf[0] || !fuzz_one_in(8))
		return endpoints.address[fuzz_draw(endpoints.n)];
	snprintf(link, sizeof(link), "virtfn%u", fuzz_draw(2));
	return sys_link_target(function, sizeof(function), pf, link) ? pf : function;
}

const char *fuzz_draw_bridge(void)
{
	return bridges.address[fuzz_draw(bridges.n)];
}

/*
 * VFIO resets what it opens, upon which virtual functions of QEMU's NVMe controller
 * answer no more. Opening one would then wait a minute for it, so the controller is
 * left out.
 */
const char *fuzz_draw_bound(const char *wanted)
{
	const char *address;
	char driver[32];
	int tries;

	for (tries = 0; tries < 32; tries++) {
		address = fuzz_draw_endpoint();
		if (!strcmp(address, pf))
			continue;
		sys_link_target(driver, sizeof(driver), address, "driver");
		if (!strcmp(driver, wanted))
			return address;
	}
	return endpoints.address[0];
}

const char *fuzz_pf(void)
{
	return pf;
}

const char *fuzz_endpoint(int i)
{
	return i < endpoints.n ? endpoints.address[i] : NULL;
}
