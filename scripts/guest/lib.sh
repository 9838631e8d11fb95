# shellcheck shell=sh
# Sourced by the guest scripts; they run in the unpacked bundle, as root, with sh.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
program=$(basename "$0")

die() {
  printf '%s: %s\n' "$program" "$*" >&2
  exit 1
}

note() {
  printf '%s: %s\n' "$program" "$*" >&2
}

# Waits until a command succeeds, at most SECONDS.
wait_until() { # SECONDS COMMAND...
  limit=$(($1 * 5))
  shift
  while ! "$@"; do
    limit=$((limit - 1))
    [ "$limit" -gt 0 ] || return 1
    sleep 0.2
  done
}

# IPv4 address of an interface, without prefix; nothing when it has none.
address_of() { # INTERFACE
  ip -4 -o address show dev "$1" scope global | awk '{ sub("/.*", "", $4); print $4; exit }'
}

has_address() { # INTERFACE
  [ -n "$(address_of "$1")" ]
}

has_route() {
  [ -n "$(ip -4 route show default)" ]
}

wait_for_address() { # INTERFACE
  wait_until 20 has_address "$1" && return 0
  # The guest's own start may have asked while nobody answered, and have given up since.
  is_starting || ask_again "$1"
  wait_until 60 has_address "$1" ||
    die "$1 has no IPv4 address and gets none. Does the network behind it answer DHCP? Its log: journalctl -u networking"
}

wait_for_network() { # INTERFACE
  wait_for_address "$1"
  wait_until 15 has_route ||
    die "there is no default route although $1 has the address $(address_of "$1"). Which router does the network announce?"
}

ask_again() { # INTERFACE
  note "$1 has no IPv4 address; it is taken down and up"
  # What is not up needs no taking down, and whether it came up is looked at by whoever called.
  ifdown --force "$1" >network.log 2>&1 || :
  timeout 70 ifup "$1" >>network.log 2>&1 || :
}

is_installed() { # PACKAGE
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_enabled() { # SERVICE
  systemctl -q is-enabled "$1" 2>/dev/null
}

# A service that somebody masked has to be unmasked first.
keep_enabled() { # SERVICE
  is_enabled "$1" || { systemctl -q unmask "$1" && systemctl -q enable "$1"; }
}

is_running() { # SERVICE
  systemctl -q is-active "$1"
}

# Whether the guest's own start has not ended yet.
is_starting() {
  case $(systemctl is-system-running) in
  initializing | starting) return 0 ;;
  *) return 1 ;;
  esac
}

missing_packages() { # PACKAGE...
  for package in "$@"; do
    is_installed "$package" || printf '%s ' "$package"
  done
}

# Installs what is missing and nothing else; services are started by whoever configures them.
install_packages() { # PACKAGE...
  # An update that was killed may have left it, and then no package would ever start a service again.
  rm -f /usr/sbin/policy-rc.d
  # An install that was cut off leaves packages half configured; apt refuses to go on before this.
  if [ -n "$(dpkg --audit)" ]; then
    note "finishing an interrupted installation"
    dpkg --configure -a >&2
  fi
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  note "installing $missing"
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 0755 /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  wait_until 300 update_lists || die "another apt has held the package lists for 5 minutes: $(tail -n 1 apt.log)"
  # shellcheck disable=SC2086 # a list of names without blanks
  apt_get install --no-install-recommends -o Dpkg::Options::=--force-confold $missing ||
    die "apt-get could not install $missing; its words are above"
  rm -f /usr/sbin/policy-rc.d
  trap - EXIT
}

# Fails while another apt holds the lists, as Debian's daily timer does; apt waits for dpkg's lock alone.
update_lists() {
  # Without the mode, apt takes a mirror that does not answer for success, with old lists or none.
  apt_get -o APT::Update::Error-Mode=any update 2>apt.words && return 0
  grep -q 'lists/lock' apt.log && return 1
  cat apt.words >&2
  die "apt-get update failed; its words are above. Does the guest reach its package mirror?"
}

# Silent when all goes well; what apt said last when not.
apt_get() {
  apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >apt.log 2>&1 && return 0
  tail -n 25 apt.log >&2
  return 1
}

# Paths that were placed and not yet taken into use. An update that is cut off between the two leaves
# them here, or the next one would see nothing to do while the daemon still runs with the old file.
# One list a script: what one of them left undone, another does not know of.
unused=/var/lib/proximity/unused-$program

# Files of the bundle that differ from what is in place or in use, as paths without the leading slash.
changed_files() {
  [ -d files ] || return 0
  (cd files && find . -type f) | sed 's|^\./||' | sort | while IFS= read -r path; do
    if ! cmp -s "files/$path" "/$path" || ! same_mode "files/$path" "/$path" ||
      { [ -e "$unused" ] && grep -qxF "$path" "$unused"; }; then
      printf '%s\n' "$path"
    fi
  done
}

same_mode() { # PATH PATH
  [ "$(stat -c %a "$1")" = "$(stat -c %a "$2")" ]
}

# Notes what this script has seen to, so that a look can tell when it is no longer so (look.sh).
kept() { # package|enabled|running|switches|rules NAME...
  what=$1
  shift
  for name in "$@"; do printf '%s %s\n' "$what" "$name" >>kept; done
}

# Asks caddy about a configuration; its complaints are in check.log. As root it would leave files in
# root's home and in the folder of logs.
check_caddy() { # CADDYFILE
  mkdir -p caddy-home
  HOME=$PWD/caddy-home XDG_DATA_HOME='' XDG_CONFIG_HOME='' caddy validate --adapter caddyfile --config "$1" >check.log 2>&1 || return 1
  chown -R caddy:caddy /var/log/caddy
}

# Says that all daemons run with what is in place.
all_in_use() {
  rm -f "$unused"
}

# Puts a file of the bundle in place by rename, the old one kept under old/.
place_file() { # PATH
  # The bundle is private, the folders of the guest are not.
  (umask 022 && mkdir -p "/$(dirname "$1")" "$(dirname "$unused")")
  printf '%s\n' "$1" >>"$unused"
  mkdir -p "old/$(dirname "$1")"
  [ ! -e "/$1" ] || cp -p "/$1" "old/$1"
  cp -p "files/$1" "/$1.proximity-new"
  mv "/$1.proximity-new" "/$1"
}

# Puts back what was there before place_file.
restore_file() { # PATH
  if [ -e "old/$1" ]; then
    cp -p "old/$1" "/$1.proximity-new"
    mv "/$1.proximity-new" "/$1"
  else
    rm -f "/$1"
  fi
}
