#!/usr/bin/env bash
# Carries a bundle of files into a running container and runs one of its scripts there.
#
#   guest.sh apply VMID TAG SCRIPT ARGS...   the bundle follows this script on stdin (render/bundle.ts)
#   guest.sh leave BRIDGE TAG                fails while a guest without TAG uses the bridge
#
# One `pct exec` for everything: on a real node each costs the start of a Perl program.
export program=guest.sh

main() {
  local verb=${1:?verb}
  shift
  case $verb in
  apply) apply "$@" ;;
  leave) refuse_if_used "$@" ;;
  *) die "unknown verb $verb" ;;
  esac
}

apply() {
  local vmid=${1:?vmid} tag=${2:?tag} script=${3:?script}
  shift 3
  # The provider takes a guest that it finds under the VMID for its own (docs/adr); this does not.
  has_tag "/etc/pve/lxc/$vmid.conf" "$tag" ||
    die "container $vmid does not carry the tag $tag, so this stack did not make it; it was not touched. Choose another VMID, and take it out of the state with: pulumi state delete"
  # Not local: the trap runs after this function has returned.
  bundle=$(mktemp -d /run/proximity.XXXXXX)
  trap 'rm -rf "$bundle"' EXIT
  unpack "$bundle"
  pct status "$vmid" | grep -q 'status: running' ||
    die "container $vmid is not running, so it cannot be set up. Start it (pct start $vmid) and run this again"
  tar -C "$bundle" --owner=0 --group=0 -cf - . |
    pct exec "$vmid" -- sh -c "$(cat "$bundle/scripts/receive.sh")" receive "$script" "$@"
}

unpack() {
  local folder=$1 word mode size path
  while IFS=' ' read -r word mode size path; do
    [ "$word" != end ] || return 0
    [ "$word" = file ] || die "the bundle is damaged at '$word'"
    mkdir -p "$folder/$(dirname "$path")"
    # head reads exactly that many bytes, so the next header is still there for read.
    head -c "$size" >"$folder/$path"
    chmod "$mode" "$folder/$path"
    IFS= read -r word
    [ -z "$word" ] || die "the bundle is damaged behind $path"
  done
  die "the bundle ends too early"
}

# One compound command, so that bash has read `exit` before main reads the bundle that follows.
{
  main "$@"
  exit
}
