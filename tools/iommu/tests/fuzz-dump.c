// SPDX-License-Identifier: GPL-2.0-only
/*
 * What lspci printed, or a fabric, in any form: nothing may make the readers of lsiommu, or
 * what follows from what they read, go wrong. By libFuzzer, which changes dumps that exist
 * at random and keeps what takes ways of the code that were not taken before.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../lsiommu.h"
#include "../machine.h"

/* As libFuzzer calls them */
int initialize(int *argc, char ***argv) __asm__("LLVMFuzzerInitialize");
int test_input(const uint8_t *data, size_t size) __asm__("LLVMFuzzerTestOneInput");

/* Without names of IDs, which would be read again and again */
int initialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return names_open("/dev/null") ? 0 : -1;
}

static void look_at(const struct machine *machine, enum policy policy)
{
	struct groups *groups = rule_groups(machine, policy);
	size_t i, j;

	for (i = 0; i < groups->n; i++) {
		for (j = 0; j < groups->group[i]->n; j++)
			free(reason(groups, groups->group[i]->devices[j]));
	}
	groups_free(groups);
}

static void write_and_read(const struct machine *machine)
{
	struct machine *again;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	fabric_write(machine, out);
	fclose(out);
	again = fabric_is(text) ? fabric_read(text, "written") : NULL;
	machine_free(again);
	free(text);
}

int test_input(const uint8_t *data, size_t size)
{
	char *text = xcalloc(size + 1, 1);
	struct machine *machine;

	memcpy(text, data, size);
	make_plain(text, size);
	machine = fabric_is(text) ? fabric_read(text, "input") : lspci_read(text);
	if (machine) {
		look_at(machine, POLICY_STANDARD);
		look_at(machine, POLICY_LEGACY);
		write_and_read(machine);
		machine_free(machine);
	}
	free(text);
	return 0;
}
