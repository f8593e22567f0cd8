// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hot-plug, removal and rescan of devices and subtrees, virtual functions, drivers
 * that come and go, and groups in use by VFIO and iommufd, all at once, while
 * others read all there is of groups and listen to their events. In the end the
 * groups must be what they were, by their IDs, members and reasons; without the
 * devices no group may be left of theirs; and each device that was told to be
 * added was told to be removed.
 */

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "iommu_group_snapshot.h"
#include "iommu_group_stress.h"
#include "iommu_group_uevents.h"

static atomic_bool stop;

struct stressor {
	const char *what;
	bool (*once)(unsigned int *seed);
	pthread_t thread;
	unsigned int seed;
	unsigned long done;
	unsigned long failed;
};

static struct stressor stressors[] = {
	{ "endpoints removed", stress_remove_endpoint },
	{ "subtrees removed", stress_remove_bridge },
	{ "rescans", stress_rescan },
	{ "virtual functions made and removed", stress_virtual_functions },
	{ "drivers bound", stress_bind },
	{ "drivers bound", stress_bind },
	{ "all groups read", stress_read },
	{ "groups used by a container", stress_use_group },
	{ "groups used by a container", stress_use_group },
	{ "devices used by iommufd", stress_use_cdev },
	{ "devices plugged in and out", stress_plug },
	{ }
};

static void *run(void *arg)
{
	struct stressor *stressor = arg;

	while (!stop) {
		if (stressor->once(&stressor->seed))
			stressor->done++;
		else
			stressor->failed++;
	}
	return NULL;
}

/* What the machine has not got, by the function that would use it */
static bool has_slots, has_pf;

static bool can_run(const struct stressor *stressor)
{
	if (stressor->once == stress_plug)
		return has_slots;
	if (stressor->once == stress_virtual_functions)
		return has_pf;
	return true;
}

static void wait_with_progress(unsigned int seconds)
{
	unsigned int passed;

	for (passed = 1; passed <= seconds; passed++) {
		sleep(1);
		if (passed % 60 == 0 || passed == seconds)
			fprintf(stderr, "stress: %u of %u s\n", passed, seconds);
	}
}

static bool run_all(unsigned int seed, unsigned int seconds)
{
	struct stressor *s;

	for (s = stressors; s->what; s++) {
		s->seed = seed++;
		if (can_run(s) && pthread_create(&s->thread, NULL, run, s))
			return false;
	}
	wait_with_progress(seconds);
	stop = true;
	for (s = stressors; s->what; s++) {
		if (s->thread)
			pthread_join(s->thread, NULL);
	}
	return true;
}

/* False if something was never done, for then nothing is shown by the rest */
static bool print_counts(void)
{
	const struct stressor *s;
	bool all = true;

	for (s = stressors; s->what; s++) {
		if (!s->thread) {
			printf("%-36s not here\n", s->what);
			continue;
		}
		printf("%-36s %7lu done %7lu refused\n", s->what, s->done,
		       s->failed);
		all &= s->done > 0;
	}
	if (!all)
		printf("error: what was done 0 times was not tested\n");
	return all;
}

/* IDs are given again from the lowest, so that they are the same each time */
static char *settled_groups(void)
{
	return stress_remove_all() && stress_find_all() ? groups_snapshot() : NULL;
}

/* Kilobytes of the kernel's own, or 0 */
static long kernel_memory(void)
{
	char line[128];
	long kb = 0;
	FILE *in = fopen("/proc/meminfo", "r");

	if (!in)
		return 0;
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "SUnreclaim: %ld", &kb) == 1)
			break;
	}
	fclose(in);
	return kb;
}

static bool stress(unsigned int seed, unsigned int seconds)
{
	char *before = settled_groups(), *after;
	long memory = kernel_memory();
	struct uevents *uevents;
	bool ok;

	if (!before)
		return false;
	uevents = uevents_listen();
	if (!uevents)
		return false;
	ok = run_all(seed, seconds);
	after = settled_groups();
	ok &= print_counts();
	if (!after || !groups_are_equal(before, after)) {
		printf("error: the groups are not what they were\n");
		ok = false;
	}
	ok &= uevents_end(uevents);
	printf("kernel memory: %ld KiB before, %ld KiB after\n", memory,
	       kernel_memory());
	free(before);
	free(after);
	return ok;
}

static void print_help(FILE *out)
{
	fprintf(out,
		"Usage: iommu_group_stress [OPTION]... [SLOT]...\n"
		"Do to IOMMU groups all that can be done, at once, and see that nothing is left.\n"
		"It takes PCI devices from their drivers and removes them: for a guest alone.\n\n"
		"  -t, --seconds=N   for how long, 60 unless told\n"
		"  -s, --seed=N      of what is drawn; threads race, so it is no replay\n"
		"  -q, --qmp=TTY     a serial port where QEMU's monitor (QMP) is, to plug\n"
		"                    devices into SLOTs, which are names of buses there\n"
		"  -h, --help        this\n\n"
		"The exit status is 0 if the groups are what they were, 1 if not, 2 for usage.\n");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "qmp", required_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	unsigned int seconds = 60, seed = time(NULL);
	const char *qmp = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "t:s:q:h", options, NULL)) >= 0) {
		switch (option) {
		case 't':
			seconds = strtoul(optarg, NULL, 0);
			break;
		case 's':
			seed = strtoul(optarg, NULL, 0);
			break;
		case 'q':
			qmp = optarg;
			break;
		case 'h':
			print_help(stdout);
			return EXIT_SUCCESS;
		default:
			print_help(stderr);
			return 2;
		}
	}
	has_slots = qmp && argc > optind;
	if (has_slots && !stress_open_qmp(qmp, argv + optind, argc - optind))
		return EXIT_FAILURE;
	has_pf = stress_find_devices();
	printf("stress: %u s, seed %u\n", seconds, seed);
	return stress(seed, seconds) ? EXIT_SUCCESS : EXIT_FAILURE;
}
