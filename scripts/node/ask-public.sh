#!/usr/bin/env bash
# Asks about guests with an interface of their own on the LAN; changes nothing.
#
#   ask-public.sh inside VMID INNER             what the guest itself sees; INNER is an address on its inner side
#   ask-public.sh open VMID|- ADDRESS PORT...   the ports that open, asked in a guest, or from the node (`-`)
#
# `inside` prints lines of a word and a value: address, mac, listens, default, rule, inner.
export program=ask-public.sh

main() {
  local verb=${1:?verb}
  shift
  case $verb in
  inside) inside "$@" ;;
  open) open_ports "$@" ;;
  *) die "unknown verb $verb" ;;
  esac
}

inside() { # VMID INNER
  pct exec "$1" -- sh -s -- "$2" <<'END'
ip -4 -o address show dev eth1 2>/dev/null | awk '{ print "address", $4 }'
[ ! -e /sys/class/net/eth1/address ] || printf 'mac %s\n' "$(cat /sys/class/net/eth1/address)"
ss -Hltn | awk '{ print "listens", $4 }'
ip -4 route show default | awk '{ sub("^default ", ""); sub(" *$", ""); print "default", $0 }'
ip -4 rule show | awk '/lookup 100[01]/ { sub("^[0-9]*:[ \t]*", ""); sub(" *$", ""); print "rule", $0 }'
[ "$1" = - ] || ip -4 -o route get "$1" | awk '{ print "inner", $0 }'
END
}

# A port that is filtered never answers, so each is asked at the same time as the others.
open_ports() { # VMID|- ADDRESS PORT...
  local vmid=$1 run=(sh)
  shift
  [ "$vmid" = - ] || run=(pct exec "$vmid" -- sh)
  "${run[@]}" -s -- "$@" <<'END' | sort -n
address=$1
shift
opens() { # PORT
  if command -v bash >/dev/null; then
    timeout 3 bash -c ": </dev/tcp/$address/$1" 2>/dev/null
  else
    timeout 3 nc "$address" "$1" </dev/null >/dev/null 2>&1
  fi
}
for port in "$@"; do
  { opens "$port" && echo "$port"; } &
done
wait
END
}

main "$@"
