# shellcheck shell=sh
# Alpine: apk and OpenRC. Sourced by lib.sh; every family defines the same names.

# shellcheck disable=SC2034 # used by lib.sh
package_manager=apk
# The command that shows why an interface has no address.
# shellcheck disable=SC2034 # used by lib.sh
network_log='rc-service networking status; tail /var/log/messages'
# The ruleset of the appliance.
# shellcheck disable=SC2034 # used by appliance-services.sh
ruleset=etc/nftables.nft
# The service that loads it, by proximity-filter.
# shellcheck disable=SC2034 # used by appliance-services.sh
filter_service=proximity-filter

is_installed() { # PACKAGE
  apk info -e "$1" >/dev/null
}

# Installs what is missing and nothing else; apk starts no service.
install_packages() { # PACKAGE...
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  note "installing $missing"
  # shellcheck disable=SC2086 # a list of names without blanks
  apk add --no-cache --wait 300 $missing >apk.log 2>&1 && return 0
  tail -n 25 apk.log >&2
  die "apk could not install $missing; its words are above. Does the guest reach its package mirror, and does /etc/apk/repositories name the community repository?"
}

# Whether the guest's own start has not ended yet; it goes from runlevel to runlevel.
is_starting() {
  [ -e /run/openrc/rc.starting ] || [ "$(cat /run/openrc/softlevel)" != default ]
}

# Lets the manager of services read what was placed for it.
read_services() {
  rc-update -q --update
}

is_enabled() { # SERVICE
  [ -e "/etc/runlevels/$(level_of "$1")/$1" ]
}

# The runlevel in which a service is started: what must be in force before the network is up, earlier.
level_of() { # SERVICE
  case $1 in
  proximity-filter | sysctl) echo boot ;;
  *) echo default ;;
  esac
}

keep_enabled() { # SERVICE
  ! is_enabled "$1" || return 0
  if [ ! -x "/etc/init.d/$1" ]; then
    note "there is no /etc/init.d/$1. In Alpine these scripts are in packages of their own, such as $1-openrc"
    return 1
  fi
  rc-update -q add "$1" "$(level_of "$1")"
}

# A service of OpenRC applies /etc/sysctl.d at boot.
keep_switches() {
  keep_enabled sysctl
}

is_running() { # SERVICE
  rc-service "$1" status >/dev/null 2>&1
}

# Also after a crash, for which OpenRC holds a service to be started.
start_service() { # SERVICE
  is_running "$1" || rc-service "$1" zap >/dev/null 2>&1
  tell "$1" start
}

restart_service() { # SERVICE
  tell "$1" restart
}

reload_service() { # SERVICE
  tell "$1" reload
}

# Lets a service read its lists again. Its own script may signal the supervisor in place of the process.
hang_up() { # SERVICE
  pkill -HUP -x "$1"
}

# Stops a service for good; one that is not there is fine.
drop_service() { # SERVICE
  is_enabled "$1" || return 0
  rc-update -q del "$1" "$(level_of "$1")" && tell "$1" stop
}

# Silent when all goes well; what OpenRC said when not. A daemon must not hold the pipe of its starter.
tell() { # SERVICE VERB
  rc-service "$1" "$2" >service.log 2>&1 && return 0
  cat service.log >&2
  return 1
}

# There is no journal: the system's log, where it is kept.
last_words() { # SERVICE [LINES]
  if [ -e /var/log/messages ]; then grep -F " $1" /var/log/messages | tail -n "${2:-10}"; fi
}

# IPv4 addresses that the resolver alone has for a name, since Proxmox writes the own one into /etc/hosts.
resolved() { # NAME RESOLVER
  nslookup "$1" "$2" 2>/dev/null | sed -n '/^Name/,$s/^Address[^:]*: *\([0-9.]*\).*/\1/p'
}
