// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices of a group in the hands of user space, by VFIO's character device and
 * an address space (IOAS) of iommufd. Needs QEMU's edu, see iommu_group_container.c.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/iommufd.h>
#include <linux/vfio.h>

#include "iommu_group_dma.h"

static int is_cdev(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "vfio", 4);
}

static int open_cdev(const struct edu *edu)
{
	struct dirent **entry;
	char path[PATH_MAX];
	int i, n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio-dev",
		 edu->address);
	n = scandir(path, &entry, is_cdev, alphasort);
	if (n < 1)
		return -1;
	snprintf(path, sizeof(path), "/dev/vfio/devices/%s", entry[0]->d_name);
	for (i = 0; i < n; i++)
		free(entry[i]);
	free(entry);
	return open(path, O_RDWR);
}

static int alloc_ioas(int iommufd, uint32_t *id)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

	if (ioctl(iommufd, IOMMU_IOAS_ALLOC, &alloc))
		return -errno;
	*id = alloc.out_ioas_id;
	return 0;
}

static int map(int iommufd, uint32_t ioas, void *buffer, uint64_t iova)
{
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)buffer,
		.length = EDU_PAGE,
		.iova = iova,
	};

	return ioctl(iommufd, IOMMU_IOAS_MAP, &map) ? -errno : 0;
}

static int unmap(int iommufd, uint32_t ioas, uint64_t iova)
{
	struct iommu_ioas_unmap unmap = {
		.size = sizeof(unmap),
		.ioas_id = ioas,
		.iova = iova,
		.length = EDU_PAGE,
	};

	return ioctl(iommufd, IOMMU_IOAS_UNMAP, &unmap) ? -errno : 0;
}

static int bind_iommufd(int fd, int iommufd)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind),
		.iommufd = iommufd,
	};

	return ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind) ? -errno : 0;
}

static int attach(int fd, uint32_t ioas)
{
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = sizeof(attach),
		.pt_id = ioas,
	};

	return ioctl(fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}

static int detach(int fd)
{
	struct vfio_device_detach_iommufd_pt detach = {
		.argsz = sizeof(detach),
	};

	return ioctl(fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach) ? -errno : 0;
}

FIXTURE(cdev)
{
	struct edu edu;
	int iommufd;
	uint32_t ioas;
	uint8_t *from, *to;
};

/* With the first edu that is alone in its group, bound to an iommufd */
FIXTURE_SETUP(cdev)
{
	struct edu all[EDU_MAX];
	int i, n, fd;

	self->from = new_buffer();
	self->to = new_buffer();
	ASSERT_NE(NULL, self->from);
	ASSERT_NE(NULL, self->to);
	n = edu_find_all(all, EDU_MAX);
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, pci_bind(all[i].address, "vfio-pci"));
	n = edu_find_all(all, EDU_MAX);
	for (i = 0; i < n && edu_group_size(&all[i]) != 1; i++)
		;
	if (i == n)
		SKIP(return, "no edu is alone in its group");
	self->edu = all[i];

	self->iommufd = open("/dev/iommu", O_RDWR);
	ASSERT_LE(0, self->iommufd);
	ASSERT_EQ(0, alloc_ioas(self->iommufd, &self->ioas));
	ASSERT_EQ(0, map(self->iommufd, self->ioas, self->from, IOVA_FROM));
	ASSERT_EQ(0, map(self->iommufd, self->ioas, self->to, IOVA_TO));
	fd = open_cdev(&self->edu);
	ASSERT_LE(0, fd);
	/* Before that the device cannot be opened any further */
	ASSERT_EQ(0, bind_iommufd(fd, self->iommufd));
	ASSERT_EQ(0, edu_open(&self->edu, fd));
}

FIXTURE_TEARDOWN(cdev)
{
	edu_close(&self->edu);
	close(self->iommufd);
	pci_unbind(self->edu.address);
	free(self->from);
	free(self->to);
}

TEST_F(cdev, dma_goes_where_it_is_mapped)
{
	ASSERT_EQ(0, attach(self->edu.fd, self->ioas));
	expect_dma_moves(_metadata, &self->edu, self->from, self->to);
	ASSERT_EQ(0, unmap(self->iommufd, self->ioas, IOVA_TO));
	expect_dma_is_refused(_metadata, &self->edu, self->to);
}

TEST_F(cdev, nothing_is_mapped_before_it_is_attached)
{
	expect_dma_is_refused(_metadata, &self->edu, self->to);
	ASSERT_EQ(0, attach(self->edu.fd, self->ioas));
	expect_dma_moves(_metadata, &self->edu, self->from, self->to);
	ASSERT_EQ(0, detach(self->edu.fd));
	expect_dma_is_refused(_metadata, &self->edu, self->to);
}

/* In the new one the same address leads elsewhere */
static void expect_moves_to(struct __test_metadata *_metadata, struct edu *edu,
			    int iommufd, uint32_t ioas, uint8_t *from,
			    uint8_t *to)
{
	ASSERT_EQ(0, attach(edu->fd, ioas));
	ASSERT_EQ(0, map(iommufd, ioas, from, IOVA_FROM));
	ASSERT_EQ(0, map(iommufd, ioas, to, IOVA_TO));
	expect_dma_moves(_metadata, edu, from, to);
}

TEST_F(cdev, device_moves_to_another_address_space)
{
	uint32_t other = 0;

	ASSERT_EQ(0, alloc_ioas(self->iommufd, &other));
	ASSERT_EQ(0, attach(self->edu.fd, self->ioas));
	expect_dma_moves(_metadata, &self->edu, self->from, self->to);
	ASSERT_EQ(0, detach(self->edu.fd));
	expect_moves_to(_metadata, &self->edu, self->iommufd, other, self->to,
			self->from);
}

/* Without a time between in which nothing is mapped */
TEST_F(cdev, address_space_is_replaced)
{
	uint32_t other = 0;

	/* iommufd asks for its geometry before, virtio-iommu has it after attaching */
	if (!access("/sys/bus/virtio/drivers/virtio_iommu/virtio0", F_OK))
		SKIP(return, "virtio-iommu's domains cannot replace one");
	ASSERT_EQ(0, alloc_ioas(self->iommufd, &other));
	ASSERT_EQ(0, attach(self->edu.fd, self->ioas));
	expect_dma_moves(_metadata, &self->edu, self->from, self->to);
	expect_moves_to(_metadata, &self->edu, self->iommufd, other, self->to,
			self->from);
}

TEST_HARNESS_MAIN
