#!/bin/sh
# The package cache of all labs: packages.sh IMAGE FOLDER PORT
# apt-cacher-ng from the lab's host image, so nothing is installed on the machine. It is the only
# process of the lab that uses the machine's network. It listens on loopback only (PORT; its own
# unix socket answers nothing), and socat carries FOLDER/run/socket, which labs have, to there.
# It has its own configuration folder: Debian's would send every request to a mirror of its
# choice (Remap lines) instead of the one that was asked for.
set -eu

image=$1 folder=$2 port=$3
configuration=$(dirname "$(readlink -f "$0")")/../package-cache
mkdir -p "$folder/cache" "$folder/run" "$folder/log"
rm -f "$folder/run/socket"
# The proxy that the machine's own apt uses, if any.
proxy=$(apt-config dump --no-empty --format '%v%n' Acquire::http::Proxy)

mount --make-rprivate /
mount --bind "$image" "$image"
mount -t proc proc "$image/proc"
mount --bind /etc/resolv.conf "$image/etc/resolv.conf"
mount --bind "$folder/cache" "$image/var/cache/apt-cacher-ng"
mount --bind "$folder/log" "$image/var/log/apt-cacher-ng"
mount -t tmpfs tmpfs "$image/run"
mkdir "$image/run/labs" "$image/run/configuration"
mount --bind "$folder/run" "$image/run/labs"
mount --bind "$configuration" "$image/run/configuration"
mount -t tmpfs tmpfs "$image/dev"
cp -a /dev/null /dev/urandom "$image/dev/"
cd "$image"
chroot . chown -R apt-cacher-ng: /var/cache/apt-cacher-ng /var/log/apt-cacher-ng

[ -z "$proxy" ] || proxy=Proxy=$proxy
chroot --userspec=apt-cacher-ng: . /usr/sbin/apt-cacher-ng -c /run/configuration "Port=$port" \
  ${proxy:+"$proxy"} &
exec chroot . socat UNIX-LISTEN:/run/labs/socket,fork,mode=600 "TCP:127.0.0.1:$port,retry=50,interval=0.1"
