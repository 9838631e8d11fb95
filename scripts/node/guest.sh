#!/usr/bin/env bash
# Carries a bundle of files into a running container and runs one of its scripts there.
#
#   guest.sh apply VMID TAG SCRIPT ARGS...       the bundle follows on stdin (render/bundle.ts)
#   guest.sh attempt N VMID TAG SCRIPT ARGS...   the same, but a failure is told on stdout and gone on from
#   guest.sh proceed N VMID TAG SCRIPT ARGS...   the same, only if the attempt before it did not fail
#   guest.sh release VMID TAG NAME               fails when VMID is a guest that this stack did not create
#   guest.sh leave BRIDGE VMID TAG NAME          the same, and fails while a guest without TAG uses the bridge
#
# The engine runs the last two before Proxmox deletes the container, of which it knows the VMID alone.
#
# Sourced by load.sh, behind a line that says where the guests' scripts are, which of them go along, and in which
# network the guest's inner address has to be; empty where nobody knows.
# One `pct exec` for everything: on a real node each costs the start of a Perl program.
# shellcheck disable=SC2154 # scripts, family, parts and network are from that line
export program=guest.sh
# Seconds: the packages of a large app take minutes to fetch.
limit=1800

main() {
  local verb=${1:?verb}
  shift
  case $verb in
  apply)
    refuse_if_foreign "$1" "$2"
    apply "$@"
    ;;
  attempt | proceed) go_on "$verb" "$@" ;;
  release) release "$@" ;;
  leave)
    refuse_if_used "$1" "$3"
    shift
    release "$@"
    ;;
  *) die "unknown verb $verb" ;;
  esac
}

# The provider takes a guest that it finds under the VMID for its own (docs/adr); this does not.
refuse_if_foreign() { # VMID TAG
  [ -e "/etc/pve/lxc/$1.conf" ] ||
    die "there is no container $1 on this node, though one was made. Was it removed by hand? It is made again by: pulumi up --refresh"
  is_own "/etc/pve/lxc/$1.conf" "$2" ||
    die "container $1 is not the one that this stack created: $(why_foreign "$@"). It was not touched. Choose another VMID; then run: make up"
}

why_foreign() { # VMID TAG [NAME]
  local conf=/etc/pve/lxc/$1.conf line
  if ! has_tag "$conf" "$2"; then
    printf 'it does not carry the tag %s' "$2"
  elif line=$(sed -n "/^\[/q; s|^#\($2/.*\)|\1|p" "$conf") && [ -n "$line" ]; then
    printf 'its description says %s, as that of a copy or a restored backup does' "$line"
  else
    printf 'its host name is not %s, and its description has no line %s/%s/%s' "${3:-}" "$2" "$1" "${3:-}"
  fi
}

release() { # VMID TAG NAME
  local conf=/etc/pve/lxc/$1.conf
  [ -e "$conf" ] || return 0
  is_own "$conf" "$2" "${3:-}" ||
    die "container $1 is not the one that this stack created: $(why_foreign "$@"). It was not touched. To go on without it, run: make up, or make destroy. Both remove it from the state first"
}

# Containers of an older release have no line of their stack in their description yet.
mark() { # VMID TAG
  local conf=/etc/pve/lxc/$1.conf
  ! grep -q "^#$2/$1/" "$conf" || return 0
  MARK="#$2/$1/$(sed -n '/^\[/q; s/^hostname: *//p' "$conf")" rewrite "$1" awk '
    !done && !/^#/ { print ENVIRON["MARK"]; done = 1 }
    { print }
  '
}

apply() {
  local vmid=${1:?vmid} tag=${2:?tag} script=${3:?script} said status=0
  shift 3
  # Not local: the trap runs after this function has returned.
  bundle=$(mktemp -d /run/proximity.XXXXXX)
  trap 'rm -rf "$bundle"' EXIT
  unpack "$bundle"
  take_scripts "$bundle/scripts"
  mark "$vmid" "$tag"
  say_unfiltered "$vmid"
  apply_pending "$vmid"
  said=$(run "$vmid" "$script" "$@") || status=$?
  # Checked only now, since it costs another start of a Perl program.
  if [ "$status" != 0 ] && [ "$status" != 124 ] && ! is_running "$vmid"; then
    start "$vmid"
    status=0
    said=$(run "$vmid" "$script" "$@") || status=$?
  fi
  [ "$status" != 124 ] ||
    die "container $vmid: $script did not end within $((limit / 60)) minutes. See what it waits for: pct exec $vmid -- ps -ef"
  [ "$status" = 0 ] || return "$status"
  check_observation "$vmid" "$(without_notices "$said")" "$script" "$@"
  [ -z "$said" ] || printf '%s\n' "$said"
}

run() { # VMID SCRIPT ARGS...
  local vmid=$1 receive
  shift
  receive=$(cat "$scripts/guest/receive.sh")
  {
    tar -C "$bundle" --owner=0 --group=0 -cf - . |
      in_guest "$limit" "$vmid" sh -c "$receive" receive "$@" 2>&1 >&3 3>&- |
      plain 100000 >&2
  } 3>&1 | plain 4096
}

# The program reports them, and bounds them (model/notices.ts).
without_notices() { # TEXT
  sed '/^info\t[0-9]\{1,12\}\t/d' <<<"$1"
}

# What a guest says of itself becomes part of the state and of the outputs. So it has the form that its script
# prints (model/observed.ts), and an address where it can be.
check_observation() { # VMID TEXT SCRIPT ARGS...
  local vmid=$1 said=$2 script=$3 inside=$network shape public octet address seen
  shift 3
  octet='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
  address="\"$octet(\\.$octet){3}\""
  public="\"publicAddress\":($address|\"\"),\"publicMac\":\"[0-9a-f:]{0,17}\""
  case $script in
  app.sh)
    # Without a gateway it is on the LAN.
    [ -n "${1-}" ] || inside=
    shape="\\{\"address\":$address,\"listening\":(true|false),$public\\}"
    public=${4-}
    ;;
  guest.sh) shape="\\{\"address\":$address,$public,\"openPorts\":\\[([0-9]{1,5}(,[0-9]{1,5})*)?\\]\\}" public=${1-} ;;
  appliance-services.sh) shape="\\{\"wanAddress\":$address,\"lanAddress\":$address\\}" public= ;;
  *) shape='' public= ;;
  esac
  [[ $said =~ ^$shape$ ]] ||
    die "container $vmid: $script printed '${said:0:200}' where its observations belong. Somebody in that container may have replaced a command that the script uses; nothing it said is kept"
  seen=$(field address "$said")$(field lanAddress "$said")
  [ -z "$inside" ] || [ -z "$seen" ] || is_in "$inside" "$seen" ||
    die "container $vmid: $script says that its address is $seen, which is not in $inside"
  # An interface that somebody added by hand may have any.
  [ -z "$public" ] || [ "$(field publicAddress "$said")" = "${public%/*}" ] ||
    die "container $vmid: $script says that its public address is $(field publicAddress "$said") instead of ${public%/*}"
}

field() { # NAME JSON
  ! [[ $2 =~ \"$1\":\"([^\"]*)\" ]] || printf '%s' "${BASH_REMATCH[1]}"
}

is_in() { # ADDRESS/PREFIX ADDRESS
  local mask=$((0xffffffff << (32 - ${1#*/}) & 0xffffffff))
  [ $(($(number_of "${1%/*}") & mask)) = $(($(number_of "$2") & mask)) ]
}

number_of() { # ADDRESS
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  printf '%s' $((a << 24 | b << 16 | c << 8 | d))
}

# A first start that failed, or an update that was cut off between a stop and a deletion.
start() { # VMID
  inform "container $1 was not running; it is started"
  pct start "$1" </dev/null >&2 ||
    die "container $1 does not start (output above). Correct the cause, then run this again. Its configuration: pct config $1"
  is_running "$1" || die "container $1 stopped right after its start. Its log: pct start $1 --debug"
}

# What Proxmox keeps until the next start was declared, and every reading of the API calls it done.
apply_pending() { # VMID
  local keys
  keys=$(pending_keys "/etc/pve/lxc/$1.conf" | xargs)
  [ -n "$keys" ] && is_running "$1" || return 0
  inform "container $1 restarts, since it still runs without its new $keys"
  pct reboot "$1" </dev/null >&2 || die "container $1 does not restart (output above)"
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
