/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzzer does, see iommu_group_fuzz.c, and what it does it to. An
 * operation is a function of what it draws and of what the ones before it in its
 * round left, and of nothing else: so a round can be had again from its seed.
 */
#ifndef __IOMMU_GROUP_FUZZ_H
#define __IOMMU_GROUP_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../kselftest.h"

/**
 * struct fuzz_op - an operation
 * @name: for the counts
 * @weight: how often it is drawn, compared with the others
 * @once: does it; did it succeed?
 */
struct fuzz_op {
	const char *name;
	unsigned int weight;
	bool (*once)(void);
};

extern const struct fuzz_op fuzz_ops[];
extern const int fuzz_ops_number;

/* An index into fuzz_ops, of an operation that the machine has the device for */
int fuzz_draw_op(void);
bool fuzz_op_is_here(const struct fuzz_op *op);

/* What is drawn from now on follows from these */
void fuzz_seed(uint64_t seed, unsigned int round, unsigned int op);
/*
 * What an operation is about to do, into @text, and into the kernel's log if @log:
 * then it is what stands last there when the kernel crashes.
 */
void fuzz_note_into(char *text, size_t size, bool log);
void __printf(1, 2) fuzz_note(const char *format, ...);

/* Less than @n */
unsigned int fuzz_draw(unsigned int n);
bool fuzz_one_in(unsigned int n);
uint64_t fuzz_draw_number(void);
void fuzz_draw_bytes(void *buffer, size_t size);
const char *fuzz_draw_word(const char *const *words, size_t n);

/* Addresses of the devices that were there at first and that the machine can do without */
bool fuzz_find_devices(void);
const char *fuzz_draw_endpoint(void);
const char *fuzz_draw_bridge(void);
/* Most often one with that driver, which is "" for none */
const char *fuzz_draw_bound(const char *driver);
/* The one that can have virtual functions, or "" */
const char *fuzz_pf(void);
/* By index, NULL after the last */
const char *fuzz_endpoint(int i);

enum fuzz_kind {
	FUZZ_FILE,		/* of a group, in sysfs */
	FUZZ_CONTAINER,
	FUZZ_GROUP,
	FUZZ_DEVICE,		/* by its group or by its character device */
	FUZZ_IOMMUFD,
};

/**
 * struct fuzz_fd - what the round has open
 * @fd: its file descriptor, -1 if none
 * @kind: of what
 * @address: of a device, or of one in the group; else ""
 * @path: where a device is, in its physical function too; between slashes
 * @id: an IOAS in an iommufd
 */
struct fuzz_fd {
	int fd;
	enum fuzz_kind kind;
	char address[16];
	char path[512];
	uint32_t id;
};

/* One of the kind, now and then of another; its fd is -1 if there is none */
struct fuzz_fd *fuzz_draw_fd(enum fuzz_kind kind);
struct fuzz_fd *fuzz_draw_any_fd(void);
/* Takes what open() returned; NULL if it failed. Another one may be closed to make room */
struct fuzz_fd *fuzz_keep(enum fuzz_kind kind, int fd, const char *address);
void fuzz_close(struct fuzz_fd *open);
/* The kernel waits for that with the removal of a device, or of its driver */
void fuzz_close_devices_of(const char *address);

/*
 * In a buffer of some pages, which DMA may write to: a part of it, or outside at times.
 * Behind it is a page that cannot be mapped, so that nothing that begins in it goes on
 * to what the fuzzer itself needs, however long it is.
 */
#define FUZZ_BUFFER	(32 * 4096)
bool fuzz_make_buffer(void);
uint64_t fuzz_draw_memory(void);
uint64_t fuzz_draw_iova(void);
uint64_t fuzz_draw_length(void);

/*
 * iommu_group_fuzz_check.c: bring the devices to the state in which a round begins,
 * and tell which groups they form and how these are, IDs aside. The caller frees
 * it. NULL and a message if the groups in sysfs contradict themselves.
 */
char *fuzz_settle(void);

/* iommu_group_fuzz_sysfs.c */
bool fuzz_bind(void);
bool fuzz_unbind(void);
bool fuzz_override(void);
bool fuzz_probe(void);
bool fuzz_remove_endpoint(void);
bool fuzz_remove_bridge(void);
bool fuzz_rescan(void);
bool fuzz_rescan_device(void);
bool fuzz_virtual_functions(void);
bool fuzz_write_type(void);
bool fuzz_read_group(void);
bool fuzz_open_file(void);
bool fuzz_read_file(void);
bool fuzz_write_file(void);

/* iommu_group_fuzz_vfio.c */
bool fuzz_take_group(void);
bool fuzz_open_container(void);
bool fuzz_open_group(void);
bool fuzz_set_container(void);
bool fuzz_unset_container(void);
bool fuzz_set_iommu(void);
bool fuzz_group_status(void);
bool fuzz_get_device(void);
bool fuzz_map(void);
bool fuzz_unmap(void);
bool fuzz_device_reset(void);
bool fuzz_device_config(void);
bool fuzz_device_mmap(void);
bool fuzz_begin_dma(void);

/* iommu_group_fuzz_iommufd.c */
bool fuzz_take_cdev(void);
bool fuzz_open_iommufd(void);
bool fuzz_open_cdev(void);
bool fuzz_cdev_bind(void);
bool fuzz_cdev_attach(void);
bool fuzz_cdev_detach(void);
bool fuzz_ioas_alloc(void);
bool fuzz_ioas_map(void);
bool fuzz_ioas_unmap(void);
bool fuzz_ioas_copy(void);
bool fuzz_hwpt_alloc(void);
bool fuzz_iommufd_option(void);
bool fuzz_iommufd_destroy(void);

#endif /* __IOMMU_GROUP_FUZZ_H */
