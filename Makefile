# SPDX-License-Identifier: GPL-2.0-only
# IOMMU groups: a series for Linux, and BASE=6.12 or mainline to put it on. 'make help' tells what can be made; each target is a
# script in one of the rooms of scripts/.

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
ifneq ($(filter-out run shell kernel kunit help packages source tree refresh series clean distclean lsiommu lsiommu-deb fuzz-lsiommu,\
	$(or $(MAKECMDGOALS),run)),)
$(error ARCH=$(ARCH) is for run, shell, kernel and kunit; for the tests: make test-all TEST=$(ARCH))
endif
endif

.PHONY: run test test-all help shell kernel tree refresh accept-base series check bisect-check config-check randconfig-check \
	cross-check versions-check fresh-check kunit coverage bench profile \
	stress fuzz lsiommu lsiommu-deb fuzz-lsiommu deb iommufd iommufd-results packages source clean distclean

run: tree
	@$S/guest/run

test test-all: tree
	@$S/test/tier $@

help:
	@$S/help

shell: tree
	@INTERACTIVE=1 $S/guest/run

kernel: tree
	@$S/build/kernel >/dev/null

kunit: tree
	@$S/suites/kunit$(if $(filter um,$(ARCH)),-um)

coverage: tree
	@$S/measure/coverage

bench: tree
	@$S/measure/bench

profile: tree
	@$S/measure/profile

stress: tree
	@$S/suites/stress

fuzz: tree
	@$S/suites/fuzz

lsiommu: packages
	@$S/build/lsiommu

fuzz-lsiommu: packages
	@$S/suites/fuzz-lsiommu

# Without 'packages': it says itself which of the few that it needs are missing
lsiommu-deb:
	@$S/publish/lsiommu-deb

deb: tree
	@$S/publish/deb

iommufd: tree
	@$S/suites/iommufd-selftests

iommufd-results: tree
	@$S/suites/iommufd-results

# Mails go to those who take mainline's patches
series: export BASE := $(or $(BASE),mainline)
series: tree
	@$S/publish/series

check: tree
	@$S/check/style
	@$S/check/compilers

bisect-check: tree
	@$S/check/bisect

config-check: tree
	@$S/check/config

randconfig-check: tree
	@N=$${N:-50} $S/check/config

cross-check: tree
	@$S/check/cross

versions-check: tree
	@$S/check/versions

fresh-check: packages
	@$S/check/fresh

tree: source
	@$S/tree/compose

accept-base: source
	@$S/tree/compose --accept

refresh:
	@$S/tree/refresh

source: packages
	@$S/tree/fetch

packages:
	@$S/build/packages

clean:
	rm -rf build

distclean: clean
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/iommu-groups"
