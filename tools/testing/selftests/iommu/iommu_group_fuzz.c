// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do to IOMMU groups, by sysfs, VFIO and iommufd, what is drawn from a seed. Each
 * round is a process of its own, with a sequence of operations that depends on the
 * seed and the round's number alone; its end closes what it has open. After each
 * the devices are settled, and must form the groups that they formed at first.
 */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "iommu_group_fuzz.h"
#include "iommu_group_snapshot.h"
#include "iommu_group_sys.h"

#define DEFAULT_SECONDS	60
#define DEFAULT_OPS	64
/* No operation takes as long as that, however slow the machine is */
#define STUCK_SECONDS	60
/* What is done that often succeeds at times */
#define ENOUGH		100

struct options {
	uint64_t seed;
	unsigned int seconds;
	unsigned int ops;
	long round;		/* the only one, -1 for all */
	bool log;
};

struct count {
	unsigned long done;
	unsigned long succeeded;
};

/* Of all rounds, and what the present one is at */
static struct shared {
	unsigned int rounds;
	unsigned int steps;
	char text[256];
	struct count count[];
} *shared;

static bool share(void)
{
	size_t size = sizeof(*shared) + fuzz_ops_number * sizeof(struct count);

	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared != MAP_FAILED;
}

static void do_round(const struct options *options, unsigned int round)
{
	unsigned int op;
	int drawn;

	for (op = 0; op < options->ops; op++) {
		fuzz_seed(options->seed, round, op);
		drawn = fuzz_draw_op();
		shared->steps++;
		shared->count[drawn].done++;
		shared->count[drawn].succeeded += fuzz_ops[drawn].once();
	}
	snprintf(shared->text, sizeof(shared->text), "the end of the process");
	shared->rounds++;
	shared->steps++;
}

static bool wait_for_round(pid_t pid)
{
	const struct timespec limit = { .tv_sec = STUCK_SECONDS };
	unsigned int steps;
	sigset_t set;
	int status;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	do {
		steps = shared->steps;
		if (sigtimedwait(&set, NULL, &limit) != SIGCHLD)
			continue;
		waitpid(pid, &status, 0);
		if (!status)
			return true;
		printf("error: the process ended with status 0x%x, in: %s\n", status,
		       shared->text);
		return false;
	} while (shared->steps != steps);
	printf("error: stuck in: %s\n", shared->text);
	return false;
}

static bool run_round(const struct options *options, unsigned int round)
{
	char line[64];
	pid_t pid;

	snprintf(line, sizeof(line), "fuzz: seed %llu, round %u\n",
		 (unsigned long long)options->seed, round);
	sys_write(line, "/dev/kmsg");
	pid = fork();
	if (pid < 0)
		return false;
	if (!pid) {
		do_round(options, round);
		_exit(EXIT_SUCCESS);
	}
	return wait_for_round(pid);
}

static bool groups_are_whole(const char *before)
{
	char *after = fuzz_settle();
	bool whole = after && groups_are_equal(before, after);

	if (!whole)
		printf("error: the groups are not what they were\n");
	free(after);
	return whole;
}

static bool run_rounds(const struct options *options, const char *before)
{
	unsigned int round = options->round < 0 ? 0 : options->round;
	time_t end = time(NULL) + options->seconds;

	do {
		if (!run_round(options, round) || !groups_are_whole(before)) {
			printf("error: again by iommu_group_fuzz --seed=%llu --round=%u --log\n",
			       (unsigned long long)options->seed, round);
			return false;
		}
		round++;
	} while (options->round < 0 && time(NULL) < end);
	return true;
}

/* False if there is something that never succeeded: then nothing is shown by it */
static bool print_counts(void)
{
	bool all = true;
	int i;

	for (i = 0; i < fuzz_ops_number; i++) {
		if (!fuzz_op_is_here(&fuzz_ops[i])) {
			printf("%-28s not here\n", fuzz_ops[i].name);
			continue;
		}
		printf("%-28s %7lu done %7lu succeeded\n", fuzz_ops[i].name,
		       shared->count[i].done, shared->count[i].succeeded);
		all &= shared->count[i].succeeded || shared->count[i].done < ENOUGH;
	}
	return all;
}

static bool run(const struct options *options)
{
	bool all_succeeded, whole;
	char *before;

	if (!fuzz_find_devices()) {
		printf("error: there is no device to work on\n");
		return false;
	}
	if (!share() || !fuzz_make_buffer()) {
		perror("mmap");
		return false;
	}
	fuzz_note_into(shared->text, sizeof(shared->text), options->log);
	before = fuzz_settle();
	if (!before)
		return false;
	whole = run_rounds(options, before);
	free(before);
	all_succeeded = print_counts();
	printf("fuzz: seed %llu, %u rounds\n", (unsigned long long)options->seed,
	       shared->rounds);
	if (!all_succeeded)
		printf("error: what never succeeded was not tested\n");
	return whole && all_succeeded;
}

static void print_help(FILE *out)
{
	fprintf(out,
		"Usage: iommu_group_fuzz [OPTION]...\n"
		"Do to IOMMU groups what is drawn from a seed, and see that they stay whole. It\n"
		"takes PCI devices from their drivers and removes them: for a guest alone.\n\n"
		"  -t, --seconds=N   for how long, %d unless told\n"
		"  -s, --seed=N      what to draw from, a random one unless told\n"
		"  -r, --round=N     this round alone\n"
		"  -n, --ops=N       operations of a round, %d unless told; with fewer it has\n"
		"                    the same first ones\n"
		"  -l, --log         each operation in the kernel's log, before it is done\n"
		"  -h, --help        this\n\n"
		"The exit status is 0 if all went well, 1 if not, 2 if not understood.\n",
		DEFAULT_SECONDS, DEFAULT_OPS);
}

static bool parse(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{ "seconds", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "round", required_argument, NULL, 'r' },
		{ "ops", required_argument, NULL, 'n' },
		{ "log", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int option;

	while ((option = getopt_long(argc, argv, "t:s:r:n:lh", names, NULL)) >= 0) {
		switch (option) {
		case 't':
			options->seconds = strtoul(optarg, NULL, 0);
			break;
		case 's':
			options->seed = strtoull(optarg, NULL, 0);
			break;
		case 'r':
			options->round = strtoul(optarg, NULL, 0);
			break;
		case 'n':
			options->ops = strtoul(optarg, NULL, 0);
			break;
		case 'l':
			options->log = true;
			break;
		case 'h':
			print_help(stdout);
			exit(EXIT_SUCCESS);
		default:
			return false;
		}
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct options options = {
		.seconds = DEFAULT_SECONDS,
		.ops = DEFAULT_OPS,
		.round = -1,
	};
	uint32_t seed;
	sigset_t set;

	options.seed = getrandom(&seed, sizeof(seed), 0) == sizeof(seed) ? seed : time(NULL);
	if (!parse(argc, argv, &options)) {
		print_help(stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("fuzz: seed %llu\n", (unsigned long long)options.seed);
	/* Its end is waited for, see wait_for_round() */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return run(&options) ? EXIT_SUCCESS : EXIT_FAILURE;
}
