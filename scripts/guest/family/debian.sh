# shellcheck shell=sh
# Debian: apt and systemd. Sourced by lib.sh; every family defines the same names.
export DEBIAN_FRONTEND=noninteractive

# shellcheck disable=SC2034 # used by lib.sh
package_manager=apt-get
# The command that shows why an interface has no address.
# shellcheck disable=SC2034 # used by lib.sh
network_log='journalctl -u networking'
# The ruleset of the appliance.
# shellcheck disable=SC2034 # used by appliance-services.sh
ruleset=etc/nftables.conf
# The service that loads it, by proximity-filter.
# shellcheck disable=SC2034 # used by appliance-services.sh
filter_service=nftables

is_installed() { # PACKAGE
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Where apt never fetched a list, the guest is as its template: nobody has installed anything in it. Its first
# packages are then written without a wait for the disk after each file, which is a third of their time; at
# the end all is waited for. Until then this file holds the start of the guest in which that began.
hurried=/var/lib/proximity/hurried
this_start=/proc/sys/kernel/random/boot_id

is_untouched() {
  ! ls /var/lib/apt/lists/*Release >/dev/null 2>&1
}

hurry() {
  (umask 022 && mkdir -p "$(dirname "$hurried")" && cat "$this_start" >"$hurried")
}

# dpkg takes for written what was not yet on the disk, and would not write it again.
refuse_lost() {
  [ ! -e "$hurried" ] || [ "$(cat "$hurried")" = "$(cat "$this_start")" ] ||
    die "this container went down while its first packages were installed, and some of their files may be empty. Without anything of worth in it, remove it on the node (pct destroy) and run: pulumi up --refresh. Else mend it: dpkg --verify names the files, apt-get install --reinstall writes a package again; then remove $hurried"
}

wait_for_disk() {
  [ -e "$hurried" ] || return 0
  sync -f / || die "the packages cannot be written to the disk. Is the storage of this container full?"
  rm "$hurried"
}

# Installs what is missing and nothing else; services are started by whoever configures them.
install_packages() { # PACKAGE...
  refuse_lost
  # An update that was killed may have left it, and then no package would ever start a service again.
  rm -f /usr/sbin/policy-rc.d
  # An install that was cut off leaves packages half configured; apt refuses to go on before this.
  if [ -n "$(dpkg --audit)" ]; then
    note "finishing an interrupted installation"
    dpkg --configure -a >&2
  fi
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || {
    wait_for_disk
    return 0
  }
  unsafe=''
  ! is_untouched || unsafe='-o Dpkg::Options::=--force-unsafe-io'
  note "installing $missing"
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 0755 /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  wait_until 300 update_lists || die "another apt has held the package lists for 5 minutes: $(tail -n 1 apt.log)"
  [ -z "$unsafe" ] || hurry
  # shellcheck disable=SC2086 # a list of names without blanks, and an option or none
  apt_get install --no-install-recommends -o Dpkg::Options::=--force-confold $unsafe $missing ||
    die "apt-get could not install $missing; its words are above"
  wait_for_disk
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

# Whether the guest's own start has not ended yet.
is_starting() {
  case $(systemctl is-system-running) in
  initializing | starting) return 0 ;;
  *) return 1 ;;
  esac
}

# Lets the manager of services read what was placed for it.
read_services() {
  systemctl daemon-reload
}

is_enabled() { # SERVICE
  systemctl -q is-enabled "$1" 2>/dev/null
}

# A service that somebody masked has to be unmasked first.
keep_enabled() { # SERVICE
  is_enabled "$1" || { systemctl -q unmask "$1" && systemctl -q enable "$1"; }
}

# systemd itself applies /etc/sysctl.d at boot.
keep_switches() {
  :
}

is_running() { # SERVICE
  systemctl -q is-active "$1"
}

# Also after so many failures that systemd has given up.
start_service() { # SERVICE
  if systemctl -q is-failed "$1"; then systemctl reset-failed "$1"; fi
  systemctl start "$1"
}

# systemd counts all starts of a unit and refuses the sixth within 10 s (systemd.unit(5),
# StartLimitBurst); a person who repairs and updates again is not to wait for that.
# A unit that was never loaded has no such count, and cannot be asked to forget it.
restart_service() { # SERVICE
  systemctl reset-failed "$1" 2>/dev/null || :
  systemctl restart "$1"
}

reload_service() { # SERVICE
  systemctl reload "$1"
}

# Lets a service read its lists again.
hang_up() { # SERVICE
  systemctl kill -s HUP "$1"
}

# Stops a service for good; one that is not there is fine.
drop_service() { # SERVICE
  ! is_enabled "$1" || systemctl -q disable --now "$1"
}

# The journal takes in what a daemon printed a little after its end; without it, what there is has to do.
last_words() { # SERVICE [LINES]
  journalctl --sync 2>/dev/null || :
  journalctl -q -n "${2:-10}" -o cat -u "$1"
}

# IPv4 addresses that the resolver alone has for a name, since Proxmox writes the own one into /etc/hosts.
resolved() { # NAME RESOLVER
  getent -s hosts:dns ahostsv4 "$1" | awk '{ print $1 }'
}
