/** Who reaches what: every service of every target asked for from one host, all at the same time. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { mustInside, mustOn } from "./world";

/** A host of the lab by its name, or a guest by its VMID. */
export type Place = string | number;

/** Runs a shell text there, which must succeed; what it printed. */
export function mustAt(place: Place, script: string): string {
  return typeof place === "number" ? mustInside(place, script) : mustOn(place, script);
}

const tcp = [22, 80, 443, 8080, 9090] as const;
const udp = [53, 67] as const;

/** All that is asked for: UDP 53 by a question of DNS, the other ports by their first answer. */
export const services: readonly string[] = [
  "ping",
  "udp 53",
  "udp 67",
  ...tcp.map((n) => `tcp ${n}`),
];

const functions = `
told() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "$name"; fi; }
tcp() { timeout 4 bash -c ": <>/dev/tcp/$1/$2"; }
udp() { [ "$(timeout 4 bash -c "exec 3<>/dev/udp/$1/$2; printf '\\\\x12\\\\x34\\\\x01\\\\x00\\\\x00\\\\x01\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x02\\\\x00\\\\x01' >&3; head -c 2 <&3" | wc -c)" = 2 ]; }
ask() {
  told "$1 ping" ping -c 1 -W 3 "$2" &
  for port in ${udp.join(" ")}; do told "$1 udp $port" udp "$2" "$port" & done
  for port in ${tcp.join(" ")}; do told "$1 tcp $port" tcp "$2" "$port" & done
}
`;

/** What answers there of the targets (address by name), as `NAME SERVICE`, sorted. */
export function answers(
  place: Place,
  targets: Readonly<Record<string, string>>,
): readonly string[] {
  const asked = Object.entries(targets).map(([name, address]) => `ask '${name}' '${address}'`);
  const said = mustAt(place, `${functions}${asked.join("\n")}\nwait\n`);
  return said
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

/** `NAME SERVICE` of each service; of all when none is named. */
export function open(name: string, ...only: readonly string[]): readonly string[] {
  return (only.length === 0 ? services : only).map((service) => `${name} ${service}`);
}

const read = (name: string): string => readFileSync(join(__dirname, "net", name), "utf8");

/** Opens what is still closed there, so that a closed port is the network's doing; `stopListening` ends it. */
export function listen(place: Place): void {
  mustAt(
    place,
    `cat >/run/matrix.pl <<'PERL'
${read("listen.pl")}PERL
    nohup perl /run/matrix.pl ${tcp.join(" ")} - ${udp.join(" ")} >/run/matrix.out 2>&1 </dev/null &
    echo $! >/run/matrix.pid
    n=0; until grep -q ready /run/matrix.out; do n=$((n + 1)); [ $n -lt 100 ] || exit 1; sleep 0.1; done`,
  );
}

/** Ends it, and what it left. */
export function stopListening(place: Place): void {
  mustAt(place, 'kill "$(cat /run/matrix.pid)"; rm -f /run/matrix.*');
}

/** Runs dhcp-clients.pl there. */
export function dhcp(place: Place, words: string, input = ""): readonly string[] {
  const said = mustAt(
    place,
    `cat >/run/dhcp.pl <<'PERL'
${read("dhcp-clients.pl")}PERL
    perl /run/dhcp.pl ${words} <<'LINES'
${input}
LINES
    rm /run/dhcp.pl`,
  );
  return said.split("\n").filter((line) => line !== "");
}
