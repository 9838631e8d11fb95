#!/usr/bin/env bash
# Runs receive.sh as the guest of a node would: sandbox.sh ROOT busybox|host RESULT SCRIPT ARGS...
# ROOT is a folder that becomes the guest's root, the bundle comes as tar on stdin. Its commands are
# BusyBox's alone or this machine's; those in ROOT/usr/local/sbin stand before them. Everything is in
# namespaces of its own, so that no root is needed and nothing reaches this machine.
set -euo pipefail
root=$1 userland=$2 script=$3
shift 3

if [ "${INSIDE:-}" != yes ]; then
  INSIDE=yes exec unshare --user --map-root-user --mount --net "$0" "$root" "$userland" "$script" "$@"
fi

bind() { # FOLDER OPTIONS...
  local folder=$1
  shift
  mkdir -p "$root$folder"
  mount --rbind "$folder" "$root$folder"
  [ "$#" = 0 ] || mount -o "remount,bind,$*" "$root$folder"
}

bind /proc
bind /dev
case $userland in
busybox)
  # The flavour that honours PATH, as Alpine's does; with the libraries that it wants.
  mkdir -p "$root/bin"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for library in $(ldd "$root/bin/busybox" | grep -o '/lib[^ ]*'); do
    mkdir -p "$root$(dirname "$library")"
    cp "$library" "$root$library"
  done
  chroot "$root" /bin/busybox --install -s /bin
  # Debian's BusyBox has no flock, Alpine's has one that knows no -w.
  cat >"$root/bin/flock" <<'FLOCK'
#!/bin/sh
[ "$1" = -n ] && [ "$#" = 2 ]
FLOCK
  chmod 755 "$root/bin/flock"
  ;;
host)
  # All but sbin, into which Debian's script writes for a while.
  for folder in /usr/bin /usr/lib /usr/lib64 /etc/alternatives; do [ ! -e "$folder" ] || bind "$folder" ro; done
  for folder in bin sbin lib lib64; do
    [ ! -L "/$folder" ] || [ -e "$root/$folder" ] || ln -s "usr/$folder" "$root/$folder"
  done
  ;;
esac

ip link set lo up
join() { # INTERFACE PEER ADDRESS
  ip link add "$1" type veth peer name "$2"
  ip link set "$1" up
  ip link set "$2" up
  ip address add "$3" dev "$1"
}
join eth0 peer0 10.20.0.101/24
case $script in appliance-*) join eth1 peer1 10.30.0.1/24 ;; esac
ip route add default via 10.20.0.1
# As at boot; the network is a new one for each run.
if [ -e "$root/etc/sysctl.d/60-proximity.conf" ]; then
  for switch in ip_forward tcp_migrate_req; do echo 1 >"/proc/sys/net/ipv4/$switch"; done
fi
# What the daemons would listen on, by a process in the same network.
"$(command -v node)" -e '
  const net = require("node:net"), dgram = require("node:dgram"), fs = require("node:fs");
  const file = process.argv[1] + "/listening";
  const wanted = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
  let left = wanted.length;
  const done = () => --left > 0 || fs.writeFileSync(process.argv[1] + "/ready", "");
  for (const [kind, port, host] of wanted.map((line) => line.split(" ")))
    if (kind === "tcp") net.createServer().listen(Number(port), host, done);
    else if (kind === "from") net.connect({ localPort: Number(port), port: 8080, host, localAddress: host }, done);
    else dgram.createSocket("udp4").bind(Number(port), done);
  if (wanted.length === 0) done();
' "$root" </dev/null &
listener=$!
trap 'kill "$listener"' EXIT
until [ -e "$root/ready" ]; do sleep 0.02; done

status=0
chroot "$root" /bin/sh -c "$(cat "$(dirname "$0")/../../../scripts/guest/receive.sh")" receive "$script" "$@" || status=$?
exit "$status"
