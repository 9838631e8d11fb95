# shellcheck shell=bash
# Sent in front of every node script: a script read from stdin cannot source its neighbour.
set -euo pipefail

die() {
  printf '%s: %s\n' "${program:-node script}" "$*" >&2
  exit 1
}

# Progress. The official command plugin shows stderr only while the script runs.
note() {
  printf '%s: %s\n' "${program:-node script}" "$*" >&2
}

# For a person: what to do something about, and what is worth knowing. The program reads these lines from
# stdout and reports them (model/notices.ts).
warn() {
  notice warning "$@"
}

inform() {
  notice info "$@"
}

notice() { # SEVERITY TEXT...
  local severity=$1
  shift
  printf '%s\t%s\t%s: %s\n' "$severity" "$(date +%s)" "${program:-node script}" "${*//$'\n'/; }"
}

# Puts stdin at a path, by rename; silent and without effect when the file is already so.
# Succeeds when something changed.
place() { # PATH MODE
  local path=$1 mode=$2 new
  mkdir -p "$(dirname "$path")"
  # Hidden: whoever reads all of a folder such as interfaces.d meanwhile does not meet it.
  new=$(mktemp "$(dirname "$path")/.$(basename "$path").XXXXXX")
  cat >"$new"
  if [ -f "$path" ] && cmp -s "$new" "$path"; then
    rm -f "$new"
    return 1
  fi
  chmod "$mode" "$new"
  mv "$new" "$path"
}

has_tag() { # CONFIGURATION TAG
  local line
  # Without a program: this is asked about every guest at every look.
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    '['*) return 1 ;;
    tags:*)
      [[ $line =~ ^tags:(.*[\;\ ])?"$2"(\;|$) ]]
      return
      ;;
    esac
  done <"$1"
  return 1
}

# Whether the guest is the one that the stack with TAG created under its VMID. A copy and a restored backup
# carry the tag too, but their description names another VMID. Without a line of the stack in it (an older
# release wrote none, and people edit notes) the host name decides, where NAME is given (model/identity.ts).
is_own() { # CONFIGURATION TAG [NAME]
  local vmid=${1##*/} name=${3:-} line host=
  vmid=${vmid%.conf}
  has_tag "$1" "$2" || return 1
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    '['*) break ;;
    "#$2/$vmid/"*)
      [ -z "$name" ] || [ "$line" = "#$2/$vmid/$name" ]
      return
      ;;
    "#$2/"*) return 1 ;;
    hostname:*) host=${line#hostname: } ;;
    esac
  done <"$1"
  [ -z "$name" ] || [ "$host" = "$name" ]
}

# Settings of this program that wait for the guest's next start. Not its disk: that has grown already, and
# of its line only flags wait.
pending_keys() { # CONFIGURATION
  # Without a program for the many that have nothing pending.
  [[ $(<"$1") == *"[pve:pending]"* ]] || return 0
  awk '
    /^\[/ { pending = $0 == "[pve:pending]"; next }
    pending && sub(/^delete: */, "") { n = split($0, keys, /[,; ]+/); for (i = 1; i <= n; i++) print keys[i]; next }
    pending { sub(/:.*/, ""); print }
  ' "$1" | sed -nE '/^(net[01]|memory|swap|hostname|nameserver|searchdomain)$/p' | sort -u
}

# Puts what a filter makes of a guest's configuration in its place: under Proxmox's own lock, by rename.
rewrite() { # VMID FILTER ARGS...
  local vmid=$1 conf=/etc/pve/lxc/$1.conf
  shift
  mkdir -p /run/lock/lxc
  (
    flock -w 60 9 || die "the configuration of container $vmid has been locked for a minute. What holds it? (pct list)"
    local new=$conf.tmp.$$
    cp --preserve=mode "$conf" "$new"
    "$@" <"$conf" >"$new"
    mv "$new" "$conf"
  ) 9>"/run/lock/lxc/pve-config-$vmid.lock"
}

# The configurations of the guests that use the bridge, on any node of the cluster.
users_of() { # BRIDGE
  local conf
  for conf in /etc/pve/nodes/*/lxc/*.conf /etc/pve/nodes/*/qemu-server/*.conf; do
    [ -e "$conf" ] || continue
    ! grep -Eq "^(net[0-9]+:.*bridge=|lxc\.net\.[0-9]+\.link[[:space:]]*[:=][[:space:]]*)${1//./\\.}(,|\$)" "$conf" ||
      printf '%s\n' "$conf"
  done
}

# Fails while a guest uses the bridge; names every one. Guests of the stack with TAG do not count.
refuse_if_used() { # BRIDGE [TAG]
  local bridge=$1 tag=${2:-} conf users=
  while IFS= read -r conf; do
    if [ -z "$tag" ] || ! is_own "$conf" "$tag"; then
      users+="${users:+, }$(basename "$conf" .conf)"
    fi
  done < <(users_of "$bridge")
  [ -z "$users" ] || die "bridge $bridge is still used by VMID $users. Move or remove them, then run this again; nothing was changed"
}

# What a guest says, on its way into the node: at most so many bytes, the rest thrown away, valid UTF-8, and no
# control character but tab and newline, on which a terminal would act.
plain() { # BYTES
  { head -c "$1" && cat >/dev/null; } | perl -pe '
    BEGIN { $| = 1 }
    s/[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/?/g;
    my $copy = $_;
    s/[\x80-\xff]/?/g if !utf8::decode($copy) || /\xed[\xa0-\xbf]|\xf4[\x90-\xbf]|[\xf5-\xff]/;
  '
}

# Runs a command in a guest without the environment of the operator who runs this on the node.
in_guest() { # SECONDS VMID COMMAND...
  local limit=$1 vmid=$2
  shift 2
  env -i PATH="$PATH" LC_ALL=C timeout -k 5 "$limit" pct exec "$vmid" -- "$@"
}

# Unpacks the bundle that follows on stdin (render/bundle.ts). Few programs for each file, since each bundle
# has dozens.
unpack() { # FOLDER
  local folder=$1 word mode size path place
  umask 022 # 0644
  while IFS=' ' read -r word mode size path; do
    case $word in
    end) return 0 ;;
    file | secret) ;;
    *) die "the bundle is damaged at '$word'" ;;
    esac
    place=$folder/$path
    [ -d "${place%/*}" ] || mkdir -p "${place%/*}"
    # head reads exactly that many bytes, so the next header is still there for read.
    head -c "$size" >"$place"
    [ "$mode" = 0644 ] || chmod "$mode" "$place"
    IFS= read -r word
    [ -z "$word" ] || die "the bundle is damaged behind $path"
  done
  die "the bundle ends too early"
}

# What a `check` says, in the form of scripts/guest/look.sh.
found() { # TEXT
  printf 'found\t%s\n' "$*"
}

# Says whether a file is as it is on stdin.
check_file() { # PATH
  local path=$1 text difference
  text=$(cat)
  if [ ! -f "$path" ]; then
    found "$path is gone"
  elif ! difference=$(diff -U 2 <(printf '%s\n' "$text") "$path"); then
    found "$path has another content"
    awk 'NR > 42 { print "(and more)"; exit } NR > 2 { print substr($0, 1, 200) }' <<<"$difference" | sed 's/^/diff\t/'
  fi
}
