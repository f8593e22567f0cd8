/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is done to groups all at once, see iommu_group_stress.c. Each function does
 * one operation with what it draws from @seed, and tells whether it succeeded:
 * many fail by nature, as their device is gone or taken.
 */
#ifndef __IOMMU_GROUP_STRESS_H
#define __IOMMU_GROUP_STRESS_H

#include <stdbool.h>

/* How long QEMU has to tell that a device left its slot, before it is asked again */
#define STRESS_ASK_AGAIN_SECONDS	10

/* Once, before the others. Tells whether there is a device with virtual functions */
bool stress_find_devices(void);

bool stress_remove_endpoint(unsigned int *seed);
bool stress_remove_bridge(unsigned int *seed);
bool stress_rescan(unsigned int *seed);
bool stress_virtual_functions(unsigned int *seed);
bool stress_bind(unsigned int *seed);
bool stress_read(unsigned int *seed);
bool stress_use_group(unsigned int *seed);
bool stress_use_cdev(unsigned int *seed);

/* Remove all that can be. False, and a message, if a device stays */
bool stress_remove_all(void);
/* Find it again, and give each endpoint to pci-stub, whatever driver it has */
bool stress_find_all(void);

/*
 * QEMU's monitor at the serial port @tty, and the names there of buses with room
 * for a device. False, and a message, if it does not answer.
 */
bool stress_open_qmp(const char *tty, char **slots, int n);
/* A device into a slot, and out of it after a while, when the guest let it go */
bool stress_plug(unsigned int *seed);

#endif /* __IOMMU_GROUP_STRESS_H */
