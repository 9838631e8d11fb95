#!/usr/bin/env bash
# Lists the guests of the cluster from their configurations in /etc/pve, which every node has; changes
# nothing: guests.sh TAG. Prints per guest the word `guest` and, with tabs between:
#
#   VMID NODE NAME own|foreign MARK LOCK BRIDGES MACS ORIGIN STATE PENDING DISK
#
#   MARK     the name in the stack's line of its description
#   ORIGIN   the VMID in that line, which a copy has from its original
#   STATE    running or stopped, PENDING settings that wait for its next start, DISK total and used bytes of
#            its root file system: of this stack's containers on this node alone
export program=guests.sh

main() {
  local tag=${1:?tag} conf here
  here=/etc/pve/nodes/$(hostname)/lxc
  for conf in /etc/pve/nodes/*/lxc/*.conf /etc/pve/nodes/*/qemu-server/*.conf; do
    [ -e "$conf" ] || continue
    if ! is_own "$conf" "$tag"; then
      list "$conf" "$tag" foreign
    elif [ "${conf%/*}" = "$here" ]; then
      list "$conf" "$tag" own "$(state_of "$conf")"
    else
      list "$conf" "$tag" own
    fi
  done
}

list() { # CONFIGURATION TAG OWNER [STATE]
  local line vmid=${1##*/} node=${1#/etc/pve/nodes/} name="" mark="" lock="" bridges="" macs="" origin=""
  vmid=${vmid%.conf}
  node=${node%%/*}
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    '['*) break ;;
    "#$2/"*)
      origin=${line#"#$2/"}
      origin=${origin%%/*}
      if [ "$origin" = "$vmid" ]; then mark=${line#"#$2/$vmid/"}; fi
      ;;
    hostname:* | name:*) name=${line#*: } ;;
    lock:*) lock=${line#lock: } ;;
    net[0-9]*)
      if [[ $line =~ (^|[,=\ ])([0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}) ]]; then macs+=" ${BASH_REMATCH[2]^^}"; fi
      if [[ $line =~ bridge=([^,]*) ]]; then bridges+=" ${BASH_REMATCH[1]}"; fi
      ;;
    lxc.net.*.link*) bridges+=" ${line##*[ :=]}" ;;
    esac
  done <"$1"
  printf 'guest\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$vmid" "$node" "$name" "$3" "$mark" "$lock" \
    "${bridges# }" "${macs# }" "$origin" "${4:-$'\t\t'}"
}

# STATE, PENDING and DISK with tabs between. Without pct, whose every call starts Perl for a second; the
# node sees the file system of a container through its init, as Proxmox's own status does.
state_of() { # CONFIGURATION
  local vmid=${1##*/} pid pending
  vmid=${vmid%.conf}
  pending=$(pending_keys "$1" | xargs)
  if pid=$(lxc-info --name "$vmid" --pid --no-humanize 2>/dev/null) && [ "${pid:-0}" -gt 0 ]; then
    printf 'running\t%s\t%s\n' "$pending" "$(disk_of "$pid")"
  else
    # What waits for its next start comes with it.
    printf 'stopped\t\t\n'
  fi
}

disk_of() { # PID
  local size total available
  # Not there any more when the container has just stopped.
  read -r size total available < <(stat -f -c '%S %b %a' "/proc/$1/root/" 2>/dev/null) || return 0
  printf '%s %s' "$((size * total))" "$((size * (total - available)))"
}

main "$@"
