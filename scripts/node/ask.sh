#!/usr/bin/env bash
# Asks a web server from the node, with nothing but bash; changes nothing.
#
#   ask.sh codes ADDRESS PORT [HOST PATH]...   one HTTP status a line, 000 where nothing answered
#   ask.sh body  ADDRESS PORT HOST PATH        the body of the answer
#   ask.sh names VMID NAME...                  in a guest: `NAME ADDRESS` as its resolver has it
#   ask.sh asked RESOLVER NAME...         from the node: `NAME ADDRESS` as that resolver has it
#   ask.sh mirror VMID                         in a guest: its package mirror, and the status it answers
export program=ask.sh

main() {
  local verb=${1:?verb}
  shift
  case $verb in
  codes) codes "$@" ;;
  body) request "$@" | sed '1,/^\r*$/d' ;;
  names) names "$@" ;;
  asked) asked "$@" ;;
  mirror) mirror "$@" ;;
  *) die "unknown verb $verb" ;;
  esac
}

codes() {
  local address=$1 port=$2
  shift 2
  while [ $# -ge 2 ]; do
    request "$address" "$port" "$1" "$2" | awk 'NR == 1 && /^HTTP/ { code = $2 } END { print code ? code : "000" }'
    shift 2
  done
}

request() { # ADDRESS PORT HOST PATH
  # Silence is an answer too: it becomes 000.
  timeout 5 bash -c "$(declare -f fetch); fetch \"\$@\"" fetch "$@" 2>/dev/null || true
}

fetch() { # ADDRESS PORT HOST PATH
  exec 3<>"/dev/tcp/$1/$2"
  printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$4" "$3" >&3
  cat <&3
}

names() {
  pct exec "$1" -- sh -s -- "${@:2}" <<'END'
for name in "$@"; do
  address=$(getent -s hosts:dns ahostsv4 "$name" 2>/dev/null || nslookup "$name" 2>/dev/null | sed -n '/^Name/,$s/^Address[^:]*: *//p')
  printf '%s %s\n' "$name" "$(printf '%s\n' "$address" | awk '{ print $1; exit }')"
done
END
}

# The C library asks whom its own file names; here it gets another one, in a view that nobody else has.
asked() { # RESOLVER NAME...
  conf=$(mktemp /run/proximity.XXXXXX)
  trap 'rm -f "$conf"' EXIT
  printf 'nameserver %s\noptions timeout:2 attempts:1\n' "$1" >"$conf"
  unshare --mount bash -s -- "$conf" "${@:2}" <<'END'
mount --bind "$1" /etc/resolv.conf
shift
for name in "$@"; do
  printf '%s %s\n' "$name" "$(getent -s hosts:dns ahostsv4 "$name." | awk '{ print $1; exit }')"
done
END
}

mirror() {
  pct exec "$1" -- sh -s <<'END'
if command -v apt-get >/dev/null; then
  url=$(apt-get indextargets --format '$(REPO_URI)dists/$(CODENAME)/InRelease' | head -n 1)
  http_proxy=$(apt-config dump --no-empty --format '%v' Acquire::http::Proxy)
  export http_proxy
else
  url=$(grep -v '^#' /etc/apk/repositories | head -n 1)/x86_64/APKINDEX.tar.gz
fi
printf '%s %s\n' "$(curl -sIL -m 10 -o /dev/null -w '%{http_code}' "$url")" "$url"
END
}

main "$@"
