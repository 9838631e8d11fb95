# shellcheck shell=bash
# In front of each guest's bundle: what sets the guest up lies on the node, in a folder of the stack's own
# (guest-scripts.sh). The line before says where, `scripts`, and what of it goes into the guest.
# shellcheck disable=SC2154 # that line
if [ ! -e "$scripts/node/guest.sh" ]; then
  # What `make cleanup` removed needs no check before it is deleted.
  case ${1:-} in
  release) [ -e "/etc/pve/lxc/$2.conf" ] || exit 0 ;;
  leave) [ -e "/etc/pve/lxc/$3.conf" ] || exit 0 ;;
  esac
  echo "guest.sh: there is no $scripts on this node, and with it what sets guests up. Was it removed by hand? An update puts it back, unless proximity-lan:watch is false: pulumi up" >&2
  exit 1
fi
# shellcheck source=scripts/node/connection.sh
. "$scripts/node/connection.sh"
# shellcheck source=scripts/node/lib.sh
. "$scripts/node/lib.sh"
# shellcheck source=scripts/node/guest.sh
. "$scripts/node/guest.sh"
