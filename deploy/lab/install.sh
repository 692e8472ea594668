#!/usr/bin/env bash
# The programs of Debian that the lab needs: a machine to boot, and what makes its disk.
set -euo pipefail
missing=()
for pair in qemu-system-x86_64:qemu-system-x86 mmdebstrap:mmdebstrap cpio:cpio modprobe:kmod \
  mke2fs:e2fsprogs; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "lab: installing ${missing[*]}"
if [ "$(id -u)" -ne 0 ]; then
  echo "lab: this needs root; run: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq \
  --no-install-recommends "${missing[@]}" >/dev/null
