#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Kernels that tell less, and systems without groups.
. "$(dirname "$0")/lib.sh"

make_root <"$here/switch"
# A kernel that tells less
rm "$tmp"/root/sys/kernel/iommu_groups/*/{isolation,dma_owner}
rm "$tmp"/root/sys/kernel/iommu_groups/*/reaches
lsiommu -r -o GROUP,OWNER,REASON -s 03:00.0
report "$([[ $status = 0 && $output == *$'\n3  not\\x20known:'* ]] && echo true || echo false)" \
	"without isolation, dma_owner and registers there are no reasons"
lsiommu --check 04:00.0
expect "and still a neighbour with a host's driver is found" 1 'no: not before the above is done'
rm -r "$tmp"/root/sys/kernel/iommu_groups/*
lsiommu
expect_error "no groups are told with what to do" 'VT-d, AMD-Vi'
expect_error "also where the kernel must be told to use VT-d" 'intel_iommu=on'
rmdir "$tmp/root/sys/kernel/iommu_groups"
lsiommu
expect_error "and no directory of groups" 'CONFIG_IOMMU_API'

conclude
