#!/bin/sh
# Builds the lab's Debian template, a root folder in one file as Proxmox offers it for download:
# template.sh FILE WORK_FOLDER APT_PROXY_URL; sources.list lines come on stdin.
# It holds a part of what Proxmox's own debian-12-standard holds and nothing beyond it, so that a
# program cannot come to depend on what only the lab has.
set -eu

file=$1 folder=$2 proxy=$3
sources=$(cat)
mirror=$(printf '%s\n' "$sources" | awk '$3 == "bookworm" { print $2; exit }')
packages=systemd-sysv,dbus,ifupdown,isc-dhcp-client,iproute2,iputils-ping,netbase,procps
packages=$packages,openssh-server,ca-certificates,cron,logrotate,wget,bind9-host,less,nano

debootstrap --variant=minbase --include="$packages" bookworm "$folder" "$mirror" </dev/null
# The proxy speaks TLS to a mirror itself, when asked in this form.
printf '%s\n' "$sources" | sed 's|https://|http://HTTPS///|' >"$folder/etc/apt/sources.list"
# The only way out of the lab is its package cache.
echo "Acquire::http::Proxy \"$proxy\";" >"$folder/etc/apt/apt.conf.d/90lab-proxy"
rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/*
# No unprivileged container may mount it; unmasked it leaves every guest "degraded".
ln -sf /dev/null "$folder/etc/systemd/system/sys-kernel-debug.mount"
rm -f "$folder"/etc/ssh/ssh_host_* "$folder/etc/hostname" "$folder/etc/resolv.conf" "$folder/etc/machine-id"
: >"$folder/etc/machine-id"
printf 'auto lo\niface lo inet loopback\n' >"$folder/etc/network/interfaces"
# Device nodes cannot be unpacked by an unprivileged container's root; LXC makes its own.
tar --create --directory "$folder" --numeric-owner --xattrs --exclude './dev/*' . |
  zstd -q -T0 -f -o "$file"
rm -rf "$folder"
