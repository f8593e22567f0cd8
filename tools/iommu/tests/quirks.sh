#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The tables of the kernel's quirks: a form that is not understood stops the build.
. "$(dirname "$0")/lib.sh"

# A function of newer kernels, with devices of the tests
# shellcheck disable=SC2016 # sed's
broken='$a\
void pci_disable_broken_acs_cap(struct pci_dev *pdev)\
{\
	if (pdev->vendor == PCI_VENDOR_ID_INTEL \&\&\
	    (pdev->device == 0x1a1 || pdev->device == 0x1a2)) {\
		pci_info(pdev, "no validation; of two\\n");\
		pdev->acs_capabilities \&= ~PCI_ACS_SV;\
	}\
}'

linux=${LINUX:-$here/../../..}
quirks=$linux/drivers/pci/quirks.c

# tables SCRIPT: made of the kernel's source, after sed has changed that
tables() {
	sed "$1" "$quirks" >"$tmp/quirks.c"
	status=0
	awk -f "$here/../quirks.awk" "$linux/include/linux/pci_ids.h" "$tmp/quirks.c" \
		>"$tmp/quirks.inc" 2>"$tmp/errors" || status=$?
	output=$(cat "$tmp/quirks.inc")
	errors=$(cat "$tmp/errors")
}

# fails NAME TEXT: the last call did, and said why
fails() {
	report "$([[ $status != 0 && $errors == *"$2"* ]] && echo true || echo false)" "$1"
}

tables ''
expect "an ID by its number is in the tables" 0 $'\t{ 0x8086, 0x15b8, pci_quirk_mf_endpoint_acs },'
expect "and one by a name" 0 $'\t{ 0x197B, 0x2392, quirk_dma_func1_alias },'
expect "a range of a function's cases is" 0 $'\t{ 0x9d10, 0x9d1b },'
expect "and an element of its list" 0 $'\t{ 0x1c10, 0x1c10 },'
tables "$broken"
expect "and who has no source validation, though its registers say so" 0 \
	$'\t{ 0x8086, 0x1a1, pci_disable_broken_acs_cap },' \
	$'\t{ 0x8086, 0x1a2, pci_disable_broken_acs_cap },'
tables "${broken/_SV/_RR}"
fails "of which no other flag is taken" 'is no function that takes source validation'
tables "${broken/)) \{/ \&\& pdev->revision)) \{}"
fails "nor for another reason" 'is no function that takes source validation'
tables '/^} pci_dev_acs_enabled/d'
fails "a table that is not there is told" 'not where they were'
tables 's/{ PCI_VENDOR_ID_INTEL, 0x15b8, pci_quirk_mf_endpoint_acs }/ACS_QUIRK(INTEL, 0x15b8)/'
fails "and so is a line of another form" 'is no ACS quirk'
tables 's/PCI_VENDOR_ID_INTEL, 0x15b8/PCI_VENDOR_ID_NOBODY, 0x15b8/'
fails "and an ID that is not known" 'is no ID'
tables 's/0x15b8, pci_quirk_mf_endpoint_acs/0x15b8, pci_quirk_of_tomorrow/'
status=0
errors=$("${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -fsyntax-only -I"$tmp" -I"$here/../include" \
	-I"$here/.." -I"$here/../../../drivers/iommu" "$here/../quirks.c" 2>&1) || status=$?
fails "a function of the kernel that is new does not compile" pci_quirk_of_tomorrow

conclude
