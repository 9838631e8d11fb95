#!/usr/bin/env bash
# Carries a bundle of files into a running container and runs one of its scripts there.
#
#   guest.sh apply VMID TAG SCRIPT ARGS...       the bundle follows on stdin (render/bundle.ts)
#   guest.sh attempt N VMID TAG SCRIPT ARGS...   the same, but a failure is told on stdout and gone on from
#   guest.sh proceed N VMID TAG SCRIPT ARGS...   the same, only if the attempt before it did not fail
#   guest.sh leave BRIDGE TAG VMID               fails while a guest without TAG uses the bridge, or is VMID
#
# Sourced by load.sh, behind a line that says where the guests' scripts are, and which of them go along.
# One `pct exec` for everything: on a real node each costs the start of a Perl program.
# shellcheck disable=SC2154 # scripts, family and parts are from that line
export program=guest.sh

main() {
  local verb=${1:?verb}
  shift
  case $verb in
  apply)
    refuse_if_foreign "$1" "$2"
    apply "$@"
    ;;
  attempt | proceed) go_on "$verb" "$@" ;;
  leave)
    refuse_if_used "$1" "$2"
    [ ! -e "/etc/pve/lxc/$3.conf" ] || refuse_if_foreign "$3" "$2"
    ;;
  *) die "unknown verb $verb" ;;
  esac
}

# The provider takes a guest that it finds under the VMID for its own (docs/adr); this does not.
refuse_if_foreign() { # VMID TAG
  [ -e "/etc/pve/lxc/$1.conf" ] ||
    die "there is no container $1 on this node, though one was made. Was it removed by hand? It is made again by: pulumi up --refresh"
  has_tag "/etc/pve/lxc/$1.conf" "$2" ||
    die "container $1 does not carry the tag $2, so this stack did not make it; it was not touched. Choose another VMID, and take it out of the state with: pulumi state delete"
}

apply() {
  local vmid=${1:?vmid} script=${3:?script}
  shift 3
  # Not local: the trap runs after this function has returned.
  bundle=$(mktemp -d /run/proximity.XXXXXX)
  trap 'rm -rf "$bundle"' EXIT
  unpack "$bundle"
  take_scripts "$bundle/scripts"
  say_unfiltered "$vmid"
  tar -C "$bundle" --owner=0 --group=0 -cf - . |
    pct exec "$vmid" -- sh -c "$(cat "$scripts/guest/receive.sh")" receive "$script" "$@" || {
    local status=$?
    # Asked only now, since it costs another start of a Perl program; pct's own words say less.
    is_running "$vmid" ||
      die "container $vmid is not running, so it cannot be set up. Start it (pct start $vmid) and run this again"
    return "$status"
  }
}

take_scripts() { # FOLDER
  mkdir "$1"
  # shellcheck disable=SC2086 # a list of names
  (cd "$scripts/guest" && cp $parts "$1" && cp "$family" "$1/family.sh")
}

is_running() { # VMID
  pct status "$1" | grep -q 'status: running'
}

# The provider leaves firewall=0 out of an interface that it creates, and writes it whenever one of the
# guest's interfaces changes. Said from the start, it is no change that comes along with another.
say_unfiltered() { # VMID
  [ -z "$(sed -n '/^\[/q; /^net[0-9]*:/ { /[ ,]firewall=/! p }' "/etc/pve/lxc/$1.conf")" ] ||
    rewrite "$1" awk '
      /^\[/ { later = 1 }
      !later && /^net[0-9]+:/ && !/[ ,]firewall=/ { sub(/bridge=[^,]+/, "&,firewall=0") }
      { print }
    '
}

# For a site that falls back (docs/adr/0005-fallback.md): what fails here is told on stdout, so that what
# waits for it can go elsewhere. The mark tells the second script of the first one, the tag the next run.
go_on() { # attempt|proceed N VMID TAG SCRIPT ARGS...
  local verb=$1 number=$2 vmid=$3 status words failure mark
  shift 2
  refuse_if_foreign "$1" "$2"
  mark=/run/proximity.$vmid.failed
  [ "$verb" = proceed ] || rm -f "$mark"
  if [ -e "$mark" ]; then
    cat "$mark"
    return 0
  fi
  words=$(mktemp /run/proximity.XXXXXX)
  # Not as a condition, which would switch -e off inside.
  set +e
  (
    set -e
    apply "$@"
  ) 2>"$words"
  status=$?
  set -e
  cat "$words" >&2
  failure=$(told "$words")
  rm -f "$words"
  [ "$status" != 0 ] || return 0
  note "going on without the private network, as onApplianceFailure says"
  pct set "$vmid" --tags "$(tags_without_attempt "$vmid");attempt-$((number + 1))"
  # The next attempt begins with its first script, which takes this off.
  printf '%s\n' "$failure" >"$mark"
  printf '%s\n' "$failure"
}

# The last words as one line of JSON: enough for those of two starts, the first of which says the cause.
told() { # FILE
  printf '{"failed":"%s"}\n' "$(tail -n 20 "$1" | tr '\n\t' '  ' | tr -d '\000-\037\177' | sed 's/[\\"]/\\&/g; s/ *$//')"
}

tags_without_attempt() { # VMID
  sed -n '/^\[/q; s/^tags: *//p' "/etc/pve/lxc/$1.conf" | sed -E 's/;?attempt-[0-9]+//g; s/^;//'
}

# One compound command, so that bash has read `exit` before main reads the bundle that follows.
{
  main "$@"
  exit
}
