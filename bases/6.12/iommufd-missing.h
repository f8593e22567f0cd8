/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What 6.12.y's iommufd selftests use and its headers do not have: their
 * stable updates brought tests of a later kernel without what these test. It
 * is included before them, and only when they do not compile as they are (see
 * scripts/build/selftests).
 */

/* Of GET_HW_INFO with a type asked for, which 6.12 refuses */
#define IOMMU_HW_INFO_TYPE_DEFAULT	IOMMU_HW_INFO_TYPE_NONE
#define IOMMU_HW_INFO_FLAG_INPUT_TYPE	1
#define in_data_type			out_data_type

/* 6.12's mock devices have no PASIDs: ask for one like the others */
#define MOCK_FLAGS_DEVICE_PASID		0
#define MOCK_PASID_WIDTH		0
