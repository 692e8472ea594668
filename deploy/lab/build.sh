#!/usr/bin/env bash
# Builds the machine of the hardware lab: Debian's kernel with its virtual camera, Bluetooth and
# sound drivers, and a small root file system. What is there already is not built again: each part
# lies in a folder named by the hash of all that it is made of.
#   build.sh CACHE DENO     prints the folder that holds vmlinuz and rootfs.cpio
set -euo pipefail
cache=$1 deno=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
suite=bookworm
packages=dbus,bluez,bluez-test-tools,v4l-utils,libdbus-1-3,libasound2,kmod,udev,systemd,iproute2
modules=(virtio_pci 9p 9pnet_virtio overlay virtio_blk virtio_net ext4 vivid hci_vhci af_alg
  algif_hash algif_skcipher ecb cmac aes_generic ecdh_generic uhid snd-aloop)

say() { echo "lab: $*" >&2; }
hash() { sha256sum | cut -c1-16; }

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
bash "$here/install.sh" >&2

# The slow part: packages, unpacked.
kernel=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends:/{print $2; exit}')
if [ -z "$kernel" ]; then
  apt-get update -qq >&2
  kernel=$(apt-cache depends linux-image-amd64 | awk '/Depends:/{print $2; exit}')
fi
release=${kernel#linux-image-}
base=$cache/base-$(echo "$suite $packages $kernel" | hash)
if [ ! -e "$base/done" ]; then
  say "unpacking $kernel and $packages (a minute)"
  rm -rf "$base"
  mkdir -p "$base/deb"
  (cd "$base/deb" && apt-get download -qq "$kernel" >/dev/null 2>&1) || {
    apt-get update -qq >&2
    (cd "$base/deb" && apt-get download -qq "$kernel" >&2)
  }
  dpkg -x "$base"/deb/*.deb "$base/kernel"
  rm -r "$base/deb"
  [ -s "$base/kernel/lib/modules/$release/modules.dep" ] || depmod -b "$base/kernel" "$release"
  mmdebstrap --quiet --mode=root --variant=essential --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    "$suite" "$base/root" >&2
  rm -rf "$base"/root/var/lib/apt/lists/* "$base"/root/var/cache/{apt,debconf}/*
  touch "$base/done"
fi

# What changes with the project: the system files it ships, the first process, Deno.
ours=("$here/build.sh" "$here/init" "$here/devices" "$here/lab-orders.service" "$here"/../system/*)
sums=$(sha256sum "${ours[@]}" "$deno" | cut -d' ' -f1)
made=$cache/lab-$(echo "$base" "${modules[@]}" "$sums" | hash)
if [ ! -e "$made/done" ]; then
  say "packing the root file system"
  rm -rf "$made"
  mkdir -p "$made"
  cp -a "$base/root" "$made/root"
  for module in "${modules[@]}"; do
    modprobe -d "$base/kernel" -S "$release" --show-depends "$module" || true
  done 2>/dev/null | awk '$1 == "insmod" {print $2}' | sort -u | while read -r file; do
    install -D -m 644 "$file" "$made/root/${file#"$base"/kernel/}"
  done
  cp "$base/kernel/lib/modules/$release"/modules.{order,builtin,builtin.modinfo} \
    "$made/root/lib/modules/$release/"
  depmod -b "$made/root" "$release"
  install -m 755 "$deno" "$made/root/usr/local/bin/deno"
  install -m 755 "$here/init" "$here/devices" "$made/root/"
  install -m 644 "$here/lab-orders.service" "$here"/../system/*.service \
    "$made/root/etc/systemd/system/"
  for rules in "$here"/../system/*.rules; do
    install -m 644 "$rules" "$made/root/etc/udev/rules.d/"
  done
  for policy in "$here"/../system/*.conf; do
    [ -e "$policy" ] && install -m 644 "$policy" "$made/root/etc/dbus-1/system.d/"
  done
  # The gateway's user, as the installation makes it.
  chroot "$made/root" groupadd --system gpio
  chroot "$made/root" useradd --system --create-home --groups video,audio,dialout,gpio saunter
  (cd "$made/root" && find . -xdev -print0 | cpio --null --quiet -o -H newc) >"$made/rootfs.cpio"
  rm -rf "$made/root"
  cp "$base/kernel/boot/vmlinuz-$release" "$made/vmlinuz"
  touch "$made/done"
fi
echo "$made"
