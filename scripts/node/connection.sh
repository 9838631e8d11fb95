# shellcheck shell=bash
# Ends the SSH connection of one of Pulumi's commands once its script has ended. The official command
# plugin leaves each one open until the whole update ends, with two sshd processes on the node
# (docs/adr/0008-official-plugins.md). The client gets some seconds to take in the result and to close the
# connection itself. Outside of an SSH session this does nothing.
case $(ps -o comm= -p "$PPID") in
sshd*)
  # shellcheck disable=SC2016 # for the shell that waits
  setsid -f bash -c '
    tail --pid="$1" -f /dev/null
    timeout 5 tail --pid="$2" -f /dev/null || kill "$2"
  ' connection.sh "$$" "$PPID" </dev/null >/dev/null 2>&1
  ;;
esac
