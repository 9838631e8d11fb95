#!/bin/sh
# Looks at the appliance every few seconds and writes what it saw to /run/proximity/status.json.
#
#   probe.sh        forever, as the service proximity-probe
#   probe.sh once   one observation, on stdout
#
# What is declared stands in /etc/proximity/site.json; what an observation means, in status.jq beside
# this file. This one only observes: every question has a limit, and all are asked side by side.
set -eu
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
declared=/etc/proximity/site.json
folder=/run/proximity
site=$folder/site.json
round=0

main() {
  umask 022
  mkdir -p "$folder"
  work=$(mktemp -d "$folder/look.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 0' TERM INT
  # Copies: a file that is deleted under the running probe is to be told, not to end it.
  cp "$(dirname "$0")/status.jq" "$work/status.jq"
  touch "$folder/ruleset" "$folder/ruleset.of" "$folder/console" "$folder/flood"
  if [ "${1-}" = once ]; then
    look
    cat "$work/status.json"
    return 0
  fi
  while :; do
    look
    mv "$work/status.json" "$folder/status.json"
    round=$((round + 1))
    sleep "$interval"
  done
}

look() {
  learn
  for question in facts dns proxy console upstream apps files modes private rules leases; do
    "look_at_$question" >"$work/$question" 2>/dev/null &
  done
  wait
  jq -n -f "$work/status.jq" --slurpfile site "$site" \
    --rawfile facts "$work/facts" --rawfile dns "$work/dns" --rawfile proxy "$work/proxy" \
    --rawfile console "$work/console" --rawfile upstream "$work/upstream" --rawfile apps "$work/apps" \
    --rawfile files "$work/files" --rawfile modes "$work/modes" --rawfile private "$work/private" \
    --rawfile rules "$work/rules" --rawfile expected "$folder/ruleset" --rawfile leases "$work/leases" >"$work/status.json"
}

# What is declared, read anew when it changed, so that a changed list of apps needs no restart. Not at each
# look: starting jq costs more than all the questions together.
learn() {
  ! cmp -s "$declared" "$work/declared" || return 0
  valid=no
  # The copy goes with its file, or one that comes back with the same text would not be seen.
  rm -f "$work/declared"
  if cp "$declared" "$work/declared" 2>/dev/null && jq -e . "$work/declared" >"$work/site" 2>/dev/null; then
    mv "$work/site" "$site"
    valid=yes
  fi
  read -r wan lan domain ruleset proxy console interval <<END
$(jq -r '[.wan, .lan, .network.domain, .ruleset, .proxy_port, .console_port, .interval_seconds] | join(" ")' "$site")
END
  jq -r '.files[].path' "$site" >"$work/paths"
  jq -r '.network.domain as $domain | .applications[] |
    "url = \"http://\(.name).\($domain):\(.port)/\"", "output = /dev/null"' "$site" >"$work/urls"
}

# What costs no waiting, as `name=value` lines.
look_at_facts() {
  printf 'now=%s\n' "$(date +%s)"
  printf 'declared=%s\n' "$valid"
  printf 'wan_ip=%s\nlan_ip=%s\n' "$(address_of "$wan")" "$(address_of "$lan")"
  # The kernel calls a veth without its other end lowerlayerdown, and refuses to tell the carrier.
  printf 'lan_state=%s\n' "$(cat "/sys/class/net/$lan/operstate")"
  printf 'ip_forward=%s\n' "$(cat /proc/sys/net/ipv4/ip_forward)"
  printf 'dnsmasq_pid=%s\ncaddy_pid=%s\n' "$(pid_of dnsmasq)" "$(pid_of caddy)"
  printf 'dhcp_listens=%s\n' "$(listens udp 67)"
  printf 'console_listens=%s\n' "$(listens tcp "$console")"
  printf 'dhcp_dropped=%s\n' "$(dropped)"
  df -kP / | awk 'NR == 2 { print "disk_total=" $2 "\ndisk_free=" $4 }'
  awk '/^MemTotal:/ { print "memory_total=" $2 } /^MemAvailable:/ { print "memory_free=" $2 }' /proc/meminfo
}

# DHCP packets beyond the limits of the packet filter, until none has come for a minute: long enough for a
# person to see it.
dropped() {
  read -r before dropped until <"$folder/flood" || true # empty at first
  count=$(nft list counter inet proximity dhcp_flood | awk '$1 == "packets" { print $2 }')
  # A filter that was loaded since has counted from 0.
  [ "${count:-0}" -ge "${before:=0}" ] || before=0
  [ "$(date +%s)" -lt "${until:=0}" ] || dropped=0
  if [ "${count:-0}" -gt "$before" ]; then
    dropped=$((dropped + count - before))
    until=$(($(date +%s) + 60))
  fi
  echo "${count:-0} $dropped $until" >"$folder/flood"
  echo "$dropped"
}

address_of() { # INTERFACE
  ip -4 -o address show dev "$1" scope global | awk '{ sub("/.*", "", $4); print $4; exit }'
}

pid_of() { # PROGRAM
  pidof "$1" | awk '{ print $1 }'
}

# Asks the kernel's own tables: no tool for this is there in every family.
listens() { # tcp|udp PORT
  case $1 in
  tcp) state=0A ;; # TCP_LISTEN
  udp) state=07 ;; # bound and not connected
  esac
  cat "/proc/net/$1" "/proc/net/${1}6" 2>/dev/null |
    awk -v port=":$(printf %04X "$2")" -v state="$state" \
      'substr($2, length($2) - 4) == port && $4 == state { found = 1 } END { print found ? "yes" : "no" }'
}

# The gateway's name is in no hosts file, so dnsmasq alone can know it.
look_at_dns() {
  timeout 2 getent hosts "gateway.$domain" | awk '{ print $1; exit }'
}

look_at_proxy() {
  answer_of "http://127.0.0.1:$proxy/api/v1/system/infrastructure/status"
}

# A question wakes the console's own processes, which end by themselves after a while: it is asked once
# a minute, and the answer before that is kept. Whether it listens is looked at every time.
look_at_console() {
  [ "$console" != 0 ] || return 0
  if [ $((round % 12)) = 0 ] || [ "$(cat "$folder/console")" = 000 ]; then
    answer_of "https://127.0.0.1:$console/" >"$folder/console"
  fi
  cat "$folder/console"
}

answer_of() { # URL
  # Its exit code says no more than the status, which is 000 when nothing answered.
  curl -sk -m 2 -o /dev/null -w '%{http_code}\n' "$1" || true
}

# The router, and whether it is there: a router may be silent to ping, but not to ARP.
look_at_upstream() {
  router=$(ip -4 route show default dev "$wan" | awk '$2 == "via" { print $3; exit }')
  [ -n "$router" ] || return 0
  if ping -c 1 -W 1 "$router" >/dev/null 2>&1 ||
    ip neigh show "$router" dev "$wan" | grep -q lladdr; then
    echo "$router yes"
  else
    echo "$router no"
  fi
}

# Each app as the proxy meets it, by its name: `NUMBER STATUS SECONDS WORDS`, all side by side.
look_at_apps() {
  curl -s -K "$work/urls" -Z --parallel-max 50 --connect-timeout 2 -m 3 \
    -w '%{urlnum} %{http_code} %{time_total} %{errormsg}\n'
}

look_at_files() {
  xargs sha256sum <"$work/paths"
}

look_at_modes() {
  xargs stat -c '%a %n' <"$work/paths"
}

# What was placed and is not in the list of the declaration, which everybody may read: compared with the
# copy that is kept of it. `STATE<tab>PATH`.
look_at_private() {
  for copies in /var/lib/proximity/placed/*/files; do
    (cd "$copies" && find . -type f) | sed 's|^\.||' | grep -vxF -f "$work/paths" -e "$declared" |
      while IFS= read -r path; do
        mode=$(stat -c %a "$path") || mode=
        if [ -z "$mode" ]; then
          state=missing
        elif ! cmp -s "$copies$path" "$path"; then
          state=changed
        elif [ "$mode" != "$(stat -c %a "$copies$path")" ]; then
          state="mode $mode"
        else
          state=intact
        fi
        printf '%s\t%s\n' "$state" "$path"
      done
  done
}

# The rules in force, and those that the file and the leases would put in force: loaded once into a network
# namespace of its own, so that both come from nft in the same form.
look_at_rules() {
  # The elements follow the leases (proximity-sets).
  key=$(sha256sum "$ruleset" /usr/sbin/nft /run/proximity-sets.nft) || true # none before the first lease
  if [ "$key" != "$(cat "$folder/ruleset.of")" ]; then
    printf '%s\n' "$key" >"$folder/ruleset.of"
    # Empty where this cannot be done; the rules are then judged by what every ruleset must have.
    proximity-filter preview "$ruleset" >"$folder/ruleset.new" || : >"$folder/ruleset.new"
    mv "$folder/ruleset.new" "$folder/ruleset"
  fi
  proximity-filter list
}

look_at_leases() {
  cat "/var/lib/misc/dnsmasq.leases"
}

main "$@"
