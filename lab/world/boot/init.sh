#!/bin/sh
# Process 1 of a lab host: init.sh IMAGE FOLDER NAME [SOURCE:TARGET…]
# Makes the host's root (an overlay on IMAGE that keeps every change in FOLDER/upper, and SOURCE
# bound to TARGET in it), moves into it and becomes tini. All mounts end with the namespace.
# FOLDER/init.pid, the init's id as the machine counts, is written last: it says "booted".
set -eu

image=$1 folder=$2 name=$3
shift 3
root=$folder/root
# /proc is still the machine's, so this is the machine's number for this process.
read -r pid _ </proc/self/stat

mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$image,upperdir=$folder/upper,workdir=$folder/work" "$root"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir -p "$root/dev/pts" "$root/dev/shm" "$root/dev/net"
# What systemd-tmpfiles would make; without its folder ifreload says that another one is running.
mkdir -p "$root/run/lock" "$root/run/sshd" "$root/run/network"
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
# Loop devices are for guests' disks; more of them are made when they are needed.
for device in null zero full random urandom tty fuse net/tun loop-control; do
  [ -e "/dev/$device" ] && cp -a "/dev/$device" "$root/dev/$device"
done
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"

for bind in "$@"; do
  mkdir -p "$root/${bind#*:}"
  mount --bind "${bind%%:*}" "$root/${bind#*:}"
done

# The cgroup namespace roots these mounts at the host's own groups: it sees no others.
if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  # Version 2 gives controllers only to children of a group that has no processes itself.
  mkdir "$root/sys/fs/cgroup/init.scope"
  echo $$ >"$root/sys/fs/cgroup/init.scope/cgroup.procs"
else
  mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
  while IFS=: read -r _ controllers _; do
    at=/sys/fs/cgroup/${controllers#name=}
    case $controllers in
    '') at=/sys/fs/cgroup/unified ;;
    name=*) controllers="none,$controllers" ;;
    esac
    [ -e "$at/cgroup.procs" ] || continue
    mkdir -p "$root$at"
    if [ -z "$controllers" ]; then
      mount -t cgroup2 cgroup2 "$root$at"
    else
      mount -t cgroup -o "$controllers" cgroup "$root$at"
    fi
  done </proc/self/cgroup
fi

echo "$name" >/proc/sys/kernel/hostname
mount -t proc proc "$root/proc"
cd "$root"
pivot_root . mnt
cd /
ip link set lo up
echo "$pid" >"/mnt$folder/init.pid.new"
mv "/mnt$folder/init.pid.new" "/mnt$folder/init.pid"
umount -l /mnt
# A daemon of the host must not hang on this terminal or on the caller's pipes.
exec tini -- sleep infinity </dev/null >/dev/null 2>&1
