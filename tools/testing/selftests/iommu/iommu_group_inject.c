// SPDX-License-Identifier: GPL-2.0-only
/* Faults that the kernel is told to have, see iommu_group_inject.h */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iommu_group_inject.h"
#include "iommu_group_sys.h"

#define FAILSLAB	"/sys/kernel/debug/failslab"
#define FAIL_FUNCTION	"/sys/kernel/debug/fail_function"
#define FAIL_NTH	"/proc/thread-self/fail-nth"

/* Of the objects that hold the group core, the linker puts one behind the other */
#define FIRST_FUNCTION	"iommu_group_alloc"
#define LAST_FUNCTION	"iommu_group_create_file"

/* For all processes. What is @wanted at first, if anything, and what there was before */
static struct {
	const char *path, *wanted;
	char was[32];
} settings[] = {
	/* Those that may sleep fail too */
	{ FAILSLAB "/ignore-gfp-wait", "N" },
	/* The kernel need not tell of each */
	{ FAILSLAB "/verbose", "0" },
	{ FAIL_FUNCTION "/verbose", "0" },
	{ FAILSLAB "/stacktrace-depth", "32" },
	/* See set_range() */
	{ FAILSLAB "/require-start" },
	{ FAILSLAB "/require-end" },
};

static unsigned long address_of(const char *function)
{
	unsigned long address, found = 0;
	char line[512], name[256];
	FILE *in = fopen("/proc/kallsyms", "r");

	if (!in)
		return 0;
	while (!found && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%lx %*c %255s", &address, name) == 2 &&
		    !strcmp(name, function))
			found = address;
	}
	fclose(in);
	return found;
}

static int write_number(unsigned long number, const char *path)
{
	char text[32];

	snprintf(text, sizeof(text), "%#lx", number);
	return sys_write(text, "%s", path);
}

static int set_range(unsigned long start, unsigned long end)
{
	return write_number(start, FAILSLAB "/require-start") ?:
	       write_number(end, FAILSLAB "/require-end");
}

bool inject_prepare(void)
{
	size_t i;

	if (access(FAIL_NTH, W_OK) || !address_of(LAST_FUNCTION))
		return false;
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (sys_read(settings[i].was, sizeof(settings[i].was), "%s",
			     settings[i].path))
			return false;
	}
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (settings[i].wanted && sys_write(settings[i].wanted, "%s", settings[i].path)) {
			inject_restore();
			return false;
		}
	}
	return true;
}

void inject_restore(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++)
		sys_write(settings[i].was, "%s", settings[i].path);
}

int inject_below_groups(void)
{
	return set_range(address_of(FIRST_FUNCTION), address_of(LAST_FUNCTION));
}

int inject_everywhere(void)
{
	return set_range(0, ~0UL);
}

int inject_nth(unsigned int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", nth);
	return sys_write(text, FAIL_NTH);
}

bool inject_end(void)
{
	char left[16];
	int ret = sys_read(left, sizeof(left), FAIL_NTH);

	inject_nth(0);
	return !ret && !strcmp(left, "0");
}

/*
 * Calls of the function count, as allocations do, which must not here. By probability
 * it would not do: that draws a random number where the kernel must take no lock.
 */
int inject_into(const char *function, int error)
{
	char retval[128];

	snprintf(retval, sizeof(retval), FAIL_FUNCTION "/%s/retval", function);
	return set_range(0, 0) ?:
	       sys_write(function, FAIL_FUNCTION "/inject") ?:
	       write_number(error, retval) ?:
	       inject_nth(1);
}

bool inject_into_end(void)
{
	bool failed = inject_end();

	sys_write("\n", FAIL_FUNCTION "/inject");
	return failed;
}
