// SPDX-License-Identifier: GPL-2.0-only
/* What is done to groups all at once, see iommu_group_stress.h */

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iommu_group_cdev.h"
#include "iommu_group_stress.h"
#include "iommu_group_sys.h"
#include "iommu_group_type1.h"

#define IOVA	0x100000

#define SLOTS_MAX	8

/* Ports below which there was nothing at the start */
static char slot[SLOTS_MAX][16];
static int slots;

static char pf[16];
static char pf_class[32];	/* its file, from the port above */
/*
 * For what the PCI core does not do at the same time as another removal: it uses
 * what is freed when a bridge goes while the removal of a device below it waits,
 * and takes its locks the other way round when it makes virtual functions.
 */
static pthread_mutex_t removal_lock = PTHREAD_MUTEX_INITIALIZER;

static void sleep_up_to(unsigned int *seed, unsigned int ms)
{
	usleep(rand_r(seed) % ms * 1000);
}

static bool is_endpoint(const char *address)
{
	return sys_number(address, "class") >= 0 && !sys_is_bridge(address) &&
	       !sys_is_needed(address);
}

/* The device that has virtual functions stays with VFIO, which makes them */
static bool is_free_endpoint(const char *address)
{
	return strcmp(address, pf) && is_endpoint(address);
}

/*
 * Below a bridge VFIO may reset the bus when a device is closed. The PCI core does
 * not expect that more are found there meanwhile (pci_bus_unlock() warns).
 */
static bool is_usable_endpoint(const char *address)
{
	return !strncmp(address, "0000:00:", 8) && is_endpoint(address);
}

static bool is_empty_bridge(const char *address)
{
	struct dirent **entry;
	bool empty = true;
	int i, n;

	/* No other name there is as long as an address */
	if (!sys_is_bridge(address))
		return false;
	n = sys_list(&entry, SYS_DEVICES "/%s", address);
	for (i = 0; i < n; i++)
		empty &= strlen(entry[i]->d_name) != strlen("0000:00:00.0");
	sys_free(entry, n);
	return empty;
}

/*
 * The device that has virtual functions may fail to make them again when its port
 * was reset, and what the PCI core has begun is lost then. Without its port a slot
 * would not notice that QEMU wants to have its device, and the locks of a port that
 * is found again are taken in another order (pciehp's reset_lock).
 */
static bool is_removable_bridge(const char *address)
{
	int i;

	if (sys_number(address, pf_class) >= 0)
		return false;
	for (i = 0; i < slots; i++) {
		if (!strcmp(slot[i], address))
			return false;
	}
	return sys_is_bridge(address);
}

static bool is_in_slot(const char *address)
{
	char class[32];
	int i;

	snprintf(class, sizeof(class), "%.15s/class", address);
	for (i = 0; i < slots; i++) {
		if (sys_number(slot[i], class) >= 0)
			return true;
	}
	return false;
}

/*
 * Of a virtual function the PCI core would keep a reference for ever. What is in a slot
 * is QEMU's to unplug, see removal_lock.
 */
static bool is_removable_endpoint(const char *address)
{
	char name[16];

	return is_free_endpoint(address) && !is_in_slot(address) &&
	       sys_link_target(name, sizeof(name), address, "physfn");
}

static bool is_removable(const char *address)
{
	return is_removable_bridge(address) || is_removable_endpoint(address);
}

static bool pick(char *address, unsigned int *seed,
		 bool (*fits)(const char *address))
{
	struct dirent **device;
	bool found = false;
	int tries, n;

	n = sys_list(&device, SYS_DEVICES);
	for (tries = 0; tries < n && !found; tries++) {
		snprintf(address, 16, "%.15s",
			 device[rand_r(seed) % n]->d_name);
		found = fits(address);
	}
	sys_free(device, n);
	return found;
}

static void note_pf(const char *address)
{
	if (sys_number(address, "sriov_totalvfs") <= 0)
		return;
	snprintf(pf, sizeof(pf), "%.15s", address);
	snprintf(pf_class, sizeof(pf_class), "%.15s/class", address);
}

bool stress_find_devices(void)
{
	struct dirent **device;
	int i, n;

	n = sys_list(&device, SYS_DEVICES);
	for (i = 0; i < n; i++) {
		note_pf(device[i]->d_name);
		if (slots < SLOTS_MAX && is_empty_bridge(device[i]->d_name))
			snprintf(slot[slots++], sizeof(slot[0]), "%.15s",
				 device[i]->d_name);
	}
	sys_free(device, n);
	return pf[0];
}

static bool write_alone(const char *text, const char *address, const char *file)
{
	bool written;

	pthread_mutex_lock(&removal_lock);
	written = !sys_write(text, SYS_DEVICES "/%s/%s", address, file);
	pthread_mutex_unlock(&removal_lock);
	return written;
}

static bool remove_device(const char *address)
{
	bool removed;

	pthread_mutex_lock(&removal_lock);
	removed = !pci_remove(address);
	pthread_mutex_unlock(&removal_lock);
	return removed;
}

bool stress_remove_endpoint(unsigned int *seed)
{
	char address[16];

	sleep_up_to(seed, 100);
	return pick(address, seed, is_removable_endpoint) && remove_device(address);
}

bool stress_remove_bridge(unsigned int *seed)
{
	char address[16];

	sleep_up_to(seed, 1000);
	return pick(address, seed, is_removable_bridge) && remove_device(address);
}

bool stress_rescan(unsigned int *seed)
{
	sleep_up_to(seed, 200);
	return !pci_rescan();
}

bool stress_virtual_functions(unsigned int *seed)
{
	char total[16], driver[16];

	/* A second goes by in the kernel each time, with its lock held */
	sleep_up_to(seed, 5000);
	if (sys_read(total, sizeof(total), SYS_DEVICES "/%s/sriov_totalvfs", pf))
		return false;
	if (sys_link_target(driver, sizeof(driver), pf, "driver") ||
	    strcmp(driver, "vfio-pci"))
		pci_bind(pf, "vfio-pci");
	if (!write_alone(total, pf, "sriov_numvfs"))
		return false;
	sleep_up_to(seed, 200);
	return write_alone("0", pf, "sriov_numvfs");
}

bool stress_bind(unsigned int *seed)
{
	/* User space's driver, a host's, the one that there is for it */
	static const char *const drivers[] = { "vfio-pci", "pci-stub", NULL };
	const char *driver = drivers[rand_r(seed) % 4 % 3];
	char address[16];

	sleep_up_to(seed, 50);
	return pick(address, seed, is_free_endpoint) &&
	       !pci_bind(address, driver);
}

static void read_members(const char *group)
{
	struct dirent **member;
	int i, n;

	n = sys_list(&member, SYS_GROUPS "/%s/devices", group);
	for (i = 0; i < n; i++)
		sys_group_of(member[i]->d_name);
	sys_free(member, n);
}

bool stress_read(unsigned int *seed)
{
	struct dirent **group;
	int i, n;

	sleep_up_to(seed, 50);
	n = sys_list(&group, SYS_GROUPS);
	for (i = 0; i < n; i++) {
		sys_read_group(group[i]->d_name);
		read_members(group[i]->d_name);
	}
	sys_free(group, n);
	return n > 0;
}

static int add_buffer(int container, void *buffer)
{
	return buffer ? type1_map(container, buffer, IOVA) : -1;
}

static bool use_container(struct edu *edu, int group, int container,
			  unsigned int *seed)
{
	void *buffer;
	bool used;

	if (type1_join(group, container) || type1_get_device(group, edu))
		return false;
	buffer = aligned_alloc(EDU_PAGE, EDU_PAGE);
	used = !add_buffer(container, buffer);
	/* Unmapped and closed while it is under way, as often as not */
	if (used && edu_is_one(edu->address))
		edu_begin_dma(edu, EDU_READS, IOVA);
	sleep_up_to(seed, 200);
	/* As long as it holds the group: VFIO frees what an ioctl uses when that goes */
	type1_unmap(container, IOVA);
	edu_close(edu);
	free(buffer);
	return used;
}

bool stress_use_group(unsigned int *seed)
{
	struct edu edu = { .fd = -1 };
	int group, container;
	bool used = false;

	sleep_up_to(seed, 20);
	if (!pick(edu.address, seed, is_usable_endpoint))
		return false;
	edu.group = sys_group_of(edu.address);
	group = type1_open_group(edu.group);
	if (group < 0)
		return false;
	container = type1_open();
	if (container >= 0)
		used = use_container(&edu, group, container, seed);
	close(group);
	close(container);
	return used;
}

bool stress_use_cdev(unsigned int *seed)
{
	struct edu edu = { .fd = -1 };
	uint32_t ioas;
	bool used = false;
	int iommufd;

	sleep_up_to(seed, 20);
	if (!pick(edu.address, seed, is_usable_endpoint))
		return false;
	edu.fd = cdev_open(&edu);
	if (edu.fd < 0)
		return false;
	iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (iommufd >= 0 && !ioas_alloc(iommufd, &ioas) &&
	    !cdev_bind(edu.fd, iommufd) && !cdev_attach(edu.fd, ioas)) {
		used = true;
		sleep_up_to(seed, 200);
	}
	/* Detached by that, attached as it may be */
	edu_close(&edu);
	close(iommufd);
	return used;
}

bool stress_remove_all(void)
{
	struct dirent **device;
	bool removed = true;
	int i, n;

	n = sys_list(&device, SYS_DEVICES);
	for (i = 0; i < n; i++) {
		if (is_removable(device[i]->d_name))
			remove_device(device[i]->d_name);
	}
	sys_free(device, n);
	n = sys_list(&device, SYS_DEVICES);
	for (i = 0; i < n; i++) {
		if (!is_removable(device[i]->d_name))
			continue;
		printf("error: %s is still there\n", device[i]->d_name);
		removed = false;
	}
	sys_free(device, n);
	return removed;
}

bool stress_find_all(void)
{
	struct dirent **device;
	int i, n;

	if (pci_rescan())
		return false;
	n = sys_list(&device, SYS_DEVICES);
	for (i = 0; i < n; i++) {
		/* virtio-iommu forms its groups when a driver takes a device */
		if (is_endpoint(device[i]->d_name))
			pci_bind(device[i]->d_name, "pci-stub");
	}
	sys_free(device, n);
	return true;
}
