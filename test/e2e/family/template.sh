#!/bin/sh
# Builds a template that OpenRC starts, from Debian's packages, since Alpine's cannot be had everywhere:
# template.sh FILE WORK_FOLDER APT_PROXY_URL; sources.list lines come on stdin, as for the lab's own.
# BusyBox is its init, its DHCP client and its nslookup, as in Alpine; what rootfs/ holds stands in for
# the rest of Alpine: apk, and the scripts of its -openrc packages.
set -eu

file=$1 folder=$2 proxy=$3
sources=$(cat)
mirror=$(printf '%s\n' "$sources" | awk '$3 == "bookworm" { print $2; exit }')
packages=openrc,busybox,udhcpc,ifupdown,iproute2,iputils-ping,libcap2-bin,netbase,procps,ca-certificates

debootstrap --variant=minbase --include="$packages" bookworm "$folder" "$mirror" </dev/null
# The proxy speaks TLS to a mirror itself, when asked in this form.
printf '%s\n' "$sources" | sed 's|https://|http://HTTPS///|' >"$folder/etc/apt/sources.list"
echo "Acquire::http::Proxy \"$proxy\";" >"$folder/etc/apt/apt.conf.d/90lab-proxy"
rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/*
rm -f "$folder/etc/hostname" "$folder/etc/resolv.conf"

# Scripts of systems that systemd or sysvinit starts would only be in the way.
rm -f "$folder"/etc/init.d/* "$folder"/etc/runlevels/*/*
cp -R "$(dirname "$0")/rootfs/." "$folder/"
ln -sf /bin/busybox "$folder/sbin/init"
ln -sf /bin/busybox "$folder/usr/bin/nslookup"
ln -s /etc/init.d/networking "$folder/etc/runlevels/boot/networking"
printf 'auto lo\niface lo inet loopback\n' >"$folder/etc/network/interfaces"
# Device nodes cannot be unpacked by an unprivileged container's root; LXC makes its own.
tar --create --directory "$folder" --numeric-owner --owner=0 --group=0 --xattrs --exclude './dev/*' . |
  zstd -q -T0 -f -o "$file"
rm -rf "$folder"
