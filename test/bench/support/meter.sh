#!/usr/bin/env bash
# Runs whatever comes to the node by SSH, and writes down a line of it in /root/calls: when it began and
# ended (seconds since 1970), the bytes that it was sent, its exit status and its arguments. Without arguments, puts
# itself in front of the keys that may log in.
set -u
if [ "${1-}" = install ]; then
  sed -i "s|^ssh-|command=\"bash $(realpath "$0")\" &|" /root/.ssh/authorized_keys
  exit
fi
began=$EPOCHREALTIME
sent=$(mktemp)
tee "$sent" | bash -c "$SSH_ORIGINAL_COMMAND"
code=${PIPESTATUS[1]}
# One write of one line, so that calls side by side do not mix.
printf '%s %s %s %s %s\n' "$began" "$EPOCHREALTIME" "$(stat -c %s "$sent")" "$code" "${SSH_ORIGINAL_COMMAND//$'\n'/ }" >>/root/calls
rm "$sent"
exit "$code"
