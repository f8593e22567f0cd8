// SPDX-License-Identifier: GPL-2.0-only
/* What the fuzzer does in sysfs, see iommu_group_fuzz.h */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "iommu_group_fuzz.h"
#include "iommu_group_sys.h"

/* As much as a file of sysfs takes at once, and more */
static char letters[2 * 4096] = { [0 ... 2 * 4096 - 2] = 'A' };

static const char *const bad_words[] = {
	"", "\n", " ", "bogus", "identity DMA", "IDENTITY", "%s%n", "\xff\xfe",
	"../../..", letters,
};

static const char *draw_bad_word(void)
{
	return fuzz_draw_word(bad_words, ARRAY_SIZE(bad_words));
}

static const char *draw_driver(void)
{
	/* User space's mostly, a host's, and NULL for the one that there is for it */
	static const char *const drivers[] = {
		"vfio-pci", "vfio-pci", "vfio-pci", "pci-stub", NULL
	};

	return fuzz_draw_word(drivers, ARRAY_SIZE(drivers));
}

bool fuzz_bind(void)
{
	const char *address = fuzz_draw_endpoint(), *driver = draw_driver();

	fuzz_note("bind %s to %s", address, driver ?: "what there is");
	fuzz_close_devices_of(address);
	return !pci_bind(address, driver);
}

bool fuzz_unbind(void)
{
	const char *address = fuzz_draw_endpoint();

	fuzz_note("unbind %s", address);
	fuzz_close_devices_of(address);
	return !pci_unbind(address);
}

bool fuzz_override(void)
{
	const char *address = fuzz_draw_endpoint();
	const char *word = fuzz_one_in(2) ? "vfio-pci" : draw_bad_word();

	fuzz_note("driver_override of %s: %.20s", address, word);
	return !sys_write(word, SYS_DEVICES "/%s/driver_override", address);
}

bool fuzz_probe(void)
{
	const char *address = fuzz_draw_bound("");
	const char *driver = draw_driver();

	if (driver && fuzz_one_in(2)) {
		fuzz_note("%s told of %s", driver, address);
		return !sys_write(address, "/sys/bus/pci/drivers/%s/bind", driver);
	}
	fuzz_note("probe %s", address);
	return !sys_write(address, "/sys/bus/pci/drivers_probe");
}

static bool remove_device(const char *address)
{
	fuzz_note("remove %s", address);
	fuzz_close_devices_of(address);
	return !pci_remove(address);
}

bool fuzz_remove_endpoint(void)
{
	return remove_device(fuzz_draw_endpoint());
}

bool fuzz_remove_bridge(void)
{
	return remove_device(fuzz_draw_bridge());
}

bool fuzz_rescan(void)
{
	fuzz_note("rescan");
	return !pci_rescan();
}

bool fuzz_rescan_device(void)
{
	const char *address = fuzz_draw_bridge();

	fuzz_note("rescan from %s", address);
	return !sys_write("1", SYS_DEVICES "/%s/rescan", address);
}

bool fuzz_virtual_functions(void)
{
	const char *address = fuzz_pf();
	char number[16];

	if (!address[0])
		return false;
	snprintf(number, sizeof(number), "%u", fuzz_draw(4));
	fuzz_note("%s virtual functions of %s", number, address);
	/* The kernel changes the number by way of 0 alone, and with a driver that knows how */
	fuzz_close_devices_of(address);
	if (fuzz_one_in(2))
		pci_bind(address, "vfio-pci");
	return !sys_write(number, SYS_DEVICES "/%s/sriov_numvfs", address);
}

bool fuzz_write_type(void)
{
	static const char *const types[] = { "identity", "DMA", "DMA-FQ", "auto" };
	const char *type = fuzz_one_in(4) ? draw_bad_word() :
					    fuzz_draw_word(types, ARRAY_SIZE(types));
	const char *address = fuzz_draw_endpoint();

	fuzz_note("type of the group of %s: %.20s", address, type);
	return !sys_write(type, SYS_GROUPS "/%d/type", sys_group_of(address));
}

bool fuzz_read_group(void)
{
	const char *address = fuzz_draw_endpoint();
	char group[16];

	fuzz_note("read the group of %s", address);
	return !sys_link_target(group, sizeof(group), address, "iommu_group") &&
	       sys_read_group(group) > 0;
}

/* Which stays open when the group goes */
bool fuzz_open_file(void)
{
	static const char *const files[] = {
		"reserved_regions", "name", "dma_owner", "isolation", "devices"
	};
	const char *file = fuzz_one_in(2) ? "type" :
					    fuzz_draw_word(files, ARRAY_SIZE(files));
	const char *address = fuzz_draw_endpoint();
	char path[PATH_MAX];

	fuzz_note("open %s of the group of %s", file, address);
	snprintf(path, sizeof(path), SYS_GROUPS "/%d/%s", sys_group_of(address), file);
	return fuzz_keep(FUZZ_FILE, open(path, strcmp(file, "type") ? O_RDONLY : O_RDWR), "");
}

bool fuzz_read_file(void)
{
	struct fuzz_fd *open = fuzz_draw_fd(FUZZ_FILE);
	char text[256];
	size_t size = fuzz_draw(sizeof(text));
	off_t from = fuzz_one_in(4) ? fuzz_draw_number() : fuzz_draw(64);

	fuzz_note("read %zu bytes of %d from %lld", size, open->fd, (long long)from);
	return open->kind == FUZZ_FILE && pread(open->fd, text, size, from) >= 0;
}

bool fuzz_write_file(void)
{
	struct fuzz_fd *open = fuzz_draw_fd(FUZZ_FILE);
	char bytes[256];
	size_t size = fuzz_draw(sizeof(bytes));

	fuzz_draw_bytes(bytes, size);
	if (fuzz_one_in(2))
		size = snprintf(bytes, sizeof(bytes), "%s", "auto");
	fuzz_note("write %zu bytes to %d", size, open->fd);
	return open->kind == FUZZ_FILE && pwrite(open->fd, bytes, size, 0) >= 0;
}
