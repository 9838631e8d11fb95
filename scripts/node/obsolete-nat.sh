#!/usr/bin/env bash
# Rules of the node that a guest with an address of its own makes obsolete: found, shown, and taken away
# one by one, from memory and from the files that would bring them back. Nothing is ever flushed.
#
#   obsolete-nat.sh list   ENTRY...   prints what is there of them, changes nothing
#   obsolete-nat.sh remove ENTRY...   takes it away and prints it
#   obsolete-nat.sh check  ENTRY...   as list, for look.sh; `~` stands for a blank, which its words cannot have
#
# ENTRY is an address (every rule of the table nat that leads to it) or one rule as `iptables -S` prints
# it, with `-t TABLE` in front unless it is nat's. Looked at: iptables of both kinds, nftables,
# /etc/iptables/rules.v4, iptables commands of /etc/network/interfaces and interfaces.d, and nftables' own file.
export program=obsolete-nat.sh
addresses='' rules=''

main() {
  local verb=${1:?verb} entry
  shift
  [ "$verb" != check ] || set -- "${@//\~/ }"
  for entry in "$@"; do
    if [[ $entry =~ ^[0-9.]+$ ]]; then
      addresses+="$entry "
    else
      rules+=$(canonical "$entry")$'\n' || die "iptables does not understand the rule: $entry"
    fi
  done
  export addresses rules
  case $verb in
  list | remove) each_place "$verb" ;;
  check) each_place list | awk 'NR == 1 { print "absent\tOld rules of the node (obsoleteNat) go:" } { print "found\t" $0 }' ;;
  *) die "unknown verb $verb" ;;
  esac
}

each_place() { # list|remove
  local kind file
  for kind in iptables-legacy iptables-nft; do
    command -v "$kind-save" >/dev/null || continue
    in_tables "$1" "$kind"
  done
  if command -v nft >/dev/null; then in_nftables "$1"; fi
  in_file "$1" /etc/iptables/rules.v4 saved_lines iptables-restore --test
  for file in /etc/network/interfaces /etc/network/interfaces.d/*; do
    in_file "$1" "$file" interfaces_lines accept
  done
  in_file "$1" /etc/nftables.conf nft_lines nft -c -f -
}

# A rule in the words in which iptables prints it, `TABLE -A CHAIN ...`. It is given to iptables in a
# network of its own that is gone at once; there every chain that it names is made first.
canonical() { # WORDS
  unshare --net bash -s -- "$1" <<'INSIDE'
set -eu
words=() table=nat
mapfile -t given < <(xargs -n 1 printf '%s\n' <<<"$1")
for ((at = 0; at < ${#given[@]}; at++)); do
  case ${given[at]} in
  -t | --table) table=${given[++at]} ;;
  -I | --insert | -D | --delete | --append) words+=(-A) ;;
  *) words+=("${given[at]}") ;;
  esac
done
# The chain follows its verb; an inserted rule may say where.
for at in "${!words[@]}"; do
  case ${words[at]-} in
  -A)
    chain=${words[at + 1]}
    if [[ ${words[at + 2]-} =~ ^[0-9]+$ ]]; then unset "words[at + 2]"; fi
    ;;
  -j | --jump | -g | --goto) target=${words[at + 1]} ;;
  esac
done
for name in "$chain" ${target+"$target"}; do
  # It fails for chains and targets that are iptables' own, as it should.
  iptables -w -t "$table" -N "$name" 2>/dev/null || true
done
iptables -w -t "$table" "${words[@]}"
printf '%s %s\n' "$table" "$(iptables -w -t "$table" -S "$chain" | grep '^-A' | tail -n 1)"
INSIDE
}

# awk that knows which lines of iptables-save are meant; `wanted()` is asked about the line at hand.
saved_program() {
  cat <<'AWK'
  BEGIN {
    count = split(ENVIRON["rules"], list, "\n")
    for (i = 1; i <= count; i++) if (list[i] != "") named[list[i]] = 1
    hosts = split(ENVIRON["addresses"], host, " ")
  }
  function leads(a) {
    gsub(/\./, "\\.", a)
    if (line ~ ("-j DNAT .*--to-destination " a "(:[0-9-]+)?( |$)")) return 1
    return line ~ / -j (MASQUERADE|SNAT)( |$)/ && line ~ (" -[sd] " a "/32 ")
  }
  function wanted(   i) {
    if ((table " " line) in named) return 1
    if (table == "nat") for (i = 1; i <= hosts; i++) if (leads(host[i])) return 1
    return 0
  }
AWK
}

in_tables() { # list|remove COMMAND
  local verb=$1 command=$2 table chain number rule found
  # Tables that nobody uses are not even named, and so not made by looking.
  found=$("$command-save" 2>/dev/null | awk "$(saved_program)"'
    { line = $0 }
    /^\*/ { table = substr($0, 2); split("", number) }
    /^-A / { number[$2]++; if (wanted()) print table, $2, number[$2], line }' |
    sort -k 1,1 -k 2,2 -k 3,3nr)
  [ -n "$found" ] || return 0
  while read -r table chain number rule; do
    if [ "$verb" = remove ]; then
      [ "$("$command" -w -t "$table" -S "$chain" "$number")" = "$rule" ] ||
        die "the rules of $chain changed meanwhile; run this again. Next would have been: $rule"
      "$command" -w -t "$table" -D "$chain" "$number"
    fi
    printf '%s: -t %s %s\n' "$command" "$table" "$rule"
  done <<<"$found"
}

# awk for lines of nftables, in its list and in its file.
nft_program() {
  cat <<'AWK'
  BEGIN { hosts = split(ENVIRON["addresses"], host, " ") }
  function leads(a) {
    gsub(/\./, "\\.", a)
    if ($0 ~ ("dnat (ip )?to " a "(:[0-9-]+)?( |;|$)")) return 1
    return / (masquerade|snat )/ && $0 ~ ("ip [sd]addr " a " ")
  }
  function wanted(   i) {
    for (i = 1; i <= hosts; i++) if (leads(host[i])) return 1
    return 0
  }
AWK
}

in_nftables() { # list|remove
  local family table chain handle rule found foreign
  # What iptables keeps there was looked at by its own means; nft warns of those tables.
  foreign=$(nft list ruleset 2>&1 | sed -n 's/^# Warning: table \([a-z0-9]* [^ ]*\) is managed by iptables-nft.*/\1/p')
  found=$(nft -a list ruleset 2>/dev/null | foreign=$foreign awk "$(nft_program)"'
    BEGIN { count = split(ENVIRON["foreign"], list, "\n"); for (i = 1; i <= count; i++) foreign[list[i]] = 1 }
    $1 == "table" { table = $2 " " $3 }
    $1 == "chain" { chain = $2 }
    / # handle [0-9]+$/ && $1 != "table" && $1 != "chain" && !(table in foreign) && wanted() {
      handle = $NF; sub(/^[ \t]+/, ""); sub(/ # handle [0-9]+$/, ""); print table, chain, handle, $0
    }')
  [ -n "$found" ] || return 0
  while read -r family table chain handle rule; do
    if [ "$1" = remove ]; then nft delete rule "$family" "$table" "$chain" handle "$handle"; fi
    printf 'nftables: %s %s %s %s\n' "$family" "$table" "$chain" "$rule"
  done <<<"$found"
}

# Takes the lines that FINDER names, by their numbers, out of a file, when CHECKER agrees to the rest.
in_file() { # list|remove FILE FINDER CHECKER...
  local verb=$1 file=$2 finder=$3 numbers rest
  shift 3
  [ -f "$file" ] || return 0
  numbers=$("$finder" "$file")
  [ -n "$numbers" ] || return 0
  # shellcheck disable=SC2086 # a list of numbers
  printf '%s\n' $numbers | awk -v file="$file" 'NR == FNR { wanted[$1] = 1; next }
    FNR in wanted { sub(/^[ \t]+/, ""); print file ": " $0 }' - "$file"
  [ "$verb" = remove ] || return 0
  # shellcheck disable=SC2086 # likewise
  rest=$(printf '%s\n' $numbers | awk 'NR == FNR { wanted[$1] = 1; next } !(FNR in wanted)' - "$file" && echo .)
  printf '%s' "${rest%.}" | "$@" >&2 || die "$file without these lines would be refused; it was left as it is"
  # In place: mode, owner and links stay.
  printf '%s' "${rest%.}" >"$file"
}

# There is no checker for that file.
accept() {
  cat >/dev/null
}

saved_lines() { # FILE
  awk "$(saved_program)"'
    /^\*/ { table = substr($0, 2) }
    { line = $0; sub(/^\[[0-9]+:[0-9]+\] /, "", line) }
    line ~ /^-A / && wanted() { print FNR }' "$1"
}

nft_lines() { # FILE
  awk "$(nft_program)"'!/^[ \t]*#/ && !/[{}]/ && wanted() { print FNR }' "$1"
}

# Commands that are one call of iptables and nothing else, up and down alike.
interfaces_lines() { # FILE
  local pattern='^[[:space:]]*(pre-|post-)?(up|down)[[:space:]]+(/usr/sbin/|/sbin/)?iptables(-legacy|-nft)?[[:space:]]+([^;&|<>$`]+)( \|\| true)?$'
  local number=0 line table rule
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    [[ $line =~ $pattern ]] || continue
    # iptables' own default, where ours is nat.
    rule=${BASH_REMATCH[5]}
    case " $rule " in *' -t '* | *' --table '*) ;; *) rule="-t filter $rule" ;; esac
    rule=$(canonical "$rule" 2>/dev/null) || continue
    table=${rule%% *}
    if printf '*%s\n%s\n' "$table" "${rule#* }" | saved_lines /dev/stdin | grep -q .; then
      echo "$number"
    fi
  done <"$1"
}

main "$@"
