#!/bin/sh
# Builds the root folder that all lab hosts share read-only: host-image.sh FOLDER
# sources.list lines come on stdin. Nothing of it is installed on the machine itself.
set -eu

folder=$1
sources=$(cat)
mirror=$(printf '%s\n' "$sources" | awk '$3 == "bookworm" { print $2; exit }')
packages=tini,openssh-server,lxc,uidmap,ifupdown2,nftables,iptables,ipset,dnsmasq-base,curl,socat,perl
packages=$packages,bind9-dnsutils,bridge-utils,ulogd2,iputils-ping,iproute2,procps,zstd,xz-utils,apt-cacher-ng,ca-certificates

debootstrap --variant=minbase --include="$packages" bookworm "$folder" "$mirror" </dev/null
printf '%s\n' "$sources" >"$folder/etc/apt/sources.list"
rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/*
# Unprivileged containers map their root here; only inside the lab's own hosts.
for file in subuid subgid; do
  echo root:100000:65536 >"$folder/etc/$file"
done
# Host keys and addresses belong to a host, not to the image.
rm -f "$folder"/etc/ssh/ssh_host_* "$folder/etc/hostname"
: >"$folder/etc/resolv.conf"

# Proxmox's own build of ifupdown2 differs from Debian's in two ways that programs depend on: a
# reload leaves guests' ports in their bridge, and its state is kept in /run.
bridge=usr/share/ifupdown2/addons/bridge.py
old="get_attr_value_first('bridge-ports-condone-regex')"
sed -i "s/$old\$/& or '^(tap|veth|fwpr)[0-9]+'/" "$folder/$bridge"
grep -qF "$old or '^(tap" "$folder/$bridge"
sed -i 's|^state_dir=.*|state_dir=/run/network/|' "$folder/etc/network/ifupdown2/ifupdown2.conf"
grep -qx 'state_dir=/run/network/' "$folder/etc/network/ifupdown2/ifupdown2.conf"
# Compiled now, or else every host would write the new bytecode into its own files.
chroot "$folder" python3 -m compileall -q "/$bridge"
