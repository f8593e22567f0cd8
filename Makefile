# SPDX-License-Identifier: GPL-2.0-only
# IOMMU groups: a series for Linux 6.12. 'make help' tells what can be made; each target is a
# script of the same name or nearly so in scripts/.

# Shell commands and QEMU arguments may hold a dollar sign that is not make's: pass them on as typed
define literal
ifneq ($(filter command environment,$(firstword $(origin $(1)))),)
override $(1) := $$(value $(1))
export $(1)
endif
endef
$(foreach name,GUEST_CMD TOPOLOGY QEMU_ARGS APPEND,$(eval $(call literal,$(name))))

S := scripts

# Kernel developers may have ARCH in their environment for other work
ifneq ($(filter-out x86 x86_64,$(ARCH)),)
ifneq ($(filter-out run shell kernel kunit help packages source tree refresh series clean distclean lsiommu,\
	$(or $(MAKECMDGOALS),run)),)
$(error ARCH=$(ARCH) is for run, shell, kernel and kunit; for the tests: make test TEST=arm64)
endif
endif

.PHONY: run test help shell kernel tree refresh accept-base series check bisect-check config-check randconfig-check \
	cross-check versions-check fresh-check kunit coverage bench profile \
	stress fuzz lsiommu deb iommufd iommufd-results packages source clean distclean

run: tree
	@$S/run

test: tree
	@$S/test

help:
	@$S/help

shell: tree
	@INTERACTIVE=1 $S/run

kernel: tree
	@$S/build-kernel >/dev/null

kunit: tree
	@$S/kunit$(if $(filter um,$(ARCH)),-um)

coverage: tree
	@$S/coverage

bench: tree
	@$S/bench

profile: tree
	@$S/profile

stress: tree
	@$S/stress

fuzz: tree
	@$S/fuzz

lsiommu: packages
	@$S/build-lsiommu

deb: tree
	@$S/deb

iommufd: tree
	@$S/iommufd-selftests

iommufd-results: tree
	@$S/iommufd-results

series: tree
	@$S/write-series

check: tree
	@$S/check

bisect-check: tree
	@$S/bisect-check

config-check: tree
	@$S/config-check

randconfig-check: tree
	@N=$${N:-50} $S/config-check

cross-check: tree
	@$S/cross-check

versions-check: tree
	@$S/check-versions

fresh-check: packages
	@$S/fresh-check

tree: source
	@$S/compose

accept-base: source
	@$S/compose --accept

refresh: tree-as-it-is
	@$S/refresh

.PHONY: tree-as-it-is
tree-as-it-is:
	@test -e build/linux/.git || { echo "error: there is no build/linux yet; type 'make tree'" >&2; exit 1; }

source: packages
	@$S/fetch

packages:
	@$S/install-packages

clean:
	rm -rf build

distclean: clean
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/iommu-groups"
