#!/bin/sh
# Sets up a guest that is no app of the proxy: its packages, files, services, and what its interface on the
# LAN needs inside: filter, routes, and nginx on all interfaces.
#
#   guest.sh PUBLIC-ADDRESS NGINX-PORTS NGINX-FILES PACKAGES SERVICES
#
# PUBLIC-ADDRESS is empty when it has none; the others are lists with blanks between. Files come from the
# bundle. Prints what was observed as one line of JSON.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=public.sh
. "$(dirname "$0")/public.sh"

main() {
  public=$1 nginx_ports=$2 nginx_files=$3 packages=$4 services=$5
  wait_for_address eth0
  set_up_public
  # shellcheck disable=SC2086 # a list of names without blanks
  install_packages $packages
  set_up_services
  all_in_use
  printf '{"address":"%s","publicAddress":"%s","publicMac":"%s","openPorts":[%s]}\n' \
    "$(address_of eth0)" "$(public_address)" "$(mac_of eth1)" "$(ports_on_all)"
}

# TCP ports that answer on every interface.
ports_on_all() {
  ss -Hltn | awk '$4 ~ /^(0\.0\.0\.0|\*|\[::\]):/ { sub(".*:", "", $4); print $4 }' | sort -nu | paste -sd , -
}

set_up_services() {
  open_nginx
  changed=$(changed_files)
  for path in $changed; do place_file "$path"; done
  [ -z "$changed" ] || read_services
  for service in $services; do run_service "$service"; done
  # The tool itself looks at what nginx does with its files, and starts it anew where a reload is not enough.
  # shellcheck disable=SC2046,SC2086 # lists of words without blanks
  [ -z "$nginx_files" ] || remarked nginx-config-set-listen-all-interfaces $(port_flags) $nginx_files ||
    die "nginx does not listen on all interfaces; see its output above"
}

# In place of lib.sh's: when nginx refuses new files, it goes on with the old ones. Only now can it be asked,
# as a service may have to make what its files name, such as a certificate.
failed() { # SERVICE
  why=$(last_words "$1")
  if [ "$1" = nginx ] && [ -n "$changed" ] && ! nginx -t >/dev/null 2>&1; then
    for path in $changed; do ! is_nginx_file "$path" || restore_file "$path"; done
    start_service nginx || :
    die "nginx refuses its new files, so the old ones are back: $why"
  fi
  die "$1 does not start: $why"
}

is_nginx_file() { # PATH
  case $1 in etc/nginx/*) return 0 ;; esac
  for file in $nginx_files; do [ "$file" != "/$1" ] || return 0; done
  return 1
}

# The bundle's own nginx files are opened before they are compared, or each would seem changed every time.
open_nginx() {
  for path in $nginx_files; do
    [ -e "files$path" ] || continue
    # shellcheck disable=SC2046 # likewise
    remarked perl files/usr/local/sbin/nginx-config-set-listen-all-interfaces $(port_flags) --files-only "files$path" ||
      die "$path cannot be made to listen on all interfaces; see the output above"
  done
}

# Runs the tool: what it changed is progress, what it remarks on is for a person.
remarked() { # COMMAND...
  "$@" >&2 2>remarks || {
    cat remarks >&2
    return 1
  }
  while IFS= read -r remark; do inform "${remark#nginx-config-set-listen-all-interfaces: }"; done <remarks
}

port_flags() {
  for port in $nginx_ports; do printf -- '--port %s ' "$port"; done
}

main "$@"
