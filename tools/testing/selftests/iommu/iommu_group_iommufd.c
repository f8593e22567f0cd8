// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices of a group in the hands of user space, by VFIO's character device and
 * an address space (IOAS) of iommufd. Needs QEMU's edu, see iommu_group_container.c.
 */

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

#include "iommu_group_cdev.h"
#include "iommu_group_dma.h"

FIXTURE(cdev)
{
	struct edu all[EDU_MAX];
	int n;
	struct edu edu;
	int iommufd;
	uint32_t ioas;
	uint8_t *from, *to;
};

/* With the first edu that is alone in its group, bound to an iommufd */
FIXTURE_SETUP(cdev)
{
	struct edu *edu;
	int fd, ret;

	self->from = new_buffer();
	self->to = new_buffer();
	ASSERT_NE(NULL, self->from);
	ASSERT_NE(NULL, self->to);
	if (!edu_can_be_given_away())
		SKIP(return, "there is no IOMMU, or no vfio-pci");
	self->iommufd = open("/dev/iommu", O_RDWR);
	if (self->iommufd < 0)
		SKIP(return, "there is no /dev/iommu");
	ASSERT_EQ(0, ioas_alloc(self->iommufd, &self->ioas));
	ASSERT_EQ(0, ioas_map(self->iommufd, self->ioas, self->from, IOVA_FROM));
	ASSERT_EQ(0, ioas_map(self->iommufd, self->ioas, self->to, IOVA_TO));

	self->n = edu_bind_all(self->all, EDU_MAX);
	ASSERT_LE(0, self->n);
	edu = edu_find_alone(self->all, self->n, 0);
	if (!edu) {
		edu_unbind_all(self->all, self->n);
		SKIP(return, "no edu is alone in its group");
	}
	self->edu = *edu;
	fd = cdev_open(&self->edu);
	/* Before it is bound the device cannot be opened any further */
	ret = fd < 0 ? -errno : cdev_bind(fd, self->iommufd) ?: edu_open(&self->edu, fd);
	if (ret) {
		close(fd);
		edu_unbind_all(self->all, self->n);
	}
	if (ret == -ENOENT)
		SKIP(return, "VFIO has no character devices");
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(cdev)
{
	edu_close(&self->edu);
	close(self->iommufd);
	edu_unbind_all(self->all, self->n);
	free(self->from);
	free(self->to);
}

TEST_F(cdev, dma_goes_where_it_is_mapped)
{
	ASSERT_EQ(0, cdev_attach(self->edu.fd, self->ioas));
	expect_dma_moves(_metadata, &self->edu, self->from, self->to);
	ASSERT_EQ(0, ioas_unmap(self->iommufd, self->ioas, IOVA_TO));
	expect_dma_is_refused(_metadata, &self->edu, self->to);
}

TEST_F(cdev, nothing_is_mapped_before_it_is_attached)
{
	expect_dma_is_blocked(_metadata, &self->edu, self->to);
	ASSERT_EQ(0, cdev_attach(self->edu.fd, self->ioas));
	expect_dma_moves(_metadata, &self->edu, self->from, self->to);
	ASSERT_EQ(0, cdev_detach(self->edu.fd));
	expect_dma_is_blocked(_metadata, &self->edu, self->to);
}

/* In the new one the same address leads elsewhere */
static void expect_moves_to(struct __test_metadata *_metadata, struct edu *edu,
			    int iommufd, uint32_t ioas, uint8_t *from,
			    uint8_t *to)
{
	ASSERT_EQ(0, cdev_attach(edu->fd, ioas));
	ASSERT_EQ(0, ioas_map(iommufd, ioas, from, IOVA_FROM));
	ASSERT_EQ(0, ioas_map(iommufd, ioas, to, IOVA_TO));
	expect_dma_moves(_metadata, edu, from, to);
}

TEST_F(cdev, device_moves_to_another_address_space)
{
	uint32_t other = 0;

	ASSERT_EQ(0, ioas_alloc(self->iommufd, &other));
	ASSERT_EQ(0, cdev_attach(self->edu.fd, self->ioas));
	expect_dma_moves(_metadata, &self->edu, self->from, self->to);
	ASSERT_EQ(0, cdev_detach(self->edu.fd));
	expect_moves_to(_metadata, &self->edu, self->iommufd, other, self->to,
			self->from);
}

static bool has_virtio_iommu(void)
{
	glob_t paths = {};
	bool found;

	found = !glob("/sys/bus/virtio/drivers/virtio_iommu/virtio*", 0, NULL,
		      &paths);
	globfree(&paths);
	return found;
}

/* Without a time between in which nothing is mapped */
TEST_F(cdev, address_space_is_replaced)
{
	uint32_t other = 0;

	/* iommufd asks for its geometry before, virtio-iommu has it after attaching */
	if (has_virtio_iommu())
		SKIP(return, "virtio-iommu's domains cannot replace one");
	ASSERT_EQ(0, ioas_alloc(self->iommufd, &other));
	ASSERT_EQ(0, cdev_attach(self->edu.fd, self->ioas));
	expect_dma_moves(_metadata, &self->edu, self->from, self->to);
	expect_moves_to(_metadata, &self->edu, self->iommufd, other, self->to,
			self->from);
}

TEST_HARNESS_MAIN
