# shellcheck shell=sh
# Sourced by the guest scripts; they run in the unpacked bundle, as root, with sh.
# What differs between families is in family/, of which a bundle carries one as family.sh.
set -eu
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
program=$(basename "$0")

die() {
  printf '%s: %s\n' "$program" "$*" >&2
  exit 1
}

# Progress. The official command plugin shows stderr only while the script runs.
note() {
  printf '%s: %s\n' "$program" "$*" >&2
}

# For a person: what is worth knowing. receive.sh prints these lines on stdout, from where the program
# reports them (model/notices.ts).
inform() {
  printf 'info\t%s\t%s: %s\n' "$(date +%s)" "$program" "$(printf '%s' "$*" | tr '\n' ' ')" >>"$notices"
}
notices=$PWD/notices

# shellcheck source=family/debian.sh
. "$(dirname "$0")/family.sh"
command -v "$package_manager" >/dev/null ||
  die "this container has no $package_manager: its template is of another family than the declared one. Correct family or template, and make the container anew (another VMID, or a replacement)"

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
    die "$1 has no IPv4 address and gets none. Does the network behind it answer DHCP? Its log: $network_log"
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

missing_packages() { # PACKAGE...
  for package in "$@"; do
    is_installed "$package" || printf '%s ' "$package"
  done
}

# Keeps a service of the declaration running: anew when one of the files `changed`.
run_service() { # SERVICE
  keep_enabled "$1" || die "$1 cannot be enabled"
  if [ -n "$changed" ]; then
    restart_service "$1" || failed "$1"
  else
    is_running "$1" || start_service "$1" || failed "$1"
  fi
}

failed() { # SERVICE
  die "$1 does not start: $(last_words "$1")"
}

listens() { # tcp|udp PORT
  [ -n "$(waiting_on "$1" "$2")" ]
}

# Local addresses of the sockets that wait on a port, in the kernel's own words: no tool for this is
# there in every family, and a kernel without IPv6 has no second file.
waiting_on() { # tcp|udp PORT
  case $1 in
  tcp) state=0A ;; # TCP_LISTEN
  udp) state=07 ;; # bound and not connected
  esac
  cat "/proc/net/$1" "/proc/net/${1}6" 2>/dev/null |
    awk -v port="$(printf %04X "$2")" -v state="$state" \
      '{ split($2, local, ":") } local[2] == port && $4 == state { print local[1] }'
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
  # shellcheck disable=SC2046 # two numbers
  set -- $(stat -c %a "$1" "$2")
  [ "$1" = "$2" ]
}

# Notes what this script has seen to, so that a look can tell when it is no longer so (look.sh).
kept() { # package|enabled|running|switches|rules|filter|file NAME...
  what=$1
  shift
  for name in "$@"; do printf '%s %s\n' "$what" "$name" >>kept; done
}

# What a service of the appliance, which has jq, said last.
last_sentences() { # SERVICE
  last_words "$1" 30 | in_sentences
}

# Caddy logs objects of JSON: their message is meant, and it alone where it says what the error was. Of
# other programs, the last ten lines. Paths are those of the guest, not of the bundle.
in_sentences() { # TEXT on stdin
  jq -Rr '. as $line | try (fromjson | select(.level != "info" and .level != "warn")
    | [.msg, .error] | map(select(. != null)) | join(": ")) catch $line' |
    sed -e 's|^Error: .*HTTP [0-9]*: {"error":"\(.*\)"}$|Error: \1|' -e 's|adapting config using caddyfile: ||' \
      -e 's|loading initial config: ||' -e 's|loading config: ||' -e 's|loading new config: ||' -e 's|files/etc/|/etc/|g' |
    awk 'sub("^Error: ", "") { error = $0 } { line[NR] = $0 }
      END { if (error != "") print error; else for (i = NR > 10 ? NR - 9 : 1; i <= NR; i++) print line[i] }'
}

# Asks caddy about a configuration; its complaints are in check.log. As root it would leave files in
# root's home and in the folder of logs.
check_caddy() { # CADDYFILE
  mkdir -p caddy-home /var/log/caddy
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
