#!/bin/sh
# Places what is secret in the appliance: appliance-secrets.sh CONSOLE-USER, empty for none. The bundle
# holds `secrets/console-password` and, as a file of its place, the users of apps behind a password.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
users=etc/caddy/users
noted=/var/lib/proximity/console-user

main() {
  set_console_user "$1"
  place_users
}

# Caddy alone may read the hashes. A configuration in place that needs a user who is gone is not
# reloaded; the one that comes next does without.
place_users() {
  [ -n "$(changed_files)" ] || [ "$(stat -c %G "/$users")" != caddy ] || return 0
  chgrp caddy "files/$users"
  place_file "$users"
  if is_running caddy && check_caddy /etc/caddy/Caddyfile; then
    reload_service caddy || die "caddy does not reload: $(last_sentences caddy)"
  fi
  all_in_use
}

set_console_user() {                      # USER
  old=$(cat "$noted" 2>/dev/null || true) # none the first time
  if [ -n "$old" ] && [ "$old" != "$1" ] && id "$old" >/dev/null 2>&1; then
    inform "the console user $old is locked; the home folder stays"
    usermod --lock --expiredate 1 "$old"
  fi
  if [ -n "$1" ]; then make_user "$1"; fi
  mkdir -p "$(dirname "$noted")"
  printf '%s\n' "$1" >"$noted"
}

make_user() { # USER
  if ! id "$1" >/dev/null 2>&1; then
    useradd --create-home --shell /bin/bash "$1"
  elif [ "$(id -u "$1")" -lt 1000 ]; then
    die "$1 is an account of the system itself. Choose another appliance.consoleUser"
  fi
  # The journal to read, and sudo to become root.
  usermod --append --groups adm,systemd-journal,sudo --expiredate '' "$1"
  # printf belongs to the shell: the password is in no list of processes.
  printf '%s:%s\n' "$1" "$(cat secrets/console-password)" | chpasswd
}

main "$@"
