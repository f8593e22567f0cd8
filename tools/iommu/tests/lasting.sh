#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --check: what has devices given to VFIO after each boot, and the way back.
. "$(dirname "$0")/lib.sh"

rule='ACTION=="add", SUBSYSTEM=="pci", KERNEL=='
file='>>/etc/udev/rules.d/10-vfio.rules'
make_root <<'EOS'
group 0 DMA kernel
device pci0000:00/0000:01:00.0 10de 1b80 030000 nouveau 0
device pci0000:00/0000:01:00.1 10de 10f0 040300 snd_hda_intel 0
group 1 DMA kernel
device pci0000:00/0000:02:00.0 8086 10d3 020000 e1000e 1
group 2 DMA kernel
device pci0000:00/0000:03:00.0 8086 10d3 020000 e1000e 2
EOS

lsiommu --check 01:00.0 01:00.1
expect "devices whose IDs no other has go by them, before the drivers of the host" 1 \
	"    # echo 'options vfio-pci ids=10de:1b80,10de:10f0' >>/etc/modprobe.d/vfio.conf" \
	"    # echo 'softdep nouveau pre: vfio-pci' >>/etc/modprobe.d/vfio.conf" \
	"    # echo 'softdep snd_hda_intel pre: vfio-pci' >>/etc/modprobe.d/vfio.conf" \
	'    # echo vfio-pci >/etc/modules-load.d/vfio.conf'
expect "the way back" 1 \
	'  0000:01:00.1, when no guest has it:' \
	'    # echo >/sys/bus/pci/devices/0000:01:00.1/driver_override' \
	'    # echo 0000:01:00.1 >/sys/bus/pci/devices/0000:01:00.1/driver/unbind' \
	'    # echo 0000:01:00.1 >/sys/bus/pci/drivers_probe'
lsiommu --check 01:00.0
expect "a mate is to have a driver that does nothing, which goes by addresses" 1 \
	"    # echo '$rule\"0000:01:00.0\", ATTR{driver_override}=\"vfio-pci\"' $file" \
	"    # echo '$rule\"0000:01:00.1\", ATTR{driver_override}=\"pci-stub\"' $file"
expect_not "and on the way back nothing of it is undone but that" \
	'    # echo >/sys/bus/pci/devices/0000:01:00.1/driver_override'
lsiommu --check 02:00.0
expect "of two cards with one ID the address tells which" 1 \
	'  0000:03:00.0 has the same ID as 0000:02:00.0 (8086:10d3): '\
'vfio-pci.ids would take both, so go by the address' \
	"    # echo '$rule\"0000:02:00.0\", ATTR{driver_override}=\"vfio-pci\"' $file"
lsiommu --check 02:00.0 03:00.0
expect "if both are given away IDs are fine" 1 \
	"    # echo 'options vfio-pci ids=8086:10d3,8086:10d3' >>/etc/modprobe.d/vfio.conf"
mkdir -p "$tmp/root/usr/sbin"
touch "$tmp/root/usr/sbin/driverctl"
lsiommu --check 01:00.0
expect "driverctl is taken where it is" 1 \
	'    # driverctl set-override 0000:01:00.0 vfio-pci' \
	'    # driverctl set-override 0000:01:00.1 pci-stub'
ln -sfn ../../bus/pci/drivers/vfio-pci "$sys/bus/pci/devices/0000:02:00.0/driver"
echo none >"$sys/kernel/iommu_groups/1/dma_owner"
lsiommu --check 02:00.0
expect "what is given already is told the same" 0 "$yes" \
	'    # driverctl set-override 0000:02:00.0 vfio-pci'
# shellcheck disable=SC2016 # as it is printed
expect "and its way back loads a driver, which may never have been there" 0 \
	'    # modprobe $(cat /sys/bus/pci/devices/0000:02:00.0/modalias)'

# As a script would, that takes all commands: they do what removes obstacles, and no more
lsiommu --check 01:00.0
commands=$(sed -n 's/^    //p' <<<"$output" | sed '/^#/d')
report "$([[ $(wc -l <<<"$commands") -eq 5 && $commands != *driverctl* ]] &&
	echo true || echo false)" "commands of later are none for a shell"

conclude
